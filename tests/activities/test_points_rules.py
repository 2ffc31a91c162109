"""What gives points and what never does; limits at n-1, n, n+1."""

from __future__ import annotations

import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from apps.activities.rules.catalogue import KINDS
from apps.activities.rules.points import (
    DEFAULTS,
    NEVER,
    amount_finding,
    granted,
    limit_finding,
    name_finding,
    nearest,
    plain,
)

TWO = Decimal(2)


def rule(name: str, org_path: str, since: str = "2026-01-01", kind_id: int | None = None) -> SimpleNamespace:
    return SimpleNamespace(name=name, org_path=org_path, since=datetime.date.fromisoformat(since), kind_id=kind_id)


def test_the_proposed_rules_count_what_members_do_and_never_presence_online():
    assert not [spec.name for spec in DEFAULTS if name_finding(spec.name)]
    kinds = {spec.code for spec in KINDS}
    assert {spec.kind for spec in DEFAULTS if spec.kind} <= kinds


@pytest.mark.parametrize("word", NEVER)
def test_nobody_gets_points_for_signing_in_or_for_time_online(word):
    finding = name_finding(f"每日{word}")
    assert finding is not None
    assert finding.blocks


@pytest.mark.parametrize(("had", "left"), [("7", "2"), ("8", "2"), ("9", "1"), ("10", "0"), ("11", "0")])
def test_a_record_gives_what_the_year_has_room_for(had, left):
    assert granted(TWO, had=Decimal(had), yearly_limit=Decimal(10)) == Decimal(left)


def test_without_a_limit_everything_is_given():
    assert granted(TWO, had=Decimal(1000), yearly_limit=None) == TWO


@pytest.mark.parametrize(("had", "refused"), [("7", False), ("8", False), ("9", True)])
def test_a_deed_may_reach_the_limit_of_the_year_and_not_pass_it(had, refused):
    finding = limit_finding(TWO, had=Decimal(had), yearly_limit=Decimal(10), whose="陈一鸣")
    assert (finding is not None) is refused


@pytest.mark.parametrize(
    ("points", "refused"), [("-1", True), ("0", True), ("0.5", False), ("5", False), ("5.5", True)]
)
def test_an_entry_is_more_than_nothing_and_at_most_what_the_rule_gives(points, refused):
    assert (amount_finding(Decimal(points), Decimal(5)) is not None) is refused


def test_the_nearest_rule_of_a_matter_speaks_and_the_newest_of_equals():
    everywhere, park = rule("讲党课", ""), rule("讲党课", "0001")
    assert nearest([park, everywhere]) == [park]
    older, newer = rule("讲党课", "0001", "2025-01-01"), rule("讲党课", "0001", "2026-01-01")
    assert nearest([newer, older]) == [newer]


def test_rules_of_one_kind_are_one_matter_whatever_they_are_called_and_deeds_are_told_by_name():
    wide, near = rule("参加党课", "", kind_id=4), rule("听党课", "0001", kind_id=4)
    deed = rule("讲党课", "")
    assert nearest([wide, deed, near]) == [near, deed]


@pytest.mark.parametrize(
    ("points", "text"), [("2.0", "2"), ("2.5", "2.5"), ("0.0", "0"), ("10.0", "10"), ("-3.0", "-3")]
)
def test_points_are_written_as_people_write_them(points, text):
    assert plain(Decimal(points)) == text
