"""What a person, a bookmark or a program may put into an address or a form: refused in Chinese, never a 500 page."""

import base64
import json
from datetime import date

import pytest
from django.test import Client

from apps.core.errors import DomainError
from apps.core.ledger import registry
from apps.core.scoping import Scope, use_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(cast):
    client = Client()
    client.force_login(cast.users.park_officer)
    return client


def cursor(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("text", ['["\\ud800",1]', "[1,Infinity]", "[Infinity,1]", "[NaN,NaN]", "[" * 3000, "[1e400,1]"])
@pytest.mark.parametrize("name", ["after", "before"])
def test_a_cursor_that_no_page_has_written_means_the_first_page(officer, name, text):
    assert officer.get("/enterprises/", {name: cursor(text)}).status_code == 200


@pytest.mark.parametrize("url", ["/coverage/", "/coverage/gap/", "/coverage/names/", "/api/v1/coverage/"])
def test_a_nul_in_an_address_is_answered_in_chinese(officer, url):
    answer = officer.get(url, {"org": "甲\x00"})
    assert answer.status_code in (200, 400, 404)
    said = json.loads(answer.content)["detail"] if url.startswith("/api/") else answer.content.decode()
    assert max(said) >= "\u4e00"
    assert "Bad Request" not in said


@pytest.mark.parametrize("pk", ["²", "１", "-1", "1e3", "9" * 30, "", "x"])
@pytest.mark.parametrize("url", ["/enterprises/place/", "/census/returns/approve/"])
def test_a_tick_that_is_no_number_refuses_the_whole(cast, officer, url, pk):
    answer = officer.post(url, {"pk": [str(cast.enterprise_a.pk), pk]})
    assert answer.status_code == 404


def test_a_superscript_digit_is_no_row_of_the_gap_list(officer):
    assert officer.get("/coverage/gap/", {"pick": "²"}).status_code == 200


def test_an_export_with_a_nul_in_its_filter_is_queued_without_it(officer):
    answer = officer.post("/ledgers/enterprises.roster/export/", {"format": "xlsx", "q": "子\x00"})
    assert answer.status_code == 302


def test_a_host_that_is_not_ours_is_told_so_in_chinese():
    answer = Client().get("/signin/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "请求无法处理" in answer.content.decode()


@pytest.mark.parametrize("body", ["{", "null", '{"name": 1e400}', "[]", '"x"', '{"name": "\\ud800"}', '{"name": "\\u0000"}'])
def test_a_program_that_sends_nonsense_is_told_so_in_chinese(cast, officer, body):
    answer = officer.post(f"/api/v1/orgs/{cast.branch_a.pk}/rename/", body, content_type="application/json")
    assert answer.status_code == 400
    texts = [text for said in answer.json().values() for text in ([said] if isinstance(said, str) else said)]
    assert all(max(text) >= "\u4e00" for text in texts if text != "bad_json")


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_at_the_end_of_time_is_a_wrong_filter_of_every_ledger(cast, day):
    for code, ledger in registry.items():
        for each in ledger.filters:
            if each.kind == "date":
                book = ledger({each.name: day}, today=date(2026, 11, 22), user=cast.users.authority_officer)
                with use_scope(Scope(frozenset({cast.authority.path}))), pytest.raises(DomainError) as refused:
                    book.queryset()
                assert refused.value.code == "bad_filter", (code, each.name)
