"""What people do for an enterprise: visits, needs that are followed until closed, plans with an owner."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.period_guard import Span, guard_day, guard_spans
from apps.core.versions import check_version

from ..kinds import ContactMethod, NeedState
from ..models import ActionPlan, Enterprise, Need, Visit
from .common import assign, check_not_future, labels, locked, store

VISIT_FACTS: Final = ("on", "method", "visitor", "instructor", "met", "summary", "attitude")
NEED_FACTS: Final = ("text", "raised_on", "owner", "due_on", "state", "result", "closed_on", "visit")
PLAN_FACTS: Final = ("measure", "owner", "due_on", "progress", "state", "closed_on")


@write
def record_visit(
    *, enterprise: Enterprise, facts: Mapping[str, Any], today: datetime.date, actor: Any, need: str = ""
) -> Visit:
    """走访: one contact on a day, by whom and how; its day decides its quarter, however late it is entered.

    `facts` names columns of VISIT_FACTS. The attitude seen on the latest visit becomes the enterprise's; a
    `need` that was voiced is opened with it.
    """
    enterprise = locked(enterprise)
    visit = Visit(enterprise=enterprise, recorded_by_id=getattr(actor, "pk", None))
    assign(visit, facts, VISIT_FACTS)
    check_not_future(visit.on, today)
    guard_day(enterprise.org_path, visit.on)
    store(visit)
    _take_attitude(enterprise, visit)
    if need.strip():
        raise_need(
            enterprise=enterprise, facts={"text": need, "raised_on": visit.on, "visit": visit}, today=today, actor=actor
        )
    how = ContactMethod(visit.method).label
    record(actor, "enterprise.visited", enterprise, data={"visit": visit.pk},
           summary=f"{visit.visitor} 于 {visit.on:%Y-%m-%d} {how}「{enterprise.name}」")  # fmt: skip
    return visit


@write
def change_visit(
    *, visit: Visit, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> Visit:
    """Correct a visit. Both the day it had and the day it gets must lie in an open period."""
    row = locked(visit)
    check_version(row, version, dict(facts))
    old = row.on
    if changed := assign(row, facts, VISIT_FACTS):
        check_not_future(row.on, today)
        day = datetime.timedelta(days=1)
        guard_spans(Span(row.enterprise.org_path, on, on + day) for on in {old, row.on})
        store(row)
        record(actor, "visit.changed", row, data={"fields": sorted(changed)},
               summary=f"修改「{row.enterprise}」走访记录的{labels(row, changed)}")  # fmt: skip
    return row


@write
def raise_need(*, enterprise: Enterprise, facts: Mapping[str, Any], today: datetime.date, actor: Any) -> Need:
    """诉求: something the enterprise asks for."""
    need = Need(enterprise=enterprise)
    assign(need, facts, NEED_FACTS)
    check_not_future(need.raised_on, today, field="raised_on")
    _check_due(need.due_on, need.raised_on)
    store(need)
    summary = f"登记「{enterprise.name}」的诉求"
    record(actor, "enterprise.need_raised", enterprise, data={"need": need.pk}, summary=summary)
    return need


@write
def work_on_need(*, need: Need, facts: Mapping[str, Any], actor: Any, version: int | None = None) -> Need:
    """办理: owner, due day and progress of an open need."""
    row = locked(need)
    check_version(row, version, dict(facts))
    _check_open(row)
    if changed := assign(row, {**facts, "state": NeedState.DOING.value}, NEED_FACTS):
        _check_due(row.due_on, row.raised_on)
        store(row)
        record(actor, "need.worked_on", row, summary=f"办理「{row.enterprise}」的诉求：更新{labels(row, changed)}")
    return row


@write
def close_need(*, need: Need, on: datetime.date, result: str, today: datetime.date, actor: Any) -> Need:
    """办结: what came of it, and when."""
    row = locked(need)
    _check_open(row)
    check_not_future(on, today)
    if on < row.raised_on:
        raise DomainError(f"办结日期不能早于提出日期 {row.raised_on:%Y-%m-%d}。", field="on")
    if not result.strip():
        raise DomainError("请填写办理结果。", field="result")
    assign(row, {"state": NeedState.CLOSED.value, "closed_on": on, "result": result}, NEED_FACTS)
    store(row)
    record(actor, "need.closed", row, summary=f"办结「{row.enterprise}」的诉求")
    return row


@write
def plan_action(*, enterprise: Enterprise, facts: Mapping[str, Any], actor: Any) -> ActionPlan:
    """一企一策: a measure for the enterprise, with its owner and due day."""
    plan = ActionPlan(enterprise=enterprise)
    assign(plan, facts, PLAN_FACTS)
    store(plan)
    record(actor, "enterprise.action_planned", enterprise, data={"plan": plan.pk},
           summary=f"为「{enterprise.name}」制定措施，{plan.due_on:%Y-%m-%d} 前完成")  # fmt: skip
    return plan


@write
def change_action(*, plan: ActionPlan, facts: Mapping[str, Any], actor: Any, version: int | None = None) -> ActionPlan:
    """Note the progress of a measure, or correct it."""
    row = locked(plan)
    check_version(row, version, dict(facts))
    _check_open(row)
    if changed := assign(row, {**facts, "state": NeedState.DOING.value}, PLAN_FACTS):
        store(row)
        record(actor, "action_plan.changed", row, summary=f"更新「{row.enterprise}」一企一策的{labels(row, changed)}")
    return row


@write
def close_action(
    *, plan: ActionPlan, on: datetime.date, today: datetime.date, actor: Any, progress: str = ""
) -> ActionPlan:
    """完成: the measure is done."""
    row = locked(plan)
    _check_open(row)
    check_not_future(on, today)
    facts = {"state": NeedState.CLOSED.value, "closed_on": on, "progress": progress.strip() or row.progress}
    assign(row, facts, PLAN_FACTS)
    store(row)
    record(actor, "action_plan.closed", row, summary=f"完成「{row.enterprise}」的一项措施")
    return row


def _take_attitude(enterprise: Enterprise, visit: Visit) -> None:
    later = Visit.objects.filter(enterprise=enterprise, on__gt=visit.on).exclude(attitude="").exists()
    if visit.attitude and visit.attitude != enterprise.attitude and not later:
        enterprise.attitude = visit.attitude
        store(enterprise)


def _check_open(row: Need | ActionPlan) -> None:
    if row.state == NeedState.CLOSED:
        raise DomainError(f"已于 {row.closed_on:%Y-%m-%d} 办结，不能再修改。", code="closed")


def _check_due(due: datetime.date | None, raised: datetime.date) -> None:
    if due is not None and due < raised:
        raise DomainError(f"办理期限不能早于提出日期 {raised:%Y-%m-%d}。", field="due_on")
