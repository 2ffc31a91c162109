"""Who a member is: names, numbers and what follows from them, checked before they are set.

A number is never part of a message, an audit entry or a conflict: only its mask is.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from apps.core.codes import check_id_number, check_phone, mask_id_number
from apps.core.errors import DomainError
from apps.core.scoping import required_scope, unscoped
from apps.core.text import clean_name, pinyin_initials

from ..kinds import LeavingReason, Relation, Sex
from ..models import Member
from .common import assign, check_not_future

PLAIN: Final = (
    "name", "initials", "sex", "nation", "native_place", "born_on", "address", "household", "education", "degree",
    "school", "work_since", "occupation", "position", "card_number", "focus", "home_text", "remark",
)  # fmt: skip
FACTS: Final = (*PLAIN, "id_number", "phone")
"""What `register_member` takes and `change_member` may change; dates, places and states have services of their own."""
HIDDEN: Final = ("id_number", "phone", "address", "household")
"""Shown masked everywhere; the original for a reason that stays in the trail."""

_SEXES: Final = {"男": Sex.MALE, "女": Sex.FEMALE}
_UNSTATED: Final = ("", Sex.UNKNOWN, Sex.UNSTATED)

NEEDS_TRANSFER = "这名党员的组织关系在其他党组织，请办理组织关系转接。"


@dataclass(frozen=True)
class Known:
    """Somebody whose ID number the portal has already. `visible`: inside the active scope."""

    pk: int
    name: str
    code: str
    relation: Relation
    leaving_reason: str
    left_on: datetime.date | None
    visible: bool


def known_person(number: str) -> Known | None:
    """Who has this (normalised) ID number anywhere in the portal: one person is one row."""
    with unscoped("an ID number is unique in the whole portal; one row of plain values"):
        found = Member.objects.with_id_number(number).values(
            "pk", "name", "code", "relation", "leaving_reason", "left_on", "org_path"
        ).first()  # fmt: skip
    if found is None:
        return None
    visible = required_scope().covers(found.pop("org_path"))
    return Known(**{**found, "relation": Relation(found["relation"])}, visible=visible)


def refusal_of_known(known: Known) -> DomainError:
    """One sentence about somebody who is registered: by name inside the scope, without a hint of where outside it."""
    if known.visible:
        message = f"这个身份证号已登记为「{known.name}」（{known.code}），请直接打开这名党员办理。"
        return DomainError(message, code="known", field="id_number")
    return DomainError(NEEDS_TRANSFER, code="needs_transfer", field="id_number")


def may_come_back(known: Known, *, admitted: bool, joined_on: datetime.date | None) -> bool:
    """Whether somebody who has left may be registered again: who was transferred out, or who joined anew since."""
    if known.relation is not Relation.LEFT:
        return False
    if known.leaving_reason in (LeavingReason.TRANSFERRED, LeavingReason.MISTAKEN):
        return True
    anew = admitted and joined_on is not None and known.left_on is not None and joined_on >= known.left_on
    return anew and known.leaving_reason != LeavingReason.DECEASED


def read_id_number(text: str, *, today: datetime.date, confirmed: bool) -> str:
    """The 18 characters of a typed ID number. A 15-digit one is converted, and confirmed by whoever typed it.

    Raises DomainError (code of `core.codes`, or converted_from_15) beside the field.
    """
    try:
        read = check_id_number(text, today=today)
    except DomainError as error:
        error.field = "id_number"
        raise
    if read.converted_from_15 and not confirmed:
        message = f"15位旧身份证号换算为 {mask_id_number(read.number)}，请对照证件核对后确认。"
        raise DomainError(message, code="converted_from_15", field="id_number")
    return read.number


def set_facts(member: Member, facts: Mapping[str, Any], *, today: datetime.date, confirmed: bool = False) -> set[str]:
    """Normalise, check and set facts; returns the names of those that changed.

    A new name brings new pinyin initials unless others were typed. Sex and birth date follow from the ID number
    where they are not given; where they disagree with it, DomainError says so. Uniqueness is the caller's to ask.
    """
    given = dict(facts)
    if "name" in given:
        given["initials"] = _initials(member, clean_name(given["name"]), given.get("initials"))
    number, phone = given.pop("id_number", None), given.pop("phone", None)
    changed = set(assign(member, given, PLAIN))
    for field in ("born_on", "work_since"):
        if (day := getattr(member, field)) is not None and field in changed:
            check_not_future(day, today, field=field)
    if phone is not None:
        changed |= _set_phone(member, phone)
    if number is not None:
        changed |= _set_id_number(member, number, today=today, confirmed=confirmed)
    if changed & {"id_number", "sex", "born_on"} and member.id_number_sealed:
        changed |= _agree(member, today)
    return changed


def _initials(member: Member, name: str, typed: str | None) -> str:
    """The typed initials where somebody typed other ones, else those of the name."""
    if typed and (typed != member.initials or name == member.name):
        return "".join(typed.split()).lower()
    return pinyin_initials(name)


def _set_phone(member: Member, text: str) -> set[str]:
    try:
        phone = check_phone(text) if text.strip() else ""
    except DomainError as error:
        error.field = "phone"
        raise
    if phone == member.phone:
        return set()
    member.phone = phone
    return {"phone"}


def _set_id_number(member: Member, text: str, *, today: datetime.date, confirmed: bool) -> set[str]:
    if not text.strip():
        if member.id_number_sealed:
            raise DomainError("身份证号登记后只能更正，不能清空。", code="id_number_needed", field="id_number")
        return set()
    number = read_id_number(text, today=today, confirmed=confirmed)
    if member.id_number_sealed and number == member.id_number:
        return set()
    member.id_number = number
    return {"id_number"}


def _agree(member: Member, today: datetime.date) -> set[str]:
    """Fill sex and birth date from the number, or refuse what disagrees with it."""
    read = check_id_number(member.id_number, today=today)
    sex, filled = _SEXES[read.sex], set()
    if member.sex in _UNSTATED:
        member.sex, filled = sex.value, {"sex"}
    elif member.sex != sex:
        raise DomainError(f"性别与身份证号不符，身份证号中为{sex.label}。", code="sex_disagrees", field="sex")
    if member.born_on is None:
        member.born_on = read.birth
        filled.add("born_on")
    elif member.born_on != read.birth:
        message = f"出生日期与身份证号不符，身份证号中为 {read.birth:%Y-%m-%d}。"
        raise DomainError(message, code="birth_disagrees", field="born_on")
    return filled
