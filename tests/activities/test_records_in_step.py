"""Whatever is done to records in whatever order: their rows say the same on every side, and everybody who follows hears."""

from __future__ import annotations

import datetime
import random

import pytest
from django.db.models import F, Q

from apps.activities.kinds import COUNTED, State
from apps.activities.models import Activity, Attendance, Participation
from apps.activities.services import following
from apps.activities.services.records import amend_activity, facts_of, roll_of, submit_activity
from apps.activities.services.records_joint import mark_attendance
from apps.activities.services.records_review import (
    approve_correction,
    cancel_activity,
    confirm_activities,
    refuse_correction,
    return_activity,
)
from apps.core.errors import DomainError
from apps.core.scoping import EVERYTHING, use_scope

from .conftest import TODAY

pytestmark = pytest.mark.django_db

CLOSED = datetime.date(2026, 10, 1)


def out_of_step() -> list[str]:
    """What one row says and another contradicts, over all records."""
    found = []
    with use_scope(EVERYTHING):
        for side in Participation.objects.select_related("activity"):
            same = ("kind_id", "second_kind_id", "held_on", "state", "reported_on")
            found += [f"{side}: {name}" for name in same if getattr(side, name) != getattr(side.activity, name)]
        wrong = Attendance.objects.exclude(held_on=F("activity__held_on")) | Attendance.objects.exclude(
            counted=Q(activity__state__in=COUNTED)
        )
        found += [f"{row}: day or counted" for row in wrong]
        earned = Attendance.objects.filter(presence="present").exclude(hours=F("activity__study_hours"))
        found += [f"{row}: hours" for row in earned]
        for row in Activity.objects.exclude(state__in=[State.PLANNED, State.CANCELLED]):
            lines = list(Attendance.objects.filter(activity=row))
            sides = {side.org_id: (side.expected, side.present) for side in Participation.objects.filter(activity=row)}
            own = [line for line in lines if not line.is_visitor]
            heads = {org: heads_of([line for line in own if line.org_id == org]) for org in sides}
            if sides != heads or (row.expected, row.present) != heads_of(own):
                found.append(f"{row}: heads")
            if row.visitors != len(lines) - len(own):
                found.append(f"{row}: visitors")
            if Participation.objects.filter(activity=row, is_host=True, org=row.org).count() != 1:
                found.append(f"{row}: host")
    return found


def heads_of(lines: list[Attendance]) -> tuple[int, int]:
    return len(lines), sum(line.presence == "present" for line in lines)


class Branch:
    """Does one random thing after another to records of branch_a, some of it into a closed quarter."""

    def __init__(self, logbook, cast, roster, seed):
        self.logbook, self.cast, self.roster, self.dice = logbook, cast, roster, random.Random(seed)

    def facts(self):
        kind, second = self.dice.choice(
            [("theme_day", None), ("assembly", None), ("theme_day", "lecture"), ("talk", None)]
        )
        day = TODAY - datetime.timedelta(days=self.dice.choice([-3, 0, 1, 5, 60, 300]))
        return self.logbook.facts(kind, day, second_kind=second, title=str(self.dice.random()))

    def roll(self):
        picked = self.dice.sample(self.roster.of_a[:5], self.dice.randint(0, 3))
        return self.logbook.roll(
            absent=picked, chosen=[m for m in self.roster.of_a[:4] if m not in picked],
            visitors=self.dice.sample(self.roster.of_sibling, self.dice.randint(0, 1)),
            co_hosts=[self.cast.branch_b] if self.dice.random() < 0.4 else [],
        )  # fmt: skip

    def act(self):
        people = self.cast.users
        how = {"today": TODAY, "actor": people.secretary_a}
        review = {**how, "actor": people.park_officer}
        rows = list(Activity.objects.order_by("pk"))
        row = self.dice.choice(rows) if rows else None
        deed = self.dice.randint(0, 9) if row else 0
        submit, reason = self.dice.random() < 0.7, self.dice.choice(["", "补记"])
        if deed <= 1:
            roll, facts = self.roll(), self.facts()
            self.logbook.log(
                facts.kind.code, day=facts.held_on, second_kind=facts.second_kind, submit=submit, reason=reason,
                reported=TODAY, absent=[(a.member, a.reason) for a in roll.absent], chosen=roll.chosen,
                visitors=roll.visitors, co_hosts=roll.co_hosts,
            )  # fmt: skip
        elif deed <= 4:
            facts, roll = self.dice.choice([(self.facts(), self.roll()), (facts_of(row), roll_of(row))])
            amend_activity(activity=row, facts=facts, roll=roll, submit=submit, reason=reason, **how)
        elif deed == 5:
            submit_activity(activity=row, reason=reason, **how)
        elif deed == 6:
            self.dice.choice([return_activity, refuse_correction])(activity=row, reason="改", **review)
        elif deed == 7:
            confirm_activities(activities=[row], **review)
        elif deed == 8:
            approve_correction(activity=row, **review)
        elif self.dice.random() < 0.3:
            cancel_activity(activity=row, reason="取消", **how)
        else:
            side = Participation.objects.filter(org=self.cast.branch_b).first()
            if side:
                absent = self.logbook.roll(self.dice.sample(self.roster.of_b, 1)).absent
                mark_attendance(participation=side, absent=absent, **{**how, "actor": people.secretary_b})


