"""Plans of restructuring: drafted, rehearsed without a trace, applied once and whole on their day."""

import datetime

import pytest

from apps.accounts.models import RoleAssignment
from apps.branches.figures import measured
from apps.branches.history import shape_as_of
from apps.branches.models import OrgEvent, PartyOrg, Restructuring
from apps.branches.plan_text import comparison_table, sentence, trees
from apps.branches.services import dissolve_organization, rename_organization
from apps.branches.services import restructurings as plans
from apps.branches.services.rehearsal import rehearse, rehearsed, steps_of
from apps.core.audit import verify
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import EVERYTHING, unscoped, use_scope
from apps.enterprises.models import Enterprise, Establishment
from tests.racing import at_once

from .plans import COVERS, DAY, EVE, TODAY, applied, drafted, hefeng, hefeng_plan, put

TOMORROW = TODAY + datetime.timedelta(days=1)


@pytest.fixture
def park(cast):
    """The park officer at work inside the scope of the park."""
    with cast.within(cast.park_org):
        yield cast


def tried(cast, plan, today=TODAY):
    return rehearse(plan, today=today, actor=cast.users.park_officer)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def traces():
    """What a write leaves behind, everywhere."""
    history = (PartyOrg.pgh_event_model, Establishment.pgh_event_model, Enterprise.pgh_event_model)
    return [model.objects.count() for model in (PartyOrg, OrgEvent, Establishment, AuditEntry, *history)]


class TestTheExampleOfHefeng:
    def test_twelve_branches_are_four_that_were_there_and_eight_new_ones(self, park):
        there = hefeng(park)
        plan = applied(park, hefeng_plan(park, there))
        top = PartyOrg.objects.get(name="中共和丰工业总支部委员会")
        below = PartyOrg.objects.filter(parent=top, ended_on=None)
        assert plan.state == "applied"
        assert below.filter(kind="branch").count() == below.count() == 12
        assert set(there.old) <= set(below)
        assert top.parent_id == park.committee.pk

    def test_the_shape_of_the_day_before_is_what_it_was(self, park):
        there = hefeng(park)
        before = shape_as_of(EVE)
        applied(park, hefeng_plan(park, there))
        assert shape_as_of(EVE) == before
        after = shape_as_of(DAY)
        assert {after[org.pk].parent for org in there.old} == {PartyOrg.objects.get(short_name="和丰工业党总支").pk}
        assert len(after) == len(before) + 9

    def test_the_enterprises_agree_at_every_level_before_and_after(self, park):
        def counted():
            orgs = list(PartyOrg.objects.filter(ended_on=None).select_related("parent"))
            figure = {pk: found["enterprises.answered"] for pk, found in measured(orgs, DAY).items()}
            own = {org.pk: Enterprise.objects.in_park_on(DAY).filter(org=org).count() for org in orgs}
            for org in orgs:
                children = sum(figure[child.pk] for child in orgs if child.parent_id == org.pk)
                assert figure[org.pk] == own[org.pk] + children
            return figure[park.park_org.pk]

        there = hefeng(park)
        before = counted()
        applied(park, hefeng_plan(park, there))
        assert counted() == before == Enterprise.objects.in_park_on(DAY).count()

    def test_each_new_branch_covers_its_own_firm_alone(self, park):
        there = hefeng(park)
        applied(park, hefeng_plan(park, there))
        rows = Establishment.objects.as_of(DAY).filter(enterprise__in=there.shared)
        assert {(row.form, row.org.name) for row in rows} == {
            ("single", f"中共和丰新{n}公司支部委员会") for n in range(1, 9)
        }
        assert Establishment.objects.as_of(EVE).filter(org=there.joint).count() == 8

    def test_the_plan_keeps_what_it_did_as_it_was_then(self, park):
        there = hefeng(park)
        plan = applied(park, hefeng_plan(park, there))
        rows = {row[0]["text"]: [cell["text"] for cell in row[1:]] for row in comparison_table(plan.outcome)["rows"]}
        headers = [header["label"] for header in comparison_table(plan.outcome)["headers"]]
        at = {label: headers.index(label) - 1 for label in ("党支部", "责任企业")}
        assert rows["和丰工业党总支"][at["党支部"]] == "— → 12"
        assert rows["中共和丰综合联合支部委员会"][at["责任企业"]] == "8 → 0"
        assert rows["甲园区党工委"][at["责任企业"]] == "15"
        assert [step.result.name for step in steps_of(plan) if step.kind == "split"] == [
            f"中共和丰新{n}公司支部委员会" for n in range(1, 9)
        ]
        assert verify()[1] is None


