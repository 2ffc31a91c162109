"""Posts on screen and by API: who may, what is asked, and what other pages say about a committee."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client

from apps.branches.models import Election, ElectionCandidate, Term
from apps.core.panels import HOME_TODO, PanelContext, rendered
from apps.core.scoping import unscoped
from apps.members.models import Member, Post
from tests.members.conftest import TODAY

D = datetime.date.fromisoformat


@pytest.fixture
def web(cast, roster):
    """A browser of somebody of the cast."""

    def signed_in(username="secretary_a"):
        client = Client()
        client.force_login(getattr(cast.users, username))
        return client

    return signed_in


@pytest.fixture
def post(cast, roster):
    with unscoped("test"):
        return Post.objects.create(
            org=cast.branch_a, member=roster.worker_a1, name="陈一鸣", role="secretary", since=D("2024-02-01"),
            source_unit="子公司综合部", concurrent="部长",
        )  # fmt: skip


def form(cast, **more):
    return {"org": cast.branch_a.pk, "role": "secretary", "since": "2026-05-20", "basis": "elected", **more}


def todo(user):
    return [
        item
        for result in rendered(HOME_TODO, PanelContext(user, TODAY))
        for item in (result if isinstance(result, list) else [result])
    ]


def test_a_secretary_registers_a_member_of_the_own_roster(cast, roster, web):
    desk = web()
    page = desk.get(f"/posts/new/?member={roster.worker_a3.pk}&role=secretary&since=2026-05-20").text
    assert "王建国" in page
    assert 'value="2026-05-20"' in page
    answer = desk.post("/posts/new/", form(cast, member=roster.worker_a3.pk, document="甲委〔2026〕3号"))
    with unscoped("test"):
        row = Post.objects.get()
    assert answer.url == row.get_absolute_url()
    assert (row.name, row.member_id, row.document) == ("王建国", roster.worker_a3.pk, "甲委〔2026〕3号")
    assert "王建国：子公司党支部书记" in desk.get(answer.url).text


@pytest.mark.parametrize("given", [{}, {"role": "nonsense"}, {"org": "x", "member": "99999999", "since": "yesterday"}])
def test_the_form_opens_whatever_the_address_says(web, given):
    assert web().get("/posts/new/", given).status_code == 200


def test_the_form_asks_for_the_reason_and_names_the_rule(cast, roster, web):
    with unscoped("test"):
        Member.objects.filter(pk=roster.worker_a3.pk).update(formal_on=D("2026-01-10"))
    answer = web().post("/posts/new/", form(cast, member=roster.worker_a3.pk))
    assert answer.status_code == 422
    assert "1年以上党龄" in answer.text
    assert "第二十三条" in answer.text
    assert web().post("/posts/new/", form(cast, member=roster.worker_a3.pk, reason="别无人选")).status_code == 302


@pytest.mark.parametrize("given", [{}, {"name": "另一人", "member": "worker_a1"}])
def test_one_holder_and_only_one_is_named(cast, roster, web, given):
    given = {name: getattr(roster, value).pk if name == "member" else value for name, value in given.items()}
    assert web().post("/posts/new/", form(cast, **given)).status_code == 422


def test_a_member_of_another_branch_is_nobody_here(cast, roster, web):
    answer = web().post("/posts/new/", form(cast, member=roster.worker_b1.pk))
    assert answer.status_code == 422
    assert roster.worker_b1.name not in answer.text
    assert web().post("/posts/new/", form(cast, org=cast.branch_b.pk, name="某某")).status_code == 422


def test_the_branch_clerk_looks_and_does_not_appoint(cast, post, web):
    clerk = web("clerk_a1")
    assert clerk.get("/posts/").status_code == 200
    assert "登记任职" not in clerk.get("/posts/").text
    assert clerk.get("/posts/new/").status_code == 403
    assert clerk.post(f"/posts/{post.pk}/end/", {"on": "2026-11-01"}).status_code == 403


def test_another_branch_sees_no_post(post, web):
    stranger = web("secretary_b")
    assert stranger.get(f"/posts/{post.pk}/").status_code == 404
    assert stranger.get(f"/api/v1/posts/{post.pk}/").status_code == 404
    assert "陈一鸣" not in stranger.get("/posts/?all=1").text


def test_a_post_is_corrected_and_ended_on_its_page(post, web):
    desk = web()
    desk.post(f"/posts/{post.pk}/edit/", {"basis": "by_election", "concurrent": "总经理", "version": 1})
    desk.post(f"/posts/{post.pk}/end/", {"on": "2026-11-01", "reason": "调离", "version": 2})
    with unscoped("test"):
        row = Post.objects.get()
    assert (row.basis, row.concurrent, row.until, row.note) == ("by_election", "总经理", D("2026-11-01"), "调离")
    page = desk.get(f"/posts/{post.pk}/").text
    assert "已离任" in page
    assert "/end/" not in page
    assert "陈一鸣" not in desk.get("/posts/").text
    assert "陈一鸣" in desk.get("/posts/?on=2026-10-31").text


def test_a_mistake_is_withdrawn_on_its_page(post, web):
    assert web().post(f"/posts/{post.pk}/withdraw/", {"reason": "登错了人", "version": 1}).url == "/posts/"
    with unscoped("test"):
        assert not Post.objects.exists()


def test_the_page_of_the_organisation_says_who_leads_it_or_that_nobody_does(cast, post, web):
    assert "子公司综合部，部长" in web().get(f"/orgs/{cast.branch_a.pk}/").text
    with unscoped("test"):
        Post.objects.all().delete()
    page = web().get(f"/orgs/{cast.branch_a.pk}/").text
    assert "空缺" in page
    assert f"/posts/new/?org={cast.branch_a.pk}" in page


def test_a_post_is_told_in_the_story_of_the_member(post, roster, web):
    page = web().get(f"/members/{roster.worker_a1.pk}/").text
    assert "任子公司党支部书记" in page
    assert f"/posts/{post.pk}/" in page


def test_the_list_of_vacancies_names_the_last_secretary_and_the_days(cast, post, web):
    with unscoped("test"):
        Post.objects.update(until=D("2026-11-12"))
    rows = {row["cells"][0]["text"]: row["cells"] for row in web("park_officer").get("/posts/vacant/").context["rows"]}
    assert [cell["text"] for cell in rows[cast.branch_a.name]][4:] == ["陈一鸣", "2026-11-12", "10"]
    assert [cell["text"] for cell in rows[cast.branch_b.name]][4:] == ["", "", ""]
    assert set(rows) == {cast.branch_a.name, cast.branch_b.name, cast.committee.name}


def test_a_vacancy_waits_for_the_days_of_the_place_before_it_is_somebodys_task(cast, post):
    for until, open_ in (("2026-10-24", False), ("2026-10-23", True), ("2026-10-22", True)):
        with unscoped("test"):
            Post.objects.update(until=D(until))
        labels = [item.title for item in todo(cast.users.secretary_a)]
        assert ("1 个党组织书记空缺" in labels) is open_, until


class TestAfterAnElection:
    @pytest.fixture
    def election(self, cast, roster):
        with unscoped("test"):
            term = Term.objects.create(
                org=cast.branch_a, number=2, since=D("2026-09-10"), expires_on=D("2029-09-10"), seats=3
            )
            row = Election.objects.create(
                org=cast.branch_a, number=2, seats=3, planned_on=D("2026-09-10"), state="approved", term=term,
                held_on=D("2026-09-10"), approved_on=D("2026-09-20"), secretary="王建国",
            )  # fmt: skip
            for name in ("王建国", "李秀英", "外来人"):
                ElectionCandidate.objects.create(election=row, post="member", name=name, votes=5, is_elected=True)
        return row

    def test_the_committee_is_registered_on_one_page_that_the_organisation_and_the_home_page_name(
        self, cast, election, post, web
    ):
        desk, url = web(), f"/posts/elected/{election.pk}/"
        assert url in desk.get(f"/orgs/{cast.branch_a.pk}/").text
        assert url in [item.url for item in todo(cast.users.secretary_a)]
        page = desk.get(url).text
        assert "名册上没有找到" in page
        desk.post(url, {"role_0": "secretary", "role_1": "organisation", "role_2": ""})
        with unscoped("test"):
            now = list(Post.objects.as_of(TODAY).order_by("pk").values_list("name", "role", "since"))
        assert now == [("王建国", "secretary", D("2026-09-10")), ("李秀英", "organisation", D("2026-09-10"))]
        assert url not in desk.get(f"/orgs/{cast.branch_a.pk}/").text
        assert url not in [item.url for item in todo(cast.users.secretary_a)]
        again = desk.post(url, {"role_0": "secretary"})
        assert again.status_code == 422
        assert "已经登记过" in again.text

    def test_another_branch_and_a_running_election_find_no_page(self, election, web):
        assert web("secretary_b").get(f"/posts/elected/{election.pk}/").status_code == 404
        with unscoped("test"):
            Election.objects.update(state="reported")
        assert web().get(f"/posts/elected/{election.pk}/").status_code == 404


class TestAPI:
    def test_the_same_services_by_program(self, cast, roster, web):
        desk = web("park_officer")
        body = {"org": "JYA", "member": roster.worker_a1.pk, "role": "secretary", "since": "2026-05-20"}
        made = desk.post("/api/v1/posts/", body, content_type="application/json")
        assert made.status_code == 201, made.text
        url = f"/api/v1/posts/{made.json()['id']}/"
        found = desk.patch(url, {"concurrent": "总经理", "version": 1}, content_type="application/json").json()
        assert (found["name"], found["member_code"], found["concurrent"]) == ("陈一鸣", roster.worker_a1.code, "总经理")
        stale = desk.patch(url, {"concurrent": "厂长", "version": 1}, content_type="application/json")
        assert stale.status_code == 409
        ended = desk.post(f"{url}end/", {"on": "2026-11-01"}, content_type="application/json").json()
        assert ended["until"] == "2026-11-01"
        gone = desk.post(f"{url}withdraw/", {"reason": "登错了人"}, content_type="application/json")
        assert gone.status_code == 204
        assert desk.get(url).status_code == 404

    def test_a_rule_refuses_by_program_too(self, cast, roster, web):
        body = {"org": "JYA", "member": roster.probationary_a.pk, "role": "committee", "since": "2026-05-20"}
        answer = web("park_officer").post("/api/v1/posts/", body, content_type="application/json")
        assert answer.status_code == 409
        assert "被选举权" in answer.text
