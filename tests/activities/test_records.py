"""Logging an activity: one record, drawn from the roster of its day, from which everything else reads."""

from __future__ import annotations

import datetime
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.activities.kinds import State
from apps.activities.models import Activity, Attendance, Participation
from apps.activities.services.records import (
    Absence,
    Roll,
    amend_activity,
    check_activity,
    facts_of,
    log_activity,
    roll_of,
    submit_activity,
)
from apps.activities.services.records_review import cancel_activity, confirm_activities, return_activity
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import ScopeViolation
from apps.core.sealing import new_ids
from apps.members.models import Member, Membership

from .conftest import SHANGHAI, TODAY

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def amend(secretary, today):
    """Change a record as its form does."""

    def change(activity, facts=None, roll=None, *, submit=True, **more):
        given = {"seen": activity.version, "actor": secretary, "today": today, **more}
        facts, roll = facts or facts_of(activity), roll or roll_of(activity)
        return amend_activity(activity=activity, facts=facts, roll=roll, submit=submit, **given)

    return change


class TestLogging:
    def test_everybody_on_the_roster_is_ticked_but_the_absent(self, logbook, roster, secretary):
        activity = logbook.log("theme_day", absent=[roster.worker_a2])

        assert (activity.state, activity.expected, activity.present) == (State.SUBMITTED, 6, 5)
        assert (activity.held_on, activity.reported_on, activity.author) == (TODAY, TODAY, secretary)
        assert logbook.sides(activity) == {"子公司党支部": (6, 5)}
        rows = list(Attendance.objects.filter(activity=activity).select_related("member"))
        assert [(r.member.name, r.reason, r.hours) for r in rows if r.presence == "absent"] == [
            ("孙·阿依古丽", "shift", 0)
        ]
        assert {row.hours for row in rows if row.presence == "present"} == {2}
        assert all(row.counted and row.held_on == TODAY for row in rows)

    def test_the_hours_are_those_of_the_kind_unless_somebody_says_otherwise(self, logbook, secretary):
        assert logbook.log("lecture").study_hours == 2
        assert logbook.log("group_meeting", org=logbook.cast.group_a).study_hours == 1
        assert logbook.log("theme_day", second_kind="lecture").study_hours == 2
        assert logbook.log("study", study_hours=Decimal("1.5")).study_hours == Decimal("1.5")

    def test_the_trail_says_who_submitted_what(self, logbook, secretary):
        logbook.log("theme_day", title="重温入党誓词")
        entry = AuditEntry.objects.get(action="activity.submitted")
        assert entry.summary == "提交「子公司党支部」2026-11-22 的主题党日「重温入党誓词」"
        assert entry.actor_id == secretary.pk
        assert entry.data == {"expected": 6, "present": 6}

    def test_a_draft_counts_nowhere(self, logbook, secretary):
        draft = logbook.log("theme_day", submit=False)
        assert (draft.state, draft.reported_on) == (State.DRAFT, None)
        assert Participation.objects.counted().count() == 0
        assert Attendance.objects.counted().count() == 0
        assert Attendance.objects.filter(activity=draft).count() == 6

    def test_a_branch_elsewhere_cannot_be_written_for(self, logbook, cast, secretary):
        with pytest.raises(DomainError, match="不在您的范围内"):
            logbook.log(org=cast.branch_b)
        assert Activity.objects.count() == 0

    def test_its_rows_cannot_be_made_outside_the_scope_either(self, cast, logbook, secretary):
        with pytest.raises(ScopeViolation):
            Activity(org=cast.branch_b, kind=logbook.kind("lecture"), title="x", starts_at="2026-11-22T09:00+08:00",
                     held_on=TODAY).save()  # fmt: skip

    def test_an_activity_across_midnight_belongs_to_its_start(self, logbook, secretary):
        start = datetime.datetime(2026, 9, 30, 23, 30, tzinfo=SHANGHAI)
        activity = logbook.log(starts_at=start, ends_at=start + datetime.timedelta(hours=2))
        assert activity.held_on == datetime.date(2026, 9, 30)

    def test_two_hundred_members_cost_no_more_statements_than_six(self, logbook, cast, roster, amend, secretary):
        def statements(kind):
            with CaptureQueriesContext(connection) as queries:
                activity = logbook.log(kind, absent=[roster.worker_a2])
                amend(activity, roll=logbook.roll(absent=[roster.worker_a3]))
            return len(queries)

        few = statements("theme_day")
        ids = new_ids(Member, 200)
        Member.objects.bulk_create(
            Member(pk=pk, code=f"DY{pk:08d}", name=f"党员{pk}", initials="dy", org=cast.branch_a) for pk in ids
        )
        Membership.objects.bulk_create(
            Membership(member_id=pk, org=cast.branch_a, since=datetime.date(2026, 1, 1)) for pk in ids
        )
        assert statements("assembly") == few
        assert Participation.objects.get(kind__code="assembly").present == 205


