"""换届后登记班子: who was elected takes the seats of the new term, and the committee before them leaves its own."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.branches.models import Election, ElectionCandidate, PartyOrg
from apps.branches.rules import ElectionState
from apps.core.audit import write
from apps.core.errors import DomainError

from ..kinds import COMMITTEE_ROLES, PostBasis, PostRole
from ..models import Member, Post
from .common import locked
from .posts import appoint, end_posts


@dataclass(frozen=True)
class Seat:
    """One who was elected, as the election names the person, the member of the roster it is, and the post."""

    name: str
    role: PostRole
    member: Member | None = None


def elected_names(election: Election) -> list[tuple[str, PostRole]]:
    """Who was elected and to what, 书记 and 副书记 first; nobody stands twice."""
    deputies = election.deputy.split("、")
    found = [(election.secretary, PostRole.SECRETARY), *((name, PostRole.DEPUTY) for name in deputies)]
    rows = ElectionCandidate.objects.filter(election=election, is_elected=True).order_by("-votes", "pk")
    found += [(name, PostRole.COMMITTEE) for name in rows.values_list("name", flat=True)]
    seats: dict[str, PostRole] = {}
    for name, role in found:
        if name:
            seats.setdefault(name, role)
    return list(seats.items())


def members_called(org: PartyOrg, names: Sequence[str]) -> Mapping[str, Member]:
    """Members below the organisation by name; of two with one name neither."""
    found: dict[str, list[Member]] = {}
    for member in Member.objects.on_roster().filter(org_path__startswith=org.path, name__in=names):
        found.setdefault(member.name, []).append(member)
    return {name: rows[0] for name, rows in found.items() if len(rows) == 1}


def is_seated(election: Election) -> bool:
    """Whether anybody has been registered for the term of this election."""
    return Post.objects.filter(org=election.org, term=election.term_id).exists()


@write
def seat_committee(
    *, election: Election, seats: Sequence[Seat], today: datetime.date, actor: Any, reason: str = ""
) -> list[Post]:
    """Register the elected from the first day of the new term on; the seats of the committee before end that day.

    All or nothing. Raises DomainError where the rules refuse or ask for a reason, for an election without a result
    that was approved, and when its committee was registered before.
    """
    election = locked(election)
    term = election.term
    if election.state != ElectionState.APPROVED or term is None:
        raise DomainError("选举结果批准后才能登记班子成员。", code="not_approved")
    if is_seated(election):
        raise DomainError(f"「{election.org}」{term}的班子已经登记过，请在班子成员名册中逐人修改。", code="seated")
    if not seats:
        raise DomainError("请至少登记一名班子成员。", code="nobody")
    former = Post.objects.filter(org=election.org, role__in=COMMITTEE_ROLES, since__lt=term.since)
    end_posts(former, term.since)
    facts = {"basis": PostBasis.ELECTED.value, "document": term.approval_document, "document_on": election.approved_on}
    return [
        appoint(org=election.org, role=seat.role, since=term.since, facts=facts, today=today, actor=actor,
                member=seat.member, name=seat.name, reason=reason)
        for seat in seats
    ]  # fmt: skip
