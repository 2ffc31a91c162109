"""How organisations are set up, and sized, at every limit."""

from __future__ import annotations

import datetime
import itertools
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.branches import rules
from apps.branches.rules import BranchThresholds, OrgKind
from apps.core.periods import add_months

LOCAL = BranchThresholds(general_branch_members=50, committee_members=100)


def codes(findings):
    return [finding.code for finding in findings]


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


class TestTheTree:
    def test_the_four_levels_stand_under_each_other(self):
        line = [OrgKind.WORK_COMMITTEE, OrgKind.COMMITTEE, OrgKind.GUIDANCE_STATION, OrgKind.BRANCH]
        assert [rules.placement_finding(kind, parent) for parent, kind in itertools.pairwise(line)] == [None] * 3

    @pytest.mark.parametrize(
        ("kind", "parent"),
        [
            (OrgKind.JOINT_BRANCH, OrgKind.WORK_COMMITTEE),
            (OrgKind.COMMITTEE, OrgKind.COMMITTEE),
            (OrgKind.COMMITTEE, OrgKind.GUIDANCE_STATION),
            (OrgKind.AUTHORITY, OrgKind.AUTHORITY),
            (OrgKind.TEMPORARY_BRANCH, OrgKind.GENERAL_BRANCH),
            (OrgKind.GROUP, OrgKind.JOINT_BRANCH),
        ],
    )
    def test_a_level_may_be_left_out_and_committees_may_nest(self, kind, parent):
        assert rules.placement_finding(kind, parent) is None

    @pytest.mark.parametrize(
        ("kind", "parent"),
        [
            (OrgKind.BRANCH, OrgKind.BRANCH),
            (OrgKind.COMMITTEE, OrgKind.GENERAL_BRANCH),
            (OrgKind.WORK_COMMITTEE, OrgKind.COMMITTEE),
            (OrgKind.BRANCH, OrgKind.GROUP),
            (OrgKind.GROUP, OrgKind.COMMITTEE),
            (OrgKind.BRANCH, OrgKind.AUTHORITY),
        ],
    )
    def test_other_places_are_refused(self, kind, parent):
        found = rules.placement_finding(kind, parent)
        assert found.code == "wrong_parent"
        assert found.blocks
        assert kind.label in found.message

    @pytest.mark.parametrize("kind", list(OrgKind))
    def test_only_an_authority_or_a_committee_can_be_the_root(self, kind):
        is_root = kind in (OrgKind.AUTHORITY, OrgKind.WORK_COMMITTEE, OrgKind.COMMITTEE)
        assert (rules.placement_finding(kind, None) is None) is is_root

    def test_every_kind_has_its_capabilities_and_its_children(self):
        assert set(rules.CAPABILITIES) == set(rules.ALLOWED_CHILDREN) == set(OrgKind)

    def test_a_temporary_branch_may_do_none_of_the_four_things(self):
        found = rules.capabilities(OrgKind.TEMPORARY_BRANCH)
        assert [f.name for f in fields(found) if getattr(found, f.name)] == ["leaders_appointed"]

    def test_only_branches_hold_members(self):
        holders = {kind for kind in OrgKind if rules.capabilities(kind).holds_members}
        assert holders == {OrgKind.BRANCH, OrgKind.JOINT_BRANCH}

    @pytest.mark.parametrize("kind", list(OrgKind))
    def test_only_committees_may_be_given_authority_over_probationary_members(self, kind):
        may = kind in (OrgKind.COMMITTEE, OrgKind.WORK_COMMITTEE)
        assert (rules.approval_authority_finding(kind, can_approve_probationary=True) is None) is may
        assert rules.approval_authority_finding(kind, can_approve_probationary=False) is None


class TestFounding:
    @pytest.mark.parametrize(
        ("formal", "found"),
        [
            (rules.MIN_FORMAL_MEMBERS - 1, ["too_few"]),
            (rules.MIN_FORMAL_MEMBERS, []),
            (rules.MIN_FORMAL_MEMBERS + 1, []),
        ],
    )
    def test_a_branch_needs_three_formal_members(self, formal, found):
        assert codes(rules.founding_findings(OrgKind.BRANCH, formal_members=formal, members=formal)) == found
        assert rules.must_found_branch(formal) is (found == [])

    def test_probationary_members_do_not_count_toward_founding(self):
        found = rules.founding_findings(OrgKind.BRANCH, formal_members=2, members=9)
        assert codes(found) == ["too_few"]
        assert found[0].blocks
        assert str(found[0].basis) == "《中国共产党支部工作条例（试行）》第五条"
        assert "联合党支部" in found[0].message

    @pytest.mark.parametrize(
        ("members", "found"),
        [
            (rules.USUAL_MAX_MEMBERS - 1, []),
            (rules.USUAL_MAX_MEMBERS, []),
            (rules.USUAL_MAX_MEMBERS + 1, ["too_many"]),
        ],
    )
    def test_more_than_fifty_members_ask_for_a_reason(self, members, found):
        findings = rules.founding_findings(OrgKind.BRANCH, formal_members=3, members=members)
        assert codes(findings) == found
        assert all(finding.asks_reason for finding in findings)

    @pytest.mark.parametrize(
        ("units", "found"),
        [
            (1, ["single_unit"]),
            (2, []),
            (rules.JOINT_BRANCH_USUAL_MAX_UNITS - 1, []),
            (rules.JOINT_BRANCH_USUAL_MAX_UNITS, []),
            (rules.JOINT_BRANCH_USUAL_MAX_UNITS + 1, ["too_many_units"]),
        ],
    )
    def test_a_joint_branch_covers_two_to_five_units(self, units, found):
        findings = rules.founding_findings(OrgKind.JOINT_BRANCH, formal_members=3, members=3, units=units)
        assert codes(findings) == found
        assert all(finding.asks_reason for finding in findings)

    def test_a_joint_branch_needs_three_formal_members_of_all_its_units(self):
        found = rules.founding_findings(OrgKind.JOINT_BRANCH, formal_members=2, members=2, units=2)
        assert codes(found) == ["too_few"]

    @pytest.mark.parametrize("kind", [OrgKind.TEMPORARY_BRANCH, OrgKind.COMMITTEE, OrgKind.GUIDANCE_STATION])
    def test_other_kinds_have_no_founding_numbers(self, kind):
        assert rules.founding_findings(kind, formal_members=0, members=99, units=9) == []

    @pytest.mark.parametrize(
        ("months", "may"),
        [
            (rules.PROJECT_MIN_MONTHS - 1, False),
            (rules.PROJECT_MIN_MONTHS, True),
            (rules.PROJECT_MIN_MONTHS + 1, True),
        ],
    )
    def test_a_project_of_six_months_may_have_a_branch(self, months, may):
        assert rules.project_may_found_branch(months) is may

    @pytest.mark.parametrize(
        ("months", "late"),
        [
            (rules.APPROVAL_USUAL_MONTHS - 1, False),
            (rules.APPROVAL_USUAL_MONTHS, False),
            (rules.APPROVAL_USUAL_MONTHS + 1, True),
        ],
    )
    def test_an_application_is_usually_answered_within_a_month(self, months, late):
        applied = date("2026-01-31")
        assert (add_months(applied, months) > rules.approval_due(applied)) is late


