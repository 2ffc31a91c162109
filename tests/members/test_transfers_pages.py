"""Transfers on screen and by API: each side sees its part and presses its button; nobody else sees anything."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from apps.core.scoping import unscoped
from apps.members.models import Departure, Transfer
from tests.members import transfers as walk
from tests.members.conftest import TODAY


@pytest.fixture
def web(cast):
    """A browser of somebody of the cast."""

    def signed_in(username):
        client = Client()
        client.force_login(getattr(cast.users, username))
        return client

    return signed_in


@pytest.fixture
def secretary_of_sibling(cast, db):
    """A secretary of the branch of the other park, who is in no other test's cast."""
    from apps.accounts.models import RoleAssignment, User

    with unscoped("test"):
        user = User.objects.create(username="secretary_s", display_name="何书记", must_change_password=False)
        RoleAssignment.objects.create(
            user=user, role="branch_secretary", org=cast.sibling_branch, since=datetime.date(2020, 1, 1)
        )
    cast.users.secretary_s = user
    return user


def text_of(answer):
    return answer.content.decode()


class TestTheWay:
    def test_from_the_request_to_the_acceptance_by_three_people(self, cast, roster, web):
        secretary, officer, receiver = web("secretary_a"), web("park_officer"), web("secretary_b")
        form = {"member": roster.worker_a1.pk, "receiver": cast.branch_b.pk, "requested_on": "2026-11-02"}
        answer = secretary.post("/transfers/new/", form)
        with unscoped("test"):
            row = Transfer.objects.get()
        assert answer.url == f"/transfers/{row.pk}/"
        page = text_of(secretary.get(answer.url))
        assert "下一步：支部核实" in page
        assert f'href="/transfers/{row.pk}/check/"' in page
        secretary.post(f"/transfers/{row.pk}/check/", {"on": "2026-11-03", "dues_paid_until": "2026-10", "version": 1})
        assert "由「中共甲园区驻区企业委员会」办理" in text_of(secretary.get(answer.url))
        assert f'href="/transfers/{row.pk}/approve/"' not in text_of(secretary.get(answer.url))
        officer.post("/transfers/approve/", {"pk": row.pk, "on": "2026-11-05", "submission": ""})
        page = text_of(receiver.get(answer.url))
        assert "下一步：接收" in page
        assert f'href="/transfers/{row.pk}/accept/"' in page
        form = {"on": "2026-11-10", "enterprise": cast.enterprise_b.pk, "version": 3}
        assert receiver.post(f"/transfers/{row.pk}/accept/", form).status_code == 302
        with unscoped("test"):
            row.refresh_from_db()
            assert (row.state, row.member.org) == ("accepted", cast.branch_b)
        assert receiver.get(f"/members/{row.member_id}/").status_code == 200
        assert secretary.get(f"/members/{row.member_id}/").status_code == 404
        assert secretary.get(answer.url).status_code == 200

    def test_an_arrival_by_name_and_id_number(self, cast, roster, web):
        with unscoped("test"):
            member = roster.worker_elsewhere
            member.memberships.all().delete()
            member.org, member.relation = cast.branch_a, "elsewhere"
            member.save()
        form = {
            "name": member.name, "id_number": member.id_number, "org": cast.branch_a.pk, "requested_on": "2026-11-02",
            "outside": "中共沈阳某公司委员会",
        }  # fmt: skip
        answer = web("secretary_a").post("/transfers/arrive/", form)
        assert answer.status_code == 302
        refused = web("secretary_b").post(
            "/transfers/arrive/",
            {**form, "org": cast.branch_b.pk, "name": "陈一鸣", "id_number": roster.worker_a1.id_number},
        )
        assert refused.status_code == 422
        assert "请办理组织关系转接" in text_of(refused)
        assert "子公司" not in text_of(refused).split("<main")[1]

    def test_a_foreign_id_among_the_ticked_refuses_all(self, cast, roster, web):
        row = walk.checked(cast, walk.requested(cast, roster.worker_a1, receiver=cast.branch_b))
        answer = web("park_officer").post("/transfers/approve/", {"pk": [row.pk, 999999], "on": "2026-11-05"})
        assert answer.status_code == 404
        assert walk.again(row).state == "branch_checked"

    def test_a_bulk_approval_with_a_draft_is_said_and_changes_nothing(self, cast, roster, web):
        row = walk.checked(cast, walk.requested(cast, roster.worker_a1, receiver=cast.branch_b))
        draft = walk.requested(cast, roster.worker_a2, receiver=cast.branch_b)
        form = {"pk": [row.pk, draft.pk], "on": "2026-11-05", "submission": ""}
        answer = web("park_officer").post("/transfers/approve/", form)
        assert answer.status_code == 409
        assert walk.again(row).state == "branch_checked"

    def test_whoever_does_not_take_the_step_reads_who_does(self, cast, roster, web):
        row = walk.within(cast, roster.worker_a1)
        page = web("secretary_a").get(f"/transfers/{row.pk}/accept/")
        assert page.status_code == 200
        assert "这一步由「中共丑寅联合支部委员会」办理" in text_of(page)
        answer = web("secretary_a").post(f"/transfers/{row.pk}/accept/", {"on": "2026-11-10"})
        assert answer.status_code == 422
        assert web("secretary_a").get(f"/transfers/{row.pk}/approve/").status_code == 403

    def test_somebody_who_was_slower_gets_409(self, cast, roster, web):
        row = walk.requested(cast, roster.worker_a1, receiver=cast.branch_b)
        form = {"on": "2026-11-03", "dues_paid_until": "2026-10", "version": 1}
        web("clerk_a1").post(f"/transfers/{row.pk}/check/", form)
        answer = web("secretary_a").post("/transfers/new/", {
            "member": roster.worker_a1.pk, "outside": "某党委", "requested_on": "2026-11-02"
        })  # fmt: skip
        assert answer.status_code == 409


