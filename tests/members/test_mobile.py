"""流动党员: one record for both branches, reported at the other end, closed by whoever keeps it."""

from __future__ import annotations

import datetime

import pytest

from apps.core.codes import make_id_number
from apps.core.errors import Conflict, DomainError
from apps.core.scoping import unscoped
from apps.members.kinds import Direction, ManagementMode, Relation
from apps.members.models import Member, MobileRecord
from apps.members.querysets.modes import LACKS, lacks, mode_column, mode_is
from apps.members.rules.mobile import Lack
from apps.members.services.mobile import (
    absence_of,
    change_record,
    close_record,
    confirm_arrival,
    register_inflow,
    register_outflow,
)
from apps.members.services.people import home_of
from apps.members.services.ties import settle_ties

SINCE = datetime.date(2026, 10, 8)
STRANGER = {"name": "欧阳春", "id_number": make_id_number("210681", datetime.date(1990, 1, 1), 123)}
FACTS = {"reason": "work", "place": "沈阳市"}


@pytest.fixture
def leave_for(cast, roster, secretary, today):
    """Register worker_a1 as 流出."""

    def run(**given):
        return register_outflow(
            member=roster.worker_a1, actor=secretary, today=today,
            **{"since": SINCE, **given, "facts": {**FACTS, **given.get("facts", {})}},
        )  # fmt: skip

    return run


@pytest.fixture
def come_to(cast, roster, today):
    """Register an arrival at branch_b, as its secretary."""

    def run(name, id_number, **given):
        with cast.within(cast.branch_b):
            return register_inflow(
                name=name, id_number=id_number, org=cast.branch_b, enterprise=cast.enterprise_b,
                facts={**FACTS, "counterpart": "中共沈阳市某支部"}, since=SINCE, today=today,
                actor=cast.users.secretary_b, **given,
            )  # fmt: skip

    return run


def mode_of(member, today):
    return Member.objects.annotate(mode=mode_column(today)).get(pk=member.pk).mode


def test_who_leaves_is_managed_by_the_network_and_comes_back(roster, leave_for, secretary, today):
    assert mode_of(roster.worker_a1, today) == ManagementMode.IN_POST
    record = leave_for()
    assert mode_of(roster.worker_a1, today) == ManagementMode.MOBILE_NETWORK
    assert mode_of(roster.worker_a2, today) == ManagementMode.IN_POST
    close_record(mobile=record, on=today, today=today, actor=secretary, note="返回岗位")
    assert mode_of(roster.worker_a1, today) == ManagementMode.IN_POST
    with pytest.raises(Conflict):
        close_record(mobile=record, on=today, today=today, actor=secretary)


def test_the_four_modes_share_the_members_among_them(cast, roster, leave_for, today):
    leave_for()
    rows = Member.objects.filter(org=cast.branch_a)
    counts = {mode: rows.filter(mode_is(mode, today)).count() for mode in ManagementMode}
    assert counts == {
        ManagementMode.IN_POST: 5, ManagementMode.INFLOW_DUAL: 0, ManagementMode.MOBILE_NETWORK: 1,
        ManagementMode.DEPARTED_LOCAL: 0,
    }  # fmt: skip
    assert {mode for mode, each in LACKS.items() if each} == set(ManagementMode)


def test_what_a_member_away_still_lacks(roster, leave_for, secretary, today):
    record = leave_for()
    wanted = (Lack.REPORT, Lack.CONTACT_PERSON, Lack.CONTACT)
    missing = [lack for lack in wanted if Member.objects.filter(lacks(lack, today), pk=roster.worker_a1.pk).exists()]
    assert missing == list(wanted)
    change_record(mobile=record, facts={"contact_name": "孙委员"}, actor=secretary)
    confirm_arrival(mobile=record, on=today, today=today, actor=secretary)
    missing = [lack for lack in wanted if Member.objects.filter(lacks(lack, today), pk=roster.worker_a1.pk).exists()]
    assert missing == [Lack.CONTACT]


def test_a_stay_of_less_than_six_months_asks_for_a_reason_that_is_kept(leave_for):
    short = {"expected_return_on": datetime.date(2027, 4, 7)}
    with pytest.raises(DomainError) as refused:
        leave_for(facts=short)
    assert (refused.value.field, refused.value.basis.rule_id) == ("reason", "LD-01")
    assert "说明：项目驻场" in leave_for(facts=short, reason="项目驻场").note


def test_six_months_to_the_day_are_enough(leave_for):
    assert leave_for(facts={"expected_return_on": datetime.date(2027, 4, 8)}).note == ""


def test_nobody_is_out_twice_at_a_time(leave_for, secretary, today):
    first = leave_for()
    with pytest.raises(Conflict):
        leave_for(since=today)
    close_record(mobile=first, on=today, today=today, actor=secretary)
    assert leave_for(since=today)


