"""The tree as a page shows it: the first levels, one node opened, a page of children, or the hits of a search.

At any size of tree a page reads a bounded number of organisations in a constant number of queries.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Count
from django.db.models.functions import Length

from .models import PartyOrg
from .querysets import ancestor_paths
from .rules import BRANCH_KINDS, OrgKind

NODES_AT_FIRST: Final = 120
NODES_AT_MOST: Final = 2500
CHILDREN_AT_ONCE: Final = 200
HITS_SHOWN: Final = 100
# Appearance only, not rules.

TONES: Final = {
    OrgKind.WORK_COMMITTEE: "info",
    OrgKind.COMMITTEE: "info",
    OrgKind.GENERAL_BRANCH: "info",
    **dict.fromkeys(BRANCH_KINDS, "success"),
}
"""Colours of the badges of kinds: committees blue, branches green, the rest grey."""


def tone_of(org: PartyOrg) -> str:
    return TONES.get(OrgKind(org.kind), "neutral")


@dataclass
class Node:
    """One line of the tree. `more` is where the rest of its children begins when not all are shown."""

    org: PartyOrg
    children: list[Node] = field(default_factory=list)
    loaded: bool = False
    hit: bool = False
    more: str = ""

    @property
    def tone(self) -> str:
        return tone_of(self.org)

    @property
    def expandable(self) -> bool:
        return bool(self.children) or self.org.child_count > 0  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Outline:
    """What the tree page shows: its top nodes, and for a search how many hits there are (None: no search)."""

    nodes: list[Node]
    hits: int | None = None
    capped: bool = False


def first_levels(*, ended: bool = False, levels: int = 0) -> Outline:
    """The top of the scope, as many whole levels as fit, or the first `levels` of them."""
    rows = _rows(ended)
    by_length = dict(rows.annotate(length=Length("path")).order_by().values_list("length").annotate(Count("pk")))
    fitting = NODES_AT_MOST if levels else NODES_AT_FIRST
    shown, deepest = 0, 0
    for position, length in enumerate(sorted(by_length)):
        wanted = position < levels if levels else True
        if position > 0 and not (wanted and shown + by_length[length] <= fitting):
            break
        shown, deepest = shown + by_length[length], length
    found = list(rows.annotate(length=Length("path")).filter(length__lte=deepest).with_counts()[:NODES_AT_MOST])
    if len(found) == 1 and not levels:
        return opened(found[0], ended=ended)  # a top with very many children shows the first page of them
    return Outline(_nested(found))


def opened(org: PartyOrg, *, after: str = "", ended: bool = False) -> Outline:
    """The way down to `org`, each step with its siblings, and the children of `org` (behind the path `after`)."""
    rows = _rows(ended)
    above = list(PartyOrg.objects.above(org))
    steps = [above[0] if above else org, *above[1:], org]
    line = PartyOrg.objects.filter(pk__in={step.pk for step in steps}).with_counts()
    siblings = rows.filter(parent__in=[step.pk for step in above]).with_counts()[: CHILDREN_AT_ONCE * 3]
    children, more = _children(org, after, ended)
    unique = {each.pk: each for each in (*line, *siblings, *children)}
    nodes = _nested(sorted(unique.values(), key=lambda each: each.path))
    for node in _all(nodes):
        if node.org.pk == org.pk:
            node.more = more
    return Outline(nodes)


def children_of(org: PartyOrg, *, after: str = "", ended: bool = False) -> Node:
    """One node with the next page of its children: what a lazily opened node receives."""
    counted = PartyOrg.objects.filter(pk=org.pk).with_counts().get()
    children, more = _children(org, after, ended)
    return Node(counted, [Node(child) for child in children], loaded=True, more=more)


def found(text: str, *, ended: bool = False) -> Outline:
    """The organisations that match a typed text, each below its ancestors."""
    rows = _rows(ended).named_like(text)
    hits = list(rows.with_counts()[:HITS_SHOWN])
    count = len(hits) if len(hits) < HITS_SHOWN else rows.count()
    known = {hit.path for hit in hits}
    missing = {path for hit in hits for path in ancestor_paths(hit.path)} - known
    above = PartyOrg.objects.filter(path__in=missing).with_counts() if missing else []
    nodes = _nested(sorted((*hits, *above), key=lambda each: each.path))
    for node in _all(nodes):
        node.hit = node.org.path in known
    return Outline(nodes, hits=count, capped=count > len(hits))


def _rows(ended: bool) -> Any:
    return PartyOrg.objects.all() if ended else PartyOrg.objects.filter(ended_on=None)


def _children(org: PartyOrg, after: str, ended: bool) -> tuple[list[PartyOrg], str]:
    """One page of children, and the path behind which the next page begins (empty: there is none)."""
    rows = _rows(ended).filter(parent=org, path__gt=after).with_counts()
    children = list(rows[: CHILDREN_AT_ONCE + 1])
    more = children[CHILDREN_AT_ONCE - 1].path if len(children) > CHILDREN_AT_ONCE else ""
    return children[:CHILDREN_AT_ONCE], more


def _nested(orgs: Iterable[PartyOrg]) -> list[Node]:
    """Organisations in tree order, each hung below its nearest ancestor among them."""
    tops: list[Node] = []
    line: list[Node] = []
    for org in orgs:
        node = Node(org)
        while line and not org.path.startswith(line[-1].org.path):
            line.pop()
        (line[-1].children if line else tops).append(node)
        if line:
            line[-1].loaded = True
        line.append(node)
    return tops


def _all(nodes: list[Node]) -> Iterable[Node]:
    for node in nodes:
        yield node
        yield from _all(node.children)
