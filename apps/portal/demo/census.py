"""The quarterly census of the demo: closed quarters as they came in, and the running one half way."""

from __future__ import annotations

import datetime
import random
from collections import defaultdict
from typing import Any

import pgtrigger

from apps.accounts.models import User
from apps.census.models import CensusReturn, CensusRound, ReturnEvent
from apps.census.rules import CLEAR_FLAGS, Action, State
from apps.census.services import (
    answer_unchanged,
    approve_all,
    close_round,
    open_round,
    save_draft,
    send_back,
    submit,
)
from apps.coverage.models import Snapshot
from apps.enterprises.kinds import ContactMethod

from .days import QUARTERS, Days, between
from .firms import Firm
from .parks import PARKS, Place
from .register import Enterprises
from .talk import CHANGES, ELSEWHERE, STAFF, UNBUILT
from .tree import Orgs

UNOPENED = 7
"""The park that has not opened its census of this quarter yet."""
NEARLY_DONE = 3

STATES = (State.NOT_STARTED, State.DRAFT, State.SUBMITTED, State.RETURNED, State.APPROVED)
SHARES = (34, 8, 20, 6, 32)
OF_THE_FIRST_BRANCH = (State.RETURNED, State.NOT_STARTED, State.APPROVED, State.DRAFT, State.NOT_STARTED, State.SUBMITTED)
"""What the first secretary of the demo finds on the desk."""
ON_OTHER_DESKS: dict[Place, State] = {
    (0, "single", 0): State.NOT_STARTED, (1, "single", 0): State.RETURNED, (1, "leading", 0): State.DRAFT,
}  # fmt: skip
"""What the other secretaries find."""

FILLED = (
    "state", "no_change", "method", "checked_on", "answered_by_name", "submitted_on", "is_on_time", "reviewed_by_name",
    "reviewed_at", "comment", "staff", "formal_members", "applicants", "staff_under_35", "staff_college",
)  # fmt: skip


