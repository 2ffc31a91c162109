"""Which definition a report uses: the rows in force on its day, with the numbers of that day."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from apps.core.errors import DomainError
from apps.enterprises import parameters as enterprise_parameters

from .models import DefinitionVersion
from .models.definitions import Thresholds
from .parameters import default_definition
from .rules import ORGANISATION_RATE, Definition, built_in_definitions

SINCE = datetime.date(2012, 1, 1)
"""FG-03 is of 2012; a report of any later day may be counted by the built-in definitions."""


def seed() -> None:
    """Make sure that the built-in definitions have their rows. Safe to run again."""
    shipped = built_in_definitions(min_staff=0, focus_staff=0, attention_staff=0).values()
    DefinitionVersion.objects.bulk_create(
        [
            DefinitionVersion(
                code=each.code, version=each.version, name=each.name, denominator=each.denominator, rank=rank,
                counted_forms=sorted(form.value for form in each.counted_forms), since=SINCE,
                source=str(ORGANISATION_RATE),
            )
            for rank, each in enumerate(shipped, start=1)
        ],
        ignore_conflicts=True,
    )  # fmt: skip


def thresholds_on(day: datetime.date) -> Thresholds:
    """The numbers of staff of that day, of the whole tree: with different ones below, sums would not agree."""
    found = enterprise_parameters.thresholds(day)
    return Thresholds(found.three_have_staff, found.focus_staff, found.attention_staff)


def offered(day: datetime.date) -> list[DefinitionVersion]:
    """The definitions that a report as of `day` may use."""
    return list(DefinitionVersion.objects.in_force(day))


def choose(
    code: str,
    *,
    on: datetime.date,
    thresholds: Thresholds | None = None,
    rows: Sequence[DefinitionVersion] | None = None,
) -> Definition:
    """The definition with this code, or the place's default for an empty one, as of a day.

    Raises DomainError (bad_definition) for one that does not exist or was not in force. `rows` are the
    definitions offered on that day, where the caller has them already.
    """
    known = {row.code: row for row in (offered(on) if rows is None else rows)}
    wanted = code or default_definition(on=on)
    if wanted not in known and not code and known:
        wanted = next(iter(known))
    if wanted not in known:
        names = "、".join(known) or "（无）"
        raise DomainError(
            f"没有代码为「{wanted}」的覆盖口径；可用的口径：{names}。", code="bad_definition", field="definition"
        )
    return known[wanted].filled(thresholds or thresholds_on(on))


def beside(definition: Definition, rows: Sequence[DefinitionVersion], thresholds: Thresholds) -> Definition | None:
    """The definition that is shown beside: the same denominator with 挂靠 counted the other way round."""
    others = [row.filled(thresholds) for row in rows if row.code != definition.code]
    same = [other for other in others if other.denominator == definition.denominator]
    return next(iter(same or others), None)
