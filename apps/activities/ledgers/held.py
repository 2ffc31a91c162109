"""活动明细: each counted activity once, with its 受教育人次; what figures about forms, lecturers, themes and venues open to."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q

from apps.branches.ledgers.common import organization_filter
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.periods import Period
from apps.enterprises.ledgers.common import link_to

from .. import permissions
from ..kinds import Book
from ..models import Activity
from .records import FORMS, kinds_of

PEOPLE = F("present") + F("visitors") + F("others_present")
"""受教育人次: everybody who was there, members of the branch or not."""


def in_period(rows: Any, text: str, ledger: Ledger) -> Any:
    """Narrow to a month, quarter or year; what names none narrows to nothing."""
    try:
        return rows.held_in(Period.parse(text))
    except ValueError:
        return rows.none()


def in_venue(rows: Any, pk: int, ledger: Ledger) -> Any:
    return rows.filter(Q(venue=pk) | Q(venue__part_of=pk))


@register
class HeldLedger(Ledger):
    """活动明细: a joint activity is one line, of the organisation that held it."""

    code, title, permission = "activities.held", "活动明细", permissions.VIEW
    lead = "已提交或已确认的活动，一次活动一行（联合活动记在主办党组织）；受教育人次包括来访党员和其他参加人员。"
    columns = (
        Column("held_on", "日期", kind=Kind.DATE, link=lambda row: row.get_absolute_url()),
        Column("title", "主题", link=lambda row: row.get_absolute_url()),
        Column("kind", "类型", "kind.name"),
        Column("form", "形式", "form.name"),
        Column("org", "主办党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("theme", "专题", "theme.title", default=False),
        Column("lecturer", "讲师", "lecturer.name", default=False),
        Column("speaker", "主讲", default=False),
        Column("venue", "阵地", "venue.name", default=False),
        Column("place", "地点", default=False),
        Column("present", "实到", kind=Kind.INTEGER),
        Column("visitors", "来访党员", kind=Kind.INTEGER, default=False),
        Column("others", "其他参加人数", "others_present", kind=Kind.INTEGER, default=False),
        Column("people", "受教育人次", kind=Kind.INTEGER),
        Column("study_hours", "学时", kind=Kind.MONEY, default=False),
    )
    filters = (
        Filter("form", "形式", choices=FORMS),
        Filter("kind", "类型", choices=kinds_of(*Book), apply=lambda rows, kind, ledger: rows.of_kind(kind)),
        Filter("period", "期间（如2026Q3、2026-09、2026）", kind="text", apply=in_period),
        organization_filter(),
        Filter("theme", "专题编号", kind="number"),
        Filter("lecturer", "讲师编号", kind="number"),
        Filter("venue", "阵地编号", kind="number", apply=in_venue),
        Filter("with_form", "注明形式", kind="bool",
               apply=lambda rows, value, ledger: rows.filter(form__isnull=not value)),
    )  # fmt: skip
    orderings = {
        "": Ordering("最近的在前", ("-held_on", "-pk")),
        "org": Ordering("按党组织", ("org_path", "-held_on", "-pk")),
    }
    search_hint = "主题"
    empty_text = "还没有提交的活动记录。"

    def rows(self) -> Any:
        rows = Activity.objects.counted().annotate(people=PEOPLE)
        return rows.select_related("kind", "form", "org", "theme", "lecturer", "venue")

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(title__icontains=text.strip())
