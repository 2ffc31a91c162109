"""统战对象: people outside the Party whom the park keeps in mind. Written and seen under a permission of its own."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.codes import check_phone
from apps.core.errors import DomainError
from apps.core.text import pinyin_initials
from apps.core.versions import check_version
from apps.enterprises.models import Enterprise

from ..kinds import UnitedFrontKind
from ..models import UnitedFrontPerson
from .common import assign, check_not_future, labels, locked, store

FACTS: Final = (
    "name", "sex", "kind", "party", "nationality", "position", "speciality", "appointments", "contact_name",
    "registered_on", "note",
)  # fmt: skip


@write
def register_person(
    *, org: PartyOrg, facts: Mapping[str, Any], today: datetime.date, actor: Any, enterprise: Enterprise | None = None,
    phone: str = "",
) -> UnitedFrontPerson:  # fmt: skip
    """登记 somebody of an enterprise, or of the place itself. Raises DomainError."""
    person = UnitedFrontPerson(org=enterprise.org if enterprise else org, enterprise=enterprise)
    assign(person, facts, FACTS)
    _complete(person, today)
    if phone.strip():
        person.phone = _phone(phone)
    store(person)
    record(
        actor, "united_front.registered", person, summary=f"登记统战对象{person.name}（{person.get_kind_display()}）"
    )
    return person


@write
def change_person(
    *, person: UnitedFrontPerson, facts: Mapping[str, Any], today: datetime.date, actor: Any, phone: str | None = None,
    version: int | None = None,
) -> UnitedFrontPerson:  # fmt: skip
    """Correct facts; `phone` None or masked stays as it is, empty takes it away."""
    row = locked(person)
    check_version(row, version, dict(facts))
    changed = list(assign(row, facts, FACTS))
    if phone is not None and "*" not in phone and phone.strip() != row.phone:
        row.phone = _phone(phone) if phone.strip() else ""
        changed.append("phone")
    if changed:
        _complete(row, today)
        store(row)
        named = labels(row, [name for name in changed if name != "phone"])
        text = "、".join(filter(None, [named, "联系电话" if "phone" in changed else ""]))
        record(
            actor,
            "united_front.changed",
            row,
            data={"fields": sorted(changed)},
            summary=f"修改统战对象{row.name}的{text}",
        )
    return row


@write
def part_with(
    *, person: UnitedFrontPerson, on: datetime.date, today: datetime.date, actor: Any, version: int | None = None
) -> UnitedFrontPerson:
    """The person has left the park on a day."""
    row = locked(person)
    check_version(row, version)
    check_not_future(on, today)
    if row.left_on is not None:
        raise DomainError(f"{row.name}已于 {row.left_on:%Y-%m-%d} 离开。", code="left_already")
    if on < row.registered_on:
        raise DomainError(f"不能早于登记日期 {row.registered_on:%Y-%m-%d}。", code="before_registering", field="on")
    row.left_on = on
    store(row)
    record(actor, "united_front.left", row, summary=f"统战对象{row.name}自 {on:%Y-%m-%d} 起不在园区")
    return row


@write
def reveal_phone(*, person: UnitedFrontPerson, reason: str, actor: Any) -> str:
    """查看原文: the whole number, for a reason that goes into the trail."""
    if not reason.strip():
        raise DomainError("请填写查看原因。", field="reason")
    record(actor, "united_front.revealed", person, data={"reason": reason.strip()[:200]},
           summary=f"查看统战对象{person.name}的联系电话原文")  # fmt: skip
    return person.phone


def _complete(person: UnitedFrontPerson, today: datetime.date) -> None:
    """What follows from other facts, and what a group of people must name."""
    person.initials = pinyin_initials(person.name)
    check_not_future(person.registered_on, today, field="registered_on")
    if person.kind == UnitedFrontKind.MINOR_PARTY and not person.party:
        raise DomainError("民主党派成员请填写所属党派。", code="party_needed", field="party")
    if person.kind == UnitedFrontKind.FOREIGNER and not person.nationality:
        raise DomainError("外籍人士请填写国籍（地区）。", code="nationality_needed", field="nationality")


def _phone(text: str) -> str:
    try:
        return check_phone(text)
    except DomainError as error:
        error.field = "phone"
        raise
