"""What an enterprise's state, size and members ask for, at every limit."""

from __future__ import annotations

import datetime
import itertools
from decimal import Decimal

import pytest

from apps.core.periods import Period
from apps.enterprises import rules
from apps.enterprises.kinds import Form, Status, UnbuiltReason
from apps.enterprises.rules import EnterpriseThresholds, StaffBand

LOCAL = EnterpriseThresholds(
    three_have_staff=10,
    attention_staff=50,
    focus_staff=100,
    instructor_load=3,
    instructor_visits_per_quarter=1,
    instructor_term_years=2,
    instructor_onsite_days=10,
)


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def steps(formal=0, staff=20, forms=(), has_worker=False):
    found = rules.next_steps(formal_members=formal, staff=staff, forms=forms, has_worker=has_worker, thresholds=LOCAL)
    return [finding.code for finding in found]


class TestStatus:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (Status.PREPARING, Status.OPERATING),
            (Status.OPERATING, Status.SUSPENDED),
            (Status.SUSPENDED, Status.OPERATING),
            (Status.OPERATING, Status.MOVED_OUT),
            (Status.MOVED_OUT, Status.OPERATING),
            (Status.OPERATING, Status.CANCELLED),
            (Status.REVOKED, Status.CANCELLED),
        ],
    )
    def test_the_life_of_an_enterprise(self, old, new):
        assert rules.status_change_finding(old, new) is None

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            (Status.OPERATING, Status.PREPARING),
            (Status.SUSPENDED, Status.PREPARING),
            (Status.CANCELLED, Status.OPERATING),
            (Status.CANCELLED, Status.REVOKED),
            (Status.REVOKED, Status.OPERATING),
            (Status.MOVED_OUT, Status.SUSPENDED),
        ],
    )
    def test_a_change_that_no_life_has_is_refused(self, old, new):
        found = rules.status_change_finding(old, new)
        assert found.blocks
        assert old.label in found.message

    @pytest.mark.parametrize("status", list(Status))
    def test_nothing_changes_into_itself(self, status):
        assert rules.status_change_finding(status, status).message == f"企业已是“{status.label}”。"

    def test_a_cancelled_enterprise_stays_so(self):
        assert not any(rules.may_change_status(Status.CANCELLED, new) for new in Status)

    def test_those_that_left_are_known(self):
        assert {s.label for s in rules.LEAVING} == {"迁出", "注销", "吊销"}


class TestThreeHave:
    @pytest.mark.parametrize(
        ("staff", "missing"),
        [
            (LOCAL.three_have_staff - 1, ["职工不足10人"]),
            (LOCAL.three_have_staff, []),
            (LOCAL.three_have_staff + 1, []),
        ],
    )
    def test_ten_people_work_there(self, staff, missing):
        found = rules.missing_of_three(has_premises=True, staff=staff, has_operations=True, thresholds=LOCAL)
        assert found == missing

    def test_every_lack_is_named(self):
        found = rules.missing_of_three(has_premises=False, staff=0, has_operations=False, thresholds=LOCAL)
        assert found == ["无固定经营场所", "职工不足10人", "无生产经营活动"]

    @pytest.mark.parametrize(
        ("staff", "band"),
        [
            (0, StaffBand.BELOW_THREE_HAVE),
            (9, StaffBand.BELOW_THREE_HAVE),
            (10, StaffBand.ORDINARY),
            (11, StaffBand.ORDINARY),
            (49, StaffBand.ORDINARY),
            (50, StaffBand.ATTENTION),
            (51, StaffBand.ATTENTION),
            (99, StaffBand.ATTENTION),
            (100, StaffBand.FOCUS),
            (101, StaffBand.FOCUS),
        ],
    )
    def test_staff_fall_into_bands(self, staff, band):
        assert rules.staff_band(staff, LOCAL) is band


