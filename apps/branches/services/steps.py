"""The steps of a 重组方案, carried out one after the other by the services that do such things singly."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError, transaction

from apps.core.errors import Conflict, DomainError

from ..models import PartyOrg, Restructuring, RestructuringStep
from ..rules.restructuring import StepKind
from .merging import Part, dissolve_into, merge_organizations, split_organization
from .organisations import (
    dissolve_organization,
    found_organization,
    move_organization,
    rename_organization,
    upgrade_organization,
)

logger = logging.getLogger(__name__)


@dataclass
class Run:
    """One carrying out of a plan: `today` is the day of the plan when it is tried before its day.

    `founded` are the organisations that steps have founded so far, by the id of the step.
    """

    plan: Restructuring
    today: datetime.date
    actor: Any
    founded: dict[int, PartyOrg] = field(default_factory=dict)

    def org(self, step: RestructuringStep) -> PartyOrg:
        """Whom the step is about, as it stands now."""
        return self._found(step.org_id, step.org_step, "党组织")

    def target(self, step: RestructuringStep) -> PartyOrg:
        """The other end of the step, as it stands now."""
        return self._found(step.target_id, step.target_step, "上级或接收的党组织")

    def parent(self, step: RestructuringStep) -> PartyOrg | None:
        """The parent that a split names, None for the one of the split organisation."""
        return self.target(step) if step.target_id or step.target_step_id else None

    def given(self, step: RestructuringStep) -> dict[str, Any]:
        """What every service of the tree takes besides its own facts."""
        return {
            "on": self.plan.on, "today": self.today, "actor": self.actor, "document": self.plan.document,
            "note": step.note or f"按方案「{self.plan.name}」",
        }  # fmt: skip

    def _found(self, pk: int | None, step: RestructuringStep | None, what: str) -> PartyOrg:
        if step is not None:
            if step.pk not in self.founded:
                raise DomainError(f"{step}没有通过，它新设的党组织还不存在。", code="earlier_step")
            pk = self.founded[step.pk].pk
        org = PartyOrg.objects.filter(pk=pk).first() if pk else None
        if org is None:
            raise DomainError(f"请选择{what}；原来选择的可能已不在您的范围内。", code="gone")
        if not org.path.startswith(self.plan.org_path):
            message = f"「{org}」不在「{self.plan.org}」之下，请在共同的上级党组织编制方案。"
            raise DomainError(message, code="outside")
        return org


def _found(step: RestructuringStep, run: Run) -> PartyOrg:
    given = run.given(step)
    return found_organization(
        name=step.name, short_name=step.short_name, kind=step.org_kind, parent=run.target(step),
        founded_on=given.pop("on"), **given,
    )  # fmt: skip


def _merge(step: RestructuringStep, run: Run) -> None:
    merge_organizations(sources=[run.org(step)], target=run.target(step), **run.given(step))


def _split(step: RestructuringStep, run: Run) -> PartyOrg:
    picks = {code: frozenset(ids) for code, ids in step.picks.items()}
    part = Part(step.name, step.org_kind, picks, run.parent(step), step.short_name)
    return split_organization(org=run.org(step), parts=[part], ends=step.ends, **run.given(step))[0]


def _upgrade(step: RestructuringStep, run: Run) -> None:
    upgrade_organization(
        org=run.org(step), kind=step.org_kind, name=step.name, short_name=step.short_name, **run.given(step)
    )


def _move(step: RestructuringStep, run: Run) -> None:
    move_organization(org=run.org(step), parent=run.target(step), **run.given(step))


def _dissolve(step: RestructuringStep, run: Run) -> None:
    org, target = run.org(step), run.parent(step)
    if target is None:
        dissolve_organization(org=org, **run.given(step))
    else:
        dissolve_into(org=org, target=target, **run.given(step))


def _rename(step: RestructuringStep, run: Run) -> None:
    rename_organization(org=run.org(step), name=step.name, short_name=step.short_name, **run.given(step))


_DOERS: Final[dict[StepKind, Callable[[RestructuringStep, Run], PartyOrg | None]]] = {
    StepKind.FOUND: _found,
    StepKind.MERGE: _merge,
    StepKind.SPLIT: _split,
    StepKind.UPGRADE: _upgrade,
    StepKind.MOVE: _move,
    StepKind.DISSOLVE: _dissolve,
    StepKind.RENAME: _rename,
}


def perform(step: RestructuringStep, run: Run) -> PartyOrg | None:
    """Carry out one step inside a savepoint; returns what it founded.

    Raises DomainError (Conflict for a closed period) in a sentence, whatever went wrong: what leaves the scope
    and what the database refuses are said as well.
    """
    try:
        with transaction.atomic():
            new = _DOERS[StepKind(step.kind)](step, run)
    except PermissionDenied as error:
        message = "这一步会使在册内容离开您的范围，请由上级党组织办理。"
        raise DomainError(message, code="outside") from error
    except (IntegrityError, DataError) as error:
        logger.exception("step %s of restructuring %s", step.pk, run.plan.pk)
        message = "这一步与已登记的内容冲突，没有执行，请核对所选的党组织和划出内容。"
        raise DomainError(message, code="contradiction") from error
    if new is not None:
        run.founded[step.pk] = new
    return new


def of_step(step: RestructuringStep, error: DomainError) -> DomainError:
    """The refusal of a step as the refusal of the plan: it names the step and stays a Conflict where it was one."""
    message = f"{step}不能执行：{error.message}"
    if isinstance(error, Conflict):
        return Conflict(message)
    return DomainError(message, basis=error.basis, code=error.code)
