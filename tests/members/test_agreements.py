"""双重管理协议: with whom one is signed, what each side learns, and how it ends."""

from __future__ import annotations

import datetime

import pytest

from apps.core.codes import make_id_number
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.parameters import set_parameter
from apps.core.scoping import unscoped
from apps.members.kinds import LeavingReason, Relation
from apps.members.models import DualAgreement, Member
from apps.members.rules.mobile import AgreementState
from apps.members.services.agreements import (
    change_agreement,
    end_agreement,
    renew_agreement,
    sign_agreement,
    sign_agreement_with,
)
from apps.members.services.leaving import leave
from apps.members.services.ties import settle_ties

SINCE = datetime.date(2026, 10, 1)
STRANGER = {"name": "欧阳春", "id_number": make_id_number("210681", datetime.date(1990, 1, 1), 123)}


@pytest.fixture
def sign(cast, secretary, today):
    """Sign with a person named by name and number, as the secretary of branch_a."""

    def run(name, id_number, **given):
        facts = {"home_text": "中共沈阳市某支部", "contact_name": "王书记", **given.pop("facts", {})}
        return sign_agreement_with(
            name=name, id_number=id_number, facts=facts, today=today, actor=secretary,
            **{"org": cast.branch_a, "enterprise": cast.enterprise_a, "since": SINCE, **given},
        )  # fmt: skip

    return run


def test_somebody_unknown_is_registered_with_the_relation_elsewhere(cast, sign):
    agreement = sign(**STRANGER)
    member = agreement.member
    assert (member.relation, member.org, member.employer) == (Relation.ELSEWHERE, cast.branch_a, cast.enterprise_a)
    assert (agreement.other_org, agreement.home_text) == (None, "中共沈阳市某支部")
    assert (agreement.since, agreement.until, agreement.signed_on) == (SINCE, datetime.date(2027, 10, 1), SINCE)
    assert Member.objects.with_id_number(STRANGER["id_number"]).get() == member


def test_a_member_of_another_branch_is_linked_and_the_branch_not_revealed(cast, roster, sign):
    agreement = sign("韩梅梅", roster.worker_elsewhere.id_number, facts={"home_text": "她说的那个支部"})
    assert agreement.member == roster.worker_elsewhere
    assert agreement.other_org == cast.sibling_branch
    assert agreement.home_text == "她说的那个支部"
    with unscoped("test"):
        said = AuditEntry.objects.get(action="dual_agreement.signed").summary
        assert Member.objects.get(pk=agreement.member_id).org == cast.sibling_branch
    assert "丁公司" not in said
    with cast.within(cast.sibling_branch):
        assert DualAgreement.objects.get() == agreement
    with cast.within(cast.branch_b):
        assert not DualAgreement.objects.exists()


@pytest.mark.parametrize(
    ("name", "number", "code"),
    [
        ("韩雷雷", "worker_elsewhere", "name_disagrees"),
        ("陈一鸣", "worker_a1", "own_member"),
        ("韩梅梅", "210681199001011230", "check_digit"),
    ],
)
def test_a_wrong_name_an_own_member_and_a_wrong_number_are_refused(roster, sign, name, number, code):
    typed = getattr(roster, number).id_number if hasattr(roster, number) else number
    with pytest.raises(DomainError) as refused:
        sign(name, typed)
    assert refused.value.code == code
    assert typed not in refused.value.message
    assert "丁公司" not in refused.value.message
    assert not DualAgreement.objects.exists()


def test_somebody_bound_by_another_agreement_is_refused_until_that_ends(cast, sign, today):
    first = sign(**STRANGER)
    with cast.within(cast.branch_b):
        again = {"org": cast.branch_b, "enterprise": cast.enterprise_b, "facts": {"home_text": "沈阳"}}
        common = {**STRANGER, **again, "since": today, "today": today, "actor": cast.users.secretary_b}
        with pytest.raises(DomainError) as refused:
            sign_agreement_with(**common)
        assert refused.value.code == "bound_elsewhere"
    with cast.within(cast.branch_a):
        end_agreement(agreement=first, on=today, reason="离开企业", today=today, actor=cast.users.secretary_a)
    with cast.within(cast.branch_b):
        taken = sign_agreement_with(**common)
        assert (taken.member.org, taken.member.employer) == (cast.branch_b, cast.enterprise_b)


def test_who_left_the_portal_by_transfer_comes_back_as_a_guest(cast, roster, sign, today):
    with cast.within(cast.sibling_org):
        leave(member=roster.sibling_1, reason=LeavingReason.MISTAKEN, on=today, today=today,
              actor=cast.users.authority_officer)  # fmt: skip
    agreement = sign("冯涛", roster.sibling_1.id_number)
    assert (agreement.member_id, agreement.member.relation) == (roster.sibling_1.pk, Relation.ELSEWHERE)


