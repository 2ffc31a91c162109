"""A member comes onto a roster, is described, and moves within the branch."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.period_guard import guard_period
from apps.core.scoping import unscoped
from apps.core.sealing import new_ids
from apps.core.text import clean_name
from apps.core.versions import check_version
from apps.enterprises.models import Enterprise

from ..kinds import Entry, LeavingReason, Relation
from ..models import Member
from .common import (
    begin_membership,
    check_employer,
    check_group,
    check_not_future,
    check_on_roster,
    current_membership,
    end_membership,
    labels,
    locked,
    locked_all,
    member_code,
    store,
    tidied,
)
from .facts import (
    HIDDEN,
    Known,
    known_person,
    may_come_back,
    read_id_number,
    refusal_of_known,
    set_facts,
)

ENTRIES = (Entry.INITIAL, Entry.ADMITTED, Entry.RESTORED)
"""How somebody comes onto a roster by registration; the other ways are transfers and restructuring."""

_LABELS = {"id_number": "身份证号", "phone": "联系电话"}


@write
def register_member(
    *, facts: Mapping[str, Any], org: PartyOrg, on: datetime.date, today: datetime.date, actor: Any,
    relation: Relation = Relation.HERE, entry: Entry = Entry.INITIAL, group: PartyOrg | None = None,
    enterprise: Enterprise | None = None, joined_on: datetime.date | None = None,
    formal_on: datetime.date | None = None, confirmed: bool = False, note: str = "",
) -> Member:  # fmt: skip
    """登记党员: on the roster of `org` from `on` on, or (relation elsewhere) as somebody who works here.

    `facts` names columns of FACTS. `confirmed`: a 15-digit ID number was compared with the card. Somebody who has
    left the portal comes back with the same row. Raises DomainError: `known` for somebody inside the scope,
    `needs_transfer` for somebody of another branch (which is not named); Conflict for a closed period.
    """
    check_not_future(on, today)
    _check_party_dates(joined_on, formal_on, today)
    number = facts.get("id_number") or ""
    if relation is Relation.HERE:
        _check_complete(number, joined_on, entry)
    else:
        _check_works_here(facts, org, enterprise)
    check_employer(enterprise, on)
    number = read_id_number(number, today=today, confirmed=confirmed) if number.strip() else ""
    name = tidied("name", str(facts.get("name") or ""))
    member = _row_for(number, name, admitted=entry is Entry.ADMITTED, joined_on=joined_on)
    set_facts(member, facts, today=today, confirmed=confirmed)
    member.joined_on, member.formal_on, member.probation_until = joined_on, formal_on, None
    try:
        with transaction.atomic():
            _enter(member, relation, org=org, on=on, entry=entry, group=group, enterprise=enterprise, note=note)
    except (IntegrityError, DomainError) as error:
        _refuse_taken(error, number)
        raise
    where = (
        f"「{org}」名册，{entry.label}，自 {on:%Y-%m-%d} 起"
        if relation is Relation.HERE
        else f"「{org}」，{relation.label}"
    )
    record(actor, "member.registered", member, summary=f"登记党员「{member.name}」（{member.code}）于{where}",
           data={"on": on.isoformat(), "entry": entry.value, "relation": relation.value})  # fmt: skip
    return member


@write
def change_member(
    *, member: Member, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None,
    confirmed: bool = False,
) -> Member:  # fmt: skip
    """修改: correct who a member is. `facts` names columns of FACTS; a text of "" clears, except the ID number.

    Raises Conflict when somebody was faster (what is masked is not part of it), DomainError for a number of
    somebody else.
    """
    member = locked(member)
    check_version(member, version, {name: value for name, value in facts.items() if name not in HIDDEN})
    changed = set_facts(member, facts, today=today, confirmed=confirmed)
    if not changed:
        return member
    if "id_number" in changed and (known := known_person(member.id_number)) and known.pk != member.pk:
        raise refusal_of_known(known)
    try:
        with transaction.atomic():
            store(member)
    except (IntegrityError, DomainError) as error:
        _refuse_taken(error, member.id_number if "id_number" in changed else "")
        raise
    record(actor, "member.changed", member, data={"fields": sorted(changed)},
           summary=f"修改「{member.name}」的{_named(member, changed)}")  # fmt: skip
    return member


@write
def move_in_branch(
    *, member: Member, group: PartyOrg | None, enterprise: Enterprise | None, on: datetime.date, today: datetime.date,
    actor: Any, note: str = "", version: int | None = None,
) -> Member:  # fmt: skip
    """支部内调整: another 党小组 or another employer from `on` on; the branch stays.

    The roster keeps both slices; a slice that began on that day is corrected in place. Of somebody whose relation
    is elsewhere only the employer changes. Raises DomainError when nothing changes, Conflict for a closed period.
    """
    member = locked(member)
    check_version(member, version, {"group": group, "employer": enterprise})
    check_not_future(on, today)
    if (group, enterprise) == (member.group, member.employer):
        raise DomainError("党小组和所在企业都没有变化。", code="unchanged")
    if enterprise != member.employer:
        check_employer(enterprise, on)
    if member.relation == Relation.ELSEWHERE:
        _change_employer(member, enterprise)
    else:
        _regroup(member, group=group, enterprise=enterprise, on=on, note=note)
    what = f"党小组「{group or '无'}」，所在企业「{enterprise or '无'}」"
    record(actor, "member.regrouped", member, data={"on": on.isoformat()},
           summary=f"「{member.name}」自 {on:%Y-%m-%d} 起支部内调整：{what}")  # fmt: skip
    return member


@write
def assign_group(
    *, members: Sequence[Member], group: PartyOrg, on: datetime.date, today: datetime.date, actor: Any
) -> list[Member]:
    """编入小组: several members of one branch into one of its groups, all or none; who is in it already stays."""
    rows = locked_all(members)
    for member in rows:
        check_on_roster(member)
    for member in rows:
        if member.group_id != group.pk:
            move_in_branch(
                member=member, group=group, enterprise=member.employer, on=on, today=today, actor=actor, version=None
            )
    return rows


@write
def waive_placement(*, member: Member, reason: str, today: datetime.date, actor: Any) -> Member:
    """无需安置: the firm left the park and the member stays on the roster all the same, for a stated reason."""
    member = locked(member)
    if member.placement_since is None:
        raise DomainError(f"「{member}」不在待安置名单中。", code="not_waiting")
    if not reason.strip():
        raise DomainError("请说明无需安置的原因。", code="reason_needed", field="reason")
    since, member.placement_since = member.placement_since, None
    store(member)
    record(actor, "member.placement_waived", member, data={"reason": clean_name(reason), "since": since.isoformat()},
           summary=f"「{member.name}」无需安置：{clean_name(reason)}")  # fmt: skip
    return member


@write
def mark_lost(*, member: Member, since: datetime.date, today: datetime.date, actor: Any, note: str = "") -> Member:
    """登记失去联系 from `since` on; the timers of 失联 count from here. Nothing else happens by itself."""
    member = locked(member)
    check_on_roster(member)
    check_not_future(since, today, field="since")
    if member.lost_since is not None:
        raise DomainError(f"「{member}」已登记自 {member.lost_since:%Y-%m-%d} 起失去联系。", code="lost_already")
    if member.joined_on and since < member.joined_on:
        raise DomainError(f"不能早于入党日期 {member.joined_on:%Y-%m-%d}。", code="before_joining", field="since")
    member.lost_since = since
    store(member)
    record(
        actor,
        "member.lost",
        member,
        summary=f"登记「{member.name}」自 {since:%Y-%m-%d} 起失去联系",
        data={"note": note},
    )
    return member


@write
def mark_found(*, member: Member, on: datetime.date, today: datetime.date, actor: Any, note: str = "") -> Member:
    """恢复联系. An open case of lost contact stays with whoever decides it."""
    member = locked(member)
    check_not_future(on, today)
    if member.lost_since is None:
        raise DomainError(f"「{member}」没有登记失去联系。", code="not_lost")
    if on < member.lost_since:
        raise DomainError(f"不能早于失去联系日期 {member.lost_since:%Y-%m-%d}。", code="out_of_order", field="on")
    member.lost_since = None
    store(member)
    record(actor, "member.found", member, summary=f"「{member.name}」自 {on:%Y-%m-%d} 起恢复联系", data={"note": note})
    return member


@write
def reveal(*, member: Member, field: str, reason: str, actor: Any) -> str:
    """查看原文 of an ID number, phone or address, for a stated reason that stays in the trail."""
    if field not in HIDDEN:
        raise TypeError(f"{field} is not hidden")
    if not reason.strip():
        raise DomainError("请填写查看理由。", field="reason")
    record(actor, "member.viewed", member, data={"reason": clean_name(reason), "field": field},
           summary=f"查看「{member.name}」（{member.code}）的{_named(member, [field])}原文")  # fmt: skip
    return str(getattr(member, field))


def _check_party_dates(joined_on: datetime.date | None, formal_on: datetime.date | None, today: datetime.date) -> None:
    for field, day in (("joined_on", joined_on), ("formal_on", formal_on)):
        if day is not None:
            check_not_future(day, today, field=field)


NAME_DISAGREES: Final = (
    "这个身份证号以前登记的姓名与所填的不同，请核对证件；确已改名的，请先按原姓名登记，再到党员页修改姓名。"
)


def _check_complete(number: str, joined_on: datetime.date | None, entry: Entry) -> None:
    """What a roster cannot do without."""
    if entry not in ENTRIES:
        raise TypeError(f"{entry} is not a way to be registered")
    if not number.strip():
        raise DomainError("请填写身份证号。", code="id_number_needed", field="id_number")
    if joined_on is None:
        raise DomainError("请填写入党日期。", code="joined_on_needed", field="joined_on")


def _check_works_here(facts: Mapping[str, Any], org: PartyOrg, enterprise: Enterprise | None) -> None:
    if enterprise is None:
        raise DomainError("组织关系在外的党员，请选择所在企业。", code="employer_needed", field="enterprise")
    if not str(facts.get("home_text") or "").strip():
        raise DomainError("请填写组织关系所在党组织。", code="home_needed", field="home_text")
    if org.ended_on is not None:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销。", code="org_ended", field="org")


def _row_for(number: str, name: str, *, admitted: bool, joined_on: datetime.date | None) -> Member:
    """A new row, or the row of somebody of that name who has left the portal; DomainError for somebody who is here."""
    known = known_person(number) if number else None
    if known is None:
        (pk,) = new_ids(Member, 1)
        return Member(pk=pk, code=member_code(pk))
    if not may_come_back(known, admitted=admitted, joined_on=joined_on):
        raise refusal_of_known(known)
    if known.name != name:
        raise DomainError(NAME_DISAGREES, code="name_disagrees", field="name")
    return _taken_up(known)


def _taken_up(known: Known) -> Member:
    with unscoped("somebody who has left the portal comes back: one row, which its new branch writes"):
        member: Member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=known.pk)
    if member.relation != Relation.LEFT:
        raise refusal_of_known(known)
    return member


def _enter(
    member: Member, relation: Relation, *, org: PartyOrg, on: datetime.date, entry: Entry, group: PartyOrg | None,
    enterprise: Enterprise | None, note: str,
) -> None:  # fmt: skip
    member.placement_since = member.lost_since = None
    if relation is Relation.HERE:
        begin_membership(member, org=org, on=on, entry=entry, group=group, enterprise=enterprise, note=note)
        return
    member.org, member.group, member.employer, member.relation = org, None, enterprise, relation.value
    member.left_on, member.leaving_reason, member.destination = None, "", ""
    store(member)


def _refuse_taken(error: Exception, number: str) -> None:
    """Two registrations of one ID number at once: the second one is told what the first one found."""
    taken = isinstance(error, IntegrityError) or getattr(error, "field", "") == "id_number_index"
    if taken and number and (known := known_person(number)):
        raise refusal_of_known(known) from error


def _change_employer(member: Member, enterprise: Enterprise | None) -> None:
    if enterprise is None:
        raise DomainError("组织关系在外的党员，请选择所在企业。", code="employer_needed", field="enterprise")
    member.employer, member.placement_since = enterprise, None
    store(member)


def _regroup(
    member: Member, *, group: PartyOrg | None, enterprise: Enterprise | None, on: datetime.date, note: str
) -> None:
    current = current_membership(member)
    if on == current.since:
        check_group(group, current.org)
        guard_period(current.org_path, on)
        current.group, current.enterprise = group, enterprise
        store(current)
        if enterprise != member.employer:
            member.placement_since = None
        member.group, member.employer = group, enterprise
        store(member)
        return
    end_membership(member, on=on, exit=LeavingReason.REGROUPED)
    begin_membership(
        member, org=current.org, on=on, entry=Entry.REGROUPED, group=group, enterprise=enterprise, note=note
    )


def _named(member: Member, names: Any) -> str:
    """Columns in words; sealed ones are no columns of their own."""
    plain = sorted(name for name in names if name not in _LABELS)
    return "、".join(
        [*(_LABELS[name] for name in sorted(names) if name in _LABELS), *filter(None, [labels(member, plain)])]
    )
