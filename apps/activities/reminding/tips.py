"""What tip sheets and follow-ups remind of.

Report SQL: sees every row, since what is due does not depend on who looks.
"""

from __future__ import annotations

from apps.core.parameters import sql_value
from apps.core.permissions import BRANCH_CLERK, BRANCH_SECRETARY, PARK_OFFICER
from apps.reminders.registry import ReminderRule, register
from apps.reminders.rules import Cadence

from ..kinds import TipSheetState
from ..parameters import TIP_SIGN_DAYS
from ..rules.catalogue import PRACTICE
from ..rules.tips import TIP_SHEETS

BRANCH = (BRANCH_SECRETARY, BRANCH_CLERK, PARK_OFFICER)

SIGN_CADENCE = Cadence((0,), 7)
"""Once the days of the place have passed, and then each week."""
DONE_CADENCE = Cadence((15, 7), 7)
FOLLOW_CADENCE = Cadence((7,), 7)

_OUT = f"s.state = '{TipSheetState.ISSUED.value}'"
# A branch that was founded after the issue has received it when it was founded.
_RECEIVED = "greatest(s.issued_on, coalesce(o.founded_on, s.issued_on))"

# Receipts that nobody has signed so many days after they came.
UNSIGNED = f"""
SELECT w.id AS subject_id, w.org_path, w.number AS period, w.sign_by AS opens_on, w.sign_by AS due_on,
       '提示单待签收「' || w.title || '」' AS title, '/tip-sheets/receipts/' || w.id || '/' AS url,
       NULL::bigint AS recipient_id
FROM (
    SELECT r.id, r.org_path, s.number, s.title,
           {_RECEIVED} + {sql_value(TIP_SIGN_DAYS, org_path="r.org_path")} AS sign_by
    FROM activities_tipsheetreceipt r
    JOIN activities_tipsheet s ON s.id = r.sheet_id AND {_OUT}
    JOIN branches_partyorg o ON o.id = r.org_id AND o.ended_on IS NULL
    WHERE r.signed_at IS NULL AND r.done_on IS NULL
) w
WHERE w.sign_by <= %(today)s
"""  # noqa: S608 - pieces of this module

# Receipts whose deadline comes near, or is past, without a record that counts.
UNDONE = f"""
SELECT r.id AS subject_id, r.org_path, s.number AS period, s.due_on - 15 AS opens_on, s.due_on,
       '提示单还没有完成「' || s.title || '」' AS title, '/tip-sheets/receipts/' || r.id || '/' AS url,
       NULL::bigint AS recipient_id
FROM activities_tipsheetreceipt r
JOIN activities_tipsheet s ON s.id = r.sheet_id AND {_OUT}
JOIN branches_partyorg o ON o.id = r.org_id AND o.ended_on IS NULL
WHERE r.done_on IS NULL AND s.due_on - 15 <= %(today)s
"""  # noqa: S608 - pieces of this module

# What a meeting has decided and is due within a week, or overdue.
FOLLOW_UPS = """
SELECT f.id AS subject_id, f.org_path, to_char(f.due_on, 'YYYY-MM-DD') AS period, f.due_on - 7 AS opens_on, f.due_on,
       '落实事项：' || f.content AS title, '/activities/' || f.activity_id || '/#follow-ups' AS url,
       NULL::bigint AS recipient_id
FROM activities_followup f
WHERE f.done_on IS NULL AND f.due_on - 7 <= %(today)s
"""

register(ReminderRule("activities.tip_unsigned", "提示单待签收", UNSIGNED, BRANCH, TIP_SHEETS, SIGN_CADENCE))
register(ReminderRule("activities.tip_undone", "提示单待完成", UNDONE, BRANCH, TIP_SHEETS, DONE_CADENCE))
register(ReminderRule("activities.follow_up", "落实事项到期", FOLLOW_UPS, BRANCH, PRACTICE, FOLLOW_CADENCE))
