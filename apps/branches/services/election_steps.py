"""What every step of an election does: a compare-and-set on the state, days in order, reasons where rules ask."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from apps.core.audit import record
from apps.core.errors import Conflict, DomainError
from apps.core.regulations import Finding
from apps.core.text import clean_name
from apps.core.versions import check_version

from ..models import Election, PartyOrg, Term
from ..parameters import election_thresholds
from ..rules.elections import CandidatePost, ElectionState, may_step, timing_finding
from ..rules.terms import TERM_DELAY
from .common import check_day, check_living
from .terms import store

State = ElectionState


def open_term(org: PartyOrg) -> Term | None:
    """本届: the term that nothing has ended yet."""
    found: Term | None = Term.objects.filter(org=org, until=None).first()
    return found


def seats_of(election: Election) -> dict[CandidatePost, int]:
    """What is elected by the meeting: the committee, or where there is none 书记 and 副书记 (ZW-06)."""
    if election.seats:
        return {CandidatePost.MEMBER: election.seats}
    posts = {CandidatePost.SECRETARY: 1, CandidatePost.DEPUTY: election.deputies}
    return {post: seats for post, seats in posts.items() if seats}


def weigh(findings: Iterable[Finding | None], reason: str) -> None:
    """Let the rules speak: 应当 blocks, 一般 asks for a reason. Raises DomainError with the rule as its basis."""
    for finding in findings:
        if finding is not None and finding.blocks:
            raise DomainError(finding.message, basis=finding.basis, code=finding.code)
        if finding is not None and finding.asks_reason and not reason.strip():
            message = finding.message if "说明原因" in finding.message else f"{finding.message}确需办理的，请说明原因。"
            raise DomainError(message, basis=finding.basis, code=finding.code, field="reason")


def locked_election(
    election: Election, fits: Callable[[State], bool], deed: str, version: int | None,
    changes: Mapping[str, Any] | None = None,
) -> Election:  # fmt: skip
    """The election as it is now, locked. Raises Conflict when its state does not allow the deed (any more)."""
    rows = Election.objects.select_for_update(of=("self",)).select_related("org")
    row: Election | None = rows.filter(pk=election.pk).first()
    if row is None:
        raise DomainError("这次换届选举已不在您的范围内，请刷新后再试。", code="gone")
    if not fits(State(row.state)):
        raise Conflict(f"{row}现在是「{State(row.state).label}」，不能{deed}，可能已有人先办理，请刷新页面。")
    check_version(row, version, dict(changes or {}))
    return row


def begin_step(
    election: Election, to: State, on: datetime.date, today: datetime.date, version: int | None, *, after: str = "",
    day: str = "on",
) -> Election:  # fmt: skip
    """Lock the election and set its state to `to`; the caller stores it with `finish_step`.

    Raises Conflict when the step cannot be taken (any more), DomainError when `on` (the field `day`) lies in the
    future or before the day of the column `after`.
    """
    row = locked_election(election, lambda state: may_step(state, to), f"办理「{to.label}」", version)
    check_living(row.org)
    check_day(on, today=today, field=day)
    before = getattr(row, after) if after else None
    if before is not None and on < before:
        raise DomainError(f"日期不能早于上一步（{before:%Y-%m-%d}）。", field=day, code="out_of_order")
    row.state = to
    return row


def finish_step(row: Election, step: str, reason: str, actor: Any, summary: str) -> Election:
    """Store the election after a step, with the reason that was asked for, and note who took it."""
    note_reason(row, step, reason)
    store(row)
    record(actor, f"election.{row.state}", row, summary=summary, data={"org": row.org_id})
    return row


def note_reason(row: Election, step: str, reason: str) -> None:
    if reason.strip():
        said = f"{step}：{clean_name(reason)}"
        row.reason = "；".join(filter(None, (row.reason, said)))[-600:]


def check_timing(row: Election, day: datetime.date, reason: str, field_name: str = "timing_document") -> None:
    """An election before or after its time: 上级 approves the day, and beyond a year somebody says why (XJ-02)."""
    last = open_term(row.org)
    if last is None:
        return
    thresholds = election_thresholds(on=day, org_path=row.org_path)
    finding = timing_finding(expires_on=last.expires_on, held_on=day, thresholds=thresholds)
    if finding is None:
        return
    if not row.timing_document:
        message = f"{finding.message}请填写批准提前（延期）换届的文号。"
        raise DomainError(message, basis=TERM_DELAY, field=field_name, code=finding.code)
    if finding.code == "beyond_a_year":
        weigh([finding], reason or row.reason)
