"""表决和选举: quorum and majority of the four kinds of vote, and who is elected.

应到会有表决权党员 are the 正式党员 without those who may be left out; 预备党员 never vote. Secret ballots are known
by their totals only. What is not published exactly (the share for an election, the margin of candidates, the
base of a committee's majority) arrives as `ElectionThresholds`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from apps.core.choices import Choice
from apps.core.regulations import Citation, Finding

from .organisations import BRANCH_RULES, ELECTION_RULES

ORDINARY_VOTE: Final = Citation(BRANCH_RULES, "第十一条")
COMMITTEE_VOTE: Final = Citation(BRANCH_RULES, "第十二条")
ADMISSION_VOTE: Final = Citation("中国共产党发展党员工作细则", "第十九条、第二十条、第三十二条")
ELECTION_VOTE: Final = Citation(ELECTION_RULES, "（到会和当选票数，条次待核）", "", "V-sec")
BALLOTS: Final = Citation(ELECTION_RULES, "（选票的发出、收回和有效，条次待核）", "", "K")
CANDIDATE_MARGIN: Final = Citation(ELECTION_RULES, "（差额比例，条次待核）", "XJ-07", "K")


class VoteKind(Choice):
    """What is voted on decides who must be there and how many must agree."""

    ORDINARY = "ordinary", "党员大会一般事项"
    ADMISSION = "admission", "接收预备党员、转正、延长或取消预备期"
    COMMITTEE = "committee", "支部委员会事项"
    ELECTION = "election", "选举"


class VoteBase(Choice):
    """Of whom a committee's majority is counted."""

    EXPECTED = "expected", "应到会委员"
    PRESENT = "present", "到会委员"


@dataclass(frozen=True)
class ElectionThresholds:
    """What is local or not published exactly about votes and elections, as parameters gave it on the day in question.

    `committee_vote_base` is a `VoteBase`.
    """

    candidate_margin_percent: int
    request_months: int
    early_months: int
    quorum_percent: int
    committee_vote_base: str


BASIS: Final = {
    VoteKind.ORDINARY: ORDINARY_VOTE,
    VoteKind.ADMISSION: ADMISSION_VOTE,
    VoteKind.COMMITTEE: COMMITTEE_VOTE,
    VoteKind.ELECTION: ELECTION_VOTE,
}


@dataclass(frozen=True)
class VoteCount:
    """One vote in numbers. `written_yes`, `written_no` are opinions sent in before the meeting by those not there."""

    expected: int
    present: int
    yes: int
    no: int = 0
    abstained: int = 0
    written_yes: int = 0
    written_no: int = 0


@dataclass(frozen=True)
class VoteResult:
    """Whether enough came, whether it is passed, and what the rules have to say."""

    is_quorate: bool
    is_passed: bool
    findings: tuple[Finding, ...]


