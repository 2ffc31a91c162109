"""红色讲师团: a pool above the branches, invitations, and sessions counted from the records."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from apps.activities.ledgers.lecturers import LecturerBookingLedger, LecturerLedger, state_of
from apps.activities.models import LecturerBooking
from apps.activities.services.answers import answer_booking
from apps.activities.services.lecturers import add_lecturer, book_lecturer, change_lecturer, release_lecturer
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from tests.activities.conftest import TODAY

DAY = datetime.timedelta(days=1)
SINCE = datetime.date(2024, 1, 1)


@pytest.fixture
def teacher(cast, officer):
    """Somebody of the pool of 甲园区."""
    facts = {"unit": "市委党校", "topics": "党章、党史"}
    return add_lecturer(org=cast.park_org, name="何教授", since=SINCE, facts=facts, today=TODAY, actor=officer)


def web(cast, username):
    client = Client()
    client.force_login(getattr(cast.users, username))
    return client


def invite(teacher, org, actor, on=TODAY, **changes):
    return book_lecturer(lecturer=teacher, org=org, on=on, topic="学习党章", today=TODAY, actor=actor, **changes)


def test_one_is_in_the_pool_once(cast, teacher, officer):
    with pytest.raises(DomainError) as caught:
        add_lecturer(org=cast.park_org, name="何教授", since=SINCE, facts={}, today=TODAY, actor=officer)
    assert caught.value.code == "in_pool"
    release_lecturer(lecturer=teacher, on=TODAY, today=TODAY, actor=officer)
    assert add_lecturer(org=cast.park_org, name="何教授", since=TODAY, facts={}, today=TODAY, actor=officer).pk


def test_a_branch_finds_the_pools_above_it_and_no_others(cast, teacher, officer):
    with unscoped("test"):
        add_lecturer(org=cast.sibling_org, name="邻园讲师", since=SINCE, facts={}, today=TODAY, actor=officer)
    client = web(cast, "secretary_a")
    page = client.get("/lecturers/offered/").content.decode()
    assert "何教授" in page
    assert "邻园讲师" not in page
    assert client.get(f"/lecturers/{teacher.pk}/").status_code == 404
    with unscoped("test"):
        foreign = type(teacher).objects.get(name="邻园讲师")
    assert client.get(f"/lecturers/offered/{foreign.pk}/").status_code == 404


def test_a_branch_invites_and_the_office_answers(cast, teacher, officer):
    client = web(cast, "secretary_a")
    given = {"org": cast.branch_a.pk, "on": "2026-11-25", "topic": "学习党章"}
    answer = client.post(f"/lecturers/offered/{teacher.pk}/", given)
    assert answer.status_code == 302, answer.content.decode()
    row = LecturerBooking.objects.get()
    assert (row.org, row.other_org, row.state) == (cast.park_org, cast.branch_a, "requested")
    here = f"/lecturers/bookings/{row.pk}/"
    assert client.get(here).status_code == 200
    assert client.get(f"{here}answer/").status_code == 403
    keeper = web(cast, "park_officer")
    answer = keeper.post(f"{here}answer/", {"decision": "decline", "answer": "", "version": 1})
    assert answer.status_code == 422
    answer = keeper.post(f"{here}answer/", {"decision": "accept", "answer": "", "version": 1})
    assert answer.status_code == 302
    assert f"lecturer={teacher.pk}" in client.get(here).content.decode()


@pytest.mark.parametrize(
    ("days", "code"), [(-1, "past"), (0, ""), (89, ""), (90, ""), (91, "too_early")]
)  # fmt: skip
def test_a_lecturer_is_invited_for_a_day_that_the_place_allows(cast, teacher, officer, days, code):
    if code:
        with pytest.raises(DomainError) as caught:
            invite(teacher, cast.branch_a, officer, TODAY + days * DAY)
        assert caught.value.code == code
    else:
        assert invite(teacher, cast.branch_a, officer, TODAY + days * DAY).pk


def test_who_has_left_is_not_invited(cast, teacher, officer):
    release_lecturer(lecturer=teacher, on=TODAY, today=TODAY, actor=officer)
    teacher.refresh_from_db()
    with pytest.raises(DomainError) as caught:
        invite(teacher, cast.branch_a, officer)
    assert caught.value.code == "not_in_pool"


def test_an_invitation_is_done_by_the_record_that_names_the_lecturer(cast, logbook, teacher, officer):
    row = answer_booking(booking=invite(teacher, cast.branch_a, officer), accept=True, actor=officer)

    def state():
        return state_of(LecturerBookingLedger(today=TODAY, user=officer).queryset().get(pk=row.pk))

    logbook.log("lecture", org=cast.branch_b, lecturer=teacher)
    assert state() == "accepted"
    logbook.log("lecture", lecturer=teacher, submit=False)
    assert state() == "accepted"
    logbook.log("lecture", lecturer=teacher, form="workshop_lecture", hour=16, reason="当天第二次")
    assert state() == "done"
    with cast.within(cast.branch_a):
        assert state() == "done"


def test_sessions_are_counted_by_year(cast, logbook, teacher, officer):
    logbook.log("lecture", lecturer=teacher)
    logbook.log("lecture", lecturer=teacher, day=datetime.date(2025, 12, 31))
    logbook.log("lecture", lecturer=teacher, org=cast.branch_b, submit=False)

    def sessions(**params):
        return LecturerLedger(params, today=TODAY, user=officer).queryset().get().sessions

    assert sessions() == 1
    assert sessions(year="2025") == 1
    assert sessions(year="2024") == 0
    page = web(cast, "park_officer").get(f"/lecturers/{teacher.pk}/").content.decode()
    assert "2026 年 1 次" in page


def test_what_is_known_about_a_lecturer_is_completed(teacher, officer):
    row = change_lecturer(lecturer=teacher, facts={"topics": "安全生产"}, actor=officer, version=1)
    assert row.topics == "安全生产"
