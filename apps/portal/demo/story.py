"""What people do in the parks: instructors and whom they contact, 群团, visits, needs, one plan for each gap."""

from __future__ import annotations

import datetime
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.models import User
from apps.enterprises.kinds import Attitude, ContactMethod, MassKind, NeedState
from apps.enterprises.models import (
    ActionPlan,
    Building,
    Instructor,
    InstructorAssignment,
    MassOrganization,
    Need,
    Visit,
)
from apps.enterprises.services import register_instructor, send_instructor

from .days import QUARTERS, Days, between
from .firms import Firm
from .names import SENDING_UNITS, Names
from .parks import ARRIVED, COVERED_SINCE, NEW_AND_EXCLUDED, PARKS, Place
from .register import Enterprises
from .talk import MEASURES, NEEDS, RESULTS, TALKS
from .tree import Orgs

VISITED_ON_ARRIVAL: tuple[Place, ...] = ((0, "single", 16), (3, "excluded", 1))
"""Who of this month's arrivals has been visited already."""


@dataclass
class Story:
    days: Days
    rng: random.Random
    names: Names
    orgs: Orgs
    users: dict[str, User]
    rows: Enterprises
    officers: list[User]
    instructors: dict[int, list[Instructor]] = field(default_factory=dict)
    contacts: dict[Place, Instructor] = field(default_factory=dict)

    def tell(self, firms: list[Firm]) -> None:
        self._send_instructors(firms)
        MassOrganization.objects.bulk_create([row for firm in firms for row in self._mass_organizations(firm)])
        visits = [visit for firm in firms for visit in self._visits(firm)]
        Visit.objects.bulk_create(visits)
        Need.objects.bulk_create(self._needs(visits))
        ActionPlan.objects.bulk_create(self._plans(firms))

    def _send_instructors(self, firms: list[Firm]) -> None:
        """12 instructors look after the 27 enterprises without an organisation, at most three each."""
        units = list(SENDING_UNITS)
        for index, park in enumerate(PARKS):
            self.instructors[index] = []
            for _ in range(park.instructors):
                self.instructors[index].append(self._instructor(index, units.pop(0)))
            uncovered = [f for f in firms if f.park == index and f.counted and not _organisation_counts(f)]
            for number, firm in enumerate(uncovered):
                self.contacts[firm.place] = self.instructors[index][number % park.instructors]
        for place, instructor in self.contacts.items():
            firm = next(f for f in firms if f.place == place)
            send_instructor(
                instructor=instructor, enterprises=[self.rows[place]], since=self._sent_on(firm, instructor),
                today=self.days.today, actor=self.officers[firm.park],
            )  # fmt: skip
        self._note_earlier_contacts(firms)
        for building in Building.objects.select_related("park"):
            building.instructor = self.instructors[0 if building.park.code == "DL01" else 5][-1]
            if building.park.code in ("DL01", "DL06"):
                building.save(update_fields=["instructor"])

    def _instructor(self, park: int, unit: tuple[str, str, str]) -> Instructor:
        """The first one has an account; the last but one will soon have served a term of two years."""
        number = sum(map(len, self.instructors.values()))
        first = number == 0
        user = self.users["instructor1"] if first else None
        since = self.days.ago(700 if number == 9 else self.rng.randint(120, 600))
        if first:
            since = self.days.ago(400)
        facts = {
            "org": self.orgs[f"committee.{park}"], "name": user.display_name if user else self.names.person(), "user": user,
            "unit": unit[0], "post": unit[1], "source": unit[2], "phone": self.names.phone(), "since": since,
        }  # fmt: skip
        return register_instructor(facts=facts, actor=self.officers[park])

    def _sent_on(self, firm: Firm, instructor: Instructor) -> datetime.date:
        """Most have been sent long ago; to four enterprises somebody came only in the last two quarters."""
        if ARRIVED.get(firm.place) == 0:
            return between(firm.arrived, self.days.today, 0.5)
        if firm.sort == "none" and firm.park in (1, 2, 4, 6):
            late = self.days.in_quarter(0 if firm.park in (1, 2) else 1, 0.4)
            return max(late, firm.arrived, instructor.since)
        return max(firm.arrived, instructor.since) + datetime.timedelta(days=3)

    def _note_earlier_contacts(self, firms: list[Firm]) -> None:
        """Enterprises that have an organisation by now were contacted until it was there."""
        rows = []
        for firm in firms:
            if firm.place not in COVERED_SINCE or firm.place in ARRIVED or COVERED_SINCE[firm.place] > 1:
                continue
            instructor = self.instructors[firm.park][0]
            until = firm.covers[-1].since
            since = max(instructor.since, firm.arrived) + datetime.timedelta(days=10)
            if since < until:
                enterprise = self.rows[firm.place]
                rows.append(InstructorAssignment(instructor=instructor, enterprise=enterprise, since=since, until=until))
        InstructorAssignment.objects.bulk_create(rows)

    def _mass_organizations(self, firm: Firm) -> list[MassOrganization]:
        """工会 where there are enough people; 共青团 and 妇联 in the larger ones."""
        staff = firm.facts["staff"]
        if firm.gone or not firm.counted:
            return []
        wanted = [
            (MassKind.UNION, staff >= 25 and self.rng.random() < 0.75, staff * 4 // 5),
            (MassKind.YOUTH_LEAGUE, staff >= 60 and self.rng.random() < 0.5, firm.facts["staff_under_35"] // 3),
            (MassKind.WOMEN, staff >= 80 and self.rng.random() < 0.5, staff * 2 // 5),
        ]
        first = firm.arrived + datetime.timedelta(days=60)
        last = self.days.period(2).last_day
        return [
            MassOrganization(
                enterprise=self.rows[firm.place], kind=kind.value, leader=self.names.person(), headcount=people,
                since=between(first, last, self.rng.random()),
            )
            for kind, there, people in wanted if there and first < last
        ]  # fmt: skip

    def _visits(self, firm: Firm) -> list[Visit]:
        """About one visit a quarter; this month's arrivals are visited or still to be visited."""
        if firm.place in NEW_AND_EXCLUDED or ARRIVED.get(firm.place) == 0:
            if firm.place not in VISITED_ON_ARRIVAL:
                return []
            return [self._visit(firm, between(firm.arrived, self.days.today, 0.7))]
        found: list[Visit] = []
        for back in range(QUARTERS, -1, -1):
            day = self.days.in_quarter(back, self.rng.uniform(0.05, 0.95))
            often = 0.55 if back == 0 else 0.85 if firm.place in self.contacts else 0.7
            if self.rng.random() < often and firm.arrived <= day and not _gone_on(firm, day):
                found.append(self._visit(firm, day, len(found)))
        return found

    def _visit(self, firm: Firm, day: datetime.date, number: int = 0) -> Visit:
        enterprise = self.rows[firm.place]
        sent = self.contacts.get(firm.place)
        instructor = sent if sent is not None and sent.since <= day else None
        talks = TALKS.get(firm.sort, TALKS["covered"])
        said = talks[(firm.place[0] * 5 + firm.place[2] * 3 + number) % len(talks)]
        entered = min(day + datetime.timedelta(days=self.rng.choice((0, 0, 0, 1, 2))), self.days.today)
        return Visit(
            enterprise=enterprise, on=day, visitor=instructor.name if instructor else self.officers[firm.park].display_name,
            instructor=instructor, method=self.rng.choices(list(ContactMethod), (6, 2, 2))[0].value,
            met=self.rng.choice((enterprise.leader_name, enterprise.contact_name)), summary=said,
            attitude=enterprise.attitude if self.rng.random() < 0.7 else Attitude.NEUTRAL.value,
            recorded_at=self.days.at(entered, self.rng.randint(9, 17), self.rng.randint(0, 59)),
        )  # fmt: skip

    def _needs(self, visits: Sequence[Visit]) -> list[Need]:
        """Something is asked for on every eighth visit; older needs are settled, some newer ones are late."""
        found = []
        for number, visit in enumerate(v for v in visits if v.on >= self.days.period(3).start):
            if number % 8 != 3:
                continue
            topic = number // 8 % len(NEEDS)
            old = visit.on < self.days.ago(70)
            due = visit.on + datetime.timedelta(days=30)
            closed = between(visit.on, min(due, self.days.today), 0.7) if old else None
            state = NeedState.CLOSED if closed else (NeedState.OPEN, NeedState.DOING)[number // 8 % 2]
            found.append(
                Need(
                    enterprise=visit.enterprise, visit=visit, text=NEEDS[topic], raised_on=visit.on, due_on=due,
                    owner=visit.visitor, state=state.value, closed_on=closed, result=RESULTS[topic] if closed else "",
                )
            )  # fmt: skip
        return found

    def _plans(self, firms: list[Firm]) -> list[ActionPlan]:
        """一企一策 for each enterprise that could have an organisation and has none."""
        found = []
        for number, firm in enumerate(f for f in firms if f.sort in ("build", "join", "affiliated")):
            measures = MEASURES[firm.sort]
            measure, progress = measures[number % len(measures)]
            instructor = self.contacts[firm.place]
            found.append(
                ActionPlan(
                    enterprise=self.rows[firm.place], measure=measure, owner=instructor.name, progress=progress,
                    due_on=self.days.ahead((-18, 12, 40, 75, 25)[number % 5]),
                    state=NeedState.DOING.value if progress else NeedState.OPEN.value,
                )
            )  # fmt: skip
        return found


def _organisation_counts(firm: Firm) -> bool:
    return firm.sort in ("single", "joint", "regional", "industry", "dispatched", "leading")


def _gone_on(firm: Firm, day: datetime.date) -> bool:
    """Whether the enterprise had left by the day; those that left earlier are not visited any more."""
    facts: dict[str, Any] = next((facts for since, facts in reversed(firm.slices) if since <= day), firm.facts)
    return facts["status"] in ("moved_out", "cancelled", "revoked")
