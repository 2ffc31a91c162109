"""What an importer is: columns, keys, and how its rows are found and written.

An app declares one class per ledger in its `imports.py`:

    @register_importer
    class VisitImport(Importer):
        code, title, permission = "enterprises.visits", "走访台账", RECORD_VISITS
        columns = (
            ImportColumn("credit_code", "统一社会信用代码", CreditCode(), required=True, key=True),
            ImportColumn("on", "走访日期", Date(future=False), required=True, key=True, aliases=("日期",)),
            ImportColumn("visitor", "走访人", Text(50), required=True),
        )

        def existing(self, keys): ...        # one query: the rows that the keys name, in the active scope
        def create_rows(self, rows, batch): ...   # a fixed number of statements, however many rows
        def update_rows(self, changes, batch): ...

Columns pair with the ledger's by name, so that an export imports again. Undo needs nothing: the row history
knows what the batch wrote (`undo`), so every model an importer writes must be tracked by pghistory.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from django.db import models

from ..errors import DomainError
from ..models import ImportBatch
from ..text import clean_name
from .values import ValueKind, short

Key = tuple[Hashable, ...]
Mode = ImportBatch.Mode


@dataclass(frozen=True)
class ImportColumn:
    """One column. `required` is asked of new rows; `key` columns together name the row.

    `aliases` are other headers that mean it, `blank` texts that mean nothing (see `values.NOTHING`).
    """

    name: str
    label: str
    kind: ValueKind
    required: bool = False
    key: bool = False
    aliases: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class Reference(ValueKind):
    """A cell that names a row of another table. `find(importer, texts)` answers all of them with one query.

    The value is what `find` maps the text to (a row or its id); None says that several rows carry the name.
    `kept(importer, texts)` answers, as (text, value), what rows of the scope refer to beyond it: the park above a
    branch, the organisation of another park. A row may keep such a value, so that an export comes in again; no row
    may take it up.
    """

    kept: Callable[[Any, set[str]], Iterable[tuple[str, Any]]] = field(default=lambda importer, texts: (), repr=False)
    find: Callable[[Any, set[str]], Mapping[str, Any]] = field(default=lambda importer, texts: {}, repr=False)
    label: str = "记录"

    @property
    def hint(self) -> str:
        return f"{self.label}的名称或代码，须已登记"

    def from_text(self, text: str, today: datetime.date) -> Named:
        return Named(clean_name(text))

    def resolve(self, named: Named, found: Mapping[str, Any]) -> tuple[Any, tuple[str, str] | None]:
        """The value of one cell, or what is wrong with it."""
        text = named.text
        if text not in found:
            return None, ("unknown_reference", f"没有找到{self.label}“{short(text)}”，请先登记，或改为已登记的名称。")
        if found[text] is None:
            return None, ("ambiguous_reference", f"有多个{self.label}叫“{short(text)}”，请改填代码。")
        return found[text], None


class Named(NamedTuple):
    """The text of a reference before it was looked up."""

    text: str


@dataclass(slots=True)
class Row:
    """One data row: values by column name, None where the cell is blank or the file has no such column."""

    number: int
    values: dict[str, Any]
    key: Key | None = None


class Existing(NamedTuple):
    """The row that a key names today, with its values by column name."""

    pk: Any
    version: int | None
    values: Mapping[str, Any]


@dataclass(slots=True)
class Change:
    """An existing row that the file would change: only the columns that differ, before and after."""

    row: Row
    pk: Any
    before: dict[str, Any]
    after: dict[str, Any]


class Remark(NamedTuple):
    """What a rule of the importer says about a row. `column` is a column name; warnings do not stop the import."""

    column: str
    code: str
    message: str
    is_warning: bool = False


class Importer:
    """One way rows come in. An instance serves one check or commit; the scope of `org` is active while it works.

    Every method works on all rows at once: the number of queries must not depend on the number of rows.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    permission: ClassVar[str]
    columns: ClassVar[tuple[ImportColumn, ...]]
    modes: ClassVar[tuple[Mode, ...]] = (Mode.CREATE, Mode.UPDATE, Mode.FILL)
    lead: ClassVar[str] = ""
    do_not_call_in_templates: ClassVar[bool] = True

    def __init__(self, *, org: Any, actor: Any, today: datetime.date) -> None:
        self.org = org
        self.actor = actor
        self.today = today

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        """What names the row: the key columns. None (a key cell is blank or wrong): it cannot be looked up."""
        key = tuple(values.get(column.name) for column in self.columns if column.key)
        return key if key and None not in key else None

    def key_columns(self, key: Key | None) -> Sequence[str]:
        """The columns beside which a sentence about the row's key stands; the first that the file has."""
        return [column.name for column in self.columns if column.key]

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        """The rows of the active scope that the keys name. One query."""
        return {}

    def elsewhere(self, keys: Sequence[Key]) -> Iterable[Key]:
        """Which of the keys (none of them in the scope) are taken by somebody else. One query, keys only."""
        return ()

    def row_rules(self, row: Row) -> Iterable[Remark]:
        """What the cells of one row say together. Pure; called for rows whose cells were all read."""
        return ()

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterable[tuple[Row, Remark]]:
        """What only the database knows about the rows. A fixed number of queries."""
        return ()

    def guard(self, rows: Sequence[Row]) -> None:
        """Last word inside the commit's transaction: lock the period the rows belong to; raise Conflict when closed."""

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        raise NotImplementedError

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        raise NotImplementedError

    def before_undo(self, inserted: Mapping[type[models.Model], Sequence[int]]) -> None:
        """Inside the transaction of an undo, before the rows that the commit inserted (ids by model) are deleted.

        What hangs on them and has no row history goes here, and whoever was told of them is told again.
        """

    def template_rows(self) -> Iterable[Mapping[str, Any]]:
        """Values by column name to pre-fill the template with (`version` is the row's stamp). Nothing by default."""
        return ()


registry: dict[str, type[Importer]] = {}


def register_importer(cls: type[Importer]) -> type[Importer]:
    """Make the importer known under its code. A mistake in its columns stops the process from starting."""
    if cls.code in registry:
        raise ValueError(f"importer {cls.code} is registered twice")
    names = [column.name for column in cls.columns]
    words = [word for column in cls.columns for word in {column.label, *column.aliases}]
    if len(set(names)) != len(names) or len(set(words)) != len(words):
        raise ValueError(f"importer {cls.code} has two columns of one name, label or alias")
    registry[cls.code] = cls
    return cls


def importer_class(code: str) -> type[Importer]:
    """The importer of a code. Raises DomainError for a code nobody registered."""
    if code not in registry:
        known = "、".join(sorted(registry)) or "无"
        raise DomainError(f"没有导入类型“{short(code)}”，可用的有：{known}。", code="unknown_importer")
    return registry[code]
