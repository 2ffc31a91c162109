"""A report as one object for other programs: the command and the API say the same."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .reading import Reading
from .rules import Exclusion, Totals


def as_json(reading: Reading, totals: Totals) -> dict[str, Any]:
    """The one object that other programs read."""
    return {
        "definition": reading.definition.code,
        "as_of": reading.basis.as_of.isoformat(),
        "org": reading.basis.org.code,
        "enterprises": totals.enterprises,
        "excluded": {reason.value: totals.excluded[reason] for reason in Exclusion if totals.excluded.get(reason)},
        "organisation_covered": totals.organisation_covered,
        "work_covered": totals.work_covered,
        "organisation_rate": _number(totals.organisation_rate),
        "work_rate": _number(totals.work_rate),
        "single_rate": _number(totals.single_rate),
        "single_rate_100": _number(totals.focus_single_rate),
        "should_build": totals.should_build,
        "should_join": totals.should_join,
        "uncovered": totals.uncovered,
    }


def _number(rate: Decimal | None) -> float | None:
    return None if rate is None else float(rate)
