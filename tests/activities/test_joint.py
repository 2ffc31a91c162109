"""Joint activities and visitors: one record, in the book of each branch, with the members of each."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.kinds import State
from apps.activities.models import Activity, Attendance, Participation
from apps.activities.services.records import amend_activity, facts_of, roll_of
from apps.activities.services.records_joint import find_activity, lines_of, mark_attendance, sides_of
from apps.activities.services.records_review import confirm_activities, return_activity
from apps.core.errors import Conflict, DomainError

from .conftest import TODAY

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def joint(logbook, cast, roster):
    """branch_a held a theme day together with branch_b; its secretary wrote it."""
    with cast.within(cast.branch_a):
        return logbook.log(co_hosts=[cast.branch_b], absent=[roster.worker_a1])


def side_of(org):
    return Participation.objects.get(org=org)


class TestJoint:
    def test_it_is_one_record_in_the_book_of_each_branch_with_its_own_numbers(self, joint, logbook, cast):
        assert logbook.sides(joint) == {"子公司党支部": (6, 5), "丑寅联合党支部": (2, 2)}
        assert (joint.expected, joint.present) == (8, 7)
        with cast.within(cast.branch_b):
            mine = Participation.objects.get()
            assert (mine.is_host, mine.state, mine.kind.code) == (False, State.SUBMITTED, "theme_day")
            assert {row.member.name for row in Attendance.objects.all()} == {"吴刚", "郑爽"}

    def test_the_co_host_reads_the_record_and_sees_no_names_but_its_own(self, joint, cast):
        with cast.within(cast.branch_b):
            assert not Activity.objects.exists()
            shown = find_activity(joint.pk)
            assert shown == joint
            assert [str(side.org) for side in sides_of(shown)] == ["子公司党支部", "丑寅联合党支部"]
            assert [row.member.name for row in lines_of(shown)] == ["吴刚", "郑爽"]
        with cast.within(cast.sibling_branch):
            assert find_activity(joint.pk) is None

    def test_the_co_host_marks_its_own_members(self, joint, logbook, cast, roster, today):
        with cast.within(cast.branch_b):
            side = mark_attendance(participation=side_of(cast.branch_b), absent=logbook.roll([roster.worker_b1]).absent,
                                   seen=1, actor=cast.users.secretary_b, today=today)  # fmt: skip
        assert (side.expected, side.present) == (2, 1)
        with cast.within(cast.branch_a):
            kept = Activity.objects.get()
            assert (kept.present, kept.version) == (6, 2)

    def test_it_cannot_mark_members_of_the_host(self, joint, logbook, cast, roster, today):
        with cast.within(cast.branch_b), pytest.raises(DomainError, match="陈一鸣"):
            mark_attendance(participation=side_of(cast.branch_b), absent=logbook.roll([roster.worker_a1]).absent,
                            actor=cast.users.secretary_b, today=today)  # fmt: skip

    def test_what_the_co_host_marked_stays_when_the_host_changes_the_record(self, joint, logbook, cast, roster, today):
        with cast.within(cast.branch_b):
            mark_attendance(participation=side_of(cast.branch_b), absent=logbook.roll([roster.worker_b1]).absent,
                            actor=cast.users.secretary_b, today=today)  # fmt: skip
        with cast.within(cast.branch_a):
            kept = Activity.objects.get()
            roll = roll_of(kept)
            assert [absence.member.name for absence in roll.absent] == ["陈一鸣"], "nobody of the co-host is named"
            amend_activity(activity=kept, facts=logbook.facts(title="改题"), roll=roll, submit=True, seen=kept.version,
                           actor=cast.users.secretary_a, today=today)  # fmt: skip
        assert logbook.sides(kept) == {"子公司党支部": (6, 5), "丑寅联合党支部": (2, 1)}

    def test_whoever_marks_a_record_that_changed_meanwhile_is_told(self, joint, cast, logbook, today):
        with cast.within(cast.branch_a):
            amend_activity(activity=joint, facts=logbook.facts(title="改题"), roll=roll_of(joint), submit=True,
                           actor=cast.users.secretary_a, today=today)  # fmt: skip
        with cast.within(cast.branch_b), pytest.raises(Conflict):
            mark_attendance(participation=side_of(cast.branch_b), seen=1, actor=cast.users.secretary_b, today=today)

    def test_an_officer_of_both_marks_both_at_once(self, logbook, cast, roster, officer):
        activity = logbook.log(co_hosts=[cast.branch_b], absent=[roster.worker_a1, roster.worker_b2], actor=officer)
        assert logbook.sides(activity) == {"子公司党支部": (6, 5), "丑寅联合党支部": (2, 1)}

    def test_state_and_day_follow_on_every_side(self, joint, logbook, cast, today):
        with cast.within(cast.park_org):
            officer = cast.users.park_officer
            confirm_activities(activities=[joint], actor=officer, today=today)
            assert set(Participation.objects.values_list("state", flat=True)) == {State.CONFIRMED}
            returned = return_activity(activity=joint, reason="补充记录", actor=officer, today=today)
            assert Attendance.objects.counted().count() == 0
            amend_activity(activity=returned, facts=logbook.facts(day=TODAY - DAY), roll=roll_of(returned), submit=True,
                           actor=officer, today=today)  # fmt: skip
            assert set(Participation.objects.values_list("held_on", "state")) == {(TODAY - DAY, "submitted")}

    def test_a_branch_may_be_taken_off_again(self, joint, logbook, cast, today):
        with cast.within(cast.branch_a):
            amend_activity(activity=joint, facts=facts_of(joint), roll=logbook.roll(), submit=True,
                           actor=cast.users.secretary_a, today=today)  # fmt: skip
        assert logbook.sides(joint) == {"子公司党支部": (6, 6)}
        with cast.within(cast.branch_b):
            assert find_activity(joint.pk) is None

    def test_neither_the_host_nor_anybody_twice_nor_an_ended_branch(self, logbook, cast, officer):
        for orgs in ([cast.branch_a], [cast.branch_b, cast.branch_b]):
            with pytest.raises(DomainError, match="不能重复"):
                logbook.log(co_hosts=orgs)
        cast.branch_b.ended_on = TODAY
        cast.branch_b.save()
        with pytest.raises(DomainError, match="已于 2026-11-22 撤销"):
            logbook.log(co_hosts=[cast.branch_b])


class TestVisitors:
    def test_both_branches_see_the_visitor_and_the_hours_count(self, logbook, cast, roster):
        with cast.within(cast.branch_a):
            activity = logbook.log(visitors=[roster.sibling_1])
            assert (activity.expected, activity.present, activity.visitors) == (6, 6, 1)
        with cast.within(cast.sibling_branch):
            row = Attendance.objects.get()
            assert (row.member.name, row.is_visitor, row.counted, row.hours) == ("冯涛", True, True, 2)
            assert find_activity(activity.pk) == activity
            assert [line.member.name for line in lines_of(activity)] == ["冯涛"]
        with cast.within(cast.branch_b):
            assert not Attendance.objects.exists()
            assert find_activity(activity.pk) is None

    def test_an_own_member_is_no_visitor(self, logbook, roster, secretary):
        with pytest.raises(DomainError, match="「陈一鸣」是本党组织的党员，不是来访党员") as refusal:
            logbook.log(visitors=[roster.worker_a1])
        assert refusal.value.field == "visitors"

    def test_a_member_of_a_co_host_is_no_visitor_either(self, logbook, cast, roster, secretary):
        with pytest.raises(DomainError, match="「吴刚」是本党组织的党员"):
            logbook.log(co_hosts=[cast.branch_b], visitors=[roster.worker_b1])

    def test_the_home_branch_is_that_of_the_day(self, logbook, cast, roster, secretary):
        logbook.log(visitors=[roster.worker_elsewhere])
        assert Attendance.objects.get(is_visitor=True).other_org_id == cast.sibling_branch.pk

    def test_visitors_stay_when_the_record_is_changed_and_go_when_they_are_taken_off(
        self, logbook, roster, secretary, today
    ):
        activity = logbook.log(visitors=[roster.sibling_1, roster.sibling_2])
        same = amend_activity(activity=activity, facts=facts_of(activity), roll=roll_of(activity), submit=True,
                              actor=secretary, today=today)  # fmt: skip
        assert same.visitors == 2
        less = amend_activity(activity=activity, facts=facts_of(activity), roll=logbook.roll(visitors=[roster.sibling_2]),
                              submit=True, actor=secretary, today=today)  # fmt: skip
        assert less.visitors == 1
        assert logbook.present(less) >= {"卫国"}