class TestRosterOfTheDay:
    def test_whoever_was_not_yet_here_is_not_expected(self, logbook, roster, secretary):
        before = logbook.log(day=datetime.date(2026, 3, 9))
        since = logbook.log(day=datetime.date(2026, 3, 10))
        assert (before.expected, since.expected) == (5, 6)

    def test_somebody_who_was_elsewhere_on_that_day_cannot_be_marked(self, logbook, roster, officer):
        with pytest.raises(
            DomainError, match="以下人员 2026-03-09 不在「子公司党支部」应到名册上：周小满、吴刚。"
        ) as refusal:
            logbook.log(day=datetime.date(2026, 3, 9), absent=[roster.probationary_a, roster.worker_b1])
        assert (refusal.value.field, refusal.value.code) == ("absent", "not_on_roster")

    def test_the_committee_is_who_held_its_posts_on_the_day(self, logbook, cast, roster, secretary):
        logbook.seat(cast.branch_a, roster.worker_a1, roster.worker_a2, roster.worker_a3)
        meeting = logbook.log("committee_meeting", absent=[roster.worker_a2])
        assert logbook.sides(meeting) == {"子公司党支部": (3, 2)}
        assert logbook.present(meeting) == {"陈一鸣", "王建国"}

    def test_for_a_talk_people_are_chosen(self, logbook, roster, secretary):
        talk = logbook.log("talk", chosen=[roster.worker_a1, roster.probationary_a])
        assert (talk.expected, talk.present) == (2, 2)
        with pytest.raises(DomainError, match="请选择参加人员"):
            logbook.log("talk")
        assert logbook.log("joint_conference", units="甲公司、乙公司").expected == 0


