"""来访党员: found by card and name, seen by both branches."""

from __future__ import annotations

import pytest

from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.members.models import Member, Visitor
from apps.members.services.visitors import card_holder, register_visitor, remove_visitors

CARD = "DYZ-0001"


@pytest.fixture
def holder(roster):
    with unscoped("fixture"):
        Member.objects.filter(pk=roster.sibling_1.pk).update(card_number=CARD)
    return roster.sibling_1


@pytest.fixture
def visit(cast, secretary, today):
    def run(**facts):
        return register_visitor(
            org=cast.branch_a, today=today, actor=secretary,
            facts={"name": "冯涛", "card_number": CARD, "on": today, "purpose": "主题党日", **facts},
        )  # fmt: skip

    return run


def test_both_branches_see_the_visit_of_a_member_of_the_portal(cast, holder, visit):
    row = visit()
    assert (row.member, row.other_org) == (holder, cast.sibling_branch)
    for org, seen in ((cast.sibling_branch, True), (cast.branch_a, True), (cast.branch_b, False)):
        with cast.within(org):
            assert Visitor.objects.filter(pk=row.pk).exists() is seen


def test_the_card_of_another_name_finds_nobody(holder, visit, today):
    with pytest.raises(DomainError) as refused:
        visit(name="冯海")
    assert refused.value.field == "home_text"
    row = visit(name="冯海", home_text="中共沈阳市某支部")
    assert (row.member, row.other_org) == (None, None)


def test_two_members_with_one_card_number_are_nobody(roster, holder):
    with unscoped("fixture"):
        Member.objects.filter(pk=roster.sibling_2.pk).update(card_number=CARD, name="冯涛")
    assert card_holder("冯涛", CARD) is None
    assert card_holder("冯涛", "") is None


def test_the_own_members_are_no_visitors(roster, visit, secretary):
    Member.objects.filter(pk=roster.worker_a1.pk).update(card_number=CARD)
    with pytest.raises(DomainError) as refused:
        visit(name="陈一鸣")
    assert refused.value.code == "own_member"


def test_a_visit_entered_by_mistake_is_taken_back(holder, visit, secretary):
    remove_visitors(visitors=[visit()], actor=secretary)
    assert not Visitor.objects.exists()