class TestRehearsing:
    def test_it_leaves_no_row_no_history_and_no_audit_entry(self, park):
        plan = hefeng_plan(park, hefeng(park))
        before = traces()
        found = tried(park, plan)
        assert found.errors == {}
        assert traces() == before
        assert fresh(plan).state == "draft"
        applied(park, plan)
        assert all(now > then for now, then in zip(traces(), before, strict=True))

    def test_it_shows_the_old_and_the_new_tree_with_what_changes(self, park):
        there = hefeng(park)
        plan = hefeng_plan(park, there)
        put(park, plan, "merge", org=park.branch_a, target=park.branch_b)
        before, after = trees(tried(park, plan), steps_of(plan))

        def lines(nodes):
            for node in nodes:
                yield node.place.name, [text for text, _ in node.marks]
                yield from lines([*node.children, *node.rest])

        old, new = dict(lines(before)), dict(lines(after))
        assert old["中共子公司支部委员会"] == ["并入「丑寅联合党支部」"]
        assert old["中共和丰综合联合支部委员会"] == ["拆分"]
        assert old["中共和丰老1公司支部委员会"] == ["划出"]
        assert new["中共和丰工业总支部委员会"] == ["新设"]
        assert new["中共和丰老1公司支部委员会"] == ["由「甲园区党建指导站」划入"]
        assert "中共子公司支部委员会" not in new
        assert new["中共丑寅联合支部委员会"] == ["接收"]
        assert new["子公司党支部第一党小组"] == ["由「子公司党支部」划入"]

    def test_a_step_that_cannot_be_done_says_why_and_the_others_go_on(self, park):
        plan = drafted(park)
        bad = put(park, plan, "found", target=park.branch_a, name="错设党委", org_kind="committee")
        after = put(park, plan, "move", org=park.branch_b, target_step=bad)
        good = put(park, plan, "rename", org=park.branch_a, name="中共子集团支部委员会", short_name="")
        found = tried(park, plan)
        assert set(found.errors) == {bad.pk, after.pk}
        assert "党委不能设在党支部之下" in found.errors[bad.pk].message
        assert found.errors[bad.pk].basis
        assert "第1步 新设没有通过" in found.errors[after.pk].message
        assert good.pk not in found.errors
        assert found.name_of(park.branch_a.pk) == "中共子集团支部委员会"

    def test_what_the_database_refuses_is_a_sentence_too(self, park, monkeypatch):
        from django.db import IntegrityError

        from apps.branches.services import steps

        def refuses(step, run):
            PartyOrg.objects.filter(pk=run.org(step).pk).update(version=77)
            raise IntegrityError("duplicate")

        monkeypatch.setitem(steps._DOERS, steps.StepKind.RENAME, refuses)
        plan = drafted(park)
        step = put(park, plan, "rename", org=park.branch_a, name="甲", short_name="")
        assert "冲突" in tried(park, plan).errors[step.pk].message
        assert fresh(park.branch_a).version == 1

    def test_an_organisation_beside_the_node_of_the_plan_is_refused(self, cast):
        with cast.within(cast.authority):
            plan = drafted(cast)
            step = put(cast, plan, "move", org=cast.branch_a, target=cast.sibling_org)
            assert "不在「甲园区党工委」之下" in tried(cast, plan).errors[step.pk].message

    def test_a_plan_for_a_day_to_come_is_tried_as_on_that_day(self, park):
        plan = drafted(park, on=TOMORROW)
        put(park, plan, "rename", org=park.branch_a, name="中共子集团支部委员会", short_name="")
        assert tried(park, plan).errors == {}

    def test_new_questions_of_the_rules_are_told_from_old_ones(self, park):
        plan = drafted(park)
        put(park, plan, "found", target=park.station, name="中共空支部委员会", org_kind="joint_branch")
        put(park, plan, "rename", org=park.branch_b, name="中共丑寅卯联合支部委员会", short_name="")
        found = {(each.name, each.finding.code): each.is_new for each in tried(park, plan).remarks}
        assert found["中共空支部委员会", "single_unit"] is True
        assert found["中共丑寅卯联合支部委员会", "single_unit"] is False

    def test_a_large_tree_shows_what_the_plan_touches(self, park, monkeypatch):
        monkeypatch.setattr("apps.branches.services.rehearsal.WHOLE_TREE_UP_TO", 3)
        plan = drafted(park)
        put(park, plan, "rename", org=park.group_a, name="第二党小组", short_name="")
        assert len(tried(park, plan).before) <= 3

    def test_a_step_may_pick_what_an_earlier_one_brings(self, park):
        plan = drafted(park)
        put(park, plan, "merge", org=park.branch_a, target=park.branch_b)
        with rehearsed(plan, today=TODAY, actor=park.users.park_officer):
            assert Establishment.objects.as_of(DAY).filter(org=park.branch_b).count() == 2
        put(park, plan, "split", org=park.branch_b, name="中共子公司新支部委员会", org_kind="branch",
            picks={COVERS: [park.enterprise_a.pk]}, ends=False)  # fmt: skip
        assert tried(park, plan).errors == {}


