"""党务人才库: who is in the pool, with which certificate, and where the person was placed."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from apps.core.errors import Conflict, DomainError
from apps.core.scoping import unscoped
from apps.members.models import Talent
from apps.members.rules.posts import CertificateState, certificate_state
from apps.members.services.talents import add_talent, change_talent, release_talent
from tests.members.conftest import TODAY

D = datetime.date.fromisoformat
DAY = datetime.timedelta(days=1)


@pytest.fixture
def added(cast, roster, today, officer):
    def now(member=roster.worker_a1, name="", **facts):
        given = {"kind": "secretary_reserve", "joined_on": D("2025-03-01"), **facts}
        return add_talent(org=cast.branch_a, member=member, name=name, facts=given, today=today, actor=officer)

    return now


@pytest.fixture
def web(cast):
    def signed_in(username="secretary_a"):
        client = Client()
        client.force_login(getattr(cast.users, username))
        return client

    return signed_in


def test_one_is_in_the_pool_once_for_each_kind(added):
    added()
    with pytest.raises(DomainError) as caught:
        added()
    assert caught.value.code == "in_pool"
    assert added(kind="lecturer").name == "陈一鸣"
    assert added(member=None, name="何平").member is None


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"joined_on": TODAY + DAY}, "joined_on"), ({"issued_on": TODAY + DAY}, "issued_on"),
        ({"placed_on": D("2025-02-28")}, "placed_on"), ({"placed_as": "某公司"}, "placed_on"), ({"kind": "genius"}, "kind"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_its_field(added, facts, field):
    with pytest.raises(DomainError) as caught:
        added(**facts)
    assert caught.value.field == field
    assert not Talent.objects.exists()


def test_a_certificate_ends_after_it_was_issued(added):
    with pytest.raises(DomainError):
        added(certificate="资格证书", issued_on=D("2025-01-01"), expires_on=D("2025-01-01"))
    assert (
        added(certificate="资格证书", issued_on=D("2025-01-01"), expires_on=D("2025-01-02")).certificate == "资格证书"
    )


def test_who_was_released_stays_with_where_he_went_and_may_come_back(added, officer, today):
    talent = change_talent(talent=added(), facts={"placed_on": D("2025-06-01"), "placed_as": "某公司党支部书记"}, today=today,
                           actor=officer)  # fmt: skip
    with pytest.raises(DomainError):
        release_talent(talent=talent, on=D("2025-02-28"), today=today, actor=officer)
    release_talent(talent=talent, on=D("2025-07-01"), today=today, actor=officer, note="任书记")
    with pytest.raises(DomainError):
        release_talent(talent=talent, on=today, today=today, actor=officer)
    assert not Talent.objects.available().exists()
    assert added(joined_on=D("2026-01-01")).left_on is None


def test_the_second_writer_gets_both_values(added, officer, today):
    talent = added()
    change_talent(talent=talent, facts={"unit": "甲公司"}, today=today, actor=officer, version=talent.version)
    with pytest.raises(Conflict) as caught:
        change_talent(talent=talent, facts={"unit": "乙公司"}, today=today, actor=officer, version=talent.version)
    assert caught.value.rows == [("所在单位", "甲公司", "乙公司")]


def test_the_filter_and_the_rule_agree_on_every_certificate(cast, added):
    for n, left in enumerate((None, -1, 0, 1, 59, 60, 61)):
        expires = TODAY + left * DAY if left is not None else None
        added(member=None, name=f"持证{n}", certificate="资格证书", expires_on=expires)
    added(member=None, name="无证")
    for state in CertificateState:
        asked = set(Talent.objects.with_certificate(state, TODAY, 60).values_list("name", flat=True))
        told = {row.name for row in Talent.objects.all()
                if certificate_state(row.expires_on, row.certificate, on=TODAY, notice_days=60) is state}  # fmt: skip
        assert asked == told, state


def test_the_pages_take_in_complete_and_release(cast, roster, web):
    desk = web()
    given = {"org": cast.branch_a.pk, "member": roster.worker_a1.pk, "kind": "worker", "joined_on": "2025-03-01"}
    answer = desk.post("/talents/new/", given)
    page = desk.get(answer.url).text
    assert "陈一鸣" in page
    assert "党务工作者" in page
    edit = {
        "kind": "worker",
        "joined_on": "2025-03-01",
        "certificate": "资格证书",
        "expires_on": "2026-12-01",
        "version": 1,
    }
    desk.post(f"{answer.url}edit/", edit)
    assert "证书即将到期" in desk.get(answer.url).text
    assert "党务人才资质证书" in desk.get("/").text
    desk.post(f"{answer.url}release/", {"on": "2026-11-01", "version": 2})
    with unscoped("test"):
        assert Talent.objects.get().left_on == D("2026-11-01")
    assert "陈一鸣" not in desk.get("/talents/").text
    assert "陈一鸣" in desk.get("/talents/?left=1").text


def test_another_branch_and_the_clerk(cast, added, web):
    talent = added()
    assert web("secretary_b").get(f"/talents/{talent.pk}/").status_code == 404
    assert web("clerk_a1").get(f"/talents/{talent.pk}/").status_code == 200
    assert web("clerk_a1").get("/talents/new/").status_code == 403


def test_the_same_by_program(cast, roster, web):
    desk = web("park_officer")
    body = {"org": "JYA", "member": roster.worker_a1.pk, "kind": "lecturer", "joined_on": "2025-03-01"}
    made = desk.post("/api/v1/talents/", body, content_type="application/json")
    assert made.status_code == 201
    url = f"/api/v1/talents/{made.json()['id']}/"
    found = desk.patch(url, {"certificate": "资格证书"}, content_type="application/json").json()
    assert (found["name"], found["certificate"], found["kind"]) == ("陈一鸣", "资格证书", "lecturer")
    assert (
        desk.post(f"{url}release/", {"on": "2026-11-01"}, content_type="application/json").json()["left_on"]
        == "2026-11-01"
    )
