"""表决: which vote belongs to which meeting, how it is taken, and the line that the books say of it.

Quorum and majority are `branches.rules.voting`; here is what they need to know of the meeting: who may decide what
where, by which ballot, and who has a vote at all. Pure functions.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from apps.branches.rules.voting import (
    ADMISSION_VOTE,
    BASIS,
    ELECTION_VOTE,
    ElectionThresholds,
    VoteCount,
    VoteKind,
    VoteResult,
    vote_result,
)
from apps.core.regulations import Citation, Finding

ONE_BY_ONE: Final = Citation("中国共产党发展党员工作细则", "第二十条、第二十四条", "FZ-08")
RIGHTS: Final = Citation("中国共产党章程", "（预备党员、留党察看期间没有表决权）", "", "K")

ASSEMBLY: Final = "assembly"
COMMITTEE: Final = "committee_meeting"

PLACES: Final = {
    VoteKind.ORDINARY: frozenset({ASSEMBLY}),
    VoteKind.ADMISSION: frozenset({ASSEMBLY}),
    VoteKind.ELECTION: frozenset({ASSEMBLY}),
    VoteKind.COMMITTEE: frozenset({COMMITTEE}),
}
"""Which kind of meeting may decide which kind of matter (by code of the built-in kinds of activity)."""

SECRET: Final = frozenset({VoteKind.ADMISSION, VoteKind.ELECTION})
"""By secret ballot always (细则 第十九条、第二十条；选举 无记名投票)."""

BETWEEN_NAMES: Final = "、，,；;/ \u3000"


@dataclass(frozen=True)
class Manner:
    """How a vote is taken: of what kind, at a record of which kinds, openly or secretly, about one person or not."""

    kind: VoteKind
    meeting: Collection[str]
    is_secret: bool
    names_person: bool
    left_out: int = 0
    left_out_reason: str = ""


def kinds_of_votes(meeting: Collection[str]) -> list[VoteKind]:
    """Return what a record of these kinds of activity may decide, the usual kind first; nothing for the others."""
    return [kind for kind in VoteKind if PLACES[kind] & set(meeting)]


def manner_findings(manner: Manner) -> list[Finding]:
    """Return what stands against the way a vote is taken, whatever its numbers are."""
    findings, kind = [], manner.kind
    if not PLACES[kind] & set(manner.meeting):
        place = "支部委员会会议" if kind is VoteKind.COMMITTEE else "支部党员大会"
        findings.append(Finding("wrong_meeting", f"“{kind.label}”应由{place}表决。", BASIS[kind], "block"))
    if kind in SECRET and not manner.is_secret:
        basis = ADMISSION_VOTE if kind is VoteKind.ADMISSION else ELECTION_VOTE
        findings.append(Finding("must_be_secret", f"{kind.label}应当采取无记名投票。", basis, "block"))
    if kind is VoteKind.ADMISSION and not manner.names_person:
        message = "讨论两人以上时应当逐个讨论和表决，请为每个人单独登记，并写明姓名。"
        findings.append(Finding("one_by_one", message, ONE_BY_ONE, "block"))
    if manner.left_out and not manner.left_out_reason.strip():
        message = f"不计入应到会的{manner.left_out}人，请写明原因和上级党组织的批准。"
        findings.append(Finding("left_out_unexplained", message, RIGHTS, "block"))
    return findings


def names_one(text: str) -> bool:
    """Whether a typed text is the name of one person: not blank, and without anything between two names."""
    return bool(text.strip()) and not any(mark in text.strip() for mark in BETWEEN_NAMES)


def decided(manner: Manner, count: VoteCount, thresholds: ElectionThresholds) -> VoteResult:
    """Decide a vote: the way it was taken first, then quorum and majority of its kind."""
    found = vote_result(manner.kind, count, thresholds)
    against = tuple(manner_findings(manner))
    if not against:
        return found
    return VoteResult(found.is_quorate, False, (*against, *(each for each in found.findings if each.blocks)))
