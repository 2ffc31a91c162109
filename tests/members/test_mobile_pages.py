"""The pages and the API of agreements, mobile members and contacts, as the people of the cast use them."""

from __future__ import annotations

import datetime
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.core.codes import make_id_number, mask_id_number
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.enterprises.models import Condition
from apps.members.kinds import ManagementMode
from apps.members.models import ContactNote, Departure, DualAgreement, LostContact, Member, MobileRecord, Visitor
from apps.members.services.agreements import sign_agreement
from apps.members.services.lost import tend_lost
from apps.members.services.mobile import register_outflow

SINCE = datetime.date(2026, 4, 1)
NUMBER = make_id_number("210681", datetime.date(1990, 1, 1), 123)
CONTACT = {
    "method": "phone", "thoughts": "思想稳定", "study": "线上学习", "conduct": "工作积极", "on": "2026-11-20",
    "contact_name": "孙委员",
}  # fmt: skip


@pytest.fixture
def web(cast, roster):
    def client(username: str) -> Client:
        found = Client()
        found.force_login(getattr(cast.users, username))
        return found

    return client


@pytest.fixture
def away(cast, roster):
    with unscoped("fixture"):
        return register_outflow(
            member=roster.worker_a1, facts={"reason": "work", "contact_name": "孙委员"}, since=SINCE,
            today=SINCE, actor=None,
        )  # fmt: skip


@pytest.fixture
def guest(cast, roster):
    with unscoped("fixture"):
        return sign_agreement(
            member=roster.worker_elsewhere, org=cast.branch_a, facts={"home_text": "她说的支部", "contact_name": "王书记"},
            since=SINCE, today=SINCE, actor=None,
        )  # fmt: skip


def text(answer) -> str:
    return re.sub(r"<[^>]+>|\s+", "", answer.content.decode())


class TestSigning:
    def form(self, cast, **changes):
        return {
            "name": "欧阳春", "id_number": NUMBER, "org": cast.branch_a.pk, "enterprise": cast.enterprise_a.pk,
            "home_text": "中共沈阳市某支部", "since": "2026-11-01", "signed_on": "2026-11-01", "until": "2027-11-01",
            **changes,
        }  # fmt: skip

    def test_a_secretary_signs_with_somebody_new(self, cast, web):
        answer = web("secretary_a").post("/agreements/new/", self.form(cast))
        with unscoped("test"):
            agreement = DualAgreement.objects.select_related("member").get()
        assert answer.url == f"/agreements/{agreement.pk}/"
        assert agreement.member.name == "欧阳春"
        page = text(web("secretary_a").get(answer.url))
        assert "有效" in page
        assert NUMBER not in page

    def test_a_member_of_another_branch_is_linked_without_a_word_about_where(self, cast, roster, web):
        typed = self.form(cast, name="韩梅梅", id_number=roster.worker_elsewhere.id_number, home_text="她说的支部")
        answer = web("secretary_a").post("/agreements/new/", typed)
        for url in (answer.url, "/agreements/", "/ledgers/members.dual/", "/contacts/due/", "/members/modes/"):
            page = web("secretary_a").get(url).content.decode()
            assert "丁公司" not in page, url
        assert "她说的支部" in text(web("secretary_a").get(answer.url))
        with unscoped("test"):
            assert DualAgreement.objects.get().other_org == cast.sibling_branch

    def test_a_refusal_is_said_beside_the_field_and_nothing_is_lost(self, cast, roster, web):
        answer = web("secretary_a").post(
            "/agreements/new/", self.form(cast, name="陈一鸣", id_number=roster.worker_a1.id_number)
        )
        assert answer.status_code == 422
        assert "按在职党员管理" in text(answer)
        assert "中共沈阳市某支部" in answer.content.decode()

    def test_the_form_sent_twice_signs_once(self, cast, web):
        client = web("secretary_a")
        token = re.search(r'name="submission" value="([^"]+)"', client.get("/agreements/new/").content.decode()).group(
            1
        )
        urls = {client.post("/agreements/new/", {**self.form(cast), "submission": token}).url for _ in range(2)}
        assert len(urls) == 1
        with unscoped("test"):
            assert DualAgreement.objects.count() == 1

    def test_the_other_branch_reads_the_agreement_and_finds_its_forms_locked(self, cast, roster, web, guest):
        with unscoped("fixture"):
            from apps.accounts.models import RoleAssignment, User

            other = User.objects.create(username="secretary_s", display_name="丁书记", must_change_password=False)
            RoleAssignment.objects.create(user=other, role="branch_secretary", org=cast.sibling_branch, since=SINCE)
        client = Client()
        client.force_login(other)
        assert "子公司党支部" in text(client.get("/agreements/"))
        assert client.get(f"/agreements/{guest.pk}/").status_code == 200
        locked = client.get(f"/agreements/{guest.pk}/end/")
        assert "只能查看" in text(locked)
        assert client.post(f"/agreements/{guest.pk}/end/", {"on": "2026-11-01", "reason": "x"}).status_code == 422
        assert client.get(f"/agreements/{guest.pk}/contact/").status_code == 404


