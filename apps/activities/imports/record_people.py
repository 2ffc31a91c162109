"""Who stood on which roster on which day, for thousands of records at once: five queries however many rows.

The same answer as `services.roll` gives for one record.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.scoping import unscoped
from apps.members.models import Membership, Post

from ..kinds import Audience
from .record_cells import Person

CANDIDATES_SHOWN: Final = 5
"""People of one name whom a refusal tells apart before it only counts (appearance only)."""


@dataclass(frozen=True)
class Entered:
    """Somebody on a roster from a day until a day: `org_id` is the branch of the relation, `home` its path."""

    member: int
    name: str
    since: datetime.date
    until: datetime.date | None
    org_id: int
    home: str
    group: str = ""
    employer: str = ""
    joined: datetime.date | None = None

    def on(self, day: datetime.date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)

    def said(self, hint: str) -> bool:
        """Whether what stands in square brackets means this person."""
        return hint in (self.group, self.employer, str(self.joined.year if self.joined else "")) or bool(
            hint and (hint in self.group or hint in self.employer)
        )

    @property
    def described(self) -> str:
        """The person told apart from others of the name, without any number of his or hers."""
        facts = [self.group, self.employer, f"{self.joined.year}年入党" if self.joined else ""]
        return f"{self.name}（{'，'.join(filter(None, facts)) or '无其他信息'}）"


@dataclass(frozen=True)
class Need:
    """One roster that a row asks for."""

    org: PartyOrg
    audience: Audience
    day: datetime.date


class Rosters:
    """The rosters that the rows of one file ask for. `names` are those whom rows choose by name."""

    def __init__(self, needs: Iterable[Need], names: Iterable[str]) -> None:
        self.needs = set(needs)
        self.days = sorted(need.day for need in self.needs)
        self.by_org: dict[int, list[Entered]] = defaultdict(list)
        self.by_group: dict[int, list[Entered]] = defaultdict(list)
        self.by_seat: dict[int, list[Entered]] = defaultdict(list)
        self.below: list[Entered] = []
        self.found: dict[tuple[int, Audience, datetime.date], list[Entered]] = {}
        if self.days:
            self._read(set(names))

    def of(self, org: PartyOrg, audience: Audience, day: datetime.date) -> list[Entered]:
        """Who was expected on the day; of those who are chosen, who may be."""
        key = (org.pk, audience, day)
        if key not in self.found:
            self.found[key] = [each for each in self._slices(org, audience) if each.on(day)]
        return self.found[key]

    def _slices(self, org: PartyOrg, audience: Audience) -> list[Entered]:
        if audience is Audience.COMMITTEE:
            return self.by_seat[org.pk]
        if org.kind == OrgKind.GROUP:
            return self.by_group[org.pk]
        if audience is Audience.CHOSEN:
            return [each for each in self.below if each.home.startswith(org.path)]
        return self.by_org[org.pk]

    def _read(self, names: set[str]) -> None:
        orgs = {need.org.pk: need for need in self.needs}
        held = Q(org__in=list(orgs)) | Q(group__in=list(orgs))
        rows = self._between(Membership.objects.filter(held))
        for row in rows.select_related("member", "org", "group", "enterprise").order_by("pk"):
            entered = _entered(row)
            self.by_org[row.org_id].append(entered)
            if row.group_id is not None:
                self.by_group[row.group_id].append(entered)
        self._read_chosen(names)
        self._read_seats([pk for pk, need in orgs.items()])

    def _read_chosen(self, names: set[str]) -> None:
        paths = {need.org.path for need in self.needs if need.audience is Audience.CHOSEN}
        if paths and names:
            below = Q()
            for path in paths:
                below |= Q(org_path__startswith=path)
            rows = self._between(Membership.objects.filter(below, member__name__in=names))
            self.below = [
                _entered(r) for r in rows.select_related("member", "org", "group", "enterprise").order_by("pk")
            ]

    def _read_seats(self, orgs: Sequence[int]) -> None:
        """Holders of the committees' posts, each once a day, with the branches of their relations."""
        if not any(need.audience is Audience.COMMITTEE for need in self.needs):
            return
        posts = list(self._between(Post.objects.committee().filter(org__in=orgs, member__isnull=False)).order_by("pk"))
        with unscoped("the branches of people who sit in a committee; names and paths of branches"):
            rows = self._between(Membership.objects.filter(member__in={post.member_id for post in posts}))
            homes: dict[int, list[Entered]] = defaultdict(list)
            for row in rows.select_related("member", "org", "group", "enterprise").order_by("pk"):
                homes[row.member_id].append(_entered(row))
        for post in posts:
            for home in homes[post.member_id]:
                self._seat(post, home)

    def _seat(self, post: Post, home: Entered) -> None:
        since = max(post.since, home.since)
        until = min((day for day in (post.until, home.until) if day), default=None)
        if until is None or since < until:
            facts = (home.org_id, home.home, home.group, home.employer, home.joined)
            seat = Entered(home.member, home.name, since, until, *facts)
            if not any(each.member == seat.member and each.on(since) for each in self.by_seat[post.org_id]):
                self.by_seat[post.org_id].append(seat)

    def _between(self, rows: Any) -> Any:
        """Slices that hold on any of the days asked about, as far as first and last day tell."""
        return rows.filter(Q(until__isnull=True) | Q(until__gt=self.days[0]), since__lte=self.days[-1])


def _entered(row: Membership) -> Entered:
    group = str(row.group) if row.group_id else ""
    employer = row.enterprise.name if row.enterprise_id else ""
    return Entered(row.member_id, row.member.name, row.since, row.until, row.org_id, row.org.path, group, employer,
                   row.member.joined_on)  # fmt: skip


@dataclass
class Match:
    """What the names of one cell mean on one roster."""

    members: dict[int, Person]
    unknown: list[str]
    unclear: list[str]


def match_names(named: Sequence[Person], roster: Sequence[Entered]) -> Match:
    """Find everybody named on a roster. Somebody named twice, or one of several of the name, is unclear."""
    found = Match({}, [], [])
    by_name: dict[str, list[Entered]] = defaultdict(list)
    for each in roster:
        by_name[each.name].append(each)
    for person in named:
        hits = by_name.get(person.name, [])
        told = [each for each in hits if each.said(person.hint)] if person.hint else hits
        if not hits or not told:
            found.unknown.append(person.name + (f"[{person.hint}]" if person.hint else ""))
        elif len(told) > 1:
            found.unclear.append(_candidates(told))
        elif told[0].member in found.members:
            found.unclear.append(f"{person.name}写了两次，请删去一处，或写明是哪一位")
        else:
            found.members[told[0].member] = person
    return found


def _candidates(people: Sequence[Entered]) -> str:
    listed = "、".join(each.described for each in people[:CANDIDATES_SHOWN])
    more = f"等 {len(people)} 人" if len(people) > CANDIDATES_SHOWN else ""
    return f"有 {len(people)} 名党员叫“{people[0].name}”：{listed}{more}，请在姓名后写明，如 {people[0].name}[{_example(people[0])}]"


def _example(person: Entered) -> str:
    return person.group or person.employer or (str(person.joined.year) if person.joined else "党小组")
