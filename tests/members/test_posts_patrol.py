"""What the patrol and the reminders say about posts, committees, probations and terms, at and around each number."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection

from apps.branches.models import Election, PartyOrg, Term
from apps.branches.rules import (
    COMMITTEE_MIN_FORMAL_MEMBERS,
    COMMITTEE_MIN_SEATS,
    COMMITTEE_USUAL_MAX_SEATS,
    TERM_MAX_DELAY_MONTHS,
    TERM_NOTICE_MONTHS,
)
from apps.core.periods import add_months
from apps.core.scoping import unscoped
from apps.members.kinds import Relation
from apps.members.models import Member, Post, Talent
from apps.members.parameters import CERTIFICATE_NOTICE, PROBATION_NOTICE, VACANCY_DAYS
from apps.members.rules.membership import PROBATION_MONTHS
from apps.members.rules.posts import SECRETARY_PARTY_AGE_YEARS
from apps.patrol.patrolling import run_patrol
from apps.reminders.registry import registry
from tests.members.conftest import TODAY
from tests.members.test_patrol_sizes import enrolled, found, number, subjects

D = datetime.date.fromisoformat
DAY = datetime.timedelta(days=1)


def held(org: PartyOrg, role: str = "secretary", member: Member | None = None, **more: Any) -> Post:
    with unscoped("test"):
        given = {"since": D("2024-02-01"), "name": member.name if member else "某某", **more}
        return Post.objects.create(org=org, role=role, member=member, **given)


def term(org: PartyOrg, **facts: Any) -> Term:
    with unscoped("test"):
        return Term.objects.create(
            org=org, **{"number": 1, "since": D("2023-11-22"), "expires_on": D("2029-11-22"), **facts}
        )


class TestVacancy:
    def test_who_elects_and_has_no_secretary_is_found(self, cast):
        assert found("members.secretary_vacant") == [
            (str(org), "没有登记现任书记", "应有书记1名，空缺及时补选")
            for org in sorted((cast.branch_b, cast.committee, cast.branch_a, cast.sibling_branch), key=str)
        ]

    def test_a_secretary_fills_the_post_from_the_day_until_the_day(self, cast):
        post = held(cast.branch_a, since=TODAY)
        assert str(cast.branch_a) in subjects("members.secretary_vacant", TODAY - DAY)
        assert str(cast.branch_a) not in subjects("members.secretary_vacant")
        with unscoped("test"):
            Post.objects.filter(pk=post.pk).update(until=TODAY + DAY)
        assert str(cast.branch_a) not in subjects("members.secretary_vacant")
        values = {title: value for title, value, _ in found("members.secretary_vacant", TODAY + 3 * DAY)}
        assert values[str(cast.branch_a)] == "2026-11-23起书记空缺，已2天"

    def test_a_deputy_is_no_secretary_and_stations_and_groups_elect_none(self, cast):
        held(cast.branch_a, "deputy")
        names = subjects("members.secretary_vacant")
        assert str(cast.branch_a) in names
        assert not names & {str(cast.station), str(cast.group_a), str(cast.park_org), str(cast.authority)}

    def test_an_organisation_that_has_ended_needs_none(self, cast):
        with unscoped("test"):
            PartyOrg.objects.filter(pk=cast.branch_a.pk).update(ended_on=TODAY)
        assert str(cast.branch_a) not in subjects("members.secretary_vacant")


class TestYoungSecretary:
    @pytest.mark.parametrize(
        ("years", "hit"),
        [
            (SECRETARY_PARTY_AGE_YEARS - 1, True),
            (SECRETARY_PARTY_AGE_YEARS, False),
            (SECRETARY_PARTY_AGE_YEARS + 1, False),
        ],
    )
    def test_a_secretary_has_a_year_of_party_age(self, cast, roster, years, hit):
        with unscoped("test"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(formal_on=add_months(TODAY, -12 * years))
        held(cast.branch_a, member=roster.worker_a1)
        held(cast.branch_b, "deputy", roster.worker_b1)
        assert bool(found("members.young_secretary")) is hit

    def test_the_year_is_full_on_its_day(self, cast, roster):
        with unscoped("test"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(formal_on=D("2025-11-23"))
        held(cast.branch_a, member=roster.worker_a1)
        assert found("members.young_secretary") == [
            ("陈一鸣（子公司党支部书记）", "2025-11-23转正，党龄不足1年", "一般应有1年以上党龄")
        ]
        assert found("members.young_secretary", TODAY + DAY) == []

    def test_one_on_probation_is_named_so_and_one_who_was_sent_is_not_asked(self, cast, roster):
        held(cast.branch_a, member=roster.probationary_a)
        held(cast.branch_b)
        assert found("members.young_secretary") == [("周小满（子公司党支部书记）", "预备党员", "一般应有1年以上党龄")]


class TestCommittee:
    @pytest.mark.parametrize(
        ("formal", "hit"),
        [
            (COMMITTEE_MIN_FORMAL_MEMBERS - 1, False),
            (COMMITTEE_MIN_FORMAL_MEMBERS, True),
            (COMMITTEE_MIN_FORMAL_MEMBERS + 1, True),
        ],
    )
    def test_seven_full_members_have_a_committee(self, cast, formal, hit):
        enrolled(cast.branch_a, formal, 9)
        held(cast.branch_a)
        expected = [(cast.branch_a.name, f"正式党员{formal}人，没有登记支委会", "7人以上应设支部委员会")]
        assert found("members.committee_missing") == (expected if hit else [])

    def test_a_committee_by_name_or_by_the_term_is_one(self, cast):
        enrolled(cast.branch_a, 9)
        row = term(cast.branch_a, seats=3)
        assert found("members.committee_missing") == []
        with unscoped("test"):
            Term.objects.filter(pk=row.pk).update(seats=0)
        assert subjects("members.committee_missing") == {cast.branch_a.name}
        held(cast.branch_a, "publicity")
        assert found("members.committee_missing") == []

    @pytest.mark.parametrize(
        ("seats", "limit"),
        [
            (COMMITTEE_MIN_SEATS - 1, "不少于3人"), (COMMITTEE_MIN_SEATS, None), (COMMITTEE_MIN_SEATS + 1, None),
            (COMMITTEE_USUAL_MAX_SEATS - 1, None), (COMMITTEE_USUAL_MAX_SEATS, None),
            (COMMITTEE_USUAL_MAX_SEATS + 1, "一般不超过7人"),
        ],
    )  # fmt: skip
    def test_a_committee_has_three_to_seven_seats(self, cast, seats, limit):
        held(cast.branch_a)
        for n in range(seats - 1):
            held(cast.branch_a, "committee", name=f"委员{n}")
        held(cast.branch_a, "worker", name="不计入")
        held(cast.branch_a, "committee", name="前任", until=TODAY)
        expected = [(cast.branch_a.name, f"支部委员会{seats}人（按登记的任职）", limit)]
        assert found("members.committee_size") == (expected if limit else [])

    def test_where_nobody_is_registered_the_term_tells_and_a_secretary_alone_is_no_committee(self, cast):
        held(cast.branch_a)
        assert found("members.committee_size") == []
        term(cast.branch_a, seats=9)
        assert found("members.committee_size") == [(cast.branch_a.name, "支部委员会9人（按本届届期）", "一般不超过7人")]


class TestProbation:
    @pytest.mark.parametrize(("days", "hit"), [(-1, False), (0, True), (1, True)])
    def test_a_probation_of_twelve_months_that_nobody_has_decided(self, cast, roster, days, hit):
        joined = add_months(TODAY, -PROBATION_MONTHS) - days * DAY
        with unscoped("test"):
            Member.objects.filter(pk=roster.probationary_a.pk).update(joined_on=joined)
        expected = [("周小满", f"预备期{TODAY - days * DAY}届满，已{days}天未登记结果", "预备期12个月，届满及时讨论")]
        assert found("members.probation_over") == (expected if hit else [])

    def test_an_extension_counts_and_who_is_formal_or_has_left_is_not_asked(self, cast, roster):
        with unscoped("test"):
            rows = Member.objects.filter(pk=roster.probationary_a.pk)
            rows.update(joined_on=D("2025-01-10"), probation_until=TODAY + DAY)
        assert found("members.probation_over") == []
        assert subjects("members.probation_over", TODAY + DAY) == {"周小满"}
        with unscoped("test"):
            rows.update(relation=Relation.LEFT.value, left_on=TODAY, leaving_reason="cancelled")
        assert found("members.probation_over", TODAY + DAY) == []


class TestTerms:
    @pytest.mark.parametrize(("days", "hit"), [(-1, True), (0, True), (1, False)])
    def test_six_months_before_its_end_a_term_is_due(self, cast, days, hit):
        expires = add_months(TODAY, TERM_NOTICE_MONTHS) + days * DAY
        term(cast.branch_a, number=2, expires_on=expires)
        expected = [(cast.branch_a.name, f"第2届{expires}届满，还有{(expires - TODAY).days}天", "届满前6个月提醒筹备")]
        assert found("branches.term_due") == (expected if hit else [])
        assert found("branches.term_overdue") == []

    @pytest.mark.parametrize(("days", "due", "late"), [(1, 1, 0), (0, 0, 1), (-1, 0, 1)])
    def test_from_its_end_on_it_is_late(self, cast, days, due, late):
        term(cast.branch_a, expires_on=TODAY + days * DAY)
        assert (len(found("branches.term_due")), len(found("branches.term_overdue"))) == (due, late)

    @pytest.mark.parametrize(("days", "beyond"), [(1, False), (0, False), (-1, True)])
    def test_more_than_a_year_late_is_told(self, cast, days, beyond):
        term(cast.branch_a, since=D("2020-01-01"), expires_on=add_months(TODAY, -TERM_MAX_DELAY_MONTHS) + days * DAY)
        limit = found("branches.term_overdue")[0][2]
        assert limit == ("延期一般不超过12个月" if beyond else "应按期换届，延期须经批准")

    def test_a_running_election_is_named_and_led_to_and_a_term_that_has_ended_is_over(self, cast):
        row = term(cast.branch_a, expires_on=TODAY - DAY)
        with unscoped("test"):
            Election.objects.create(org=cast.branch_a, number=2, seats=3, planned_on=TODAY)
        assert found("branches.term_overdue")[0][1].endswith("已逾期1天，换届正在办理")
        with unscoped("test"):
            Term.objects.filter(pk=row.pk).update(until=TODAY)
        assert found("branches.term_overdue") == []


def test_a_second_patrol_changes_nothing(cast, roster):
    held(cast.branch_a, member=roster.probationary_a)
    term(cast.branch_a, expires_on=TODAY)
    run_patrol(TODAY)
    assert {(run.new, run.resolved) for run in run_patrol(TODAY)} == {(0, 0)}


class TestReminders:
    def open_of(self, rule: str, on: datetime.date = TODAY) -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute(registry[f"members.{rule}"].sql, {"today": on})
            names = [column[0] for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        assert all(len(row["period"]) <= 10 and row["opens_on"] <= on for row in rows)
        return {row["title"] for row in rows}

    @pytest.mark.parametrize(("days", "told"), [(29, False), (30, True), (31, True)])
    def test_a_vacancy_is_told_after_the_days_of_the_place(self, cast, days, told):
        held(cast.branch_a, until=TODAY - days * DAY)
        assert bool(self.open_of("secretary_vacant")) is told

    def test_the_days_are_those_of_the_nearest_node_and_who_never_had_one_is_not_told(self, cast):
        held(cast.branch_a, until=TODAY - 10 * DAY)
        number(VACANCY_DAYS, 10, cast.station)
        assert self.open_of("secretary_vacant") == {"书记空缺「子公司党支部」已10天，请及时补选"}

    @pytest.mark.parametrize(("days", "told"), [(61, False), (60, True), (59, True)])
    def test_a_certificate_is_told_of_within_the_notice(self, cast, days, told):
        with unscoped("test"):
            for name, left in (("何平", None), ("已出库", TODAY)):
                Talent.objects.create(org=cast.branch_a, name=name, kind="worker", joined_on=D("2024-01-01"), left_on=left,
                                      certificate="资格证书", expires_on=TODAY + days * DAY)  # fmt: skip
        assert self.open_of("certificate_expiring") == ({"「何平」的资格证书到期"} if told else set())

    def test_the_notice_is_a_number_of_the_place(self, cast, roster):
        number(CERTIFICATE_NOTICE, 5)
        number(PROBATION_NOTICE, 200, cast.branch_a)
        with unscoped("test"):
            Talent.objects.create(org=cast.branch_a, name="何平", kind="worker", joined_on=D("2024-01-01"), certificate="证",
                                  expires_on=TODAY + 6 * DAY)  # fmt: skip
        assert self.open_of("certificate_expiring") == set()
        assert self.open_of("probation_ends") == {"预备期届满「周小满」"}

    @pytest.mark.parametrize(("days", "told"), [(31, False), (30, True), (29, True), (-5, True)])
    def test_a_probation_is_told_of_a_month_before_its_end(self, cast, roster, days, told):
        with unscoped("test"):
            Member.objects.filter(pk=roster.probationary_a.pk).update(probation_until=TODAY + days * DAY)
        assert bool(self.open_of("probation_ends")) is told
