"""The books of the register: what they show, whom they show it to, and at what cost."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.core.text import pinyin_initials
from apps.enterprises import ledgers, services
from apps.enterprises.kinds import MassKind
from apps.enterprises.models import (
    Building,
    Condition,
    Enterprise,
    Establishment,
    Instructor,
    InstructorAssignment,
    Visit,
)
from tests.cast import SINCE

D = datetime.date
BOOKS = [
    ledgers.EnterpriseRoster,
    ledgers.EnterpriseSheets,
    ledgers.EstablishmentLedger,
    ledgers.InstructorLedger,
    ledgers.VisitLedger,
    ledgers.BuildingLedger,
]


@pytest.fixture
def book(cast, officer, today):
    def ask(cls=ledgers.EnterpriseRoster, **params):
        return cls(params, today=today, user=officer)

    return ask


def names(ledger):
    return {row.name for row in ledger.queryset()}


def shown(ledger, name):
    row = ledger.queryset().get(name=name)
    return {column.name: column.value(row) for column in ledger.columns}


def grow(cast, count):
    """`count` more enterprises, each with everything that a book shows."""
    with unscoped("a crowd for the query counts"):
        start = Enterprise.objects.count()
        rows = Enterprise.objects.bulk_create([
            Enterprise(name=f"量产{n}公司", initials=pinyin_initials("量产公司"), org=cast.park_org, park=cast.park,
                       building=cast.building)
            for n in range(start, start + count)
        ])  # fmt: skip
        Condition.objects.bulk_create([Condition(enterprise=row, since=SINCE, staff=20) for row in rows])
        Establishment.objects.bulk_create(
            [Establishment(enterprise=row, org=cast.branch_b, form="joint", since=SINCE) for row in rows]
        )
        sent = Instructor.objects.bulk_create(
            [Instructor(name=f"员{n}", org=cast.park_org, since=SINCE) for n in range(count)]
        )
        Building.objects.bulk_create(
            [Building(park=cast.park, code=f"L{start + n}", name=f"{n} 栋", org=cast.branch_b) for n in range(count)]
        )
        InstructorAssignment.objects.bulk_create(
            [InstructorAssignment(instructor=i, enterprise=e, since=SINCE) for i, e in zip(sent, rows, strict=True)]
        )
        Visit.objects.bulk_create(
            [Visit(enterprise=e, on=D(2026, 11, 1), visitor="员", instructor=i) for i, e in zip(sent, rows, strict=True)]
        )


@pytest.mark.parametrize("cls", BOOKS, ids=lambda cls: cls.code)
def test_a_book_costs_the_same_queries_for_ten_rows_and_for_five_hundred(cast, officer, today, cls):
    def cost():
        ledger = cls({}, today=today, user=officer)
        with CaptureQueriesContext(connection) as queries:
            for row in ledger.page().rows:
                [(column.value(row), column.link and column.link(row)) for column in ledger.columns]
            ledger.count()
            [each.options(ledger) for each in ledger.filters if each.kind == "choice"]
            [each.options(ledger) for each in ledger.filters if each.kind == "choice"]
        return len(queries)

    grow(cast, 10)
    few = cost()
    grow(cast, 490)
    assert cost() == few
    assert few <= 9


def test_the_roster_shows_an_enterprise_as_it_is_today(cast, book, officer, today):
    services.record_mass_organization(
        enterprise=cast.enterprise_a, kind=MassKind.UNION, since=D(2026, 1, 1), today=today, actor=officer
    )
    found = shown(book(), "丹东子精密机械有限公司")
    assert found["status"] == "在营"
    assert (found["staff"], found["formal_members"]) == (120, 5)
    assert (found["form"], found["covering_org"], found["secretary"]) == ("单独组建", "中共子公司支部委员会", "王书记")
    assert found["mass"] == "工会"


def test_the_roster_of_a_past_day_shows_what_held_then(cast, book, officer, today):
    services.record_condition(
        enterprise=cast.enterprise_a, on=D(2026, 10, 8), changes={"staff": 130}, source="测试", today=today, actor=officer
    )
    assert shown(book(), "丹东子精密机械有限公司")["staff"] == 130
    assert shown(book(on="2026-10-07"), "丹东子精密机械有限公司")["staff"] == 120
    assert names(book(on="2019-12-31")) == set()


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"q": "精密"}, {"子"}),
        ({"q": "ddz"}, {"子"}),
        ({"q": "软"}, {"卯"}),
        ({"covered": "0"}, {"卯"}),
        ({"form": "none"}, {"卯"}),
        ({"form": "joint"}, {"丑"}),
        ({"staff": "focus"}, {"子"}),
        ({"staff": "attention"}, {"卯"}),
        ({"org": "JYB"}, {"丑"}),
        ({"org": "甲园区党工委"}, {"子", "丑", "卯"}),
        ({"org": "没有这个"}, set()),
        ({"status": "here", "covered": "1"}, {"子", "丑"}),
        ({"status": "moved_out"}, set()),
        ({"visited": "0"}, {"子", "丑", "卯"}),
        ({"worker": "1"}, set()),
        ({"arrived": "1"}, set()),
        ({"three": "0"}, set()),
    ],
)
def test_filters_of_the_roster(book, params, expected):
    full = {"子": "丹东子精密机械有限公司", "丑": "丹东丑电子有限公司", "卯": "丹东卯软件有限公司"}
    assert names(book(**params)) == {full[key] for key in expected}


@pytest.mark.parametrize("params", [{"park": "999999"}, {"on": "昨天"}, {"staff": "huge"}])
def test_a_filter_that_makes_no_sense_never_widens_the_list(book, params):
    with pytest.raises(DomainError, match="筛选条件"):
        book(**params).queryset()


@pytest.mark.parametrize("order", ["", "name", "new", "staff", "quiet"])
def test_every_order_pages_through_all_rows_once(cast, book, order, monkeypatch):
    grow(cast, 7)
    seen, after = [], ""
    while True:
        ledger = book(order=order, after=after)
        monkeypatch.setattr(type(ledger), "page_size", 3)
        page = ledger.page()
        seen += [row.pk for row in page.rows]
        after = page.next
        if not after:
            break
    assert len(seen) == len(set(seen)) == Enterprise.objects.count()


def test_a_secretary_finds_the_own_enterprise_and_no_link_above_the_branch(cast, today):
    with cast.within(cast.branch_a):
        ledger = ledgers.EnterpriseRoster({}, today=today, user=cast.users.secretary_a)
        (row,) = ledger.queryset()
        links = {c.name: c.link(row) for c in ledger.columns if c.link}
        assert row.name == "丹东子精密机械有限公司"
        assert links["park"] == links["building"] == ""
        assert links["org"] == f"/orgs/{cast.branch_a.pk}/"


def test_phones_are_masked_in_every_output(cast, book, officer, today):
    services.change_enterprise(
        enterprise=cast.enterprise_a, facts={"contact_phone": "13804151234"}, today=today, actor=officer
    )
    assert shown(book(), "丹东子精密机械有限公司")["contact_phone"] == "138****1234"
    assert not any("13804151234" in map(str, record) for record in book().records())


def test_the_board_counts_who_is_there_and_who_is_covered(cast, book, officer, today):
    services.place_enterprises(
        enterprises=[cast.enterprise_uncovered], building=cast.building, today=today, actor=officer
    )
    row = book(ledgers.BuildingLedger).queryset().get()
    assert (row.enterprises, row.covered) == (3, 2)
    board = {c.name: c.link(row) for c in ledgers.BuildingLedger.columns if c.link}
    params = dict(pair.split("=") for pair in board["uncovered"].split("?")[1].split("&"))
    assert names(book(**params)) == {"丹东卯软件有限公司"}


def test_the_instructor_book_shows_load_and_silence(cast, book, officer, today):
    instructor = services.register_instructor(
        facts={"org": cast.park_org, "name": "钱学", "since": SINCE}, actor=officer
    )
    enterprises = [cast.enterprise_a, cast.enterprise_b, cast.enterprise_uncovered]
    services.send_instructor(
        instructor=instructor, enterprises=enterprises, since=D(2026, 1, 1), today=today, actor=officer
    )
    facts = {"on": D(2026, 9, 30), "method": "visit", "visitor": "钱学", "instructor": instructor}
    services.record_visit(enterprise=cast.enterprise_a, facts=facts, today=today, actor=officer)
    found = shown(book(ledgers.InstructorLedger), "钱学")
    assert (found["load"], found["overload"]) == (3, "")
    assert (found["visits"], found["silent_days"], found["state"]) == (0, 53, "还差 1 次")
    assert names(book(instructor=str(instructor.pk))) == {e.name for e in enterprises}
