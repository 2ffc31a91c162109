"""表决 at a record: who has a vote follows from the roster of the day, who voted from who was there, the rest is typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.branches.parameters import election_thresholds
from apps.branches.rules.voting import ElectionThresholds, VoteCount, VoteKind, VoteResult, majority, quorum
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.period_guard import guard_day
from apps.core.scoping import required_scope
from apps.core.versions import check_version
from apps.enterprises.services.common import assign, locked, store
from apps.members.models import Member

from ..kinds import COUNTED, Presence, State
from ..models import Activity, Attendance, Participation, Vote
from ..rules.votes import Manner, decided, kinds_of_votes, names_one
from .roll import eligible_voters, expected_on, holders_without_file

NUMBERS: Final = ("yes", "no", "abstained", "written_yes", "written_no", "left_out")
FACTS: Final = ("kind", "matter", "member", "is_secret", "left_out_reason", *NUMBERS)
WRITABLE: Final = (State.DRAFT, State.SUBMITTED, State.RETURNED, State.CORRECTION)
"""A plan has not been held, and what has been confirmed is not changed behind its back."""


@dataclass(frozen=True)
class Electorate:
    """Who has a vote at a record, for one kind of matter: members by name, and so many who are in no roster here.

    `there` are those of them who were at the meeting.
    """

    members: tuple[Member, ...]
    unfiled: tuple[str, ...]
    there: frozenset[int]

    @property
    def size(self) -> int:
        return len(self.members) + len(self.unfiled)


@dataclass(frozen=True)
class Ballot:
    """What is said of one vote: the facts by the names of their columns, who took part, and for an admission whom."""

    facts: Mapping[str, Any]
    voters: Collection[int]
    unfiled: int = 0
    person: str = ""


@dataclass(frozen=True)
class Reckoning:
    """One vote worked out: what was needed, and what came of it."""

    count: VoteCount
    quorum: int
    majority: int
    result: VoteResult


def electorate(activity: Activity, org: PartyOrg, kind: VoteKind) -> Electorate:
    """Who has a vote on the day of the record: 正式党员 of the branch, or the holders of the committee's posts."""
    day = activity.held_on
    present = Attendance.objects.filter(activity=activity, presence=Presence.PRESENT)
    if kind is VoteKind.COMMITTEE:
        seats = expected_on(org, activity.kind, day, activity.second_kind)
        unfiled = tuple(holders_without_file(org, day))
    else:
        seats, unfiled = eligible_voters(org, day), ()
    members = tuple(seat.member for seat in seats)
    there = set(present.values_list("member_id", flat=True)) & {member.pk for member in members}
    return Electorate(members, unfiled, frozenset(there))


def meeting_of(activity: Activity) -> list[str]:
    """The codes of the kinds that the record serves."""
    return [kind.code for kind in (activity.kind, activity.second_kind) if kind is not None]


def reckon(activity: Activity, org: PartyOrg, ballot: Ballot, voters: Electorate | None = None) -> Reckoning:
    """Work a vote out without writing it: the answer that the page shows while somebody types."""
    facts, kind = ballot.facts, VoteKind(ballot.facts["kind"])
    voters = voters or electorate(activity, org, kind)
    thresholds: ElectionThresholds = election_thresholds(on=activity.held_on, org_path=org.path)
    numbers = {name: int(facts.get(name) or 0) for name in NUMBERS}
    left_out = numbers.pop("left_out")
    count = VoteCount(expected=max(voters.size - left_out, 0), present=len(ballot.voters) + ballot.unfiled, **numbers)
    manner = Manner(
        kind=kind, meeting=meeting_of(activity), is_secret=bool(facts.get("is_secret")), left_out=left_out,
        names_person=facts.get("member") is not None or names_one(ballot.person),
        left_out_reason=str(facts.get("left_out_reason") or ""),
    )  # fmt: skip
    return Reckoning(
        count, quorum(kind, count.expected, thresholds),
        majority(kind, expected=count.expected, present=count.present, thresholds=thresholds),
        decided(manner, count, thresholds),
    )  # fmt: skip


