"""What agreements, contacts and lost members remind of.

Report SQL: sees every row, since what is due does not depend on who looks.
"""

from __future__ import annotations

from apps.core.parameters import sql_value
from apps.core.permissions import AUTHORITY_OFFICER, BRANCH_CLERK, BRANCH_SECRETARY, PARK_OFFICER
from apps.reminders.registry import ReminderRule, register
from apps.reminders.rules import Cadence

from ..due_sql import contact_duties, no_contact
from ..kinds import LostStage
from ..parameters import AGREEMENT_NOTICE, CONTACT_CHASE
from ..rules.mobile import DUAL_AGREEMENT, LOST, QUARTERLY_CONTACT

BRANCH = (BRANCH_SECRETARY, BRANCH_CLERK, PARK_OFFICER, AUTHORITY_OFFICER)
OFFICERS = (PARK_OFFICER, AUTHORITY_OFFICER)

CONTACT_CADENCE = Cadence((15, 7), 7)
"""15 and 7 days before the end of the quarter, on its last day, and then each week while it may still be noted."""
EXPIRY_CADENCE = Cadence((7,), 7)
"""At the beginning of the notice of the place, a week before, on the day, and each week while nothing follows."""

_QUARTER = "date_trunc('quarter', %(today)s::date)"
_NEXT = f"({_QUARTER} + interval '3 months')::date"

# One line for each organisation that still has somebody to contact this quarter.
THIS_QUARTER = f"""
SELECT o.id AS subject_id, o.path AS org_path, to_char(%(today)s::date, 'YYYY"Q"Q') AS period,
       {_NEXT} - 16 AS opens_on, {_NEXT} - 1 AS due_on,
       '本季联系：还有 ' || count(*) || ' 名党员没有联系' AS title, '/contacts/due/?org=' || o.code AS url,
       NULL::bigint AS recipient_id
FROM ({contact_duties("%(today)s")}) t JOIN branches_partyorg o ON o.id = t.org_id AND o.ended_on IS NULL
WHERE %(today)s >= {_NEXT} - 16 AND {no_contact("t", f"{_QUARTER}::date", _NEXT)}
GROUP BY o.id, o.path, o.code
"""  # noqa: S608 - pieces of this module

_LAST_DAY = f"({_QUARTER}::date - 1)"
_BEFORE = f"({_QUARTER} - interval '3 months')::date"

# The quarter that has just ended, for some days, unless the person was contacted since.
LAST_QUARTER = f"""
SELECT o.id AS subject_id, o.path AS org_path, to_char({_LAST_DAY}, 'YYYY"Q"Q') AS period,
       {_LAST_DAY} AS opens_on, {_LAST_DAY} AS due_on,
       '上季联系：还有 ' || count(*) || ' 名党员没有联系' AS title,
       '/contacts/due/?quarter=' || to_char({_LAST_DAY}, 'YYYY"Q"Q') || '&org=' || o.code AS url,
       NULL::bigint AS recipient_id
FROM ({contact_duties(_LAST_DAY)}) t JOIN branches_partyorg o ON o.id = t.org_id AND o.ended_on IS NULL
WHERE %(today)s <= {_LAST_DAY} + {sql_value(CONTACT_CHASE, org_path="o.path")}
  AND {no_contact("t", _BEFORE, "%(today)s::date + 1")}
GROUP BY o.id, o.path, o.code
"""  # noqa: S608 - pieces of this module

# From the notice on; after the expiry as long as no other agreement of the two sides follows.
EXPIRY = f"""
SELECT w.id AS subject_id, w.org_path, to_char(w.until, 'YYYY-MM-DD') AS period, w.until - w.days AS opens_on,
       w.until AS due_on, '双重管理协议到期「' || w.name || '」' AS title, '/agreements/' || w.id || '/' AS url,
       NULL::bigint AS recipient_id
FROM (
    SELECT a.id, a.org_id, a.member_id, a.org_path, a.until, m.name,
           {sql_value(AGREEMENT_NOTICE, org_path="a.org_path")} AS days
    FROM members_dualagreement a JOIN members_member m ON m.id = a.member_id
    WHERE a.ended_reason = '' AND a.since <= %(today)s
) w
WHERE w.until - w.days <= %(today)s AND NOT EXISTS (
    SELECT FROM members_dualagreement n
    WHERE n.member_id = w.member_id AND n.org_id = w.org_id AND n.since >= w.until)
"""  # noqa: S608 - pieces of this module

# Cases in which something has to be studied, for whoever decides them.
LOST_CASES = f"""
SELECT c.id AS subject_id, c.org_path, c.stage AS period, c.opened_on AS opens_on, c.opened_on AS due_on,
       CASE WHEN c.stage = '{LostStage.REMOVAL_DUE.value}' THEN '{LostStage.REMOVAL_DUE.label}'
            ELSE '{LostStage.SUSPENSION_DUE.label}' END || '「' || m.name || '」' AS title,
       '/lost/' || c.id || '/' AS url, NULL::bigint AS recipient_id
FROM members_lostcontact c JOIN members_member m ON m.id = c.member_id
WHERE c.decided_on IS NULL AND c.stage <> '{LostStage.SEARCHING.value}'
"""  # noqa: S608 - pieces of this module

register(ReminderRule(
    "members.contact_due", "流动党员季度联系", THIS_QUARTER, BRANCH, QUARTERLY_CONTACT, CONTACT_CADENCE
))  # fmt: skip
register(ReminderRule(
    "members.contact_overdue", "流动党员上季联系", LAST_QUARTER, BRANCH, QUARTERLY_CONTACT, CONTACT_CADENCE
))  # fmt: skip
register(ReminderRule(
    "members.agreement_expiring", "双重管理协议到期", EXPIRY, BRANCH, DUAL_AGREEMENT, EXPIRY_CADENCE
))  # fmt: skip
register(ReminderRule("members.lost_contact", "失联党员事项", LOST_CASES, OFFICERS, LOST))
