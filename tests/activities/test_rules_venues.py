"""The standard list of a room, at its limits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from apps.activities.rules.venues import (
    AREA_PER_MEMBER,
    CHECKLIST,
    ROOM_MIN_AREA,
    area_needed,
    missing_items,
    venue_findings,
)

COMPLETE = {item.code: True for item in CHECKLIST}


@pytest.mark.parametrize(
    ("area", "small"), [(ROOM_MIN_AREA - 1, True), (ROOM_MIN_AREA, False), (ROOM_MIN_AREA + 1, False)]
)
def test_a_room_of_a_large_branch_has_twenty_square_metres(area, small):
    codes = [finding.code for finding in venue_findings(COMPLETE, Decimal(area), 40)]
    assert codes == (["small"] if small else [])


@pytest.mark.parametrize(
    ("each", "small"), [(AREA_PER_MEMBER - 1, True), (AREA_PER_MEMBER, False), (AREA_PER_MEMBER + 1, False)]
)
def test_a_room_of_a_small_branch_may_have_three_square_metres_a_member(each, small):
    codes = [finding.code for finding in venue_findings(COMPLETE, Decimal(each * 4), 4)]
    assert codes == (["small"] if small else [])


def test_without_a_roster_the_twenty_square_metres_count():
    assert area_needed(None) == ROOM_MIN_AREA
    assert area_needed(3) == 9


def test_what_nobody_ticked_is_missing_in_the_order_of_the_list():
    assert missing_items({"chairs": True, "flag": False})[0].code == "flag"
    assert missing_items({}) == []
    finding = venue_findings({**COMPLETE, "books": False}, None, None)
    assert [each.code for each in finding] == ["area_unknown", "incomplete"]
    assert "缺1项：党报党刊和图书" in finding[1].message
    assert missing_items(COMPLETE) == []


def test_what_nobody_has_looked_at_is_not_called_missing():
    assert [each.code for each in venue_findings({}, Decimal(60), None)] == ["unchecked"]
