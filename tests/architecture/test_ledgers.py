"""Law 4: every ledger has a known permission and a page, and costs the same for three rows as for forty.

That its header is the same in all four outputs is tests/ledgers/test_outputs.py; that the rows are those of the
scope is test_visibility.py.
"""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.activities.models import Activity, ActivityKind, Attendance, Participation
from apps.branches.models import Election, PartyOrg, Restructuring, RestructuringStep, Term
from apps.branches.tree import segment
from apps.core.codes import make_credit_code
from apps.core.guard import resolve_scope
from apps.core.imports.spec import registry as importers
from apps.core.ledger import registry
from apps.core.permissions import registry as permissions
from apps.core.scoping import unscoped, use_scope
from apps.enterprises.models import (
    Building,
    Condition,
    Enterprise,
    Establishment,
    Instructor,
    InstructorAssignment,
    Park,
    Visit,
)
from apps.members.models import (
    ContactNote,
    Departure,
    DualAgreement,
    LostContact,
    Member,
    MobileRecord,
    Post,
    Talent,
    Transfer,
    UnitedFrontPerson,
    Visitor,
)
from tests.cast import SINCE, Cast

from .crowd_pioneers import crowd_pioneers
from .crowd_study import crowd_study
from .crowd_tips import crowd_tips

CROWD = 40
DAY = datetime.date(2026, 9, 30)
NOT_CROWDED = {
    "accounts.users": "tests/accounts counts its queries",
    "patrol.hits": "tests/patrol counts its queries, after a patrol has found something",
    "census.returns": "tests/census counts its queries, with rounds that are open",
}

MOST_QUERIES = 12
"""What a page of a ledger may ask the database, the shell around it included."""


def crowd(cast: Cast) -> None:
    """Forty more of everything below the park: each row refers to others of its own, so that a lookup a row shows."""
    with unscoped("a crowd for counting queries"):
        orgs = PartyOrg.objects.bulk_create(
            PartyOrg(code=f"CR{n:03d}", name=f"第{n}支部", kind="branch", parent=cast.station, founded_on=SINCE,
                     path=cast.station.path + segment(100 + n)) for n in range(CROWD)
        )  # fmt: skip
        PartyOrg.objects.bulk_create(
            PartyOrg(code=f"CS{n:03d}", name=f"第{n}新支部", kind="branch", parent=cast.station, founded_on=SINCE,
                     path=cast.station.path + segment(300 + n)) for n in range(CROWD)
        )  # fmt: skip
        Term.objects.bulk_create(Term(org=org, number=1, since=SINCE, expires_on=DAY, seats=3) for org in orgs)
        Election.objects.bulk_create(Election(org=org, number=2, planned_on=DAY, seats=3) for org in orgs)
        parks = Park.objects.bulk_create(
            Park(code=f"CR{n}", name=f"第{n}园区", level="city", org=cast.park_org) for n in range(CROWD)
        )
        buildings = Building.objects.bulk_create(
            Building(park=parks[n], code=f"CR{n}", name=f"{n}号楼", org=orgs[n]) for n in range(CROWD)
        )
        enterprises = Enterprise.objects.bulk_create(
            Enterprise(name=f"第{n}公司", org=orgs[n], park=parks[n], building=buildings[n], arrived_on=SINCE,
                       credit_code=make_credit_code(serial=500 + n)) for n in range(CROWD)
        )  # fmt: skip
        uncovered = Enterprise.objects.bulk_create(
            Enterprise(name=f"第{n}未建公司", org=cast.park_org, park=cast.park, arrived_on=SINCE) for n in range(CROWD)
        )
        Condition.objects.bulk_create(
            Condition(enterprise=each, since=SINCE, staff=20, formal_members=3) for each in (*enterprises, *uncovered)
        )
        Establishment.objects.bulk_create(
            Establishment(enterprise=each, org=org, form="single", since=SINCE)
            for each, org in zip(enterprises, orgs, strict=True)
        )
        instructors = Instructor.objects.bulk_create(
            Instructor(name=f"指导员{n}", org=orgs[n], since=SINCE) for n in range(CROWD)
        )
        InstructorAssignment.objects.bulk_create(
            InstructorAssignment(instructor=person, enterprise=each, since=SINCE)
            for person, each in zip(instructors, enterprises, strict=True)
        )
        Visit.objects.bulk_create(
            Visit(enterprise=each, on=DAY, visitor="王某", instructor=person)
            for person, each in zip(instructors, enterprises, strict=True)
        )
        groups = PartyOrg.objects.bulk_create(
            PartyOrg(code=f"CG{n:03d}", name=f"第{n}党小组", kind="group", parent=org, founded_on=SINCE,
                     path=org.path + segment(1)) for n, org in enumerate(orgs)
        )  # fmt: skip
        people = Member.objects.bulk_create(
            Member(
                code=f"CR{n}", name=f"党员{n}", org=orgs[n], group=groups[n], employer=enterprises[n], joined_on=SINCE
            )
            for n in range(CROWD)
        )
        Transfer.objects.bulk_create(
            Transfer(member=person, org=person.org, other_org=orgs[n - 1], kind="within", requested_on=DAY)
            for n, person in enumerate(people)
        )
        Departure.objects.bulk_create(
            Departure(member=person, org=person.org, enterprise=person.employer, left_post_on=DAY, reason="resigned")
            for person in people
        )
        _crowd_away(people, orgs, enterprises)
        _crowd_in_office(people, orgs, enterprises)
        _crowd_together(people, orgs)
        crowd_study(people, orgs)
        crowd_tips(cast.park_org, people, orgs)
        crowd_pioneers(people)
        plans = Restructuring.objects.bulk_create(
            Restructuring(name=f"第{n}方案", org=orgs[n], on=DAY, author_name="李明") for n in range(CROWD)
        )
        RestructuringStep.objects.bulk_create(
            RestructuringStep(restructuring=plan, position=1, kind="dissolve", org=org)
            for plan, org in zip(plans, orgs, strict=True)
        )