class TestApplying:
    def test_all_or_nothing(self, park):
        plan = drafted(park)
        put(park, plan, "rename", org=park.branch_a, name="中共子集团支部委员会", short_name="")
        put(park, plan, "move", org=park.station, target=park.branch_a)
        before = traces()
        with pytest.raises(DomainError, match="第2步 划转不能执行"):
            applied(park, plan)
        assert traces() == before
        assert fresh(plan).state == "draft"

    def test_it_needs_steps_and_the_approval_document(self, park):
        plan = drafted(park)
        with pytest.raises(DomainError, match="还没有步骤"):
            applied(park, plan)
        put(park, plan, "dissolve", org=park.group_a)
        with pytest.raises(DomainError, match="批复文号"):
            applied(park, plan, document=" ")

    def test_what_the_rules_question_needs_a_reason(self, park):
        plan = drafted(park)
        put(park, plan, "found", target=park.station, name="中共空联合支部委员会", org_kind="joint_branch")
        with pytest.raises(DomainError, match="两个以上单位") as refusal:
            applied(park, plan, reason="")
        assert (refusal.value.field, refusal.value.basis.rule_id) == ("reason", "ZB-03")
        assert applied(park, plan, reason="年内吸收第二家企业").reason == "年内吸收第二家企业"

    def test_it_is_done_once(self, park):
        plan = drafted(park)
        put(park, plan, "dissolve", org=park.group_a)
        applied(park, plan)
        with pytest.raises(Conflict, match="已实施，李明"):
            applied(park, plan)
        for again in (plans.discard_restructuring, plans.recall_restructuring):
            with pytest.raises(Conflict):
                again(plan=plan, actor=park.users.park_officer)

    def test_a_plan_that_got_another_step_is_not_applied_as_the_one_that_was_read(self, park):
        plan = drafted(park)
        put(park, plan, "dissolve", org=park.group_a)
        read = fresh(plan).version
        put(park, plan, "rename", org=park.branch_a, name="甲", short_name="")
        with pytest.raises(Conflict):
            applied(park, plan, version=read)

    def test_every_kind_of_step_does_what_it_says(self, park):
        plan = drafted(park)
        top = put(park, plan, "found", target=park.committee, name="中共新总支部委员会", org_kind="general_branch")
        put(park, plan, "upgrade", org=park.branch_b, org_kind="general_branch", name="中共丑寅总支部委员会")
        put(park, plan, "move", org=park.branch_a, target_step=top)
        put(park, plan, "rename", org=park.station, name="甲园区第一党建指导站", short_name="")
        put(park, plan, "dissolve", org=park.group_a)
        assert [sentence(step) for step in steps_of(plan)] == [
            "在「甲园区企业党委」下新设党总支「中共新总支部委员会」",
            "「丑寅联合党支部」升格为党总支「中共丑寅总支部委员会」",
            "「子公司党支部」整建制划转至「中共新总支部委员会」（第1步新设）",
            "「甲园区党建指导站」更名为「甲园区第一党建指导站」",
            "撤销「第一党小组」",
        ]
        applied(park, plan)
        assert fresh(park.branch_b).kind == "general_branch"
        assert fresh(park.branch_a).parent.name == "中共新总支部委员会"
        assert fresh(park.station).name == "甲园区第一党建指导站"
        assert fresh(park.group_a).ended_on == DAY
        documents = OrgEvent.objects.order_by().values_list("document", flat=True).distinct()
        assert set(documents) == {"园党发〔2026〕9号"}

    def test_dissolving_with_a_target_hands_everything_over(self, park):
        plan = drafted(park)
        step = put(park, plan, "dissolve", org=park.branch_a, target=park.branch_b)
        assert sentence(step) == "撤销「子公司党支部」，其内容全部转到「丑寅联合党支部」"
        applied(park, plan)
        assert Enterprise.objects.get(pk=park.enterprise_a.pk).org_id == park.branch_b.pk
        assert not RoleAssignment.objects.filter(org=park.branch_a, until=None).exists()


