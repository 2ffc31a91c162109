"""A return beside the last one: what changed, and what the rules have to say about it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.core.regulations import Finding
from apps.enterprises.kinds import ContactMethod, Status, UnbuiltReason
from apps.enterprises.models import Condition, Establishment

from .models import CensusReturn
from .parameters import thresholds
from .rules import (
    CLEAR_FLAGS,
    SECTION_FACTS,
    Answer,
    Figures,
    Section,
    change_findings,
    consistency_findings,
    submission_findings,
    unclear_findings,
)

FACTS: Final = tuple(name for names in SECTION_FACTS.values() for name in names)
"""What a return says about its enterprise, in the order of the sections."""
OWNER: Final = ("leader_name", "leader_status", "attitude")
"""What approval writes to the enterprise itself."""
COUNTED: Final = (
    *SECTION_FACTS[Section.OPERATIONS], *SECTION_FACTS[Section.STAFF], *SECTION_FACTS[Section.MEMBERS],
    "unbuilt_reason", "unbuilt_note",
)  # fmt: skip
"""What approval writes to the condition of the enterprise."""


@dataclass(frozen=True)
class Before:
    """What was known before this return: the last return that was submitted, else the register."""

    source: str = ""
    values: Mapping[str, Any] = ()  # type: ignore[assignment]

    @property
    def figures(self) -> Figures | None:
        return figures_of(self.values) if self.values else None


@dataclass(frozen=True)
class Difference:
    """One fact that is not what it was."""

    name: str
    label: str
    old: str
    new: str


def before(row: CensusReturn) -> Before:
    """What `row` is compared with. At most two queries."""
    last = (
        CensusReturn.objects.filter(enterprise=row.enterprise_id, submitted_on__isnull=False)
        .filter(round__starts_on__lt=row.round.starts_on).select_related("round").order_by("-round__starts_on", "-pk")
        .first()
    )  # fmt: skip
    if last is not None:
        return Before(last.round.title, {name: getattr(last, name) for name in FACTS})
    known = Condition.objects.as_of(_eve(row)).filter(enterprise=row.enterprise_id).first()
    if known is None:
        return Before()
    return Before("登记情况", {name: getattr(known, name) for name in COUNTED})


def _eve(row: CensusReturn) -> datetime.date:
    """The last day of which the register cannot hold this return's own answer."""
    return min(row.round.opens_on, row.round.span.last_day) - datetime.timedelta(days=1)


def differences(row: CensusReturn, last: Before) -> list[Difference]:
    """The facts of a return that are not what they were; facts that were not known before do not count."""
    return [
        Difference(name, str(row._meta.get_field(name).verbose_name), shown(name, last.values[name]),
                   shown(name, getattr(row, name)))
        for name in FACTS
        if name in last.values and last.values[name] != getattr(row, name)
    ]  # fmt: skip


def shown(name: str, value: Any) -> str:
    """A fact as people read it: labels, 是 and 否, a dash for nothing."""
    if value in (None, ""):
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    field = CensusReturn._meta.get_field(name)
    return str(dict(getattr(field, "flatchoices", ())).get(value, value))


def covered_on(enterprise_ids: Sequence[int], day: datetime.date) -> set[int]:
    """Which of the enterprises a Party organisation covers on the day. One query."""
    rows = Establishment.objects.as_of(day).filter(enterprise__in=enterprise_ids).exclude(org__ended_on__lte=day)
    return set(rows.values_list("enterprise_id", flat=True))


def is_covered(row: CensusReturn, today: datetime.date) -> bool:
    return bool(covered_on([row.enterprise_id], row.round.as_of(today)))


def findings(row: CensusReturn, *, covered: bool, last: Before, today: datetime.date) -> list[Finding]:
    """Everything the rules say about a return, what blocks first. 本季无变化 is not held against the last one."""
    answer = answer_of(row, covered=covered)
    figures = figures_of({name: getattr(row, name) for name in FACTS})
    found = submission_findings(answer, today=today, since=row.round.starts_on) + unclear_findings(answer)
    found += consistency_findings(figures)
    if last.figures is not None and not row.no_change:
        found += change_findings(figures, last.figures, thresholds(on=today, org_path=row.enterprise.org_path))
    return found


def answer_of(row: CensusReturn, *, covered: bool) -> Answer:
    flags = {section: getattr(row, name) for section, name in CLEAR_FLAGS.items()}
    return Answer(
        answered=[section for section, clear in flags.items() if clear is not None],
        unclear=[section for section, clear in flags.items() if clear is False],
        covered=covered, no_change=row.no_change, method=ContactMethod(row.method) if row.method else None,
        checked_on=row.checked_on, unbuilt_note=row.unbuilt_note,
        unbuilt_reason=UnbuiltReason(row.unbuilt_reason) if row.unbuilt_reason else None,
    )  # fmt: skip


def figures_of(values: Mapping[str, Any]) -> Figures:
    return Figures(
        status=Status(values["status"]), staff=values["staff"], formal_members=values["formal_members"],
        probationary_members=values["probationary_members"], members_elsewhere=values["members_elsewhere"],
    )  # fmt: skip
