"""Pages of the patrol: what officers and secretaries see, put off and start; what others do not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core import jobs
from apps.core.jobs import run
from apps.core.models import AuditEntry, Job
from apps.core.scoping import unscoped
from apps.enterprises.models import Enterprise
from apps.members.permissions import VIEW as MEMBERS_VIEW
from apps.patrol import registry
from apps.patrol.models import PatrolHit
from apps.patrol.patrolling import run_patrol
from tests.cast import SINCE

from .conftest import DAY, TODAY, hits, rule_called
from .test_patrolling import TestFailure

MOST_QUERIES = 12


@pytest.fixture
def signed_in(cast, client):
    def sign_in(username="park_officer"):
        client.force_login(getattr(cast.users, username))
        return client

    return sign_in


@pytest.fixture
def found(cast, remarks, remark):
    """A finding in each enterprise of the cast but one."""
    remark("停用", cast.enterprise_a, cast.enterprise_b, cast.enterprise_sibling)
    run_patrol(TODAY)
    return {hit.title: hit for hit in hits()}


def titles(answer):
    with unscoped("test"):
        rows = PatrolHit.objects.in_bulk([row["pk"] for row in answer.context["rows"]])
    return {hit.title for hit in rows.values()}


class TestList:
    def test_the_summary_counts_each_rule_and_leads_to_its_list(self, cast, found, remarks, signed_in):
        desk = signed_in()
        page = desk.get("/patrol/?state=open")
        (line,) = page.context["lines"]
        assert (line["rule"], line["open"], line["aside"]) == (remarks, 2, 0)
        assert titles(desk.get(line["open_url"])) == {cast.enterprise_a.name, cast.enterprise_b.name}
        assert "最近巡查 2026年11月22日" in page.text

    def test_a_secretary_sees_the_own_branch_only(self, cast, found, signed_in):
        page = signed_in("secretary_a").get("/patrol/")
        assert titles(page) == {cast.enterprise_a.name}
        assert cast.enterprise_b.name not in page.text
        assert page.context["total"] == 1
        assert "现在巡查" not in page.text

    def test_it_is_narrowed_by_rule_level_state_and_organisation(self, cast, found, remarks, signed_in, remark):
        remark("", cast.enterprise_sibling)
        run_patrol(TODAY + DAY)
        desk = signed_in("authority_officer")
        both = {cast.enterprise_a.name, cast.enterprise_b.name}
        assert titles(desk.get("/patrol/")) == {*both, cast.enterprise_sibling.name}
        assert titles(desk.get("/patrol/?state=resolved")) == {cast.enterprise_sibling.name}
        assert titles(desk.get("/patrol/?state=open")) == both
        assert titles(desk.get("/patrol/?state=aside")) == set()
        assert titles(desk.get(f"/patrol/?rule={remarks.code}&level=must&state=open")) == both
        assert titles(desk.get("/patrol/?level=usual")) == set()
        assert titles(desk.get("/patrol/?org=JYA")) == {cast.enterprise_a.name}
        assert titles(desk.get(f"/patrol/?q={cast.enterprise_b.name[2:5]}")) == {cast.enterprise_b.name}

    def test_each_line_names_rule_value_limit_basis_and_days(self, cast, found, remarks, signed_in):
        answer = signed_in("secretary_a").get("/api/v1/ledgers/patrol.hits/")
        (row,) = answer.json()["results"]
        assert (row["rule"], row["level"], row["subject"]) == (remarks.label, "应当", cast.enterprise_a.name)
        assert (row["value"], row["limit"], row["basis"]) == ("停用", "不得有备注", "《某条例》第一条")
        assert (row["org"], row["days"], row["state"]) == ("子公司党支部", 0, "待处理")

    def test_a_rule_that_failed_is_said_on_the_page(self, cast, found, remarks, signed_in, monkeypatch):
        monkeypatch.setitem(registry.registry, remarks.code, rule_called(remarks.code, TestFailure.BROKEN))
        run_patrol(TODAY)
        page = signed_in().get("/patrol/")
        assert "最近一次巡查没有跑成" in page.text
        assert "no_such_column" not in page.text

    def test_findings_of_a_rule_that_is_gone_are_still_shown(self, cast, found, signed_in, monkeypatch):
        monkeypatch.setattr(registry, "registry", {})
        run_patrol(TODAY)
        desk = signed_in()
        page = desk.get("/patrol/?state=resolved")
        assert len(page.context["rows"]) == 2
        assert desk.get(f"/patrol/{page.context['rows'][0]['pk']}/").status_code == 200

    def test_the_page_costs_the_same_for_three_findings_as_for_forty(self, cast, found, remark, signed_in):
        desk = signed_in("authority_officer")

        def cost(url):
            desk.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert desk.get(url).status_code == 200
            return len([query for query in captured if "SAVEPOINT" not in query["sql"]])

        urls = ("/patrol/", "/ledgers/patrol.hits/", "/api/v1/ledgers/patrol.hits/")
        few = [cost(url) for url in urls]
        with unscoped("test"):
            Enterprise.objects.bulk_create(
                Enterprise(name=f"第{n}公司", org=cast.branch_b, park=cast.park, registered_on=SINCE, remark="停用")
                for n in range(40)
            )
        run_patrol(TODAY)
        assert [cost(url) for url in urls] == few
        assert max(few) <= MOST_QUERIES


class TestOneFinding:
    def test_it_says_what_to_do_and_where(self, cast, found, remarks, signed_in):
        hit = found[cast.enterprise_a.name]
        page = signed_in("secretary_a").get(f"/patrol/{hit.pk}/")
        for text in (remarks.label, remarks.advice, "停用", "不得有备注", "《某条例》第一条", f'href="{hit.url}"'):
            assert text in page.text
        assert "暂缓处理" not in page.text

    def test_that_of_another_branch_is_not_there(self, cast, found, signed_in):
        foreign = found[cast.enterprise_b.name].get_absolute_url()
        desk = signed_in("secretary_a")
        assert desk.get(foreign).status_code == 404
        assert desk.get(f"{foreign}aside/").status_code == 403
        assert signed_in("visitor").get(foreign).status_code == 403

    def test_an_officer_puts_it_off_and_lists_it_again(self, cast, found, signed_in):
        hit, desk = found[cast.enterprise_a.name], signed_in()
        url = hit.get_absolute_url()
        assert f"{url}aside/" in desk.get(url).text
        form = desk.get(f"{url}aside/").context["form"]
        sent = {name: form[name].value() for name in form.fields}
        thin = desk.post(f"{url}aside/", {**sent, "reason": "在办"})
        assert thin.status_code == 422
        assert "不少于10个字" in thin.text
        assert desk.post(f"{url}aside/", {**sent, "reason": "企业正在搬迁，下月初再开会成立。"}).url == url
        page = desk.get(url)
        assert "企业正在搬迁" in page.text
        assert f"{url}again/" in page.text
        assert f"{url}aside/" not in page.text
        assert desk.get("/patrol/").context["lines"][0]["aside"] == 1
        assert desk.post(f"{url}again/").url == url
        assert f"{url}aside/" in desk.get(url).text

    def test_an_officer_of_another_park_cannot(self, cast, found, signed_in):
        url = found[cast.enterprise_sibling.name].get_absolute_url()
        desk = signed_in()
        assert desk.get(f"{url}aside/").status_code == 404
        assert desk.post(f"{url}again/").status_code == 404

    def test_what_is_resolved_is_locked(self, cast, found, remark, signed_in):
        hit = found[cast.enterprise_a.name]
        remark("", cast.enterprise_a)
        run_patrol(TODAY)
        desk = signed_in()
        page = desk.get(hit.get_absolute_url())
        assert "已消除" in page.text
        assert "去办理" not in page.text
        assert "消除，不用再办理" in desk.get(f"{hit.get_absolute_url()}aside/").text


class TestPatrolByDay:
    @pytest.fixture(autouse=True)
    def no_queue(self, monkeypatch):
        monkeypatch.setattr(jobs, "_queue", lambda pk: None)

    def test_an_officer_starts_it_and_is_told_what_stands_in_the_own_scope(self, cast, remarks, remark, signed_in):
        remark("停用", cast.enterprise_a, cast.enterprise_sibling)
        answer = signed_in().post("/patrol/run/")
        job = Job.objects.get()
        assert answer.url == job.get_absolute_url()
        run(job.pk)
        job.refresh_from_db()
        assert (job.state, job.message) == (Job.State.DONE, "巡查完成，您的范围内有 1 项待处理")
        assert len(hits()) == 2
        assert AuditEntry.objects.filter(action="patrol.ran").exists()

    def test_it_says_which_rule_failed(self, cast, remarks, signed_in, monkeypatch):
        monkeypatch.setitem(registry.registry, remarks.code, rule_called(remarks.code, TestFailure.BROKEN))
        signed_in().post("/patrol/run/")
        run(Job.objects.get().pk)
        assert f"没有跑成的规则：{remarks.label}" in Job.objects.get().message

    def test_it_is_not_started_twice(self, cast, remarks, signed_in):
        desk = signed_in()
        desk.post("/patrol/run/")
        again = desk.post("/patrol/run/", follow=True)
        assert "巡查正在进行" in again.text
        assert Job.objects.count() == 1

    @pytest.mark.parametrize("username", ["secretary_a", "clerk_a1", "instructor", "auditor"])
    def test_nobody_else_starts_it(self, cast, remarks, signed_in, username):
        assert signed_in(username).post("/patrol/run/").status_code == 403
        assert not Job.objects.exists()


class TestOthersPages:
    def test_the_officers_home_counts_findings_by_rule(self, cast, found, remarks, signed_in):
        page = signed_in().get("/")
        assert "巡查发现 2 项" in page.text
        assert f"/patrol/?rule={remarks.code}&amp;state=open" in page.text

    def test_what_is_put_off_is_not_counted(self, cast, found, signed_in):
        with unscoped("test"):
            PatrolHit.objects.update(
                dismissed_until=TODAY + DAY, dismissed_reason="在办", dismissed_by=cast.users.park_officer
            )
        assert "巡查发现" not in signed_in().get("/").text
        assert cast.enterprise_a.name not in signed_in("secretary_a").get("/todo/").text

    def test_a_secretary_is_asked_to_mend_the_own_ones_each_subject_once(
        self, cast, found, remarks, signed_in, monkeypatch
    ):
        other = rule_called("test.other")
        monkeypatch.setitem(registry.registry, other.code, other)
        run_patrol(TODAY)
        page = signed_in("secretary_a").get("/todo/")
        assert page.text.count(f"{cast.enterprise_a.name}：") == 2  # the line, and its button for screen readers
        assert "停用（不得有备注）" in page.text
        assert "《某条例》第一条" in page.text
        assert cast.enterprise_b.name not in page.text
        assert "停用" not in signed_in().get("/todo/").text

    def test_many_are_counted(self, cast, found, signed_in):
        with unscoped("test"):
            Enterprise.objects.bulk_create(
                Enterprise(name=f"第{n}公司", org=cast.branch_a, registered_on=SINCE, remark="停用") for n in range(9)
            )
        run_patrol(TODAY)
        assert "还有 5 项巡查发现" in signed_in("secretary_a").get("/todo/").text

    def test_the_page_of_an_organisation_shows_those_of_its_subtree(self, cast, found, signed_in):
        desk = signed_in("authority_officer")
        assert "连同下级共 2 项待处理" in desk.get(cast.park_org.get_absolute_url()).text
        branch = desk.get(cast.branch_a.get_absolute_url()).text
        assert "连同下级共 1 项待处理" in branch
        assert "/patrol/?org=JYA&amp;state=open" in branch
        assert "项待处理" not in desk.get(cast.group_a.get_absolute_url()).text

    def test_the_sidebar_marks_the_page_whatever_its_filters(self, cast, remarks, signed_in):
        page = signed_in().get("/patrol/?state=resolved")
        active = [item["label"] for group in page.context["shell"]["nav"] for item in group["items"] if item["active"]]
        assert active == ["规则巡查"]


ANY_ORGANISATION = """
SELECT 'branches.partyorg' AS subject_type, o.id AS subject_id, o.path AS org_path, '失联' AS value, '' AS "limit",
       o.name AS title, '/orgs/' || o.id || '/' AS url
FROM branches_partyorg o WHERE %(today)s IS NOT NULL
"""


class TestWhomItTells:
    @pytest.mark.parametrize(("permission", "shown"), [("", True), (MEMBERS_VIEW, False)])
    def test_findings_that_name_people_are_told_to_who_may_see_people(
        self, cast, signed_in, monkeypatch, permission, shown
    ):
        rule = replace(rule_called("test.person", ANY_ORGANISATION), permission=permission)
        monkeypatch.setattr(registry, "registry", {rule.code: rule})
        run_patrol(TODAY)
        (hit,) = hits(org=cast.station)
        desk = signed_in("instructor")
        page = desk.get("/patrol/")
        assert (hit.title in titles(page), page.context["total"] > 0) == (shown, shown)
        assert desk.get(f"/patrol/{hit.pk}/").status_code == (200 if shown else 404)
        assert hit.title in titles(signed_in("park_officer").get("/patrol/"))
