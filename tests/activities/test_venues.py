"""阵地: registered, checked against the list, closed; the month of a centre."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.models import Venue
from apps.activities.rules.venues import CHECKLIST
from apps.activities.services.venues import change_venue, check_venue, close_venue, register_venue
from apps.core.errors import Conflict, DomainError
from tests.activities.conftest import TODAY
from tests.activities.places import facts

DAY = datetime.timedelta(days=1)


@pytest.fixture
def room(cast, officer):
    return register_venue(org=cast.branch_a, facts=facts(), today=TODAY, actor=cast.users.park_officer)


def test_a_venue_is_registered_by_the_organisation_that_runs_it(cast, room):
    assert room.org == cast.branch_a
    assert room.org_path == cast.branch_a.path


@pytest.mark.parametrize(("days", "refused"), [(-1, False), (0, False), (1, True)])
def test_a_venue_is_not_registered_before_it_exists(cast, officer, days, refused):
    def register():
        given = facts(since=TODAY + days * DAY)
        return register_venue(org=cast.branch_a, facts=given, today=TODAY, actor=cast.users.park_officer)

    if refused:
        with pytest.raises(DomainError) as caught:
            register()
        assert caught.value.field == "since"
    else:
        assert register().pk


def test_an_organisation_that_has_ended_runs_nothing(cast, officer):
    cast.branch_a.ended_on = TODAY
    with pytest.raises(DomainError) as caught:
        register_venue(org=cast.branch_a, facts=facts(), today=TODAY, actor=cast.users.park_officer)
    assert caught.value.code == "org_ended"


def test_the_whole_list_is_answered_at_once(cast, room):
    check_venue(venue=room, there=["flag", "chairs"], on=TODAY, today=TODAY, actor=cast.users.park_officer)
    row = Venue.objects.get(pk=room.pk)
    assert row.checklist == {item.code: item.code in ("flag", "chairs") for item in CHECKLIST}
    assert row.checked_on == TODAY
    with pytest.raises(DomainError) as caught:
        check_venue(venue=room, there=["throne"], on=TODAY, today=TODAY, actor=cast.users.park_officer)
    assert caught.value.code == "unknown_item"


def test_the_later_writer_sees_both_values(cast, room):
    change_venue(venue=room, facts={"seats": 40}, today=TODAY, actor=cast.users.park_officer, version=1)
    with pytest.raises(Conflict):
        change_venue(venue=room, facts={"seats": 50}, today=TODAY, actor=cast.users.park_officer, version=1)


def test_a_room_lies_in_a_venue_of_the_same_organisation(cast, officer, room):
    actor = cast.users.park_officer
    centre = register_venue(org=cast.park_org, facts=facts(name="中心", kind="centre"), today=TODAY, actor=actor)
    with pytest.raises(DomainError) as caught:
        change_venue(venue=room, facts={"part_of": centre}, today=TODAY, actor=actor)
    assert caught.value.code == "not_a_whole"
    hall = register_venue(org=cast.park_org, facts=facts(name="多功能厅", part_of=centre), today=TODAY, actor=actor)
    with pytest.raises(DomainError) as caught:
        change_venue(venue=centre, facts={"part_of": hall}, today=TODAY, actor=actor)
    assert caught.value.field == "part_of"
    with pytest.raises(DomainError) as caught:
        close_venue(venue=centre, on=TODAY, today=TODAY, actor=actor)
    assert caught.value.code == "has_rooms"


def test_a_venue_is_closed_on_a_day_after_it_began_and_once(cast, room):
    actor = cast.users.park_officer
    with pytest.raises(DomainError):
        close_venue(venue=room, on=room.since, today=TODAY, actor=actor)
    close_venue(venue=room, on=TODAY, today=TODAY, actor=actor)
    assert not Venue.objects.as_of(TODAY).exists()
    with pytest.raises(DomainError) as caught:
        close_venue(venue=room, on=TODAY, today=TODAY, actor=actor)
    assert caught.value.code == "closed_already"