class TestScope:
    @pytest.mark.parametrize(
        ("username", "way"), [("secretary_a", "转出"), ("secretary_s", "转入"), ("authority_officer", "内部")]
    )
    def test_the_direction_is_that_of_the_reader(self, cast, roster, web, secretary_of_sibling, username, way):
        row = walk.between(cast, roster.worker_a1)
        answer = web(username).get("/transfers/")
        (line,) = answer.context["rows"]
        assert line["pk"] == row.pk
        code = {"转出": "out", "转入": "in", "内部": "inside"}
        for label, value in code.items():
            found = web(username).get(f"/transfers/?way={value}").context["rows"]
            assert bool(found) is (label == way)

    def test_the_receiver_sees_who_comes_but_not_the_numbers_and_not_the_member_page(
        self, cast, roster, web, secretary_of_sibling
    ):
        row = walk.between(cast, roster.worker_a1)
        member, client = roster.worker_a1, web("secretary_s")
        page = text_of(client.get(f"/transfers/{row.pk}/"))
        assert member.name in page
        assert "正式党员" in page
        assert "2005年6月30日" in page
        assert member.id_number not in page
        assert member.id_number[-4:] not in page
        assert f'href="/members/{member.pk}/"' not in page
        assert client.get(f"/members/{member.pk}/").status_code == 404
        listed = client.get("/members/options/?q=陈").json()["results"]
        assert listed == []

    @pytest.mark.parametrize("page", ["", "print/", "check/", "accept/", "return/", "cancel/"])
    def test_a_third_branch_meets_the_same_404_as_for_nothing(self, cast, roster, web, secretary_of_sibling, page):
        row = walk.within(cast, roster.worker_a1)
        client = web("secretary_s")
        answer, missing = client.get(f"/transfers/{row.pk}/{page}"), client.get(f"/transfers/999999/{page}")
        assert (answer.status_code, answer.content) == (404, missing.content)
        assert client.get("/transfers/").context["rows"] == []

    def test_what_was_not_approved_is_not_yet_the_receiver_s_business(self, cast, roster, web):
        row = walk.checked(cast, walk.requested(cast, roster.worker_a1, receiver=cast.branch_b))
        client = web("secretary_b")
        assert client.get("/transfers/").context["rows"] == []
        assert client.get(f"/transfers/{row.pk}/").status_code == 404
        assert client.get(f"/api/v1/transfers/{row.pk}/").status_code == 404
        walk.approved(cast, row)
        assert client.get(f"/transfers/{row.pk}/").status_code == 200

    def test_the_directory_tells_names_and_nothing_else(self, cast, roster, web):
        found = web("secretary_a").get("/transfers/branches/?q=丁公司").json()["results"]
        assert found == [{"value": cast.sibling_branch.pk, "text": cast.sibling_branch.name}]
        everything = web("secretary_a").get("/transfers/branches/").json()["results"]
        assert {each["value"] for each in everything} == {cast.branch_a.pk, cast.branch_b.pk, cast.sibling_branch.pk}
        assert web("auditor").get("/transfers/branches/").status_code == 403

    def test_a_departure_of_another_branch_is_not_there(self, cast, roster, web):
        with unscoped("test"):
            row = Departure.objects.create(
                member=roster.worker_a1, org=cast.branch_a, left_post_on=datetime.date(2026, 10, 1), reason="resigned"
            )
        for page in ("", "place/", "withdraw/", "edit/"):
            assert web("secretary_b").get(f"/departures/{row.pk}/{page}").status_code == 404
            assert web("secretary_a").get(f"/departures/{row.pk}/{page}").status_code == 200


