"""What the patrol finds in numbers of members: each rule below, at and above its number, with a case it must not find."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from apps.branches.models import PartyOrg
from apps.branches.parameters import COMMITTEE_MEMBERS, GENERAL_BRANCH_MEMBERS
from apps.branches.rules import MIN_FORMAL_MEMBERS, USUAL_MAX_MEMBERS
from apps.branches.tree import segment
from apps.core.models import Parameter
from apps.core.scoping import unscoped
from apps.enterprises.models import Condition, Enterprise, Establishment
from apps.members.kinds import Relation
from apps.members.models import Member, Membership
from apps.patrol.models import PatrolHit
from apps.patrol.patrolling import run_patrol
from tests.cast import SINCE
from tests.members.conftest import TODAY

DAY = datetime.timedelta(days=1)
FORMAL = datetime.date(2015, 7, 1)


def found(rule: str, on: datetime.date = TODAY) -> list[tuple[str, str, str]]:
    """(subject, value, limit) of what stands against a rule after a patrol of the day."""
    assert {run.problem for run in run_patrol(on)} == {""}
    with unscoped("test"):
        rows = PatrolHit.objects.standing().filter(rule=rule).order_by("title")
        return list(rows.values_list("title", "value", "limit"))


def subjects(rule: str, on: datetime.date = TODAY) -> set[str]:
    return {title for title, *_ in found(rule, on)}


def counted(enterprise: Enterprise, **facts: Any) -> None:
    with unscoped("test"):
        Condition.objects.filter(enterprise=enterprise).update(**facts)


def covered(enterprise: Enterprise, org: Any, form: str, since: datetime.date = SINCE, **facts: Any) -> Establishment:
    with unscoped("test"):
        return Establishment.objects.create(enterprise=enterprise, org=org, form=form, since=since, **facts)


def founded(cast: Any, parent: PartyOrg, kind: str, code: str, **facts: Any) -> PartyOrg:
    """An organisation of the kind below the parent."""
    with unscoped("test"):
        org = PartyOrg(name=f"中共{code}", code=code, kind=kind, parent=parent, path=parent.path + segment(90 + len(code)),
                       founded_on=SINCE, **facts)  # fmt: skip
        org.save()
        return org


def enrolled(org: PartyOrg, formal: int, probationary: int = 0, enterprise: Enterprise | None = None) -> list[Member]:
    """So many new members on the roster of an organisation."""
    with unscoped("test"):
        start = Member.objects.count()
        rows = Member.objects.bulk_create(
            Member(code=f"DY7{start + n:07d}", name=f"党员{start + n}", org=org, org_path=org.path, employer=enterprise,
                   joined_on=FORMAL if n < formal else TODAY - DAY, formal_on=FORMAL if n < formal else None)
            for n in range(formal + probationary)
        )  # fmt: skip
        Membership.objects.bulk_create(
            Membership(member=row, org=org, org_path=org.path, enterprise=enterprise, since=row.joined_on)
            for row in rows
        )
        return rows


def number(code: str, value: int, org: Any = None) -> None:
    path = org.path if org else ""
    Parameter.objects.create(code=code, org_path=path, since=datetime.date(2026, 1, 1), value=value, source="试")


class TestShouldBuild:
    @pytest.mark.parametrize(
        ("members", "hit"),
        [(MIN_FORMAL_MEMBERS - 1, False), (MIN_FORMAL_MEMBERS, True), (MIN_FORMAL_MEMBERS + 1, True)],
    )
    def test_three_formal_members_and_no_organisation_of_its_own(self, cast, members, hit):
        counted(cast.enterprise_uncovered, formal_members=members, probationary_members=5, members_elsewhere=5)
        assert (cast.enterprise_uncovered.name in subjects("enterprises.should_build")) is hit

    def test_it_names_what_was_found_and_the_number_of_the_rule(self, cast):
        assert found("enterprises.should_build") == [
            (cast.enterprise_uncovered.name, "正式党员4人（摸底），未单独组建", "3人以上应当成立党支部")
        ]

    def test_the_cover_of_another_does_not_count_as_its_own(self, cast):
        covered(cast.enterprise_uncovered, cast.committee, "regional")
        assert subjects("enterprises.should_build") == {cast.enterprise_uncovered.name}

    def test_one_that_has_its_own_is_not_found_and_is_resolved_when_it_gets_it(self, cast):
        assert cast.enterprise_a.name not in subjects("enterprises.should_build")
        covered(cast.enterprise_uncovered, cast.branch_a, "single", since=TODAY)
        assert subjects("enterprises.should_build", TODAY - DAY) == {cast.enterprise_uncovered.name}
        assert subjects("enterprises.should_build") == set()

    @pytest.mark.parametrize(("status", "hit"), [("suspended", True), ("moved_out", False), ("cancelled", False)])
    def test_one_that_has_left_the_park_is_not_found(self, cast, status, hit):
        counted(cast.enterprise_uncovered, status=status)
        assert bool(subjects("enterprises.should_build")) is hit

    def test_the_facts_are_those_in_force_on_the_day(self, cast):
        counted(cast.enterprise_uncovered, until=TODAY)
        with unscoped("test"):
            Condition.objects.create(enterprise=cast.enterprise_uncovered, since=TODAY, staff=60, formal_members=2)
        assert subjects("enterprises.should_build", TODAY - DAY) == {cast.enterprise_uncovered.name}
        assert subjects("enterprises.should_build") == set()


class TestOutgrown:
    @pytest.mark.parametrize(
        ("members", "hit"),
        [(MIN_FORMAL_MEMBERS - 1, False), (MIN_FORMAL_MEMBERS, True), (MIN_FORMAL_MEMBERS + 1, True)],
    )
    def test_a_member_firm_of_a_joint_branch_that_has_grown(self, cast, members, hit):
        counted(cast.enterprise_b, formal_members=members)
        expected = [
            (cast.enterprise_b.name, f"正式党员{members}人（摸底），由“丑寅联合党支部”联合组建", "3人以上应单独组建")
        ]
        assert found("enterprises.outgrown_joint") == (expected if hit else [])

    def test_a_firm_that_nothing_covers_is_no_member_firm(self, cast):
        assert cast.enterprise_uncovered.name not in subjects("enterprises.outgrown_joint")

    def test_one_with_a_branch_of_its_own_besides_is_not_found(self, cast):
        counted(cast.enterprise_b, formal_members=5)
        covered(cast.enterprise_b, cast.branch_a, "single")
        assert subjects("enterprises.outgrown_joint") == set()

    def test_two_joint_branches_make_one_finding(self, cast):
        counted(cast.enterprise_b, formal_members=5)
        covered(cast.enterprise_b, cast.branch_a, "joint", since=TODAY)
        assert [value for _, value, _ in found("enterprises.outgrown_joint")] == [
            "正式党员5人（摸底），由“子公司党支部”联合组建"
        ]


class TestRosterOrCensus:
    def test_a_roster_that_tells_of_a_firm_is_counted_instead_of_the_census(self, cast, roster):
        counted(cast.enterprise_b, formal_members=9)
        assert found("enterprises.outgrown_joint") == []
        enrolled(cast.branch_b, 1, enterprise=cast.enterprise_b)
        assert found("enterprises.outgrown_joint") == [
            (cast.enterprise_b.name, "正式党员3人（名册），由“丑寅联合党支部”联合组建", "3人以上应单独组建")
        ]

    @pytest.mark.parametrize(
        ("members", "hit"),
        [(MIN_FORMAL_MEMBERS - 1, False), (MIN_FORMAL_MEMBERS, True), (MIN_FORMAL_MEMBERS + 1, True)],
    )
    def test_members_of_a_roster_who_work_in_a_firm_without_an_organisation(self, cast, members, hit):
        counted(cast.enterprise_uncovered, formal_members=0)
        enrolled(cast.branch_b, members, 4, enterprise=cast.enterprise_uncovered)
        expected = [
            (cast.enterprise_uncovered.name, f"正式党员{members}人（名册），未单独组建", "3人以上应当成立党支部")
        ]
        assert found("enterprises.should_build") == (expected if hit else [])

    def test_a_firm_of_which_no_roster_tells_is_counted_by_the_census(self, cast, roster):
        assert (cast.enterprise_uncovered.name, "正式党员4人（摸底），未单独组建", "3人以上应当成立党支部") in found(
            "enterprises.should_build"
        )


class TestSizeOfABranch:
    @pytest.mark.parametrize(
        ("members", "hit"),
        [(USUAL_MAX_MEMBERS - 1, False), (USUAL_MAX_MEMBERS, False), (USUAL_MAX_MEMBERS + 1, True)],
    )
    def test_a_branch_usually_has_at_most_fifty_members(self, cast, members, hit):
        enrolled(cast.branch_a, members - 2, 2)
        expected = [(cast.branch_a.name, f"党员{members}人", "一般不超过50人")]
        assert found("members.branch_too_large") == (expected if hit else [])

    @pytest.mark.parametrize(
        ("formal", "hit"),
        [(MIN_FORMAL_MEMBERS - 1, True), (MIN_FORMAL_MEMBERS, False), (MIN_FORMAL_MEMBERS + 1, False)],
    )
    def test_a_branch_has_three_full_members_whoever_is_on_probation(self, cast, formal, hit):
        enrolled(cast.branch_a, formal, 5)
        expected = [(cast.branch_a.name, f"正式党员{formal}人，党员{formal + 5}人", "正式党员不少于3人")]
        assert found("members.branch_too_small") == (expected if hit else [])

    def test_a_branch_that_keeps_no_roster_is_not_said_to_be_small_and_one_that_was_emptied_is(self, cast, roster):
        assert subjects("members.branch_too_small") == {cast.branch_b.name}
        with unscoped("test"):
            founded(cast, cast.station, "branch", "JYK")
            Member.objects.filter(org=cast.branch_a).update(
                relation=Relation.LEFT.value, left_on=TODAY, leaving_reason="transferred"
            )
        assert ("中共子公司支部委员会", "正式党员0人，党员0人", "正式党员不少于3人") in found(
            "members.branch_too_small"
        )
        assert "中共JYK" not in subjects("members.branch_too_small")

    def test_who_is_registered_elsewhere_or_has_left_is_not_counted(self, cast):
        rows = enrolled(cast.branch_a, USUAL_MAX_MEMBERS + 1)
        with unscoped("test"):
            Member.objects.filter(pk=rows[0].pk).update(relation=Relation.ELSEWHERE.value)
        assert found("members.branch_too_large") == []

    def test_a_branch_that_has_ended_is_not_found(self, cast):
        enrolled(cast.branch_a, USUAL_MAX_MEMBERS + 1)
        with unscoped("test"):
            PartyOrg.objects.filter(pk=cast.branch_a.pk).update(ended_on=TODAY + DAY)
        assert subjects("members.branch_too_large") == {cast.branch_a.name}
        assert subjects("members.branch_too_large", TODAY + DAY) == set()


class TestUpgrades:
    @pytest.mark.parametrize(
        ("formal", "general", "committee"),
        [(49, 0, 0), (50, 1, 0), (51, 1, 0), (99, 1, 0), (100, 0, 1), (101, 0, 1)],
    )
    def test_fifty_full_members_are_a_general_branch_and_a_hundred_a_committee(self, cast, formal, general, committee):
        enrolled(cast.branch_a, formal, 3)
        name = cast.branch_a.name
        assert (
            found("members.should_be_general_branch") == [(name, f"正式党员{formal}人", "50人以上可设党总支")] * general
        )
        assert found("members.should_be_committee") == [(name, f"正式党员{formal}人", "100人以上可设党委")] * committee

    def test_the_numbers_are_those_of_the_nearest_node(self, cast):
        enrolled(cast.branch_a, 6)
        number(GENERAL_BRANCH_MEMBERS.code, 6, cast.station)
        assert [value for _, *value in found("members.should_be_general_branch")] == [
            ["正式党员6人", "6人以上可设党总支"]
        ]
        number(COMMITTEE_MEMBERS.code, 6, cast.park_org)
        assert subjects("members.should_be_general_branch") == set()
        assert subjects("members.should_be_committee") == {cast.branch_a.name}

    @pytest.mark.parametrize(("formal", "hit"), [(99, False), (100, True), (101, True)])
    def test_a_general_branch_is_as_large_as_its_branches_together(self, cast, formal, hit):
        general = founded(cast, cast.station, "general_branch", "JYG")
        first, second = (founded(cast, general, "branch", code) for code in ("JYG1", "JYG12"))
        enrolled(first, formal - 40)
        enrolled(second, 40)
        expected = [(general.name, f"正式党员{formal}人", "100人以上可设党委")]
        assert found("members.should_be_committee") == (expected if hit else [])


def test_a_second_patrol_changes_nothing(cast, roster):
    enrolled(cast.branch_a, USUAL_MAX_MEMBERS + 1)
    run_patrol(TODAY)
    again = run_patrol(TODAY)
    assert {(run.new, run.resolved) for run in again} == {(0, 0)}
    assert {run.rule.code for run in again if run.found} >= {"members.branch_too_large", "members.branch_too_small"}
