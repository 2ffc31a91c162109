"""What every service of the roster does: lock, check the day, keep a member and the dated memberships in step."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import models

from apps.branches.models import PartyOrg
from apps.branches.rules import CAPABILITIES, SETUP, OrgKind
from apps.core.attachments import follow
from apps.core.bulk import update_rows
from apps.core.errors import DomainError
from apps.core.period_guard import Span, guard_spans
from apps.core.scoping import unscoped
from apps.enterprises.kinds import Status
from apps.enterprises.models import Condition, Enterprise
from apps.enterprises.rules import LEAVING
from apps.enterprises.services.common import (
    assign,
    check_not_future,
    labels,
    locked,
    locked_all,
    refusal,
    tidied,
    weigh,
)

from ..kinds import Entry, LeavingReason, Relation
from ..models import Honour, Member, Membership

__all__ = [
    "assign",
    "begin_membership",
    "bring_along",
    "check_employer",
    "check_group",
    "check_holds_members",
    "check_not_future",
    "check_on_roster",
    "current_membership",
    "end_membership",
    "labels",
    "locked",
    "locked_all",
    "member_code",
    "refusal",
    "rosters_of",
    "store",
    "tidied",
    "weigh",
]


def member_code(pk: int) -> str:
    """党员编号: DY and the eight digits of the row's id, which `sealing.new_ids` gives before the row is written."""
    return f"DY{pk:08d}"


def store(row: models.Model) -> None:
    """Validate against columns and constraints, raise the version of a changed row, save. Raises DomainError.

    A new row may have its id already: sealed numbers are bound to it.
    """
    new = row._state.adding
    if not new and hasattr(row, "version"):
        row.version += 1
    try:
        row.full_clean()
    except ValidationError as error:
        raise refusal(error) from error
    row.save(force_insert=new)


def check_on_roster(member: Member) -> None:
    """Only somebody whose relation is in a branch of the portal has a roster to move on, leave, or hold a post in."""
    if member.relation != Relation.HERE:
        label = Relation(member.relation).label
        raise DomainError(f"「{member}」{label}，不在本支部名册上。", code="not_on_roster")


def check_holds_members(org: PartyOrg, on: datetime.date, *, field: str = "org") -> None:
    """A relation is kept by a 党支部 or 联合党支部 that exists on the day (支部工作条例 第四条、第八条)."""
    if not CAPABILITIES[OrgKind(org.kind)].holds_members:
        message = f"{OrgKind(org.kind).label}不接收组织关系，请选择党支部或联合党支部。"
        raise DomainError(message, basis=SETUP, code="holds_no_members", field=field)
    if org.ended_on is not None:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销。", code="org_ended", field=field)
    if org.founded_on is not None and on < org.founded_on:
        raise DomainError(f"「{org}」成立于 {org.founded_on:%Y-%m-%d}，不能早于这一天。", code="org_young", field=field)


def check_group(group: PartyOrg | None, org: PartyOrg) -> None:
    """A 党小组 belongs to the branch directly above it."""
    if group is None:
        return
    if group.kind != OrgKind.GROUP or group.parent_id != org.pk:
        raise DomainError(f"党小组「{group}」不属于「{org}」。", code="foreign_group", field="group")
    if group.ended_on is not None:
        raise DomainError(f"党小组「{group}」已撤销。", code="org_ended", field="group")


def current_membership(member: Member) -> Membership:
    """The membership without an end of somebody on a roster. The caller has locked the member."""
    check_on_roster(member)
    return Membership.objects.open().select_related("org", "group", "enterprise").get(member=member)  # type: ignore[no-any-return]


def rosters_of(members: Iterable[int]) -> list[tuple[int, str, datetime.date, datetime.date | None]]:
    """(member, path, since, until) of every roster on which they are or were, for the closed periods to be asked."""
    with unscoped("former branches lie outside the scope, and their closed quarters count; paths and days only"):
        rows = Membership.objects.filter(member__in=list(members)).order_by("member", "since")
        return list(rows.values_list("member", "org_path", "since", "until"))


def check_employer(enterprise: Enterprise | None, on: datetime.date) -> None:
    """Nobody works in an enterprise that has left the park by the day."""
    if enterprise is None:
        return
    condition = Condition.objects.as_of(on).filter(enterprise=enterprise).first()
    if condition is not None and condition.status in LEAVING:
        message = f"「{enterprise}」已于 {condition.since:%Y-%m-%d} {Status(condition.status).label}，请选择别的企业。"
        raise DomainError(message, code="employer_left", field="enterprise")


def begin_membership(
    member: Member, *, org: PartyOrg, on: datetime.date, entry: Entry, group: PartyOrg | None = None,
    enterprise: Enterprise | None = None, note: str = "",
) -> Membership:  # fmt: skip
    """Put the (locked or new) member on the roster of `org` from `on` on, and store both rows.

    The caller has ended the membership before, if there was one, and has checked that `on` is not to come.
    What the member has follows. 待安置 is over with a transfer or another employer. Raises DomainError for an
    organisation that holds no members or another's group, Conflict for a closed period.
    """
    if entry is not Entry.REGROUPED:  # a branch that was upgraded still has its members until they are handed over
        check_holds_members(org, on)
    check_group(group, org)
    if member.joined_on is not None and on < member.joined_on:
        raise DomainError(f"不能早于入党日期 {member.joined_on:%Y-%m-%d}。", code="before_joining", field="on")
    guard_spans([Span(org.path, on)])
    moved = not member._state.adding and member.org_id != org.pk
    if entry is Entry.TRANSFERRED or (enterprise is not None and enterprise.pk != member.employer_id):
        member.placement_since = None
    member.org, member.group, member.employer = org, group, enterprise
    member.relation, member.home_text = Relation.HERE.value, ""
    member.left_on, member.leaving_reason, member.destination = None, "", ""
    store(member)
    if moved:
        bring_along([member])
    membership = Membership(
        member=member, org=org, group=group, enterprise=enterprise, since=on, entry=entry.value,
        note=tidied("note", note),
    )  # fmt: skip
    store(membership)
    return membership


def bring_along(members: list[Member]) -> None:
    """Files and 奖惩 go with members into the organisation that now keeps them; a fixed number of statements.

    They lie where the member was before, which may be outside the scope of whoever takes over.
    """
    paths = {member.pk: (member.org_id, member.org.path) for member in members}
    with unscoped("what a member has follows into the branch that takes over; rows of these members only"):
        follow(members)
        rows = list(Honour.objects.filter(member__in=members).values_list("pk", "member_id"))
        update_rows(Honour, {pk: {"org_id": paths[who][0], "org_path": paths[who][1]} for pk, who in rows})


def end_membership(member: Member, *, on: datetime.date, exit: LeavingReason, note: str = "") -> Membership:
    """End the membership of the (locked) member: `on` is the first day on which it no longer holds.

    The member's own row is the caller's: another membership begins, or `leave` notes where the person went.
    Raises DomainError when the membership began on that day or later, Conflict for a closed period.
    """
    membership = current_membership(member)
    if on <= membership.since:
        message = f"须晚于在「{membership.org}」登记的起始日期 {membership.since:%Y-%m-%d}。"
        raise DomainError(message, code="before_membership", field="on")
    guard_spans([Span(membership.org_path, on)])
    membership.until, membership.exit = on, exit.value
    membership.note = tidied("note", note) or membership.note
    store(membership)
    return membership