@write
def record_vote(*, activity: Activity, org: PartyOrg, ballot: Ballot, actor: Any) -> Vote:
    """登记表决 of a branch at a record. Who voted and the totals are kept, never who voted how.

    Raises DomainError, with the rule, for a vote that cannot be: no quorum, more votes than people, an open ballot
    where a secret one is due, several people in one vote; for a record that can no longer be changed.
    """
    row = _held(activity, org)
    vote = Vote(activity=row, org=org)
    _fill(vote, ballot)
    store(vote)
    record(actor, "vote.recorded", vote, data={"activity": row.pk},
           summary=f"登记表决「{vote.matter}」：{'通过' if vote.is_passed else '未通过'}")  # fmt: skip
    return vote


@write
def change_vote(*, vote: Vote, ballot: Ballot, actor: Any, version: int | None = None) -> Vote:
    """Correct a vote while its record may be changed; it is worked out anew."""
    row = locked(vote)
    _held(row.activity, row.org)
    check_version(row, version, {name: value for name, value in ballot.facts.items() if name in FACTS})
    _fill(row, ballot)
    store(row)
    record(actor, "vote.changed", row, summary=f"修改表决「{row.matter}」：{'通过' if row.is_passed else '未通过'}")
    return row


@write
def remove_vote(*, vote: Vote, reason: str, actor: Any) -> None:
    """Take off a vote that was registered by mistake; the trail keeps why."""
    row = locked(vote)
    _held(row.activity, row.org)
    record(actor, "vote.removed", row, data={"reason": reason}, summary=f"删除表决「{row.matter}」：{reason}")
    row.delete()


def count_of(vote: Vote) -> VoteCount:
    return VoteCount(vote.expected, vote.present, vote.yes, vote.no, vote.abstained, vote.written_yes, vote.written_no)


def may_vote_here(activity: Activity) -> list[VoteKind]:
    """The kinds of matter that may still be registered at a record; none once it cannot be changed."""
    return kinds_of_votes(meeting_of(activity)) if _is_open(activity) else []


def _is_open(activity: Activity) -> bool:
    """Whether votes may still change: not once confirmed, nor on a correction that will be taken over into its record."""
    return activity.state in WRITABLE and activity.replaces_id is None


def _fill(vote: Vote, ballot: Ballot) -> None:
    numbers = {name: int(ballot.facts.get(name) or 0) for name in NUMBERS}
    facts = {**ballot.facts, **numbers, "matter": _matter(ballot)}
    voters = electorate(vote.activity, vote.org, VoteKind(facts["kind"]))
    _check_voters(voters, ballot)
    found = reckon(vote.activity, vote.org, ballot, voters)
    for finding in found.result.findings:
        if finding.blocks:
            raise DomainError(finding.message, basis=finding.basis, code=finding.code)
    assign(vote, facts, FACTS)
    vote.expected, vote.present = found.count.expected, found.count.present
    vote.is_passed, vote.voters = found.result.is_passed, sorted(ballot.voters)


def _matter(ballot: Ballot) -> str:
    """What was voted on, with the name of whom it is about."""
    matter, member = str(ballot.facts.get("matter") or "").strip(), ballot.facts.get("member")
    name = member.name if member is not None else ballot.person.strip()
    return f"{matter}（{name}）" if name and name not in matter else matter


def _check_voters(voters: Electorate, ballot: Ballot) -> None:
    """Only who has a vote and was there can have voted."""
    names = {member.pk: member.name for member in voters.members}
    if set(ballot.voters) - set(names):
        raise DomainError("参加表决的人中有没有表决权的，请核对名单。", code="no_vote", field="voters")
    if absent := [names[pk] for pk in names if pk in set(ballot.voters) - voters.there]:
        message = f"{'、'.join(absent)} 没有到会，不能参加表决。"
        raise DomainError(message, code="absent", field="voters")
    if ballot.unfiled > len(voters.unfiled):
        raise DomainError(f"名册外的委员只有 {len(voters.unfiled)} 人。", code="no_vote", field="unfiled")


def _held(activity: Activity, org: PartyOrg) -> Activity:
    """The record, locked, while it may be changed, and only by a branch that held it."""
    row = locked(activity)
    if not required_scope().covers(org.path) or not Participation.objects.filter(activity=row, org=org).exists():
        raise DomainError("表决由召开会议的党支部登记。", code="not_yours")
    if not _is_open(row):
        raise DomainError(f"这次活动{row.get_state_display()}，不能登记或修改表决。", code="not_open")
    if row.state in COUNTED:
        guard_day(org.path, row.held_on)
    return row
