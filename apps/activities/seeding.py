"""Installs the built-in kinds, forms, requirements and rules of points after every migrate; what the office changed stays."""

from __future__ import annotations

import datetime
from typing import Any

from .models import ActivityForm, ActivityKind, PointRule, Requirement
from .rules.catalogue import FORMS, KINDS, REQUIREMENTS
from .rules.points import DEFAULTS, POINTS

SINCE = datetime.date(2018, 10, 28)
"""The 支部工作条例 is in force from this day on."""


def seed(**_: Any) -> None:
    """Make sure that every built-in kind, form, requirement and rule of points has its row. Safe to run again."""
    ActivityKind.objects.bulk_create(
        [
            ActivityKind(
                code=spec.code, name=spec.name, audience=spec.audience, book=spec.book, study_hours=spec.study_hours,
                order=10 * number, built_in=True,
            )
            for number, spec in enumerate(KINDS, start=1)
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    kinds = dict(ActivityKind.objects.values_list("code", "pk"))
    ActivityForm.objects.bulk_create(
        [
            ActivityForm(code=code, name=name, kind_id=kinds[kind], order=10 * number)
            for number, (code, name, kind) in enumerate(FORMS, start=1)
        ],
        ignore_conflicts=True,
    )
    Requirement.objects.bulk_create(
        [
            Requirement(
                kind_id=kinds[spec.kind], org_kinds=[str(kind.value) for kind in spec.org_kinds], rhythm=spec.rhythm,
                times=spec.times, subject=spec.subject, condition=spec.condition, weight=spec.weight, since=SINCE,
                source=str(spec.basis), rule_id=spec.basis.rule_id, confidence=spec.basis.confidence,
            )
            for spec in REQUIREMENTS
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    _seed_point_rules(kinds)


def _seed_point_rules(kinds: dict[str, int]) -> None:
    """The proposed rules, where none of that name was ever set for the whole portal."""
    known = set(PointRule.objects.filter(org_path="").values_list("name", flat=True))
    PointRule.objects.bulk_create(
        [
            PointRule(
                name=spec.name, kind_id=kinds[spec.kind] if spec.kind else None, points=spec.points,
                yearly_limit=spec.yearly_limit or None, since=SINCE, source=f"{POINTS}（平台建议）",
            )
            for spec in DEFAULTS
            if spec.name not in known
        ]
    )  # fmt: skip
