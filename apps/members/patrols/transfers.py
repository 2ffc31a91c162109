"""What the patrol looks for among transfers and departures.

Report SQL: sees every row, since what is found does not depend on who looks.
"""

from __future__ import annotations

from apps.core.parameters import sql_value
from apps.patrol.registry import PatrolRule, register
from apps.patrol.rules import PatrolLevel

from ..kinds import OPEN_TRANSFERS, Relation, TransferKind, TransferState
from ..parameters import DEPARTURE_MONTHS, LETTER_SOON
from ..permissions import VIEW
from ..rules.transfers import LETTER, LETTER_MAX_DAYS, TRANSFER

_OPEN = ", ".join(f"'{state.value}'" for state in OPEN_TRANSFERS)

# Letters that run out soon, and those that did while the member is still with the sender and nothing followed.
LETTERS = f"""
SELECT 'members.transfer' AS subject_type, w.id AS subject_id, w.org_path, w.name AS title,
       '/transfers/' || w.id || '/' AS url,
       '介绍信有效期至' || to_char(w.valid_until, 'YYYY-MM-DD')
           || CASE WHEN w.valid_until < %(today)s THEN '，已过期' || (%(today)s - w.valid_until)
                   ELSE '，还有' || (w.valid_until - %(today)s) END || '天' AS value,
       '到期前' || w.soon || '天内，最长{LETTER_MAX_DAYS}天' AS "limit"
FROM (
    SELECT t.id, t.org_path, t.valid_until, m.name, {sql_value(LETTER_SOON, org_path="t.org_path")} AS soon
    FROM members_transfer t JOIN members_member m ON m.id = t.member_id
    WHERE t.valid_until IS NOT NULL AND (
        t.state IN ({_OPEN})
        OR (t.state = '{TransferState.EXPIRED.value}' AND t.kind <> '{TransferKind.IN.value}'
            AND m.relation = '{Relation.HERE.value}' AND m.org_id = t.org_id
            AND NOT EXISTS (SELECT FROM members_transfer n WHERE n.member_id = t.member_id AND n.id > t.id))
    )
) w WHERE w.valid_until <= %(today)s + w.soon
"""  # noqa: S608 - pieces of this module

# Left the post so many months ago, and the relation has not arrived where the person now belongs.
UNPLACED = f"""
SELECT 'members.departure' AS subject_type, w.id AS subject_id, w.org_path, w.name AS title,
       '/departures/' || w.id || '/' AS url,
       to_char(w.left_post_on, 'YYYY-MM-DD') || '离职，已' || (%(today)s - w.left_post_on) || '天，去向未落实' AS value,
       w.months || '个月内应当转移组织关系' AS "limit"
FROM (
    SELECT d.id, d.org_path, d.left_post_on, m.name, {sql_value(DEPARTURE_MONTHS, org_path="d.org_path")} AS months
    FROM members_departure d JOIN members_member m ON m.id = d.member_id
    WHERE d.placed_on IS NULL
) w WHERE w.left_post_on + w.months * interval '1 month' <= %(today)s
"""  # noqa: S608 - pieces of this module

register(PatrolRule(
    "members.letter_expiring", "介绍信将到期", LETTERS, LETTER, PatrolLevel.AHEAD,
    "联系接收党组织尽快接收；已过期的，由支部出具证明后重新办理。", VIEW,
))  # fmt: skip
register(PatrolRule(
    "members.departure_unplaced", "离职党员去向未落实", UNPLACED, TRANSFER, PatrolLevel.MUST,
    "与本人和属地党组织联系，转移组织关系，或凭接收证明落实去向。", VIEW,
))  # fmt: skip
