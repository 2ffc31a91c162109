"""The roster of a day by kind of activity, whom one may choose, who may vote."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.services.roll import (
    candidates_on,
    eligible_voters,
    expected_on,
    holders_without_file,
    looked_after,
)
from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.errors import DomainError
from apps.core.scoping import EVERYTHING, use_scope
from apps.members.kinds import Direction, MobileReason, PostRole, Relation, Standing
from apps.members.models import DualAgreement, Member, Membership, MobileRecord, Post

from .conftest import TODAY

pytestmark = pytest.mark.django_db

SINCE = datetime.date(2026, 1, 1)


def names(people):
    return [each.name for each in people]


@pytest.fixture
def kind(logbook):
    return logbook.kind


def test_all_members_by_name(kind, cast, officer):
    found = expected_on(cast.branch_a, kind("assembly"), TODAY)
    assert names(found) == ["陈一鸣", "李秀英", "孙·阿依古丽", "王建国", "赵敏", "周小满"]
    assert {each.org for each in found} == {cast.branch_a}


def test_a_group_gathers_its_own_members(kind, cast, roster, officer):
    Membership.objects.filter(member__in=roster.of_a[:2]).update(group=cast.group_a)
    assert names(expected_on(cast.group_a, kind("group_meeting"), TODAY)) == ["陈一鸣", "孙·阿依古丽"]
    assert names(expected_on(cast.group_a, kind("theme_day"), TODAY)) == ["陈一鸣", "孙·阿依古丽"]


def test_a_branch_cannot_hold_the_meeting_of_a_group(kind, cast, officer):
    with pytest.raises(DomainError, match="请选择党小组") as refusal:
        expected_on(cast.branch_a, kind("group_meeting"), TODAY)
    assert "第十三条" in refusal.value.sentence
    with pytest.raises(DomainError, match="党小组不设班子"):
        expected_on(cast.group_a, kind("committee_meeting"), TODAY)


def test_the_committee_of_the_day_without_workers_and_without_those_who_left_it(kind, logbook, cast, roster, officer):
    posts = logbook.seat(cast.branch_a, *roster.of_a[:3])
    posts[2].until = TODAY
    posts[2].save()
    Post.objects.create(org=cast.branch_a, member=roster.of_a[3], name="李秀英", role=PostRole.WORKER, since=SINCE)
    Post.objects.create(
        org=cast.branch_a, member=roster.of_a[0], name="陈一鸣", role=PostRole.ORGANISATION, since=SINCE
    )
    assert names(expected_on(cast.branch_a, kind("committee_meeting"), TODAY)) == ["陈一鸣", "孙·阿依古丽"]
    yesterday = TODAY - datetime.timedelta(days=1)
    assert len(expected_on(cast.branch_a, kind("committee_meeting"), yesterday)) == 3


def test_who_was_sent_and_is_no_member_here_is_named_apart(kind, logbook, cast, roster, officer):
    logbook.seat(cast.branch_a, roster.worker_a1)
    Post.objects.create(org=cast.branch_a, name="派驻书记", role=PostRole.DEPUTY, since=SINCE)
    assert names(expected_on(cast.branch_a, kind("committee_meeting"), TODAY)) == ["陈一鸣"]
    assert holders_without_file(cast.branch_a, TODAY) == ["派驻书记"]


def test_a_committee_member_of_another_branch_sees_the_row_at_home(kind, logbook, cast, roster, officer):
    logbook.seat(cast.committee, roster.worker_a1, roster.worker_b1)
    found = expected_on(cast.committee, kind("committee_meeting"), TODAY)
    assert [(each.name, str(each.org)) for each in found] == [("陈一鸣", "子公司党支部"), ("吴刚", "丑寅联合党支部")]
    logbook.log("committee_meeting", org=cast.committee, actor=officer)
    with cast.within(cast.branch_b):
        from apps.activities.models import Attendance

        assert [row.member.name for row in Attendance.objects.all()] == ["吴刚"]


def test_where_no_relation_is_kept_whoever_takes_part_is_chosen(kind, logbook, cast, roster, officer):
    assert expected_on(cast.committee, kind("lecture"), TODAY) == []
    assert len(candidates_on(cast.committee, TODAY)) == 8
    assert names(candidates_on(cast.committee, TODAY, among=[roster.worker_b1.pk])) == ["吴刚"]
    lecture = logbook.log("lecture", org=cast.committee, chosen=[roster.worker_a1, roster.worker_b1], actor=officer)
    assert (lecture.expected, lecture.present) == (2, 2)


def test_a_temporary_branch_chooses_among_those_whom_it_looks_after(cast, roster, officer):
    with use_scope(EVERYTHING):
        PartyOrg.objects.filter(pk=cast.branch_b.pk).update(kind=OrgKind.TEMPORARY_BRANCH)
        branch = PartyOrg.objects.get(pk=cast.branch_b.pk)
        DualAgreement.objects.create(org=branch, member=roster.sibling_1, other_org=cast.sibling_branch, since=SINCE,
                                     until=datetime.date(2027, 1, 1), signed_on=SINCE)  # fmt: skip
    with cast.within(cast.branch_b):
        assert "冯涛" in names(candidates_on(branch, TODAY))


class TestLookedAfter:
    @pytest.fixture
    def guests(self, cast, roster):
        """One by agreement, one as 流入, one with the relation outside the portal."""
        with use_scope(EVERYTHING):
            DualAgreement.objects.create(
                org=cast.branch_a, member=roster.worker_elsewhere, other_org=cast.sibling_branch, since=SINCE,
                until=datetime.date(2027, 1, 1), signed_on=SINCE,
            )  # fmt: skip
            MobileRecord.objects.create(
                org=cast.branch_a, member=roster.sibling_2, other_org=cast.sibling_branch, direction=Direction.IN,
                since=SINCE, reason=MobileReason.choices()[0][0],
            )  # fmt: skip
            Member.objects.create(code="DY99", name="佟外", initials="tw", org=cast.branch_a, relation=Relation.ELSEWHERE,
                                  home_text="沈阳某支部")  # fmt: skip

    def test_they_are_offered_with_their_home_branches(self, guests, cast, secretary):
        found = {each.name: each.org and str(each.org) for each in looked_after(cast.branch_a, TODAY)}
        assert found == {"韩梅梅": "丁公司党支部", "卫国": "丁公司党支部", "佟外": None}

    def test_an_agreement_that_is_over_offers_nobody(self, guests, cast, secretary):
        found = looked_after(cast.branch_a, datetime.date(2027, 1, 1))
        assert set(names(found)) == {"卫国", "佟外"}

    def test_the_own_members_who_are_away_are_not_offered(self, cast, roster, secretary):
        MobileRecord.objects.create(
            org=cast.branch_a, member=roster.worker_a1, other_org=cast.sibling_branch, direction=Direction.OUT,
            since=SINCE, reason=MobileReason.choices()[0][0],
        )  # fmt: skip
        assert looked_after(cast.branch_a, TODAY) == []


def test_only_full_members_in_good_standing_vote(cast, roster, officer):
    assert "周小满" not in names(eligible_voters(cast.branch_a, TODAY))
    Member.objects.filter(pk=roster.worker_a1.pk).update(standing=Standing.SUSPENDED)
    assert names(eligible_voters(cast.branch_a, TODAY)) == ["李秀英", "孙·阿依古丽", "王建国", "赵敏"]
    assert names(eligible_voters(cast.branch_a, datetime.date(2020, 1, 1))) == [
        "李秀英", "孙·阿依古丽", "王建国", "赵敏",
    ]  # fmt: skip


def test_the_roster_costs_one_statement(kind, cast, officer, django_assert_num_queries):
    assembly = kind("assembly")
    with django_assert_num_queries(1):
        expected_on(cast.branch_a, assembly, TODAY)
