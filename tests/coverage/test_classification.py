"""The classification in SQL says of every enterprise what the rules say."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.sql import Sql, fetch
from apps.coverage import figures
from apps.coverage.basis import on_day
from apps.coverage.count_sql import classified, counts
from apps.coverage.figures import _totals
from apps.coverage.rules import Definition, EnterpriseFacts, Totals, cheapest_step, classify, total
from apps.enterprises.kinds import Form
from apps.enterprises.models import Condition, Establishment, InstructorAssignment

from . import park

pytestmark = pytest.mark.django_db
WITHOUT_FIXTURE_RESET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def literal(known: list[EnterpriseFacts]) -> Sql:
    """Facts as a relation of values: the classification alone, without tables."""
    row = (
        "SELECT %s::bigint AS enterprise_id, NULL::bigint AS row_id, ''::varchar AS org_path, NULL::bigint AS park_id,"
        " NULL::bigint AS building_id, ''::varchar AS industry, %s::varchar AS status, %s AS has_premises,"
        " %s AS has_operations, %s AS staff, %s AS formal_members, %s::text[] AS forms, %s AS has_instructor, %s AS has_mass,"
        " %s AS surveyed"
    )
    params = [
        value
        for number, f in enumerate(known)
        for value in (
            number, f.status.value, f.has_premises, f.has_operations, f.staff, f.formal_members,
            [form.value for form in f.forms], f.has_instructor, f.has_mass_organisation, f.surveyed,
        )
    ]  # fmt: skip
    return Sql(" UNION ALL ".join([row] * len(known)), tuple(params))


@given(known=st.lists(park.claims, min_size=1, max_size=40), definition=park.definitions)
@settings(max_examples=150, deadline=None, suppress_health_check=WITHOUT_FIXTURE_RESET)
def test_sql_classifies_every_enterprise_as_the_rules_do(known: list[EnterpriseFacts], definition: Definition) -> None:
    for row in fetch(classified(literal(known), definition)):
        facts = known[row["enterprise_id"]]
        expected = classify(facts, definition)
        assert row["reason"] == (expected.excluded_reason and expected.excluded_reason.value)
        for flag in (
            "in_denominator", "organisation_covered", "work_covered", "single_built", "focus", "attention",
            "should_build", "should_join", "uncovered",
        ):  # fmt: skip
            assert row[flag] == getattr(expected, flag), (flag, facts)
        step = cheapest_step(facts, definition)
        assert row["step"] == (step.value if step else "")


@given(known=st.lists(park.claims, min_size=1, max_size=40), definition=park.definitions)
@settings(max_examples=50, deadline=None, suppress_health_check=WITHOUT_FIXTURE_RESET)
def test_sql_counts_what_the_rules_total(known: list[EnterpriseFacts], definition: Definition) -> None:
    (row,) = fetch(counts(classified(literal(known), definition)))
    assert _totals(row) == total([classify(facts, definition) for facts in known])


def test_no_enterprise_gives_zeros_and_rates_without_a_value(cast, definition) -> None:
    with cast.within(cast.group_a):
        found = figures.total(on_day(cast.group_a, park.DAY), definition)
    assert found == total([])
    assert found.organisation_rate is None
    assert found.focus_single_rate is None


@given(
    known=st.lists(st.tuples(st.sampled_from(["branch_a", "branch_b", "station", "park_org", "sibling_branch"]), park.facts),
                   max_size=25),
    definition=park.definitions,
)  # fmt: skip
@settings(max_examples=15, deadline=None, suppress_health_check=WITHOUT_FIXTURE_RESET)
def test_every_level_is_the_sum_of_the_level_below(cast, known, definition: Definition) -> None:
    from django.db import transaction

    with transaction.atomic(), cast.within(cast.authority):
        park.settle([(getattr(cast, n), facts) for n, facts in known], coverers=[cast.branch_a, cast.branch_b])
        for org in (cast.authority, cast.park_org, cast.committee, cast.station):
            found = figures.level(on_day(org, park.DAY), definition)
            below = [row.totals for row in found.rows]
            assert found.total == figures.summaries.add(below)
            for row in found.rows:
                child = next((o for o in vars(cast).values() if getattr(o, "path", None) == row.key and o != org), None)
                if child is not None:
                    assert figures.total(on_day(child, park.DAY), definition) == row.totals
        everything = figures.total(on_day(cast.authority, park.DAY), definition)
        assert everything == expected_of(known, definition)
        transaction.set_rollback(True)


def expected_of(known: list[tuple[str, EnterpriseFacts]], definition: Definition) -> Totals:
    """The rules' answer for the settled enterprises and the four of the cast."""
    own = [
        EnterpriseFacts(staff=120, formal_members=5, forms=frozenset({Form.SINGLE})),
        EnterpriseFacts(staff=30, formal_members=2, forms=frozenset({Form.JOINT})),
        EnterpriseFacts(staff=60, formal_members=4),
        EnterpriseFacts(staff=40, formal_members=3, forms=frozenset({Form.SINGLE})),
    ]
    return total([classify(facts, definition) for facts in [*own, *(facts for _, facts in known)]])


