"""A park laid out from plain facts, so that the SQL can be held against the rules."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from apps.branches.models import PartyOrg
from apps.coverage.rules import Definition, EnterpriseFacts
from apps.enterprises.kinds import Form, Status
from apps.enterprises.models import (
    Condition,
    Enterprise,
    Establishment,
    Instructor,
    InstructorAssignment,
    MassOrganization,
)

DAY = datetime.date(2026, 9, 30)

claims = st.builds(
    EnterpriseFacts,
    status=st.sampled_from([*Status, *[Status.OPERATING] * 8]),
    has_premises=st.integers(0, 5).map(bool),
    has_operations=st.integers(0, 5).map(bool),
    staff=st.sampled_from([0, 1, 9, 10, 11, 49, 50, 51, 99, 100, 101]),
    formal_members=st.sampled_from([0, 1, 2, 3, 4, 10]),
    forms=st.frozensets(st.sampled_from(list(Form)), max_size=2),
    has_instructor=st.booleans(),
    has_mass_organisation=st.booleans(),
    surveyed=st.integers(0, 5).map(bool),
)
"""Any facts, also such as contradict each other."""

facts = claims.map(lambda known: dataclasses.replace(known, surveyed=known.surveyed or known.staff > 0))
"""Facts that the tables can hold: where staff is known, somebody has looked."""

definitions = st.builds(
    Definition,
    code=st.just("test"), version=st.just("1"), name=st.just("口径"),
    counted_forms=st.frozensets(st.sampled_from(list(Form))),
    denominator=st.sampled_from(["three_have", "operating"]),
    min_staff=st.sampled_from([1, 10]), focus_staff=st.sampled_from([50, 100]), attention_staff=st.just(50),
)  # fmt: skip


def settle(
    placed: Sequence[tuple[PartyOrg, EnterpriseFacts]], *, park: Any = None, building: Any = None,
    since: datetime.date = datetime.date(2026, 1, 1), coverers: Sequence[PartyOrg] = (), prefix: str = "企业",
) -> list[Enterprise]:  # fmt: skip
    """Enterprises with these facts from `since` on; their forms are establishments by one of `coverers` each."""
    made = Enterprise.objects.bulk_create(
        [Enterprise(name=f"{prefix}{n}号", org=org, park=park, building=building) for n, (org, _) in enumerate(placed)]
    )
    pairs = [(enterprise, known) for enterprise, (_, known) in zip(made, placed, strict=True)]
    Condition.objects.bulk_create(
        [
            Condition(
                enterprise=enterprise, since=since, status=known.status.value, has_premises=known.has_premises,
                has_operations=known.has_operations, staff=known.staff, formal_members=known.formal_members,
                checked_on=since if known.surveyed else None,
            )
            for enterprise, known in pairs
        ]
    )  # fmt: skip
    Establishment.objects.bulk_create(
        [
            Establishment(enterprise=enterprise, org=org, form=form.value, since=since)
            for enterprise, known in pairs
            for form, org in zip(sorted(known.forms), coverers or [enterprise.org], strict=False)
        ]
    )  # fmt: skip
    helped = [enterprise for enterprise, known in pairs if known.has_instructor]
    if helped:
        instructor = Instructor(name="钱指导员", org=helped[0].org, since=since)
        instructor.save()
        InstructorAssignment.objects.bulk_create(
            [InstructorAssignment(instructor=instructor, enterprise=each, since=since) for each in helped]
        )
    MassOrganization.objects.bulk_create(
        [MassOrganization(enterprise=e, kind="union", since=since) for e, known in pairs if known.has_mass_organisation]
    )
    return made