def test_a_plan_outside_the_scope_is_not_there(cast):
    with cast.within(cast.park_org):
        plan = drafted(cast)
    with cast.within(cast.sibling_org):
        assert not Restructuring.objects.exists()
        with pytest.raises(DomainError, match="不在您的范围"):
            applied(cast, plan)


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_who_apply_at_once_one_succeeds_and_the_other_is_told(cast):
    with use_scope(EVERYTHING):
        plan = drafted(cast)
        put(cast, plan, "dissolve", org=cast.group_a)
    results = at_once(*[lambda: applied(cast, plan)] * 2)
    assert [each.code for each in results if isinstance(each, DomainError)] == ["conflict"]
    with unscoped("a test"):
        assert OrgEvent.objects.filter(org=cast.group_a).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_plan_and_a_move_that_would_make_a_circle_do_not_both_happen(cast):
    with use_scope(EVERYTHING):
        from apps.branches.services import found_organization, move_organization

        left, right = (
            found_organization(name=name, kind="committee", parent=cast.park_org, founded_on=DAY, today=TODAY, actor=None)
            for name in ("左党委", "右党委")
        )  # fmt: skip
        plan = drafted(cast)
        put(cast, plan, "move", org=left, target=right)
    results = at_once(
        lambda: applied(cast, plan),
        lambda: move_organization(org=right, parent=left, on=DAY, today=TODAY, actor=None),
    )
    assert [each.code for each in results if isinstance(each, DomainError)] == ["cycle"]


def test_what_happened_singly_after_the_day_of_a_plan_refuses_it_by_name(park):
    rename_organization(
        org=park.branch_a, name="甲", short_name="", on=TODAY, today=TODAY, actor=park.users.park_officer
    )
    plan = drafted(park)
    put(park, plan, "move", org=park.branch_a, target=park.committee)
    dissolve_organization(org=park.group_a, on=TODAY, today=TODAY, actor=park.users.park_officer)
    with pytest.raises(DomainError, match="「甲」的日期不能早于最近一次沿革"):
        applied(park, plan)
