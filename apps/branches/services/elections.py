"""换届选举, step by step. Each step is a compare-and-set on the state: who comes second gets Conflict.

The organisation plans, asks, notifies, votes (`votes`) and reports; a holder of the level above consents and approves
(the pages ask for that right). Dates of the steps follow each other and are never in the future.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.regulations import Finding
from apps.core.text import clean_name

from ..headcount import voters_of
from ..models import Election, ElectionCandidate, PartyOrg, Term
from ..parameters import election_thresholds
from ..rules import BRANCH_KINDS, OrgKind, committee_findings
from ..rules.elections import (
    ELECTED_BY,
    SENT_BACK,
    CandidatePost,
    ElectionState,
    Meeting,
    congress_finding,
    may_follow,
    request_finding,
)
from ..rules.voting import candidates_finding
from .common import check_day, check_living, locked
from .election_steps import (
    begin_step,
    check_timing,
    finish_step,
    locked_election,
    note_reason,
    open_term,
    seats_of,
    weigh,
)
from .terms import check_elects, expiry_of, open_successor, store
from .votes import store_candidate

State = ElectionState


@write
def plan_election(
    *, org: PartyOrg, planned_on: datetime.date, seats: int, deputies: int, today: datetime.date, actor: Any,
    meeting: Meeting = Meeting.ASSEMBLY, reason: str = "", number: int | None = None,
) -> Election:  # fmt: skip
    """发起换届. `seats` 0: without a committee. Raises DomainError where nobody is elected or an election is under way."""
    org = locked(org)
    check_living(org)
    check_elects(org)
    if running := Election.objects.running().filter(org=org).first():
        raise Conflict(f"「{org}」已有一次换届选举正在办理（{State(running.state).label}）。")
    election = Election(org=org, number=number or _next_number(org))
    _set_plan(election, planned_on=planned_on, seats=seats, deputies=deputies, meeting=meeting)
    weigh(_plan_findings(election, today), reason)
    note_reason(election, "计划", reason)
    store(election)
    summary = f"发起「{org.name}」第{election.number}届换届选举，计划 {planned_on:%Y-%m-%d} 选举"
    record(actor, "election.planned", election, summary=summary, data={"org": org.pk})
    return election


@write
def change_plan(
    *, election: Election, planned_on: datetime.date, seats: int, deputies: int, today: datetime.date, actor: Any,
    meeting: Meeting = Meeting.ASSEMBLY, reason: str = "", number: int | None = None, version: int | None = None,
) -> Election:  # fmt: skip
    """Correct the plan before 上级 is asked, or after it was sent back. Raises Conflict once it was asked."""
    plan = {"planned_on": planned_on, "seats": seats, "deputies": deputies, "meeting": meeting.value}
    row = locked_election(election, lambda state: state is State.PLANNED, "修改计划", version, plan)
    row.number = number or row.number
    _set_plan(row, planned_on=planned_on, seats=seats, deputies=deputies, meeting=meeting)
    weigh(_plan_findings(row, today), reason)
    note_reason(row, "计划", reason)
    store(row)
    record(actor, "election.changed", row, summary=f"修改{row}的计划")
    return row


@write
def request_election(
    *, election: Election, on: datetime.date, document: str, today: datetime.date, actor: Any, reason: str = "",
    version: int | None = None,
) -> Election:  # fmt: skip
    """请示上级. A 请示 later than the month that is usual asks for a reason (XJ-08)."""
    row = begin_step(election, State.REQUESTED, on, today, version)
    thresholds = election_thresholds(on=on, org_path=row.org_path)
    weigh([request_finding(requested_on=on, planned_on=row.planned_on, thresholds=thresholds)], reason)
    row.requested_on, row.request_document, row.sent_back = on, document.strip(), ""
    return finish_step(row, "请示", reason, actor, f"就{row}请示上级")


@write
def consent_election(
    *, election: Election, on: datetime.date, document: str, today: datetime.date, actor: Any,
    timing_document: str = "", reason: str = "", version: int | None = None,
) -> Election:  # fmt: skip
    """上级批复. An election before its time or after it needs the approval of the day as well (XJ-02)."""
    row = begin_step(election, State.CONSENTED, on, today, version, after="requested_on")
    if not document.strip():
        raise DomainError("请填写批复文号。", field="document", basis=ELECTED_BY)
    row.timing_document = timing_document.strip()
    check_timing(row, row.planned_on, reason)
    row.consented_on, row.consent_document = on, document.strip()
    return finish_step(row, "批复", reason, actor, f"批复同意{row}")


@write
def notify_election(
    *, election: Election, on: datetime.date, planned_on: datetime.date, candidates: Mapping[CandidatePost, Sequence[str]],
    today: datetime.date, actor: Any, notice: str = "", reason: str = "", version: int | None = None,
) -> Election:  # fmt: skip
    """确定候选人 and tell the members when and where. May be repeated for another day.

    Raises DomainError for names given twice and for posts that are not elected; too few candidates for a choice
    ask for a reason (XJ-07).
    """
    row = begin_step(election, State.NOTIFIED, on, today, version, after="consented_on")
    if planned_on < on:
        raise DomainError("大会日期不能早于通知日期。", field="planned_on")
    named = {post: _names(candidates.get(post, ()), post) for post in seats_of(row)}
    if surplus := {post for post, names in candidates.items() if names} - set(named):
        raise DomainError(f"这次大会不选举{'、'.join(post.label for post in surplus)}。", field="reason")
    thresholds = election_thresholds(on=on, org_path=row.org_path)
    members = len(named.get(CandidatePost.MEMBER, ()))
    weigh([candidates_finding(seats=row.seats, candidates=members, thresholds=thresholds)], reason)
    row.notified_on, row.planned_on, row.notice = on, planned_on, clean_name(notice)
    _forget_votes(row)
    row = finish_step(row, "候选人", reason, actor, f"{row}通知党员，定于 {planned_on:%Y-%m-%d} 选举")
    for post, names in named.items():
        for name in names:
            store_candidate(ElectionCandidate(election=row, post=post, name=name))
    return row


@write
def report_election(
    *, election: Election, on: datetime.date, document: str, today: datetime.date, actor: Any, secretary: str = "",
    deputies: Sequence[str] = (), reason: str = "", version: int | None = None,
) -> Election:  # fmt: skip
    """报告选举结果. Where a committee was elected, it has elected 书记 and 副书记 from among its members (ZW-06)."""
    row = begin_step(election, State.REPORTED, on, today, version, after="held_on")
    won = list(row.candidates.filter(is_elected=True).values_list("name", flat=True))
    if not won:
        raise DomainError("没有人当选，不能报告结果；请另行选举后重新填写选举记录。", basis=ELECTED_BY)
    if row.seats:
        chosen = [clean_name(name) for name in (secretary, *deputies) if name.strip()]
        if not secretary.strip():
            raise DomainError("请填写委员会选举产生的书记。", field="secretary", basis=ELECTED_BY)
        if strangers := [name for name in chosen if name not in won]:
            message = f"{'、'.join(strangers)}不在当选委员之中，书记、副书记由委员会从委员中选举产生。"
            raise DomainError(message, field="secretary", basis=ELECTED_BY)
        if len(set(chosen)) != len(chosen):
            raise DomainError("书记、副书记不能是同一人。", field="deputies")
        if len(chosen) - 1 > row.deputies:
            raise DomainError(f"副书记名额{row.deputies}名，填写了{len(chosen) - 1}名。", field="deputies")
        row.secretary, row.deputy = chosen[0], "、".join(chosen[1:])
    row.reported_on, row.result_document, row.sent_back = on, document.strip(), ""
    return finish_step(row, "报告", reason, actor, f"报告{row}的结果")


@write
def approve_election(
    *, election: Election, on: datetime.date, document: str, today: datetime.date, actor: Any,
    since: datetime.date | None = None, expires_on: datetime.date | None = None, expiry_reason: str = "",
    version: int | None = None,
) -> Election:  # fmt: skip
    """上级批准（书记、副书记）和备案（委员）: opens the new term, from the day of the election unless `since` says
    otherwise, and ends the old one. Raises DomainError when the days do not follow each other."""
    org = locked(election.org)
    check_living(org)
    row = begin_step(election, State.APPROVED, on, today, version, after="reported_on")
    if not document.strip():
        raise DomainError("请填写批准文号。", field="document", basis=ELECTED_BY)
    begins = since or row.held_on or on
    check_day(begins, today=today, field="since")
    seated = row.candidates.filter(is_elected=True, post=CandidatePost.MEMBER).count()
    row.term = open_successor(Term(
        org=org, number=row.number, since=begins, expires_on=expires_on or expiry_of(org, begins),
        expiry_reason=clean_name(expiry_reason), seats=seated, result_document=row.result_document,
        approval_document=document.strip(),
    ), today)  # fmt: skip
    row.approved_on, row.approval_document = on, document.strip()
    return finish_step(row, "批准", "", actor, f"批准{row}的结果，第{row.number}届自 {begins:%Y-%m-%d} 起")


@write
def send_back_election(*, election: Election, reason: str, actor: Any, version: int | None = None) -> Election:
    """退回 what waits for the level above, with what has to be mended."""
    row = locked_election(election, lambda state: state in SENT_BACK, "退回", version)
    if not reason.strip():
        raise DomainError("请说明退回的意见。", field="reason")
    row.state = SENT_BACK[State(row.state)]
    row.sent_back = clean_name(reason)
    store(row)
    record(actor, "election.sent_back", row, summary=f"退回{row}：{row.sent_back}")
    return row


@write
def cancel_election(
    *, election: Election, on: datetime.date, reason: str, today: datetime.date, actor: Any, version: int | None = None
) -> Election:
    """取消 an election that has not come to its end; another one can be planned afterwards."""
    row = locked_election(election, lambda state: may_follow(state, State.CANCELLED), "取消", version)
    check_day(on, today=today)
    if not reason.strip():
        raise DomainError("请说明取消的原因。", field="reason")
    row.state, row.cancelled_on, row.cancel_reason = State.CANCELLED, on, clean_name(reason)
    store(row)
    record(actor, "election.cancelled", row, summary=f"取消{row}：{row.cancel_reason}")
    return row


def _next_number(org: PartyOrg) -> int:
    last = Term.objects.filter(org=org).order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _set_plan(row: Election, *, planned_on: datetime.date, seats: int, deputies: int, meeting: Meeting) -> None:
    last = open_term(row.org)
    if last is not None and planned_on <= last.since:
        message = f"计划选举日期须晚于本届起始日期 {last.since:%Y-%m-%d}。"
        raise DomainError(message, field="planned_on")
    if Term.objects.filter(org=row.org, number=row.number).exists():
        raise DomainError(f"第{row.number}届已经登记过，请核对届次。", field="number")
    row.planned_on, row.seats, row.deputies, row.meeting = planned_on, seats, deputies, meeting


def _plan_findings(row: Election, today: datetime.date) -> list[Finding | None]:
    """What the rules ask about the size of the committee and about electing by congress, where members are counted."""
    formal = voters_of(row.org, today).formal
    found: list[Finding | None] = [congress_finding(Meeting(row.meeting), formal)]
    if OrgKind(row.org.kind) in BRANCH_KINDS and formal is not None:
        asked = committee_findings(formal_members=formal, seats=row.seats)
        found += [Finding(each.code, each.message, each.basis, "ask") for each in asked]
    return found


def _names(names: Iterable[str], post: CandidatePost) -> list[str]:
    cleaned = [clean_name(name) for name in names if name.strip()]
    if not cleaned:
        raise DomainError(f"请填写{post.label}候选人。", field=post.value)
    if len(set(cleaned)) != len(cleaned):
        raise DomainError(f"{post.label}候选人有同名，请在姓名后注明区别。", field=post.value)
    return cleaned


def _forget_votes(row: Election) -> None:
    """Candidates named anew: what was written about earlier ones goes (row history keeps it)."""
    row.candidates.all().delete()
    row.exclusions.all().delete()
    for name in ("held_on", "voters", "expected", "present", "issued", "returned", "valid"):
        setattr(row, name, None)
    row.secretary = row.deputy = row.voters_source = ""
