"""讲师台账: the pool with what each taught in a year, and invitations as both sides see them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Q, Value

from apps.branches.ledgers.common import organization_filter
from apps.core.clock import minute
from apps.core.errors import DomainError
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.scoping import required_scope
from apps.enterprises.ledgers.common import link_to
from apps.members.ledgers.posts import member_link

from .. import permissions
from ..kinds import BookingState
from ..models import Lecturer, LecturerBooking
from .records import recent_years
from .venues import BOOKING_TONES, is_kept


@register
class LecturerLedger(Ledger):
    """讲师台账: 红色讲师团."""

    code, title, permission = "activities.lecturers", "讲师台账", permissions.VIEW
    lead = "授课次数按本年度记录中选了这位讲师的活动计数。"
    columns = (
        Column("name", "姓名", link=lambda row: row.get_absolute_url()),
        Column("member_code", "党员编号", "member.code", link=member_link, default=False),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("unit", "单位及职务"),
        Column("topics", "主讲专题"),
        Column("sessions", "授课次数", kind=Kind.INTEGER,
               link=lambda row: f"/activities/held/?lecturer={row.pk}&period={row.asked_year}" if row.sessions else ""),
        Column("since", "入团日期", kind=Kind.DATE),
        Column("until", "退出日期", kind=Kind.DATE, default=False),
        Column("note", "备注", default=False),
    )  # fmt: skip
    filters = (
        Filter("year", "年度", choices=recent_years, apply=lambda rows, value, ledger: rows),
        organization_filter(),
        Filter("taught", "本年度授过课", kind="bool",
               apply=lambda rows, value, ledger: rows.filter(sessions__gt=0) if value else rows.filter(sessions=0)),
        Filter("all", "含已退出", kind="bool", apply=lambda rows, value, ledger: rows),
    )  # fmt: skip
    orderings = {
        "": Ordering("按组织", ("org_path", "pk")),
        "busy": Ordering("授课多的在前", ("-sessions", "pk")),
    }
    search_hint = "姓名、专题"
    empty_text = "讲师团还没有人。点「登记讲师」，或导入已有的名单。"

    @cached_property
    def year(self) -> int:
        text = self.params.get("year", "") or str(self.today.year)
        if not text.isdecimal() or not 1900 <= int(text) <= 2999:
            raise DomainError("筛选条件「年度」没有这个选项。", code="bad_filter", field="year")
        return int(text)

    def rows(self) -> Any:
        rows = Lecturer.objects.select_related("org", "member")
        if self.params.get("all") != "1":
            rows = rows.as_of(self.today)
        return rows.with_sessions(self.year).annotate(asked_year=Value(self.year))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(Q(name__icontains=text.strip()) | Q(topics__icontains=text.strip()))


def state_of(row: LecturerBooking) -> str:
    """已完成 once a record of that day names the lecturer, else what was answered."""
    done = row.state == BookingState.ACCEPTED and getattr(row, "is_done", False)
    return BookingState.DONE.value if done else row.state


@register
class LecturerBookingLedger(Ledger):
    """讲师预约: who invites whom on which day, and whether it took place."""

    code, title, permission = "activities.lecturer_bookings", "讲师预约台账", permissions.VIEW
    columns = (
        Column("lecturer", "讲师", "lecturer.name", link=lambda row: f"/lecturers/bookings/{row.pk}/"),
        Column("on", "日期", kind=Kind.DATE),
        Column("topic", "题目"),
        Column("place", "地点", default=False),
        Column("side", "方向", lambda row: "本组织的讲师" if is_kept(row) else "邀请"),
        Column("org", "讲师团", lambda row: str(row.org), link=link_to("org"), default=False),
        Column("other", "邀请党组织", lambda row: str(row.other_org or ""), link=link_to("other_org")),
        Column("contact_name", "联系人", default=False),
        Column("state", "状态", state_of, choices=dict(BookingState.choices()),
               tone=lambda row: BOOKING_TONES.get(BookingState(state_of(row)), "neutral")),
        Column("answer", "答复", default=False),
        Column("requested_at", "预约时间", lambda row: minute(row.requested_at), default=False),
    )  # fmt: skip
    filters = (
        Filter(
            "state", "状态", choices=BookingState.choices(), apply=lambda rows, value, ledger: _in_state(rows, value)
        ),
        Filter("since", "从", kind="date", lookup="on__gte"),
        Filter("until", "到", kind="date", lookup="on__lte"),
        Filter("lecturer", "讲师", kind="text", lookup="lecturer__name__icontains"),
        Filter("mine", "由本组织邀请", kind="bool", apply=lambda rows, value, ledger: _asked(rows, value)),
    )
    orderings = {"": Ordering("最近在前", ("-on", "-pk"))}
    empty_text = "还没有预约。在「邀请讲师」里选一位。"

    def rows(self) -> Any:
        return LecturerBooking.objects.select_related("lecturer", "org", "other_org").with_done()


def _in_state(rows: Any, value: str) -> Any:
    if value == BookingState.DONE:
        return rows.filter(state=BookingState.ACCEPTED, is_done=True)
    return rows.filter(state=value, is_done=False) if value == BookingState.ACCEPTED else rows.filter(state=value)


def _asked(rows: Any, value: bool) -> Any:
    asked = ~Q(other_path="") & required_scope().as_q("other_path")
    return rows.filter(asked) if value else rows.exclude(asked)