class TestRefusals:
    def test_a_day_to_come_is_a_plan(self, logbook, secretary):
        with pytest.raises(DomainError, match="2026-11-23 还没有到，只能存为计划") as refusal:
            logbook.log(day=TODAY + DAY)
        assert refusal.value.code == "future"
        plan = logbook.log(day=TODAY + DAY, submit=False)
        assert (plan.state, plan.present, plan.expected) == (State.PLANNED, 0, 6)
        assert Attendance.objects.count() == 0, "the roster of its day is drawn when it is held"

    def test_two_kinds_only_where_the_rules_let_one_record_serve_both(self, logbook, secretary):
        assert logbook.log("theme_day", second_kind="lecture").second_kind.code == "lecture"
        with pytest.raises(DomainError, match="“主题党日”和“谈心谈话”不能合为一次活动") as refusal:
            logbook.log("theme_day", second_kind="talk")
        assert "第十六条" in refusal.value.sentence
        assert refusal.value.field == "second_kind"

    def test_a_meeting_of_the_committee_needs_half_of_it(self, logbook, cast, roster, secretary):
        logbook.seat(cast.branch_a, *roster.of_a[:3])
        with pytest.raises(DomainError, match="应到委员3人，实到1人，不足半数") as refusal:
            logbook.log("committee_meeting", absent=roster.of_a[:2])
        assert "第十二条" in refusal.value.sentence

    def test_an_assembly_of_less_than_half_asks_why(self, logbook, roster, secretary):
        few = {"absent": roster.of_a[:4]}
        with pytest.raises(DomainError, match="不足半数") as refusal:
            logbook.log("assembly", **few)
        assert refusal.value.field == "reason"
        assert logbook.log("assembly", **few, reason="多数党员当班，另行补学").present == 2

    def test_the_same_kind_on_the_same_day_again_asks_why(self, logbook, secretary):
        logbook.log("theme_day")
        with pytest.raises(DomainError, match="已有1次“主题党日”的记录"):
            logbook.log("theme_day")
        logbook.log("assembly")
        logbook.log("theme_day", reason="上午、下午两批参加")
        assert Activity.objects.count() == 3

    @pytest.mark.parametrize(("facts", "field"), [
        ({"title": "  "}, "title"),
        ({"ends_at": datetime.datetime(2026, 11, 22, 14, 0, tzinfo=SHANGHAI)}, "ends_at"),
        ({"form": "workshop_lecture"}, "form"),
        ({"day": datetime.date(2019, 12, 31)}, "starts_at"),
        ({"minutes": "一\x00二"}, "minutes"),
        ({"study_hours": Decimal("-1")}, "study_hours"),
        ({"resolution": "决" * 5001}, "resolution"),
    ])  # fmt: skip
    def test_what_contradicts_itself_is_refused_beside_its_field(self, logbook, secretary, facts, field):
        with pytest.raises(DomainError) as refusal:
            logbook.log("theme_day", **facts, submit=False)
        assert refusal.value.field == field

    def test_a_note_on_an_absence_fits_its_column(self, logbook, cast, roster, secretary, today):
        def log(note):
            roll = Roll(absent=(Absence(roster.worker_a1, "other", note),))
            return log_activity(
                org=cast.branch_a, facts=logbook.facts(), roll=roll, submit=False, actor=secretary, today=today
            )

        with pytest.raises(DomainError, match="“陈一鸣”的缺席说明最多 60 个字") as refusal:
            log("字" * 61)
        assert refusal.value.field == "absent"
        log("字" * 60)
        assert Attendance.objects.get(presence="absent").note == "字" * 60

    def test_a_kind_that_was_switched_off_is_refused_for_new_records(self, logbook, secretary, amend):
        kept = logbook.log("forum", chosen=[logbook.roster.worker_a1])
        kind = logbook.kind("forum")
        kind.active = False
        kind.save()
        with pytest.raises(DomainError, match="“论坛”已停用"):
            logbook.log("forum", chosen=[logbook.roster.worker_a1])
        kept = Activity.objects.get(pk=kept.pk)
        assert amend(kept, logbook.facts("forum", title="改题")).title == "改题"

    def test_a_page_may_ask_for_all_that_the_rules_say(self, logbook, cast, roster, secretary, today):
        facts = logbook.facts("assembly", datetime.date(2026, 10, 1), hour=0,
                              ends_at=datetime.datetime(2026, 10, 2, 0, 1, tzinfo=SHANGHAI))  # fmt: skip
        roll = logbook.roll(absent=roster.of_a[:4])
        found = check_activity(org=cast.branch_a, facts=facts, roll=roll, today=today)
        assert [(finding.code, finding.level) for finding in found] == [
            ("long", "warn"), ("few_present", "ask"), ("late", "info"),
        ]  # fmt: skip


class TestDoubleTap:
    def test_the_same_key_returns_the_same_record(self, logbook, secretary):
        key = uuid.uuid4()
        first = logbook.log(key=key)
        again = logbook.log(key=key, title="第二次点击")
        assert again == first
        assert Activity.objects.count() == 1
        assert AuditEntry.objects.filter(action="activity.submitted").count() == 1


