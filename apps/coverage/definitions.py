"""Which definition a report uses: the rows in force on its day, with the numbers of that day."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.db.models import Subquery

from apps.core import parameters
from apps.core.errors import DomainError
from apps.core.models import Parameter
from apps.enterprises import parameters as enterprise_parameters

from .models import DefinitionVersion
from .models.definitions import Thresholds
from .parameters import DEFAULT_DEFINITION
from .rules import ORGANISATION_RATE, Definition, built_in_definitions

SINCE = datetime.date(2012, 1, 1)
"""FG-03 is of 2012; a report of any later day may be counted by the built-in definitions, an earlier one by the first."""


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


@dataclass(frozen=True)
class Offer:
    """What a report of a day may choose from: the definitions in force, the default one, the numbers of staff."""

    rows: tuple[DefinitionVersion, ...]
    default: str
    thresholds: Thresholds


def thresholds_on(day: datetime.date) -> Thresholds:
    """The numbers of staff of that day, of the whole tree: with different ones below, sums would not agree."""
    found = enterprise_parameters.thresholds(day)
    return Thresholds(found.three_have_staff, found.focus_staff, found.attention_staff)


def offered(day: datetime.date) -> Offer:
    """The definitions of `day` with the parameters of `day`, in one query: every list page begins with it."""
    day = max(day, SINCE)
    wanted = {
        "p_min": enterprise_parameters.THREE_HAVE_STAFF,
        "p_focus": enterprise_parameters.FOCUS_STAFF,
        "p_attention": enterprise_parameters.ATTENTION_STAFF,
        "p_default": DEFAULT_DEFINITION.code,
    }
    rows = tuple(
        DefinitionVersion.objects.in_force(day).annotate(
            **{name: Subquery(_in_force(code, day)) for name, code in wanted.items()}
        )
    )
    found = {name: getattr(rows[0], name) if rows else None for name in wanted}
    known = {
        name: parameters.registry[code].default if found[name] is None else found[name] for name, code in wanted.items()
    }
    thresholds = Thresholds(int(known["p_min"]), int(known["p_focus"]), int(known["p_attention"]))
    return Offer(rows, str(known["p_default"]), thresholds)


def _in_force(code: str, day: datetime.date) -> Any:
    """The value of a parameter for the whole tree on a day."""
    rows = Parameter.objects.filter(code=code, org_path="", since__lte=day)
    return rows.order_by("-since", "-pk").values("value")[:1]


def choose(code: str, offer: Offer, *, thresholds: Thresholds | None = None) -> Definition:
    """The definition with this code, or the place's default for an empty one.

    `thresholds` are those of a snapshot, where there is one. Raises DomainError (bad_definition) for a
    definition that does not exist or was not in force.
    """
    known = {row.code: row for row in offer.rows}
    wanted = code or offer.default
    if wanted not in known and not code and known:
        wanted = next(iter(known))
    if wanted not in known:
        names = "、".join(known) or "（无）"
        raise DomainError(
            f"没有代码为「{wanted}」的覆盖口径；可用的口径：{names}。", code="bad_definition", field="definition"
        )
    return known[wanted].filled(thresholds or offer.thresholds)


def beside(definition: Definition, offer: Offer, *, thresholds: Thresholds | None = None) -> Definition | None:
    """The definition that is shown beside: the same denominator with 挂靠 counted the other way round."""
    others = [row.filled(thresholds or offer.thresholds) for row in offer.rows if row.code != definition.code]
    same = [other for other in others if other.denominator == definition.denominator]
    return next(iter(same or others), None)
