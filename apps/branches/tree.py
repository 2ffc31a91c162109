"""The only writer of `path`: places a node in the tree and moves subtrees.

A path is four base-36 characters a level, so a subtree is a prefix. Writers of the tree take one advisory
lock until their transaction ends; whoever waits for it reads the tree afresh afterwards, so two moves
cannot make a circle. A place once given is not given again: what the audit trail says about a path stays
true of one organisation.
"""

from __future__ import annotations

from typing import Final

import pghistory.models
from django.apps import apps
from django.db import connection, models

from apps.core.errors import DomainError
from apps.core.models.fields import PathField
from apps.core.scoping import ScopeViolation, required_scope

from .models import PartyOrg

TREE_LOCK: Final = 0x74726565
WIDTH: Final = 4
MAX_DEPTH: Final = 16
"""Levels that fit the column: a limit of the portal, not a rule."""

_DIGITS: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def segment(number: int) -> str:
    """The four characters of the `number`-th place under a node, counted from 1."""
    text = ""
    for _ in range(WIDTH):
        number, digit = divmod(number, len(_DIGITS))
        text = _DIGITS[digit] + text
    if number:
        raise DomainError("同一上级之下的组织过多，无法再增加。", code="too_many_children")
    return text


def lock() -> None:
    """Become the one writer of the tree until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TREE_LOCK])


def place(orgs: list[PartyOrg]) -> None:
    """Give every new organisation its path under its (saved) parent, in the order of the list.

    The caller saves them in the same transaction. Raises DomainError when the tree would become too deep.
    """
    lock()
    parents = {org.parent_id for org in orgs if org.parent_id}
    paths = _current_paths(parents)
    last: dict[str, int] = {}
    for org in orgs:
        if org.parent_id and org.parent_id not in paths:
            raise DomainError("上级组织不存在。", code="unknown_parent", field="parent")
        base = paths[org.parent_id] if org.parent_id else ""
        if len(base) // WIDTH >= MAX_DEPTH:
            raise _too_deep()
        if base not in last:
            last[base] = _last_place_under(base)
        last[base] += 1
        org.path = base + segment(last[base])


def move(org: PartyOrg, parent: PartyOrg) -> int:
    """Hang `org` with everything below it under `parent`; returns how many organisations moved.

    Rewrites every row that repeats a path of the subtree. The caller saves `org.parent`; `org.path` is set.
    Raises DomainError for a circle or a tree too deep, ScopeViolation when either end is out of scope.
    """
    lock()
    paths = _current_paths({org.pk, parent.pk})
    if len(paths) < 2 and org.pk != parent.pk:
        raise DomainError("上级组织不存在。", code="unknown_parent", field="parent")
    old, base = paths[org.pk], paths[parent.pk]
    if not (required_scope().covers(old) and required_scope().covers(base)):
        raise ScopeViolation("an organisation is moved within the scope only")
    if base.startswith(old):
        raise DomainError(f"「{parent}」就是「{org}」本身或在它之下，不能作为它的上级。", code="cycle", field="parent")
    if (len(base) - len(old)) // WIDTH + 1 + _deepest_below(old) > MAX_DEPTH:
        raise _too_deep()
    new = base + segment(_last_place_under(base) + 1)
    moved = 0
    for model, column in path_columns():
        count = _rewrite(model, column, old, new)
        moved = count if model is PartyOrg else moved
    org.path = new
    return moved


def path_columns() -> list[tuple[type[models.Model], str]]:
    """Every column that repeats a path and moves with it.

    That is each `PathField`, except in row history and in models that say `keeps_old_path = True`
    (the audit trail tells where something was when it happened).
    """
    found = []
    for model in apps.get_models():
        if issubclass(model, pghistory.models.Event) or not model._meta.managed or keeps_old_path(model):
            continue
        for field in model._meta.local_fields:
            if isinstance(field, PathField):
                found.append((model, field.name))
    return sorted(found, key=lambda pair: pair[0] is not PartyOrg)


def keeps_old_path(model: type[models.Model]) -> bool:
    return model._meta.label == "core.AuditEntry" or getattr(model, "keeps_old_path", False)


def _current_paths(ids: set[int]) -> dict[int, str]:
    """Paths as they are in the database now, whatever the objects in memory say."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, path FROM branches_partyorg WHERE id = ANY(%s)", [list(ids)])
        return dict(cursor.fetchall())


def _last_place_under(base: str) -> int:
    """The highest place ever given under `base`, also to a child that has moved away since."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT max(substr(place, %(from)s, %(width)s)) FROM (
                SELECT path AS place FROM branches_partyorg WHERE path LIKE %(prefix)s
                UNION ALL
                SELECT before ->> 'path' FROM branches_orgevent
                WHERE kind = 'moved' AND before ->> 'path' LIKE %(prefix)s
            ) places
            """,
            {"from": len(base) + 1, "width": WIDTH, "prefix": base + "_" * WIDTH},
        )
        (last,) = cursor.fetchone()
    return int(last, 36) if last else 0


def _deepest_below(path: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(length(path)) FROM branches_partyorg WHERE path LIKE %s", [path + "%"])
        return int(cursor.fetchone()[0]) // WIDTH


def _rewrite(model: type[models.Model], column: str, old: str, new: str) -> int:
    quote = connection.ops.quote_name
    table, name = quote(model._meta.db_table), quote(column)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {name} = %s || substr({name}, %s) WHERE {name} LIKE %s",  # noqa: S608 - own names
            [new, len(old) + 1, old + "%"],
        )
        return int(cursor.rowcount)


def _too_deep() -> DomainError:
    return DomainError(f"组织层级不能超过 {MAX_DEPTH} 级，请选择更高一级的上级组织。", code="too_deep", field="parent")


def fresh_code() -> str:
    """A code for an organisation that came without one. Nobody types a code that looks like it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('branches_partyorg', 'id'))")
        return f"ZZ{cursor.fetchone()[0]:06d}"
