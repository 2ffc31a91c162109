"""How a census return moves, what it must say and what looks odd about it."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from apps.census import rules
from apps.census.rules import Action, Answer, CensusThresholds, Figures, Section, State
from apps.core.errors import DomainError
from apps.enterprises.kinds import ContactMethod, Status, UnbuiltReason

LOCAL = CensusThresholds(due_days=30, on_time_days=0, change_percent=30, change_people=5)
SINCE, TODAY = datetime.date(2026, 10, 1), datetime.date(2026, 11, 22)
COMPLETE = Answer(
    answered=frozenset(Section),
    covered=False,
    method=ContactMethod.VISIT,
    checked_on=TODAY,
    unbuilt_reason=UnbuiltReason.NO_MEMBERS,
)


def codes(findings):
    return [finding.code for finding in findings]


def refusals(**changes):
    found = rules.submission_findings(dataclasses.replace(COMPLETE, **changes), today=TODAY, since=SINCE)
    assert all(finding.blocks for finding in found)
    return codes(found)


class TestStates:
    def test_the_usual_way_of_a_return(self):
        state = State.NOT_STARTED
        way = [Action.SAVE, Action.SUBMIT, Action.SEND_BACK, Action.SAVE, Action.SUBMIT, Action.APPROVE, Action.LOCK]
        seen = []
        for action in way:
            state = rules.next_move(state, action).to
            seen.append(state.label)
        assert seen == ["草稿", "已报", "退回", "退回", "已报", "已审", "锁定"]

    def test_no_change_is_reported_in_one_press(self):
        assert rules.next_move(State.NOT_STARTED, Action.SUBMIT).to is State.SUBMITTED

    @pytest.mark.parametrize(
        ("state", "action"),
        [
            (State.SUBMITTED, Action.SAVE),
            (State.APPROVED, Action.SUBMIT),
            (State.LOCKED, Action.SAVE),
            (State.LOCKED, Action.LOCK),
            (State.DRAFT, Action.APPROVE),
            (State.NOT_STARTED, Action.SEND_BACK),
            (State.APPROVED, Action.REOPEN),
        ],
    )
    def test_other_moves_are_refused_in_chinese(self, state, action):
        with pytest.raises(DomainError, match=f"摸底表“{state.label}”时不能{action.label}。") as caught:
            rules.next_move(state, action)
        assert caught.value.code == "wrong_state"

    @pytest.mark.parametrize(
        ("state", "filler", "officer"),
        [
            (State.NOT_STARTED, ["保存", "上报"], []),
            (State.DRAFT, ["保存", "上报"], []),
            (State.SUBMITTED, ["撤回"], ["退回", "审核通过"]),
            (State.RETURNED, ["保存", "上报"], []),
            (State.APPROVED, [], ["退回"]),
            (State.LOCKED, [], ["重新开放"]),
        ],
    )
    def test_who_may_do_what(self, state, filler, officer):
        assert [action.label for action in rules.allowed_actions(state, "filler")] == filler
        assert [action.label for action in rules.allowed_actions(state, "officer")] == officer

    def test_closing_locks_whatever_state_a_return_is_in(self):
        assert {s for s in State if rules.allowed_actions(s, "system")} == set(State) - {State.LOCKED}

    def test_what_may_be_written_may_be_saved(self):
        assert {s for s in State if Action.SAVE in rules.allowed_actions(s, "filler")} == rules.WRITABLE


class TestOnTime:
    DUE = datetime.date(2026, 11, 30)

    @pytest.mark.parametrize(
        ("grace", "days", "expected"),
        [(0, -1, True), (0, 0, True), (0, 1, False), (3, 2, True), (3, 3, True), (3, 4, False)],
    )
    def test_a_return_is_on_time_until_the_end_of_the_due_day_and_its_grace(self, grace, days, expected):
        submitted = self.DUE + datetime.timedelta(days=days)
        assert rules.on_time(submitted, due_on=self.DUE, on_time_days=grace) is expected

    def test_what_was_never_submitted_is_not_on_time(self):
        assert not rules.on_time(None, due_on=self.DUE, on_time_days=99)

    def test_a_round_is_due_so_many_days_after_it_opens(self):
        assert rules.due_day(datetime.date(2026, 10, 31), LOCAL) == datetime.date(2026, 11, 30)


class TestSubmission:
    def test_a_complete_return_passes(self):
        assert refusals() == []

    @pytest.mark.parametrize("section", [s for s in Section if s is not Section.UNBUILT])
    def test_each_section_must_be_answered(self, section):
        assert refusals(answered=set(Section) - {section}) == [f"{section.value}_missing"]

    def test_the_reason_for_having_no_organisation_is_asked_where_uncovered(self):
        assert refusals(answered=set(Section) - {Section.UNBUILT}, unbuilt_reason=None) == ["unbuilt_missing"]
        assert refusals(answered=set(Section) - {Section.UNBUILT}, unbuilt_reason=None, covered=True) == []
        assert Section.UNBUILT not in rules.required_sections(covered=True)

    def test_no_change_stands_for_the_sections_but_not_for_method_date_and_reason(self):
        assert refusals(answered=(), no_change=True) == []
        assert refusals(answered=(), no_change=True, method=None) == ["method_missing"]
        assert refusals(answered=(), no_change=True, unbuilt_reason=None) == ["unbuilt_missing"]

    def test_the_reason_other_needs_words(self):
        assert refusals(unbuilt_reason=UnbuiltReason.OTHER) == ["unbuilt_note_missing"]
        assert refusals(unbuilt_reason=UnbuiltReason.OTHER, unbuilt_note="正在搬迁") == []

    @pytest.mark.parametrize(
        ("day", "found"),
        [
            (None, ["checked_on_missing"]),
            (SINCE - datetime.timedelta(days=1), ["checked_on_before_period"]),
            (SINCE, []),
            (TODAY, []),
            (TODAY + datetime.timedelta(days=1), ["checked_on_future"]),
        ],
    )
    def test_the_day_of_the_check_lies_in_the_period_and_not_in_the_future(self, day, found):
        assert refusals(checked_on=day) == found

    def test_every_lack_is_said_at_once(self):
        found = rules.submission_findings(Answer(), today=TODAY, since=SINCE)
        assert codes(found) == [
            "method_missing", "checked_on_missing", "operations_missing", "staff_missing", "members_missing",
            "owner_missing", "unbuilt_missing",
        ]  # fmt: skip


class TestConsistency:
    @pytest.mark.parametrize(("staff", "found"), [(6, ["members_exceed_staff"]), (7, []), (8, [])])
    def test_members_are_not_more_than_staff(self, staff, found):
        assert (
            codes(rules.consistency_findings(Figures(staff=staff, formal_members=5, probationary_members=2))) == found
        )

    @pytest.mark.parametrize(
        ("staff", "found"),
        [
            (8, ["members_elsewhere_exceed_staff", "members_elsewhere"]),
            (9, ["members_elsewhere"]),
            (10, ["members_elsewhere"]),
        ],
    )
    def test_members_whose_relation_is_elsewhere_work_there_too(self, staff, found):
        figures = Figures(staff=staff, formal_members=5, probationary_members=2, members_elsewhere=2)
        assert codes(rules.consistency_findings(figures)) == found

    @pytest.mark.parametrize(
        ("status", "staff", "found"),
        [
            (Status.OPERATING, 0, ["operating_without_staff"]),
            (Status.OPERATING, 1, []),
            (Status.SUSPENDED, 0, []),
        ],
    )
    def test_an_operating_enterprise_has_staff(self, status, staff, found):
        assert codes(rules.consistency_findings(Figures(status=status, staff=staff))) == found


class TestChange:
    @pytest.mark.parametrize(
        ("now", "before", "abnormal"),
        [
            (129, 100, False),
            (130, 100, False),
            (131, 100, True),
            (71, 100, False),
            (70, 100, False),
            (69, 100, True),
            (14, 10, False),  # four people
            (15, 10, False),  # five people
            (16, 10, True),  # six people
            (5, 0, False),
            (6, 0, True),
            (0, 5, False),
            (0, 6, True),
            (100, 100, False),
        ],
    )
    def test_a_reason_is_asked_beyond_the_percentage_and_the_number(self, now, before, abnormal):
        assert rules.changed_abnormally(now, before, LOCAL) is abnormal

    def test_each_number_that_moved_asks_for_its_reason(self):
        before = Figures(staff=100, formal_members=10, members_elsewhere=0)
        now = Figures(staff=50, formal_members=20, members_elsewhere=9)
        found = rules.change_findings(now, before, LOCAL)
        assert codes(found) == ["staff_changed", "formal_members_changed", "members_elsewhere_changed"]
        assert all(finding.asks_reason for finding in found)
        assert found[0].message == "职工由100人变为50人，变化较大，请说明原因。"

    def test_the_same_numbers_ask_nothing(self):
        assert rules.change_findings(Figures(staff=9), Figures(staff=9), LOCAL) == []
