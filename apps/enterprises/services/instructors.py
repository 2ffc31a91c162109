"""党建指导员: who they are, and where they are sent."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Final

from apps.core.audit import record, write
from apps.core.codes import check_phone
from apps.core.errors import DomainError
from apps.core.period_guard import Span, guard_period, guard_spans
from apps.core.text import clean_name, pinyin_initials
from apps.core.versions import check_version

from ..models import Enterprise, Instructor, InstructorAssignment
from ..parameters import thresholds
from ..rules import instructor_load_finding
from .common import assign, check_not_future, labels, locked, locked_all, store, weigh

FACTS: Final = ("org", "name", "user", "unit", "post", "source", "phone", "since")


@write
def register_instructor(*, facts: Mapping[str, Any], actor: Any) -> Instructor:
    """登记指导员. `facts` names columns of FACTS; `org` manages the instructor."""
    instructor = Instructor()
    _set(instructor, facts)
    store(instructor)
    record(actor, "instructor.registered", instructor, summary=f"登记党建指导员「{instructor.name}」")
    return instructor


@write
def change_instructor(
    *, instructor: Instructor, facts: Mapping[str, Any], actor: Any, version: int | None = None
) -> Instructor:
    """Correct what is known about an instructor. Raises Conflict when somebody was faster."""
    row = locked(instructor)
    check_version(row, version, dict(facts))
    if changed := _set(row, facts):
        store(row)
        record(actor, "instructor.changed", row, data={"fields": sorted(changed)},
               summary=f"修改指导员「{row.name}」的{labels(row, changed)}")  # fmt: skip
    return row


@write
def end_instructor(*, instructor: Instructor, until: datetime.date, today: datetime.date, actor: Any) -> Instructor:
    """任期结束: the instructor and every assignment end on `until`."""
    row = locked(instructor)
    check_not_future(until, today, field="until")
    if row.until is not None:
        raise DomainError(f"这位指导员已于 {row.until:%Y-%m-%d} 结束任期。", code="ended")
    for assignment in InstructorAssignment.objects.open().filter(instructor=row):
        recall_instructor(assignment=assignment, until=until, today=today, actor=actor)
    row.until = until
    store(row)
    record(actor, "instructor.ended", row, summary=f"指导员「{row.name}」自 {until:%Y-%m-%d} 起结束任期")
    return row


@write
def send_instructor(
    *, instructor: Instructor, enterprises: Sequence[Enterprise], since: datetime.date, today: datetime.date,
    actor: Any, reason: str = "",
) -> list[InstructorAssignment]:  # fmt: skip
    """选派: the instructor contacts these enterprises from `since` on; all of them or none.

    More enterprises than the place allows ask for a reason.
    """
    instructor = locked(instructor)
    rows = locked_all(enterprises)
    check_not_future(since, today, field="since")
    if not instructor.holds_on(since):
        raise DomainError(f"「{instructor}」在 {since:%Y-%m-%d} 不在任期内。", field="since", code="not_in_office")
    contacted = set(
        InstructorAssignment.objects.as_of(since).filter(instructor=instructor).values_list("enterprise_id", flat=True)
    )
    load = len(contacted | {row.pk for row in rows})
    finding = instructor_load_finding(load, thresholds(since, instructor.org_path))
    weigh([finding] if finding else [], reason)
    guard_spans(Span(row.org_path, since) for row in rows)
    created = []
    for enterprise in rows:
        assignment = InstructorAssignment(instructor=instructor, enterprise=enterprise, since=since)
        store(assignment)
        created.append(assignment)
        data = {"instructor": instructor.pk, "reason": clean_name(reason)}
        record(actor, "enterprise.instructor_sent", enterprise, data=data,
               summary=f"向「{enterprise.name}」选派指导员「{instructor.name}」，自 {since:%Y-%m-%d} 起")  # fmt: skip
    return created


@write
def recall_instructor(
    *, assignment: InstructorAssignment, until: datetime.date, today: datetime.date, actor: Any
) -> InstructorAssignment:
    """召回: from `until` on the instructor no longer contacts the enterprise."""
    enterprise = locked(assignment.enterprise)
    row = locked(assignment)
    check_not_future(until, today, field="until")
    if row.until is not None:
        raise DomainError(f"这项派驻已于 {row.until:%Y-%m-%d} 结束。", code="ended")
    guard_period(enterprise.org_path, until)
    row.until = until
    store(row)
    record(actor, "enterprise.instructor_recalled", enterprise, data={"instructor": row.instructor_id},
           summary=f"指导员「{row.instructor}」自 {until:%Y-%m-%d} 起不再联系「{enterprise.name}」")  # fmt: skip
    return row


def _set(instructor: Instructor, facts: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    facts = dict(facts)
    if facts.get("phone"):
        try:
            facts["phone"] = check_phone(facts["phone"])
        except DomainError as error:
            error.field = "phone"
            raise
    changed = assign(instructor, facts, FACTS)
    instructor.initials = pinyin_initials(instructor.name)
    return changed
