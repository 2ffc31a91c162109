"""Parameters on their pages: every threshold is seen with its source, and set by whom it concerns."""

import datetime

import pytest

from apps.core import parameters
from apps.core.models import AuditEntry, Parameter
from apps.core.parameters import ParameterSpec, registry, value

TODAY = datetime.date(2026, 11, 22)
CODE = "tests.threshold"

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def spec(monkeypatch):
    spec = ParameterSpec(
        CODE, "测试门槛", "int", 100, "人", "某文件第一条", datetime.date(2026, 1, 1), "K", minimum=1, maximum=500
    )
    monkeypatch.setitem(registry, CODE, spec)
    return spec


def send(client, code=CODE, **changes):
    facts = {"value": "50", "org_path": "", "since": "2026-12-01", "source": "某市文件", **changes}
    return client.post(f"/settings/parameters/{code}/new/", facts)


def test_every_declared_parameter_has_a_row_and_is_on_the_page(client, cast):
    client.force_login(cast.users.authority_officer)
    page = client.get("/settings/parameters/").content.decode()
    for spec in registry.values():
        assert spec.label in page
        if spec.code != CODE:
            assert Parameter.objects.filter(code=spec.code, org_path="").exists(), spec.code


def test_the_confidence_of_a_number_is_explained(client, cast):
    client.force_login(cast.users.park_officer)
    page = client.get(f"/settings/parameters/{CODE}/").content.decode()
    assert "待核" in page
    assert "尚未核对" in page
    assert "某文件第一条" in page


def test_the_department_sets_a_value_for_the_whole_portal_from_a_day_on(client, cast):
    client.force_login(cast.users.authority_officer)
    assert send(client).url == f"/settings/parameters/{CODE}/"
    assert value(CODE, on=datetime.date(2026, 11, 30)) == 100
    assert value(CODE, on=datetime.date(2026, 12, 1)) == 50
    page = client.get(f"/settings/parameters/{CODE}/").content.decode()
    assert "未到生效日" in page
    assert "周部长" in page
    assert "50" in AuditEntry.objects.get(action="parameter.set").summary


def test_a_park_officer_sets_a_value_for_the_own_park_only(client, cast):
    client.force_login(cast.users.park_officer)
    assert send(client).status_code == 422
    assert send(client, org_path=cast.sibling_org.path).status_code == 422
    assert send(client, org_path=cast.authority.path).status_code == 422
    assert not Parameter.objects.filter(code=CODE).exists()
    assert send(client, org_path=cast.park_org.path).status_code == 302
    day = datetime.date(2026, 12, 1)
    assert value(CODE, on=day, org_path=cast.branch_a.path) == 50
    assert value(CODE, on=day, org_path=cast.sibling_branch.path) == 100


def test_a_value_set_in_another_park_is_not_shown(client, cast):
    Parameter.objects.create(
        code=CODE, org_path=cast.sibling_org.path, org_name="乙园区", value=7, since=TODAY, source="乙园区文件"
    )
    client.force_login(cast.users.park_officer)
    page = client.get(f"/settings/parameters/{CODE}/").content.decode()
    assert "乙园区" not in page
    assert client.get(f"/settings/parameters/?node={cast.sibling_org.path}").status_code == 404
    client.force_login(cast.users.authority_officer)
    assert "乙园区文件" in client.get(f"/settings/parameters/{CODE}/").content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"value": "0"}, "1"),
        ({"value": "501"}, "500"),
        ({"value": "abc"}, "整数"),
        ({"source": ""}, "必填"),
        ({"since": "03/04/2026"}, "日期"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(client, cast, changes, sentence):
    client.force_login(cast.users.authority_officer)
    response = send(client, **changes)
    assert response.status_code == 422
    assert sentence in response.content.decode()


def test_a_day_has_one_value_for_a_node(client, cast):
    client.force_login(cast.users.authority_officer)
    send(client)
    second = send(client, value="60")
    assert second.status_code == 422
    assert "已有取值" in second.content.decode()


def test_sign_in_rules_are_set_by_the_system_administrator_and_by_nobody_else(client, cast):
    code = "accounts.max_failures"
    client.force_login(cast.users.authority_officer)
    assert send(client, code, value="3").status_code == 403
    client.force_login(cast.users.system_admin)
    assert send(client, code, value="3").status_code == 302
    assert value(code, on=datetime.date(2026, 12, 1)) == 3
    assert send(client, CODE).status_code == 403


@pytest.mark.parametrize("who", ["secretary_a", "instructor", "auditor", "visitor"])
def test_others_do_not_reach_the_parameters(client, cast, who):
    client.force_login(getattr(cast.users, who))
    assert client.get("/settings/parameters/").status_code == 403
    assert client.get(f"/settings/parameters/{CODE}/").status_code == 403
    assert send(client).status_code == 403


def test_an_undeclared_parameter_is_404(client, cast):
    client.force_login(cast.users.authority_officer)
    assert client.get("/settings/parameters/no.such/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "default", "choices", "typed", "stored"),
    [
        ("bool", True, (), "0", False),
        ("decimal", "0.5", (), "0.25", "0.25"),
        ("choice", "a", (("a", "甲"), ("b", "乙")), "b", "b"),
        ("text", "", (), "按本地口径", "按本地口径"),
    ],
)
def test_every_kind_of_value_is_typed_and_kept(client, cast, monkeypatch, kind, default, choices, typed, stored):
    spec = ParameterSpec(CODE, "测试", kind, default, "", "某文件", TODAY, choices=choices)
    monkeypatch.setitem(parameters.registry, CODE, spec)
    client.force_login(cast.users.authority_officer)
    assert send(client, value=typed).status_code == 302
    assert value(CODE, on=datetime.date(2026, 12, 1)) == stored
    assert client.get(f"/settings/parameters/{CODE}/").status_code == 200
    assert client.get("/settings/parameters/").status_code == 200


def test_the_page_costs_the_same_whatever_has_been_set(client, cast, django_assert_max_num_queries):
    client.force_login(cast.users.authority_officer)
    for number in range(30):
        Parameter.objects.create(
            code=CODE, value=number, since=TODAY - datetime.timedelta(days=number), source="某文件"
        )
    with django_assert_max_num_queries(14):
        client.get("/settings/parameters/")
