"""What the patrol finds in the register: each rule below, at and above its number, with a case it must not find."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from apps.branches.rules import JOINT_BRANCH_USUAL_MAX_UNITS
from apps.core.models import Parameter
from apps.core.scoping import unscoped
from apps.enterprises.models import (
    Condition,
    Enterprise,
    Establishment,
    Instructor,
    InstructorAssignment,
    Visit,
)
from apps.enterprises.parameters import FOCUS_STAFF, LOAD, QUIET, VISITS
from apps.patrol.models import PatrolHit
from apps.patrol.patrolling import run_patrol
from tests.cast import SINCE

TODAY = datetime.date(2026, 11, 22)
DAY = datetime.timedelta(days=1)
QUARTER = datetime.date(2026, 10, 1)


def found(rule: str, on: datetime.date = TODAY) -> list[tuple[str, str, str]]:
    """(subject, value, limit) of what stands against a rule after a patrol of the day."""
    assert {run.problem for run in run_patrol(on)} == {""}
    with unscoped("test"):
        rows = PatrolHit.objects.standing().filter(rule=f"enterprises.{rule}").order_by("title")
        return list(rows.values_list("title", "value", "limit"))


def subjects(rule: str, on: datetime.date = TODAY) -> set[str]:
    return {title for title, *_ in found(rule, on)}


def counted(enterprise: Enterprise, **facts: Any) -> None:
    with unscoped("test"):
        Condition.objects.filter(enterprise=enterprise).update(**facts)


def covered(enterprise: Enterprise, org: Any, form: str, since: datetime.date = SINCE, **facts: Any) -> Establishment:
    with unscoped("test"):
        return Establishment.objects.create(enterprise=enterprise, org=org, form=form, since=since, **facts)


def number(code: str, value: int, org: Any = None) -> None:
    path = org.path if org else ""
    Parameter.objects.create(code=code, org_path=path, since=datetime.date(2026, 1, 1), value=value, source="试")


def firm(cast: Any, name: str, **facts: Any) -> Enterprise:
    with unscoped("test"):
        row = Enterprise(name=name, org=cast.park_org, park=cast.park, arrived_on=SINCE)
        row.save()
        Condition.objects.create(enterprise=row, since=SINCE, **facts)
        return row


class TestLargeWithoutBranch:
    @pytest.mark.parametrize(("staff", "hit"), [(99, False), (100, True), (101, True)])
    def test_a_hundred_staff_and_no_branch_of_its_own(self, cast, staff, hit):
        counted(cast.enterprise_b, staff=staff)
        expected = [(cast.enterprise_b.name, f"职工{staff}人，未单独组建", "100人以上应单独组建")]
        assert found("large_without_branch") == (expected if hit else [])

    def test_one_that_has_its_own_is_not_found(self, cast):
        counted(cast.enterprise_a, staff=5000)
        assert subjects("large_without_branch") == set()

    def test_the_number_is_that_of_the_nearest_node(self, cast):
        counted(cast.enterprise_b, staff=80)
        counted(cast.enterprise_sibling, staff=80)
        with unscoped("test"):
            Establishment.objects.filter(enterprise=cast.enterprise_sibling).delete()
        number(FOCUS_STAFF, 80, cast.park_org)
        assert found("large_without_branch") == [(cast.enterprise_b.name, "职工80人，未单独组建", "80人以上应单独组建")]
        number(FOCUS_STAFF, 90, cast.station)
        assert found("large_without_branch") == []
        number(FOCUS_STAFF, 70)
        assert subjects("large_without_branch") == {cast.enterprise_sibling.name}

    def test_a_number_holds_from_its_day(self, cast):
        counted(cast.enterprise_b, staff=80)
        Parameter.objects.create(code=FOCUS_STAFF, since=TODAY, value=80, source="试")
        assert subjects("large_without_branch", TODAY - DAY) == set()
        assert subjects("large_without_branch") == {cast.enterprise_b.name}


class TestJointTooLarge:
    @pytest.mark.parametrize(
        ("units", "hit"),
        [
            (JOINT_BRANCH_USUAL_MAX_UNITS - 1, False),
            (JOINT_BRANCH_USUAL_MAX_UNITS, False),
            (JOINT_BRANCH_USUAL_MAX_UNITS + 1, True),
        ],
    )
    def test_a_joint_branch_covers_five_units_as_a_rule(self, cast, units, hit):
        for serial in range(units - 1):  # enterprise_b is the first
            covered(firm(cast, f"第{serial}公司"), cast.branch_b, "joint")
        expected = [(cast.branch_b.name, f"覆盖{units}个单位", "一般不超过5个")]
        assert found("joint_too_large") == (expected if hit else [])

    def test_units_that_have_left_and_other_kinds_do_not_count(self, cast):
        for serial in range(JOINT_BRANCH_USUAL_MAX_UNITS + 1):
            row = firm(cast, f"第{serial}公司")
            covered(row, cast.branch_b, "joint", until=TODAY)
            covered(row, cast.sibling_branch, "joint")
        assert subjects("joint_too_large", TODAY - DAY) == {cast.branch_b.name}
        assert subjects("joint_too_large") == set()


class TestInstructors:
    @pytest.fixture
    def instructor(self, cast):
        with unscoped("test"):
            person = Instructor(name="钱指导员", org=cast.station, since=SINCE)
            person.save()
        return person

    def send(self, cast: Any, instructor: Instructor, number: int = 1, since: datetime.date = SINCE) -> None:
        with unscoped("test"):
            for serial in range(number):
                target = firm(cast, f"联系{since}第{serial}公司")
                InstructorAssignment.objects.create(instructor=instructor, enterprise=target, since=since)

    def visit(self, cast: Any, instructor: Instructor, *days: datetime.date) -> None:
        with unscoped("test"):
            for day in days:
                Visit.objects.create(enterprise=cast.enterprise_a, on=day, visitor="钱", instructor=instructor)

    @pytest.mark.parametrize(("firms", "hit"), [(2, False), (3, False), (4, True)])
    def test_an_instructor_contacts_three_enterprises(self, cast, instructor, firms, hit):
        self.send(cast, instructor, firms)
        expected = [("钱指导员", f"联系{firms}家企业", "不超过3家")]
        assert found("instructor_overloaded") == (expected if hit else [])

    def test_how_many_is_the_number_of_the_nearest_node(self, cast, instructor):
        self.send(cast, instructor, 4)
        number(LOAD, 4, cast.committee)
        assert found("instructor_overloaded") == []
        number(LOAD, 3, cast.station)
        assert subjects("instructor_overloaded") == {"钱指导员"}

    def test_one_who_has_left_office_is_not_found(self, cast, instructor):
        self.send(cast, instructor, 4)
        with unscoped("test"):
            Instructor.objects.update(until=TODAY)
        assert subjects("instructor_overloaded", TODAY - DAY) == {"钱指导员"}
        assert subjects("instructor_overloaded") == set()
        assert subjects("instructor_silent") == set()

    @pytest.mark.parametrize(("visits", "hit"), [(0, True), (1, False), (2, False)])
    def test_an_instructor_visits_once_a_quarter(self, cast, instructor, visits, hit):
        self.send(cast, instructor, 2)
        self.visit(cast, instructor, *[QUARTER + n * DAY for n in range(visits)], QUARTER - DAY, TODAY + DAY)
        expected = [("钱指导员", "联系2家企业，本季走访0次", "每季度不少于1次")]
        assert found("instructor_silent") == (expected if hit else [])

    def test_how_often_is_a_number_of_the_place(self, cast, instructor):
        self.send(cast, instructor)
        self.visit(cast, instructor, QUARTER)
        number(VISITS, 2, cast.park_org)
        assert [value for _, value, _ in found("instructor_silent")] == ["联系1家企业，本季走访1次"]

    @pytest.mark.parametrize(("days", "hit"), [(29, False), (30, True), (31, True)])
    def test_nobody_is_late_when_the_quarter_is_young(self, cast, instructor, days, hit):
        self.send(cast, instructor)
        assert bool(subjects("instructor_silent", QUARTER + days * DAY)) is hit

    @pytest.mark.parametrize(("days", "hit"), [(29, False), (30, True), (31, True)])
    def test_nobody_is_late_who_was_only_just_sent(self, cast, instructor, days, hit):
        self.send(cast, instructor, since=TODAY - days * DAY)
        assert bool(subjects("instructor_silent")) is hit

    def test_how_young_is_a_number_of_the_place(self, cast, instructor):
        self.send(cast, instructor)
        number(QUIET, 53)  # 22 November comes 52 days after the quarter began
        assert subjects("instructor_silent") == set()
        assert subjects("instructor_silent", TODAY + DAY) == {"钱指导员"}

    def test_one_who_is_sent_nowhere_is_not_found(self, cast, instructor):
        assert subjects("instructor_silent") == set()


def test_a_secretary_sees_the_own_enterprise_and_no_other(cast):
    counted(cast.enterprise_b, staff=500)
    found("large_without_branch")
    with cast.within(cast.branch_b):
        mine = PatrolHit.objects.filter(rule__startswith="enterprises.")
        assert {hit.title for hit in mine} == {cast.enterprise_b.name}
    with cast.within(cast.branch_a):
        assert not PatrolHit.objects.filter(rule__startswith="enterprises.").exists()
