"""An election on its way, for tests: plan it, and take it as far as a test needs."""

from __future__ import annotations

import datetime
from typing import Any

from apps.branches.models import Election, Term
from apps.branches.rules.elections import CandidatePost, ElectionState
from apps.branches.services import elections, votes
from apps.branches.services.terms import record_term

TODAY = datetime.date(2026, 11, 22)
BEGAN = datetime.date(2023, 12, 20)
EXPIRY = datetime.date(2026, 12, 20)
PLANNED = datetime.date(2026, 11, 20)
REQUESTED = datetime.date(2026, 10, 12)
CONSENTED = datetime.date(2026, 10, 26)
NOTIFIED = datetime.date(2026, 11, 10)
REPORTED = datetime.date(2026, 11, 21)

NAMES = ("王一", "李二", "张三", "赵四")
VOTES = {"王一": 19, "李二": 17, "张三": 14, "赵四": 6}


def began(org: Any, actor: Any, number: int = 3, since: datetime.date = BEGAN, **facts: Any) -> Term:
    return record_term(org=org, number=number, since=since, today=TODAY, actor=actor, **facts)


def planned(org: Any, actor: Any, **given: Any) -> Election:
    facts = {"planned_on": PLANNED, "seats": 3, "deputies": 1, **given}
    return elections.plan_election(org=org, today=TODAY, actor=actor, **facts)


def ballots(election: Election, **given: Any) -> votes.VoteRecord:
    """A good record: twenty-five members, twenty-two came, three of four candidates are elected."""
    got = given.pop("got", VOTES)
    counted = {each.pk: (got[each.name], None) for each in election.candidates.filter(is_nominated=True)}
    facts = {"held_on": PLANNED, "voters": 25, "present": 22, "issued": 22, "returned": 22, "valid": 21,
             "votes": counted, **given}  # fmt: skip
    return votes.VoteRecord(**facts)


def taken_to(state: ElectionState, election: Election, actor: Any, officer: Any) -> Election:
    """Take a planned election of three seats as far as `state`."""
    steps = [
        (ElectionState.REQUESTED, lambda row: elections.request_election(
            election=row, on=REQUESTED, document="请〔2026〕1号", today=TODAY, actor=actor)),
        (ElectionState.CONSENTED, lambda row: elections.consent_election(
            election=row, on=CONSENTED, document="复〔2026〕9号", today=TODAY, actor=officer)),
        (ElectionState.NOTIFIED, lambda row: elections.notify_election(
            election=row, on=NOTIFIED, planned_on=PLANNED, candidates={CandidatePost.MEMBER: NAMES}, today=TODAY,
            actor=actor)),
        (ElectionState.HELD, lambda row: votes.record_vote(
            election=row, vote=ballots(row), today=TODAY, actor=actor)),
        (ElectionState.REPORTED, lambda row: elections.report_election(
            election=row, on=REPORTED, document="报〔2026〕2号", secretary="王一", deputies=["李二"], today=TODAY,
            actor=actor)),
        (ElectionState.APPROVED, lambda row: elections.approve_election(
            election=row, on=TODAY, document="批〔2026〕5号", today=TODAY, actor=officer)),
    ]  # fmt: skip
    for reached, take in steps:
        if election.state == state:
            break
        election = take(election)
        assert election.state == reached
    return election