class Census:
    """Tells the census through its services; what happened on earlier days is then dated back."""

    def __init__(
        self, days: Days, rng: random.Random, orgs: Orgs, firms: list[Firm], rows: Enterprises, officers: list[User],
        secretaries: dict[int, User],
    ) -> None:  # fmt: skip
        self.days, self.rng, self.orgs, self.officers, self.secretaries = days, rng, orgs, officers, secretaries
        self.firms = {rows[firm.place].pk: firm for firm in firms}
        self._happened: list[tuple[int, str, datetime.datetime]] = []

    def tell(self) -> None:
        for back in range(QUARTERS, 0, -1):
            for park in range(len(PARKS)):
                self._closed_round(park, back)
        for park in range(len(PARKS)):
            if park != UNOPENED:
                self._running_round(park)
        self._date_back()

    # Closed quarters

    def _closed_round(self, park: int, back: int) -> None:
        days, officer = self.days, self.officers[park]
        opens = days.round_opens(back)
        census_round = open_round(
            org=self.orgs[f"park.{park}"], period=days.period(back), today=opens, opens_on=opens,
            due_on=days.round_due(back), actor=officer,
        ).round  # fmt: skip
        returns = list(CensusReturn.objects.filter(round=census_round).select_related("enterprise__org"))
        events: list[ReturnEvent] = []
        for row in returns:
            events += self._answered(row, census_round, self.firms[row.enterprise_id], back, officer)
        CensusReturn.objects.bulk_update(returns, FILLED)
        answered = CensusReturn.objects.filter(round=census_round, submitted_on__isnull=False)
        answered.update(**dict.fromkeys(CLEAR_FLAGS.values(), True))
        ReturnEvent.objects.bulk_create(events)
        closes = days.round_closes(back)
        close_round(census_round=census_round, today=closes, actor=officer, confirmed=True)
        closed_at = days.at(closes, 16, 5 + park)
        CensusRound.objects.filter(pk=census_round.pk).update(closed_at=closed_at)
        with pgtrigger.ignore("coverage.Snapshot:sealed"):  # the seal is over the rows, not over the hour
            Snapshot.objects.filter(org=census_round.org, period=census_round.period).update(closed_at=closed_at)

    def _answered(
        self, row: CensusReturn, census_round: CensusRound, firm: Firm, back: int, officer: User
    ) -> list[ReturnEvent]:
        """Fill a return of a closed quarter; one in forty never came."""
        checked = firm.checked.get(back)
        if checked is None or self.rng.random() < 0.025:
            return []
        row.checked_on = checked
        row.submitted_on = min(checked + datetime.timedelta(days=self.rng.choice((0, 0, 1, 2, 9))), self.days.round_closes(back))
        row.is_on_time = census_round.takes_in_time(row.submitted_on)
        row.method = self.rng.choices(list(ContactMethod), (6, 2, 2))[0].value
        row.answered_by_name = self._filler(row).display_name
        since, facts = next((since, facts) for since, facts in reversed(firm.slices) if since <= checked)
        row.no_change = since != checked
        for name in ("staff", "formal_members", "applicants", "staff_under_35", "staff_college"):
            setattr(row, name, facts[name])
        row.state, row.reviewed_by_name = State.APPROVED.value, officer.display_name
        row.reviewed_at = self.days.at(min(row.submitted_on + datetime.timedelta(days=1), self.days.round_closes(back)), 15, 30)
        steps = [(Action.SUBMIT, self.days.at(row.submitted_on, 10, 15), row.answered_by_name, "")]
        if self.rng.random() < 0.05:
            comment = _comment(row)
            steps.append((Action.SEND_BACK, self.days.at(row.submitted_on, 11, 40), officer.display_name, comment))
            steps.append((Action.SUBMIT, self.days.at(row.submitted_on, 14, 5), row.answered_by_name, ""))
        steps.append((Action.APPROVE, row.reviewed_at, officer.display_name, ""))
        return [
            ReturnEvent(census_return=row, action=action.value, at=at, actor_name=name, comment=comment)
            for action, at, name, comment in steps
        ]

    # The running quarter

    def _running_round(self, park: int) -> None:
        days, officer = self.days, self.officers[park]
        opens = days.round_opens(0)
        census_round = open_round(
            org=self.orgs[f"park.{park}"], period=days.quarter, today=opens, opens_on=opens, due_on=days.round_due(0),
            actor=officer,
        ).round  # fmt: skip
        open_round(org=census_round.org, period=days.quarter, today=days.today, actor=officer)  # takes the arrivals
        to_approve: dict[datetime.date, list[CensusReturn]] = defaultdict(list)
        desk = iter(OF_THE_FIRST_BRANCH)
        for row in CensusReturn.objects.filter(round=census_round).select_related("enterprise__org").order_by("pk"):
            state = self._state(row, park, desk)
            day = between(max(opens, self.firms[row.enterprise_id].arrived), days.today, self.rng.uniform(0, 0.9))
            if state is State.NOT_STARTED:
                continue
            if state is State.DRAFT:
                self._draft(row, day)
                continue
            row = self._submit(row, day)
            later = between(day, days.today, 0.5)
            if state is State.RETURNED:
                send_back(census_return=row, comment=_comment(row), today=later, actor=officer)
                self._happened.append((row.pk, Action.SEND_BACK, self.days.at(later, 16, 10)))
            elif state is State.APPROVED:
                to_approve[later].append(row)
        for day, rows in sorted(to_approve.items()):
            approve_all(returns=rows, today=day, actor=officer)
            self._happened += [(row.pk, Action.APPROVE, self.days.at(day, 17, 5)) for row in rows]

    def _state(self, row: CensusReturn, park: int, desk: Any) -> State:
        firm = self.firms[row.enterprise_id]
        if row.enterprise.org_id == self.orgs["joint.0.0"].pk:
            return next(desk, State.NOT_STARTED)
        if firm.place in ON_OTHER_DESKS:
            return ON_OTHER_DESKS[firm.place]
        if firm.arrived >= self.days.today.replace(day=1):
            return State.NOT_STARTED
        if park == NEARLY_DONE:
            return State.SUBMITTED if firm.sort in ("join", "affiliated") else State.APPROVED
        return self.rng.choices(STATES, SHARES)[0]

    def _draft(self, row: CensusReturn, day: datetime.date) -> None:
        facts = {"operations_clear": True, "staff_clear": True, "staff": row.staff + 1}
        save_draft(census_return=row, facts=facts, today=day, actor=self._filler(row))
        self._happened.append((row.pk, Action.SAVE, self.days.at(day, 9, 50)))

    def _submit(self, row: CensusReturn, day: datetime.date) -> CensusReturn:
        """Two of three found nothing new; the others have a few more staff, and say why."""
        firm, filler = self.firms[row.enterprise_id], self._filler(row)
        method = self.rng.choices(list(ContactMethod), (6, 2, 2))[0].value
        odd = "空挂企业，已列入清理名单。" if row.staff == 0 else ""
        steady = firm.slices[-1][0] >= self.days.quarter.start or not 12 <= row.staff % 50 <= 44 or not firm.counted
        if steady or self.rng.random() < 0.66:
            row = answer_unchanged(
                census_return=row, method=method, checked_on=day, today=day, actor=filler, change_reason=odd
            )
        else:
            facts = {
                "method": method, "checked_on": day, "staff": row.staff + self.rng.randint(1, 4),
                "change_reason": self.rng.choice(CHANGES), **dict.fromkeys(CLEAR_FLAGS.values(), True),
            }  # fmt: skip
            row = submit(census_return=row, facts=facts, today=day, actor=filler)
        self._happened.append((row.pk, Action.SUBMIT, self.days.at(day, 10, self.rng.randint(0, 59))))
        return row

    def _filler(self, row: CensusReturn) -> User:
        """Who answers: the secretary of the branch, else the park's officer."""
        org = row.enterprise.org_id
        return self.secretaries.get(org) or self.officers[self.firms[row.enterprise_id].park]

    def _date_back(self) -> None:
        """Services write the hour of loading; the story of this quarter has its own days."""
        at = {(pk, action): when for pk, action, when in self._happened}
        events = list(ReturnEvent.objects.filter(census_return__in={pk for pk, _ in at}))
        for event in events:
            event.at = at.get((event.census_return_id, event.action), event.at)
        ReturnEvent.objects.bulk_update(events, ["at"])
        reviews = (Action.APPROVE, Action.SEND_BACK)
        rows = list(CensusReturn.objects.filter(pk__in=[pk for pk, action in at if action in reviews]))
        for row in rows:
            row.reviewed_at = next(at[row.pk, action] for action in reviews if (row.pk, action) in at)
        CensusReturn.objects.bulk_update(rows, ["reviewed_at"])


def _comment(row: CensusReturn) -> str:
    """Why a return is sent back: something that its own figures give reason for."""
    if row.unbuilt_reason:
        return UNBUILT
    return ELSEWHERE if row.members_elsewhere else STAFF
