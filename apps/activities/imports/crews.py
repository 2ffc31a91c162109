"""Who is meant by the names in a cell of a book of posts, promises, suggestions or reviews.

People of the organisation of the row, today's before those who have left it. Two of one name are told apart as in the
books of records: by a 党小组, an enterprise or a year of joining in square brackets, or by the 党员编号 there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.members.kinds import Relation
from apps.members.models import Member, Membership

_BETWEEN: Final = re.compile(r"[、，,;；/\n]+")
_HINTED: Final = re.compile(r"(?P<name>[^\[\]［］【】]+?)\s*[\[［【](?P<hint>[^\[\]［］【】]*)[\]］】]")
CANDIDATES_SHOWN: Final = 5
"""People of one name whom a refusal tells apart before it only counts (appearance only)."""


@dataclass
class Known:
    """A member with the paths of every roster on which he or she is or was."""

    member: Member
    paths: list[str] = field(default_factory=list)

    def is_now(self, org: PartyOrg) -> bool:
        return self.member.relation != Relation.LEFT and self.member.org_path.startswith(org.path)

    def was(self, org: PartyOrg) -> bool:
        return any(path.startswith(org.path) for path in self.paths)

    def said(self, hint: str) -> bool:
        member = self.member
        year = str(member.joined_on.year) if member.joined_on else ""
        words = (str(member.group or ""), str(member.employer or ""))
        return hint.upper() == member.code or hint == year or any(hint in word for word in words)

    @property
    def described(self) -> str:
        """The person told apart from others of the name, without any number of his or hers."""
        member = self.member
        joined = f"{member.joined_on.year}年入党" if member.joined_on else ""
        facts = [str(member.group or ""), member.employer.name if member.employer else "", joined]
        return f"{member.name}（{'，'.join(filter(None, facts)) or '无其他信息'}）"


@dataclass(frozen=True)
class Found:
    """What one name means: the member, or what is wrong with it."""

    member: Member | None
    problem: str = ""


def split(text: str) -> list[str]:
    """The names of a cell."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def name_and_hint(text: str) -> tuple[str, str]:
    """王建国[第一党小组] as (王建国, 第一党小组)."""
    match = _HINTED.fullmatch(text.strip())
    return (match["name"].strip(), match["hint"].strip()) if match else (text.strip(), "")


class People:
    """Everybody of the scope with one of the names. Two queries, however many names."""

    def __init__(self, texts: Iterable[str]) -> None:
        names = {name_and_hint(text)[0] for text in texts}
        members = Member.objects.filter(name__in=names).select_related("group", "employer").order_by("pk")
        self.known: dict[int, Known] = {member.pk: Known(member) for member in members}
        self.called: dict[str, list[Known]] = defaultdict(list)
        for known in self.known.values():
            self.called[known.member.name].append(known)
        rows = Membership.objects.filter(Q(member__in=self.known)).order_by().values_list("member", "org_path")
        for pk, path in rows:
            self.known[pk].paths.append(path)

    def find(self, text: str, org: PartyOrg) -> Found:
        """The one whom the text means in the organisation; today's people before those who were there."""
        name, hint = name_and_hint(text)
        named = [each for each in self.called.get(name, ()) if not hint or each.said(hint)]
        hits = [each for each in named if each.is_now(org)] or [each for each in named if each.was(org)]
        if len(hits) == 1:
            return Found(hits[0].member)
        if not hits:
            return Found(None, f"“{text}”不在「{org}」的名册上，请核对姓名，或先登记。")
        listed = "、".join(each.described for each in hits[:CANDIDATES_SHOWN])
        more = f"等 {len(hits)} 人" if len(hits) > CANDIDATES_SHOWN else ""
        return Found(None, f"有 {len(hits)} 名党员叫“{name}”：{listed}{more}，请在姓名后注明，如 {name}[党小组名称]。")

    def find_all(self, text: str, org: PartyOrg) -> tuple[list[Member], list[str]]:
        """Everybody in a cell, and what is wrong with whom."""
        found = [self.find(part, org) for part in split(text)]
        return [each.member for each in found if each.member], [each.problem for each in found if each.problem]


def named_in(texts: Sequence[str | None]) -> list[str]:
    """Every name in these cells."""
    return [part for text in texts if text for part in split(text)]