def _crowd_in_office(people: list[Member], orgs: list[PartyOrg], enterprises: list[Enterprise]) -> None:
    """Everybody is in a committee (and leaves its branch without a secretary) and in the pool of talents."""
    terms = {term.org_id: term for term in Term.objects.filter(org__in=orgs)}
    Post.objects.bulk_create(
        Post(org=each.org, member=each, name=each.name, role="publicity", since=SINCE, term=terms.get(each.org_id))
        for each in people
    )
    Talent.objects.bulk_create(
        Talent(org=each.org, member=each, name=each.name, kind="worker", joined_on=SINCE) for each in people
    )
    UnitedFrontPerson.objects.bulk_create(
        UnitedFrontPerson(org=org, enterprise=enterprise, name="沈某", kind="scientist", registered_on=SINCE)
        for org, enterprise in zip(orgs, enterprises, strict=True)
    )


def _crowd_together(people: list[Member], orgs: list[PartyOrg]) -> None:
    """Each branch holds an activity of every book; its member is absent, a member of another branch visits."""
    kinds = {kind.code: kind for kind in ActivityKind.objects.all()}
    begin = datetime.datetime(2026, 9, 15, 9, tzinfo=datetime.UTC)
    for code in ("assembly", "theme_day", "volunteering"):
        held = Activity.objects.bulk_create(
            Activity(
                org=org, kind=kinds[code], title=f"{org}活动", starts_at=begin, held_on=begin.date(), state="submitted"
            )
            for org in orgs
        )
        Participation.objects.bulk_create(
            Participation(
                org=each.org, activity=each, kind=each.kind, held_on=each.held_on, state=each.state, expected=1
            )
            for each in held
        )
        rows = {"held_on": begin.date(), "counted": True}
        Attendance.objects.bulk_create(
            Attendance(activity=each, org=each.org, member=people[n], presence="absent", reason="shift", **rows)
            for n, each in enumerate(held)
        )
        Attendance.objects.bulk_create(
            Attendance(activity=each, org=each.org, other_org=orgs[n - 1], member=people[n - 1], presence="present",
                       is_visitor=True, **rows) for n, each in enumerate(held)
        )  # fmt: skip


