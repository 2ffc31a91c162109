"""What an organisation holds of the register goes over to another one: 组建, parks, buildings, enterprises, instructors.

Registered with `branches.relocation`; a merger, a split or a dissolution calls it inside its own transaction.
"""

from __future__ import annotations

import datetime

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.branches.relocation import Days, Relocation, not_taken
from apps.branches.rules import OrgKind, capabilities
from apps.core.audit import record
from apps.core.errors import DomainError
from apps.core.period_guard import Span, guard_spans
from apps.core.scoping import unscoped

from ..kinds import Form
from ..models import Building, Condition, Enterprise, Establishment, Instructor, Park
from ..rules import ORGANISATION_COVERAGE, form_after_relocation
from .common import locked_all, store
from .instructors import change_instructor
from .places import change_building, change_park
from .responsibility import hand_over, settle

COVERS, PARKS, BUILDINGS, ANSWERED, INSTRUCTORS = (
    "enterprises.establishments", "enterprises.parks", "enterprises.buildings", "enterprises.enterprises",
    "enterprises.instructors",
)  # fmt: skip
"""Codes under which a split picks: enterprises that are covered, parks, buildings, other enterprises, instructors."""


def covered_enterprises(org: PartyOrg, today: datetime.date) -> list[tuple[int, str]]:
    rows = Establishment.objects.open().filter(org=org).select_related("enterprise").order_by("enterprise__name", "pk")
    return [(row.enterprise_id, f"{row.enterprise.name}（{row.get_form_display()}）") for row in rows]


def move_establishments(relocation: Relocation) -> int:
    """组建: the cover by the source ends on the day and one by the target begins; returns how many enterprises.

    Rows that began later simply become the target's. The form follows the rule on 单独 and 联合: an organisation
    with several enterprises covers none alone. Raises Conflict for a closed period, DomainError for a target that
    cannot cover and for enterprises that the actor does not answer for.
    """
    source, target, on = relocation.source, relocation.target, relocation.on
    later = Q(until__isnull=True) | Q(until__gt=on)
    rows = list(
        relocation.picked(COVERS, Establishment.objects.filter(later, org=source), "enterprise")
        .select_related("enterprise").order_by("enterprise", "since")
    )  # fmt: skip
    if relocation.picks is None:
        _refuse_others(source, len(rows), later)
    if not rows:
        return 0
    if not capabilities(OrgKind(target.kind)).covers:
        message = f"「{target}」是{target.get_kind_display()}，不能作为企业的党组织，请另选。"
        raise DomainError(message, basis=ORGANISATION_COVERAGE, field="target", code="does_not_cover")
    enterprises = locked_all([row.enterprise for row in rows])
    guard_spans(Span(row.enterprise.org_path, max(row.since, on), row.until) for row in rows)
    taken = list(Establishment.objects.filter(later, org=target).values_list("enterprise_id", "since", "until"))
    for row in rows:
        own = [(since, until) for enterprise_id, since, until in taken if enterprise_id == row.enterprise_id]
        _hand_over_cover(row, relocation, own)
    _fit_forms(target, on)
    settle(enterprises, today=relocation.today)
    for enterprise in enterprises:
        record(relocation.actor, "enterprise.establishment_moved", enterprise,
               data={"from": source.pk, "to": target.pk},
               summary=f"「{enterprise.name}」自 {on:%Y-%m-%d} 起由「{target}」覆盖，此前由「{source}」覆盖")  # fmt: skip
    return len(enterprises)


def _refuse_others(source: PartyOrg, seen: int, later: Q) -> None:
    """An organisation does not end while it covers somebody whom the actor cannot see. Names and counts nobody."""
    with unscoped("an organisation that covers enterprises outside the scope is not ended; answers yes or no"):
        total = Establishment.objects.filter(later, org=source).count()
    if total > seen:
        message = f"「{source}」还覆盖您范围以外的企业，请由上级党组织办理。"
        raise DomainError(message, code="outside")