def quorum(kind: VoteKind, expected: int, thresholds: ElectionThresholds) -> int:
    """Return how many must be present out of `expected`.

    半数以上 (2*present >= expected) for the meeting and the committee, 超过半数 (2*present > expected) for admission,
    the share of the parameter (4/5, reached is enough) for an election.
    """
    if kind is VoteKind.ADMISSION:
        return expected // 2 + 1
    if kind is VoteKind.ELECTION:
        return -(-expected * thresholds.quorum_percent // 100)
    return -(-expected // 2)


def majority(kind: VoteKind, *, expected: int, present: int, thresholds: ElectionThresholds) -> int:
    """Return how many must agree: more than half of those who should attend, in an election of those who did."""
    of_present = kind is VoteKind.ELECTION or (
        kind is VoteKind.COMMITTEE and thresholds.committee_vote_base == VoteBase.PRESENT
    )
    return (present if of_present else expected) // 2 + 1


def quorum_finding(kind: VoteKind, *, expected: int, present: int, thresholds: ElectionThresholds) -> Finding | None:
    """Tell why nobody can vote: more there than can be, or too few."""
    if expected <= 0:
        return Finding("nobody_expected", "应到会有表决权的人数应大于0。", BASIS[kind], "block")
    if present > expected:
        message = f"实到{present}人，多于应到会有表决权的{expected}人，请核对。"
        return Finding("too_many_present", message, BASIS[kind], "block")
    needed = quorum(kind, expected, thresholds)
    if present >= needed:
        return None
    act = "选举" if kind is VoteKind.ELECTION else "表决"
    message = f"应到会有表决权的{expected}人，实到{present}人，未达到{_share(kind, thresholds)}（至少{needed}人），不能进行{act}。"
    return Finding("no_quorum", message, BASIS[kind], "block")


def vote_result(kind: VoteKind, count: VoteCount, thresholds: ElectionThresholds) -> VoteResult:
    """Decide one vote of any kind: were enough there, did enough agree.

    Only an admission counts written opinions, and only of members who were absent (细则 第十九条). For an election
    it decides one candidate; `elected` decides all of them.
    """
    basis, findings = BASIS[kind], []
    if finding := quorum_finding(kind, expected=count.expected, present=count.present, thresholds=thresholds):
        findings.append(finding)
    cast, written = count.yes + count.no + count.abstained, count.written_yes + count.written_no
    if cast > count.present:
        message = f"赞成、反对和弃权合计{cast}票，多于实到{count.present}人，请核对。"
        findings.append(Finding("more_votes_than_present", message, basis, "block"))
    if written and kind is not VoteKind.ADMISSION:
        message = "书面意见只在讨论接收预备党员和预备党员转正时计入票数。"
        findings.append(Finding("written_not_counted", message, ADMISSION_VOTE, "block"))
    elif written > (absent := max(count.expected - count.present, 0)):
        message = f"书面意见{written}份，多于未到会的{absent}人，请核对。"
        findings.append(Finding("more_written_than_absent", message, ADMISSION_VOTE, "block"))
    yes = count.yes + (count.written_yes if kind is VoteKind.ADMISSION else 0)
    needed = majority(kind, expected=count.expected, present=count.present, thresholds=thresholds)
    if not findings and yes < needed:
        message = f"赞成{yes}票，未过半数（至少{needed}票），没有通过。"
        return VoteResult(True, False, (Finding("not_passed", message, basis, "info"),))
    quorate = all(finding.code not in ("no_quorum", "nobody_expected", "too_many_present") for finding in findings)
    return VoteResult(quorate, not findings, tuple(findings))


def _share(kind: VoteKind, thresholds: ElectionThresholds) -> str:
    """The share that must be there, in words."""
    if kind is not VoteKind.ELECTION:
        return "超过半数" if kind is VoteKind.ADMISSION else "半数以上"
    tenths = {80: "五分之四", 75: "四分之三", 67: "三分之二"}
    return tenths.get(thresholds.quorum_percent, f"{thresholds.quorum_percent}%")


@dataclass(frozen=True)
class Ballots:
    """An election by secret ballot in totals."""

    expected: int
    present: int
    issued: int
    returned: int
    valid: int


@dataclass(frozen=True)
class Candidate:
    """A candidate with the votes got; `runoff` are those of the second ballot among equals, None without one."""

    name: str
    votes: int
    runoff: int | None = None


@dataclass(frozen=True)
class Tally:
    """Who is elected, in the order of votes, and what the rules have to say."""

    elected: tuple[str, ...]
    findings: tuple[Finding, ...]


def min_candidates(seats: int, thresholds: ElectionThresholds) -> int:
    """Return how many 委员 candidates an election of so many seats needs (差额). Source: XJ-07."""
    return -(-seats * (100 + thresholds.candidate_margin_percent) // 100)


def candidates_finding(*, seats: int, candidates: int, thresholds: ElectionThresholds) -> Finding | None:
    """Tell when there are too few 委员 candidates for a choice (差额选举). Source: XJ-07."""
    needed = min_candidates(seats, thresholds)
    if seats == 0 or candidates >= needed:
        return None
    margin = (
        f"差额不少于{thresholds.candidate_margin_percent}%" if thresholds.candidate_margin_percent else "不少于应选名额"
    )
    message = f"应选委员{seats}名，候选人{candidates}名；{margin}，至少{needed}名。"
    return Finding("too_few_candidates", message, CANDIDATE_MARGIN, "ask")


def ballot_findings(ballots: Ballots, thresholds: ElectionThresholds) -> list[Finding]:
    """Return what makes an election void or the record of it impossible."""
    quorate = quorum_finding(
        VoteKind.ELECTION, expected=ballots.expected, present=ballots.present, thresholds=thresholds
    )
    findings = [quorate] if quorate else []
    if ballots.issued > ballots.present:
        message = f"发出选票{ballots.issued}张，多于实到{ballots.present}人，请核对。"
        findings.append(Finding("too_many_issued", message, BALLOTS, "block"))
    if ballots.returned > ballots.issued:
        message = f"收回选票{ballots.returned}张，多于发出的{ballots.issued}张，选举无效，应重新选举。"
        findings.append(Finding("too_many_returned", message, BALLOTS, "block"))
    if ballots.valid > ballots.returned:
        message = f"有效票{ballots.valid}张，多于收回的{ballots.returned}张，请核对。"
        findings.append(Finding("too_many_valid", message, BALLOTS, "block"))
    return findings


def elected(candidates: Sequence[Candidate], *, seats: int, ballots: Ballots, post: str = "委员") -> Tally:
    """Decide an election of `seats`: more than half of those present, then by votes, equals by the second ballot.

    Blocks on votes that cannot be and on a tie for the last seat; asks for a reason when seats stay empty.
    """
    if impossible := _impossible(candidates, seats, ballots.valid):
        return Tally((), tuple(impossible))
    passed = sorted((c for c in candidates if 2 * c.votes > ballots.present), key=_rank, reverse=True)
    names = tuple(candidate.name for candidate in passed[:seats])
    if len(passed) > seats:
        last, first_out = passed[seats - 1], passed[seats]
        if _rank(last) == _rank(first_out):
            equals = "、".join(c.name for c in passed if _rank(c) == _rank(last))
            message = (
                f"{post}应选{seats}名，{equals}得票相等（{last.votes}票），不能确定谁当选："
                "应就票数相等的候选人再次投票，请填写再次投票的得票数。"
            )
            return Tally((), (Finding("tie", message, ELECTION_VOTE, "block"),))
        message = f"得票过半数的{len(passed)}名，多于{post}应选名额{seats}名，得票多的{seats}名当选。"
        return Tally(names, (Finding("more_passed_than_seats", message, ELECTION_VOTE, "info"),))
    if len(passed) < seats:
        message = (
            f"{post}应选{seats}名，得票超过实到人数一半（至少{ballots.present // 2 + 1}票）的只有{len(passed)}名，"
            f"缺额{seats - len(passed)}名：可以另行选举，或经到会过半数同意减少名额，请说明原因。"
        )
        return Tally(names, (Finding("seats_left", message, ELECTION_VOTE, "ask"),))
    return Tally(names, ())


def _rank(candidate: Candidate) -> tuple[int, int]:
    return candidate.votes, -1 if candidate.runoff is None else candidate.runoff


def _impossible(candidates: Sequence[Candidate], seats: int, valid: int) -> list[Finding]:
    """Votes that the ballots cannot have given."""
    findings = []
    for candidate in candidates:
        most = max(candidate.votes, candidate.runoff or 0)
        if most > valid:
            message = f"{candidate.name}得票{most}张，多于有效票{valid}张，请核对。"
            findings.append(Finding("more_votes_than_ballots", message, BALLOTS, "block"))
    total = sum(candidate.votes for candidate in candidates)
    if not findings and total > valid * seats:
        message = (
            f"各候选人得票合计{total}票，多于有效票{valid}张可投的{valid * seats}票（每张至多选{seats}名），请核对。"
        )
        findings.append(Finding("more_marks_than_seats", message, BALLOTS, "block"))
    return findings
