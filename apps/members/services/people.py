"""Who works or lives here while the relation is elsewhere: found by name and ID number, or registered anew."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.errors import DomainError
from apps.core.scoping import required_scope, unscoped
from apps.enterprises.models import Enterprise

from ..kinds import Relation
from ..models import DualAgreement, Member, MobileRecord
from .common import bring_along, store, tidied
from .facts import Known, known_person, read_id_number
from .members import register_member

OVERSEEING = frozenset({OrgKind.AUTHORITY, OrgKind.GROUP})
"""Organisations that look after nobody themselves."""


def check_looks_after(org: PartyOrg) -> None:
    """Daily management is with a branch, or with the station or committee of a firm that has none."""
    if OrgKind(org.kind) in OVERSEEING:
        message = f"{OrgKind(org.kind).label}不直接管理党员，请选择党支部、党建指导站或党委。"
        raise DomainError(message, code="looks_after_nobody", field="org")
    if org.ended_on is not None:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销。", code="org_ended", field="org")


def guest_of(
    org: PartyOrg, *, name: str, id_number: str, enterprise: Enterprise | None, facts: Mapping[str, Any],
    on: datetime.date, today: datetime.date, actor: Any, confirmed: bool = False,
) -> Member:  # fmt: skip
    """The person whom `org` is to look after, locked: somebody of another roster, or with the relation outside.

    Somebody whom the portal does not know is registered (`facts`: home_text, phone …); who left the portal comes
    back; whom another organisation looked after, and has no agreement with any more, is taken over. Where the
    relation is stays unsaid. Raises DomainError for a name that does not fit the number, for the own members, and
    for somebody who has an agreement elsewhere.
    """
    check_looks_after(org)
    number = read_id_number(id_number, today=today, confirmed=confirmed)
    known = known_person(number)
    if known is None or known.relation is Relation.LEFT:
        return register_member(  # type: ignore[no-any-return]
            facts={**facts, "name": name, "id_number": number}, org=org, on=on, today=today, actor=actor,
            relation=Relation.ELSEWHERE, enterprise=enterprise, confirmed=True,
        )  # fmt: skip
    if known.name != tidied("name", name):
        raise DomainError("身份证号与姓名不符，请核对。", code="name_disagrees", field="name")
    member = _locked_anywhere(known)
    if member.relation == Relation.ELSEWHERE:
        _take_over(member, org, enterprise, facts, today)
    refuse_own(member, org)
    return member


def refuse_own(member: Member, org: PartyOrg) -> None:
    """Whose relation is here is no guest."""
    if member.relation == Relation.HERE and member.org_id == org.pk:
        message = f"「{member.name}」的组织关系就在「{org}」，按在职党员管理。"
        raise DomainError(message, code="own_member", field="name")


def home_of(member: Member) -> PartyOrg | None:
    """The branch of the portal in which the relation is; None where it is outside."""
    return member.org if member.relation == Relation.HERE else None


def check_keeper(row: MobileRecord | DualAgreement, noun: str) -> None:
    """The other side of a row between two organisations sees it; what it says is the keeper's to change."""
    if not required_scope().covers(row.org_path):
        raise DomainError(f"{noun}由「{row.org}」登记，请由登记的党组织办理。", code="not_yours")


def _locked_anywhere(known: Known) -> Member:
    with unscoped("a guest is named by name and ID number, wherever the relation is; one row"):
        return Member.objects.select_for_update(of=("self",), no_key=True).select_related("org").get(pk=known.pk)  # type: ignore[no-any-return]


def _take_over(
    member: Member, org: PartyOrg, enterprise: Enterprise | None, facts: Mapping[str, Any], today: datetime.date
) -> None:
    """Somebody with the relation outside changes to a firm of another branch: the row goes along."""
    with unscoped("whether an agreement binds the person elsewhere: yes or no"):
        bound = DualAgreement.objects.as_of(today).filter(member=member).exclude(org=org).exists()
    if bound:
        message = "这名党员已由其他党组织签订双重管理协议，请本人先与原党组织办理终止。"
        raise DomainError(message, code="bound_elsewhere", field="id_number")
    home = tidied("home_text", str(facts.get("home_text") or ""))
    moved = member.org_id != org.pk
    if not moved and enterprise in (None, member.employer) and home in ("", member.home_text):
        return
    member.org, member.home_text = org, home or member.home_text
    member.employer = enterprise or member.employer
    store(member)
    if moved:
        bring_along([member])
