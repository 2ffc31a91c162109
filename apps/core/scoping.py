"""Row visibility: the one place that decides which rows a query may touch.

Every business row hangs under one node of the organisation tree. A request or task states in which
subtrees it works (`use_scope`); `ScopedManager` narrows every query to them. A query made while no
scope is active raises instead of returning rows: the guard fails closed.

Known holes, each with a rule of the house and a test in `tests/architecture/`:
a join is not a manager call (a figure across models is a `Subquery` on the other model's manager);
a forward foreign key may show a name; `unscoped` must not hand out querysets, only lists and values.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q

logger = logging.getLogger(__name__)


class UnscopedQueryError(RuntimeError):
    """A scoped model was queried or written while no scope was active."""


class ScopeViolation(PermissionDenied):
    """A row would be written outside the active scope."""


@dataclass(frozen=True)
class Scope:
    """Tree paths whose subtrees are visible. The empty path is everything; no path is nothing."""

    paths: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.paths)

    def covers(self, path: str) -> bool:
        return any(path.startswith(root) for root in self.paths)

    def roots(self) -> list[str]:
        """The paths without those that lie inside another one, in tree order."""
        return [p for p in sorted(self.paths) if not any(p != o and p.startswith(o) for o in self.paths)]

    def narrowed_to(self, path: str) -> Scope:
        """The part of this scope that lies inside the subtree of `path`."""
        if self.covers(path):
            return Scope(frozenset({path}))
        return Scope(frozenset(p for p in self.paths if p.startswith(path)))

    def as_q(self, *lookups: str) -> Q:
        """The condition that one of the lookups leads into the scope."""
        if "" in self.paths:
            return Q()
        matches = [Q(**{f"{lookup}__startswith": root}) for lookup in lookups for root in self.roots()]
        return reduce(Q.__or__, matches) if matches else Q(pk__in=[])


EVERYTHING = Scope(frozenset({""}))
_active: ContextVar[Scope | None] = ContextVar("active_scope", default=None)


def active_scope() -> Scope | None:
    return _active.get()


def required_scope() -> Scope:
    """The active scope, for named report SQL that takes the paths as parameters."""
    scope = _active.get()
    if scope is None:
        raise UnscopedQueryError("report SQL ran outside use_scope()")
    return scope


@contextmanager
def use_scope(scope: Scope | None) -> Iterator[None]:
    token = _active.set(scope)
    try:
        yield
    finally:
        _active.reset(token)


@contextmanager
def unscoped(reason: str) -> Iterator[None]:
    """Lift the filter for work on the whole park. `reason` is logged; call sites are listed by a test."""
    if not reason:
        raise ValueError("unscoped() needs a reason")
    logger.debug("scope lifted: %s", reason)
    with use_scope(EVERYTHING):
        yield


class ScopedQuerySet(models.QuerySet):
    """A queryset that has no SQL until a scope has been applied to it.

    Built outside a scope (a form class, a viewset attribute) it stays pending; the first clone made
    inside a scope carries the filter. The original is never changed, so a class-level queryset is safe
    to share between requests.
    """

    _pending = False

    @property
    def query(self) -> Any:
        if self._pending:
            raise UnscopedQueryError(f"{self.model.__name__} was queried outside use_scope()")
        return super().query

    @query.setter
    def query(self, value: Any) -> None:
        models.QuerySet.query.fset(self, value)  # type: ignore[attr-defined]

    def _clone(self) -> Any:
        pending, self._pending = self._pending, False
        try:
            clone = super()._clone()  # type: ignore[misc]
        finally:
            self._pending = pending
        clone._pending = pending
        return clone

    def _chain(self) -> Any:
        clone = super()._chain()  # type: ignore[misc]
        return clone.apply_scope() if clone._pending else clone

    def apply_scope(self) -> Any:
        scope = active_scope()
        self._pending = scope is None
        return self if scope is None else self.filter(scope.as_q(*self.model.scope_lookups()))

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        raise UnscopedQueryError("raw SQL cannot be scoped; use a report module that takes the paths")

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> Any:
        objs = list(objs)
        for obj in objs:
            obj.prepare_row()
            obj.check_scope()
        return super().bulk_create(objs, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        owners = {lookup.split("__")[0] for lookup in self.model.scope_lookups()}
        if any(owner in kwargs or f"{owner}_id" in kwargs for owner in owners):
            raise ScopeViolation(f"move {self.model.__name__} rows with save(), not update()")
        return super().update(**kwargs)


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """The default manager of every business model: narrows to the active scope."""

    def get_queryset(self) -> Any:
        return super().get_queryset().apply_scope()


class ScopedModel(models.Model):
    """Base of every row that belongs to a node of the organisation tree.

    `scope_lookup` leads from the row to the path of that node. A row between two organisations (a transfer, an
    agreement) is seen and written from either: `also_scoped_by` leads to the other's path, which may be empty.
    """

    scope_lookup: ClassVar[str] = "org_path"
    also_scoped_by: ClassVar[tuple[str, ...]] = ()

    objects = ScopedManager()

    class Meta:
        abstract = True

    def prepare_row(self) -> None:
        """Fill denormalised columns before the row is written, singly or in bulk."""

    @classmethod
    def scope_lookups(cls) -> tuple[str, ...]:
        return (cls.scope_lookup, *cls.also_scoped_by)

    def scope_path(self) -> str:
        return str(reduce(getattr, self.scope_lookup.split("__"), self))

    def scope_paths(self) -> list[str]:
        """The paths of every organisation from which the row is seen."""
        return [str(reduce(getattr, lookup.split("__"), self)) for lookup in self.scope_lookups()]

    def check_scope(self) -> None:
        scope = active_scope()
        if scope is None:
            raise UnscopedQueryError(f"{type(self).__name__} was written outside use_scope()")
        if not any(scope.covers(path) for path in self.scope_paths()):
            raise ScopeViolation(f"{type(self).__name__} lies outside the active scope")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.prepare_row()
        self.check_scope()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        self.check_scope()
        return super().delete(*args, **kwargs)

    def validate_unique(self, exclude: Any = None) -> None:
        with unscoped("uniqueness holds in the whole database"):
            super().validate_unique(exclude)

    def validate_constraints(self, exclude: Any = None) -> None:
        with unscoped("uniqueness holds in the whole database"):
            super().validate_constraints(exclude)
