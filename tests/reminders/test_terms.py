"""换届 is told of six and three months ahead, then monthly once it is over, to the branch and to the level above."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from apps.branches.models import Term
from apps.branches.services import elections
from apps.core.models import Parameter
from apps.core.scoping import unscoped
from apps.reminders import planning
from apps.reminders.models import Reminder
from tests.branches.electing import began, planned
from tests.reminders.conftest import at

EXPIRY = datetime.date(2026, 12, 20)


@pytest.fixture
def term(cast: Any) -> Term:
    """Branch A's third term, over on 20 December 2026."""
    with unscoped("test"):
        return began(cast.branch_a, cast.users.park_officer)


def told(day: str) -> list[tuple[str, str, str]]:
    """What the planner adds on a day: (rule, who, what)."""
    before = set(Reminder.objects.values_list("pk", flat=True))
    planning.plan(at(day))
    rows = Reminder.objects.exclude(pk__in=before).filter(rule__startswith="branches.term").select_related("recipient")
    return sorted((row.rule, row.recipient.username, row.title) for row in rows)


BRANCH = [
    ("branches.term", "clerk_a1", "「子公司党支部」第3届任期将满，请筹备换届"),
    ("branches.term", "secretary_a", "「子公司党支部」第3届任期将满，请筹备换届"),
]
ABOVE = [("branches.term_above", "park_officer", "「子公司党支部」第3届任期将满，请提醒做好换届")]
OVER = [
    ("branches.term", "clerk_a1", "「子公司党支部」第3届任期已满，请报上级研究换届"),
    ("branches.term", "secretary_a", "「子公司党支部」第3届任期已满，请报上级研究换届"),
    ("branches.term_above", "park_officer", "「子公司党支部」第3届任期已满未换届，请督促"),
]


@pytest.mark.parametrize(("day", "found"), [("2026-06-19", []), ("2026-06-20", BRANCH + ABOVE)])
def test_the_first_notice_comes_six_months_ahead(term: Term, day: str, found: list[Any]) -> None:
    assert told(day) == found


def test_the_second_comes_three_months_ahead_and_nothing_in_between(term: Term) -> None:
    told("2026-06-20")
    assert told("2026-09-19") == []
    assert told("2026-09-20") == BRANCH + ABOVE


def test_when_the_second_notice_comes_is_a_parameter(term: Term) -> None:
    told("2026-06-20")
    Parameter.objects.create(
        code="branches.term_second_notice_months", since=datetime.date(2026, 1, 1), value=1, source="园区文件"
    )
    assert told("2026-09-20") == []
    assert told("2026-11-20") == BRANCH + ABOVE


def test_a_term_that_is_over_is_told_of_on_the_day_and_every_month(term: Term) -> None:
    told("2026-12-19")
    assert told("2026-12-20") == OVER
    assert told("2026-12-21") == []
    assert told("2027-01-19") == OVER


def test_it_names_the_day_and_the_basis(term: Term) -> None:
    told("2026-09-20")
    row = Reminder.objects.filter(rule="branches.term").first()
    assert (row.due_on, row.when_text) == (EXPIRY, "2026-12-20到期，还有91天")
    assert row.url == f"/orgs/{term.org_id}/#terms"


def test_planning_twice_adds_nothing(term: Term) -> None:
    assert told("2026-09-20")
    assert told("2026-09-20") == []


def test_where_nobody_is_secretary_the_level_above_hears_of_it_once(term: Term, cast: Any) -> None:
    from apps.accounts.models import RoleAssignment

    RoleAssignment.objects.filter(org=cast.branch_a).delete()
    assert told("2026-06-20") == ABOVE


def test_whoever_has_begun_hears_nothing_until_the_term_is_over(term: Term, cast: Any) -> None:
    with unscoped("test"):
        election = planned(cast.branch_a, cast.users.secretary_a)
    assert told("2026-09-20") == []
    assert told("2026-12-20") == OVER
    with unscoped("test"):
        today = datetime.date(2026, 12, 21)
        elections.cancel_election(
            election=election, on=today, reason="另行安排", today=today, actor=cast.users.secretary_a
        )


def test_a_term_that_ended_and_an_organisation_that_ended_are_not_told_of(term: Term, cast: Any) -> None:
    with unscoped("test"):
        began(cast.branch_b, cast.users.park_officer)
        cast.branch_b.ended_on = datetime.date(2026, 6, 1)
        cast.branch_b.save()
        Term.objects.filter(pk=term.pk).update(until=datetime.date(2026, 6, 1))
    assert told("2026-09-20") == []
    assert told("2027-03-01") == []


def test_a_reminder_is_dropped_when_the_new_term_has_begun(term: Term) -> None:
    told("2026-09-20")
    assert planning.still_due("branches.term", [term.pk], EXPIRY) == {term.pk}
    with unscoped("test"):
        Term.objects.filter(pk=term.pk).update(until=EXPIRY)
    assert planning.still_due("branches.term", [term.pk], EXPIRY) == set()