@pytest.mark.parametrize("seed", range(6))
def test_every_row_of_a_record_says_the_same_after_any_sequence(seed, logbook, cast, roster, closed_until):
    closed_until(CLOSED)
    branch, done = Branch(logbook, cast, roster, seed), 0
    with cast.within(cast.park_org):
        for _ in range(40):
            try:
                branch.act()
                done += 1
            except DomainError:
                continue
        assert out_of_step() == []
    assert done > 8, "most of it was refused, which says nothing"


def test_the_oracle_notices_a_row_that_fell_out_of_step(logbook, officer):
    logbook.log()
    assert out_of_step() == []
    Participation.objects.update(present=3)
    Attendance.objects.filter(member=logbook.roster.worker_a1).update(counted=False)
    assert len(out_of_step()) == 2


class TestFollowers:
    @pytest.fixture
    def heard(self, monkeypatch):
        changes = []
        monkeypatch.setattr(following, "_followers", {"test": changes.append})
        return changes

    def test_they_hear_of_every_change_with_the_days_before_and_after(self, heard, logbook, cast, secretary, today):
        activity = logbook.log(day=TODAY)
        amend_activity(activity=activity, facts=logbook.facts(day=datetime.date(2026, 9, 30)), roll=roll_of(activity),
                       submit=True, actor=secretary, today=today)  # fmt: skip
        assert [change.ids for change in heard] == [[activity.pk], [activity.pk]]
        assert {place.held_on for place in heard[1].touched} == {TODAY, datetime.date(2026, 9, 30)}
        assert {place.org_path for place in heard[1].touched} == {cast.branch_a.path}

    def test_of_many_records_they_hear_once(self, heard, logbook, officer, today):
        rows = [logbook.log("theme_day"), logbook.log("assembly")]
        heard.clear()
        confirm_activities(activities=rows, actor=officer, today=today)
        assert [sorted(change.ids) for change in heard] == [sorted(row.pk for row in rows)]

    def test_each_branch_of_a_joint_activity_is_touched(self, heard, logbook, cast, officer):
        logbook.log(co_hosts=[cast.branch_b])
        assert {place.org_id for place in heard[0].touched} == {cast.branch_a.pk, cast.branch_b.pk}

    def test_one_that_fails_undoes_the_record(self, monkeypatch, logbook, secretary):
        def fail(change):
            raise DomainError("积分规则缺失。")

        monkeypatch.setattr(following, "_followers", {"test": fail})
        with pytest.raises(DomainError, match="积分规则缺失"):
            logbook.log()
        assert not Activity.objects.exists()

    def test_a_name_is_taken_once(self, monkeypatch):
        monkeypatch.setattr(following, "_followers", {})
        following.register_follower("points", lambda change: None)
        with pytest.raises(ValueError, match="twice"):
            following.register_follower("points", lambda change: None)
