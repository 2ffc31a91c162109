"""积分: entered by the branch, confirmed by the committee, published in the order of the roster, corrected afterwards."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from apps.activities.kinds import PointState
from apps.activities.models import PointEntry, PointPublication, PointRule
from apps.activities.services import points
from apps.activities.services.point_rules import end_rule, rules_at, set_rule
from apps.activities.services.point_years import publish_points, totals
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.members.models import Member, Membership
from tests.activities.conftest import TODAY

LAST_YEAR = datetime.date(2025, 6, 1)


@pytest.fixture
def deed(cast, roster):
    """A deed worth 5 points, at most 10 a year."""
    return PointRule.objects.get(name="讲党课", org_path="")


def enter(cast, deed, *members, on=TODAY, **more):
    with cast.within(cast.branch_a):
        return points.enter_points(org=cast.branch_a, members=members, rule=deed, on=on, today=TODAY,
                                   actor=cast.users.secretary_a, **more)  # fmt: skip


def decide(cast, entries, accepted=True, actor=None, **more):
    with cast.within(cast.park_org):
        return points.decide_points(entries=entries, accepted=accepted, today=TODAY,
                                    actor=actor or cast.users.park_officer, **more)  # fmt: skip


def publish(cast, year=2025, org=None, today=TODAY):
    with cast.within(cast.park_org):
        return publish_points(org=org or cast.branch_a, year=year, today=today, actor=cast.users.park_officer)


def states():
    with unscoped("the test looks"):
        return {row.member.name: row.state for row in PointEntry.objects.select_related("member")}


def refusal(call, *args, **more):
    with pytest.raises(DomainError) as refused:
        call(*args, **more)
    return refused.value.code


def test_several_members_get_points_for_one_deed_at_once(cast, roster, deed):
    entries = enter(cast, deed, roster.worker_a1, roster.worker_a2, note="车间微党课")
    assert [entry.points for entry in entries] == [Decimal(5), Decimal(5)]
    assert set(states().values()) == {PointState.ENTERED}


def test_one_stranger_among_them_refuses_all(cast, roster, deed):
    with unscoped("the stranger is known to the test alone"):
        assert refusal(points.enter_points, org=cast.branch_a, members=[roster.worker_a1, roster.worker_b1], rule=deed,
                       on=TODAY, today=TODAY, actor=cast.users.secretary_a) == "not_on_roster"  # fmt: skip
    assert states() == {}


def test_who_was_not_on_the_roster_that_day_gets_nothing_for_it(cast, roster, deed):
    assert refusal(enter, cast, deed, roster.probationary_a, on=datetime.date(2026, 3, 9)) == "not_on_roster"
    enter(cast, deed, roster.probationary_a, on=datetime.date(2026, 3, 10))


@pytest.mark.parametrize(("first", "second", "fits"), [("5", "4.5", True), ("5", "5", True), ("5", "5.1", False)])
def test_a_year_gives_no_more_than_its_limit(cast, roster, deed, first, second, fits):
    with unscoped("a rule that gives more at once"):
        PointRule.objects.filter(pk=deed.pk).update(points=Decimal("6"))
        deed.refresh_from_db()
    enter(cast, deed, roster.worker_a1, points=Decimal(first))
    if fits:
        enter(cast, deed, roster.worker_a1, points=Decimal(second))
    else:
        assert refusal(enter, cast, deed, roster.worker_a1, points=Decimal(second)) == "over_the_year"
    enter(cast, deed, roster.worker_a1, points=Decimal("6"), on=LAST_YEAR)


def test_refused_points_leave_room_for_others(cast, roster, deed):
    entries = [*enter(cast, deed, roster.worker_a1), *enter(cast, deed, roster.worker_a1)]
    assert refusal(enter, cast, deed, roster.worker_a1) == "over_the_year"
    decide(cast, entries[:1], accepted=False, note="没有记录")
    enter(cast, deed, roster.worker_a1)


def test_taking_part_is_not_entered_by_hand(cast, roster, deed):
    rule = PointRule.objects.get(name="参加党课")
    assert refusal(enter, cast, rule, roster.worker_a1) == "derived"


def test_a_deed_gives_at_most_what_its_rule_says_and_more_than_nothing(cast, roster, deed):
    assert refusal(enter, cast, deed, roster.worker_a1, points=Decimal("5.5")) == "wrong_amount"
    assert refusal(enter, cast, deed, roster.worker_a1, points=Decimal(0)) == "wrong_amount"


def test_nothing_is_entered_for_a_day_to_come(cast, roster, deed):
    assert refusal(enter, cast, deed, roster.worker_a1, on=TODAY + datetime.timedelta(days=1)) == "future"


def test_the_committee_confirms_all_or_nothing(cast, roster, deed):
    entries = enter(cast, deed, roster.worker_a1, roster.worker_a2)
    decide(cast, entries[:1])
    assert refusal(decide, cast, entries) == "decided"
    assert states() == {"陈一鸣": PointState.CONFIRMED, "孙·阿依古丽": PointState.ENTERED}
    assert decide(cast, entries[1:]) == 1


def test_nobody_confirms_what_he_entered_himself(cast, roster, deed):
    entries = enter(cast, deed, roster.worker_a1)
    assert refusal(decide, cast, entries, actor=cast.users.secretary_a) == "own"
    assert decide(cast, entries) == 1


def test_a_refusal_says_why(cast, roster, deed):
    entries = enter(cast, deed, roster.worker_a1)
    with pytest.raises(DomainError, match="原因"):
        decide(cast, entries, accepted=False)
    decide(cast, entries, accepted=False, note="没有讲课记录")
    assert states() == {"陈一鸣": PointState.REFUSED}


def test_what_is_not_decided_can_be_taken_back_and_what_is_confirmed_cannot(cast, roster, deed):
    first, second = enter(cast, deed, roster.worker_a1, roster.worker_a2)
    decide(cast, [second])
    with cast.within(cast.branch_a):
        points.withdraw_entry(entry=first, actor=cast.users.secretary_a)
        assert refusal(points.withdraw_entry, entry=second, actor=cast.users.secretary_a) == "decided"
    assert states() == {"孙·阿依古丽": PointState.CONFIRMED}


@pytest.mark.parametrize(("today", "published"), [("2025-12-30", False), ("2025-12-31", False), ("2026-01-01", True)])
def test_a_year_is_published_once_it_is_over(cast, roster, deed, today, published):
    decide(cast, enter(cast, deed, roster.worker_a1, on=LAST_YEAR))
    day = datetime.date.fromisoformat(today)
    if published:
        assert len(publish(cast, today=day)) == 1
    else:
        assert refusal(publish, cast, today=day) == "year_runs"


def test_the_list_follows_the_roster_and_not_the_points(cast, roster, deed):
    best = roster.worker_a5  # 赵敏, the last by name
    decide(cast, [*enter(cast, deed, best, on=LAST_YEAR), *enter(cast, deed, best, on=LAST_YEAR)])
    decide(cast, enter(cast, deed, roster.worker_a2, on=LAST_YEAR, points=Decimal("2.5")))
    [found] = publish(cast)
    names = [line["name"] for line in found.lines]
    with unscoped("the test looks"):
        there = Membership.objects.as_of(datetime.date(2025, 12, 31)).filter(org=cast.branch_a).values("member")
        by_name = Member.objects.filter(pk__in=there).order_by("initials", "pk")
        assert names == [member.name for member in by_name]
    told = {line["name"]: Decimal(line["points"]) for line in found.lines}
    assert told["赵敏"] == Decimal(10)
    assert told["孙·阿依古丽"] == Decimal("2.5")
    assert told["陈一鸣"] == 0
    assert names != sorted(names, key=lambda name: -told[name])


def test_what_waits_is_decided_before_a_year_is_published(cast, roster, deed):
    entries = enter(cast, deed, roster.worker_a1, on=LAST_YEAR)
    assert refusal(publish, cast) == "waiting"
    decide(cast, entries)
    publish(cast)
    assert refusal(publish, cast) == "nothing"


def test_a_committee_publishes_one_list_for_each_branch_below_it(cast, roster, deed):
    decide(cast, enter(cast, deed, roster.worker_a1, on=LAST_YEAR))
    lists = publish(cast, org=cast.park_org)
    assert [row.org for row in lists] == [cast.branch_a, cast.branch_b]
    with cast.within(cast.branch_a):
        assert PointPublication.objects.get().org == cast.branch_a


def test_after_publication_the_year_stays_and_a_correction_falls_into_the_open_one(cast, roster, deed):
    [entry] = enter(cast, deed, roster.worker_a1, on=LAST_YEAR)
    decide(cast, [entry])
    [before] = publish(cast)
    assert refusal(enter, cast, deed, roster.worker_a2, on=LAST_YEAR) == "published"
    with cast.within(cast.branch_a):
        correction = points.correct_points(
            entry=entry, difference=Decimal(-2), note="时长不足", today=TODAY, actor=cast.users.secretary_a
        )
    assert (correction.on, correction.points, correction.state) == (TODAY, Decimal(-2), PointState.ENTERED)
    assert "2025-06-01" in correction.note
    decide(cast, [correction])
    with cast.within(cast.branch_a):
        assert {total.member.name: total.confirmed for total in totals(cast.branch_a, 2026, TODAY)}["陈一鸣"] == -2
        after = PointPublication.objects.get(pk=before.pk)
    assert after.lines == before.lines


@pytest.mark.parametrize(("difference", "fits"), [("-5.1", False), ("-5", True), ("-4.9", True), ("0", False)])
def test_a_correction_takes_no_more_than_there_was(cast, roster, deed, difference, fits):
    [entry] = enter(cast, deed, roster.worker_a1, on=LAST_YEAR)
    decide(cast, [entry])
    publish(cast)
    with cast.within(cast.branch_a):
        how = {
            "entry": entry,
            "difference": Decimal(difference),
            "note": "核对",
            "today": TODAY,
            "actor": cast.users.secretary_a,
        }
        if fits:
            points.correct_points(**how)
        else:
            assert refusal(points.correct_points, **how)


def test_while_the_year_is_open_nothing_is_corrected_beside_it(cast, roster, deed):
    [entry] = enter(cast, deed, roster.worker_a1)
    with cast.within(cast.branch_a):
        assert refusal(points.correct_points, entry=entry, difference=Decimal(-1), note="核对", today=TODAY,
                       actor=cast.users.secretary_a) == "open"  # fmt: skip


def test_the_park_sets_its_own_rule_and_it_speaks_there_alone(cast, roster, deed):
    facts = {
        "name": "讲党课",
        "kind": None,
        "points": Decimal(8),
        "yearly_limit": None,
        "source": "园区办法",
        "since": TODAY,
    }
    with cast.within(cast.park_org):
        rule = set_rule(org=cast.park_org, facts=facts, today=TODAY, actor=cast.users.park_officer)
        assert rule in rules_at(cast.branch_a.path, TODAY)
        assert deed not in rules_at(cast.branch_a.path, TODAY)
        assert deed in rules_at(cast.branch_a.path, TODAY - datetime.timedelta(days=1))
        assert deed in rules_at(cast.sibling_branch.path, TODAY)
        end_rule(rule=rule, on=TODAY + datetime.timedelta(days=9), today=TODAY, actor=cast.users.park_officer)
        assert deed in rules_at(cast.branch_a.path, TODAY + datetime.timedelta(days=9))


def test_no_rule_gives_points_for_signing_in_and_none_reaches_back(cast, roster):
    facts = {"kind": None, "points": Decimal(1), "yearly_limit": None, "source": "园区办法", "since": TODAY}
    with cast.within(cast.park_org):
        how = {"org": cast.park_org, "today": TODAY, "actor": cast.users.park_officer}
        assert refusal(set_rule, facts={**facts, "name": "每日签到"}, **how) == "formalism"
        assert refusal(set_rule, facts={**facts, "name": "帮扶", "since": TODAY - datetime.timedelta(days=1)}, **how)
        assert refusal(set_rule, facts={**facts, "name": "帮扶"}, **{**how, "org": None})


def test_no_page_of_points_offers_an_order_by_points(cast, roster, deed, client):
    from apps.activities.ledgers.points import PointLedger

    fields = [field for ordering in PointLedger.orderings.values() for field in ordering.fields]
    assert not any("points" in field for field in fields)
    decide(cast, enter(cast, deed, roster.worker_a5))
    client.force_login(cast.users.secretary_a)
    text = client.get("/points/").content.decode()
    assert text.index("陈一鸣") < text.index("赵敏")
    assert "第1名" not in text
