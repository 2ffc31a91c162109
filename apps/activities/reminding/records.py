"""What is still missing in the month, the quarter and the year, the theme day ahead, and records that wait.

Report SQL: sees every row, since what is due does not depend on who looks. What is missing is `compliance.duty_sql`,
the one count behind the board, so that a reminder never names what the board shows as done, nor whoever owes nothing.
"""

from __future__ import annotations

import datetime
from typing import Final

from apps.core.parameters import sql_value
from apps.core.periods import Period
from apps.core.permissions import AUTHORITY_OFFICER, BRANCH_CLERK, BRANCH_SECRETARY, PARK_OFFICER
from apps.core.regulations import Citation
from apps.core.sql import written_out
from apps.reminders.registry import ReminderRule, register
from apps.reminders.rules import Cadence

from ..compliance.duty_sql import Which, duties
from ..kinds import State
from ..models import Requirement
from ..parameters import REVIEW_DAYS, THEME_DAY
from ..rules.catalogue import ASSEMBLY, PRACTICE
from ..rules.catalogue import THEME_DAY as THEME_DAY_RULE
from ..rules.compliance import Slot, Unit

BRANCH: Final = (BRANCH_SECRETARY, BRANCH_CLERK, PARK_OFFICER)
REVIEWERS: Final = (PARK_OFFICER, AUTHORITY_OFFICER)

THEME_DAY_AHEAD: Final = 3
"""Days before the theme day on which it is first told; a day before it is told again."""
MONTH_AHEAD: Final = 5
"""Days before the last day of the month on which its missing records are told."""
QUARTER_AHEAD: Final = 10
YEAR_AHEAD: Final = 30

NOTHING: Final = """
SELECT NULL::bigint AS subject_id, ''::text AS org_path, ''::text AS period, NULL::date AS opens_on,
       NULL::date AS due_on, ''::text AS title, ''::text AS url, NULL::bigint AS recipient_id WHERE false
"""


def lacking(today: datetime.date, kind: int | None = None) -> str:
    """The relation of the duties of today's quarter that are not met, as SQL for a statement with named values."""
    duty = written_out(duties(Which(), Period.quarter_of(today), kind=kind))
    return f"SELECT * FROM ({duty}) every_duty WHERE actual < expected"  # noqa: S608


def _missing(today: datetime.date, period: Period, slot: Slot, ahead: int, word: str) -> str:
    """One line for each organisation that still lacks something in the period, in its last `ahead` days."""
    opens = period.last_day - datetime.timedelta(days=ahead)
    if today < opens:
        return NOTHING
    return f"""
    SELECT o.id AS subject_id, o.path AS org_path, '{period}' AS period, '{opens}'::date AS opens_on,
           '{period.last_day}'::date AS due_on,
           '{word}还差：' || string_agg(k.name || ' ' || (d.expected - d.actual)
               || CASE WHEN d.slot >= {Unit.MEMBERS.value} THEN ' 名' ELSE ' 次' END, '、' ORDER BY k."order", k.id) AS title,
           '/activities/due/?org=' || o.code AS url, NULL::bigint AS recipient_id
    FROM ({lacking(today)}) d
    JOIN branches_partyorg o ON o.id = d.org_id AND (o.ended_on IS NULL OR o.ended_on > %(today)s)
    JOIN activities_activitykind k ON k.id = d.kind_id
    WHERE d.slot %% {Unit.MEMBERS.value} = {slot.value}
    GROUP BY o.id, o.path, o.code
    """  # noqa: S608 - pieces of this module


def missing_in_month(today: datetime.date) -> str:
    month = Period.month_of(today)
    return _missing(today, month, Slot((month.number - 1) % 3 + 1), MONTH_AHEAD, "本月")


def missing_in_quarter(today: datetime.date) -> str:
    return _missing(today, Period.quarter_of(today), Slot.QUARTER, QUARTER_AHEAD, "本季度")


def missing_in_year(today: datetime.date) -> str:
    return _missing(today, Period.year_of(today), Slot.YEAR, YEAR_AHEAD, "本年度")