class TestNextSteps:
    @pytest.mark.parametrize(
        ("formal", "found"),
        [
            (0, ["work_uncovered"]),
            (1, ["should_join"]),
            (2, ["should_join"]),
            (3, ["should_build"]),
            (4, ["should_build"]),
        ],
    )
    def test_members_decide_between_worker_joint_and_own_branch(self, formal, found):
        assert steps(formal) == found

    @pytest.mark.parametrize("form", [form for form in Form if form is not Form.SINGLE])
    def test_three_members_ask_for_an_own_branch_however_they_are_covered(self, form):
        assert steps(2, forms=[form]) == []
        assert steps(3, forms=[form]) == ["should_build"]

    def test_an_own_branch_is_the_end_of_it(self):
        assert steps(3, staff=500, forms=[Form.SINGLE]) == []

    def test_a_worker_or_any_organisation_covers_the_work(self):
        assert steps(0, has_worker=True) == []
        assert steps(0, forms=[Form.REGIONAL]) == []
        assert steps(1, has_worker=True) == ["should_join"]

    @pytest.mark.parametrize(
        ("staff", "found"),
        [
            (LOCAL.focus_staff - 1, ["should_join"]),
            (LOCAL.focus_staff, ["should_join", "focus_without_organisation"]),
            (LOCAL.focus_staff + 1, ["should_join", "focus_without_organisation"]),
        ],
    )
    def test_a_hundred_people_without_an_organisation_are_flagged(self, staff, found):
        assert steps(1, staff=staff) == found

    @pytest.mark.parametrize(
        ("staff", "found"),
        [
            (LOCAL.attention_staff - 1, []),
            (LOCAL.attention_staff, ["attention_without_members"]),
            (LOCAL.attention_staff + 1, ["attention_without_members"]),
        ],
    )
    def test_fifty_people_without_a_member_are_flagged(self, staff, found):
        assert steps(0, staff=staff, has_worker=True) == found

    def test_the_first_step_is_the_one_to_take_and_names_its_article(self):
        first = rules.next_steps(
            formal_members=3, staff=200, forms=[], has_worker=False, thresholds=LOCAL
        )[0]  # fmt: skip
        assert first.code == "should_build"
        assert str(first.basis) == "《中国共产党支部工作条例（试行）》第四条"

    def test_at_most_one_of_the_three_steps_is_asked_for(self):
        for formal, staff, worker in itertools.product(range(6), (0, 60, 200), (True, False)):
            found = set(steps(formal, staff=staff, has_worker=worker))
            assert len(found & {"should_build", "should_join", "work_uncovered"}) <= 1


class TestInstructors:
    @pytest.mark.parametrize(
        ("load", "over"),
        [
            (LOCAL.instructor_load - 1, False),
            (LOCAL.instructor_load, False),
            (LOCAL.instructor_load + 1, True),
        ],
    )
    def test_one_instructor_contacts_three_enterprises(self, load, over):
        found = rules.instructor_load_finding(load, LOCAL)
        assert (found is not None) is over
        assert found is None or found.asks_reason

    @pytest.mark.parametrize(("visits", "missing"), [(0, True), (1, False), (2, False)])
    def test_one_visit_a_quarter(self, visits, missing):
        found = rules.instructor_visit_finding(visits=visits, quarter=Period.parse("2026Q4"), thresholds=LOCAL)
        assert (found is not None) is missing
        assert found is None or found.message == "2026年第四季度应走访1次，已走访0次。"

    @pytest.mark.parametrize(("days", "missing"), [(9, True), (10, False), (11, False)])
    def test_ten_days_a_month_on_site(self, days, missing):
        assert (rules.instructor_onsite_finding(days, LOCAL) is not None) is missing

    def test_an_instructor_is_sent_for_two_years(self):
        assert rules.instructor_term_expiry(date("2024-02-29"), LOCAL) == date("2026-02-28")


@pytest.mark.parametrize(
    ("arrived", "due"),
    [
        ("2026-11-01", "2026-11-30"),
        ("2026-11-30", "2026-11-30"),
        ("2026-12-01", "2026-12-31"),
        ("2024-02-10", "2024-02-29"),
    ],
)
def test_a_new_arrival_is_visited_within_its_month(arrived, due):
    assert rules.arrival_visit_due(date(arrived)) == date(due)


def test_only_the_reason_other_needs_words():
    assert [r for r in UnbuiltReason if rules.unbuilt_reason_needs_note(r)] == [UnbuiltReason.OTHER]


@pytest.mark.parametrize(
    ("percent", "within"),
    [
        (rules.PARTY_FUNDS_PERCENT - 1, True),
        (rules.PARTY_FUNDS_PERCENT, True),
        (rules.PARTY_FUNDS_PERCENT + 1, False),
    ],
)
def test_one_percent_of_the_payroll_is_deducted_before_tax(percent, within):
    payroll = Decimal("1234567.80")
    assert (payroll * percent / 100 <= rules.deductible_party_funds(payroll)) is within


def test_the_trades_of_the_national_classification_are_all_there():
    assert "".join(rules.Industry) == "ABCDEFGHIJKLMNOPQRST"
    assert rules.Industry("C").label == "制造业"