class TestContacts:
    def test_the_page_lists_who_is_missing_and_one_press_away_it_is_done(self, cast, web, away, guest):
        client = web("secretary_a")
        page = client.get("/contacts/due/")
        assert "已联系0/2名" in text(page)
        urls = re.findall(r'href="(/[a-z]+/\d+/contact/)"', page.content.decode())
        assert sorted(urls) == sorted([f"/agreements/{guest.pk}/contact/", f"/members/{away.member_id}/contact/"])
        for url in urls:
            form = client.get(url)
            assert form.context["form"].initial["contact_name"] in ("王书记", "孙委员")
            assert client.post(url, CONTACT).url == "/contacts/due/?org=JYA"
        assert "已联系2/2名，全部联系过" in text(client.get("/contacts/due/"))
        with unscoped("test"):
            assert {note.org for note in ContactNote.objects.all()} == {cast.branch_a}

    def test_the_contact_is_in_the_story_of_the_member(self, web, away):
        web("secretary_a").post(f"/members/{away.member_id}/contact/", CONTACT)
        assert "思想稳定" in text(web("secretary_a").get(f"/members/{away.member_id}/"))

    def test_an_officer_sees_each_branch_and_opens_its_names(self, web, away, guest):
        with unscoped("fixture"):
            Departure.objects.create(member=Member.objects.get(name="吴刚"), org=Member.objects.get(name="吴刚").org,
                                     left_post_on=SINCE, reason="retired")  # fmt: skip
        page = text(web("park_officer").get("/contacts/due/"))
        assert "已联系0/3名" in page
        assert "丑寅联合党支部101" in page
        assert "吴刚" in text(web("park_officer").get("/contacts/due/?org=JYB"))
        assert web("secretary_a").get("/contacts/due/?org=JYB").status_code == 404

    def test_a_closed_quarter_is_said_and_offers_no_button(self, web, away, closed_until):
        closed_until(datetime.date(2026, 10, 1))
        page = web("secretary_a").get("/contacts/due/?quarter=2026Q3")
        assert "已关闭" in text(page)
        assert "/contact/" not in page.content.decode()
        answer = web("secretary_a").post(f"/members/{away.member_id}/contact/", {**CONTACT, "on": "2026-09-30"})
        assert answer.status_code == 409
        assert "已关闭" in text(answer)


