"""What transfers and departures remind of, each to whoever has to act.

Report SQL: sees every row, since what is due does not depend on who looks.
"""

from __future__ import annotations

from apps.core.parameters import sql_value
from apps.core.permissions import BRANCH_CLERK, BRANCH_SECRETARY, PARK_OFFICER
from apps.reminders.registry import ReminderRule, register

from ..kinds import Relation, TransferKind, TransferState
from ..parameters import DEPARTURE_MONTHS, LETTER_SOON, TRANSFER_ACCEPT, TRANSFER_APPROVAL
from ..querysets.transfers import waiting
from ..rules.transfers import APPROVAL_DELAY, DESTINATION, EXPIRED, LETTER, RESPONSIBILITY, Side, Step

BRANCH = (BRANCH_SECRETARY, BRANCH_CLERK, PARK_OFFICER)


def _waits(*, side: Side | None = None, step: Step | None = None) -> str:
    """The condition on a transfer t that its next step is this one, or this side's."""
    pairs = waiting(side=side, step=step)
    return "(" + " OR ".join(f"(t.kind = '{kind.value}' AND t.state = '{state.value}')" for kind, state in pairs) + ")"


_FROM = "FROM members_transfer t JOIN members_member m ON m.id = t.member_id"
_SUBJECT = "t.id AS subject_id, to_char(t.requested_on, 'YYYY-MM-DD') AS period"
_PAGE = "'/transfers/' || t.id || '/' AS url, NULL::bigint AS recipient_id"

# What waits for the 基层党委 for some days: an approval, a letter.
APPROVAL = f"""
SELECT w.subject_id, w.period, w.org_path, w.since + w.days AS opens_on, w.since + w.days AS due_on, w.title, w.url,
       w.recipient_id
FROM (
    SELECT {_SUBJECT}, t.org_path, coalesce(t.approved_on, t.checked_on) AS since,
           {sql_value(TRANSFER_APPROVAL, org_path="t.org_path")} AS days,
           CASE WHEN t.state = '{TransferState.APPROVED.value}' THEN '开具组织关系介绍信「' ELSE '批准组织关系转接「' END
               || m.name || '」' AS title, {_PAGE}
    {_FROM} WHERE {_waits(side=Side.COMMITTEE)}
) w WHERE w.since + w.days <= %(today)s
"""  # noqa: S608 - pieces of this module

# What waits to be accepted: by the branch of the portal that receives, else by the one that records it.
ACCEPTANCE = f"""
SELECT {_SUBJECT}, CASE WHEN t.other_path = '' THEN t.org_path ELSE t.other_path END AS org_path,
       coalesce(t.letter_on, t.approved_on) AS opens_on,
       coalesce(t.valid_until, t.approved_on + {sql_value(TRANSFER_ACCEPT, org_path="t.org_path")}) AS due_on,
       CASE WHEN t.kind = '{TransferKind.OUT.value}' THEN '登记组织关系回执「' ELSE '接收组织关系转接「' END
           || m.name || '」' AS title, {_PAGE}
{_FROM} WHERE {_waits(step=Step.ACCEPT)}
"""

# The sender hears that the letter runs out while the other branch has not accepted: it is still responsible.
EXPIRING = f"""
SELECT w.* FROM (
    SELECT {_SUBJECT}, t.org_path,
           t.valid_until - {sql_value(LETTER_SOON, org_path="t.org_path")} AS opens_on, t.valid_until AS due_on,
           '介绍信将到期，对方尚未接收「' || m.name || '」' AS title, {_PAGE}
    {_FROM} WHERE t.kind = '{TransferKind.BETWEEN.value}' AND {_waits(step=Step.ACCEPT)}
) w WHERE w.opens_on <= %(today)s
"""  # noqa: S608 - pieces of this module

# An expired letter, as long as the member is with the sender and nothing followed.
LATE = f"""
SELECT {_SUBJECT}, t.org_path, t.ended_on AS opens_on, t.ended_on AS due_on,
       '介绍信已过期，须重新办理「' || m.name || '」' AS title, {_PAGE}
{_FROM}
WHERE t.state = '{TransferState.EXPIRED.value}' AND t.kind <> '{TransferKind.IN.value}'
  AND m.relation = '{Relation.HERE.value}' AND m.org_id = t.org_id
  AND NOT EXISTS (SELECT 1 FROM members_transfer n WHERE n.member_id = t.member_id AND n.id > t.id)
"""  # noqa: S608 - pieces of this module

# 离职去向 from the day the post was left, due after the months of the place.
UNPLACED = f"""
SELECT d.id AS subject_id, to_char(d.left_post_on, 'YYYY-MM-DD') AS period, d.org_path, d.left_post_on AS opens_on,
       (d.left_post_on + {sql_value(DEPARTURE_MONTHS, org_path="d.org_path")} * interval '1 month')::date AS due_on,
       '落实离职党员去向「' || m.name || '」' AS title, '/departures/' || d.id || '/' AS url, NULL::bigint AS recipient_id
FROM members_departure d JOIN members_member m ON m.id = d.member_id
WHERE d.placed_on IS NULL
"""  # noqa: S608 - pieces of this module

register(ReminderRule("members.transfer_approval", "组织关系转接待批", APPROVAL, (PARK_OFFICER,), APPROVAL_DELAY))
register(ReminderRule("members.transfer_acceptance", "组织关系转接待接收", ACCEPTANCE, BRANCH, RESPONSIBILITY))
register(ReminderRule("members.letter_expiring", "介绍信将到期", EXPIRING, BRANCH, LETTER))
register(ReminderRule("members.letter_expired", "介绍信已过期", LATE, BRANCH, EXPIRED))
register(ReminderRule("members.departure_unplaced", "离职党员去向", UNPLACED, BRANCH, DESTINATION))
