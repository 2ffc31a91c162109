"""The nodes of the tree as far as the mechanism needs them: their names, and whether a scope is all of it.

The model is named by `ORG_MODEL`; core knows of it only `path`, `parent` and how it prints itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Length

from .scoping import Scope, unscoped, use_scope

LEVEL = 4  # characters of the path for one level of the tree


def _nodes() -> Any:
    return apps.get_model(settings.ORG_MODEL).objects.all()


def is_whole(scope: Scope) -> bool:
    """Whether the scope covers every root of the tree, so that its holder may speak for the whole portal."""
    if not scope:
        return False
    with unscoped("who covers every root covers the whole portal"):
        return all(scope.covers(path) for path in _nodes().filter(parent=None).values_list("path", flat=True))


def node_names(paths: Iterable[str]) -> dict[str, str]:
    """The names of nodes that the caller may already see by their path."""
    with unscoped("names of nodes whose rows passed the scope before"):
        return {node.path: str(node) for node in _nodes().filter(path__in=set(paths))}


def own_nodes(scope: Scope) -> list[tuple[str, str]]:
    """(path, name) of the roots of a scope and of the nodes directly below them, in tree order."""
    near = [Q(path__startswith=root, width__lte=len(root) + LEVEL) for root in scope.roots()]
    if not near:
        return []
    with use_scope(scope):
        found = _nodes().annotate(width=Length("path")).filter(reduce(Q.__or__, near)).order_by("path")
        return [(node.path, str(node)) for node in found]


def name_of(column: str) -> Any:
    """The name of the node whose path stands in `column`, where it lies inside the active scope; for annotate()."""
    return Subquery(_nodes().filter(path=OuterRef(column)).values("name")[:1])
