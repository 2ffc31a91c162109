"""Parameters: what the published rules leave to the place, with unit, source and effective date.

An app declares its parameters in `parameters.py`; after every migrate the declared defaults become rows
(author 系统预置), so that each threshold is a row somebody can see and replace. A reader names the day:
last year's report keeps last year's threshold.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.db import IntegrityError, transaction

from .audit import record, write
from .errors import DomainError
from .models import Parameter

T = TypeVar("T")


@dataclass(frozen=True)
class ParameterSpec:
    """One declared parameter. `kind` is "int", "decimal", "bool", "text" or "choice".

    `permission` is needed to change it (empty: `parameters.change`); a `whole` one has one value for the whole
    portal, never one for a node.
    """

    code: str
    label: str
    kind: str
    default: Any
    unit: str
    source: str
    since: datetime.date
    confidence: str = "P"
    group: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    permission: str = ""
    whole: bool = False


registry: dict[str, ParameterSpec] = {}


def declare(spec: ParameterSpec) -> ParameterSpec:
    if spec.code in registry:
        raise ValueError(f"parameter {spec.code} is declared twice")
    registry[spec.code] = spec
    return spec


def seed(**_: Any) -> None:
    """Make sure that every declared parameter has its row. Safe to run again."""
    known = set(Parameter.objects.filter(org_path="").values_list("code", flat=True))
    Parameter.objects.bulk_create(
        [
            Parameter(code=s.code, since=s.since, value=s.default, source=s.source)
            for s in registry.values()
            if s.code not in known
        ],
        ignore_conflicts=True,
    )


def rows_in_force(codes: Iterable[str], *, on: datetime.date, org_path: str = "") -> dict[str, Parameter]:
    """The row of each code that speaks on `on` at the node `org_path`, the nearest node above winning. One query."""
    prefixes = [org_path[:n] for n in range(0, len(org_path) + 1, 4)]
    rows = Parameter.objects.filter(code__in=list(codes), since__lte=on, org_path__in=prefixes)
    return {row.code: row for row in sorted(rows, key=lambda r: (len(r.org_path), r.since, r.pk))}


def values(codes: Iterable[str], *, on: datetime.date, org_path: str = "") -> dict[str, Any]:
    """The values in force on `on` at the node `org_path`. One query.

    A code without any row in force on that day takes its declared default; an undeclared one is KeyError.
    """
    codes = list(codes)
    result = {code: registry[code].default for code in codes}
    result.update({code: row.value for code, row in rows_in_force(codes, on=on, org_path=org_path).items()})
    return result


def filled(kind: type[T], fields: Mapping[str, str], *, on: datetime.date, org_path: str = "") -> T:
    """The numbers that a `rules.py` asks for, {field of `kind`: code}, as in force on `on` at the node. One query."""
    found = values(fields.values(), on=on, org_path=org_path)
    return kind(**{field: found[code] for field, code in fields.items()})


def value(code: str, *, on: datetime.date, org_path: str = "") -> Any:
    return values([code], on=on, org_path=org_path)[code]


_SQL_TYPES: Final = {"int": "int", "decimal": "numeric", "bool": "boolean"}


def sql_value(code: str, *, org_path: str = "''") -> str:
    """The number in force as an SQL expression, for report SQL that takes `%(today)s`.

    `org_path` is an SQL expression too, the path of the row that asks: the nearest node above it wins. Where no node
    has a value of its own, which is usual, the database asks once for the whole statement and not for every row.
    """
    spec = registry[code]
    kind = _SQL_TYPES[spec.kind]
    rows = f"FROM core_parameter param WHERE param.code = '{code}' AND param.since <= %(today)s"
    value, newest = f"SELECT (param.value #>> '{{}}')::{kind}", "param.since DESC, param.id DESC LIMIT 1"
    above = f"param.org_path <> '' AND left({org_path}, length(param.org_path)) = param.org_path"
    return f"""coalesce(
        CASE WHEN EXISTS (SELECT {rows} AND param.org_path <> '')
             THEN ({value} {rows} AND {above} ORDER BY length(param.org_path) DESC, {newest}) END,
        ({value} {rows} AND param.org_path = '' ORDER BY {newest}),
        '{spec.default}'::{kind})"""


@write
def set_parameter(
    *, code: str, value: Any, since: datetime.date, source: str, note: str = "", org_path: str = "",
    org_name: str = "", actor: Any,
) -> Parameter:  # fmt: skip
    """Give a parameter a new value from `since` on. Raises DomainError for a value that does not fit."""
    spec = registry[code]
    row = Parameter(
        code=code, value=_fitting(spec, value), since=since, source=source, note=note, org_path=org_path,
        org_name=org_name, author_name=actor.display_name,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise DomainError("这个参数在这一天已有取值，请换一个生效日期。", field="since") from None
    record(
        actor, "parameter.set", row, org_path=org_path,
        summary=f"参数「{spec.label}」自 {since:%Y-%m-%d} 起为 {row.value}{spec.unit}", data={"code": code},
    )  # fmt: skip
    return row


def _fitting(spec: ParameterSpec, value: Any) -> Any:
    if spec.kind == "choice" and value not in dict(spec.choices):
        raise DomainError("请从所列选项中选择。", field="value")
    if spec.kind == "int":
        if spec.minimum is not None and value < spec.minimum:
            raise DomainError(f"不能小于 {spec.minimum}{spec.unit}。", field="value")
        if spec.maximum is not None and value > spec.maximum:
            raise DomainError(f"不能大于 {spec.maximum}{spec.unit}。", field="value")
    return str(value) if spec.kind == "decimal" else value
