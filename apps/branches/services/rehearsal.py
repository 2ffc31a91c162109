"""A 重组方案 carried out with the figures before and after; for a preview all of it is taken back."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Q

from apps.core.audit import rehearsing
from apps.core.errors import DomainError
from apps.core.regulations import Finding

from .. import tree
from ..figures import ALL_BY_CENSUS, FORMAL_BY_CENSUS, UNITS, Number, figures, measured
from ..headcount import headcounts
from ..models import PartyOrg, Restructuring, RestructuringStep
from ..parameters import thresholds
from ..querysets import ancestor_paths
from ..rules import OrgKind
from ..rules.restructuring import Standing, standing_findings
from .steps import Run, of_step, perform

WHOLE_TREE_UP_TO: Final = 300
"""How many organisations the two trees show; of a larger part only those that the plan touches (appearance only)."""


@dataclass(frozen=True)
class Place:
    """One organisation in one of the two trees; `label` is the short name where it has one."""

    pk: int
    name: str
    label: str
    kind: str
    parent: int | None
    path: str


@dataclass(frozen=True)
class Remark:
    """A finding about an organisation as the plan leaves it; `is_new` when it was not so before."""

    org: int
    name: str
    finding: Finding
    is_new: bool

    @property
    def needs_reason(self) -> bool:
        return self.is_new and self.finding.level in ("block", "ask")


@dataclass
class Comparison:
    """What a plan does: errors by step id, the tree and the figures of the touched organisations, old and new.

    `named` are the organisations that the steps name; `touched` has those above them as well.
    """

    errors: dict[int, DomainError] = field(default_factory=dict)
    before: dict[int, Place] = field(default_factory=dict)
    after: dict[int, Place] = field(default_factory=dict)
    touched: list[int] = field(default_factory=list)
    named: set[int] = field(default_factory=set)
    numbers: dict[int, dict[str, tuple[Number, Number]]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)
    founded: dict[int, int] = field(default_factory=dict)

    def name_of(self, pk: int) -> str:
        place = self.after.get(pk) or self.before.get(pk)
        return place.name if place else ""

    def label_of(self, pk: int | None) -> str:
        """The short name; of a parent that lies above what is shown only that it is one."""
        place = self.after.get(pk or 0) or self.before.get(pk or 0)
        return place.label if place else "上级"

    def check_reason(self, reason: str) -> None:
        """Raise DomainError when the rules ask for an explanation that nobody gave."""
        asking = [remark for remark in self.remarks if remark.needs_reason]
        if asking and not reason.strip():
            first = asking[0]
            message = f"「{first.name}」{first.finding.message}共有 {len(asking)} 项规则提示，确需实施的，请说明理由。"
            raise DomainError(message, basis=first.finding.basis, field="reason", code=first.finding.code)

    def outcome(self) -> dict[str, Any]:
        """The figures as the plan keeps them (see `Restructuring.outcome`)."""
        shown = [[each.code, each.label, each.kind.name] for each in figures() if each.shown]
        codes = {code for code, _, _ in shown}
        return {
            "figures": shown,
            "rows": [
                [pk, self.label_of(pk), {code: pair for code, pair in self.numbers[pk].items() if code in codes}]
                for pk in self.touched
            ],
        }  # fmt: skip


def steps_of(plan: Restructuring) -> list[RestructuringStep]:
    """The steps in their order, with what they refer to."""
    related = ("org", "target", "org_step", "target_step", "result")
    return list(RestructuringStep.objects.filter(restructuring=plan).select_related(*related).order_by("position"))


@contextmanager
def rehearsed(
    plan: Restructuring, *, today: datetime.date, actor: Any, before: RestructuringStep | None = None
) -> Iterator[Run]:
    """The tree as the plan leaves it, with those of its steps that can be done; everything is taken back at the end.

    `before` leaves that step out and those behind it.
    """
    with rehearsing():
        tree.lock()
        run = Run(plan, max(today, plan.on), actor)
        steps = [step for step in steps_of(plan) if before is None or step.position < before.position]
        _carry_out(run, steps, Comparison())
        yield run


def rehearse(plan: Restructuring, *, today: datetime.date, actor: Any) -> Comparison:
    """Carry the plan out as on its day, compare, and take everything back. Errors of steps are in the result."""
    with rehearsing():
        return compared(plan, today=max(today, plan.on), actor=actor, stop=False)


def compared(plan: Restructuring, *, today: datetime.date, actor: Any, stop: bool = True) -> Comparison:
    """Carry the plan out and compare. With `stop` the first refusal is raised, else it is kept with its step."""
    tree.lock()
    steps, run, found = steps_of(plan), Run(plan, today, actor), Comparison()
    found.named = {pk for step in steps for pk in (step.org_id, step.target_id) if pk}
    touched = _touched(plan, found.named)
    orgs = _living(touched)
    before = measured(orgs, plan.on)
    found.before = _places(plan, touched)
    known = {(remark.org, remark.finding.code) for remark in _remarks(orgs, before, plan, known=None)}
    _carry_out(run, steps, found, stop=stop)
    found.founded = {pk: org.pk for pk, org in run.founded.items()}
    orgs = _living({*touched, *found.founded.values()})
    after = measured(orgs, plan.on)
    found.after = _places(plan, {*touched, *found.founded.values()})
    found.remarks = _remarks(orgs, after, plan, known=known)
    found.touched = [*dict.fromkeys([*(org.pk for org in orgs), *before])]
    found.numbers = {pk: _pairs(before.get(pk, {}), after.get(pk, {})) for pk in found.touched}
    return found


def _carry_out(run: Run, steps: Iterable[RestructuringStep], found: Comparison, *, stop: bool = False) -> None:
    for step in steps:
        try:
            perform(step, run)
        except DomainError as error:
            if stop:
                raise of_step(step, error) from error
            found.errors[step.pk] = error


def _touched(plan: Restructuring, named: Collection[int]) -> set[int]:
    """Whom the steps name, and everybody above them up to the node of the plan."""
    named = {*named, plan.org_id}
    paths = PartyOrg.objects.filter(pk__in=named).values_list("path", flat=True)
    above = {above for path in paths for above in ancestor_paths(path) if above.startswith(plan.org_path)}
    return named | set(PartyOrg.objects.filter(path__in=above).values_list("pk", flat=True))


def _living(ids: Collection[int]) -> list[PartyOrg]:
    return list(PartyOrg.objects.filter(pk__in=ids, ended_on=None).select_related("parent").order_by("path"))


def _places(plan: Restructuring, touched: Collection[int]) -> dict[int, Place]:
    """The part of the tree that is shown, in its order."""
    rows = PartyOrg.objects.below(plan.org).filter(ended_on=None).order_by("path")
    if rows[: WHOLE_TREE_UP_TO + 1].count() > WHOLE_TREE_UP_TO:
        rows = rows.filter(Q(pk__in=touched) | Q(parent__in=touched))[:WHOLE_TREE_UP_TO]
    return {org.pk: Place(org.pk, org.name, str(org), org.kind, org.parent_id, org.path) for org in rows}


def _remarks(
    orgs: Iterable[PartyOrg], numbers: dict[int, dict[str, Number]], plan: Restructuring,
    known: Collection[tuple[int, str]] | None,
) -> list[Remark]:  # fmt: skip
    """What the rules say about each organisation; members by its roster, else as the census knows them."""
    rows = list(orgs)
    rosters, limits = headcounts(rows, plan.on), thresholds(on=plan.on, org_path=plan.org_path)
    found = []
    for org in rows:
        figure = {code: int(number) for code, number in numbers[org.pk].items() if number is not None}
        formal, members = figure.get(FORMAL_BY_CENSUS), figure.get(ALL_BY_CENSUS)
        if roster := rosters.get(org.pk):
            formal, members = roster.formal, roster.formal + roster.probationary
        parent = OrgKind(org.parent.kind) if org.parent else None
        standing = Standing(OrgKind(org.kind), parent, formal, members, figure.get(UNITS, 0))
        for finding in standing_findings(standing, limits):
            found.append(Remark(org.pk, org.name, finding, (org.pk, finding.code) not in (known or ())))
    return found


def _pairs(before: dict[str, Number], after: dict[str, Number]) -> dict[str, tuple[Number, Number]]:
    return {code: (before.get(code), after.get(code)) for code in {**before, **after}}
