"""What venues remind of: the monthly event of a centre, and requests that wait for an answer.

Report SQL: sees every row, since what is due does not depend on who looks.
"""

from __future__ import annotations

from apps.core.parameters import sql_value
from apps.core.permissions import BRANCH_SECRETARY, PARK_OFFICER
from apps.reminders.registry import ReminderRule, register
from apps.reminders.rules import Cadence

from ..kinds import COUNTED, BookingState, VenueKind
from ..parameters import CENTRE_EVENT_NOTICE
from ..rules.venues import BOOKING, MONTHLY_EVENT

KEEPERS = (BRANCH_SECRETARY, PARK_OFFICER)
EVENT_CADENCE = Cadence((2,), 7)
"""At the beginning of the notice of the place, two days before the end of the month, and on its last day."""
ANSWER_CADENCE = Cadence((1,), 7)

_MONTH = "date_trunc('month', %(today)s::date)::date"
_LAST_DAY = "(date_trunc('month', %(today)s::date) + interval '1 month')::date - 1"
_STATES = ", ".join(f"'{state.value}'" for state in COUNTED)

# A centre in use at the end of the month in which, or in whose rooms, nothing has been recorded this month.
WITHOUT_EVENT = f"""
SELECT w.id AS subject_id, w.org_path, to_char(%(today)s::date, 'YYYY-MM') AS period,
       {_LAST_DAY} - w.days AS opens_on, {_LAST_DAY} AS due_on,
       '本月特色活动还没有记录「' || w.name || '」' AS title,
       '/venues/' || w.id || '/' AS url, NULL::bigint AS recipient_id
FROM (
    SELECT v.id, v.org_path, v.name, {sql_value(CENTRE_EVENT_NOTICE, org_path="v.org_path")} AS days
    FROM activities_venue v
    WHERE v.kind = '{VenueKind.CENTRE.value}' AND v.since <= {_LAST_DAY} AND (v.until IS NULL OR v.until > {_LAST_DAY})
) w
WHERE {_LAST_DAY} - w.days <= %(today)s AND NOT EXISTS (
    SELECT 1 FROM activities_activity a JOIN activities_venue r ON r.id = a.venue_id
    WHERE (r.id = w.id OR r.part_of_id = w.id) AND a.held_on BETWEEN {_MONTH} AND {_LAST_DAY} AND a.state IN ({_STATES})
)
"""  # noqa: S608 - pieces of this module

# A request for a room that nobody has answered, from the day of the request until the hours have begun.
UNANSWERED = f"""
SELECT b.id AS subject_id, b.org_path, to_char(b.starts_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') AS period,
       (b.requested_at AT TIME ZONE 'Asia/Shanghai')::date AS opens_on,
       (b.starts_at AT TIME ZONE 'Asia/Shanghai')::date AS due_on,
       '有预约等待答复「' || v.name || '」' AS title,
       '/venues/bookings/' || b.id || '/' AS url, NULL::bigint AS recipient_id
FROM activities_venuebooking b JOIN activities_venue v ON v.id = b.venue_id
WHERE b.state = '{BookingState.REQUESTED.value}' AND (b.starts_at AT TIME ZONE 'Asia/Shanghai')::date >= %(today)s
"""  # noqa: S608 - pieces of this module

register(ReminderRule(
    "activities.centre_event", "中心月度活动", WITHOUT_EVENT, KEEPERS, MONTHLY_EVENT, EVENT_CADENCE
))  # fmt: skip
register(ReminderRule("activities.booking_waits", "阵地预约待答复", UNANSWERED, KEEPERS, BOOKING, ANSWER_CADENCE))
