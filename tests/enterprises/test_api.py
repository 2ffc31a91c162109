"""The API of the register: the services of the pages, the same rights and refusals."""

from __future__ import annotations

import pytest

from apps.core.codes import make_credit_code
from apps.enterprises.models import Condition, Enterprise, Establishment, Need, Visit


@pytest.fixture
def send(cast, client):
    def run(url, method="post", username="park_officer", **data):
        client.force_login(getattr(cast.users, username))
        return getattr(client, method)(f"/api/v1/{url}", data, content_type="application/json")

    return run


def new(cast, **more):
    return {"name": "丹东辰科技有限公司", "park": cast.park.pk, "on": "2026-11-01", **more}


def test_registering_answers_the_row_of_the_sheet(cast, send):
    code = make_credit_code(serial=800)
    answer = send("enterprises/", **new(cast, credit_code=code, condition={"staff": 12, "formal_members": 3}))
    body = answer.json()
    assert answer.status_code == 201
    assert (body["credit_code"], body["staff"], body["status"], body["org"]) == (code, 12, "在营", "中共甲园区工作委员会")


def test_a_refusal_names_its_code_field_and_basis(cast, send):
    answer = send("enterprises/", **new(cast, credit_code="123"))
    assert (answer.status_code, answer.json()["field"]) == (409, "credit_code")
    url = f"enterprises/{cast.enterprise_b.pk}/establishments/"
    refused = send(url, org="JYW", form="single", since="2026-01-01").json()
    assert refused["code"] == "too_few"
    assert "支部工作条例" in refused["basis"]


def test_a_park_outside_the_scope_is_as_unknown_as_any(cast, send):
    outside = send("enterprises/", **new(cast, park=cast.sibling_park.pk))
    missing = send("enterprises/", **new(cast, park=999999))
    assert outside.status_code == missing.status_code == 400
    assert outside.json() == missing.json()


def test_owner_version_and_id_are_never_taken_from_input(cast, send):
    url = f"enterprises/{cast.enterprise_a.pk}/"
    answer = send(url, "patch", scale="small", org=cast.sibling_org.pk, org_path="x", id=1, version=cast.enterprise_a.version)
    assert answer.status_code == 200
    with cast.within(cast.park_org):
        found = Enterprise.objects.get(pk=cast.enterprise_a.pk)
    assert (found.org, found.scale, found.version) == (cast.branch_a, "small", cast.enterprise_a.version + 1)


def test_the_second_writer_gets_409_with_both_values(cast, send):
    url = f"enterprises/{cast.enterprise_a.pk}/condition/"
    seen = cast.enterprise_a.version
    assert send(url, on="2026-11-01", staff=130, version=seen).status_code == 200
    late = send(url, on="2026-11-01", staff=140, version=seen)
    assert late.status_code == 409
    assert late.json()["rows"] == [{"label": "职工数", "current": "130", "yours": "140"}]


def test_only_what_is_given_changes_and_all_slices_can_be_read(cast, send):
    url = f"enterprises/{cast.enterprise_a.pk}/condition/"
    send(url, on="2026-11-01", formal_members=6)
    slices = send(url, "get").json()
    assert [(row["since"], row["staff"], row["formal_members"]) for row in slices] == [
        ("2020-01-01", 120, 5),
        ("2026-11-01", 120, 6),
    ]


def test_a_visit_and_a_cover_are_recorded(cast, send):
    visit = send(f"enterprises/{cast.enterprise_a.pk}/visits/", on="2026-11-03", visitor="李明", need="招工")
    made = send(f"enterprises/{cast.enterprise_uncovered.pk}/establishments/", org="JYW", form="single", since="2026-11-01")
    ended = send(f"establishments/{made.json()['id']}/end/", until="2026-11-10")
    assert (visit.status_code, made.status_code, ended.status_code) == (201, 201, 200)
    with cast.within(cast.park_org):
        assert Visit.objects.get(pk=visit.json()["id"]).needs.count() == Need.objects.count() == 1
        assert Establishment.objects.get(pk=made.json()["id"]).until.isoformat() == "2026-11-10"


@pytest.mark.parametrize(
    ("username", "method", "url", "data", "status"),
    [
        ("secretary_a", "patch", "enterprises/{a}/", {"contact_name": "张工"}, 200),
        ("secretary_a", "patch", "enterprises/{a}/", {"name": "新名"}, 403),
        ("secretary_b", "patch", "enterprises/{a}/", {"contact_name": "张工"}, 404),
        ("secretary_b", "get", "enterprises/{a}/", {}, 404),
        ("secretary_a", "post", "enterprises/", {"name": "新名", "on": "2026-11-01"}, 403),
        ("instructor", "post", "enterprises/{a}/condition/", {"on": "2026-11-01", "staff": 1}, 403),
        ("instructor", "post", "enterprises/{a}/visits/", {"on": "2026-11-01", "visitor": "钱"}, 201),
        ("authority_officer", "get", "enterprises/{a}/", {}, 200),
        ("authority_officer", "patch", "enterprises/{a}/", {"room": "1"}, 403),
        ("visitor", "get", "enterprises/{a}/", {}, 403),
    ],
)
def test_each_role_may_what_it_may_on_the_pages(cast, send, username, method, url, data, status):
    assert send(url.format(a=cast.enterprise_a.pk), method, username, **data).status_code == status


def test_a_day_to_come_changes_nothing(cast, send):
    answer = send(f"enterprises/{cast.enterprise_a.pk}/condition/", on="2999-01-01", staff=1)
    assert (answer.status_code, answer.json()["code"]) == (409, "future")
    with cast.within(cast.park_org):
        assert Condition.objects.filter(enterprise=cast.enterprise_a).count() == 1
