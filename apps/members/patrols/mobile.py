"""What the patrol looks for among agreements, contacts and lost members.

Report SQL: sees every row, since what is found does not depend on who looks.
"""

from __future__ import annotations

from apps.patrol.registry import PatrolRule, register
from apps.patrol.rules import PatrolLevel

from ..due_sql import contact_duties, in_force, no_contact
from ..kinds import Relation, Standing
from ..permissions import VIEW
from ..rules.mobile import DUAL_AGREEMENT, HIDDEN_MEMBERS, LOST, LOST_MONTHS, QUARTERLY_CONTACT

_QUARTER = "date_trunc('quarter', %(today)s::date)"
_LAST_DAY = f"({_QUARTER}::date - 1)"
_BEFORE = f"({_QUARTER} - interval '3 months')::date"

# Expired, and no other agreement of the two sides followed.
EXPIRED = """
SELECT 'members.dualagreement' AS subject_type, a.id AS subject_id, a.org_path, m.name AS title,
       '/agreements/' || a.id || '/' AS url,
       to_char(a.until, 'YYYY-MM-DD') || '到期，已' || (%(today)s - a.until) || '天' AS value,
       '到期前续签或转入组织关系' AS "limit"
FROM members_dualagreement a JOIN members_member m ON m.id = a.member_id
WHERE a.ended_reason = '' AND a.until <= %(today)s AND NOT EXISTS (
    SELECT FROM members_dualagreement n WHERE n.member_id = a.member_id AND n.org_id = a.org_id AND n.since >= a.until)
"""

# Looked after here with the relation elsewhere, and never under an agreement: those that expired are told above.
UNSIGNED = f"""
SELECT 'members.member' AS subject_type, m.id AS subject_id, m.org_path, m.name AS title,
       '/agreements/new/?member=' || m.id AS url, '关系在“' || m.home_text || '”，没有协议' AS value,
       '签订双重管理协议或转入组织关系' AS "limit"
FROM members_member m
WHERE m.relation = '{Relation.ELSEWHERE.value}' AND NOT EXISTS (
    SELECT FROM members_dualagreement a WHERE a.member_id = m.id
      AND ({in_force("a", "%(today)s")} OR (a.org_id = m.org_id AND a.ended_reason = '' AND a.until <= %(today)s)))
"""  # noqa: S608 - pieces of this module

# Nobody was in touch in the quarter that has ended, nor since.
NO_CONTACT = f"""
SELECT 'members.member' AS subject_type, t.member_id AS subject_id, min(o.path) AS org_path, min(t.name) AS title,
       '/contacts/due/?quarter=' || to_char({_LAST_DAY}, 'YYYY"Q"Q') || '&org=' || (array_agg(o.code ORDER BY o.path))[1] AS url,
       to_char({_LAST_DAY}, 'YYYY"年第"Q"季度"') || '没有联系' AS value, '每季度至少联系1次' AS "limit"
FROM ({contact_duties(_LAST_DAY)}) t JOIN branches_partyorg o ON o.id = t.org_id
WHERE {no_contact("t", _BEFORE, "%(today)s::date + 1")}
GROUP BY t.member_id
"""  # noqa: S608 - pieces of this module

# Lost for as long as the rules wait, and not suspended yet.
LOST_LONG = f"""
SELECT 'members.member' AS subject_type, m.id AS subject_id, m.org_path, m.name AS title, '/lost/?open=1' AS url,
       to_char(m.lost_since, 'YYYY-MM-DD') || '起失去联系，已' || (%(today)s - m.lost_since) || '天' AS value,
       '满{LOST_MONTHS}个月应研究停止党籍' AS "limit"
FROM members_member m
WHERE m.lost_since + interval '{LOST_MONTHS} months' <= %(today)s AND m.standing = '{Standing.NORMAL.value}'
  AND m.relation = '{Relation.HERE.value}'
"""  # noqa: S608 - pieces of this module

register(PatrolRule(
    "members.agreement_expired", "双重管理协议到期未续签", EXPIRED, DUAL_AGREEMENT, PatrolLevel.LOCAL,
    "续签协议，或动员转入组织关系；已离开的，提前终止并说明原因。", VIEW,
))  # fmt: skip
register(PatrolRule(
    "members.no_agreement", "关系在外党员没有协议", UNSIGNED, HIDDEN_MEMBERS, PatrolLevel.LOCAL,
    "与本人和关系所在党组织签订双重管理协议，或动员转入组织关系。", VIEW,
))  # fmt: skip
register(PatrolRule(
    "members.no_contact", "上季没有联系", NO_CONTACT, QUARTERLY_CONTACT, PatrolLevel.LOCAL,
    "尽快与本人联系，记下思想动态、学习情况和现实表现。", VIEW,
))  # fmt: skip
register(PatrolRule(
    "members.lost_contact", "失联满6个月", LOST_LONG, LOST, PatrolLevel.MUST,
    "查找后仍无法取得联系的，由支部大会讨论、上级党组织批准停止党籍。", VIEW,
))  # fmt: skip
