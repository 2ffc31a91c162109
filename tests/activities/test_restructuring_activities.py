"""What a branch had under way goes on in its successor; what it held stays in its books."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.activities.kinds import PledgeState, PointState, PostKind, State, TipSheetState, VenueKind
from apps.activities.models import (
    Activity,
    Attendance,
    Participation,
    PioneerPost,
    Pledge,
    PointEntry,
    PointRule,
    PostMember,
    TipSheet,
    TipSheetReceipt,
    Venue,
    VenueBooking,
)
from apps.activities.services.records import amend_activity, facts_of, roll_of
from apps.activities.services.restructuring import POSTS, end_life
from apps.branches.dependents import dependents_of
from apps.branches.relocation import Relocation, relocate
from apps.core.scoping import EVERYTHING, use_scope
from apps.members.services.restructuring import HELD

from .conftest import SHANGHAI, TODAY

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
SINCE = datetime.date(2026, 1, 1)


@pytest.fixture
def merge(cast, officer, today):
    """branch_a goes over to branch_b today: everything, or what is picked."""

    def run(picks=None):
        return relocate(Relocation(cast.branch_a, cast.branch_b, TODAY, today, officer, picks))

    return run


@pytest.fixture
def post(cast, roster, officer):
    row = PioneerPost.objects.create(org=cast.branch_a, kind=PostKind.POST, name="数控先锋岗", since=SINCE)
    for member in (roster.worker_a1, roster.worker_a2):
        PostMember.objects.create(org=cast.branch_a, post=row, member=member, since=SINCE)
    return row


@pytest.fixture
def pledges(cast, roster, post):
    rows = [
        Pledge(
            org=cast.branch_a, member=member, post=post, content="降低废品率", made_on=SINCE, due_on=TODAY, state=state
        )
        for member, state in ((roster.worker_a1, PledgeState.KEEPING), (roster.worker_a2, PledgeState.VERIFIED))
    ]
    return Pledge.objects.bulk_create(rows)


class TestRecords:
    def test_what_was_held_stays_and_what_is_planned_goes_on(self, logbook, cast, merge, today):
        held = logbook.log(day=TODAY - DAY)
        unfinished = logbook.log("lecture", day=TODAY - DAY, submit=False)
        plan = logbook.log(day=TODAY + DAY, submit=False, visitors=[logbook.roster.sibling_1])
        assert merge()["组织生活计划和待办事项"] == 1
        assert {row.pk for row in Activity.objects.filter(org=cast.branch_a)} == {held.pk, unfinished.pk}
        plan.refresh_from_db()
        assert (plan.org_id, plan.org_path, plan.state) == (cast.branch_b.pk, cast.branch_b.path, State.PLANNED)
        assert set(Attendance.objects.filter(activity=plan).values_list("org", flat=True)) == {cast.branch_b.pk}
        assert Participation.objects.get(activity=held).org_id == cast.branch_a.pk

        plan = Activity.objects.get(pk=plan.pk)
        done = amend_activity(activity=plan, facts=facts_of(plan), roll=roll_of(plan), submit=True,
                              actor=cast.users.secretary_b, today=TODAY + DAY)  # fmt: skip
        assert logbook.sides(done) == {"丑寅联合党支部": (8, 8)}, "the members of both are on its roster now"

    def test_a_joint_plan_of_the_two_is_the_plan_of_one(self, logbook, cast, merge):
        plans = [
            logbook.log(day=TODAY + DAY, submit=False, co_hosts=[cast.branch_b]),
            logbook.log("lecture", org=cast.branch_b, day=TODAY + DAY, submit=False, co_hosts=[cast.branch_a]),
        ]
        merge()
        for plan in plans:
            side = Participation.objects.get(activity=plan)
            assert (side.org_id, side.is_host) == (cast.branch_b.pk, True)

    def test_a_split_leaves_the_plans_with_the_old_branch(self, logbook, cast, roster, merge):
        plan = logbook.log(day=TODAY + DAY, submit=False)
        merge({HELD: frozenset([roster.worker_a1.pk])})
        plan.refresh_from_db()
        assert plan.org_id == cast.branch_a.pk

    def test_with_an_organisation_that_nobody_follows_its_plans_are_over(self, logbook, cast, officer, today):
        plan = logbook.log(day=TODAY + DAY, submit=False, co_hosts=[cast.branch_b])
        guest = logbook.log(org=cast.branch_b, day=TODAY + DAY, submit=False, co_hosts=[cast.branch_a])
        end_life(cast.branch_a, TODAY, today, officer)
        plan.refresh_from_db()
        assert (plan.state, plan.review_note) == (State.CANCELLED, "「子公司党支部」已于 2026-11-22 撤销")
        assert set(Participation.objects.filter(activity=plan).values_list("state", flat=True)) == {State.CANCELLED}
        assert [side.org_id for side in Participation.objects.filter(activity=guest)] == [cast.branch_b.pk]


class TestPosts:
    def test_a_post_ends_and_begins_anew_with_its_members_and_open_pledges(self, cast, post, pledges, merge):
        assert merge()["先锋岗"] == 1
        post.refresh_from_db()
        assert (post.until, post.org_id) == (TODAY, cast.branch_a.pk)
        new = PioneerPost.objects.as_of(TODAY).get()
        assert (new.org_id, new.since, new.name) == (cast.branch_b.pk, TODAY, "数控先锋岗")
        assert PostMember.objects.as_of(TODAY).filter(post=new).count() == 2
        assert PostMember.objects.as_of(TODAY - DAY).filter(post=post).count() == 2
        assert [(p.org_id, p.post_id) for p in Pledge.objects.order_by("pk")] == [
            (cast.branch_b.pk, new.pk), (cast.branch_a.pk, post.pk),
        ]  # fmt: skip

    def test_a_split_takes_the_posts_and_the_members_that_it_picks(self, cast, roster, post, pledges, merge):
        other = PioneerPost.objects.create(org=cast.branch_a, kind=PostKind.AREA, name="责任区", since=SINCE)
        merge({POSTS: frozenset([post.pk]), HELD: frozenset([roster.worker_a1.pk])})
        assert {row.name for row in PioneerPost.objects.as_of(TODAY).filter(org=cast.branch_b)} == {"数控先锋岗"}
        other.refresh_from_db()
        assert (other.org_id, other.until) == (cast.branch_a.pk, None)
        assert Pledge.objects.get(org=cast.branch_b).member == roster.worker_a1


def test_venues_points_and_receipts_go_along(logbook, cast, roster, merge, officer):
    with use_scope(EVERYTHING):
        venue = Venue.objects.create(org=cast.branch_a, name="党员活动室", kind=VenueKind.ACTIVITY_ROOM, since=SINCE)
        start = datetime.datetime(2026, 12, 1, 9, 0, tzinfo=SHANGHAI)
        VenueBooking.objects.create(org=cast.branch_a, other_org=cast.sibling_branch, venue=venue, starts_at=start,
                                    ends_at=start + datetime.timedelta(hours=1), purpose="党课")  # fmt: skip
        rule = PointRule.objects.first() or PointRule.objects.create(name="事项", points=1, since=SINCE, source="x")
        PointEntry.objects.create(org=cast.branch_a, member=roster.worker_a1, rule=rule, on=SINCE, points=1,
                                  state=PointState.ENTERED, entered_by_name="x", author=officer)  # fmt: skip
        for number, done in (("1", None), ("2", SINCE)):
            sheet = TipSheet.objects.create(org=cast.park_org, number=number, title="提示单", quarter="2026Q4", content="x",
                                            due_on=TODAY, state=TipSheetState.ISSUED)  # fmt: skip
            TipSheetReceipt.objects.create(org=cast.branch_a, other_org=cast.park_org, sheet=sheet, done_on=done)
    counts = merge()
    assert (counts["阵地"], counts["组织生活计划和待办事项"]) == (1, 2)
    venue.refresh_from_db()
    with use_scope(EVERYTHING):
        assert {venue.org_id, VenueBooking.objects.get().org_id, PointEntry.objects.get().org_id} == {cast.branch_b.pk}
        assert dict(TipSheetReceipt.objects.values_list("sheet__number", "org")) == {
            "1": cast.branch_b.pk, "2": cast.branch_a.pk,
        }  # fmt: skip


def test_a_branch_with_a_venue_is_not_dissolved_before_somebody_else_runs_it(cast, officer, merge, today):
    assert "阵地 1 个" not in map(str, dependents_of(cast.branch_a, today))
    Venue.objects.create(org=cast.branch_a, name="党员活动室", kind=VenueKind.ACTIVITY_ROOM, since=SINCE)
    assert "阵地 1 个" in map(str, dependents_of(cast.branch_a, today))
    merge()
    assert "阵地 1 个" not in map(str, dependents_of(cast.branch_a, today))


def test_many_plans_cost_no_more_statements_than_one(logbook, merge):
    def statements():
        with CaptureQueriesContext(connection) as queries, transaction.atomic():
            merge()
            transaction.set_rollback(True)
        return len(queries)

    logbook.log(day=TODAY + DAY, submit=False)
    one = statements()
    for days in range(2, 9):
        logbook.log(day=TODAY + days * DAY, submit=False)
    assert statements() == one
