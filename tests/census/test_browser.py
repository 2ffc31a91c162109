"""The person's path on a phone: a quarter's answer in a real browser at 390 px, with and without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest

from apps.census.models import CensusRound
from tests.browsing import PHONE, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SMALL_TARGETS = """[...document.querySelectorAll('main .btn, main .form-control, main .form-select, main .choice-tiles label')]
  .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.outerHTML.slice(0, 80))"""


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def secretary(request: pytest.FixtureRequest, visit: Any, census_round: CensusRound) -> Person:
    person: Person = visit("secretary_a", PHONE, scripts=request.param)
    return person


def test_a_quarter_without_change_is_one_press(secretary: Person, cast: Any, return_of: Any) -> None:
    secretary.go("/census/mine/").press("走访").sees("已上报：本季无变化")
    row = return_of(cast.enterprise_a)
    assert (row.state, row.method, row.no_change) == ("submitted", "visit", True)


def test_a_changed_number_goes_through_the_form_with_large_targets(
    secretary: Person, cast: Any, return_of: Any
) -> None:  # fmt: skip
    secretary.go(f"/census/returns/{return_of(cast.enterprise_a).pk}/fill/").sees("需要您填 1 项：摸排方式")
    assert secretary.page.evaluate(SMALL_TARGETS) == []
    secretary.fill(method="电话", staff="118").press("上报").sees("的摸底表已上报")
    row = return_of(cast.enterprise_a)
    assert (row.state, row.staff, row.no_change) == ("submitted", 118, False)


def test_a_draft_is_kept_on_the_server(secretary: Person, cast: Any, return_of: Any) -> None:
    path = f"/census/returns/{return_of(cast.enterprise_a).pk}/fill/"
    secretary.go(path).fill(staff="131").press("存草稿").sees("草稿已保存").go(path)
    assert secretary.page.input_value("input[name=staff]") == "131"