def test_an_enterprise_covered_twice_counts_once(cast, definition) -> None:
    with cast.within(cast.authority):
        Establishment.objects.create(
            enterprise=cast.enterprise_a, org=cast.committee, form="industry", since=datetime.date(2026, 1, 1)
        )
        found = figures.total(on_day(cast.authority, park.DAY), definition)
    assert (found.enterprises, found.organisation_covered, found.single_built) == (4, 3, 2)


def test_a_report_as_of_a_day_sees_the_facts_of_that_day(cast, definition) -> None:
    with cast.within(cast.authority):
        Condition.objects.filter(enterprise=cast.enterprise_a).update(until=datetime.date(2026, 4, 1))
        Condition.objects.create(enterprise=cast.enterprise_a, since=datetime.date(2026, 4, 1), status="moved_out")
        Establishment.objects.filter(enterprise=cast.enterprise_b).update(until=datetime.date(2026, 7, 1))
        seen = [
            figures.total(on_day(cast.authority, day), definition)
            for day in (
                datetime.date(2026, 3, 31),
                datetime.date(2026, 4, 1),
                datetime.date(2026, 6, 30),
                datetime.date(2026, 7, 1),
            )
        ]
    assert [(t.enterprises, t.organisation_covered) for t in seen] == [(4, 3), (3, 2), (3, 2), (3, 1)]
    assert [sum(t.excluded.values()) for t in seen] == [0, 1, 1, 1]


def test_an_enterprise_is_not_counted_before_anything_is_known_of_it(cast, definition) -> None:
    with cast.within(cast.authority):
        found = figures.total(on_day(cast.authority, datetime.date(2019, 12, 31)), definition)
    assert (found.enterprises, dict(found.excluded)) == (0, {})


def test_an_organisation_that_has_ended_covers_nothing(cast, definition) -> None:
    with cast.within(cast.authority):
        type(cast.branch_b).objects.filter(pk=cast.branch_b.pk).update(ended_on=datetime.date(2026, 9, 1))
        before = figures.total(on_day(cast.authority, datetime.date(2026, 8, 31)), definition)
        after = figures.total(on_day(cast.authority, park.DAY), definition)
    assert (before.organisation_covered, after.organisation_covered) == (3, 2)


def test_an_instructor_covers_the_work_and_not_the_organisation(cast, definition) -> None:
    from apps.enterprises.models import Instructor

    with cast.within(cast.authority):
        instructor = Instructor.objects.create(name="钱指导员", org=cast.park_org, since=datetime.date(2026, 1, 1))
        InstructorAssignment.objects.create(
            instructor=instructor, enterprise=cast.enterprise_uncovered, since=datetime.date(2026, 9, 30)
        )
        before = figures.total(on_day(cast.authority, datetime.date(2026, 9, 29)), definition)
        after = figures.total(on_day(cast.authority, park.DAY), definition)
    assert (before.work_covered, before.uncovered) == (3, 1)
    assert (after.organisation_covered, after.work_covered, after.uncovered) == (3, 4, 0)


def test_names_are_the_ones_that_were_counted(cast, definition) -> None:
    with cast.within(cast.authority):
        basis = on_day(cast.authority, park.DAY)
        names = figures.names(basis, definition)
        assert names.filter(organisation_covered=True).count() == figures.total(basis, definition).organisation_covered
        row = names.get(enterprise_id=cast.enterprise_a.pk)
    assert row.name == cast.enterprise_a.name
    assert row.org_line == "市委社会工作部 / 甲园区党工委 / 甲园区企业党委 / 甲园区党建指导站 / 子公司党支部"
    assert [c["form"] for c in row.covering] == ["single"]
    assert (row.park_name, row.building_name) == ("甲园区", "A1 栋")


def test_names_outside_the_scope_are_not_there(cast, definition) -> None:
    with cast.within(cast.authority):
        basis = on_day(cast.authority, park.DAY)
    with cast.within(cast.branch_a):
        names = figures.names(basis, definition)
        assert [row.name for row in names] == [cast.enterprise_a.name]
