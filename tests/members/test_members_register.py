"""登记党员: who comes onto a roster, what the numbers say, and who needs a transfer instead."""

from __future__ import annotations

import datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection

from apps.branches.models import PartyOrg
from apps.core.codes import make_id_number
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.members.kinds import Entry, LeavingReason, Relation
from apps.members.models import Member, Membership
from apps.members.services.members import change_member, register_member
from tests.cast import Cast
from tests.racing import at_once

DAY = datetime.date.fromisoformat
BORN = DAY("1990-05-20")
NUMBER = make_id_number("210602", BORN, 11)  # odd: 男
FIFTEEN = "210602" + "900520" + "011"


def registered(cast: Cast, today: Any, actor: Any, **more: Any) -> Member:
    facts = {"name": "钱学明", "id_number": NUMBER, "phone": "13912345678", **more.pop("facts", {})}
    given = {"org": cast.branch_a, "on": DAY("2026-10-08"), "joined_on": DAY("2015-07-01"),
             "formal_on": DAY("2016-07-01"), "enterprise": cast.enterprise_a, **more}  # fmt: skip
    return register_member(facts=facts, today=today, actor=actor, **given)


def refused(cast: Cast, today: Any, actor: Any, **more: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        registered(cast, today, actor, **more)
    return caught.value


def test_a_member_is_on_the_roster_from_the_day_of_registration_and_not_before(cast, secretary, today):
    member = registered(cast, today, secretary)
    rows = Membership.objects.filter(member=member)
    assert not rows.as_of(DAY("2026-10-07")).exists()
    assert rows.as_of(DAY("2026-10-08")).get().org == cast.branch_a
    assert (member.org, member.relation, member.employer) == (cast.branch_a, Relation.HERE, cast.enterprise_a)
    assert member.code == f"DY{member.pk:08d}"
    assert member.initials == "qxm"


def test_sex_and_birth_date_come_from_the_number(cast, secretary, today):
    member = registered(cast, today, secretary)
    assert (member.sex, member.born_on) == ("1", BORN)


@pytest.mark.parametrize(
    ("facts", "code", "field"),
    [
        ({"sex": "2"}, "sex_disagrees", "sex"),
        ({"born_on": DAY("1990-05-21")}, "birth_disagrees", "born_on"),
        ({"id_number": NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")}, "check_digit", "id_number"),
        ({"id_number": NUMBER[:17]}, "length", "id_number"),
        ({"id_number": ""}, "id_number_needed", "id_number"),
        ({"phone": "12345"}, "format", "phone"),
        ({"name": "钱\x07学明"}, "invalid", "name"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(facts, code, field, cast, secretary, today):
    error = refused(cast, today, secretary, facts=facts)
    assert (error.code, error.field) == (code, field)
    assert NUMBER not in error.message


def test_a_number_that_agrees_with_what_was_typed_is_taken(cast, secretary, today):
    """Negative control: the same facts without the contradiction."""
    assert registered(cast, today, secretary, facts={"sex": "1", "born_on": BORN}).pk


def test_a_15_digit_number_is_shown_converted_and_taken_once_confirmed(cast, secretary, today):
    error = refused(cast, today, secretary, facts={"id_number": FIFTEEN})
    assert error.code == "converted_from_15"
    assert "210***********" in error.message
    assert NUMBER not in error.message
    assert registered(cast, today, secretary, facts={"id_number": FIFTEEN}, confirmed=True).id_number == NUMBER


@pytest.mark.parametrize("typed", [f" {NUMBER}", f"'{NUMBER}", NUMBER.lower(), f"{NUMBER[:6]} {NUMBER[6:]}"])
def test_spaces_an_apostrophe_and_a_small_x_are_normalised(typed, cast, secretary, today):
    assert registered(cast, today, secretary, facts={"id_number": typed}).id_number == NUMBER


def test_an_unknown_county_is_registered_all_the_same(cast, secretary, today):
    odd = make_id_number("210699", BORN, 12)
    assert registered(cast, today, secretary, facts={"id_number": odd, "sex": ""}).id_number == odd


def test_somebody_of_ones_own_branch_is_named(cast, secretary, roster, today):
    error = refused(cast, today, secretary, facts={"id_number": roster.worker_a1.id_number})
    assert error.code == "known"
    assert roster.worker_a1.name in error.message


def test_somebody_of_another_branch_needs_a_transfer_and_the_branch_is_not_named(cast, secretary, roster, today):
    error = refused(cast, today, secretary, facts={"id_number": roster.sibling_1.id_number})
    assert (error.code, error.field) == ("needs_transfer", "id_number")
    for hidden in (roster.sibling_1.name, roster.sibling_1.code, cast.sibling_branch.name, str(cast.sibling_branch)):
        assert hidden not in error.message


def test_the_message_is_the_same_wherever_the_person_is(cast, secretary, roster, today):
    messages = {
        refused(cast, today, secretary, facts={"id_number": row.id_number}).message
        for row in (roster.sibling_1, roster.worker_b1, roster.worker_elsewhere)
    }
    assert len(messages) == 1


def test_only_a_branch_holds_a_relation(cast, officer, today):
    for org in (cast.station, cast.committee, cast.park_org, cast.group_a):
        assert refused(cast, today, officer, org=org, enterprise=None).code == "holds_no_members"
    assert registered(cast, today, officer, org=cast.branch_b, enterprise=cast.enterprise_b).org == cast.branch_b


def test_a_group_must_be_of_the_branch(cast, officer, today):
    assert refused(cast, today, officer, org=cast.branch_b, group=cast.group_a, enterprise=None).code == "foreign_group"
    assert registered(cast, today, officer, group=cast.group_a).group == cast.group_a


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"on": DAY("2026-11-23")}, "future"),
        ({"joined_on": DAY("2026-11-23")}, "future"),
        ({"formal_on": DAY("2026-11-23")}, "future"),
        ({"on": DAY("2015-06-30")}, "org_young"),
        ({"joined_on": DAY("2026-10-09"), "formal_on": None}, "before_joining"),
        ({"joined_on": None}, "joined_on_needed"),
    ],
)
def test_days_that_cannot_be_are_refused(more, code, cast, secretary, today):
    assert refused(cast, today, secretary, **more).code == code


def test_nobody_becomes_a_full_member_before_joining(cast, secretary, today):
    assert "转正日期" in refused(cast, today, secretary, formal_on=DAY("2015-06-30")).message


def test_a_closed_quarter_takes_no_registration_and_an_open_one_does(cast, secretary, today, closed_until):
    closed_until(DAY("2026-10-01"))
    with pytest.raises(Conflict):
        registered(cast, today, secretary, on=DAY("2026-09-30"))
    assert registered(cast, today, secretary, on=DAY("2026-10-01")).pk


def test_who_works_here_with_the_relation_elsewhere_is_on_no_roster(cast, secretary, today):
    member = registered(cast, today, secretary, relation=Relation.ELSEWHERE, facts={"home_text": "中共某县某村支部"})
    assert member.relation == Relation.ELSEWHERE
    assert not Membership.objects.filter(member=member).exists()


@pytest.mark.parametrize(
    ("more", "code"),
    [({"enterprise": None}, "employer_needed"), ({"facts": {"home_text": " "}}, "home_needed")],
)
def test_who_works_here_works_somewhere_and_belongs_somewhere(more, code, cast, secretary, today):
    given = {"relation": Relation.ELSEWHERE, "facts": {"home_text": "某支部"}, **more}
    assert refused(cast, today, secretary, **given).code == code


def left(member: Member, reason: LeavingReason, on: str) -> None:
    """Somebody has left, as a transfer or a decision would have recorded it."""
    with unscoped("a test prepares"):
        Membership.objects.filter(member=member).update(until=DAY(on), exit=reason.value)
        Member.objects.filter(pk=member.pk).update(
            relation=Relation.LEFT.value, left_on=DAY(on), leaving_reason=reason.value
        )


def test_somebody_who_was_transferred_out_of_the_portal_comes_back_as_the_same_person(cast, secretary, roster, today):
    left(roster.sibling_1, LeavingReason.TRANSFERRED, "2025-03-01")
    member = registered(cast, today, secretary, facts={"id_number": roster.sibling_1.id_number, "name": "冯涛"})
    assert member.pk == roster.sibling_1.pk
    assert (member.org, member.relation, member.left_on) == (cast.branch_a, Relation.HERE, None)
    with unscoped("a test looks"):
        assert Membership.objects.filter(member=member).count() == 2


def test_somebody_who_was_expelled_comes_back_only_by_joining_anew(cast, secretary, roster, today):
    left(roster.sibling_1, LeavingReason.EXPELLED, "2020-03-01")
    facts = {"id_number": roster.sibling_1.id_number, "name": "冯涛"}
    assert refused(cast, today, secretary, facts=facts).code == "needs_transfer"
    anew = {"entry": Entry.ADMITTED, "formal_on": None}
    assert refused(cast, today, secretary, facts=facts, joined_on=DAY("2020-02-29"), **anew).code == "needs_transfer"
    member = registered(cast, today, secretary, facts=facts, joined_on=DAY("2026-10-08"), **anew)
    assert member.relation == Relation.HERE


def test_nobody_works_in_a_firm_that_has_left_the_park(cast, officer, today):
    from apps.enterprises.kinds import Status
    from apps.enterprises.services import change_status

    change_status(
        enterprise=cast.enterprise_a, status=Status.MOVED_OUT, on=DAY("2026-10-01"), today=today, actor=officer
    )
    assert refused(cast, today, officer).code == "employer_left"
    assert registered(cast, today, officer, enterprise=None).employer is None


def test_the_trail_tells_of_the_registration_without_the_number(cast, secretary, today):
    member = registered(cast, today, secretary)
    entry = AuditEntry.objects.get(action="member.registered")
    assert member.name in entry.summary
    assert NUMBER not in entry.summary + str(entry.data)
    assert "13912345678" not in entry.summary + str(entry.data)


def test_a_new_name_brings_new_initials_unless_others_are_typed(cast, secretary, roster, today):
    member = roster.worker_a1
    changed = change_member(member=member, facts={"name": "单一鸣"}, today=today, actor=secretary)
    assert changed.initials == "dym"
    changed = change_member(member=member, facts={"name": "单一明", "initials": "SYM"}, today=today, actor=secretary)
    assert changed.initials == "sym"
    changed = change_member(member=member, facts={"name": "单一名", "initials": "sym"}, today=today, actor=secretary)
    assert changed.initials == "dym"


def test_names_keep_their_middle_dot_and_rare_characters(cast, secretary, roster, today):
    for name in ("买买提·吐尔逊", "𠮷田龘"):
        assert change_member(member=roster.worker_a1, facts={"name": name}, today=today, actor=secretary).name == name


def test_the_second_of_two_editors_sees_both_values_and_nothing_that_is_masked(cast, secretary, roster, today):
    member = roster.worker_a1
    change_member(member=member, facts={"position": "车间主任"}, version=1, today=today, actor=secretary)
    facts = {"position": "班组长", "address": "新地址某某路 1 号", "phone": "13900000000"}
    with pytest.raises(Conflict) as caught:
        change_member(member=member, facts=facts, version=1, today=today, actor=secretary)
    assert caught.value.rows == [("工作岗位（职务）", "车间主任", "班组长")]


def test_a_number_is_corrected_but_never_taken_away_or_taken_from_somebody_else(cast, secretary, roster, today):
    member, born = roster.worker_a1, roster.worker_a1.born_on
    with pytest.raises(DomainError, match="不能清空"):
        change_member(member=member, facts={"id_number": ""}, today=today, actor=secretary)
    with pytest.raises(DomainError) as caught:
        change_member(member=member, facts={"id_number": roster.worker_a2.id_number, "born_on": None, "sex": "0"},
                      today=today, actor=secretary)  # fmt: skip
    assert caught.value.code == "known"
    right = make_id_number("210602", born, 901)
    changed = change_member(member=member, facts={"id_number": right}, today=today, actor=secretary)
    with unscoped("a test looks"):
        assert Member.objects.get(pk=changed.pk).id_number == right


def test_contacts_are_kept_sealed(cast, secretary, roster, today):
    facts = {"phone": "139 1111 2222", "address": "锦山大街 8 号"}
    change_member(member=roster.worker_a1, facts=facts, today=today, actor=secretary)
    fresh = Member.objects.get(pk=roster.worker_a1.pk)
    assert (fresh.phone, fresh.address) == ("13911112222", "锦山大街 8 号")
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone_sealed FROM members_member WHERE id = %s", [fresh.pk])
        assert b"13911112222" not in bytes(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_two_registrations_of_one_number_at_once_give_one_member_and_one_sentence(cast, today):
    """One branch each: the second one waits for the first and is told that a transfer is needed."""

    def register(org: PartyOrg, actor: Any) -> Member:
        with cast.within(org):
            return registered(cast, today, actor, org=org, enterprise=None)

    people = [(cast.branch_a, cast.users.secretary_a), (cast.branch_b, cast.users.secretary_b)]
    outcomes = at_once(*(partial(register, *each) for each in people))
    assert [each.code for each in outcomes if isinstance(each, DomainError)] == ["needs_transfer"]
    with unscoped("a test counts"):
        assert Member.objects.with_id_number(NUMBER).count() == 1


class TestSomebodyWhoHasLeftThePortal:
    """One row for a person; it is not taken over by whoever types the number."""

    @pytest.fixture
    def gone(self, cast: Cast, roster: Any, officer: Any, today: Any) -> Member:
        with unscoped("test"):
            row = roster.worker_a1
            Membership.objects.filter(member=row, until=None).update(until=DAY("2026-10-05"), exit="transferred")
            Member.objects.filter(pk=row.pk).update(
                relation=Relation.LEFT, left_on=DAY("2026-10-05"), leaving_reason=LeavingReason.TRANSFERRED
            )
            return Member.objects.get(pk=row.pk)

    def test_another_name_is_refused(self, cast: Cast, gone: Member, today: Any, officer: Any) -> None:
        error = refused(cast, today, officer, facts={"name": "别人", "id_number": gone.id_number})
        assert error.code == "name_disagrees"
        assert gone.name not in error.message

    def test_the_same_name_comes_back_with_the_same_row(self, cast: Cast, gone: Member, today: Any, officer: Any) -> None:
        back = registered(cast, today, officer, facts={"name": gone.name, "id_number": gone.id_number},
                          joined_on=gone.joined_on, formal_on=gone.formal_on)  # fmt: skip
        assert (back.pk, back.relation) == (gone.pk, Relation.HERE)
