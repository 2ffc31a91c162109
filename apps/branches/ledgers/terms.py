"""换届台账 and 换届选举: which terms run out when, and how far the elections have come."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery

from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register

from ..leaders import secretary_name
from ..models import Election, PartyOrg, Term
from ..permissions import VIEW
from ..rules import OrgKind
from ..rules.elections import ElectionState, Meeting, waits_for_officer
from ..rules.terms import TermState, last_announced, term_years
from .common import organization_filter

TONES = {
    TermState.RUNNING: "success", TermState.DUE: "warning", TermState.EXPIRED: "danger", TermState.OVERDUE: "danger",
}  # fmt: skip
ELECTING = [kind for kind in OrgKind if term_years(kind) is not None]
STANDINGS = [("needs", "需换届（含6个月内到期）"), ("late", "已届满未换届"), *TermState.choices()]
PROGRESS = [("running", "正在换届"), ("waiting", "待上级批复（批准）"), ("none", "未发起换届")]

_AS_OF = Filter("as_of", "截至日期", kind="date", apply=lambda rows, on, ledger: rows.as_of(on))


def term_tone(row: Any) -> str:
    return TONES.get(row.standing, "neutral")


def election_tone(state: str) -> str:
    if state in (ElectionState.APPROVED, ElectionState.CANCELLED):
        return "success" if state == ElectionState.APPROVED else "neutral"
    return "warning" if waits_for_officer(ElectionState(state)) else "info"


def _standing(rows: Any, value: str, ledger: Ledger) -> Any:
    """By the day of expiry first, which the index answers."""
    day = ledger.day if isinstance(ledger, TermLedger) else ledger.today
    if value == "needs":
        return rows.filter(expires_on__lte=last_announced(day)).exclude(until__lte=day)
    if value == "late":
        return rows.filter(expires_on__lte=day).exclude(until__lte=day)
    return rows.filter(standing=value)


def _progress(rows: Any, value: str, ledger: Ledger) -> Any:
    if value == "waiting":
        waiting = [state.value for state in ElectionState if waits_for_officer(state)]
        return rows.filter(election_state__in=waiting)
    return rows.filter(election__isnull=value == "none")


def without_term(on: datetime.date) -> Any:
    """Living organisations that elect and whose running term nobody has registered."""
    running = Term.objects.open().filter(org=OuterRef("pk"))
    orgs = PartyOrg.objects.living(on).filter(~Exists(running), ended_on=None, kind__in=ELECTING)
    return orgs.select_related("parent")


def _below(rows: Any, text: str, ledger: Ledger) -> Any:
    found = PartyOrg.objects.called(text)
    return rows.below(found[0]) if len(found) == 1 else rows.none()


def _named_like(rows: Any, text: str) -> Any:
    return rows.filter(org__in=PartyOrg.objects.all().named_like(text).order_by().values("pk"))


@register
class TermLedger(Ledger):
    """Every term; `as_of` asks for those that held on a day and tells their state as of that day."""

    code = "branches.terms"
    title = "换届台账"
    lead = "每个党组织每一届一行。届满前6个月起提醒换届；届满仍未换届的，延期须经上级批准。"
    permission = VIEW
    columns = (
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("org_name", "党组织", "org.name", link=lambda row: row.org.get_absolute_url()),
        Column("org_kind", "类别", "org.kind", choices=dict(OrgKind.choices()), default=False),
        Column("number", "届次", kind=Kind.INTEGER),
        Column("since", "起始日期", kind=Kind.DATE),
        Column("expires_on", "届满日期", kind=Kind.DATE),
        Column("until", "终止日期", kind=Kind.DATE, default=False),
        Column("standing", "届期状态", choices=dict(TermState.choices()), tone=term_tone),
        Column("election_state", "换届进度", choices=dict(ElectionState.choices()),
               tone=lambda row: election_tone(row.election_state)),
        Column("secretary", "现任书记"),
        Column("seats", "委员人数", kind=Kind.INTEGER, default=False),
        Column("expiry_reason", "届满日期调整原因", default=False),
        Column("result_document", "选举结果报告文号", default=False),
        Column("approval_document", "批准文号", default=False),
        Column("note", "备注", default=False),
    )  # fmt: skip
    filters = (
        Filter("standing", "届期状态", choices=STANDINGS, apply=_standing),
        Filter("progress", "换届进度", choices=PROGRESS, apply=_progress),
        Filter("now", "现届", kind="bool", apply=lambda rows, v, ledger: rows.filter(until__isnull=v)),
        _AS_OF,
        Filter("expires_from", "届满不早于", kind="date", lookup="expires_on__gte"),
        Filter("expires_to", "届满不晚于", kind="date", lookup="expires_on__lte"),
        organization_filter(),
    )
    orderings = {
        "": Ordering("按组织树，新的届次在前", ("org_path", "-number", "pk")),
        "expiry": Ordering("先届满的在前", ("expires_on", "pk")),
    }
    search_hint = "党组织名称、拼音首字母或代码"
    empty_text = "没有符合条件的届期。可以导入换届台账，或在党组织页登记届期。"

    def rows(self) -> Any:
        day = self.day
        running = Election.objects.running().filter(org=OuterRef("org")).order_by("-pk")
        return Term.objects.select_related("org").standing(day).annotate(
            election=Subquery(running.values("pk")[:1]), election_state=Subquery(running.values("state")[:1]),
            secretary=secretary_name("org_id", day),
        )  # fmt: skip

    @property
    def day(self) -> datetime.date:
        """The day whose state is told: today, or the day asked for."""
        asked = self.params.get(_AS_OF.name)
        found: datetime.date = _AS_OF.parsed(asked, self) if asked else self.today
        return found

    def search(self, rows: Any, text: str) -> Any:
        return _named_like(rows, text)


@register
class ElectionLedger(Ledger):
    """换届选举, running and past."""

    code = "branches.elections"
    title = "换届选举台账"
    permission = VIEW
    columns = (
        Column("org_name", "党组织", "org.name", link=lambda row: row.get_absolute_url()),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("number", "届次", kind=Kind.INTEGER),
        Column("state", "状态", choices=dict(ElectionState.choices()), tone=lambda row: election_tone(row.state)),
        Column("planned_on", "计划选举日期", kind=Kind.DATE),
        Column("meeting", "选举方式", choices=dict(Meeting.choices()), default=False),
        Column("seats", "应选委员", kind=Kind.INTEGER, default=False),
        Column("request_document", "请示文号", default=False),
        Column("requested_on", "请示日期", kind=Kind.DATE, default=False),
        Column("consent_document", "批复文号", default=False),
        Column("consented_on", "批复日期", kind=Kind.DATE, default=False),
        Column("timing_document", "提前（延期）批准文号", default=False),
        Column("held_on", "选举日期", kind=Kind.DATE),
        Column("expected", "应到人数", kind=Kind.INTEGER),
        Column("present", "实到人数", kind=Kind.INTEGER),
        Column("issued", "发出选票", kind=Kind.INTEGER, default=False),
        Column("returned", "收回选票", kind=Kind.INTEGER, default=False),
        Column("valid", "有效票", kind=Kind.INTEGER, default=False),
        Column("secretary", "当选书记"),
        Column("deputy", "当选副书记", default=False),
        Column("result_document", "选举结果报告文号", default=False),
        Column("approval_document", "批准文号"),
        Column("approved_on", "批准日期", kind=Kind.DATE, default=False),
        Column("reason", "情况说明", default=False),
    )
    filters = (
        Filter("state", "状态", choices=ElectionState.choices()),
        Filter("running", "正在办理", kind="bool",
               apply=lambda rows, v, ledger: rows.running() if v else rows.exclude(pk__in=rows.running().values("pk"))),
        Filter("waiting", "待上级批复（批准）", kind="bool",
               apply=lambda rows, v, ledger: rows.waiting_for_officer() if v else rows.waiting_for_branch()),
        Filter("held_from", "选举不早于", kind="date", lookup="held_on__gte"),
        Filter("held_to", "选举不晚于", kind="date", lookup="held_on__lte"),
        organization_filter(),
    )  # fmt: skip
    orderings = {"": Ordering("新的在前", ("-pk",)), "org": Ordering("按组织树", ("org_path", "pk"))}
    search_hint = "党组织名称、拼音首字母或代码"
    empty_text = "还没有换届选举。在党组织页点「发起换届」。"

    def rows(self) -> Any:
        return Election.objects.select_related("org")

    def search(self, rows: Any, text: str) -> Any:
        return _named_like(rows, text)


@register
class MissingTermLedger(Ledger):
    """Organisations that elect and have no running term in the book."""

    code = "branches.without_term"
    title = "未登记届期的党组织"
    lead = "这些组织应按期换届，但还没有登记现届。登记后才会提醒换届。"
    permission = VIEW
    columns = (
        Column("code", "组织代码"),
        Column("name", "党组织", link=lambda org: f"{org.get_absolute_url()}#terms"),
        Column("kind", "类别", choices=dict(OrgKind.choices())),
        Column("parent_name", "上级组织", "parent.name"),
        Column("founded_on", "成立日期", kind=Kind.DATE),
    )
    filters = (
        Filter("kind", "类别", choices=[(kind.value, kind.label) for kind in ELECTING]),
        Filter("org", "党组织（代码或全称）", kind="text", apply=_below),
    )
    orderings = {"": Ordering("按组织树", ("path",))}
    search_hint = "名称、拼音首字母或代码"
    empty_text = "应换届的党组织都已登记现届。"

    def rows(self) -> Any:
        return without_term(self.today)

    def search(self, rows: Any, text: str) -> Any:
        return rows.named_like(text)
