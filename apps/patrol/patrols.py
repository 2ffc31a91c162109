"""What the patrol looks for in the apps below it: 换届 that is due or late.

Report SQL: sees every row, since what is found does not depend on who looks.
"""

from __future__ import annotations

from apps.branches.rules import TERM_DELAY, TERM_MAX_DELAY_MONTHS, TERM_NOTICE, TERM_NOTICE_MONTHS
from apps.branches.rules.elections import FINISHED

from .registry import PatrolRule, register
from .rules import PatrolLevel

_OVER = ", ".join(f"'{state.value}'" for state in sorted(FINISHED))

# The term in force of every organisation that exists (t of o), and how far its election has come, if one is running.
_TERMS = f"""
FROM branches_term t JOIN branches_partyorg o ON o.id = t.org_id
LEFT JOIN branches_election e ON e.org_id = t.org_id AND e.state NOT IN ({_OVER})
WHERE t.since <= %(today)s AND (t.until IS NULL OR t.until > %(today)s) AND (o.ended_on IS NULL OR o.ended_on > %(today)s)
"""
_ORG = """'branches.partyorg' AS subject_type, o.id AS subject_id, o.path AS org_path, o.name AS title,
       CASE WHEN e.id IS NULL THEN '/orgs/' || o.id || '/#terms' ELSE '/elections/' || e.id || '/' END AS url"""
_PROGRESS = "CASE WHEN e.id IS NULL THEN '' ELSE '，换届正在办理' END"

DUE = f"""
SELECT {_ORG}, '第' || t.number || '届' || to_char(t.expires_on, 'YYYY-MM-DD') || '届满，还有'
           || (t.expires_on - %(today)s) || '天' || {_PROGRESS} AS value,
       '届满前{TERM_NOTICE_MONTHS}个月提醒筹备' AS "limit"
{_TERMS} AND t.expires_on > %(today)s AND (t.expires_on - interval '{TERM_NOTICE_MONTHS} months')::date <= %(today)s
"""

LATE = f"""
SELECT {_ORG}, '第' || t.number || '届' || to_char(t.expires_on, 'YYYY-MM-DD') || '届满，已逾期'
           || (%(today)s - t.expires_on) || '天' || {_PROGRESS} AS value,
       CASE WHEN (t.expires_on + interval '{TERM_MAX_DELAY_MONTHS} months')::date < %(today)s
            THEN '延期一般不超过{TERM_MAX_DELAY_MONTHS}个月' ELSE '应按期换届，延期须经批准' END AS "limit"
{_TERMS} AND t.expires_on <= %(today)s
"""

register(PatrolRule(
    "branches.term_due", "换届将到期", DUE, TERM_NOTICE, PatrolLevel.AHEAD,
    "发函或电话提醒，及时向上级请示并筹备换届。",
))  # fmt: skip
register(PatrolRule(
    "branches.term_overdue", "届满未换届", LATE, TERM_DELAY, PatrolLevel.MUST,
    "尽快换届；确需延期的，报上级批准并登记。",
))  # fmt: skip