class TestModes:
    def test_every_figure_opens_to_as_many_names(self, cast, roster, web, away, guest):
        with unscoped("fixture"):
            Departure.objects.create(member=roster.worker_a2, org=cast.branch_a, left_post_on=SINCE, reason="resigned")
            Member.objects.filter(pk=roster.worker_a3.pk).update(phone_sealed=None, phone_index=None)
            Member.objects.filter(pk=roster.worker_b2.pk).update(relation="elsewhere", home_text="沈阳某支部")
        client = web("park_officer")
        page = client.get("/members/modes/")
        counts = {card["label"]: card["count"] for card in page.context["cards"]}
        assert counts == {
            ManagementMode.IN_POST.label: 5, ManagementMode.INFLOW_DUAL.label: 1, ManagementMode.MOBILE_NETWORK.label: 1,
            ManagementMode.DEPARTED_LOCAL.label: 1,
        }  # fmt: skip
        opened = 0
        for card in page.context["cards"]:
            figures = [(card["count"], card["url"]), *((line["count"], line["url"]) for line in card["lines"])]
            for count, url in figures:
                opened += 1
                assert len(client.get(url).context["rows"]) == count, url
        assert opened == 4 + sum(len(card["lines"]) for card in page.context["cards"])
        for line in page.context["lines"]:
            for cell in line["cells"]:
                if cell["url"]:
                    assert len(client.get(cell["url"]).context["rows"]) == cell["value"], cell["url"]

    def test_a_secretary_sees_the_own_branch_only(self, web, away):
        page = web("secretary_b").get("/members/modes/")
        assert [card["count"] for card in page.context["cards"]] == [2, 0, 0, 0]
        assert page.context["lines"] == []
        assert web("secretary_b").get("/members/modes/?org=JYA").status_code == 404

    def test_the_department_finds_who_works_in_one_branch_and_is_registered_in_another(self, roster, web):
        assert web("authority_officer").get("/members/modes/").context["inside"] == 1
        names = web("authority_officer").get("/agreements/unsigned/?where=inside")
        assert "韩梅梅" in text(names)
        assert "韩梅梅" not in text(web("park_officer").get("/agreements/unsigned/?where=inside"))

    def test_the_gap_counts_what_the_census_says_and_nobody_has_registered(self, cast, web, guest):
        with unscoped("fixture"):
            Condition.objects.filter(enterprise=cast.enterprise_a).update(members_elsewhere=3)
            DualAgreement.objects.update(enterprise=cast.enterprise_a)
        row = web("park_officer").get("/api/v1/ledgers/members.candidates/?gap=1").json()["results"][0]
        assert (row["enterprise"], row["reported"], row["signed"], row["gap"]) == (cast.enterprise_a.name, 3, 1, 2)
        assert web("park_officer").get("/members/modes/").context["gap"] == 1

    def test_the_page_costs_the_same_for_few_and_for_many(self, cast, roster, web):
        client, costs = web("park_officer"), []
        for extra in (0, 40):
            with unscoped("fixture"):
                Member.objects.bulk_create(
                    Member(code=f"X{n}", name=f"某{n}", org=cast.branch_b, joined_on=SINCE) for n in range(extra)
                )
            client.get("/members/modes/")
            with CaptureQueriesContext(connection) as captured:
                client.get("/members/modes/")
            costs.append(len(captured))
        assert costs[0] == costs[1]


class TestMobile:
    def test_out_confirmed_by_the_other_branch_and_back(self, cast, roster, web):
        client, other = web("secretary_a"), web("secretary_b")
        answer = client.post(f"/mobile/out/new/?member={roster.worker_a1.pk}", {
            "since": "2026-10-08", "reason": "work", "place": "沈阳", "other_org": cast.branch_b.pk, "contact_name": "孙",
        })  # fmt: skip
        with unscoped("test"):
            record = MobileRecord.objects.get()
        assert answer.url == f"/mobile/{record.pk}/"
        assert "待确认报到" in text(other.get("/todo/"))
        assert "由流入地" in text(client.get(f"/mobile/{record.pk}/arrive/"))
        assert "确认报到" in text(other.get(f"/mobile/{record.pk}/"))
        assert other.post(f"/mobile/{record.pk}/arrive/", {"reported_on": "2026-10-20"}).status_code == 302
        assert "2026-10-20" in text(client.get("/mobile/?direction=out"))
        assert "流入" in text(other.get("/mobile/?direction=in"))
        assert client.post(f"/mobile/{record.pk}/close/", {"on": "2026-11-20", "note": "返回"}).status_code == 302
        assert "已结束" in text(other.get(f"/mobile/{record.pk}/"))

    def test_a_short_stay_asks_for_the_reason_with_its_basis(self, roster, web):
        form = {"since": "2026-10-08", "reason": "work", "expected_return_on": "2026-12-01"}
        answer = web("secretary_a").post(f"/mobile/out/new/?member={roster.worker_a1.pk}", form)
        assert answer.status_code == 422
        assert "连续6个月以上" in text(answer)

    def test_a_member_of_another_branch_cannot_be_sent_away(self, roster, web):
        assert web("secretary_a").get(f"/mobile/out/new/?member={roster.worker_b1.pk}").status_code == 404


