"""统战对象: who sees them at all, the phone behind its mask, and the facts that a kind needs."""

from __future__ import annotations

import datetime
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from apps.accounts.models import RoleAssignment
from apps.core.attachments import attach
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.members.models import UnitedFrontPerson
from apps.members.services.united_front import change_person, part_with, register_person, reveal_phone
from tests.members.conftest import TODAY

D = datetime.date.fromisoformat
DAY = datetime.timedelta(days=1)
FACTS = {
    "name": "沈思远",
    "kind": "minor_party",
    "party": "民进",
    "registered_on": D("2026-05-20"),
    "position": "研发总监",
}
NUMBER = "13912345678"


@pytest.fixture
def person(cast, today, officer):
    return register_person(org=cast.branch_a, enterprise=cast.enterprise_a, facts=FACTS, phone=NUMBER, today=today,
                           actor=officer)  # fmt: skip


@pytest.fixture
def web(cast):
    def signed_in(username):
        client = Client()
        client.force_login(getattr(cast.users, username))
        return client

    return signed_in


@pytest.fixture
def scan(person, officer):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(buffer, "PNG")
    return attach(file=SimpleUploadedFile("表.png", buffer.getvalue()), target=person, actor=officer)


def pages(person, cast):
    return {
        "list": "/united-front/", "page": f"/united-front/{person.pk}/", "reveal": f"/united-front/{person.pk}/reveal/",
        "ledger": "/ledgers/members.united_front/", "ledger by program": "/api/v1/ledgers/members.united_front/",
        "by program": f"/api/v1/united-front/{person.pk}/", "import": "/imports/members.united_front/",
    }  # fmt: skip


def grant(cast, username, org):
    with unscoped("test"):
        RoleAssignment.objects.create(
            user=getattr(cast.users, username), role="united_front_officer", org=org, since=D("2026-01-01")
        )


class TestWhoSees:
    def test_a_branch_secretary_sees_nothing_of_the_own_branch(self, cast, person, scan, web):
        desk = web("secretary_a")
        for what, url in pages(person, cast).items():
            answer = desk.get(url)
            assert answer.status_code == 403, what
            assert "沈思远" not in answer.text, what
        for url in (f"/enterprises/{cast.enterprise_a.pk}/", "/search/?q=沈思", f"/orgs/{cast.branch_a.pk}/", "/"):
            page = desk.get(url)
            assert page.status_code == 200
            assert "沈思远" not in page.text, url
            assert "united-front" not in page.text, url
        assert desk.get(f"/attachments/{scan.pk}/").status_code == 404
        body = {"ledger": "members.united_front", "format": "xlsx"}
        assert desk.post("/ledgers/members.united_front/export/", body).status_code in (403, 404)
        assert desk.post("/api/v1/united-front/", {}, content_type="application/json").status_code == 403

    def test_with_the_role_granted_the_same_secretary_sees_the_own_branch(self, cast, person, scan, web):
        grant(cast, "secretary_a", cast.branch_a)
        desk = web("secretary_a")
        for what, url in pages(person, cast).items():
            assert desk.get(url).status_code == 200, what
        assert "沈思远" in desk.get("/united-front/").text
        assert "沈思远" in desk.get(f"/enterprises/{cast.enterprise_a.pk}/").text
        assert "沈思远" in desk.get("/search/?q=沈思").text
        assert desk.get(f"/attachments/{scan.pk}/").status_code == 200

    def test_with_the_role_in_another_branch_it_is_the_404_of_a_row_that_is_not_there(self, cast, person, scan, web):
        grant(cast, "secretary_a", cast.branch_b)
        desk = web("secretary_a")
        missing = desk.get("/united-front/99999999/")
        found = desk.get(f"/united-front/{person.pk}/")
        assert (found.status_code, missing.status_code) == (404, 404)
        assert found.text == missing.text
        assert desk.get(f"/api/v1/united-front/{person.pk}/").status_code == 404
        assert "沈思远" not in desk.get("/united-front/").text
        assert "沈思远" not in desk.get(f"/enterprises/{cast.enterprise_a.pk}/").text
        assert "沈思远" not in desk.get("/search/?q=沈思").text
        assert desk.get(f"/attachments/{scan.pk}/").status_code == 404

    @pytest.mark.parametrize("username", ["clerk_a1", "instructor", "auditor", "system_admin", "visitor"])
    def test_nobody_else_sees_the_register(self, cast, person, web, username):
        assert web(username).get(f"/united-front/{person.pk}/").status_code == 403

    def test_the_authority_looks_and_the_park_officer_keeps(self, person, web):
        assert web("authority_officer").get(f"/united-front/{person.pk}/").status_code == 200
        assert web("authority_officer").get(f"/united-front/{person.pk}/edit/").status_code == 403
        assert web("park_officer").get(f"/united-front/{person.pk}/edit/").status_code == 200