class TestLetter:
    def test_it_names_both_organisations_dues_days_and_carries_a_receipt(self, cast, roster, web):
        row = walk.between(cast, roster.worker_a1)
        page = text_of(web("park_officer").get(f"/transfers/{row.pk}/print/"))
        for said in (
            cast.branch_a.name, cast.sibling_branch.name, cast.sibling_org.name, cast.park_org.name, "<b>0012</b> 号", "回执联", "骑缝章",
        ):  # fmt: skip
            assert said in page
        assert "<b>2026</b> 年 <b>10</b> 月" in page
        assert "有效期 <b>30</b> 天" in page
        assert roster.worker_a1.id_number not in page

    def test_without_a_letter_the_page_says_so(self, cast, roster, web):
        row = walk.within(cast, roster.worker_a1)
        assert "还没有开具介绍信" in text_of(web("park_officer").get(f"/transfers/{row.pk}/print/"))


class TestTodo:
    def titles(self, client):
        return text_of(client.get("/todo/"))

    def test_each_step_is_on_the_list_of_whoever_takes_it(self, cast, roster, web):
        row = walk.requested(cast, roster.worker_a1, receiver=cast.branch_b)
        assert f"支部核实：{roster.worker_a1.name}" in self.titles(web("secretary_a"))
        assert roster.worker_a1.name not in self.titles(web("park_officer"))
        row = walk.checked(cast, row)
        assert f"党委批准：{roster.worker_a1.name}" in self.titles(web("park_officer"))
        assert roster.worker_a1.name not in self.titles(web("secretary_a"))
        walk.approved(cast, row)
        assert f"接收：{roster.worker_a1.name}" in self.titles(web("secretary_b"))
        assert roster.worker_a1.name not in self.titles(web("park_officer"))

    def test_an_expired_letter_is_on_the_list_of_the_sender_until_something_follows(self, cast, roster, web):
        row = walk.between(cast, roster.worker_a1)
        with unscoped("test"):
            Transfer.objects.filter(pk=row.pk).update(state="expired", ended_on=TODAY)
        assert "介绍信过期" in self.titles(web("secretary_a"))
        walk.requested(cast, roster.worker_a1, receiver=cast.sibling_branch, note="支部证明")
        assert "介绍信过期" not in self.titles(web("secretary_a"))


