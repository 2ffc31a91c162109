"""Every write to a 重组方案: drafting it, its steps, and putting it into effect once, on its day."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import F, Max
from django.utils import timezone

from apps.core.audit import record, write
from apps.core.clock import minute
from apps.core.errors import Conflict, DomainError
from apps.core.guard import resolve_scope
from apps.core.scoping import unscoped, use_scope
from apps.core.text import clean_name, has_control_characters
from apps.core.versions import check_version

from .. import tree
from ..models import PartyOrg, Restructuring, RestructuringStep
from ..permissions import RESTRUCTURE
from ..rules import APPROVAL
from ..rules.restructuring import FOUNDING, PlanState, StepKind
from .rehearsal import Comparison, compared, rehearse, steps_of

logger = logging.getLogger(__name__)

FACTS: Final = ("name", "on", "note")
STEP_FACTS: Final = (
    "org", "org_step", "target", "target_step", "name", "short_name", "org_kind", "picks", "ends", "note",
)  # fmt: skip
NEEDS: Final[Mapping[StepKind, Mapping[str, str]]] = {
    StepKind.FOUND: {"target": "请选择上级组织。", "name": "请填写全称。", "org_kind": "请选择类别。"},
    StepKind.MERGE: {"org": "请选择并入方。", "target": "请选择接收方。"},
    StepKind.SPLIT: {"org": "请选择要拆分的党组织。", "name": "请填写全称。", "org_kind": "请选择类别。",
                     "picks": "请选择划出的内容。"},
    StepKind.UPGRADE: {"org": "请选择党组织。", "org_kind": "请选择升格后的类别。"},
    StepKind.MOVE: {"org": "请选择党组织。", "target": "请选择新的上级组织。"},
    StepKind.DISSOLVE: {"org": "请选择党组织。"},
    StepKind.RENAME: {"org": "请选择党组织。", "name": "请填写新的全称。"},
}  # fmt: skip
"""What a step of a kind must name, and how it is asked for."""


@write
def draft_restructuring(*, org: PartyOrg, name: str, on: datetime.date, actor: Any, note: str = "") -> Restructuring:
    """编制方案 for the part of the tree below `org`; it changes nothing yet."""
    plan = Restructuring(org=org, author=actor, author_name=actor.display_name)
    _store(plan, {"name": name, "on": on, "note": note}, FACTS)
    record(actor, "restructuring.drafted", plan, summary=f"编制重组方案「{plan.name}」，拟自 {on:%Y-%m-%d} 起实施")
    return plan


@write
def change_restructuring(
    *, plan: Restructuring, facts: Mapping[str, Any], actor: Any, version: int | None = None
) -> Restructuring:
    """Change name, day or note of a draft. Raises Conflict when somebody was faster."""
    plan = _draft(plan)
    check_version(plan, version, dict(facts))
    _store(plan, facts, FACTS)
    record(actor, "restructuring.changed", plan, summary=f"修改重组方案「{plan.name}」")
    return plan


@write
def put_step(
    *, plan: Restructuring, kind: StepKind, facts: Mapping[str, Any], actor: Any, step: RestructuringStep | None = None
) -> RestructuringStep:
    """Add a step at the end of a draft, or change one. `facts` names columns of STEP_FACTS.

    Raises DomainError for what is missing and for a reference to a step that does not come before it.
    """
    plan = _draft(plan)
    last = RestructuringStep.objects.filter(restructuring=plan).aggregate(last=Max("position"))["last"] or 0
    row = _own_step(plan, step) if step else RestructuringStep(restructuring=plan, kind=kind.value, position=last + 1)
    for name, sentence in NEEDS[kind].items():
        if not (facts.get(name) or facts.get(f"{name}_step")):
            raise DomainError(sentence, field=name)
    for name in ("org", "target"):
        if facts.get(name) and facts.get(f"{name}_step"):
            raise DomainError("现有组织和前面步骤新设的组织只能选一个。", field=name)
        _check_reference(plan, row, facts.get(f"{name}_step"), f"{name}_step")
    _store(row, facts, STEP_FACTS)
    _touch(plan)
    record(actor, "restructuring.step_put", plan, summary=f"方案「{plan.name}」{row}", data={"step": row.pk})
    return row


@write
def remove_step(*, step: RestructuringStep, actor: Any) -> Restructuring:
    """Take a step out of a draft; those behind it move up. Raises DomainError while a later step refers to it."""
    plan = _draft(step.restructuring)
    row = _own_step(plan, step)
    later = RestructuringStep.objects.filter(models.Q(org_step=row) | models.Q(target_step=row)).order_by("position")
    if first := later.first():
        raise DomainError(f"{first}用到了它新设的党组织，请先修改或删除那一步。", code="referred_to")
    said = str(row)
    behind = RestructuringStep.objects.filter(restructuring=plan, position__gt=row.position)
    row.delete()
    behind.update(position=F("position") - 1)
    _touch(plan)
    record(actor, "restructuring.step_removed", plan, summary=f"方案「{plan.name}」删除{said}")
    return plan


@write
def raise_step(*, step: RestructuringStep, actor: Any) -> Restructuring:
    """Let a step change places with the one before it; the first one stays. Raises DomainError when it refers to that."""
    plan = _draft(step.restructuring)
    row = _own_step(plan, step)
    before = RestructuringStep.objects.filter(restructuring=plan, position__lt=row.position).order_by("position").last()
    if before is None:
        return plan
    if before.pk in (row.org_step_id, row.target_step_id):
        raise DomainError(f"它用到了{before}新设的党组织，必须排在其后。", code="referred_to")
    row.position, before.position = before.position, row.position
    row.save(update_fields=["position"])
    before.save(update_fields=["position"])
    _touch(plan)
    record(actor, "restructuring.step_raised", plan, summary=f"方案「{plan.name}」调整步骤次序")
    return plan


@write
def discard_restructuring(*, plan: Restructuring, actor: Any) -> Restructuring:
    """作废: the plan stays readable and never takes effect."""
    plan = _locked(plan, PlanState.DRAFT, PlanState.SCHEDULED)
    plan.state = PlanState.DISCARDED.value
    _save(plan)
    record(actor, "restructuring.discarded", plan, summary=f"作废重组方案「{plan.name}」")
    return plan


@write
def recall_restructuring(*, plan: Restructuring, actor: Any) -> Restructuring:
    """撤回 a plan that waits for its day: it is a draft again and does not happen by itself."""
    plan = _locked(plan, PlanState.SCHEDULED)
    plan.state, plan.failure = PlanState.DRAFT.value, ""
    _save(plan)
    record(actor, "restructuring.recalled", plan, summary=f"撤回待生效的重组方案「{plan.name}」，恢复为草案")
    return plan


@write
def apply_restructuring(
    *, plan: Restructuring, document: str, today: datetime.date, actor: Any, reason: str = "",
    version: int | None = None,
) -> Restructuring:  # fmt: skip
    """实施: every step on the day of the plan, all of them or none, once. Before that day it is put down as 待生效.

    Needs the approval document, and a reason where the rules question what would come of it. Raises DomainError
    naming the step that cannot be done, Conflict when somebody else has applied or changed the plan meanwhile
    or a closed period stands against it.
    """
    tree.lock()
    plan = _locked(plan, PlanState.DRAFT, PlanState.SCHEDULED)
    check_version(plan, version)
    plan.document, plan.reason = _text(document, "document"), _text(reason, "reason")
    if not plan.document:
        raise DomainError("请填写批复文号。", basis=APPROVAL, field="document")
    if not steps_of(plan):
        raise DomainError("方案还没有步骤，请先添加。", code="no_steps")
    plan.applied_by, plan.applied_by_name, plan.failure = actor, actor.display_name, ""
    if plan.on > today:
        _schedule(plan, today, actor)
    else:
        _put_into_effect(plan, today, actor)
    return plan


def _schedule(plan: Restructuring, today: datetime.date, actor: Any) -> None:
    """Note the plan for its day. It must be possible as things stand now."""
    found = rehearse(plan, today=today, actor=actor)
    for step in steps_of(plan):
        if error := found.errors.get(step.pk):
            raise DomainError(f"{step}不能执行：{error.message}", basis=error.basis, code=error.code)
    found.check_reason(plan.reason)
    plan.state = PlanState.SCHEDULED.value
    _save(plan)
    record(actor, "restructuring.scheduled", plan,
           summary=f"确认重组方案「{plan.name}」（{plan.document}），将于 {plan.on:%Y-%m-%d} 自动实施")  # fmt: skip


def _put_into_effect(plan: Restructuring, today: datetime.date, actor: Any) -> None:
    found = compared(plan, today=today, actor=actor)
    found.check_reason(plan.reason)
    plan.state, plan.applied_at, plan.outcome = PlanState.APPLIED.value, timezone.now(), found.outcome()
    _save(plan)
    _note_founded(found)
    record(actor, "restructuring.applied", plan, data={"steps": len(steps_of(plan)), "reason": plan.reason},
           summary=f"实施重组方案「{plan.name}」（{plan.document}），自 {plan.on:%Y-%m-%d} 起")  # fmt: skip


def _note_founded(found: Comparison) -> None:
    for step in RestructuringStep.objects.filter(pk__in=found.founded):
        step.result_id = found.founded[step.pk]
        step.save(update_fields=["result"])


def apply_due_restructurings(*, today: datetime.date) -> int:
    """Put every plan into effect whose day has come, in the name and under the right of whoever confirmed it.

    One that cannot be done is left with the reason, for a person to look at. Returns how many took effect.
    """
    with unscoped("the daily task looks at every plan whose day has come"):
        due = list(Restructuring.objects.due(today).select_related("org", "applied_by").order_by("on", "pk"))
        return sum(_apply_due(plan, today) for plan in due)


def _apply_due(plan: Restructuring, today: datetime.date) -> bool:
    scope = resolve_scope(plan.applied_by, RESTRUCTURE)
    try:
        if not scope.covers(plan.org_path):
            raise DomainError(f"确认方案的{plan.applied_by_name}已没有办理权限，请重新确认实施。", code="no_right")
        with use_scope(scope):
            apply_restructuring(
                plan=plan, document=plan.document, reason=plan.reason, today=today, actor=plan.applied_by
            )
    except DomainError as error:
        note_failure(plan=plan, failure=error.message, actor=None)
        return False
    except PermissionDenied:
        note_failure(plan=plan, failure="方案涉及的内容已超出确认人的范围，请由上级党组织办理。", actor=None)
        return False
    except Exception:
        logger.exception("restructuring %s", plan.pk)  # a defect or a fault that passes: the next run tries again
        return False
    return True


@write
def note_failure(*, plan: Restructuring, failure: str, actor: Any) -> None:
    """Keep why a waiting plan did not take effect; one that somebody has settled meanwhile stays as it is."""
    row = (
        Restructuring.objects.select_for_update(of=("self",))
        .filter(pk=plan.pk, state=PlanState.SCHEDULED.value)
        .first()
    )
    if row is None:
        return
    row.failure = failure[:500]
    _save(row)
    record(actor, "restructuring.failed", row, summary=f"重组方案「{row.name}」未能生效：{failure}")


def _locked(plan: Restructuring, *states: PlanState) -> Restructuring:
    """The plan as it is now, locked, in one of the states. Raises Conflict that says what has become of it."""
    row = Restructuring.objects.select_for_update(of=("self",)).select_related("org").filter(pk=plan.pk).first()
    if row is None:
        raise DomainError("这个方案已不在您的范围内，请刷新后再试。", code="gone")
    if PlanState(row.state) not in states:
        when = f"，{row.applied_by_name} {minute(row.applied_at)}" if row.applied_at else ""
        raise Conflict(f"方案「{row.name}」{row.get_state_display()}{when}，不能再办理这一项。")
    return row


def _draft(plan: Restructuring) -> Restructuring:
    return _locked(plan, PlanState.DRAFT)


def _own_step(plan: Restructuring, step: RestructuringStep) -> RestructuringStep:
    row = RestructuringStep.objects.filter(restructuring=plan, pk=step.pk).first()
    if row is None:
        raise Conflict("这一步已被他人删除，请刷新后再试。")
    return row


def _check_reference(plan: Restructuring, row: RestructuringStep, other: RestructuringStep | None, field: str) -> None:
    if other is None:
        return
    earlier = other.restructuring_id == plan.pk and other.position < row.position
    if not (earlier and StepKind(other.kind) in FOUNDING):
        raise DomainError("只能选择排在前面的步骤新设的党组织。", field=field)


def _store(row: Restructuring | RestructuringStep, facts: Mapping[str, Any], allowed: tuple[str, ...]) -> None:
    if unknown := set(facts) - set(allowed):
        raise TypeError(f"not a fact of {type(row).__name__}: {sorted(unknown)}")
    for name, value in facts.items():
        setattr(row, name, _text(value, name) if isinstance(value, str) else value)
    _save(row)


def _text(text: str, field: str) -> str:
    if has_control_characters(text):
        raise DomainError("含有看不见的控制字符，请重新输入。", field=field)
    return text.strip() if "\n" in text else clean_name(text)


def _save(row: Restructuring | RestructuringStep) -> None:
    """Validate, raise the version of a changed plan, save. Raises DomainError beside the field."""
    if isinstance(row, Restructuring) and row.pk:
        row.version += 1
    try:
        row.full_clean()
    except ValidationError as error:
        field, sentences = next(iter(error.message_dict.items()))
        raise DomainError(sentences[0], field="" if field == "__all__" else field) from error
    row.save()


def _touch(plan: Restructuring) -> None:
    """A plan with other steps is another plan for whoever is about to apply it."""
    plan.version += 1
    plan.save(update_fields=["version"])
