"""两个覆盖 by pure rules: the answers that every report must agree with."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.branches.rules import MIN_FORMAL_MEMBERS
from apps.coverage import rules
from apps.coverage.rules import EnterpriseFacts, Exclusion, Place, Step
from apps.enterprises.kinds import Form, Status

DEFINITIONS = rules.built_in_definitions(min_staff=10, focus_staff=100, attention_staff=50)
DEFAULT = DEFINITIONS["2026-1"]
AFFILIATED = DEFINITIONS["2026-1-affiliated"]
OPERATING = DEFINITIONS["2026-1-operating"]

ORDINARY = EnterpriseFacts(staff=20)
FACTS = st.builds(
    EnterpriseFacts,
    status=st.sampled_from(list(Status)),
    has_premises=st.booleans(),
    has_operations=st.booleans(),
    staff=st.integers(0, 150),
    formal_members=st.integers(0, 6),
    forms=st.frozensets(st.sampled_from(list(Form)), max_size=3),
    has_instructor=st.booleans(),
    has_mass_organisation=st.booleans(),
    surveyed=st.booleans(),
)


def with_(**changes):
    return dataclasses.replace(ORDINARY, **changes)


class TestDefinitions:
    def test_four_are_shipped_and_the_first_is_three_have_without_affiliated(self):
        assert list(DEFINITIONS) == [
            "2026-1", "2026-1-affiliated", "2026-1-operating", "2026-1-operating-affiliated",
        ]  # fmt: skip
        assert {code: (d.denominator, Form.AFFILIATED in d.counted_forms) for code, d in DEFINITIONS.items()} == {
            "2026-1": ("three_have", False),
            "2026-1-affiliated": ("three_have", True),
            "2026-1-operating": ("operating", False),
            "2026-1-operating-affiliated": ("operating", True),
        }

    @pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=DEFINITIONS)
    def test_every_definition_counts_single_and_joint(self, definition):
        assert {Form.SINGLE, Form.JOINT} <= definition.counted_forms

    def test_a_definition_describes_itself(self):
        assert "“三有”企业（有固定经营场所、10名以上职工、有生产经营活动；尚未摸底的不计）" in DEFAULT.describe()
        assert "挂靠组建" not in DEFAULT.describe()
        for definition in DEFINITIONS.values():
            assert ("尚未摸底" in definition.describe()) == (definition.denominator == "three_have")
        assert "全部在营企业" in OPERATING.describe()
        assert "单独组建、联合组建、挂靠组建" in AFFILIATED.describe()


class TestDenominator:
    @pytest.mark.parametrize(
        ("status", "reason"),
        [
            (Status.OPERATING, None),
            (Status.MOVED_OUT, Exclusion.MOVED_OUT),
            (Status.CANCELLED, Exclusion.CANCELLED),
            (Status.REVOKED, Exclusion.CANCELLED),
            (Status.SUSPENDED, Exclusion.SUSPENDED),
            (Status.PREPARING, Exclusion.PREPARING),
        ],
    )
    @pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=DEFINITIONS)
    def test_only_operating_enterprises_are_in_it(self, status, reason, definition):
        assert rules.exclusion(with_(status=status), definition) is reason

    @pytest.mark.parametrize(
        ("staff", "reason"),
        [
            (DEFAULT.min_staff - 1, Exclusion.TOO_FEW_STAFF),
            (DEFAULT.min_staff, None),
            (DEFAULT.min_staff + 1, None),
        ],
    )
    def test_three_have_wants_ten_people_and_operating_does_not(self, staff, reason):
        assert rules.exclusion(with_(staff=staff), DEFAULT) is reason
        assert rules.exclusion(with_(staff=staff), OPERATING) is None

    def test_three_have_wants_premises_and_operations(self):
        assert rules.exclusion(with_(has_premises=False), DEFAULT) is Exclusion.NO_PREMISES
        assert rules.exclusion(with_(has_operations=False), DEFAULT) is Exclusion.NO_OPERATIONS
        assert rules.exclusion(with_(has_premises=False), OPERATING) is None
        assert rules.exclusion(with_(has_operations=False), OPERATING) is None

    @pytest.mark.parametrize("definition", DEFINITIONS.values(), ids=DEFINITIONS)
    @pytest.mark.parametrize(("staff", "shell"), [(0, True), (1, False)])
    def test_a_shell_without_staff_and_operations_is_in_no_denominator(self, definition, staff, shell):
        reason = rules.exclusion(with_(staff=staff, has_operations=False), definition)
        assert (reason is Exclusion.SHELL) is shell

    @pytest.mark.parametrize("staff", [0, 1, DEFAULT.min_staff])
    @pytest.mark.parametrize("has", [True, False])
    def test_before_anybody_has_looked_no_lack_of_the_three_is_said(self, staff, has):
        facts = with_(surveyed=False, staff=staff, has_premises=has)
        assert rules.exclusion(facts, DEFAULT) is Exclusion.NOT_SURVEYED
        assert rules.exclusion(facts, OPERATING) is None

    @pytest.mark.parametrize(("surveyed", "three_have", "operating"), [
        (False, Exclusion.NOT_SURVEYED, None), (True, Exclusion.TOO_FEW_STAFF, None),
    ])  # fmt: skip
    def test_a_survey_that_finds_no_staff_is_a_lack_of_staff(self, surveyed, three_have, operating):
        facts = with_(staff=0, surveyed=surveyed)
        assert rules.exclusion(facts, DEFAULT) is three_have
        assert rules.exclusion(facts, OPERATING) is operating

    @pytest.mark.parametrize("status", list(rules.EXCLUDED_STATUSES))
    def test_a_status_is_known_without_a_survey(self, status):
        found = rules.exclusion(with_(status=status, surveyed=False, staff=0), DEFAULT)
        assert found is rules.EXCLUDED_STATUSES[status]

    def test_the_first_lack_is_the_reason(self):
        facts = with_(has_premises=False, staff=3, has_operations=False)
        assert rules.exclusion(facts, DEFAULT) is Exclusion.NO_PREMISES


class TestCoverage:
    @pytest.mark.parametrize("form", list(Form))
    def test_every_form_but_affiliation_counts_by_default(self, form):
        found = rules.classify(with_(forms=frozenset({form})), DEFAULT)
        assert found.organisation_covered is (form is not Form.AFFILIATED)
        assert found.single_built is (form is Form.SINGLE)
        assert rules.classify(with_(forms=frozenset({form})), AFFILIATED).organisation_covered

    def test_an_enterprise_covered_twice_is_covered_once(self):
        facts = with_(forms=frozenset({Form.SINGLE, Form.INDUSTRY}))
        assert rules.total([rules.classify(facts, DEFAULT)]).organisation_covered == 1

    @pytest.mark.parametrize("means", ["has_instructor", "has_mass_organisation"])
    def test_work_is_covered_by_an_instructor_or_a_mass_organisation_too(self, means):
        found = rules.classify(with_(**{means: True}), DEFAULT)
        assert (found.organisation_covered, found.work_covered, found.uncovered) == (False, True, False)

    def test_without_any_of_them_it_is_uncovered(self):
        assert rules.classify(ORDINARY, DEFAULT).uncovered

    @pytest.mark.parametrize(
        ("formal", "should_join", "should_build"),
        [
            (0, False, False),
            (1, True, False),
            (MIN_FORMAL_MEMBERS - 1, True, False),
            (MIN_FORMAL_MEMBERS, False, True),
            (MIN_FORMAL_MEMBERS + 1, False, True),
        ],
    )
    def test_members_decide_what_should_be_built(self, formal, should_join, should_build):
        found = rules.classify(with_(formal_members=formal), DEFAULT)
        assert (found.should_join, found.should_build) == (should_join, should_build)

    def test_a_joint_branch_ends_should_join_but_not_should_build(self):
        joint = frozenset({Form.JOINT})
        assert not rules.classify(with_(formal_members=2, forms=joint), DEFAULT).should_join
        assert rules.classify(with_(formal_members=3, forms=joint), DEFAULT).should_build
        assert not rules.classify(with_(formal_members=3, forms=frozenset({Form.SINGLE})), DEFAULT).should_build

    @pytest.mark.parametrize(
        ("staff", "attention", "focus"),
        [
            (49, False, False),
            (50, True, False),
            (51, True, False),
            (99, True, False),
            (100, True, True),
            (101, True, True),
        ],
    )
    def test_staff_put_an_enterprise_in_focus(self, staff, attention, focus):
        found = rules.classify(with_(staff=staff), DEFAULT)
        assert (found.attention, found.focus) == (attention, focus)

    @given(FACTS, st.sampled_from(list(DEFINITIONS.values())))
    def test_any_facts_get_a_consistent_answer(self, facts, definition):
        found = rules.classify(facts, definition)
        assert found.in_denominator is (found.excluded_reason is None)
        if not found.in_denominator:
            assert found == rules.Classification(False, found.excluded_reason)
        else:
            assert found.uncovered is not found.work_covered
            assert not (found.organisation_covered and not found.work_covered)
            assert not (found.single_built and not found.organisation_covered)
            assert not (found.should_build and found.should_join)
            assert not (found.focus and not found.attention)

    @given(FACTS)
    def test_counting_affiliation_or_fewer_exclusions_never_lowers_a_count(self, facts):
        default, affiliated, operating = (rules.classify(facts, d) for d in (DEFAULT, AFFILIATED, OPERATING))
        assert default.organisation_covered <= affiliated.organisation_covered
        assert default.in_denominator <= operating.in_denominator


class TestRates:
    @pytest.mark.parametrize(
        ("numerator", "denominator", "expected"),
        [
            (0, 0, None),
            (5, 0, None),
            (0, 7, "0.0000"),
            (7, 7, "1.0000"),
            (1, 3, "0.3333"),
            (2, 3, "0.6667"),
            (1, 20000, "0.0001"),
            (1, 20001, "0.0000"),
            (30, 37, "0.8108"),
            (811, 1000, "0.8110"),
        ],
    )
    def test_a_rate_is_rounded_half_up_to_four_places(self, numerator, denominator, expected):
        found = rules.rate(numerator, denominator)
        assert found == (None if expected is None else Decimal(expected))
        assert found is None or str(found) == expected

    @pytest.mark.parametrize(("added", "expected"), [(0, "0.7500"), (1, "0.8333"), (3, "1.0000"), (4, "1.0000")])
    def test_the_simulator_adds_to_the_numerator_alone(self, added, expected):
        assert str(rules.what_if(9, 12, added)) == expected

    def test_the_simulator_of_nothing_has_no_rate(self):
        assert rules.what_if(0, 0, 5) is None

    def test_totals_count_each_figure_over_its_own_denominator(self):
        single, joint = frozenset({Form.SINGLE}), frozenset({Form.JOINT})
        facts = [
            with_(staff=120, formal_members=5, forms=single),
            with_(staff=60, formal_members=4, forms=joint),
            with_(staff=20, formal_members=1),
            with_(staff=20, has_instructor=True),
            with_(staff=5),
            with_(status=Status.MOVED_OUT),
        ]
        found = rules.total(rules.classify(one, DEFAULT) for one in facts)
        assert (found.enterprises, dict(found.excluded)) == (4, {Exclusion.TOO_FEW_STAFF: 1, Exclusion.MOVED_OUT: 1})
        assert (found.organisation_covered, found.work_covered, found.uncovered) == (2, 3, 1)
        assert (found.should_build, found.should_join) == (1, 1)
        assert [found.organisation_rate, found.work_rate, found.single_rate] == [
            Decimal("0.5"), Decimal("0.75"), Decimal("0.25"),
        ]  # fmt: skip
        assert (found.focus_single_rate, found.attention_single_rate) == (1, Decimal("0.5"))

    def test_nothing_has_no_rates(self):
        found = rules.total([])
        assert (found.enterprises, found.organisation_rate, found.focus_single_rate) == (0, None, None)


class TestGap:
    @pytest.mark.parametrize(
        ("formal", "step"),
        [
            (0, Step.SEND),
            (1, Step.JOIN),
            (MIN_FORMAL_MEMBERS - 1, Step.JOIN),
            (MIN_FORMAL_MEMBERS, Step.BUILD),
            (MIN_FORMAL_MEMBERS + 1, Step.BUILD),
        ],
    )
    def test_the_cheapest_legal_step_follows_from_the_members(self, formal, step):
        assert rules.cheapest_step(with_(formal_members=formal), DEFAULT) is step
        assert rules.STEP_BASIS[step].rule_id in {"ZB-01", "ZB-03", "FG-02"}

    def test_no_step_where_no_gap_is(self):
        assert rules.cheapest_step(with_(forms=frozenset({Form.JOINT}), formal_members=2), DEFAULT) is None
        assert rules.cheapest_step(with_(status=Status.SUSPENDED, formal_members=9), DEFAULT) is None
        assert rules.cheapest_step(with_(has_instructor=True), DEFAULT) is None

    @given(FACTS, st.sampled_from(list(DEFINITIONS.values())))
    def test_every_enterprise_that_counts_and_is_not_covered_by_work_has_a_step(self, facts, definition):
        if rules.classify(facts, definition).uncovered:
            assert rules.cheapest_step(facts, definition) is not None

    @pytest.mark.parametrize(
        ("other", "distance"),
        [
            (Place(1, 10, "C"), 0),
            (Place(1, 10, "F"), 0),
            (Place(1, 11, "C"), 1),
            (Place(1, None, "C"), 1),
            (Place(1, 11, "F"), 2),
            (Place(1, 11, ""), 2),
            (Place(2, 10, "C"), None),
            (Place(None, 10, "C"), None),
        ],
    )
    def test_partners_are_sought_in_the_building_then_the_trade_then_the_park(self, other, distance):
        assert rules.partner_distance(Place(1, 10, "C"), other) == distance

    def test_an_enterprise_without_a_park_has_no_near_partner(self):
        assert rules.partner_distance(Place(None), Place(None)) is None

    def test_two_unknown_buildings_or_trades_are_not_the_same(self):
        assert rules.partner_distance(Place(1), Place(1)) == 2
