"""What the census reminds of: returns that are due, and returns that wait for the officer.

Report SQL: sees every row, since what is due does not depend on who looks.
"""

from __future__ import annotations

from apps.core.parameters import sql_value
from apps.core.permissions import AUTHORITY_OFFICER, BRANCH_CLERK, BRANCH_SECRETARY, PARK_OFFICER
from apps.enterprises.rules import LEAVING
from apps.reminders.registry import ReminderRule, register

from .parameters import REVIEW_DAYS
from .rules import CENSUS, State

_LEFT = ", ".join(f"'{status.value}'" for status in sorted(LEAVING))

# An enterprise that has left gets none. The instructor assigned latest hears of it, where there is one with an account.
RETURN_DUE = f"""
SELECT r.id AS subject_id, e.org_path, o.period::text AS period, o.opens_on, o.due_on,
       '「' || e.name || '」' || o.title AS title, '/census/returns/' || r.id || '/unchanged/' AS url,
       i.user_id AS recipient_id
FROM census_censusreturn r
JOIN census_censusround o ON o.id = r.round_id AND o.closed_at IS NULL AND o.opens_on <= %(today)s
JOIN enterprises_enterprise e ON e.id = r.enterprise_id
JOIN enterprises_condition c ON c.enterprise_id = e.id AND c.since <= %(today)s
     AND (c.until IS NULL OR c.until > %(today)s) AND c.status NOT IN ({_LEFT})
LEFT JOIN (
    SELECT DISTINCT ON (a.enterprise_id) a.enterprise_id, u.id AS user_id
    FROM enterprises_instructorassignment a
    JOIN enterprises_instructor p ON p.id = a.instructor_id
    JOIN accounts_user u ON u.id = p.user_id AND u.is_active
    WHERE a.since <= %(today)s AND (a.until IS NULL OR a.until > %(today)s)
      AND p.since <= %(today)s AND (p.until IS NULL OR p.until > %(today)s)
    ORDER BY a.enterprise_id, a.since DESC, a.id DESC
) i ON i.enterprise_id = e.id
WHERE r.state IN ('{State.NOT_STARTED.value}', '{State.DRAFT.value}', '{State.RETURNED.value}')
"""  # noqa: S608 - states of this module

# The day by which a return should be checked; before it nobody is reminded.
REVIEW_WAITING = f"""
SELECT r.id AS subject_id, e.org_path, o.period::text AS period, r.submitted_on + d.days AS opens_on,
       r.submitted_on + d.days AS due_on, '审核「' || e.name || '」' || o.title || '表' AS title,
       '/census/returns/' || r.id || '/' AS url, NULL::bigint AS recipient_id
FROM census_censusreturn r
JOIN census_censusround o ON o.id = r.round_id
JOIN enterprises_enterprise e ON e.id = r.enterprise_id
CROSS JOIN (SELECT {sql_value(REVIEW_DAYS.code)} AS days) d
WHERE r.state = '{State.SUBMITTED.value}' AND r.submitted_on + d.days <= %(today)s
"""  # noqa: S608 - codes of this module

register(ReminderRule(
    "census.return_due", "季度摸底待填报", RETURN_DUE,
    (BRANCH_SECRETARY, BRANCH_CLERK, PARK_OFFICER, AUTHORITY_OFFICER), CENSUS,
))  # fmt: skip
register(ReminderRule(
    "census.review_waiting", "摸底表待审核", REVIEW_WAITING, (PARK_OFFICER, AUTHORITY_OFFICER), CENSUS
))  # fmt: skip
