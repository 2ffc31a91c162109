"""Keyset pages: every row once, forwards and backwards, at the same cost."""

import base64
import json

import pytest

from apps.branches.models import PartyOrg
from apps.branches.tree import segment
from apps.core.keyset import page_of
from apps.core.scoping import unscoped


@pytest.fixture
def rows(db):
    """Twenty-three organisations, many of one name, some of one kind."""
    with unscoped("test"):
        PartyOrg.objects.bulk_create(
            PartyOrg(code=f"K{n:02d}", name=f"组织{n % 4}", kind=("branch", "group")[n % 2], path=segment(n + 1))
            for n in range(23)
        )
        yield PartyOrg.objects.all()


ORDERS = [("path",), ("name", "pk"), ("-name", "pk"), ("kind", "-name", "-pk"), ("-pk",)]


@pytest.mark.parametrize("fields", ORDERS)
@pytest.mark.parametrize("size", [1, 4, 22, 23, 24])
def test_walking_forwards_meets_every_row_once_and_in_order(rows, fields, size):
    ordered = rows.order_by(*fields)
    seen, params = [], {}
    while True:
        page = page_of(ordered, fields, params, size)
        seen += page.rows
        if not page.next:
            break
        params = {"after": page.next}
    assert seen == list(ordered)


@pytest.mark.parametrize("fields", ORDERS)
def test_walking_back_leads_to_the_same_pages(rows, fields):
    ordered = rows.order_by(*fields)
    pages, params = [], {}
    while True:
        page = page_of(ordered, fields, params, 5)
        pages.append(page.rows)
        if not page.next:
            break
        params = {"after": page.next}
    back = [page.rows]
    while page.previous:
        page = page_of(ordered, fields, {"before": page.previous}, 5)
        back.insert(0, page.rows)
    assert back == pages


def test_the_first_page_has_no_previous_and_the_last_no_next(rows):
    first = page_of(rows.order_by("path"), ("path",), {}, 20)
    assert (bool(first.previous), bool(first.next)) == (False, True)
    last = page_of(rows.order_by("path"), ("path",), {"after": first.next}, 20)
    assert (bool(last.previous), bool(last.next)) == (True, False)


def test_a_row_that_arrives_before_the_cursor_shifts_nothing(rows):
    first = page_of(rows.order_by("code"), ("code",), {}, 5)
    PartyOrg.objects.create(code="A00", name="新", kind="branch", path=segment(99))
    second = page_of(rows.order_by("code"), ("code",), {"after": first.next}, 5)
    assert [row.code for row in second.rows] == ["K05", "K06", "K07", "K08", "K09"]


def cursor(*values):
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    ["x", "%%%", "=", cursor("a", "b", "c"), cursor(None), cursor({"a": 1}), cursor([1]), "ff" * 400, cursor("a\x00b"),
     cursor("yesterday"), cursor(10**40)],
)  # fmt: skip
@pytest.mark.parametrize("field", ["code", "founded_on", "pk"])
def test_a_cursor_that_makes_no_sense_is_never_an_error(rows, text, field):
    PartyOrg.objects.update(founded_on="2026-01-01")
    page = page_of(rows.order_by(field), (field,), {"after": text}, 5)
    assert len(page.rows) in (0, 5)


def test_a_page_deep_in_the_list_costs_one_query(rows, django_assert_num_queries):
    deep = page_of(rows.order_by("path"), ("path",), {"after": page_of(rows, ("path",), {}, 20).next}, 2)
    with django_assert_num_queries(1):
        page_of(rows.order_by("path"), ("path",), {"after": deep.next or ""}, 2)