class TestApi:
    def test_the_steps_by_program_and_409_for_the_second(self, cast, roster, web):
        secretary, officer, receiver = web("secretary_a"), web("park_officer"), web("secretary_b")
        body = {"member": roster.worker_a1.pk, "receiver": cast.branch_b.pk, "requested_on": "2026-11-02"}
        made = secretary.post("/api/v1/transfers/", body, content_type="application/json")
        assert (made.status_code, made.json()["state"]) == (201, "草稿")
        again = secretary.post("/api/v1/transfers/", body, content_type="application/json")
        assert (again.status_code, again.json()["code"]) == (409, "conflict")
        here = f"/api/v1/transfers/{made.json()['id']}/"

        def post(client, step, **body):
            return client.post(f"{here}{step}/", body, content_type="application/json")

        post(secretary, "check", on="2026-11-03", dues_paid_until="2026-10-01")
        assert post(secretary, "approve", on="2026-11-05").status_code == 403
        assert post(officer, "approve", on="2026-11-05").json()["state"] == "党委已批"
        refused = post(officer, "letter", on="2026-11-06", number="1")
        assert refused.status_code == 409
        assert post(receiver, "accept", on="2026-11-10", version=3).json()["state"] == "已接收"
        assert post(receiver, "accept", on="2026-11-10").status_code == 409
        assert secretary.get(here).json()["way"] == "转出"
        assert web("auditor").get(here).status_code == 403

    def test_a_row_of_others_is_404(self, cast, roster, web, secretary_of_sibling):
        row = walk.within(cast, roster.worker_a1)
        client = web("secretary_s")
        assert client.get(f"/api/v1/transfers/{row.pk}/").status_code == 404
        body = {"on": "2026-11-10"}
        answer = client.post(f"/api/v1/transfers/{row.pk}/accept/", body, content_type="application/json")
        assert answer.status_code == 404

    def test_a_departure_is_recorded_and_placed(self, cast, roster, web):
        body = {"member": roster.worker_a1.pk, "left_post_on": "2026-10-20", "reason": "retired"}
        made = web("secretary_a").post("/api/v1/departures/", body, content_type="application/json")
        assert (made.status_code, made.json()["state"]) == (201, "待落实")
        body = {"on": "2026-11-12", "destination": "某社区党委", "note": "回执 17 号"}
        url = f"/api/v1/departures/{made.json()['id']}/place/"
        placed = web("secretary_a").post(url, body, content_type="application/json")
        assert placed.json()["state"] == "已落实"


class TestDeparturePages:
    def test_from_leaving_the_post_to_the_place(self, cast, roster, web):
        client = web("secretary_a")
        form = {"member": roster.worker_a1.pk, "left_post_on": "2026-10-20", "reason": "suspended"}
        answer = client.post("/departures/new/", form)
        with unscoped("test"):
            row = Departure.objects.get()
        assert answer.url == f"/departures/{row.pk}/"
        page = text_of(client.get("/departures/"))
        assert "企业停产" in page
        assert "待落实 1" in page
        form = {"on": "2026-11-12", "destination": "某社区党委", "note": "回执 17 号", "version": row.version}
        assert client.post(f"/departures/{row.pk}/place/", form).status_code == 302
        assert "去向已于 2026-11-12 落实" in text_of(client.get(f"/departures/{row.pk}/place/"))
        assert client.get("/departures/?state=open").context["rows"] == []


def test_the_book_costs_the_same_for_one_row_as_for_six(cast, roster, web, django_assert_max_num_queries):
    walk.requested(cast, roster.worker_a1, receiver=cast.branch_b)
    client = web("park_officer")
    client.get("/transfers/")
    with django_assert_max_num_queries(12):
        assert len(client.get("/transfers/").context["rows"]) == 1
    for member in roster.of_a[1:]:
        walk.requested(cast, member, receiver=cast.sibling_branch)
    with django_assert_max_num_queries(12):
        assert len(client.get("/transfers/").context["rows"]) == 6
