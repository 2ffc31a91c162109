"""阵地台账 with the standard list and this month's events, and 阵地预约 as both sides see them."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from apps.branches.ledgers.common import organization_filter
from apps.core.clock import minute
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.enterprises.ledgers.common import link_to, parks
from apps.members.models import Member

from .. import permissions
from ..kinds import BookingState, VenueKind
from ..models import Activity, Venue, VenueBooking
from ..rules.venues import CHECKLIST, missing_items, venue_findings

BOOKING_TONES = {
    BookingState.REQUESTED: "warning", BookingState.ACCEPTED: "success", BookingState.DONE: "success",
}  # fmt: skip


def on_roster(org: str = "org_id") -> Any:
    """How many members the branch of a row has; NULL for an organisation without a roster of its own."""
    rows = Member.objects.on_roster().filter(org=OuterRef(org)).order_by()
    return Subquery(rows.values("org").annotate(n=Count("pk")).values("n"))


def events_in(period: Period) -> Any:
    """How many counted records of the period were held in the venue of a row or in a room of it."""
    rows = Activity.objects.counted().held_in(period).order_by()
    own = rows.filter(venue=OuterRef("pk")).values("venue").annotate(n=Count("pk")).values("n")
    within = rows.filter(venue__part_of=OuterRef("pk")).values("venue__part_of").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(own), 0) + Coalesce(Subquery(within), 0)


def shortfall(row: Any) -> str:
    """What falls short of the standard list, in one line; nothing for a venue that nobody has checked."""
    return "；".join(f.message.rstrip("。") for f in venue_findings(row.checklist, row.area, row.members))


def _check_column(code: str, label: str) -> Column:
    return Column(code, label, lambda row: row.checklist.get(code), kind=Kind.BOOL, default=False)


def _incomplete() -> Q:
    """Not every line of the list is ticked."""
    return ~Q(**{f"checklist__{item.code}": True for item in CHECKLIST})


@register
class VenueLedger(Ledger):
    """阵地台账: every venue with what stands in it, whether others may use it, and what was held there this month."""

    code, title, permission = "activities.venues", "阵地台账", permissions.VIEW
    columns = (
        Column("name", "名称", link=lambda row: row.get_absolute_url()),
        Column("kind", "类别", choices=dict(VenueKind.choices())),
        Column("org", "责任党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("park", "园区", "park.name", link=link_to("park")),
        Column("part_of", "所属阵地", "part_of.name", link=link_to("part_of"), default=False),
        Column("address", "地址", default=False),
        Column("area", "面积（平方米）", lambda row: row.area and Decimal(row.area), kind=Kind.MONEY),
        Column("seats", "座位数", kind=Kind.INTEGER),
        Column("layout", "布局", default=False),
        Column("open_to_others", "对外开放", kind=Kind.BOOL),
        Column("opening_hours", "开放时间", default=False),
        Column("contact_name", "联系人", default=False),
        Column("missing", "标准配置缺项", lambda row: len(missing_items(row.checklist)) if row.checklist else None, kind=Kind.INTEGER,
               link=lambda row: f"{row.get_absolute_url()}#checklist"),
        Column("shortfall", "不足", shortfall, default=False),
        *(_check_column(item.code, item.label) for item in CHECKLIST),
        Column("checked_on", "核查日期", kind=Kind.DATE),
        Column("events", "本月活动", kind=Kind.INTEGER, link=lambda row: f"{row.get_absolute_url()}#events"),
        Column("since", "启用日期", kind=Kind.DATE, default=False),
        Column("until", "停用日期", kind=Kind.DATE, default=False),
        Column("note", "备注", default=False),
    )  # fmt: skip
    filters = (
        organization_filter(),
        Filter("kind", "类别", choices=VenueKind.choices()),
        Filter("park", "园区", choices=parks),
        Filter("open_to_others", "对外开放", kind="bool"),
        Filter("complete", "配置齐全", kind="bool",
               apply=lambda rows, value, ledger: rows.exclude(_incomplete()) if value else rows.filter(_incomplete())),
        Filter("idle", "本月没有活动", kind="bool",
               apply=lambda rows, value, ledger: rows.filter(events=0) if value else rows.filter(events__gt=0)),
        Filter("all", "含已停用", kind="bool", apply=lambda rows, value, ledger: rows),
    )  # fmt: skip
    orderings = {
        "": Ordering("按组织", ("org_path", "pk")),
        "newest": Ordering("最近启用在前", ("-since", "-pk")),
    }
    search_hint = "名称、地址"
    empty_text = "还没有登记阵地。点「登记阵地」，或导入已有的台账。"

    def rows(self) -> Any:
        rows = Venue.objects.select_related("org", "park", "part_of")
        if self.params.get("all") != "1":
            rows = rows.as_of(self.today)
        return rows.annotate(members=on_roster(), events=events_in(Period.month_of(self.today)))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(Q(name__icontains=text) | Q(address__icontains=text))


def is_kept(row: VenueBooking) -> bool:
    """Whether the reader answers for the venue; otherwise it is the own request to another organisation."""
    return required_scope().covers(row.org_path)


@register
class BookingLedger(Ledger):
    """阵地预约: requests for the venues of the scope, and its own requests for venues of others."""

    code, title, permission = "activities.bookings", "阵地预约台账", permissions.VIEW
    columns = (
        Column("venue", "阵地", "venue.name", link=lambda row: f"/venues/bookings/{row.pk}/"),
        Column("starts_at", "开始时间", lambda row: minute(row.starts_at)),
        Column("ends_at", "结束时间", lambda row: minute(row.ends_at)),
        Column("purpose", "用途"),
        Column("people", "人数", kind=Kind.INTEGER),
        Column("side", "方向", lambda row: "本组织的阵地" if is_kept(row) else "借用"),
        Column("org", "管理党组织", lambda row: str(row.org), link=link_to("org"), default=False),
        Column("other", "预约党组织", lambda row: str(row.other_org or ""), link=link_to("other_org")),
        Column("contact_name", "预约人", default=False),
        Column("state", "状态", choices=dict(BookingState.choices()), tone=lambda row: BOOKING_TONES.get(row.state, "neutral")),
        Column("answer", "答复", default=False),
        Column("requested_at", "预约时间", lambda row: minute(row.requested_at), default=False),
    )  # fmt: skip
    filters = (
        Filter("state", "状态", choices=[(s.value, s.label) for s in BookingState if s is not BookingState.DONE]),
        Filter("since", "从", kind="date", apply=lambda rows, day, ledger: rows.filter(starts_at__date__gte=day)),
        Filter("until", "到", kind="date", apply=lambda rows, day, ledger: rows.filter(starts_at__date__lte=day)),
        Filter("venue", "阵地", kind="text", lookup="venue__name__icontains"),
        Filter("mine", "向别处借用", kind="bool", apply=lambda rows, value, ledger: _sided(rows, value)),
    )
    orderings = {
        "": Ordering("最近在前", ("-starts_at", "-pk")),
        "asked": Ordering("最近申请在前", ("-requested_at", "-pk")),
    }
    empty_text = "还没有预约。在「可预约的阵地」里选一处。"

    def rows(self) -> Any:
        return VenueBooking.objects.select_related("venue", "org", "other_org")


def _sided(rows: Any, borrowed: bool) -> Any:
    kept = required_scope().as_q("org_path")
    return rows.exclude(kept) if borrowed else rows.filter(kept)


def month_named(text: str, today: datetime.date) -> Period:
    """The month that an address names as 2026-11, else this one."""
    try:
        found = Period.parse(text)
    except ValueError:
        return Period.month_of(today)
    return found if found.kind == "month" else Period.month_of(today)
