"""The roster by program: the services of the pages, masks, refusals, and nothing outside the scope."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from apps.core.codes import make_id_number
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.members.models import Honour, Member

BORN = datetime.date(1992, 2, 29)
NUMBER = make_id_number("210603", BORN, 22)


@pytest.fixture
def send(cast: Any, roster: Any, client: Any) -> Any:
    def run(url: str, method: str = "post", username: str = "secretary_a", **data: Any) -> Any:
        client.force_login(getattr(cast.users, username))
        return getattr(client, method)(f"/api/v1/members/{url}", data, content_type="application/json")

    return run


def new(cast: Any, **more: Any) -> dict[str, Any]:
    return {"name": "宋雨", "id_number": NUMBER, "phone": "13877776666", "org": "JYA", "on": "2026-10-10",
            "joined_on": "2018-07-01", "formal_on": "2019-07-01", "enterprise": cast.enterprise_a.pk, **more}  # fmt: skip


def test_a_registration_answers_the_member_with_masks(cast, send):
    answer = send("", **new(cast, address="辽宁省丹东市振兴区锦山大街8号"))
    body = answer.json()
    assert answer.status_code == 201
    assert (body["org"], body["sex"], body["born_on"], body["stage"]) == ("JYA", "2", "1992-02-29", "formal")
    assert (body["id_number_masked"], body["phone_masked"]) == ("210***********0" + NUMBER[-3:], "138****6666")
    assert body["address_masked"] == "辽宁省丹东市******"
    for hidden in (NUMBER, "13877776666", "锦山大街"):
        assert hidden not in answer.content.decode()


def test_no_answer_carries_an_original(cast, send, roster):
    answer = send(f"{roster.worker_a1.pk}/", "get")
    assert answer.status_code == 200
    for hidden in (roster.worker_a1.id_number, roster.worker_a1.phone):
        assert hidden not in answer.content.decode()


def test_somebody_of_another_branch_is_answered_like_nobody(cast, send, roster):
    outside, missing = (send(f"{pk}/", "get") for pk in (roster.sibling_1.pk, 999999999))
    assert outside.status_code == missing.status_code == 404
    assert outside.json() == missing.json()
    assert send(f"{roster.sibling_1.pk}/formal/", on="2026-11-01").status_code == 404


@pytest.mark.parametrize("username", ["instructor", "auditor", "system_admin", "visitor"])
def test_who_has_no_business_with_members_is_refused(username, send, roster):
    assert send(f"{roster.worker_a1.pk}/", "get", username).status_code == 403


def test_the_department_reads_and_does_not_write(cast, send, roster):
    assert send(f"{roster.worker_a1.pk}/", "get", "authority_officer").status_code == 200
    assert send("", username="authority_officer", **new(cast)).status_code == 403


def test_a_person_of_another_branch_needs_a_transfer(cast, send, roster):
    answer = send("", **new(cast, id_number=roster.sibling_1.id_number, name="冯涛"))
    assert (answer.status_code, answer.json()["code"]) == (409, "needs_transfer")
    assert cast.sibling_branch.name not in answer.json()["detail"]
    assert roster.sibling_1.id_number not in answer.content.decode()


def test_an_organisation_outside_the_scope_is_as_unknown_as_any(cast, send):
    outside, missing = (send("", **new(cast, org=code)) for code in ("YYZ1", "XXXX"))
    assert outside.status_code == missing.status_code == 400
    assert outside.json() == missing.json()


def test_owner_state_and_version_are_never_taken_from_input(cast, send, roster):
    member = roster.worker_a1
    answer = send(
        f"{member.pk}/", "patch", position="班长", org="JYB", relation="left", code="X", formal_on="2001-01-01"
    )
    assert answer.status_code == 200
    with unscoped("a test looks"):
        found = Member.objects.get(pk=member.pk)
    assert (found.position, found.org, found.relation, found.code) == ("班长", cast.branch_a, "here", member.code)
    assert (found.formal_on, found.version) == (member.formal_on, 2)


def test_the_second_writer_gets_409_with_both_values(send, roster):
    url = f"{roster.worker_a1.pk}/"
    assert send(url, "patch", position="班长", version=1).status_code == 200
    late = send(url, "patch", position="车间主任", version=1)
    assert late.status_code == 409
    assert late.json()["rows"] == [{"label": "工作岗位（职务）", "current": "班长", "yours": "车间主任"}]


def test_what_is_not_given_stays_in_a_regrouping(cast, send, roster):
    body = send(f"{roster.worker_a1.pk}/regroup/", on="2026-10-20", group="JYA1").json()
    assert (body["group"], body["enterprise"]) == ("JYA1", cast.enterprise_a.pk)
    body = send(f"{roster.worker_a1.pk}/regroup/", on="2026-10-21", enterprise=None).json()
    assert (body["group"], body["enterprise"]) == ("JYA1", None)


def test_the_dated_steps_answer_the_new_state_or_the_rule(send, roster):
    early = send(f"{roster.probationary_a.pk}/formal/", on="2026-11-01")
    assert (early.status_code, early.json()["code"]) == (409, "probation_runs")
    assert "发展党员工作细则" in early.json()["basis"]
    until = send(f"{roster.probationary_a.pk}/extend/", until="2027-09-10", reason="尚需考察").json()["probation_until"]
    assert until == "2027-09-10"
    url, dates = f"{roster.worker_a2.pk}/", {"joined_on": "2008-06-30", "formal_on": "2009-07-01", "reason": "档案"}
    assert send(f"{url}dates/", **dates).json()["formal_on"] == "2009-07-01"
    assert send(f"{url}lost/", since="2026-05-01").json()["lost_since"] == "2026-05-01"
    assert send(f"{url}found/", on="2026-06-01").json()["lost_since"] is None
    assert send(f"{url}placed/", reason="退休").json()["code"] == "not_waiting"
    assert send(f"{url}leave/", reason="deceased", on="2026-11-01").json()["relation"] == "left"
    assert send(f"{url}restore/", reason="误报", on="2026-11-02").json()["relation"] == "here"


def test_honours_are_added(send, roster):
    answer = send(f"{roster.worker_a1.pk}/honours/", kind="delegate", title="区人大代表", on="2026-01-08")
    assert answer.status_code == 201
    with unscoped("a test looks"):
        assert Honour.objects.get(pk=answer.json()["id"]).title == "区人大代表"


def test_an_original_leaves_for_a_reason_and_the_right_only(send, roster):
    url = f"{roster.worker_a1.pk}/reveal/"
    assert send(url, field="id_number").status_code == 400
    assert send(url, username="clerk_a1", field="id_number", reason="核对").status_code == 403
    assert not AuditEntry.objects.filter(action="member.viewed").exists()
    answer = send(url, field="id_number", reason="核对档案")
    assert answer.json() == {"value": roster.worker_a1.id_number}
    assert "no-store" in answer["Cache-Control"]
    assert AuditEntry.objects.filter(action="member.viewed").count() == 1
    assert send(url, field="remark", reason="核对").status_code == 400
