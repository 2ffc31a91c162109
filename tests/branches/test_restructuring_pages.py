"""Mergers, splits and plans as people meet them: pages, API, and what others see the moment after."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.branches.models import OrgEvent, PartyOrg, Restructuring, RestructuringStep
from apps.branches.tasks import apply_due_restructurings
from apps.core.scoping import unscoped
from apps.enterprises.models import Enterprise
from tests.racing import at_once

from .plans import COVERS, DAY, drafted, hefeng, hefeng_plan, put

JSON = "application/json"


@pytest.fixture(autouse=True)
def the_day():
    with time_machine.travel("2026-11-22T10:00+08:00", tick=False):
        yield


@pytest.fixture
def officer(cast, client):
    client.force_login(cast.users.park_officer)
    return client


@pytest.fixture
def plan(cast):
    with cast.within(cast.park_org):
        return drafted(cast)


def fresh(row):
    with unscoped("a test"):
        return type(row).objects.select_related().get(pk=row.pk)


def text(answer):
    return answer.content.decode()


class TestOnThePageOfAnOrganisation:
    def test_it_is_merged_and_its_secretary_sees_it_no_longer(self, officer, cast):
        secretary = Client()
        secretary.force_login(cast.users.secretary_a)
        own = f"/orgs/{cast.branch_a.pk}/"
        assert secretary.get(own).status_code == 200
        assert "合并" in text(officer.get(own))
        answer = officer.post(f"{own}merge/", {"target": cast.branch_b.pk, "on": "2026-11-22", "version": 1})
        assert answer.status_code == 302
        assert fresh(cast.branch_a).ended_on == datetime.date(2026, 11, 22)
        assert secretary.get(own).status_code == 403
        assert secretary.post(f"{own}edit/", {"contact_name": "甲"}).status_code == 403

    def test_a_secretary_with_another_branch_gets_the_404_of_what_is_not_there(self, officer, cast):
        from apps.accounts.models import RoleAssignment

        RoleAssignment.objects.create(
            user=cast.users.secretary_a, role="branch_secretary", org=cast.branch_b, since=DAY
        )
        secretary = Client()
        secretary.force_login(cast.users.secretary_a)
        officer.post(f"/orgs/{cast.branch_a.pk}/merge/", {"target": cast.sibling_branch.pk, "on": "2026-11-22"})
        assert secretary.get(f"/orgs/{cast.branch_a.pk}/").status_code == 200
        officer.post(f"/orgs/{cast.branch_a.pk}/merge/", {"target": cast.branch_b.pk, "on": "2026-11-22"})
        gone, missing = secretary.get(f"/orgs/{cast.branch_a.pk}/"), secretary.get("/orgs/99999999/")
        assert gone.status_code == missing.status_code == 404
        assert gone.content == missing.content

    def test_kinds_that_do_not_merge_are_not_offered(self, officer, cast):
        page = text(officer.get(f"/orgs/{cast.branch_a.pk}/merge/"))
        assert "中共丑寅联合支部委员会" in page
        assert "甲园区驻区企业委员会</option>" not in page

    def test_it_is_split_by_ticking_what_goes(self, officer, cast):
        url = f"/orgs/{cast.branch_a.pk}/split/"
        page = text(officer.get(url))
        assert "丹东子精密机械有限公司（单独组建）" in page
        assert "第一党小组" in page
        facts = {"name": "中共子公司新支部委员会", "kind": "branch", "on": "2026-11-22", "version": 1}
        assert officer.post(url, facts).status_code == 422
        fields = {holding: name for name, holding in officer.get(url).context["form"].pick_codes.items()}
        answer = officer.post(url, {**facts, fields[COVERS]: [cast.enterprise_a.pk]})
        assert answer.status_code == 302
        with unscoped("a test"):
            new = PartyOrg.objects.get(name="中共子公司新支部委员会")
            assert Enterprise.objects.get(pk=cast.enterprise_a.pk).org_id == new.pk
        assert answer.url == f"/orgs/{new.pk}/"

    def test_what_nobody_offered_cannot_be_ticked(self, officer, cast):
        url = f"/orgs/{cast.branch_a.pk}/split/"
        fields = {holding: name for name, holding in officer.get(url).context["form"].pick_codes.items()}
        facts = {
            "name": "中共新支部委员会",
            "kind": "branch",
            "on": "2026-11-22",
            fields[COVERS]: [cast.enterprise_b.pk],
        }
        assert officer.post(url, facts).status_code == 422

    def test_dissolving_lists_what_is_left_and_hands_all_of_it_over(self, officer, cast):
        url = f"/orgs/{cast.branch_a.pk}/dissolve/"
        page = text(officer.get(url))
        for said in ("撤销前请先处理这些", "第一党小组", "全部转到…", "撤销「中共子公司支部委员会」"):
            assert said in page
        answer = officer.post(url, {"target": cast.branch_b.pk, "on": "2026-11-22", "version": 1})
        assert answer.status_code == 302
        assert fresh(cast.branch_a).ended_on == datetime.date(2026, 11, 22)
        assert fresh(cast.group_a).parent_id == cast.branch_b.pk

    def test_handing_over_to_what_cannot_take_it_changes_nothing(self, officer, cast):
        url = f"/orgs/{cast.branch_a.pk}/dissolve/"
        answer = officer.post(url, {"target": cast.station.pk, "on": "2026-11-22", "version": 1})
        assert answer.status_code == 422
        assert fresh(cast.branch_a).ended_on is None
        assert fresh(cast.group_a).parent_id == cast.branch_a.pk

    def test_a_secretary_may_do_none_of_it(self, cast, client):
        client.force_login(cast.users.secretary_a)
        for page in ("merge", "split", "dissolve"):
            assert client.get(f"/orgs/{cast.branch_a.pk}/{page}/").status_code == 403
        assert client.get("/restructurings/").status_code == 403


class TestDrafting:
    def test_a_plan_is_begun_at_the_officers_own_node(self, officer, cast):
        page = text(officer.get("/restructurings/new/"))
        assert f'<option value="{cast.park_org.pk}" selected' in page
        answer = officer.post("/restructurings/new/", {"name": "重组", "org": cast.park_org.pk, "on": "2026-12-01"})
        with unscoped("a test"):
            plan = Restructuring.objects.get()
        assert answer.url == f"/restructurings/{plan.pk}/"
        assert (plan.author_name, plan.state, plan.org_id) == ("李明", "draft", cast.park_org.pk)
        assert (
            officer.post(
                "/restructurings/new/", {"name": "重组", "org": cast.sibling_org.pk, "on": "2026-12-01"}
            ).status_code
            == 422
        )

    def test_every_kind_of_step_has_a_simple_form(self, officer, cast, plan):
        base = f"/restructurings/{plan.pk}/"
        steps = {
            "found": {"target": cast.committee.pk, "org_kind": "general_branch", "name": "中共新总支部委员会"},
            "merge": {"org": cast.branch_b.pk, "target": cast.branch_a.pk},
            "upgrade": {"org": cast.branch_a.pk, "org_kind": "general_branch"},
            "move": {"org": cast.station.pk, "target": cast.park_org.pk},
            "dissolve": {"org": cast.group_a.pk},
            "rename": {"org": cast.station.pk, "name": "甲园区第一党建指导站"},
        }
        for kind, facts in steps.items():
            assert officer.get(f"{base}steps/new/{kind}/").status_code == 200
            answer = officer.post(f"{base}steps/new/{kind}/", facts)
            assert (answer.status_code, answer.url) == (302, base), kind
        page = text(officer.get(base))
        assert "在「甲园区企业党委」下新设党总支「中共新总支部委员会」" in page
        assert "「丑寅联合党支部」并入「子公司党支部」" in page
        assert officer.get(f"{base}steps/new/nothing/").status_code == 404

    def test_a_step_may_name_what_an_earlier_one_founds(self, officer, cast, plan):
        with cast.within(cast.park_org):
            top = put(cast, plan, "found", target=cast.committee, name="中共新总支部委员会", org_kind="general_branch")
        url = f"/restructurings/{plan.pk}/steps/new/move/"
        assert "中共新总支部委员会（第1步）" in text(officer.get(url))
        assert officer.post(url, {"org": cast.branch_a.pk, "target_step": top.pk}).status_code == 302
        assert officer.post(url, {"org": cast.branch_a.pk}).status_code == 422
        twice = officer.post(url, {"org": cast.branch_a.pk, "target": cast.station.pk, "target_step": top.pk})
        assert "只能选一个" in text(twice)

    def test_a_split_asks_first_whom_it_is_about_and_then_what_goes(self, officer, cast, plan):
        url = f"/restructurings/{plan.pk}/steps/new/split/"
        assert "先选择要拆分的党组织" in text(officer.get(url))
        chosen = officer.get(url, {"source": cast.branch_a.pk})
        assert "丹东子精密机械有限公司" in text(chosen)
        fields = {holding: name for name, holding in chosen.context["form"].pick_codes.items()}
        facts = {"name": "中共新支部委员会", "org_kind": "branch", fields[COVERS]: [cast.enterprise_a.pk], "again": "1"}
        answer = officer.post(f"{url}?source={cast.branch_a.pk}", facts)
        assert answer.url == url
        with unscoped("a test"):
            step = RestructuringStep.objects.get()
        assert (step.org_id, step.picks) == (cast.branch_a.pk, {COVERS: [cast.enterprise_a.pk]})
        page = text(officer.get(f"/restructurings/{plan.pk}/steps/{step.pk}/"))
        assert f'value="{cast.enterprise_a.pk}" class="form-check-input" id="id_' in page
        assert "checked" in page

    def test_a_split_offers_what_earlier_steps_bring(self, officer, cast, plan):
        with cast.within(cast.park_org):
            put(cast, plan, "merge", org=cast.branch_a, target=cast.branch_b)
        page = text(officer.get(f"/restructurings/{plan.pk}/steps/new/split/", {"source": cast.branch_b.pk}))
        assert "丹东子精密机械有限公司" in page
        assert "丹东丑电子有限公司" in page

    def test_steps_are_changed_ordered_and_removed(self, officer, cast, plan):
        with cast.within(cast.park_org):
            first = put(cast, plan, "rename", org=cast.branch_a, name="甲", short_name="")
            second = put(cast, plan, "rename", org=cast.branch_b, name="乙", short_name="")
        base = f"/restructurings/{plan.pk}/steps/"
        assert officer.post(f"{base}{first.pk}/", {"org": cast.branch_a.pk, "name": "丙"}).status_code == 302
        officer.post(f"{base}{second.pk}/raise/")
        assert (fresh(first).name, fresh(first).position, fresh(second).position) == ("丙", 2, 1)
        officer.post(f"{base}{second.pk}/remove/")
        assert fresh(first).position == 1
        assert officer.get(f"{base}{second.pk}/").status_code == 404

    def test_a_closed_plan_is_read_only_and_says_why(self, officer, cast, plan):
        officer.post(f"/restructurings/{plan.pk}/discard/")
        page = text(officer.get(f"/restructurings/{plan.pk}/"))
        assert "已作废" in page
        assert "添加步骤" not in page
        for path in ("edit/", "apply/", "steps/new/found/"):
            assert "不能再修改" in text(officer.get(f"/restructurings/{plan.pk}/{path}"))
        assert "不再试算" in text(officer.get(f"/restructurings/{plan.pk}/preview/"))

    @pytest.mark.parametrize("query", ["source=x", "source=99999999999999999999", "source=1&source_step=1", "a=%00"])
    def test_no_query_string_is_a_server_error(self, officer, plan, query):
        assert officer.get(f"/restructurings/{plan.pk}/steps/new/split/?{query}").status_code == 200


class TestPreviewAndApplication:
    def test_the_preview_shows_trees_figures_rules_and_errors(self, officer, cast):
        with cast.within(cast.park_org):
            there = hefeng(cast)
            plan = hefeng_plan(cast, there)
            put(cast, plan, "found", target=cast.branch_a, name="错设党委", org_kind="committee")
            put(cast, plan, "found", target=cast.station, name="中共空联合支部委员会", org_kind="joint_branch")
        answer = officer.get(f"/restructurings/{plan.pk}/preview/")
        page = text(answer)
        for said in ("有 1 步不能执行", "党委不能设在党支部之下", "由「甲园区党建指导站」划入", "新设", "拆分",
                     "党支部", "责任企业", "联合党支部应由两个以上单位联合组成", "支部工作条例"):  # fmt: skip
            assert said in page
        with unscoped("a test"):
            assert not PartyOrg.objects.filter(name="中共和丰工业总支部委员会").exists()
        assert "确认实施" not in text(officer.get(f"/restructurings/{plan.pk}/apply/"))

    def test_it_costs_few_queries_more_for_a_larger_tree(self, officer, cast, plan):
        from apps.branches.tree import segment

        with cast.within(cast.park_org):
            put(cast, plan, "rename", org=cast.branch_a, name="甲", short_name="")

        def cost():
            officer.get(f"/restructurings/{plan.pk}/preview/")
            with CaptureQueriesContext(connection) as captured:
                officer.get(f"/restructurings/{plan.pk}/preview/")
            return len(captured)

        few = cost()
        with unscoped("a larger tree"):
            PartyOrg.objects.bulk_create(
                PartyOrg(code=f"X{n}", name=f"第{n}支部", kind="branch", parent=cast.station, founded_on=DAY,
                         path=cast.station.path + segment(50 + n)) for n in range(60)
            )  # fmt: skip
        assert cost() == few

    def test_it_is_applied_with_the_document_and_the_page_keeps_the_comparison(self, officer, cast):
        with cast.within(cast.park_org):
            plan = hefeng_plan(cast, hefeng(cast))
        url = f"/restructurings/{plan.pk}/"
        assert officer.post(f"{url}apply/", {"document": ""}).status_code == 422
        version = fresh(plan).version
        facts = {"document": "园党发〔2026〕9号", "reason": "分步到位", "version": version}
        assert officer.post(f"{url}apply/", facts).url == url
        page = text(officer.get(url))
        assert "已实施" in page
        assert "8 → 0" in page
        with unscoped("a test"):
            new = PartyOrg.objects.get(name="中共和丰新1公司支部委员会")
        assert f'href="/orgs/{new.pk}/"' in page
        again = officer.post(f"{url}apply/", facts)
        assert again.status_code == 422
        assert "已实施，李明" in text(again)

    def test_a_day_to_come_waits_and_the_task_applies_it(self, officer, cast):
        with cast.within(cast.park_org):
            plan = drafted(cast, on=datetime.date(2026, 12, 1))
            put(cast, plan, "dissolve", org=cast.group_a)
        url = f"/restructurings/{plan.pk}/"
        assert "将于 2026-12-01 自动实施" in text(officer.get(f"{url}apply/"))
        officer.post(f"{url}apply/", {"document": "园党发〔2026〕9号"})
        assert fresh(plan).state == "scheduled"
        apply_due_restructurings()
        assert fresh(cast.group_a).ended_on is None
        with time_machine.travel("2026-12-01T00:07+08:00", tick=False):
            apply_due_restructurings()
        assert fresh(cast.group_a).ended_on == datetime.date(2026, 12, 1)

    def test_one_that_failed_is_something_to_do(self, officer, cast):
        with cast.within(cast.park_org):
            plan = drafted(cast, on=datetime.date(2026, 11, 23))
            put(cast, plan, "dissolve", org=cast.group_a)
        officer.post(f"/restructurings/{plan.pk}/apply/", {"document": "园党发〔2026〕9号"})
        officer.post(f"/orgs/{cast.group_a.pk}/dissolve/", {"on": "2026-11-22"})
        with time_machine.travel("2026-11-23T00:07+08:00", tick=False):
            apply_due_restructurings()
            officer.force_login(cast.users.park_officer)
            home = text(officer.get("/"))
        assert "重组方案未能生效：重组方案" in home
        page = text(officer.get(f"/restructurings/{plan.pk}/"))
        assert "方案没有在生效之日实施" in page
        officer.post(f"/restructurings/{plan.pk}/recall/")
        assert (fresh(plan).state, fresh(plan).failure) == ("draft", "")


class TestTheAPI:
    def test_the_whole_way_without_a_page(self, officer, cast):
        def post(url, **body):
            return officer.post(url, body, content_type=JSON)

        made = post("/api/v1/restructurings/", org="JY", name="重组", on="2026-11-01")
        assert made.status_code == 201
        url = f"/api/v1/restructurings/{made.json()['id']}/"
        found = post(f"{url}steps/", kind="found", target="JYW", name="中共新总支部委员会", org_kind="general_branch")
        top = found.json()["steps"][0]["id"]
        assert post(f"{url}steps/", kind="move", org="JYA", target_step=top).status_code == 201
        assert post(f"{url}steps/", kind="move", org="JYA", target_step=0).status_code == 400
        assert post(f"{url}steps/", kind="move", org="YYZ1", target_step=top).status_code == 400
        assert post(f"{url}steps/", kind="move", org="JYA").status_code == 409
        preview = officer.get(f"{url}preview/").json()
        assert preview["errors"] == []
        assert ["branches.branches", "党支部", "INTEGER"] in preview["figures"]["figures"]
        version = officer.get(url).json()["version"]
        assert post(f"{url}apply/", document="园党发〔2026〕9号", version=version - 1).status_code == 409
        done = post(f"{url}apply/", document="园党发〔2026〕9号", reason="分步到位", version=version)
        assert (done.status_code, done.json()["state"]) == (200, "applied")
        assert post(f"{url}apply/", document="园党发〔2026〕9号").status_code == 409
        assert post(f"{url}discard/").status_code == post(f"{url}recall/").status_code == 409
        assert fresh(cast.branch_a).parent.name == "中共新总支部委员会"

    def test_merging_splitting_and_handing_over(self, officer, cast):
        def post(url, **body):
            return officer.post(url, body, content_type=JSON)

        parts = {"name": "中共子公司新支部委员会", "kind": "branch", "on": "2026-11-01"}
        wrong = post(f"/api/v1/orgs/{cast.branch_a.pk}/split/", **parts, picks={COVERS: [cast.enterprise_b.pk]})
        assert (wrong.status_code, wrong.json()["code"]) == (409, "gone")
        split = post(f"/api/v1/orgs/{cast.branch_a.pk}/split/", **parts, picks={COVERS: [cast.enterprise_a.pk]})
        assert split.status_code == 201
        merged = post(f"/api/v1/orgs/{split.json()['id']}/merge/", into="JYB", on="2026-11-02")
        assert (merged.status_code, merged.json()["code"]) == (200, "JYB")
        over = post(f"/api/v1/orgs/{cast.branch_a.pk}/dissolve/", on="2026-11-02", hand_over_to="JYB")
        assert over.status_code == 200
        assert fresh(cast.branch_a).ended_on == datetime.date(2026, 11, 2)
        assert post(f"/api/v1/orgs/{cast.sibling_branch.pk}/merge/", into="JYB", on="2026-11-02").status_code == 404

    def test_another_park_is_not_there(self, officer, cast):
        with cast.within(cast.sibling_org):
            plan = drafted(cast, org=cast.sibling_org)
        for path in ("", "preview/"):
            assert officer.get(f"/api/v1/restructurings/{plan.pk}/{path}").status_code == 404
        assert officer.post(f"/api/v1/restructurings/{plan.pk}/apply/", {}, content_type=JSON).status_code == 404
        assert officer.get(f"/restructurings/{plan.pk}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_gets_409(cast):
    with unscoped("a test"):
        plan = drafted(cast)
        put(cast, plan, "dissolve", org=cast.group_a)

    def apply(username):
        client = Client()
        client.force_login(getattr(cast.users, username))
        body = {"document": "园党发〔2026〕9号"}
        return client.post(f"/api/v1/restructurings/{plan.pk}/apply/", body, content_type=JSON).status_code

    codes = at_once(lambda: apply("park_officer"), lambda: apply("authority_officer"))
    assert sorted(codes) == [200, 409]
    with unscoped("a test"):
        assert OrgEvent.objects.filter(org=cast.group_a).count() == 1