class TestAmending:
    def test_only_the_difference_is_written(self, logbook, roster, amend, secretary):
        activity = logbook.log(absent=[roster.worker_a2])
        rows = dict(Attendance.objects.values_list("member_id", "pk"))
        amended = amend(activity, roll=logbook.roll(absent=[roster.worker_a3]))
        assert (amended.present, amended.version) == (5, 2)
        assert logbook.present(amended) >= {"孙·阿依古丽"}
        assert dict(Attendance.objects.values_list("member_id", "pk")) == rows, "the rows are the same ones"
        assert Attendance.objects.get(member=roster.worker_a3).hours == 0
        assert Attendance.objects.get(member=roster.worker_a2).hours == 2

    def test_another_day_draws_the_roster_of_that_day(self, logbook, amend, secretary):
        activity = logbook.log()
        amended = amend(activity, logbook.facts(day=datetime.date(2026, 3, 9)))
        assert (amended.expected, Participation.objects.get().held_on) == (5, datetime.date(2026, 3, 9))
        assert set(Attendance.objects.values_list("held_on", flat=True)) == {datetime.date(2026, 3, 9)}

    def test_a_plan_becomes_the_record(self, logbook, roster, amend, secretary, today):
        plan = logbook.log(day=TODAY + DAY, submit=False)
        later = today + DAY
        done = amend(plan, roll=logbook.roll(absent=[roster.worker_a1]), today=later)
        assert done.pk == plan.pk
        assert (done.state, done.present, done.reported_on) == (State.SUBMITTED, 5, later)
        assert Attendance.objects.counted().count() == 6

    def test_a_plan_of_the_past_asks_to_become_the_record(self, logbook, secretary):
        plan = logbook.log(day=TODAY + DAY, submit=False)
        assert not Activity.objects.awaiting_record(TODAY).exists()
        assert list(Activity.objects.awaiting_record(TODAY + DAY)) == [plan]

    def test_a_draft_is_submitted_as_it_is_kept(self, logbook, roster, secretary, today):
        draft = logbook.log(absent=[roster.worker_a1], visitors=[roster.sibling_1], submit=False)
        done = submit_activity(activity=draft, actor=secretary, today=today)
        assert (done.state, done.present, done.visitors) == (State.SUBMITTED, 5, 1)

    def test_a_submitted_record_stays_submitted_when_it_is_only_saved(self, logbook, amend, secretary):
        activity = logbook.log()
        assert amend(activity, logbook.facts(title="改题"), submit=False).state == State.SUBMITTED

    def test_a_confirmed_one_waits_for_its_review_again(self, logbook, amend, secretary, today, cast):
        activity = logbook.log()
        confirm_activities(activities=[activity], actor=cast.users.park_officer, today=today)
        activity.refresh_from_db()
        again = amend(activity, logbook.facts(title="补充内容"))
        assert (again.state, again.reviewed_by_name, again.reported_on) == (State.SUBMITTED, "", TODAY)

    def test_what_was_asked_and_answered_is_not_asked_again_unless_it_changes(self, logbook, roster, amend, secretary):
        activity = logbook.log("assembly", absent=roster.of_a[:4], reason="多数党员当班")
        activity = amend(activity, logbook.facts("assembly", minutes="补充内容"))
        assert activity.minutes == "补充内容"
        with pytest.raises(DomainError, match="不足半数"):
            amend(activity, roll=logbook.roll(absent=roster.of_a[:5]))

    def test_the_second_writer_sees_both_values(self, logbook, amend, secretary):
        activity = logbook.log(title="原题")
        amend(activity, logbook.facts(title="第一人"))
        with pytest.raises(Conflict) as conflict:
            amend(activity, logbook.facts(title="第二人"), seen=1)
        assert ("主题", "第一人", "第二人") in conflict.value.rows
        assert Activity.objects.get().title == "第一人"

    def test_the_first_submission_decides_whether_it_was_on_time(self, logbook, amend, secretary, today):
        activity = logbook.log(day=TODAY - 3 * DAY)
        assert amend(activity, logbook.facts(day=TODAY - 3 * DAY, title="改题")).reported_on == TODAY - 3 * DAY


