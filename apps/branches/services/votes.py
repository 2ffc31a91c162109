"""The vote record of an election: who should attend, who came, what the secret ballot says in totals, who is elected."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from apps.core.audit import write
from apps.core.errors import DomainError
from apps.core.regulations import Finding
from apps.core.text import clean_name

from ..models import Election, ElectionCandidate, VoterExclusion
from ..parameters import election_thresholds
from ..rules.elections import CandidatePost, ElectionState, ExclusionReason
from ..rules.voting import Ballots, Candidate, ballot_findings, elected
from .election_steps import begin_step, check_timing, finish_step, seats_of, weigh

PEOPLE: Final = ("chair", "scrutineers", "tellers")
"""主持人, 监票人, 计票人 by the names of their columns."""


@dataclass(frozen=True)
class Exclusion:
    """So many formal members whom an election does not count as expected, and the document that allows it."""

    reason: ExclusionReason
    people: int
    document: str


@dataclass(frozen=True)
class WrittenIn:
    """Somebody whom voters wrote in (另选他人)."""

    post: CandidatePost
    name: str
    votes: int
    runoff: int | None = None


@dataclass(frozen=True)
class VoteRecord:
    """The record of a secret ballot: totals only. `votes` is {candidate id: (votes, votes of the second ballot)}."""

    held_on: datetime.date
    voters: int
    present: int
    issued: int
    returned: int
    valid: int
    votes: Mapping[int, tuple[int, int | None]]
    voters_source: str = ""
    exclusions: Sequence[Exclusion] = ()
    written_in: Sequence[WrittenIn] = ()
    people: Mapping[str, str] = field(default_factory=dict)
    """主持人, 监票人, 计票人 by the names of their columns."""


@write
def record_vote(
    *, election: Election, vote: VoteRecord, today: datetime.date, actor: Any, timing_document: str = "",
    reason: str = "", version: int | None = None,
) -> Election:  # fmt: skip
    """召开大会、投票选举: write the record and decide who is elected. May be written again until it is reported.

    Raises DomainError without a quorum, for ballots that cannot be, for a tie that no second ballot decided; empty
    seats ask for a reason.
    """
    row = begin_step(election, ElectionState.HELD, vote.held_on, today, version, after="notified_on", day="held_on")
    row.timing_document = timing_document.strip() or row.timing_document
    check_timing(row, vote.held_on, reason, field_name="timing_document")
    left_out = _exclusions(vote.exclusions)
    row.expected = vote.voters - sum(each.people for each in left_out)
    if row.expected < 0:
        message = f"不计入应到会的人数合计多于党员（代表）{vote.voters}人，请核对。"
        raise DomainError(message, field="voters")
    ballots = Ballots(row.expected, vote.present, vote.issued, vote.returned, vote.valid)
    weigh(ballot_findings(ballots, election_thresholds(on=vote.held_on, org_path=row.org_path)), reason)
    standing = _count(row, vote)
    weigh(_decide(row, standing, ballots), reason)
    for name in ("held_on", "voters", "voters_source", "present", "issued", "returned", "valid"):
        setattr(row, name, getattr(vote, name))
    for name in PEOPLE:
        setattr(row, name, clean_name(vote.people.get(name, "")))
    row.secretary = _names_elected(standing, CandidatePost.SECRETARY)
    row.deputy = _names_elected(standing, CandidatePost.DEPUTY)
    won = "、".join(each.name for each in standing if each.is_elected)
    row = finish_step(row, "选举", reason, actor, f"{row}于 {vote.held_on:%Y-%m-%d} 投票，当选：{won or '无'}")
    for each in standing:
        store_candidate(each)
    row.exclusions.all().delete()
    for group in left_out:
        _store_exclusion(
            VoterExclusion(election=row, reason=group.reason, people=group.people, document=group.document)
        )
    return row


def _count(row: Election, vote: VoteRecord) -> list[ElectionCandidate]:
    """Everybody who got votes: the candidates, and those written in at this record. Not stored yet."""
    nominated = list(row.candidates.filter(is_nominated=True))
    if missing := [each.name for each in nominated if each.pk not in vote.votes]:
        raise DomainError(f"请填写{'、'.join(missing)}的得票数。", code="votes_missing")
    for each in nominated:
        each.votes, each.runoff = vote.votes[each.pk]
    row.candidates.filter(is_nominated=False).delete()
    posts = seats_of(row)
    written = [
        ElectionCandidate(election=row, post=each.post, name=clean_name(each.name), is_nominated=False,
                          votes=each.votes, runoff=each.runoff)
        for each in vote.written_in if each.name.strip()
    ]  # fmt: skip
    if any(CandidatePost(each.post) not in posts for each in written):
        raise DomainError("另选他人的职务不在这次选举之内，请核对。")
    names = [(each.post, each.name) for each in (*nominated, *written)]
    if len(set(names)) != len(names):
        raise DomainError("另选他人与候选人同名：同一人请填在候选人一行，同名的请在姓名后注明区别。")
    return [*nominated, *written]


def _decide(row: Election, standing: Iterable[ElectionCandidate], ballots: Ballots) -> list[Finding]:
    """Mark who is elected to each post; returns what the rules have to say."""
    findings: list[Finding] = []
    for post, seats in seats_of(row).items():
        names = [each for each in standing if each.post == post]
        counted = [Candidate(each.name, each.votes or 0, each.runoff) for each in names]
        tally = elected(counted, seats=seats, ballots=ballots, post=post.label)
        findings += tally.findings
        for each in names:
            each.is_elected = each.name in tally.elected
    return findings


def _exclusions(given: Sequence[Exclusion]) -> list[Exclusion]:
    left_out = [each for each in given if each.people]
    for each in left_out:
        if not each.document.strip():
            message = (
                f"“{each.reason.label}”{each.people}人不计入应到会人数，须有上级同意和大会通过的文件，请填写文号。"
            )
            raise DomainError(message, field=f"document_{each.reason.value}", code="document_needed")
    if len({each.reason for each in left_out}) != len(left_out):
        raise DomainError("同一原因请合并填写一行。")
    return [Exclusion(each.reason, each.people, clean_name(each.document)) for each in left_out]


def store_candidate(row: ElectionCandidate) -> None:
    row.full_clean()
    row.save()


def _store_exclusion(row: VoterExclusion) -> None:
    row.full_clean()
    row.save()


def _names_elected(standing: Iterable[ElectionCandidate], post: CandidatePost) -> str:
    return "、".join(each.name for each in standing if each.is_elected and each.post == post)
