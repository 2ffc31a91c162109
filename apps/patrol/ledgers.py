"""规则巡查台账: everything the patrol has found, what was put off, and what has been resolved."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import DateField, F, Value
from django.db.models.functions import Coalesce

from apps.branches.ledgers.common import organization_filter
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register

from . import registry
from .models import PatrolHit
from .permissions import VIEW
from .rules import HitState, PatrolLevel, state_of

LEVEL_TONES = {PatrolLevel.MUST: "danger", PatrolLevel.USUAL: "warning", PatrolLevel.LOCAL: "info"}
STATE_TONES = {HitState.OPEN: "warning", HitState.RESOLVED: "success"}


def of_rule(name: str, unknown: str = "") -> Any:
    """A column about the rule of a finding; a rule that is gone is told by its code, or not at all."""

    def source(row: Any) -> str:
        rule = registry.registry.get(row.rule)
        return str(getattr(rule, name)) if rule else (row.rule if name == "label" else unknown)

    return source


def level_of(row: Any) -> str:
    rule = registry.registry.get(row.rule)
    return rule.level.label if rule else ""


def level_tone(row: Any) -> str:
    rule = registry.registry.get(row.rule)
    return LEVEL_TONES.get(rule.level, "neutral") if rule else "neutral"


def state_of_row(row: Any) -> HitState:
    """The state on the day that the ledger asks about (`asked_on` of its rows)."""
    return state_of(resolved_on=row.resolved_on, dismissed_until=row.dismissed_until, today=row.asked_on)


def state_tone(row: Any) -> str:
    return STATE_TONES.get(state_of_row(row), "neutral")


def subject_kind(row: Any) -> str:
    return str(apps.get_model(row.subject_type)._meta.verbose_name)


def days_standing(row: Any) -> int:
    return (row.last_day - row.first_found_on).days


@register
class PatrolLedger(Ledger):
    """One line for each finding, from the day it was first found until it was resolved."""

    code = "patrol.hits"
    title = "规则巡查"
    lead = "每天夜里把每一行数据对照规则看一遍；办好的，下次巡查自动消除。"
    permission = VIEW
    columns = (
        Column("rule", "规则", of_rule("label"), link=lambda row: row.get_absolute_url()),
        Column("level", "要求", level_of, tone=level_tone),
        Column("subject", "对象", "title", link=lambda row: row.url),
        Column("subject_kind", "对象类别", subject_kind, default=False),
        Column("org", "党组织", lambda row: str(row.org), link=lambda row: row.org.get_absolute_url()),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("value", "实际情况"),
        Column("limit", "规定"),
        Column("basis", "依据", of_rule("basis")),
        Column("advice", "怎么办", of_rule("advice"), default=False),
        Column("first_found_on", "首次发现", kind=Kind.DATE),
        Column("days", "持续天数", days_standing, kind=Kind.INTEGER),
        Column("state", "状态", lambda row: state_of_row(row).label, tone=state_tone),
        Column("resolved_on", "消除日期", kind=Kind.DATE, default=False),
        Column("dismissed_reason", "暂缓原因", default=False),
        Column("dismissed_by", "暂缓决定人", "dismissed_by.display_name", default=False),
        Column("dismissed_until", "重新列出日期", kind=Kind.DATE, default=False),
    )
    filters = (
        Filter("rule", "规则", choices=lambda ledger: [(rule.code, rule.label) for rule in registry.in_order()]),
        Filter("level", "要求", choices=PatrolLevel.choices(),
               apply=lambda rows, level, ledger: rows.filter(rule__in=registry.of_level(level))),
        Filter("state", "状态", choices=HitState.choices(),
               apply=lambda rows, state, ledger: rows.in_state(state, ledger.today)),
        organization_filter(),
        Filter("found_from", "首次发现不早于", kind="date", lookup="first_found_on__gte"),
        Filter("found_to", "首次发现不晚于", kind="date", lookup="first_found_on__lte"),
    )  # fmt: skip
    orderings = {
        "": Ordering("最近发现在前", ("-first_found_on", "-pk")),
        "old": Ordering("拖得最久在前", ("first_found_on", "pk")),
        "org": Ordering("按党组织", ("org_path", "pk")),
    }
    search_hint = "对象名称"
    empty_text = "巡查没有发现不符合规则的情况。"

    def rows(self) -> Any:
        rows = PatrolHit.objects.told_to(self.user).select_related("org", "dismissed_by")
        today = Value(self.today, output_field=DateField())
        return rows.annotate(asked_on=today, last_day=Coalesce(F("resolved_on"), today))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(title__contains=text)
