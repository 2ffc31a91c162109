"""来访党员 are found by what they say at the door, and nothing more is told of them."""

from __future__ import annotations

import pytest

from apps.activities.services.visitors import find_visitors, visitors_named
from apps.core.errors import DomainError
from apps.members.kinds import Relation
from apps.members.models import Member

pytestmark = pytest.mark.django_db


def test_the_whole_name_finds_somebody_of_another_park(cast, roster, secretary):
    assert find_visitors(" 冯涛 ") == [(roster.sibling_1.pk, "冯涛", "丁公司党支部")]


@pytest.mark.parametrize("text", ["冯", "ft", "", "  ", "210602"])
def test_a_part_of_a_name_initials_and_numbers_find_nobody(cast, roster, secretary, text):
    assert find_visitors(text) == []


def test_of_two_people_of_one_name_both_are_offered_and_the_card_tells_them_apart(cast, roster, secretary):
    with cast.within(cast.authority):
        Member.objects.filter(pk=roster.sibling_2.pk).update(name="冯涛", card_number="D210600123")
    assert {found.pk for found in find_visitors("冯涛")} == {roster.sibling_1.pk, roster.sibling_2.pk}
    assert [found.pk for found in find_visitors("冯涛", "D210600123")] == [roster.sibling_2.pk]


def test_somebody_who_has_left_is_not_offered(cast, roster, secretary):
    with cast.within(cast.authority):
        Member.objects.filter(pk=roster.sibling_1.pk).update(relation=Relation.LEFT, left_on="2026-01-01")
    assert find_visitors("冯涛") == []


def test_an_id_alone_opens_nobodys_name(cast, roster, secretary):
    pk = roster.sibling_1.pk
    assert visitors_named([(pk, "冯涛")]) == [roster.sibling_1]
    for name in ("", "卫国"):
        with pytest.raises(DomainError, match="没有找到来访党员"):
            visitors_named([(pk, name)])
