"""What venues, lecturers, training and study add to pages of others."""

from __future__ import annotations

from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.branches.rules import BRANCH_KINDS, OrgKind
from apps.core.attachments import guard_attachments
from apps.core.guard import may
from apps.core.panels import HOME_TODO, MEMBER_PANELS, Panel, PanelContext, TodoItem, register
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.enterprises.views.tables import section
from apps.members.models import Member, Post

from .. import directory, permissions
from ..compliance.due_lines import DUE_LINES
from ..ledgers.hours import coverage_is, secretaries
from ..ledgers.venues import events_in
from ..models import Attendance, LecturerBooking, Participation, Venue, VenueBooking
from ..parameters import centre_event_notice
from ..rules.education import LECTURERS, NEW_SECRETARY, THEMES, Coverage
from ..rules.hours import hours_missing, hours_needed, leaders_day
from ..rules.venues import BOOKING, MONTHLY_EVENT
from ..study_figures import hours_in
from ..tables import table

NAMED: Final = 3
"""How many names a line on another page says before it only counts (appearance only)."""
SHOWN: Final = 30


def waiting_bookings(context: PanelContext) -> TodoItem | None:
    """Requests for one's own venues that wait for an answer."""
    rows = VenueBooking.objects.waiting().filter(required_scope().as_q("org_path"), starts_at__date__gte=context.today)
    found = list(rows.select_related("venue").order_by("starts_at", "pk")[: NAMED + 1])
    if not found:
        return None
    count = len(found) if len(found) <= NAMED else rows.count()
    names = "、".join(f"{row.venue.name}（{row.purpose}）" for row in found[:NAMED]) + ("等" if count > NAMED else "")
    url = f"/venues/bookings/{found[0].pk}/answer/" if count == 1 else "/venues/bookings/?state=requested"
    return TodoItem(f"{count} 个阵地预约等待答复", names, url, "去答复", found[0].starts_at.date(), str(BOOKING), count)


def waiting_invitations(context: PanelContext) -> TodoItem | None:
    """Requests for lecturers of one's own pool that wait for an answer."""
    rows = LecturerBooking.objects.waiting().filter(required_scope().as_q("org_path"), on__gte=context.today)
    found = list(rows.select_related("lecturer").order_by("on", "pk")[: NAMED + 1])
    if not found:
        return None
    count = len(found) if len(found) <= NAMED else rows.count()
    names = "、".join(f"{row.lecturer.name}（{row.topic}）" for row in found[:NAMED]) + ("等" if count > NAMED else "")
    url = f"/lecturers/bookings/{found[0].pk}/answer/" if count == 1 else "/lecturers/bookings/?state=requested"
    return TodoItem(f"{count} 个讲师邀请等待答复", names, url, "去答复", found[0].on, str(LECTURERS), count)


def idle_centres(context: PanelContext) -> TodoItem | None:
    """Centres of an office without an event this month, from the notice of the place on; a branch has its due lines."""
    if not may(context.user, permissions.REVIEW):
        return None
    month = Period.month_of(context.today)
    if (month.last_day - context.today).days > centre_event_notice(context.today):
        return None
    rows = Venue.objects.as_of(month.last_day).centres().annotate(events=events_in(month)).filter(events=0)
    found = list(rows.order_by("org_path", "pk")[: NAMED + 1])
    if not found:
        return None
    count = len(found) if len(found) <= NAMED else rows.count()
    names = "、".join(row.name for row in found[:NAMED]) + ("等" if count > NAMED else "")
    url = found[0].get_absolute_url() if count == 1 else "/venues/events/"
    title = f"{count} 个中心{month.label}还没有活动记录"
    return TodoItem(title, names, url, "查看", month.last_day, str(MONTHLY_EVENT), count)


