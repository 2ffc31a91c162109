"""重组方案: the plans of restructuring, drafted, waiting, applied, discarded."""

from __future__ import annotations

from typing import Any, Final

from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register

from ..models import Restructuring
from ..permissions import RESTRUCTURE
from ..rules.restructuring import PlanState
from .common import organization_filter

TONES: Final = {PlanState.DRAFT: "info", PlanState.SCHEDULED: "warning", PlanState.APPLIED: "success"}


def tone_of(plan: Restructuring) -> str:
    if plan.failure:
        return "danger"
    return TONES.get(PlanState(plan.state), "neutral")


@register
class RestructuringLedger(Ledger):
    """One line for each plan."""

    code = "branches.restructurings"
    title = "组织重组方案"
    permission = RESTRUCTURE
    columns = (
        Column("name", "方案名称", link=lambda plan: plan.get_absolute_url()),
        Column("org_name", "所在党组织", source="org.name"),
        Column("on", "生效日期", kind=Kind.DATE),
        Column("state", "状态", choices=dict(PlanState.choices()), tone=tone_of),
        Column("step_count", "步骤", kind=Kind.INTEGER),
        Column("document", "批复文号"),
        Column("author_name", "编制人"),
        Column("applied_by_name", "实施人"),
        Column("applied_at", "实施时间", kind=Kind.DATETIME, default=False),
        Column("failure", "未能生效的原因", default=False),
        Column("note", "说明", default=False),
    )
    filters = (
        Filter("state", "状态", choices=PlanState.choices()),
        organization_filter(),
        Filter("on_from", "生效不早于", kind="date", lookup="on__gte"),
        Filter("on_to", "生效不晚于", kind="date", lookup="on__lte"),
    )
    orderings = {"": Ordering("生效日期新的在前", ("-on", "-pk"))}
    search_hint = "方案名称或批复文号"
    empty_text = "还没有重组方案。新设、合并、拆分、升格、划转、撤销几件事要同一天办的，编成一个方案，先试算再实施。"

    def rows(self) -> Any:
        return Restructuring.objects.select_related("org").with_step_count()

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(name__icontains=text) | rows.filter(document__icontains=text)
