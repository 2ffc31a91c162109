"""Rounds that stay open, talks and help that are due, promises whose day comes.

Report SQL: sees every row, since what is due does not depend on who looks. Of a review only that something is open is
told, to those who keep reviews: no name and no grade stands in a reminder. Promises are told together, one line for
each branch and day.
"""

from __future__ import annotations

from typing import Final

from apps.core.parameters import sql_value
from apps.core.permissions import BRANCH_CLERK, BRANCH_SECRETARY, PARK_OFFICER
from apps.reminders.registry import ReminderRule, register
from apps.reminders.rules import Cadence

from ..kinds import ReviewKind, ReviewState
from ..parameters import PLEDGE_NOTICE, REVIEW_OPEN_DAYS
from ..rules.pioneers import OPEN_PLEDGES, PLEDGES
from ..rules.reviews import APPRAISAL, HELP, THREE_SIDED

KEEPERS: Final = (BRANCH_SECRETARY, PARK_OFFICER)
BRANCH: Final = (BRANCH_SECRETARY, BRANCH_CLERK)

AGAIN: Final = Cadence((), 30)
"""On the day, and each month while nothing happens."""
PLEDGE_CADENCE: Final = Cadence((), 15)

_KIND: Final = "CASE r.kind " + " ".join(f"WHEN '{kind.value}' THEN '{kind.label}'" for kind in ReviewKind) + " END"
_OPEN: Final = ", ".join(f"'{state.value}'" for state in OPEN_PLEDGES)

# A round that has not been closed so many days after the day on which it was held.
ROUND_OPEN: Final = f"""
SELECT w.id AS subject_id, w.org_path, to_char(w.held_on, 'YYYY-MM-DD') AS period,
       w.held_on + w.days AS opens_on, w.held_on + w.days AS due_on,
       w.year || '年' || w.kind || '已开展' || (%(today)s - w.held_on) || '天，还没有办结' AS title,
       '/reviews/' || w.id || '/' AS url, NULL::bigint AS recipient_id
FROM (
    SELECT r.id, r.org_path, r.held_on, r.year, {_KIND} AS kind,
           {sql_value(REVIEW_OPEN_DAYS, org_path="r.org_path")} AS days
    FROM activities_reviewround r WHERE r.state = '{ReviewState.OPEN.value}'
) w WHERE w.held_on + w.days < %(today)s
"""  # noqa: S608 - pieces of this module

# One line for each open round with talks that are needed and not held.
TALK_OPEN: Final = f"""
SELECT r.id AS subject_id, r.org_path, to_char(r.held_on, 'YYYY-MM-DD') AS period, r.held_on AS opens_on,
       r.held_on AS due_on, r.year || '年' || {_KIND} || '还有 ' || count(*) || ' 次谈话没有登记' AS title,
       '/reviews/' || r.id || '/' AS url, NULL::bigint AS recipient_id
FROM activities_reviewround r JOIN activities_reviewresult t ON t.round_id = r.id
WHERE r.state = '{ReviewState.OPEN.value}' AND t.talk_needed AND t.talked_on IS NULL AND r.held_on <= %(today)s
GROUP BY r.id
"""  # noqa: S608 - pieces of this module

# One line for each round and day with help that was to be over.
HELP_DUE: Final = """
SELECT r.id AS subject_id, r.org_path, to_char(t.follow_up_due, 'YYYY-MM-DD') AS period, t.follow_up_due AS opens_on,
       t.follow_up_due AS due_on, r.year || '年评议后的 ' || count(*) || ' 项后续工作到期，请登记结果' AS title,
       '/reviews/' || r.id || '/' AS url, NULL::bigint AS recipient_id
FROM activities_reviewround r JOIN activities_reviewresult t ON t.round_id = r.id
WHERE t.follow_up <> '' AND t.follow_up_done_on IS NULL AND t.follow_up_due <= %(today)s
GROUP BY r.id, t.follow_up_due
"""

# One line for each branch and day on which promises of it are due.
PLEDGES_DUE: Final = f"""
SELECT w.org_id AS subject_id, w.org_path, to_char(w.due_on, 'YYYY-MM-DD') AS period, w.due_on - min(w.days) AS opens_on,
       w.due_on, count(*) || ' 项公开承诺到期，请验收' AS title,
       '/pledges/?state=open&order=due&due=' || to_char(w.due_on, 'YYYY-MM-DD') AS url, NULL::bigint AS recipient_id
FROM (
    SELECT p.org_id, p.org_path, p.due_on, {sql_value(PLEDGE_NOTICE, org_path="p.org_path")} AS days
    FROM activities_pledge p WHERE p.state IN ({_OPEN})
) w WHERE w.due_on - w.days <= %(today)s
GROUP BY w.org_id, w.org_path, w.due_on
"""  # noqa: S608 - pieces of this module

register(ReminderRule("activities.review_open", "评议未办结", ROUND_OPEN, KEEPERS, APPRAISAL, AGAIN))
register(ReminderRule("activities.review_talk", "评议后的谈话", TALK_OPEN, KEEPERS, THREE_SIDED, AGAIN))
register(ReminderRule("activities.review_help", "评议后续工作", HELP_DUE, KEEPERS, HELP, AGAIN))
register(ReminderRule("activities.pledges_due", "公开承诺到期", PLEDGES_DUE, BRANCH, PLEDGES, PLEDGE_CADENCE))
