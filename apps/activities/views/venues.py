"""阵地: the book, one venue, its standard list, the month of the centres."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.core.attachments import attach
from apps.core.clock import local
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.core.views import DetailPage, EditPage, FormPage
from apps.enterprises.views.attachments import FileForm, files_section
from apps.enterprises.views.common import buttons
from apps.enterprises.views.lists import RegisterList
from apps.enterprises.views.tables import section

from .. import permissions
from ..forms import venues as forms
from ..kinds import VenueKind
from ..ledgers.venues import BOOKING_TONES, VenueLedger, on_roster
from ..models import Activity, Venue, VenueBooking
from ..rules.venues import CHECKLIST, MONTHLY_EVENT, STANDARD, venue_findings
from ..services import venues as services
from ..tables import table

VENUES = {"label": "阵地台账", "url": "/venues/"}
DAYS_SHOWN = 7


class VenueList(RegisterList):
    """阵地台账."""

    ledger = VenueLedger
    offers = (
        (permissions.KEEP_VENUES, "登记阵地", "/venues/new/"),
        (permissions.KEEP_VENUES, "导入", "/imports/activities.venues/"),
        (permissions.KEEP, "预约阵地", "/venues/offered/"),
        (permissions.VIEW, "预约台账", "/venues/bookings/"),
        (permissions.VIEW, "中心月度活动", "/venues/events/"),
    )


def venues() -> Any:
    return Venue.objects.select_related("org", "park", "enterprise", "part_of").annotate(members=on_roster())


class VenuePage(DetailPage):
    """One venue: what it is, what it lacks, what is held there, who has booked it this week."""

    permission = permissions.VIEW
    object: Venue

    def get_queryset(self) -> Any:
        return venues()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        whole = self.object.part_of
        return [VENUES, *([{"label": whole.name, "url": whole.get_absolute_url()}] if whole else [])]

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        badges = [{"text": row.get_kind_display(), "tone": "info"}]
        if row.open_to_others:
            badges.append({"text": "对外开放", "tone": "success"})
        if row.until:
            badges.append({"text": f"{row.until:%Y-%m-%d} 停用", "tone": "neutral"})
        return badges

    def get_actions(self) -> list[dict[str, Any]]:
        row, keep = self.object, permissions.KEEP_VENUES
        here = row.get_absolute_url()
        if row.until:
            return buttons(self.request.user, row, (keep, "修改", f"{here}edit/"))
        book = [] if self.rooms else [(permissions.KEEP, "预约", f"/venues/offered/{row.pk}/")]
        return buttons(self.request.user, row, *book, (keep, "核查配置", f"{here}check/"), (keep, "修改", f"{here}edit/"),
                       (keep, "停用", f"{here}close/"))  # fmt: skip

    @property
    def rooms(self) -> list[Venue]:
        if not hasattr(self, "_rooms"):
            self._rooms = list(Venue.objects.as_of(self.today).filter(part_of=self.object).order_by("name", "pk"))
        return self._rooms

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        park = {"label": "园区", "value": row.park.name if row.park else ""}
        return [
            {"label": "责任党组织", "value": row.org.name, "url": row.org.get_absolute_url()},
            park,
            {"label": "面积", "value": f"{row.area.normalize():f} 平方米" if row.area else ""},
            {"label": "座位数", "value": row.seats},
            {"label": "开放时间", "value": row.opening_hours},
            {"label": "联系人", "value": row.contact_name},
            {"label": "启用日期", "value": row.since},
            *([{"label": "所在企业", "value": row.enterprise.name}] if row.enterprise else []),
            {"label": "地址", "value": row.address, "wide": True},
            *([{"label": "布局", "value": row.layout, "wide": True}] if row.layout else []),
            *([{"label": "备注", "value": row.note, "wide": True}] if row.note else []),
        ]

    def get_sections(self) -> list[dict[str, Any]]:
        row = self.object
        files = files_section(row, self.request.user, keep=permissions.KEEP_VENUES)  # type: ignore[arg-type]
        rooms = [self._rooms_section()] if self.rooms else []
        bookings = [] if self.rooms else [self._week()]
        return [
            self._checklist(), *rooms, self._events(), *bookings,
            {**files, "title": "照片和附件", "empty": "还没有照片。现场照片可以放在这里，拍摄地点会去掉。"},
        ]  # fmt: skip

    def _checklist(self) -> dict[str, Any]:
        row: Any = self.object
        lines = [
            [{"text": item.label, "nowrap": True}, _tick(row.checklist.get(item.code)), {"text": item.detail or " "}]
            for item in CHECKLIST
        ]
        found = section("checklist", "标准配置", table(("项目", "情况", "要求"), lines, ""), None)
        findings = venue_findings(row.checklist, row.area, row.members)
        checked = f"{row.checked_on:%Y-%m-%d} 核查" if row.checked_on else "还没有核查"
        return {**found, "template": "activities/_checklist.html", "note": checked, "findings": findings,
                "basis": STANDARD}  # fmt: skip

    def _rooms_section(self) -> dict[str, Any]:
        lines = [
            [
                {"text": room.name, "url": room.get_absolute_url()},
                {"text": room.get_kind_display()},
                {"text": f"{room.area.normalize():f}" if room.area else "", "numeric": True},
                {"text": room.seats, "numeric": True},
                {"text": "预约", "url": f"/venues/offered/{room.pk}/"},
            ]
            for room in self.rooms
        ]
        return section("rooms", "房间", table(("名称", "类别", "面积", "座位", "办理"), lines, ""), None)

    def _events(self) -> dict[str, Any]:
        """What was held here this month; a centre without anything is told what it owes."""
        month = Period.month_of(self.today)
        rows = held_in(self.object, month).select_related("kind", "org")[:20]
        lines = [
            [
                {"text": f"{row.held_on:%Y-%m-%d}", "nowrap": True},
                {"text": row.title, "url": row.get_absolute_url()},
                {"text": row.kind.name},
                {"text": str(row.org)},
            ]
            for row in rows
        ]
        empty = f"{month.label}还没有在这里举办的活动。"
        owed = self.object.kind == VenueKind.CENTRE
        found = section("events", "本月活动", table(("日期", "主题", "类别", "党组织"), lines, empty), None)
        return {**found, "note": str(MONTHLY_EVENT) if owed else ""}

    def _week(self) -> dict[str, Any]:
        begin = timezone.make_aware(datetime.datetime.combine(self.today, datetime.time()))
        end = begin + datetime.timedelta(days=DAYS_SHOWN)
        rows = VenueBooking.objects.holding().within(begin, end).filter(venue=self.object)
        lines = [
            [
                {"text": span(row), "url": f"/venues/bookings/{row.pk}/", "nowrap": True},
                {"text": str(row.other_org or "")},
                {"text": row.purpose},
                {"text": row.get_state_display(), "badge": BOOKING_TONES.get(row.state, "neutral")},
            ]
            for row in rows.select_related("other_org").order_by("starts_at")
        ]
        empty = f"今后 {DAYS_SHOWN} 天没有预约。"
        link = ("全部预约", f"/venues/bookings/?venue={self.object.name}")
        return section("bookings", "一周预约", table(("时间", "党组织", "用途", "状态"), lines, empty), link)


def held_in(venue: Venue, month: Period) -> Any:
    """Counted records of the month in the venue or in a room of it, in the active scope."""
    here = Q(venue=venue) | Q(venue__part_of=venue)
    return Activity.objects.counted().held_in(month).filter(here).order_by("held_on", "pk")


def span(row: Any) -> str:
    """11-23 14:00–16:00, by the clock on the wall."""
    begin, end = local(row.starts_at), local(row.ends_at)
    return (
        f"{begin:%m-%d %H:%M}–{end:%H:%M}" if begin.date() == end.date() else f"{begin:%m-%d %H:%M}–{end:%m-%d %H:%M}"
    )


def _tick(there: Any) -> dict[str, Any]:
    if there is None:
        return {"text": "未核查", "badge": "neutral"}
    return {"text": "有", "badge": "success"} if there else {"text": "缺", "badge": "warning"}


class RegisterVenue(FormPage):
    """登记阵地."""

    permission = permissions.KEEP_VENUES
    form_class = forms.RegisterVenueForm
    title = "登记阵地"
    submit_label = "登记"
    success_message = "已登记。接着对照标准配置核查一次。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VENUES]

    def get_cancel_url(self) -> str:
        return VENUES["url"]

    def get_initial(self) -> dict[str, Any]:
        return {"org": own_org(), "since": self.today}

    def perform(self, form: Any) -> Venue:
        facts = form.facts()
        return services.register_venue(org=facts.pop("org"), facts=facts, today=self.today, actor=self.request.user)


def own_org() -> PartyOrg | None:
    """The organisation at whose node the reader works, where there is one."""
    roots = required_scope().roots()
    return PartyOrg.objects.filter(path=roots[0], ended_on=None).first() if len(roots) == 1 else None


class PartOfVenue(EditPage):
    """A form about one venue."""

    permission = permissions.KEEP_VENUES
    object: Venue

    def get_queryset(self) -> Any:
        return venues()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VENUES, {"label": self.object.name, "url": self.object.get_absolute_url()}]

    def common(self, form: Any) -> dict[str, Any]:
        version = form.cleaned_data["version"]
        return {"venue": self.object, "today": self.today, "actor": self.request.user, "version": version}


class EditVenue(PartOfVenue):
    form_class = forms.VenueForm
    title = "修改阵地"

    def perform(self, form: Any) -> Venue:
        return services.change_venue(facts=form.facts(), **self.common(form))


class CheckVenue(PartOfVenue):
    """核查标准配置."""

    form_class = forms.CheckForm
    title = "核查标准配置"
    success_message = "已记下核查结果。"

    def get_basis(self) -> list[Any]:
        return [STANDARD]

    def get_initial(self) -> dict[str, Any]:
        there = [code for code, found in self.object.checklist.items() if found]
        return {"version": self.object.version, "there": there, "on": self.today}

    def perform(self, form: Any) -> Venue:
        return services.check_venue(**form.facts(), **self.common(form))


class CloseVenue(PartOfVenue):
    form_class = forms.CloseVenueForm
    title = "停用阵地"
    submit_label = "停用"
    success_message = "已停用。"
    danger = True

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def perform(self, form: Any) -> Venue:
        return services.close_venue(**form.facts(), **self.common(form))


class AttachToVenue(PartOfVenue):
    """A photo of the place."""

    form_class = FileForm
    title = "上传照片"
    submit_label = "上传"
    success_message = "附件已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        attach(file=form.cleaned_data["file"], target=self.object, actor=self.request.user)
        return f"{self.object.get_absolute_url()}#files"
