"""合理化建议: proposed, taken up or declined, and what came of it, counted."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from apps.activities.kinds import SuggestionState
from apps.activities.models import Suggestion
from apps.activities.rules.pioneers import SUGGESTION_STEPS, adoption_rate, may_become
from apps.activities.services.suggestions import answer_suggestion, change_suggestion, propose, tell_effect
from apps.core.errors import Conflict, DomainError
from tests.activities.conftest import TODAY

D = datetime.date.fromisoformat
DAY = datetime.timedelta(days=1)


@pytest.fixture
def proposed(cast, roster, today, officer):
    def now(content="改进夹具", member=roster.worker_a1, proposer="", **facts):
        given = {"content": content, "proposed_on": D("2026-03-01"), "enterprise": cast.enterprise_a, **facts}
        return propose(org=cast.branch_a, facts=given, today=today, actor=officer, member=member, proposer=proposer)

    return now


@pytest.fixture
def answer(today, officer):
    def now(row, adopted=True, on=TODAY, text="同意", **more):
        return answer_suggestion(
            suggestion=row, adopted=adopted, on=on, answer=text, today=today, actor=officer, **more
        )

    return now


def test_a_member_or_somebody_named_proposes_and_one_suggestion_is_registered_once(proposed):
    assert proposed().proposer == "陈一鸣"
    assert proposed(member=None, proposer="职工老李").member is None
    with pytest.raises(DomainError) as caught:
        proposed()
    assert caught.value.code == "known"


@pytest.mark.parametrize(
    ("facts", "field"),
    [({"proposed_on": TODAY + DAY}, "proposed_on"), ({"content": ""}, "content"), ({"member": None}, "proposer")],
)
def test_what_does_not_fit_is_said_at_its_field(proposed, facts, field):
    with pytest.raises(DomainError) as caught:
        proposed(**facts)
    assert caught.value.field == field


def test_an_enterprise_of_another_park_is_refused(proposed, cast):
    with pytest.raises(DomainError) as caught:
        proposed(enterprise=cast.enterprise_sibling)
    assert caught.value.field == "enterprise"


def test_it_is_taken_up_and_then_tells_what_it_brought(proposed, answer, officer):
    row = answer(proposed())
    assert (row.state, row.decided_on) == ("adopted", TODAY)
    told = tell_effect(suggestion=row, effect="节省工时", benefit=Decimal("12.5"), actor=officer)
    assert told.state == SuggestionState.EFFECTIVE
    again = tell_effect(suggestion=told, effect="节省工时一成", benefit=Decimal("20"), actor=officer)
    assert again.benefit == 20
    for benefit, effect in ((Decimal("-0.01"), "负"), (None, " ")):
        with pytest.raises(DomainError):
            tell_effect(suggestion=again, effect=effect, benefit=benefit, actor=officer)


def test_what_was_declined_says_why_and_may_be_taken_up_later(proposed, answer, officer):
    row = proposed()
    with pytest.raises(DomainError) as caught:
        answer(row, adopted=False, text=" ")
    assert caught.value.field == "answer"
    declined = answer(row, adopted=False, text="成本过高")
    with pytest.raises(Conflict):
        tell_effect(suggestion=declined, effect="无", benefit=None, actor=officer)
    assert answer(declined).state == SuggestionState.ADOPTED


def test_an_answer_is_given_once_and_not_before_the_suggestion(proposed, answer, officer, today):
    row = proposed()
    with pytest.raises(DomainError) as caught:
        answer(row, on=D("2026-02-28"))
    assert caught.value.code == "out_of_order"
    answered = answer(row)
    for again in (lambda: answer(answered), lambda: answer(answered, adopted=False)):
        with pytest.raises(Conflict):
            again()
    with pytest.raises(Conflict):
        change_suggestion(suggestion=answered, facts={"content": "别的"}, today=today, actor=officer)


def test_every_state_has_its_steps():
    assert set(SUGGESTION_STEPS) == set(SuggestionState)
    assert not may_become(SuggestionState.PROPOSED, SuggestionState.EFFECTIVE)


def test_the_counters_count_adopted_with_and_without_effect_and_sum_the_benefit(proposed, answer, officer):
    assert Suggestion.objects.counted() == {"proposed": 0, "adopted": 0, "benefit": None}
    rows = [proposed(f"建议{n}") for n in range(4)]
    answer(rows[0])
    answer(rows[1], adopted=False, text="不可行")
    tell_effect(suggestion=answer(rows[2]), effect="省电", benefit=Decimal("3.20"), actor=officer)
    assert Suggestion.objects.counted() == {"proposed": 4, "adopted": 2, "benefit": Decimal("3.20")}


@pytest.mark.parametrize(("proposed", "adopted", "rate"), [(0, 0, None), (4, 2, "0.5"), (3, 3, "1"), (5, 0, "0")])
def test_the_rate_of_nothing_is_nothing(proposed, adopted, rate):
    assert adoption_rate(proposed, adopted) == (Decimal(rate) if rate else None)
