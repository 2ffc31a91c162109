"""先锋岗台账: posts of every kind as they stood on a day, with those who manned them."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q

from apps.branches.ledgers.common import organization_filter
from apps.branches.models import PartyOrg
from apps.core.clock import day_named
from apps.core.errors import DomainError
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.enterprises.ledgers.common import link_to
from apps.enterprises.models import Enterprise
from apps.members.ledgers.sides import named_like

from .. import permissions
from ..kinds import PostKind
from ..models import PioneerPost, PostMember


def crew(row: Any) -> list[PostMember]:
    """The seats of the day, the leader first."""
    return list(row.crew)


def leader_of(row: Any) -> str:
    return next((seat.member.name for seat in crew(row) if seat.leads), "")


def names_of(row: Any) -> str:
    return "、".join(seat.member.name for seat in crew(row))


def vacancies_of(row: Any) -> int:
    return 0 if row.until else sum(not seat.held for seat in crew(row))  # type: ignore[attr-defined]


def own_only(rows: Any, value: bool, ledger: Ledger) -> Any:
    """Only the posts of the chosen organisation itself, without those below it; by code or name, as the filter `org`."""
    found = PartyOrg.objects.called(ledger.params.get("org", ""))
    return rows.filter(org=found[0]) if value and len(found) == 1 else rows


@register
class PostLedger(Ledger):
    """先锋岗台账: 责任区、先锋岗、评比台、攻坚队、技术革新、互助队, each with members, duty and result."""

    code, title, permission = "activities.posts", "先锋岗台账", permissions.VIEW
    columns = (
        Column("name", "名称", link=lambda row: row.get_absolute_url()),
        Column("kind", "类别", choices=dict(PostKind.choices())),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("enterprise", "所在企业", "enterprise.name", link=link_to("enterprise")),
        Column("credit_code", "统一社会信用代码", "enterprise.credit_code", default=False),
        Column("place", "岗位（区域）"),
        Column("leader", "负责人", leader_of),
        Column("members", "成员", names_of),
        Column("headcount", "人数", lambda row: len(crew(row)), kind=Kind.INTEGER),
        Column("vacancies", "空缺", vacancies_of, kind=Kind.INTEGER, tone=lambda row: "warning" if vacancies_of(row) else ""),
        Column("duty", "职责（内容）", default=False),
        Column("result", "成效", default=False),
        Column("since", "设立日期", kind=Kind.DATE),
        Column("until", "撤销日期", kind=Kind.DATE, default=False),
        Column("ended_reason", "撤销原因", default=False),
    )  # fmt: skip
    filters = (
        Filter("on", "截至日期", kind="date", apply=lambda rows, value, ledger: rows),
        organization_filter(),
        Filter("own", "只看本级", kind="bool", apply=own_only),
        Filter("kind", "类别", choices=PostKind.choices()),
        Filter("enterprise", "所在企业（名称或信用代码）", kind="text",
               apply=lambda rows, text, ledger: rows.filter(enterprise__in=Enterprise.objects.matching(text))),
        Filter("vacant", "有空缺", kind="bool", apply=lambda rows, value, ledger: ledger.by_vacancy(rows, value)),
        Filter("result", "已登记成效", kind="bool",
               apply=lambda rows, value, ledger: rows.exclude(result="") if value else rows.filter(result="")),
        Filter("all", "含已撤销", kind="bool", apply=lambda rows, value, ledger: rows),
    )  # fmt: skip
    orderings = {
        "": Ordering("按党组织", ("org_path", "pk")),
        "newest": Ordering("最近设立在前", ("-since", "-pk")),
    }
    search_hint = "名称，或成员姓名、拼音首字母"
    empty_text = "还没有登记先锋岗、责任区。点「登记」，或导入已有的台账。"

    @cached_property
    def on(self) -> datetime.date:
        """The day that is asked about. Raises DomainError for one that has not come."""
        day = day_named(self.params.get("on", "")) or self.today
        if day > self.today:
            raise DomainError("台账只到今天，请选择今天或以前的日期。", code="bad_filter", field="on")
        return day

    def rows(self) -> Any:
        seats = PostMember.objects.crews(self.on).with_holding(self.on).select_related("member")
        rows = PioneerPost.objects.select_related("org", "enterprise").prefetch_related(
            Prefetch("holders", seats, to_attr="crew")
        )
        return rows if self.params.get("all") == "1" else rows.as_of(self.on)

    def by_vacancy(self, rows: Any, value: bool) -> Any:
        vacant = PioneerPost.objects.with_vacancy(self.on).filter(pk=OuterRef("pk"))
        return rows.filter(Exists(vacant)) if value else rows.filter(~Exists(vacant))

    def search(self, rows: Any, text: str) -> Any:
        seats = PostMember.objects.crews(self.on).filter(post=OuterRef("pk"))
        named = seats.filter(named_like(text))
        return rows.filter(Q(name__icontains=text) | Exists(named))
