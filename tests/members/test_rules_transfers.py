"""组织关系转接: steps and sides, letters, dues, papers."""

from __future__ import annotations

import datetime

import pytest

from apps.members.kinds import OPEN_TRANSFERS, Stage, TransferKind, TransferState
from apps.members.rules import transfers as rules
from apps.members.rules.transfers import Side, Step

DAY = datetime.date(2026, 9, 10)


def days(count: int) -> datetime.timedelta:
    return datetime.timedelta(days=count)


@pytest.mark.parametrize(
    ("valid", "refused"),
    [(rules.LETTER_MAX_DAYS - 1, False), (rules.LETTER_MAX_DAYS, False), (rules.LETTER_MAX_DAYS + 1, True)],
)
def test_a_letter_is_valid_for_ninety_days_at_most(valid: int, refused: bool) -> None:
    finding = rules.letter_finding(DAY, DAY + days(valid))
    assert (finding is not None and finding.blocks) is refused


@pytest.mark.parametrize(("asked", "given"), [(30, 30), (89, 89), (90, 90), (91, 90), (400, 90)])
def test_the_usual_days_never_pass_the_limit(asked: int, given: int) -> None:
    assert rules.letter_until(DAY, asked) == DAY + days(given)


def test_a_letter_does_not_end_before_it_begins() -> None:
    assert rules.letter_finding(DAY, DAY) is None
    assert rules.letter_finding(DAY, DAY - days(1)).blocks


@pytest.mark.parametrize(("offset", "refused"), [(-1, False), (0, False), (1, True)])
def test_a_letter_can_be_accepted_on_its_last_day_and_not_after(offset: int, refused: bool) -> None:
    finding = rules.expiry_finding(DAY + days(offset), DAY)
    assert (finding is not None) is refused
    assert rules.is_expired(DAY, today=DAY + days(offset)) is refused
    assert rules.expiry_finding(DAY, None) is None


@pytest.mark.parametrize(
    ("paid_until", "owed"),
    [
        (datetime.date(2026, 9, 30), 0),
        (datetime.date(2026, 8, 31), 0),
        (datetime.date(2026, 7, 31), 1),
        (datetime.date(2025, 12, 31), 8),
        (datetime.date(2027, 1, 31), 0),
    ],
)
def test_dues_are_paid_up_to_the_month_before(paid_until: datetime.date, owed: int) -> None:
    assert rules.months_owed(paid_until, on=DAY) == owed
    finding = rules.dues_finding(paid_until, on=DAY)
    assert (finding is not None and finding.asks_reason) is (owed > 0)


def test_unknown_dues_block() -> None:
    assert rules.dues_finding(None, on=DAY).blocks


def test_only_a_probationary_member_needs_papers() -> None:
    assert rules.papers_finding(Stage.FORMAL, handed_over=False) is None
    assert rules.papers_finding(Stage.PROBATIONARY, handed_over=True) is None
    assert rules.papers_finding(Stage.PROBATIONARY, handed_over=False).blocks


@pytest.mark.parametrize("kind", list(TransferKind))
def test_the_steps_lead_from_the_draft_to_the_acceptance(kind: TransferKind) -> None:
    state, walked = TransferState.DRAFT, []
    while step := rules.next_step(kind, state):
        walked.append(step)
        state = rules.REACHED[step]
    assert tuple(walked) == rules.STEPS[kind]
    assert state is TransferState.ACCEPTED


def test_only_what_leaves_the_committee_needs_a_letter() -> None:
    assert {kind for kind, steps in rules.STEPS.items() if Step.LETTER in steps} == {
        TransferKind.BETWEEN,
        TransferKind.OUT,
    }


@pytest.mark.parametrize("kind", list(TransferKind))
def test_nothing_can_be_done_to_a_transfer_that_is_over(kind: TransferKind) -> None:
    for state in set(TransferState) - set(OPEN_TRANSFERS):
        assert not any(rules.allows(step, kind, state) for step in Step)


@pytest.mark.parametrize("kind", list(TransferKind))
def test_a_draft_is_not_returned_and_everything_open_can_be_cancelled_by_its_keeper(kind: TransferKind) -> None:
    assert not rules.allows(Step.RETURN, kind, TransferState.DRAFT)
    for state in OPEN_TRANSFERS:
        assert rules.allows(Step.CANCEL, kind, state)
        assert rules.side_of(Step.CANCEL, kind, state) is Side.KEEPER


@pytest.mark.parametrize(
    ("kind", "side"),
    [
        (TransferKind.WITHIN, Side.RECEIVER),
        (TransferKind.BETWEEN, Side.RECEIVER),
        (TransferKind.OUT, Side.KEEPER),
        (TransferKind.IN, Side.KEEPER),
    ],
)
def test_the_receiver_accepts_and_only_over_the_border_the_keeper_records_it(kind: TransferKind, side: Side) -> None:
    last = rules.STEPS[kind][-2]
    assert rules.side_of(Step.ACCEPT, kind, rules.REACHED[last]) is side
    assert rules.side_of(Step.RETURN, kind, rules.REACHED[last]) is side


def test_the_committee_approves_issues_the_letter_and_may_return_before() -> None:
    checked, approved = TransferState.BRANCH_CHECKED, TransferState.APPROVED
    assert rules.side_of(Step.APPROVE, TransferKind.BETWEEN, checked) is Side.COMMITTEE
    assert rules.side_of(Step.LETTER, TransferKind.BETWEEN, approved) is Side.COMMITTEE
    assert rules.side_of(Step.RETURN, TransferKind.BETWEEN, checked) is Side.COMMITTEE
    assert rules.side_of(Step.RETURN, TransferKind.BETWEEN, approved) is Side.COMMITTEE