def due_here(context: PanelContext) -> list[TodoItem]:
    """In 我还差什么 of an organisation: the theme of the month, and the event of its own centres."""
    org: PartyOrg = context.subject
    month = Period.month_of(context.today)
    held = Participation.objects.counted().held_in(month).filter(org=org)
    done = set(held.filter(activity__theme__isnull=False).values_list("activity__theme", flat=True))
    asked = [] if OrgKind(org.kind) not in BRANCH_KINDS else directory.themes_for(org.path, context.today)
    lines = [
        TodoItem(f"月度专题：{theme.title}", f"{theme.org}安排，{month.label}内开展一次",
                 f"/activities/new/?kind=theme_day&theme={theme.pk}", "记录", month.last_day, str(THEMES))
        for theme in asked if theme.pk not in done
    ]  # fmt: skip
    rows = Venue.objects.as_of(month.last_day).centres().filter(org=org).annotate(events=events_in(month))
    return lines + [
        TodoItem(f"中心月度活动：{row.name}", f"{month.label}还没有活动记录", f"/activities/new/?venue={row.pk}", "记录",
                 month.last_day, str(MONTHLY_EVENT))
        for row in rows.filter(events=0)
    ]  # fmt: skip


def untrained_secretaries(context: PanelContext) -> TodoItem | None:
    """New secretaries whose months are over without a class."""
    rows = secretaries(context.today).filter(coverage_is(Coverage.LATE, context.today))
    names = list(rows.order_by("since", "pk").values_list("name", flat=True)[: NAMED + 1])
    if not names:
        return None
    count = len(names) if len(names) <= NAMED else rows.count()
    said = "、".join(names[:NAMED]) + ("等" if count > NAMED else "")
    url = f"/training/secretaries/?coverage={Coverage.LATE.value}"
    return TodoItem(f"{count} 名新任书记超期未参训", said, url, "查看", basis=str(NEW_SECRETARY), count=count)


def member_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of a member: the 学时 of this year and the last, and where this year's come from."""
    member: Member = context.subject
    year = context.today.year
    rows = Attendance.objects.counted().in_year(year).filter(member=member, hours__gt=0)
    lines = [
        [
            {"text": f"{row.held_on:%Y-%m-%d}", "nowrap": True},
            {"text": row.activity.title},
            {"text": row.activity.kind.name},
            {"text": str(row.activity.org)},
            {"text": f"{row.hours.normalize():f}", "numeric": True},
        ]
        for row in rows.select_related("activity__kind", "activity__org").order_by("-held_on", "-pk")[:SHOWN]
    ]
    found = section(
        "hours", f"{year}年学时", table(("日期", "主题", "类型", "党组织", "学时"), lines, "今年还没有学时。"), None
    )
    leads = Post.objects.as_of(leaders_day(year, context.today)).committee().filter(member=member).exists()
    mine = Member.objects.filter(pk=member.pk).annotate(this=hours_in(year, "pk"), last=hours_in(year - 1, "pk"))
    hours = mine.values_list("this", "last").first()
    if hours is None:
        return None
    missing = hours_missing(hours[0], is_leader=leads)
    said = f"{hours[0].normalize():f} / {hours_needed(is_leader=leads)} 学时"
    rest = f"，还差 {missing.normalize():f}" if missing else "，已达标"
    return {**found, "note": f"{said}{rest}；上年 {hours[1].normalize():f}"}


guard_attachments("activities.venue", view=permissions.VIEW, change=permissions.KEEP_VENUES)
guard_attachments("activities.studymaterial", view=permissions.VIEW, change=permissions.ISSUE)
register(HOME_TODO, Panel("activities.bookings", permissions.KEEP_VENUES, waiting_bookings, order=42))
register(HOME_TODO, Panel("activities.invitations", permissions.RUN_TRAINING, waiting_invitations, order=43))
register(HOME_TODO, Panel("activities.centres", permissions.KEEP_VENUES, idle_centres, order=44))
register(HOME_TODO, Panel("activities.untrained", permissions.RUN_TRAINING, untrained_secretaries, order=45))
register(DUE_LINES, Panel("activities.education", permissions.KEEP, due_here, order=60))
register(MEMBER_PANELS, Panel("activities.hours", permissions.VIEW, member_section, order=30))
