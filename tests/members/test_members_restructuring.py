"""Rosters go along when organisations are merged, split or dissolved; the past stays where it was."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.branches.dependents import dependents_of
from apps.branches.figures import measured
from apps.branches.relocation import Relocation, relocate
from apps.branches.services.organisations import found_organization
from apps.core.errors import Conflict, DomainError
from apps.core.scoping import unscoped
from apps.members.kinds import Entry, HonourKind, LeavingReason, MobileReason, PostRole, Relation, TransferState
from apps.members.models import (
    DualAgreement,
    Honour,
    Member,
    Membership,
    MobileRecord,
    Post,
    Talent,
    Transfer,
    UnitedFrontPerson,
)
from apps.members.services.leaving import leave
from apps.members.services.members import assign_group
from apps.members.services.restructuring import HELD

DAY = datetime.date.fromisoformat
ON = DAY("2026-11-01")
BEFORE = ON - datetime.timedelta(days=1)


@pytest.fixture
def move(cast: Any, officer: Any, today: Any) -> Any:
    """Members of branch_a go over to branch_b on ON: all, or those that are picked."""

    def run(*picked: Member, on: datetime.date = ON, source: Any = None, target: Any = None) -> Any:
        picks = {HELD: frozenset(member.pk for member in picked)} if picked else None
        return relocate(Relocation(source or cast.branch_a, target or cast.branch_b, on, today, officer, picks))

    return run


def names_on(org: Any, day: datetime.date) -> set[str]:
    return set(Membership.objects.as_of(day).filter(org=org).values_list("member__name", flat=True))


def test_everybody_is_in_the_old_branch_the_day_before_and_in_the_new_one_on_the_day(cast, roster, move):
    everybody = {member.name for member in [*roster.of_a, *roster.of_b]}
    assert move()["党员"] == 6
    assert names_on(cast.branch_a, BEFORE) == {member.name for member in roster.of_a}
    assert names_on(cast.branch_b, BEFORE) == {member.name for member in roster.of_b}
    assert names_on(cast.branch_a, ON) == set()
    assert names_on(cast.branch_b, ON) == everybody
    assert set(Member.objects.filter(org=cast.branch_b).values_list("name", flat=True)) == everybody


def test_the_slices_say_why_they_ended_and_began(cast, roster, move):
    move()
    old, new = Membership.objects.filter(member=roster.worker_a1).order_by("since")
    assert (old.until, old.exit) == (ON, LeavingReason.RESTRUCTURED)
    assert (new.since, new.until, new.entry, new.exit) == (ON, None, Entry.RESTRUCTURED, "")
    assert new.enterprise == cast.enterprise_a
    assert new.org_path == cast.branch_b.path


def test_a_split_takes_who_was_picked_and_leaves_the_others(cast, roster, move):
    move(roster.worker_a1, roster.probationary_a)
    assert names_on(cast.branch_b, ON) >= {roster.worker_a1.name, roster.probationary_a.name}
    assert len(names_on(cast.branch_a, ON)) == 4


def test_somebody_who_is_not_there_cannot_be_picked(cast, roster, move):
    with pytest.raises(DomainError, match="已不在"):
        move(roster.worker_b1)


def test_a_slice_that_began_later_simply_becomes_the_targets(cast, officer, roster, move, today):
    assign_group(members=[roster.worker_a1], group=cast.group_a, on=DAY("2026-11-10"), today=today, actor=officer)
    move()
    rows = Membership.objects.filter(member=roster.worker_a1).order_by("since")
    assert [(row.org, row.since, row.until) for row in rows] == [
        (cast.branch_a, DAY("2020-01-01"), ON), (cast.branch_b, ON, DAY("2026-11-10")),
        (cast.branch_b, DAY("2026-11-10"), None),
    ]  # fmt: skip


def test_a_group_that_hangs_under_the_target_keeps_its_members_and_another_one_does_not(
    cast, officer, roster, move, today
):
    assign_group(members=roster.of_a[:2], group=cast.group_a, on=DAY("2026-10-10"), today=today, actor=officer)
    move()  # the group moved before, as a child of the source
    assert Member.objects.filter(group=cast.group_a, org=cast.branch_b).count() == 2


def test_members_who_leave_their_group_behind_are_in_none(cast, officer, roster, move, today):
    assign_group(members=roster.of_a[:2], group=cast.group_a, on=DAY("2026-10-10"), today=today, actor=officer)
    move(roster.worker_a1)
    assert Member.objects.get(pk=roster.worker_a1.pk).group is None
    assert Membership.objects.open().get(member=roster.worker_a1).group is None
    assert Member.objects.get(pk=roster.worker_a2.pk).group == cast.group_a


def test_somebody_who_left_later_was_in_the_target_until_then(cast, officer, roster, move, today):
    leave(member=roster.worker_a1, reason=LeavingReason.DECEASED, on=DAY("2026-11-10"), today=today, actor=officer)
    assert move()["党员"] == 5
    assert roster.worker_a1.name in names_on(cast.branch_b, DAY("2026-11-09"))
    assert roster.worker_a1.name not in names_on(cast.branch_b, DAY("2026-11-10"))


def test_what_holds_no_members_takes_none_and_a_closed_quarter_gives_none(cast, roster, move, closed_until):
    with pytest.raises(DomainError) as caught:
        move(roster.worker_a1, target=cast.station)
    assert caught.value.code == "holds_no_members"
    closed_until(DAY("2026-11-02"))
    with pytest.raises(Conflict):
        move()


def test_posts_end_with_the_branch_and_one_that_began_later_stops_the_whole(cast, roster, move):
    facts = {"org": cast.branch_a, "member": roster.worker_a1, "name": roster.worker_a1.name}
    post = Post(role=PostRole.SECRETARY.value, since=DAY("2024-01-01"), **facts)
    post.save()
    move(roster.worker_a1)
    post.refresh_from_db()
    assert post.until == ON


def test_a_post_that_began_after_the_day_stops_the_whole(cast, roster, move):
    Post(org=cast.branch_a, member=roster.worker_a1, name="陈一鸣", role=PostRole.DEPUTY.value,
         since=DAY("2026-11-02")).save()  # fmt: skip
    with pytest.raises(Conflict, match="任职"):
        move()


def test_open_transfers_go_on_from_the_target_and_one_between_the_two_has_nothing_left_to_do(
    cast, officer, roster, move, today
):
    outside = Transfer(member=roster.worker_a1, org=cast.branch_a, kind="out", outside="某街道", requested_on=today)
    between = Transfer(member=roster.worker_a2, org=cast.branch_a, other_org=cast.branch_b, kind="within",
                       requested_on=today)  # fmt: skip
    for row in (outside, between):
        row.save()
    move()
    outside.refresh_from_db()
    between.refresh_from_db()
    assert (outside.org, outside.org_path, outside.state) == (cast.branch_b, cast.branch_b.path, TransferState.DRAFT)
    assert between.state == TransferState.CANCELLED


def test_an_arrival_from_outside_goes_on_in_the_target_wherever_the_person_was_before(cast, roster, move, today):
    with unscoped("somebody who was kept by another branch before"):
        Member.objects.filter(pk=roster.sibling_1.pk).update(
            relation=Relation.LEFT.value, left_on=BEFORE, leaving_reason=LeavingReason.TRANSFERRED.value
        )
    row = Transfer(member=roster.sibling_1, org=cast.branch_a, kind="in", outside="某街道", requested_on=today)
    row.save()
    move()
    row.refresh_from_db()
    assert (row.org, row.state) == (cast.branch_b, TransferState.DRAFT)


def test_what_others_keep_of_somebody_who_was_picked_is_seen_from_the_new_home(cast, roster, move):
    def signed(member: Member) -> DualAgreement:
        row = DualAgreement(member=member, org=cast.station, other_org=cast.branch_a, since=DAY("2026-02-01"),
                            until=DAY("2027-02-01"), signed_on=DAY("2026-02-01"))  # fmt: skip
        row.save()
        return row

    picked, stayed = signed(roster.worker_a1), signed(roster.worker_a2)
    move(roster.worker_a1)
    for row in (picked, stayed):
        row.refresh_from_db()
    assert (picked.other_org, picked.other_path) == (cast.branch_b, cast.branch_b.path)
    assert stayed.other_org == cast.branch_a


def test_mobile_records_and_agreements_end_and_begin_anew_with_the_target(cast, roster, move):
    common = {"member": roster.worker_a1, "org": cast.branch_a, "since": DAY("2026-02-01")}
    MobileRecord(direction="out", reason=MobileReason.WORK.value, place="大连", **common).save()
    DualAgreement(until=DAY("2027-02-01"), signed_on=DAY("2026-02-01"), home_text="某支部", **common).save()
    move()
    for model in (MobileRecord, DualAgreement):
        old, new = model.objects.filter(member=roster.worker_a1).order_by("since")
        assert (old.org, old.until) == (cast.branch_a, ON)
        assert (new.org, new.since) == (cast.branch_b, ON)
    assert new.until == DAY("2027-02-01")
    assert old.ended_reason == "组织调整"


def test_an_agreement_between_the_two_ends(cast, roster, move):
    DualAgreement(member=roster.worker_a1, org=cast.branch_b, other_org=cast.branch_a, since=DAY("2026-02-01"),
                  until=DAY("2027-02-01"), signed_on=DAY("2026-02-01")).save()  # fmt: skip
    move()
    assert [row.until for row in DualAgreement.objects.filter(member=roster.worker_a1)] == [ON]


def test_honours_talents_and_the_united_front_follow(cast, roster, move):
    Honour(
        member=roster.worker_a1, org=cast.branch_a, kind=HonourKind.HONOUR.value, title="先进", on=DAY("2025-07-01")
    ).save()
    Talent(member=roster.worker_a1, org=cast.branch_a, name="陈一鸣", kind="worker", joined_on=DAY("2025-01-01")).save()
    UnitedFrontPerson(org=cast.branch_a, name="安娜", kind="foreigner", registered_on=DAY("2025-01-01")).save()
    move()
    for model in (Honour, Talent, UnitedFrontPerson):
        assert model.objects.get().org == cast.branch_b


def test_sums_agree_before_and_after(cast, roster, move, today):
    counted = measured([cast.park_org, cast.branch_a, cast.branch_b], today)
    assert counted[cast.park_org.pk]["members.all"] == 8
    assert (counted[cast.branch_a.pk]["members.formal"], counted[cast.branch_a.pk]["members.all"]) == (5, 6)
    move()
    counted = measured([cast.park_org, cast.branch_a, cast.branch_b], today)
    assert counted[cast.park_org.pk]["members.all"] == 8
    assert (counted[cast.branch_a.pk]["members.all"], counted[cast.branch_b.pk]["members.all"]) == (0, 8)


def test_a_thousand_members_move_with_as_many_statements_as_two(cast, officer, roster, move, today):
    with CaptureQueriesContext(
        connection,
    ) as few:
        move(roster.worker_a1, roster.worker_a2)
    with unscoped("a test prepares"):
        rows = Member.objects.bulk_create(
            Member(code=f"DY8{n:07d}", name=f"党员{n}", org=cast.branch_a, joined_on=DAY("2015-07-01"))
            for n in range(300)
        )
        Membership.objects.bulk_create(
            Membership(member=row, org=cast.branch_a, since=DAY("2020-01-01")) for row in rows
        )
    with CaptureQueriesContext(connection) as many:
        move(*rows)
    assert len(many) <= len(few) + 2


def test_a_branch_with_members_is_not_dissolved_and_says_who_is_there(cast, officer, roster, today):
    left = {each.label: each for each in dependents_of(cast.branch_a, today)}
    assert left["党员"].count == 6
    assert left["党员"].url == "/members/?org=JYA"
    new = found_organization(name="中共新公司支部委员会", kind="branch", parent=cast.station, founded_on=ON, today=today,
                             actor=officer)  # fmt: skip
    relocate(Relocation(cast.branch_a, new, ON, today, officer))
    assert "党员" not in {each.label for each in dependents_of(cast.branch_a, today)}


def test_who_only_works_here_is_looked_after_by_the_target(cast, roster, move):
    Member.objects.filter(pk=roster.worker_a1.pk).update(relation=Relation.ELSEWHERE.value)
    Membership.objects.filter(member=roster.worker_a1).delete()
    move()
    assert Member.objects.get(pk=roster.worker_a1.pk).org == cast.branch_b
    assert not Membership.objects.filter(member=roster.worker_a1).exists()