def test_the_length_of_an_agreement_is_the_places_own(cast, sign, today):
    set_parameter(code="members.agreement_months", value=24, since=SINCE, source="园区文件",
                  org_path=cast.park_org.path, actor=cast.users.park_officer)  # fmt: skip
    assert sign(**STRANGER).until == datetime.date(2028, 10, 1)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"since": datetime.date(2026, 11, 23)}, "since"),
        ({"until": SINCE}, "until"),
        ({"facts": {"signed_on": datetime.date(2026, 11, 23)}}, "signed_on"),
        ({"facts": {"home_text": ""}}, "home_text"),
        ({"enterprise": None}, "enterprise"),
    ],
)
def test_days_to_come_and_blanks_are_refused(sign, given, field):
    with pytest.raises(DomainError) as refused:
        sign(**STRANGER, **given)
    assert refused.value.field == field
    assert not Member.objects.filter(name="欧阳春").exists(), "nobody is registered without the agreement"


def test_two_agreements_of_one_person_with_one_branch_do_not_overlap(cast, sign, secretary, today):
    first = sign(**STRANGER)
    with pytest.raises(DomainError, match="已有双重管理协议"):
        sign(**STRANGER, since=today)
    following = renew_agreement(agreement=first, since=first.until, signed_on=today, today=today, actor=secretary)
    assert (following.since, following.until) == (first.until, datetime.date(2028, 10, 1))
    assert (following.home_text, following.contact_name) == (first.home_text, first.contact_name)
    with pytest.raises(DomainError) as refused:
        renew_agreement(agreement=first, since=today, signed_on=today, today=today, actor=secretary)
    assert refused.value.code == "overlap"


def test_an_early_end_needs_a_reason_and_a_day_within(cast, sign, secretary, today):
    agreement = sign(**STRANGER)
    for on, reason, code in ((today, " ", "reason_needed"), (SINCE, "离职", "not_in_force")):
        with pytest.raises(DomainError) as refused:
            end_agreement(agreement=agreement, on=on, reason=reason, today=today, actor=secretary)
        assert refused.value.code == code
    ended = end_agreement(agreement=agreement, on=today, reason="离职", today=today, actor=secretary)
    assert (ended.until, ended.ended_reason, ended.version) == (today, "离职", 2)
    states = {state: DualAgreement.objects.in_state(state, today, notice_days=30).count() for state in AgreementState}
    assert states[AgreementState.ENDED] == 1
    assert sum(states.values()) == 1


def test_the_other_side_sees_an_agreement_and_changes_nothing(cast, roster, sign, today):
    agreement = sign("韩梅梅", roster.worker_elsewhere.id_number)
    with cast.within(cast.sibling_branch):
        for act in (
            lambda: end_agreement(agreement=agreement, on=today, reason="x", today=today, actor=None),
            lambda: change_agreement(agreement=agreement, facts={"note": "x"}, today=today, actor=None),
            lambda: renew_agreement(
                agreement=agreement, since=agreement.until, signed_on=today, today=today, actor=None
            ),
        ):
            with pytest.raises(DomainError) as refused:
                act()
            assert refused.value.code == "not_yours"


def test_an_agreement_into_a_closed_period_is_a_conflict(sign, closed_until):
    closed_until(datetime.date(2026, 11, 1))
    with pytest.raises(Conflict):
        sign(**STRANGER)
    assert sign(**STRANGER, since=datetime.date(2026, 11, 1))


def test_the_second_of_two_editors_sees_both_values(sign, secretary, today):
    agreement = sign(**STRANGER)
    change_agreement(agreement=agreement, facts={"note": "甲"}, today=today, actor=secretary, version=1)
    with pytest.raises(Conflict) as refused:
        change_agreement(agreement=agreement, facts={"note": "乙"}, today=today, actor=secretary, version=1)
    assert refused.value.rows == [("备注", "甲", "乙")]


def test_the_relation_arriving_here_ends_the_agreement(cast, roster, sign, secretary, today):
    agreement = sign("韩梅梅", roster.worker_elsewhere.id_number)
    member = roster.worker_elsewhere
    with unscoped("test"):
        member.org = cast.branch_a
        member.save()
    settle_ties(member, on=today)
    agreement.refresh_from_db()
    assert (agreement.until, agreement.ended_reason) == (today, "组织关系已转入")


def test_the_relation_moving_on_elsewhere_is_seen_from_the_new_home(cast, roster, sign, today):
    agreement = sign("韩梅梅", roster.worker_elsewhere.id_number)
    member = roster.worker_elsewhere
    with unscoped("test"):
        member.org = cast.branch_b
        member.save()
    settle_ties(member, on=today)
    with cast.within(cast.branch_b):
        assert DualAgreement.objects.get() == agreement
    with cast.within(cast.sibling_branch):
        assert not DualAgreement.objects.exists()


def test_an_officer_signs_with_a_member_of_another_branch_of_the_park(cast, roster, officer, today):
    agreement = sign_agreement(
        member=roster.worker_b1, org=cast.branch_a, facts={}, since=today, today=today, actor=officer
    )
    assert agreement.other_org == cast.branch_b
    with pytest.raises(DomainError) as refused:
        sign_agreement(member=roster.worker_a1, org=cast.branch_a, facts={}, since=today, today=today, actor=officer)
    assert refused.value.code == "own_member"


@pytest.mark.parametrize("org", ["authority", "group_a"])
def test_a_department_and_a_group_look_after_nobody(cast, roster, today, org):
    with cast.within(cast.authority), pytest.raises(DomainError) as refused:
        sign_agreement(member=roster.worker_b1, org=getattr(cast, org), facts={}, since=today, today=today, actor=None)
    assert refused.value.code == "looks_after_nobody"