def theme_day_ahead(today: datetime.date) -> str:
    """One line for each organisation that owes a theme day this month and has not recorded it yet.

    A plan moves the day, once it stands. From the day on the end of the month speaks for it.
    """
    month = Period.month_of(today)
    kind = Requirement.objects.filter(kind__code="theme_day").values_list("kind", flat=True).first()
    if kind is None:
        return NOTHING
    fixed = sql_value(THEME_DAY, org_path="o.path").replace("%(today)s", f"'{month.start}'")
    return f"""
    SELECT t.id AS subject_id, t.path AS org_path, '{month}' AS period, t.day - {THEME_DAY_AHEAD} AS opens_on,
           t.day AS due_on, '主题党日：' || to_char(t.day, 'FMMM月FMDD日') AS title, t.url, NULL::bigint AS recipient_id
    FROM (
        SELECT o.id, o.path, coalesce(p.held_on, '{month.start}'::date + {fixed} - 1) AS day,
               coalesce('/activities/' || p.activity_id || '/',
                        '/activities/new/?kind=theme_day&org=' || o.code) AS url
        FROM ({lacking(today, kind)}) d
        JOIN branches_partyorg o ON o.id = d.org_id AND (o.ended_on IS NULL OR o.ended_on > %(today)s)
        LEFT JOIN LATERAL (
            SELECT p.held_on, p.activity_id FROM activities_participation p
            WHERE p.org_id = o.id AND p.state = '{State.PLANNED.value}' AND {kind} IN (p.kind_id, p.second_kind_id)
              AND p.held_on >= %(today)s AND p.held_on < '{month.end}'
            ORDER BY p.held_on LIMIT 1
        ) p ON true
        WHERE d.slot = {(month.number - 1) % 3 + 1}
    ) t WHERE t.day >= %(today)s AND t.day - {THEME_DAY_AHEAD} <= %(today)s
    """  # noqa: S608 - pieces of this module


# One line for each organisation whose records or corrections wait, from the oldest of them on.
REVIEW_WAITING = f"""
SELECT w.org_id AS subject_id, w.path AS org_path, to_char(w.since, 'YYYY-MM-DD') AS period,
       w.since + w.days AS opens_on, w.since + w.days AS due_on,
       '待审核「' || w.name || '」的组织生活记录 ' || w.number || ' 条' AS title,
       '/activities/review/?org=' || w.code AS url, NULL::bigint AS recipient_id
FROM (
    SELECT o.id AS org_id, o.path, o.code, coalesce(nullif(o.short_name, ''), o.name) AS name, count(*) AS number,
           min(a.reported_on) AS since, {sql_value(REVIEW_DAYS, org_path="o.path")} AS days
    FROM activities_activity a JOIN branches_partyorg o ON o.id = a.org_id
    WHERE a.state IN ('{State.SUBMITTED.value}', '{State.CORRECTION.value}') AND a.reported_on IS NOT NULL
    GROUP BY o.id, o.path, o.code
) w WHERE w.since + w.days <= %(today)s
"""  # noqa: S608 - pieces of this module

# A plan whose day has passed: it took place and becomes a record, or it is cancelled.
PLANS_PAST = f"""
SELECT a.id AS subject_id, a.org_path, to_char(a.held_on, 'YYYY-MM-DD') AS period, a.held_on + 1 AS opens_on,
       a.held_on + 1 AS due_on, '计划未转为记录「' || a.title || '」' AS title, '/activities/' || a.id || '/' AS url,
       NULL::bigint AS recipient_id
FROM activities_activity a WHERE a.state = '{State.PLANNED.value}' AND a.held_on < %(today)s
"""  # noqa: S608 - pieces of this module

RETURNED = f"""
SELECT a.id AS subject_id, a.org_path, to_char(r.on_day, 'YYYY-MM-DD') AS period, r.on_day AS opens_on,
       r.on_day AS due_on, '记录退回待修改「' || a.title || '」' AS title, '/activities/' || a.id || '/' AS url,
       NULL::bigint AS recipient_id
FROM activities_activity a
CROSS JOIN LATERAL (SELECT (a.reviewed_at AT TIME ZONE 'Asia/Shanghai')::date AS on_day) r
WHERE a.state = '{State.RETURNED.value}' AND a.reviewed_at IS NOT NULL
"""  # noqa: S608 - pieces of this module

ONCE_MORE = Cadence((1,), 0)
"""At the opening, a day before and on the day; a period that is over is shown on the board, not chased."""
EACH_WEEK = Cadence((), 7)

RHYTHMS = Citation("支部工作条例第十一条至第十九条和本地要求", "", "", "P")

register(ReminderRule("activities.theme_day", "主题党日", theme_day_ahead, BRANCH, THEME_DAY_RULE, ONCE_MORE))
register(ReminderRule("activities.month_missing", "本月组织生活", missing_in_month, BRANCH, RHYTHMS, ONCE_MORE))
register(ReminderRule("activities.quarter_missing", "本季度组织生活", missing_in_quarter, BRANCH, ASSEMBLY, ONCE_MORE))
register(
    ReminderRule("activities.year_missing", "本年度组织生活", missing_in_year, BRANCH, RHYTHMS, Cadence((10, 1), 0))
)
register(
    ReminderRule("activities.review_waiting", "组织生活记录待审核", REVIEW_WAITING, REVIEWERS, PRACTICE, EACH_WEEK)
)
register(ReminderRule("activities.plan_past", "计划转为记录", PLANS_PAST, BRANCH, PRACTICE, EACH_WEEK))
register(ReminderRule("activities.returned", "记录退回待修改", RETURNED, BRANCH, PRACTICE, EACH_WEEK))
