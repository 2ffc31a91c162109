"""What the filler does: answer in one press, or section by section; take an answer back."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.regulations import Finding
from apps.core.versions import check_version
from apps.enterprises.services.common import assign, refusal, weigh

from .. import comparison, round_sql
from ..models import CensusReturn
from ..rules import CLEAR_FLAGS, SECTION_FACTS, Action, Section, State, next_move
from .moves import locked, note

FACTS: Final = (*comparison.FACTS, *CLEAR_FLAGS.values(), "method", "checked_on", "change_reason")
"""What a filler may write; state, dates of the process and versions never come from input."""


@write
def save_draft(
    *, census_return: CensusReturn, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> CensusReturn:
    """存草稿: keep what was typed so far, whatever it lacks. Raises Conflict when somebody was faster."""
    row = _taken_up(census_return, Action.SAVE, facts, today, version)
    row.no_change = False
    _store(row, Action.SAVE, actor)
    return row


@write
def submit(
    *, census_return: CensusReturn, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> CensusReturn:
    """上报: the whole return. Rules block what is missing (应当) and ask for a reason where something looks odd (一般)."""
    row = _taken_up(census_return, Action.SUBMIT, facts, today, version)
    covered = comparison.is_covered(row, today)
    if covered:
        assign(row, {"unbuilt_reason": "", "unbuilt_note": "", "planned_on": None}, FACTS)
    last = comparison.before(row)
    row.no_change = False
    _weighed(comparison.findings(row, covered=covered, last=last, today=today), row)
    row.no_change = bool(last.values) and not comparison.differences(row, last)
    _send_in(row, today, actor)
    return row


def standing_facts(row: CensusReturn, today: datetime.date) -> dict[str, object]:
    """The register as it stands, which 本季无变化 confirms; empty when the enterprise has left."""
    return round_sql.register_says(row, row.round, row.round.as_of(today))


@write
def answer_unchanged(
    *, census_return: CensusReturn, method: str, checked_on: datetime.date | None, today: datetime.date, actor: Any,
    unbuilt_reason: str = "", unbuilt_note: str = "", change_reason: str = "", version: int | None = None,
) -> CensusReturn:  # fmt: skip
    """本季无变化 in one press: the register is right as it stands; says how and when that was found out.

    An uncovered enterprise without 未建原因 needs one (`unbuilt_reason`); a draft's other figures are dropped.
    """
    facts: dict[str, Any] = {"method": method, "checked_on": checked_on, "change_reason": change_reason}
    row = _taken_up(census_return, Action.SUBMIT, facts, today, version)
    standing = standing_facts(row, today)
    if not standing:
        raise DomainError("这家企业已不在园区，请按五清填报，写明经营状态。", code="left")
    covered = comparison.is_covered(row, today)
    if not covered and unbuilt_reason:
        standing |= {"unbuilt_reason": unbuilt_reason, "unbuilt_note": unbuilt_note}
    assign(row, {**standing, **dict.fromkeys(CLEAR_FLAGS.values(), True)}, FACTS)
    row.no_change = True
    _weighed(comparison.findings(row, covered=covered, last=comparison.Before(), today=today), row)
    _send_in(row, today, actor)
    return row


@write
def withdraw(*, census_return: CensusReturn, today: datetime.date, actor: Any) -> CensusReturn:
    """撤回: take a return back before it is checked."""
    row = locked([census_return], Action.WITHDRAW, who="filler", today=today)[0]
    row.submitted_on, row.is_on_time = None, None
    _store(row, Action.WITHDRAW, actor)
    record(actor, "census.withdrawn", row, summary=f"撤回「{row.enterprise.name}」的{row.round.title}摸底表")
    return row


def complete(row: CensusReturn) -> None:
    """Validate the columns of a return. Raises DomainError beside the field."""
    parts = {"staff_under_35": "35岁以下职工", "staff_college": "大专以上职工"}
    for name, label in parts.items():
        if (getattr(row, name) or 0) > row.staff:
            raise DomainError(f"{label}不能多于职工数 {row.staff}。", field=name)
    try:
        row.full_clean(exclude=["round", "enterprise"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise refusal(error) from error


def _taken_up(
    census_return: CensusReturn, action: Action, facts: Mapping[str, Any], today: datetime.date, version: int | None
) -> CensusReturn:
    row = locked([census_return], action, who="filler", today=today)[0]
    check_version(row, version, dict(facts))
    assign(row, facts, FACTS)
    return row


def _weighed(findings: list[Finding], row: CensusReturn) -> None:
    """Let the rules speak, each beside the field that it is about."""
    try:
        weigh(findings, row.change_reason)
    except DomainError as error:
        error.field = field_of(error.code)
        raise


def field_of(code: str) -> str:
    """The input that a finding is about: what is missing, else the reason that it asks for."""
    name, _, what = code.rpartition("_")
    if code.startswith(("method", "checked_on")):
        return "method" if code.startswith("method") else "checked_on"
    if what == "missing":
        section = next((s for s in Section if s.value == name), None)
        return CLEAR_FLAGS.get(section, SECTION_FACTS[Section.UNBUILT][0]) if section else name
    return "change_reason"


def _send_in(row: CensusReturn, today: datetime.date, actor: Any) -> None:
    """已报, on time or not. What was sent in on time and came back stays on time."""
    row.submitted_on = today
    row.is_on_time = bool(row.is_on_time) or row.round.takes_in_time(today)
    _store(row, Action.SUBMIT, actor)
    said = "本季无变化" if row.no_change else "有变化"
    record(actor, "census.submitted", row,
           summary=f"上报「{row.enterprise.name}」{row.round.title}：{row.get_method_display()}，{said}")  # fmt: skip


def _store(row: CensusReturn, action: Action, actor: Any) -> None:
    first_draft = State(row.state) is State.NOT_STARTED
    row.state = next_move(State(row.state), action).to.value
    row.answered_by_id = getattr(actor, "pk", None)
    row.answered_by_name = getattr(actor, "display_name", "系统")
    complete(row)
    row.version += 1
    row.save()
    if action is not Action.SAVE or first_draft:
        note([row], action, actor)