def _hand_over_cover(row: Establishment, relocation: Relocation, taken: list[Days]) -> None:
    """End one row on the day and let the target cover the same days, where it does not already."""
    on, begun = relocation.on, row.since < relocation.on
    left = not_taken((max(row.since, on), row.until), taken)
    note = "；".join(filter(None, (row.note, f"由「{relocation.source}」转入")))[:200]
    facts = {"form": row.form, "document": relocation.document or row.document, "note": note}
    if begun:
        row.until = on
        store(row)
    elif left:
        row.org, (row.since, row.until), *left = relocation.target, *left
        row.note = note
        store(row)
    else:
        row.delete()
    for since, until in left:
        store(Establishment(enterprise=row.enterprise, org=relocation.target, since=since, until=until, **facts))


def _fit_forms(target: PartyOrg, on: datetime.date) -> None:
    """Let 单独 and 联合 follow the number of enterprises that the target covers from `on` on."""
    rows = list(Establishment.objects.as_of(on).filter(org=target).select_related("enterprise"))
    enterprises = {row.enterprise_id for row in rows}
    known = Condition.objects.as_of(on).filter(enterprise__in=enterprises).values_list("formal_members", flat=True)
    formal = sum(known)
    for row in rows:
        form = form_after_relocation(
            Form(row.form), OrgKind(target.kind), units=len(enterprises), formal_members=formal
        )  # fmt: skip
        if form is not Form(row.form):
            _change_form(row, form, on)


def _change_form(row: Establishment, form: Form, on: datetime.date) -> None:
    if row.since >= on:
        row.form = form
        store(row)
        return
    guard_spans([Span(row.enterprise.org_path, on, row.until)])
    until, row.until = row.until, on
    store(row)
    store(Establishment(
        enterprise=row.enterprise, org=row.org, form=form, since=on, until=until, document=row.document, note=row.note
    ))  # fmt: skip


def parks_of(org: PartyOrg, today: datetime.date) -> list[tuple[int, str]]:
    return [(park.pk, park.name) for park in Park.objects.filter(org=org)]


def move_parks(relocation: Relocation) -> int:
    rows = list(relocation.picked(PARKS, Park.objects.filter(org=relocation.source)))
    for park in rows:
        change_park(park=park, facts={"org": relocation.target}, today=relocation.today, actor=relocation.actor)
    return len(rows)


def buildings_of(org: PartyOrg, today: datetime.date) -> list[tuple[int, str]]:
    """Buildings of which the organisation is in charge; those of its own parks go with the park."""
    rows = Building.objects.filter(org=org).exclude(park__org=org).select_related("park")
    return [(building.pk, f"{building.park}{building}") for building in rows]


def move_buildings(relocation: Relocation) -> int:
    rows = Building.objects.filter(org=relocation.source).exclude(park__org=relocation.source)
    found = list(relocation.picked(BUILDINGS, rows))
    for building in found:
        change_building(
            building=building, facts={}, branch=relocation.target, today=relocation.today, actor=relocation.actor
        )
    return len(found)


def answered_enterprises(org: PartyOrg, today: datetime.date) -> list[tuple[int, str]]:
    """Enterprises that neither cover nor park gives to the organisation: only these can be picked one by one."""
    covered = Establishment.objects.open().filter(org=org).values("enterprise")
    rows = Enterprise.objects.filter(org=org, park=None).exclude(pk__in=covered).order_by("name", "pk")
    return [(row.pk, row.name) for row in rows]


def move_enterprises(relocation: Relocation) -> int:
    """What neither cover nor place has taken along: enterprises that only their responsible organisation holds."""
    rows = list(relocation.picked(ANSWERED, Enterprise.objects.filter(org=relocation.source)))
    if not rows:
        return 0
    enterprises = locked_all(rows)
    settle(enterprises, today=relocation.today)
    hand_over([row for row in enterprises if row.park_id is None], relocation.target)
    return len(enterprises)


def instructors_of(org: PartyOrg, today: datetime.date) -> list[tuple[int, str]]:
    return [(row.pk, row.name) for row in Instructor.objects.open().filter(org=org)]


def move_instructors(relocation: Relocation) -> int:
    rows = list(relocation.picked(INSTRUCTORS, Instructor.objects.open().filter(org=relocation.source)))
    for instructor in rows:
        change_instructor(instructor=instructor, facts={"org": relocation.target}, actor=relocation.actor)
    return len(rows)
