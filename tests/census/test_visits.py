"""A census answered in person is a 走访: nobody enters the same visit twice."""

from __future__ import annotations

import datetime

import pytest

from apps.census import services
from apps.core.scoping import unscoped
from apps.enterprises.models import Instructor, InstructorAssignment, Visit

from .conftest import TODAY

pytestmark = pytest.mark.django_db
SINCE = datetime.date(2026, 1, 1)


@pytest.fixture
def answered(cast, return_of):
    """Answer 本季无变化 and approve it."""

    def do(enterprise, method: str, actor) -> None:
        with cast.within(cast.park_org):
            services.answer_unchanged(
                census_return=return_of(enterprise), method=method, checked_on=TODAY, today=TODAY, actor=actor
            )
            services.approve(census_return=return_of(enterprise), today=TODAY, actor=cast.users.park_officer)

    return do


def visits(enterprise) -> list[Visit]:
    with unscoped("test"):
        return list(Visit.objects.filter(enterprise=enterprise).select_related("instructor"))


@pytest.mark.parametrize(("method", "count"), [("visit", 1), ("on_site", 1), ("phone", 0)])
def test_an_approved_answer_found_out_in_person_is_a_visit_and_a_phone_call_is_none(cast, answered, method, count):
    answered(cast.enterprise_a, method, cast.users.secretary_a)
    found = visits(cast.enterprise_a)
    assert len(found) == count
    assert all((v.on, v.method, v.visitor, v.summary) == (TODAY, method, "王书记", "2026年第四季度摸底") for v in found)


def test_the_visit_of_an_assigned_instructor_counts_as_the_instructors(cast, answered):
    with unscoped("test"):
        sent = Instructor.objects.create(name="钱指导员", user=cast.users.instructor, org=cast.station, since=SINCE)
        InstructorAssignment.objects.create(instructor=sent, enterprise=cast.enterprise_a, since=SINCE)
    answered(cast.enterprise_a, "visit", cast.users.instructor)
    assert [v.instructor for v in visits(cast.enterprise_a)] == [sent]


def test_a_visit_that_was_already_entered_for_that_day_is_not_doubled(cast, answered):
    with unscoped("test"):
        Visit.objects.create(enterprise=cast.enterprise_a, on=TODAY, visitor="王书记")
    answered(cast.enterprise_a, "visit", cast.users.secretary_a)
    assert len(visits(cast.enterprise_a)) == 1
