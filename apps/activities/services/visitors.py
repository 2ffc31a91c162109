"""来访党员 of a record: members of other branches, found over the whole portal by what they say at the door.

Somebody says the whole name, or shows the card; told are the name and the branch, nothing else. To put somebody on a
sheet takes the name again beside the id, so that ids alone open nobody's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.core.text import clean_name
from apps.members.kinds import Relation
from apps.members.models import Member

OFFERED: Final = 20
"""How many people of one name are offered; beyond that the number of the card is asked for (appearance only)."""


class Found(NamedTuple):
    """Somebody who may be put on a sheet as a visitor."""

    pk: int
    name: str
    branch: str


def find_visitors(name: str, card_number: str = "") -> list[Found]:
    """Members of the portal of exactly this name, and of this card where one is given. One query."""
    wanted = {"name": clean_name(name)} | ({"card_number": clean_name(card_number)} if card_number else {})
    if not wanted["name"]:
        return []
    with unscoped("a visitor says the whole name at the door; ids, names and branches"):
        rows = Member.objects.filter(**wanted).exclude(relation=Relation.LEFT).select_related("org")
        return [Found(row.pk, row.name, _branch_of(row)) for row in rows.order_by("org_path", "pk")[:OFFERED]]


def visitors_named(people: Iterable[tuple[int, str]]) -> list[Member]:
    """The members of (id, name) pairs, in their order. Raises DomainError when an id is nobody of that name. One query."""
    pairs = [(pk, clean_name(name)) for pk, name in people]
    if not pairs:
        return []
    with unscoped("the visitors whom the writer of a record has found by name; these rows only"):
        rows = Member.objects.filter(pk__in=[pk for pk, _ in pairs]).exclude(relation=Relation.LEFT)
        found = {(row.pk, row.name): row for row in rows.select_related("org")}
    if missing := [name for pk, name in pairs if (pk, name) not in found]:
        message = f"没有找到来访党员：{'、'.join(missing)}。请按姓名重新查找。"
        raise DomainError(message, field="visitors", code="no_visitor")
    return [found[pair] for pair in pairs]


def _branch_of(member: Member) -> str:
    return str(member.org) if member.relation == Relation.HERE else (member.home_text or "关系在外")
