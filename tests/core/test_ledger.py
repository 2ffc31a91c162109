"""A ledger decides filters, search, order and masks once for all its outputs."""

import datetime

import pytest

from apps.branches.models import PartyOrg
from apps.core import ledger as ledgers
from apps.core.codes import mask_phone
from apps.core.errors import DomainError
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering

TODAY = datetime.date(2026, 11, 22)


class Book(Ledger):
    code, title, permission = "test.book", "试验台账", "branches.view"
    columns = (
        Column("code", "代码"),
        Column("kind", "类别", choices={"branch": "党支部", "group": "党小组"}),
        Column("parent", "上级", source="parent.parent.name"),
        Column("depth", "层级", source=lambda org: org.depth, kind=Kind.INTEGER),
        Column("phone", "电话", source="contact_phone", mask=mask_phone),
    )
    filters = (
        Filter("kind", "类别", choices=(("branch", "党支部"), ("group", "党小组"))),
        Filter("since", "成立不早于", kind="date", lookup="founded_on__gte"),
        Filter("depth", "层级", kind="number", apply=lambda rows, n, book: rows.filter(path__length=4 * n)),
        Filter("approves", "可审批", kind="bool", lookup="can_approve_probationary"),
    )
    orderings = {"": Ordering("按代码", ("code",)), "tree": Ordering("按树", ("path",))}
    search_hint = "名称"

    def rows(self):
        return PartyOrg.objects.select_related("parent__parent")

    def search(self, rows, text):
        return rows.named_like(text)


def book(**params):
    return Book(params, today=TODAY)


def codes(**params):
    return [row.code for row in book(**params).queryset()]


@pytest.fixture
def park(cast):
    with cast.within(cast.park_org):
        PartyOrg.objects.filter(code="JYA").update(contact_phone="13812345678", can_approve_probationary=True)
        yield cast


def test_rows_are_those_of_the_scope_in_the_order_asked_for(park):
    assert codes() == ["JY", "JYA", "JYA1", "JYB", "JYW", "JYZ"]
    assert codes(order="tree") == ["JY", "JYW", "JYZ", "JYA", "JYA1", "JYB"]
    assert codes(order="nobody declared it") == codes()


@pytest.mark.parametrize(("params", "found"), [
    ({"kind": "group"}, ["JYA1"]),
    ({"since": "2020-01-02"}, []),
    ({"approves": "1"}, ["JYA"]),
    ({"kind": "branch", "approves": "0"}, []),
    ({"q": "丑寅"}, ["JYB"]),
    ({"q": "zgs", "kind": "branch"}, ["JYA"]),
    ({"q": "   "}, ["JY", "JYA", "JYA1", "JYB", "JYW", "JYZ"]),
    ({"kind": ""}, ["JY", "JYA", "JYA1", "JYB", "JYW", "JYZ"]),
])  # fmt: skip
def test_filters_and_search_narrow_together(park, params, found):
    assert codes(**params) == found


@pytest.mark.parametrize(("name", "value"), [
    ("kind", "nonsense"), ("since", "2026-02-30"), ("since", "gestern"), ("depth", "viele"), ("approves", "maybe"),
])  # fmt: skip
def test_a_wrong_filter_never_widens_a_list(park, name, value):
    with pytest.raises(DomainError) as refusal:
        codes(**{name: value})
    assert (refusal.value.code, refusal.value.field) == ("bad_filter", name)


@pytest.mark.parametrize("params", [{"q": "甲\x00"}, {"q": "%"}, {"q": "_"}, {"q": "'"}, {"q": "\\"}, {"q": "😀" * 60}])
def test_no_search_text_is_an_error(park, params):
    assert isinstance(codes(**params), list)


def test_a_path_of_attributes_ends_at_the_first_nothing(park):
    assert dict(zip(codes(), book().records(), strict=True))["JY"][2] is None


def test_masks_hold_in_every_output_until_somebody_reveals(park):
    branch = book(q="zgs", kind="branch")
    assert next(branch.records())[-1] == "138****5678"
    assert branch.as_json(branch.queryset()[0])["phone"] == "138****5678"
    assert next(branch.records(reveal=True))[-1] == "13812345678"


def test_codes_are_shown_as_labels_and_unknown_ones_as_they_are(park):
    kinds = {row["code"]: row["kind"] for row in (book().as_json(each) for each in book().queryset())}
    assert (kinds["JYA"], kinds["JYZ"]) == ("党支部", "guidance_station")


def test_counting_stops_at_its_cap(park, monkeypatch):
    monkeypatch.setattr(Book, "count_cap", 3)
    assert book().count() == 4


def test_a_code_is_registered_once_and_columns_have_one_name_each():
    assert ledgers.register(Book) is Book
    try:
        with pytest.raises(ValueError, match="twice"):
            ledgers.register(Book)
    finally:
        del ledgers.registry["test.book"]
    twice = type("Twice", (Book,), {"code": "test.twice", "columns": (Column("a", "甲"), Column("a", "乙"))})
    with pytest.raises(ValueError, match="two columns"):
        ledgers.register(twice)