class TestOthers:
    def test_a_visitor_is_registered_and_taken_back_by_who_was_visited(self, cast, roster, web):
        with unscoped("fixture"):
            Member.objects.filter(pk=roster.worker_b1.pk).update(card_number="K1")
        form = {"org": cast.branch_a.pk, "name": "吴刚", "card_number": "K1", "on": "2026-11-15", "purpose": "主题党日"}
        assert web("secretary_a").post("/visitors/new/", form).status_code == 302
        with unscoped("test"):
            visit = Visitor.objects.get()
        assert "主题党日" in text(web("secretary_b").get("/visitors/?side=away"))
        assert web("secretary_b").post("/visitors/remove/", {"pk": visit.pk}).status_code == 404
        web("secretary_a").post("/visitors/remove/", {"pk": visit.pk})
        with unscoped("test"):
            assert not Visitor.objects.exists()

    def test_the_officer_decides_a_case_and_the_secretary_does_not(self, roster, web, today):
        with unscoped("fixture"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(lost_since=datetime.date(2026, 5, 1))
            tend_lost(today=today)
            case = LostContact.objects.get()
        assert "应研究停止党籍：陈一鸣" in text(web("park_officer").get("/"))
        assert web("secretary_a").get(f"/lost/{case.pk}/").status_code == 200
        assert web("secretary_a").get(f"/lost/{case.pk}/decide/").status_code == 403
        form = {"outcome": "suspended", "on": "2026-11-20", "document": "园党〔2026〕9号"}
        assert web("park_officer").post(f"/lost/{case.pk}/decide/", form).status_code == 302
        with unscoped("test"):
            assert Member.objects.get(pk=roster.worker_a1.pk).standing == "suspended"


class TestApi:
    def post(self, client, url, body, code=201):
        answer = client.post(f"/api/v1/{url}", body, content_type="application/json")
        assert answer.status_code == code, answer.content.decode()
        return answer.json()

    def test_an_agreement_from_signing_to_its_end(self, cast, web):
        client = web("secretary_a")
        body = {"name": "欧阳春", "id_number": NUMBER, "org": "JYA", "enterprise": cast.enterprise_a.pk,
                "since": "2026-04-01", "home_text": "沈阳某支部", "contact_name": "王书记"}  # fmt: skip
        signed = self.post(client, "agreements/", body)
        assert (signed["name"], signed["state"], signed["until"]) == ("欧阳春", "有效", "2027-04-01")
        assert NUMBER not in str(signed)
        note = self.post(client, "contacts/", {"agreement": signed["id"], **CONTACT})
        assert note["thoughts"] == "思想稳定"
        renewed = self.post(
            client, f"agreements/{signed['id']}/renew/", {"since": "2027-04-01", "signed_on": "2026-11-01"}
        )
        assert renewed["state"] == "未生效"
        ended = self.post(client, f"agreements/{signed['id']}/end/",
                          {"on": "2026-11-20", "reason": "离职", "version": 1}, 200)  # fmt: skip
        assert ended["state"] == "提前终止"
        again = self.post(client, f"agreements/{signed['id']}/end/", {"on": "2026-11-20", "reason": "x"}, 409)
        assert again["code"] == "not_in_force"

    def test_a_record_in_both_directions(self, cast, roster, web):
        out = self.post(web("secretary_a"), "mobile/out/", {
            "member": roster.worker_a1.pk, "since": "2026-10-08", "reason": "work", "other_org": cast.branch_b.pk,
        })  # fmt: skip
        assert out["direction"] == "流出"
        arrived = self.post(web("secretary_b"), f"mobile/{out['id']}/arrive/", {"on": "2026-10-20"}, 200)
        assert (arrived["direction"], arrived["reported_on"]) == ("流入", "2026-10-20")
        assert web("secretary_b").get(f"/api/v1/mobile/{out['id']}/").json()["direction"] == "流入"
        self.post(web("secretary_a"), f"mobile/{out['id']}/close/", {"on": "2026-11-20"}, 200)
        came = self.post(web("secretary_b"), "mobile/in/", {
            "name": "韩梅梅", "id_number": roster.worker_elsewhere.id_number, "org": "JYB", "since": "2026-10-08",
            "reason": "work", "counterpart": "她说的支部",
        })  # fmt: skip
        assert came["home"] == "她说的支部"

    def test_who_and_what_is_not_given_is_said(self, web, roster):
        client = web("secretary_a")
        for url, body in (
            ("contacts/", CONTACT), ("agreements/", {"org": "JYA", "since": "2026-04-01"}),
            ("contacts/", {**CONTACT, "member": roster.worker_b1.pk}), ("mobile/out/", {"member": roster.worker_b1.pk}),
        ):  # fmt: skip
            self.post(client, url, body, 400)

    def test_a_visit_and_a_decision(self, cast, roster, web, today):
        visit = self.post(web("secretary_a"), "visitors/", {
            "org": "JYA", "name": "来客", "home_text": "沈阳某支部", "on": "2026-11-15"})  # fmt: skip
        assert visit["home"] == "沈阳某支部"
        with unscoped("fixture"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(lost_since=datetime.date(2026, 5, 1))
            tend_lost(today=today)
            case = LostContact.objects.get()
        early = self.post(
            web("park_officer"), f"lost/{case.pk}/decide/", {"outcome": "removed", "on": "2026-11-20"}, 409
        )
        assert early["code"] == "too_early"
        self.post(web("secretary_a"), f"lost/{case.pk}/decide/", {"outcome": "found", "on": "2026-11-20"}, 403)


def test_no_number_is_in_the_trail(cast, roster, web):
    web("secretary_a").post("/agreements/new/", TestSigning().form(cast))
    assert AuditEntry.objects.exists()
    assert not [e for e in AuditEntry.objects.all() if NUMBER in f"{e.summary}{e.data}"]


def test_the_scan_is_kept_by_who_manages_and_seen_by_nobody_else(cast, web, guest, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = web("secretary_a")
    assert "还没有扫描件" in text(client.get(f"/agreements/{guest.pk}/"))
    scan = SimpleUploadedFile("协议.pdf", b"%PDF-1.4\n1 0 obj\n%%EOF\n")
    assert client.post(f"/agreements/{guest.pk}/attach/", {"file": scan}).status_code == 302
    page = client.get(f"/agreements/{guest.pk}/")
    assert "协议.pdf" in text(page)
    row = client.get("/api/v1/ledgers/members.dual/").json()["results"][0]
    assert row["scan"] == "是"
    url = re.search(r'href="(/attachments/\d+/)"', page.content.decode()).group(1)
    assert client.get(url).status_code == 200
    assert web("secretary_b").get(url).status_code == 404


def test_the_number_of_a_guest_is_shown_masked_to_who_answers_for_the_roster_and_to_nobody_else(
    cast, web, guest, roster
):
    def number(username: str) -> str:
        return web(username).get("/api/v1/ledgers/members.dual/").json()["results"][0]["id_number"]

    assert number("secretary_a") == ""
    assert number("authority_officer") == mask_id_number(roster.worker_elsewhere.id_number)