class TestCommittee:
    @pytest.mark.parametrize(
        ("formal", "found"),
        [
            (rules.COMMITTEE_MIN_FORMAL_MEMBERS - 1, []),
            (rules.COMMITTEE_MIN_FORMAL_MEMBERS, ["committee_missing"]),
            (rules.COMMITTEE_MIN_FORMAL_MEMBERS + 1, ["committee_missing"]),
        ],
    )
    def test_seven_formal_members_must_have_a_committee(self, formal, found):
        assert codes(rules.committee_findings(formal_members=formal, seats=0)) == found
        assert rules.needs_committee(formal) is (found != [])
        assert rules.committee_findings(formal_members=formal, seats=3) == []

    @pytest.mark.parametrize(
        ("seats", "found"),
        [
            (1, ["committee_too_small"]),
            (rules.COMMITTEE_MIN_SEATS - 1, ["committee_too_small"]),
            (rules.COMMITTEE_MIN_SEATS, []),
            (rules.COMMITTEE_MIN_SEATS + 1, []),
            (rules.COMMITTEE_USUAL_MAX_SEATS - 1, []),
            (rules.COMMITTEE_USUAL_MAX_SEATS, []),
            (rules.COMMITTEE_USUAL_MAX_SEATS + 1, ["committee_too_large"]),
        ],
    )
    def test_a_committee_has_three_to_seven_seats(self, seats, found):
        assert codes(rules.committee_findings(formal_members=20, seats=seats)) == found


class TestGrowth:
    @pytest.mark.parametrize(
        ("formal", "kind"),
        [
            (0, OrgKind.JOINT_BRANCH),
            (rules.MIN_FORMAL_MEMBERS - 1, OrgKind.JOINT_BRANCH),
            (rules.MIN_FORMAL_MEMBERS, OrgKind.BRANCH),
            (rules.MIN_FORMAL_MEMBERS + 1, OrgKind.BRANCH),
            (LOCAL.general_branch_members - 1, OrgKind.BRANCH),
            (LOCAL.general_branch_members, OrgKind.GENERAL_BRANCH),
            (LOCAL.general_branch_members + 1, OrgKind.GENERAL_BRANCH),
            (LOCAL.committee_members - 1, OrgKind.GENERAL_BRANCH),
            (LOCAL.committee_members, OrgKind.COMMITTEE),
            (LOCAL.committee_members + 1, OrgKind.COMMITTEE),
        ],
    )
    def test_size_suggests_a_kind(self, formal, kind):
        assert rules.suggest_kind(formal, LOCAL) is kind

    @pytest.mark.parametrize(
        ("kind", "formal", "suggested"),
        [
            (OrgKind.BRANCH, 49, None),
            (OrgKind.BRANCH, 50, "党总支"),
            (OrgKind.JOINT_BRANCH, 51, "党总支"),
            (OrgKind.GENERAL_BRANCH, 50, None),
            (OrgKind.GENERAL_BRANCH, 99, None),
            (OrgKind.GENERAL_BRANCH, 100, "党委"),
            (OrgKind.BRANCH, 101, "党委"),
            (OrgKind.COMMITTEE, 500, None),
            (OrgKind.GENERAL_BRANCH, 5, None),
            (OrgKind.WORK_COMMITTEE, 500, None),
        ],
    )
    def test_an_outgrown_organisation_is_only_advised(self, kind, formal, suggested):
        found = rules.upgrade_finding(kind, formal, LOCAL)
        assert (found and found.level) == (suggested and "warn")
        assert suggested is None or suggested in found.message

    def test_other_thresholds_give_other_advice(self):
        strict = BranchThresholds(30, 60)
        assert rules.suggest_kind(30, strict) is OrgKind.GENERAL_BRANCH
        assert rules.suggest_kind(60, strict) is OrgKind.COMMITTEE

    @given(st.integers(0, 2000))
    def test_more_members_never_suggest_a_smaller_kind(self, formal):
        order = [OrgKind.JOINT_BRANCH, OrgKind.BRANCH, OrgKind.GENERAL_BRANCH, OrgKind.COMMITTEE]
        now, later = (order.index(rules.suggest_kind(n, LOCAL)) for n in (formal, formal + 1))
        assert now <= later