def _crowd_away(people: list[Member], orgs: list[PartyOrg], enterprises: list[Enterprise]) -> None:
    """Everybody is also away, looked after by another branch, visiting and lost; forty more work here as guests."""
    between = [
        {"member": person, "org": orgs[n - 1], "other_org": orgs[n]} for n, person in enumerate(people)
    ]  # fmt: skip
    DualAgreement.objects.bulk_create(
        DualAgreement(**sides, enterprise=enterprises[n], since=SINCE, signed_on=SINCE, until=datetime.date(2030, 1, 1))
        for n, sides in enumerate(between)
    )
    MobileRecord.objects.bulk_create(MobileRecord(**s, direction="in", since=SINCE, reason="work") for s in between)
    Visitor.objects.bulk_create(Visitor(**s, name=f"来客{n}", on=DAY) for n, s in enumerate(between))
    ContactNote.objects.bulk_create(
        ContactNote(
            member=each,
            org=each.org,
            on=DAY,
            method="phone",
            contact_name="孙",
            thoughts="稳",
            study="学",
            conduct="好",
        )
        for each in people
    )
    LostContact.objects.bulk_create(
        LostContact(member=each, org=each.org, stage="searching", since=SINCE, opened_on=DAY) for each in people
    )
    Member.objects.bulk_create(
        Member(
            code=f"CE{n}", name=f"来者{n}", org=orgs[n], employer=enterprises[n], relation="elsewhere", home_text="外"
        )
        for n in range(CROWD)
    )


def queries(call: Any) -> int:
    call()
    with CaptureQueriesContext(connection) as captured:
        call()
    return len([query for query in captured if "SAVEPOINT" not in query["sql"]])


@pytest.mark.parametrize("code", sorted(set(registry) - set(NOT_CROWDED)))
def test_a_ledger_costs_the_same_for_three_rows_as_for_forty(code, cast):
    cls, officer = registry[code], cast.users.authority_officer
    client = Client()
    client.force_login(officer)

    def page() -> None:
        assert client.get(f"/ledgers/{code}/").status_code == 200

    def export() -> int:
        with use_scope(resolve_scope(officer, cls.permission)):
            return len(list(cls(today=DAY, user=officer).records()))

    few, page_cost, export_cost = export(), queries(page), queries(export)
    crowd(cast)
    if code != "core.audit":
        assert export() >= few + CROWD - 1, "the crowd is not in this ledger: list it in NOT_CROWDED with the reason"
    assert (queries(page), queries(export)) == (page_cost, export_cost)
    assert page_cost <= MOST_QUERIES


@pytest.mark.parametrize("code", sorted(registry))
def test_a_ledger_names_a_known_permission_a_title_and_what_to_do_when_it_is_empty(code):
    cls = registry[code]
    assert cls.permission in permissions
    assert not cls.reveal_permission or cls.reveal_permission in permissions
    assert cls.title
    assert cls.empty_text
    assert cls.code == code
    assert code.split(".")[0] == cls.__module__.split(".")[1]


@pytest.mark.parametrize("code", sorted(registry))
def test_columns_and_filters_have_names_and_labels_of_their_own(code):
    cls = registry[code]
    for parts in (cls.columns, cls.filters):
        assert len({part.name for part in parts}) == len(parts)
        assert len({part.label for part in parts}) == len(parts)
    assert not {"q", "order", "after", "before", "columns", "format"} & {each.name for each in cls.filters}


@pytest.mark.parametrize("code", sorted(set(registry) & set(importers)))
def test_what_a_ledger_exports_its_importer_can_read(code):
    """Columns pair by name, and the header of the export is the label or an alias of the import."""
    ledger_columns = {column.name: column.label for column in registry[code].columns}
    missing = [
        column.label
        for column in importers[code].columns
        if (column.required or column.key)
        and ledger_columns.get(column.name) not in {column.label, *column.aliases}
    ]  # fmt: skip
    assert missing == []


def test_no_exemption_outlives_its_ledger():
    assert set(NOT_CROWDED) <= set(registry)