class TestReview:
    def test_records_are_confirmed_together_or_not_at_all(self, logbook, cast, officer, today):
        first, second = logbook.log("theme_day"), logbook.log("assembly")
        draft = logbook.log("lecture", submit=False)
        with pytest.raises(DomainError, match="草稿，只有已提交的记录可以通过"):
            confirm_activities(activities=[first, draft, second], actor=officer, today=today)
        assert set(Participation.objects.values_list("state", flat=True)) == {"submitted", "draft"}
        assert confirm_activities(activities=[first, second], actor=officer, today=today) == 2
        assert Participation.objects.filter(state=State.CONFIRMED).count() == 2
        assert Attendance.objects.counted().count() == 12
        first.refresh_from_db()
        assert (first.state, first.reviewed_by_name, first.version) == (State.CONFIRMED, "李明", 2)

    def test_a_record_of_another_park_refuses_the_whole(self, logbook, cast, roster, today):
        mine = logbook.log()
        foreign = logbook.log(org=cast.sibling_branch)
        with cast.within(cast.park_org), pytest.raises(DomainError, match="不在您的范围内"):
            confirm_activities(activities=[mine, foreign], actor=cast.users.park_officer, today=today)
        with cast.within(cast.authority):
            assert set(Activity.objects.values_list("state", flat=True)) == {State.SUBMITTED}

    def test_a_returned_record_counts_no_longer_until_it_is_submitted_anew(self, logbook, amend, officer, today):
        activity = logbook.log()
        with pytest.raises(DomainError, match="请填写原因"):
            return_activity(activity=activity, reason=" ", actor=officer, today=today)
        returned = return_activity(activity=activity, reason="缺少会议记录", actor=officer, today=today)
        assert (returned.state, returned.review_note) == (State.RETURNED, "缺少会议记录")
        assert Attendance.objects.counted().count() == 0
        assert Participation.objects.counted().count() == 0
        again = amend(returned, logbook.facts(minutes="已补会议记录"))
        assert (again.state, again.review_note) == (State.SUBMITTED, "")
        assert Attendance.objects.counted().count() == 6

    def test_nobody_reviews_the_own_record(self, logbook, officer, today):
        mine = logbook.log(actor=officer)
        for act in (
            lambda: confirm_activities(activities=[mine], actor=officer, today=today),
            lambda: return_activity(activity=mine, reason="补充", actor=officer, today=today),
        ):
            with pytest.raises(DomainError, match="提交人以外的上级工作人员"):
                act()

    def test_a_confirmed_record_is_returned_before_it_is_withdrawn(self, logbook, cast, officer, today):
        row = logbook.log()
        confirm_activities(activities=[row], actor=officer, today=today)
        with pytest.raises(DomainError, match="请上级先退回"):
            cancel_activity(activity=row, reason="误记", actor=cast.users.secretary_a, today=today)
        return_activity(activity=row, reason="误记", actor=officer, today=today)
        over = cancel_activity(activity=row, reason="误记", actor=cast.users.secretary_a, today=today)
        assert over.state == State.CANCELLED

    def test_a_cancelled_plan_stays_and_is_over(self, logbook, amend, secretary, today):
        plan = logbook.log(day=TODAY + DAY, submit=False)
        cancelled = cancel_activity(activity=plan, reason="因台风取消", actor=secretary, today=today)
        assert Participation.objects.get().state == State.CANCELLED
        with pytest.raises(DomainError, match="已取消，不能再修改"):
            amend(cancelled)
        with pytest.raises(DomainError, match="已经取消"):
            cancel_activity(activity=cancelled, reason="再取消", actor=secretary, today=today)
