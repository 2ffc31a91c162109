"""What may merge with what, and what the regulations say about an organisation as a plan leaves it."""

import pytest

from apps.branches import rules
from apps.branches.rules import OrgKind
from apps.branches.rules.restructuring import MERGES, Standing, merge_refusal, standing_findings

LIMITS = rules.BranchThresholds(**dict.fromkeys(rules.BranchThresholds.__dataclass_fields__, 50))


def codes(**facts):
    given = {"kind": OrgKind.BRANCH, "parent": OrgKind.GENERAL_BRANCH, **facts}
    return [finding.code for finding in standing_findings(Standing(**given), LIMITS)]


@pytest.mark.parametrize(
    ("kind", "into", "allowed"),
    [
        (OrgKind.BRANCH, OrgKind.JOINT_BRANCH, True),
        (OrgKind.TEMPORARY_BRANCH, OrgKind.BRANCH, True),
        (OrgKind.BRANCH, OrgKind.TEMPORARY_BRANCH, False),
        (OrgKind.MOBILE_BRANCH, OrgKind.MOBILE_BRANCH, True),
        (OrgKind.GENERAL_BRANCH, OrgKind.COMMITTEE, True),
        (OrgKind.COMMITTEE, OrgKind.GENERAL_BRANCH, False),
        (OrgKind.BRANCH, OrgKind.COMMITTEE, False),
        (OrgKind.GUIDANCE_STATION, OrgKind.GUIDANCE_STATION, True),
        (OrgKind.GROUP, OrgKind.BRANCH, False),
    ],
)
def test_an_organisation_goes_over_into_its_like_or_the_larger_one_of_its_line(kind, into, allowed):
    refusal = merge_refusal(kind, into)
    assert (refusal is None) == allowed
    assert allowed or (refusal.blocks and refusal.basis.rule_id == "ZB-09")


def test_every_kind_has_something_to_go_over_into():
    assert set(MERGES) == set(OrgKind)
    assert all(merge_refusal(kind, kind) is None for kind in OrgKind)


@pytest.mark.parametrize(
    ("formal", "found"),
    [(rules.MIN_FORMAL_MEMBERS - 1, ["too_few"]), (rules.MIN_FORMAL_MEMBERS, []), (rules.MIN_FORMAL_MEMBERS + 1, [])],
)
def test_a_branch_needs_three_formal_members(formal, found):
    assert codes(formal_members=formal, members=formal, units=1) == found


@pytest.mark.parametrize(
    ("members", "found"),
    [(rules.USUAL_MAX_MEMBERS - 1, []), (rules.USUAL_MAX_MEMBERS, []), (rules.USUAL_MAX_MEMBERS + 1, ["too_many"])],
)
def test_a_branch_usually_has_no_more_than_fifty_members(members, found):
    assert codes(formal_members=10, members=members, units=1) == found


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
@pytest.mark.parametrize("formal", [None, 9])
def test_a_joint_branch_has_two_to_five_units_whether_its_members_are_known_or_not(units, found, formal):
    assert codes(kind=OrgKind.JOINT_BRANCH, formal_members=formal, units=units) == found


def test_a_branch_of_several_units_is_a_joint_one():
    assert codes(units=2) == ["not_joint"]
    assert codes(units=1) == []


def test_a_kind_that_cannot_stand_there_is_said_with_its_rule():
    (finding,) = standing_findings(Standing(OrgKind.COMMITTEE, OrgKind.BRANCH), LIMITS)
    assert (finding.code, finding.basis.rule_id) == ("wrong_parent", "ZB-07")


def test_members_who_are_not_known_are_not_judged():
    assert codes(formal_members=None, units=1) == []


def test_one_that_has_outgrown_its_kind_is_told_so():
    assert "upgrade" in codes(formal_members=50, members=50, units=1)