class TestPhone:
    def test_it_is_masked_everywhere_and_shown_once_for_a_reason(self, cast, person, web):
        desk = web("park_officer")
        for url in (*pages(person, cast).values(), f"/united-front/{person.pk}/edit/"):
            assert NUMBER not in desk.get(url).text, url
        assert "139****5678" in desk.get(f"/united-front/{person.pk}/").text
        answer = desk.post(f"/united-front/{person.pk}/reveal/", {"reason": "节前走访联系"})
        assert NUMBER in answer.text
        assert answer["Cache-Control"] == "no-store"
        entry = AuditEntry.objects.filter(action="united_front.revealed").get()
        assert entry.data == {"reason": "节前走访联系"}
        assert NUMBER not in entry.summary

    def test_without_a_reason_nothing_is_shown(self, person, web, officer):
        assert NUMBER not in web("park_officer").post(f"/united-front/{person.pk}/reveal/", {"reason": " "}).text
        with pytest.raises(DomainError):
            reveal_phone(person=person, reason="  ", actor=officer)
        assert not AuditEntry.objects.filter(action="united_front.revealed").exists()

    def test_sent_back_masked_it_stays_and_emptied_it_goes(self, person, officer, today):
        same = {"person": person, "today": today, "actor": officer}
        assert change_person(facts={}, phone="139****5678", **same).phone == NUMBER
        assert change_person(facts={}, phone=None, **same).phone == NUMBER
        assert change_person(facts={}, phone="13800001111", **same).phone == "13800001111"
        assert change_person(facts={}, phone="", **same).phone == ""

    def test_at_rest_it_is_sealed(self, person):
        with unscoped("test"):
            row = UnitedFrontPerson.objects.filter(pk=person.pk).values("phone_sealed", "phone_index").get()
        assert NUMBER.encode() not in bytes(row["phone_sealed"])
        assert NUMBER not in str(row["phone_index"])


class TestFacts:
    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"party": ""}, "party"), ({"kind": "foreigner"}, "nationality"), ({"registered_on": TODAY + DAY}, "registered_on"),
            ({"name": " "}, "name"), ({"phone": "12"}, "phone"),
        ],
    )  # fmt: skip
    def test_what_is_missing_or_wrong_is_said_at_its_field(self, cast, officer, today, given, field):
        facts = {**FACTS, **given}
        phone = facts.pop("phone", "")
        with pytest.raises(DomainError) as caught:
            register_person(org=cast.branch_a, facts=facts, phone=phone, today=today, actor=officer)
        assert caught.value.field == field

    def test_the_person_belongs_to_who_answers_for_the_enterprise(self, cast, person, officer, today):
        assert (person.org, person.initials) == (cast.branch_a, "ssy")
        other = register_person(org=cast.park_org, facts=FACTS, today=today, actor=officer)
        assert other.org == cast.park_org

    def test_one_leaves_once_and_not_before_the_registration(self, person, officer, today):
        with pytest.raises(DomainError):
            part_with(person=person, on=D("2026-05-19"), today=today, actor=officer)
        assert part_with(person=person, on=D("2026-05-20"), today=today, actor=officer).left_on == D("2026-05-20")
        with pytest.raises(DomainError):
            part_with(person=person, on=today, today=today, actor=officer)
        assert not UnitedFrontPerson.objects.present().exists()

    def test_the_second_writer_gets_both_values(self, person, officer, today):
        change_person(person=person, facts={"position": "副总"}, today=today, actor=officer, version=person.version)
        with pytest.raises(Conflict):
            change_person(person=person, facts={"position": "总监"}, today=today, actor=officer, version=person.version)

    def test_a_form_registers_and_leaves(self, cast, roster, web):
        desk = web("park_officer")
        given = {"name": "汉斯·穆勒", "sex": "1", "kind": "foreigner", "nationality": "德国", "enterprise": cast.enterprise_a.pk,
                 "registered_on": "2026-05-20", "phone": NUMBER}  # fmt: skip
        answer = desk.post("/united-front/new/", given)
        assert "汉斯·穆勒" in desk.get(answer.url).text
        desk.post(f"{answer.url}leave/", {"on": "2026-11-01", "version": 1})
        assert "已离开" in desk.get(answer.url).text
        nowhere = {name: value for name, value in given.items() if name != "enterprise"}
        assert desk.post("/united-front/new/", nowhere).status_code == 422
