"""Members of an organisation that is merged, split or dissolved go over to another one, as dated memberships.

Registered with `branches.relocation`; the restructuring calls it inside its own transaction. A fixed number of
statements, however many members. The past stays where it was: contacts made, visits, ended posts and records.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.branches.relocation import Relocation
from apps.branches.rules import OrgKind
from apps.core.attachments import hand_on
from apps.core.audit import record
from apps.core.bulk import insert_rows, update_rows
from apps.core.period_guard import Span, guard_spans

from ..kinds import Entry, LeavingReason, Relation, TransferState
from ..models import (
    Departure,
    DualAgreement,
    LostContact,
    Member,
    Membership,
    MobileRecord,
    Post,
    Talent,
    Transfer,
    UnitedFrontPerson,
)
from .common import bring_along, check_holds_members, locked_all
from .posts import end_posts

HELD = "members.members"
"""The code under which a split picks members."""


def members_of(org: PartyOrg, today: datetime.date) -> list[tuple[int, str]]:
    """What a split may pick: everybody whom the organisation keeps, by name."""
    rows = Member.objects.filter(org=org).exclude(relation=Relation.LEFT).order_by("initials", "pk")
    return [(row.pk, f"{row.name}（{_sort_of(row, today)}）") for row in rows]


def _sort_of(row: Member, today: datetime.date) -> str:
    return row.stage_on(today).label if row.relation == Relation.HERE else Relation(row.relation).label


def move_members(relocation: Relocation) -> int:
    """Let the rosters of the source go on in the target from the day on; returns how many members moved.

    Slices that begin later become the target's; those that hold on the day end and begin anew. Raises DomainError
    for a target that holds no members, Conflict for a closed period or a post that began after the day.
    """
    source, target, on = relocation.source, relocation.target, relocation.on
    later = Q(until__isnull=True) | Q(until__gt=on)
    slices = list(relocation.picked(HELD, Membership.objects.filter(later, org=source), "member"))
    kept = Q(relation=Relation.LEFT, left_on__gt=on) | ~Q(relation=Relation.LEFT)
    members = list(relocation.picked(HELD, Member.objects.filter(kept, org=source)))
    if slices:
        check_holds_members(target, on)
        guard_spans([Span(source.path, on), Span(target.path, on)])
    if members:
        members = locked_all(members)
    groups = _groups_that_moved(slices, target)
    _move_slices(slices, target, on, groups)
    _move_rows(members, target, groups)
    ids = {row.pk for row in members} | {row.member_id for row in slices}
    end_posts(Post.objects.filter(org=source, member__in=ids), on)
    _move_transfers(relocation, ids)
    for model in (MobileRecord, DualAgreement):
        _move_dated(model, relocation, ids, later)
    _move_open_cases(relocation, ids)
    present = [row for row in members if row.relation != Relation.LEFT]
    if present:
        record(relocation.actor, "member.relocated", target, data={"members": [row.pk for row in present], "from": source.pk},
               summary=f"{len(present)} 名党员自 {on:%Y-%m-%d} 起由「{source}」转到「{target}」")  # fmt: skip
    return len(present)


def end_posts_of(org: PartyOrg, on: datetime.date, today: datetime.date, actor: Any) -> None:
    """The leading group ends with its organisation, also those who were sent and are no members of it."""
    end_posts(Post.objects.filter(org=org), on)


def _groups_that_moved(slices: list[Membership], target: PartyOrg) -> set[int]:
    """党小组 that hang under the target now: only who is in one of them stays in a group."""
    wanted = {row.group_id for row in slices if row.group_id}
    found = PartyOrg.objects.filter(pk__in=wanted, parent=target, kind=OrgKind.GROUP)
    return set(found.values_list("pk", flat=True))


def _move_slices(slices: list[Membership], target: PartyOrg, on: datetime.date, groups: set[int]) -> None:
    begun = [row for row in slices if row.since < on]
    later = [row for row in slices if row.since >= on]
    Membership.objects.filter(pk__in=[row.pk for row in begun]).update(until=on, exit=LeavingReason.RESTRUCTURED.value)
    rows = [
        {
            "member_id": row.member_id, "group_id": row.group_id if row.group_id in groups else None,
            "enterprise_id": row.enterprise_id, "until": row.until, "exit": row.exit,
        }
        for row in begun
    ]  # fmt: skip
    home = {"org_id": target.pk, "org_path": target.path}
    insert_rows(Membership, rows, {**home, "since": on, "entry": Entry.RESTRUCTURED.value})
    astray = [row.pk for row in later if row.group_id and row.group_id not in groups]
    Membership.objects.filter(pk__in=astray).update(group=None)
    update_rows(Membership, {row.pk: home for row in later})


def _move_rows(members: list[Member], target: PartyOrg, groups: set[int]) -> None:
    astray = [row.pk for row in members if row.group_id and row.group_id not in groups]
    Member.objects.filter(pk__in=astray).update(group=None)
    for row in members:
        row.org = target
        row.prepare_row()
    if members:
        bring_along(members)
    update_rows(Member, {row.pk: {"org_id": target.pk, "org_path": target.path} for row in members})


def _move_transfers(relocation: Relocation, members: set[int]) -> None:
    """Open transfers go on from, or to, the target; one between the two sides has nothing left to do."""
    source, target = relocation.source, relocation.target
    sent = Transfer.objects.open().filter(org=source)
    if relocation.picks is not None:
        sent = sent.filter(member__in=members)
    update_rows(Transfer, dict.fromkeys(sent.values_list("pk", flat=True), _home(target)))
    if relocation.picks is None:
        received = Transfer.objects.open().filter(other_org=source)
        update_rows(Transfer, dict.fromkeys(received.values_list("pk", flat=True), _other(target)))
    Transfer.objects.open().filter(org=target, other_org=target).update(
        state=TransferState.CANCELLED.value, ended_on=relocation.on, note=f"双方已随组织调整并入「{target}」"[:200]
    )


def _move_dated(model: type[models.Model], relocation: Relocation, members: set[int], later: Q) -> None:
    """流动 and 双重管理 go on in the target; between the two sides they end, since both are one branch now."""
    source, target, on = relocation.source, relocation.target, relocation.on
    manager: Any = model._default_manager
    own, others = manager.filter(later, org=source), manager.filter(later, other_org=source)
    if relocation.picks is not None:
        own, others = own.filter(member__in=members), others.filter(member__in=members)
    update_rows(model, dict.fromkeys(others.values_list("pk", flat=True), _other(target)))
    rows = list(own)
    taken = set(manager.filter(later, org=target).values_list("member_id", flat=True))
    fresh = [row for row in rows if row.since < on and row.member_id not in taken and row.other_org_id != target.pk]
    names = [
        field.attname
        for field in model._meta.concrete_fields
        if not (field.primary_key or field.has_db_default())  # type: ignore[attr-defined]
    ]
    new = [
        {**{name: getattr(row, name) for name in names}, **_home(target), "since": on, "version": 1} for row in fresh
    ]
    ended: dict[str, Any] = {"until": on}
    if model is DualAgreement:
        ended["ended_reason"] = LeavingReason.RESTRUCTURED.label
    manager.filter(pk__in=[row.pk for row in rows if row.since < on]).update(**ended)
    successors = dict(zip((row.pk for row in fresh), insert_rows(model, new), strict=True))
    hand_on(model, successors, target.path)
    late = [row for row in rows if row.since >= on]
    update_rows(model, {row.pk: _home(target) for row in late if row.member_id not in taken})
    manager.filter(later, org=target, other_org=target, since__lt=on).update(**ended)


def _move_open_cases(relocation: Relocation, members: set[int]) -> None:
    """离职去向, 失联 and 人才 of the members; with the whole organisation also what it keeps of others."""
    source, home = relocation.source, _home(relocation.target)
    found: list[Any] = [
        Departure.objects.open().filter(org=source, member__in=members),
        LostContact.objects.open().filter(org=source, member__in=members),
        Talent.objects.available().filter(org=source, member__in=members),
    ]
    if relocation.picks is None:
        found.append(Talent.objects.available().filter(org=source, member=None))
        found.append(UnitedFrontPerson.objects.present().filter(org=source))
    for rows in found:
        ids = list(rows.values_list("pk", flat=True))
        update_rows(rows.model, dict.fromkeys(ids, home))
        hand_on(rows.model, {pk: pk for pk in ids}, relocation.target.path)


def _home(org: PartyOrg) -> Mapping[str, Any]:
    return {"org_id": org.pk, "org_path": org.path}


def _other(org: PartyOrg) -> Mapping[str, Any]:
    return {"other_org_id": org.pk, "other_path": org.path}