def test_the_branch_at_the_other_end_sees_the_record_and_confirms(cast, roster, leave_for, secretary, today):
    record = leave_for(other_org=cast.branch_b)
    with pytest.raises(DomainError) as refused:
        confirm_arrival(mobile=record, on=today, today=today, actor=secretary)
    assert refused.value.code == "not_yours"
    with cast.within(cast.branch_b):
        assert list(MobileRecord.objects.arriving()) == [record]
        assert not MobileRecord.objects.leaving().exists()
        confirmed = confirm_arrival(mobile=record, on=today, today=today, actor=cast.users.secretary_b)
        assert confirmed.reported_on == today
        with pytest.raises(Conflict):
            confirm_arrival(mobile=record, on=today, today=today, actor=cast.users.secretary_b)
        with pytest.raises(DomainError) as refused:
            close_record(mobile=record, on=today, today=today, actor=cast.users.secretary_b)
        assert refused.value.code == "not_yours"
    with cast.within(cast.branch_a):
        assert list(MobileRecord.objects.leaving()) == [record]
        assert not MobileRecord.objects.arriving().exists()
    with cast.within(cast.park_org):
        assert MobileRecord.objects.leaving().count() == MobileRecord.objects.arriving().count() == 1
    with cast.within(cast.sibling_org):
        assert not MobileRecord.objects.exists()


def test_an_arrival_from_outside_the_portal_is_registered_with_the_relation_elsewhere(cast, come_to, today):
    record = come_to(**STRANGER)
    assert (record.direction, record.reported_on, record.other_org) == (Direction.IN, SINCE, None)
    assert (record.member.relation, record.member.home_text) == (Relation.ELSEWHERE, "中共沈阳市某支部")
    with cast.within(cast.branch_b):
        assert mode_of(record.member, today) == ManagementMode.INFLOW_DUAL
        missing = Member.objects.filter(lacks(Lack.AGREEMENT, today), relation=Relation.ELSEWHERE)
        assert missing.get() == record.member


def test_an_arrival_of_a_member_of_the_portal_is_seen_from_home(cast, roster, come_to, leave_for, secretary, today):
    record = come_to("陈一鸣", roster.worker_a1.id_number)
    assert record.other_org == cast.branch_a == home_of(roster.worker_a1)
    with cast.within(cast.branch_a):
        assert list(MobileRecord.objects.leaving()) == [record]
        assert mode_of(roster.worker_a1, today) == ManagementMode.MOBILE_NETWORK
        with pytest.raises(Conflict, match="流入地党组织已登记"):
            leave_for()


def test_home_and_arrival_registered_apart_count_as_one_that_is_away(cast, roster, leave_for, come_to, today):
    out = leave_for(facts={"counterpart": "某公司党支部"})
    come_to("陈一鸣", roster.worker_a1.id_number)
    assert list(MobileRecord.objects.to_contact(today)) == [out]
    with cast.within(cast.park_org):
        assert MobileRecord.objects.leaving().count() == 1


def test_an_arrival_that_home_has_named_is_confirmed_and_not_registered_again(cast, roster, leave_for, come_to):
    leave_for(other_org=cast.branch_b)
    with pytest.raises(Conflict, match="确认报到"):
        come_to("陈一鸣", roster.worker_a1.id_number)


def test_days_out_of_order_and_to_come_are_refused(cast, leave_for, secretary, today):
    tomorrow = today + datetime.timedelta(days=1)
    for given, field in (
        ({"since": tomorrow}, "since"), ({"facts": {"expected_return_on": SINCE}}, "expected_return_on")
    ):  # fmt: skip
        with pytest.raises(DomainError) as refused:
            leave_for(**given)
        assert refused.value.field == field
    record = leave_for()
    for on, field in ((SINCE - datetime.timedelta(days=1), "reported_on"), (tomorrow, "reported_on")):
        with pytest.raises(DomainError) as refused:
            confirm_arrival(mobile=record, on=on, today=today, actor=secretary)
        assert refused.value.field == field
    with pytest.raises(DomainError) as refused:
        close_record(mobile=record, on=SINCE, today=today, actor=secretary)
    assert refused.value.field == "on"


def test_the_own_branch_a_group_and_a_department_are_no_other_end(cast, leave_for):
    for org in (cast.branch_a, cast.group_a, cast.authority):
        with pytest.raises(DomainError) as refused:
            leave_for(other_org=org)
        assert refused.value.field == "other_org"


def test_a_closed_quarter_is_a_conflict(leave_for, closed_until):
    closed_until(datetime.date(2026, 11, 1))
    with pytest.raises(Conflict):
        leave_for()


def test_an_absence_abroad_of_more_than_five_years_is_told_and_changes_nothing(leave_for, today):
    record = leave_for(since=datetime.date(2021, 11, 21), facts={"reason": "abroad"})
    assert absence_of(record, today).code == "long_abroad"
    assert absence_of(record, datetime.date(2026, 11, 21)) is None
    assert record.member.standing == "normal"


def test_a_record_of_having_left_ends_when_the_relation_moves(cast, roster, leave_for, today):
    record = leave_for(other_org=cast.branch_b)
    with unscoped("test"):
        roster.worker_a1.org = cast.branch_b
        roster.worker_a1.save()
    settle_ties(roster.worker_a1, on=today)
    record.refresh_from_db()
    assert record.until == today
