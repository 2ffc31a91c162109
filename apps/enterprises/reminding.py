"""What the register reminds of: the visit in the month of arrival, and the instructor's visit of each quarter.

Report SQL: sees every row, since what is due does not depend on who looks.
"""

from __future__ import annotations

from apps.core.parameters import sql_value
from apps.core.permissions import AUTHORITY_OFFICER, BRANCH_CLERK, BRANCH_SECRETARY, PARK_OFFICER
from apps.reminders.registry import ReminderRule, register

from .parameters import CHASE, VISITS
from .rules import ARRIVAL_VISIT, INSTRUCTOR_VISITS, LEAVING

_LEFT = ", ".join(f"'{status.value}'" for status in sorted(LEAVING))

_HERE = f"""
JOIN enterprises_condition c ON c.enterprise_id = e.id AND c.since <= %(today)s
     AND (c.until IS NULL OR c.until > %(today)s) AND c.status NOT IN ({_LEFT})
"""

_IN_OFFICE = """
SELECT a.id, a.enterprise_id, a.instructor_id, a.since, u.id AS user_id
FROM enterprises_instructorassignment a
JOIN enterprises_instructor p ON p.id = a.instructor_id
LEFT JOIN accounts_user u ON u.id = p.user_id AND u.is_active
WHERE a.since <= %(today)s AND (a.until IS NULL OR a.until > %(today)s)
  AND p.since <= %(today)s AND (p.until IS NULL OR p.until > %(today)s)
"""

# 入驻当月走访: due on the last day of the month of arrival, until somebody has been there. An arrival older than CHASE
# is no new arrival any more.
ARRIVAL = f"""
SELECT e.id AS subject_id, e.org_path, to_char(e.arrived_on, 'YYYY-MM') AS period, e.arrived_on AS opens_on,
       (date_trunc('month', e.arrived_on) + interval '1 month - 1 day')::date AS due_on,
       '入驻当月走访「' || e.name || '」' AS title, '/visits/new/?enterprise=' || e.id AS url, i.user_id AS recipient_id
FROM enterprises_enterprise e
{_HERE}
LEFT JOIN (SELECT DISTINCT ON (enterprise_id) enterprise_id, user_id FROM ({_IN_OFFICE}) t
           WHERE user_id IS NOT NULL ORDER BY enterprise_id, since DESC, id DESC) i ON i.enterprise_id = e.id
WHERE e.arrived_on <= %(today)s
  AND e.arrived_on >= date_trunc('month', %(today)s::date)
                      - {sql_value(CHASE, org_path="e.org_path")} * interval '1 month'
  AND NOT EXISTS (SELECT 1 FROM enterprises_visit v
                  WHERE v.enterprise_id = e.id AND v.on >= e.arrived_on AND v.on <= %(today)s)
"""  # noqa: S608 - pieces of this module

# As many visits in the quarter as the place asks for, by the instructor who is assigned on the day.
INSTRUCTOR = f"""
SELECT i.id AS subject_id, e.org_path, to_char(%(today)s::date, 'YYYY"Q"Q') AS period,
       greatest(i.since, q.starts_on) AS opens_on, q.ends_on AS due_on,
       '本季走访「' || e.name || '」' AS title, '/visits/new/?enterprise=' || e.id AS url, i.user_id AS recipient_id
FROM ({_IN_OFFICE}) i
JOIN enterprises_enterprise e ON e.id = i.enterprise_id
{_HERE}
CROSS JOIN (SELECT date_trunc('quarter', %(today)s::date)::date AS starts_on,
                   (date_trunc('quarter', %(today)s::date) + interval '3 months - 1 day')::date AS ends_on) q
WHERE (SELECT count(*) FROM enterprises_visit v
       WHERE v.enterprise_id = e.id AND v.instructor_id = i.instructor_id
         AND v.on >= q.starts_on AND v.on <= %(today)s) < {sql_value(VISITS, org_path="e.org_path")}
"""  # noqa: S608 - pieces of this module

register(ReminderRule(
    "enterprises.arrival_visit", "入驻当月走访", ARRIVAL,
    (BRANCH_SECRETARY, BRANCH_CLERK, PARK_OFFICER, AUTHORITY_OFFICER), ARRIVAL_VISIT,
))  # fmt: skip
register(ReminderRule(
    "enterprises.instructor_visit", "指导员季度走访", INSTRUCTOR, (PARK_OFFICER, AUTHORITY_OFFICER), INSTRUCTOR_VISITS
))  # fmt: skip
