"""The life of a plan: its steps while it is a draft, and waiting for its day."""

import datetime

import pytest

from apps.accounts.models import RoleAssignment
from apps.branches.models import OrgEvent, PartyOrg, RestructuringStep
from apps.branches.plan_text import comparison_table
from apps.branches.services import restructurings as plans
from apps.branches.services.rehearsal import steps_of
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped

from .plans import TODAY, applied, drafted, put

TOMORROW = TODAY + datetime.timedelta(days=1)


@pytest.fixture
def park(cast):
    """The park officer at work inside the scope of the park."""
    with cast.within(cast.park_org):
        yield cast


def fresh(row):
    return type(row).objects.get(pk=row.pk)


class TestWaitingForTheDay:
    @pytest.fixture
    def waiting(self, park):
        plan = drafted(park, on=TOMORROW)
        put(park, plan, "rename", org=park.branch_a, name="中共子集团支部委员会", short_name="")
        return applied(park, plan)

    def test_it_changes_nothing_before_its_day_and_happens_on_it_once(self, park, waiting):
        assert (waiting.state, waiting.outcome) == ("scheduled", {})
        assert fresh(park.branch_a).name == "中共子公司支部委员会"
        assert plans.apply_due_restructurings(today=TODAY) == 0
        assert plans.apply_due_restructurings(today=TOMORROW) == 1
        assert plans.apply_due_restructurings(today=TOMORROW) == 0
        done = fresh(waiting)
        assert (done.state, done.applied_by_name) == ("applied", "李明")
        assert OrgEvent.objects.get(org=park.branch_a).on == TOMORROW

    def test_one_that_cannot_be_done_is_left_with_the_reason_until_a_person_looks(self, park, waiting):
        with unscoped("somebody dissolves what the plan is about"):
            PartyOrg.objects.filter(pk=park.branch_a.pk).update(ended_on=TODAY)
        assert plans.apply_due_restructurings(today=TOMORROW) == 0
        left = fresh(waiting)
        assert left.state == "scheduled"
        assert "第1步 更名不能执行" in left.failure
        assert AuditEntry.objects.filter(action="restructuring.failed").count() == 1
        assert plans.apply_due_restructurings(today=TOMORROW) == 0
        assert AuditEntry.objects.filter(action="restructuring.failed").count() == 1
        with unscoped("and restores it"):
            PartyOrg.objects.filter(pk=park.branch_a.pk).update(ended_on=None)
        assert applied(park, waiting, today=TOMORROW).state == "applied"

    def test_whoever_confirmed_it_must_still_have_the_right(self, park, waiting):
        RoleAssignment.objects.filter(user=park.users.park_officer).update(until=TODAY)
        assert plans.apply_due_restructurings(today=TOMORROW) == 0
        assert "李明已没有办理权限" in fresh(waiting).failure

    def test_it_can_be_recalled_and_is_a_draft_again(self, park, waiting):
        plans.recall_restructuring(plan=waiting, actor=park.users.park_officer)
        assert plans.apply_due_restructurings(today=TOMORROW) == 0
        put(park, waiting, "dissolve", org=park.group_a)

    def test_it_is_not_put_down_while_a_step_cannot_be_done(self, park):
        plan = drafted(park, on=TOMORROW)
        put(park, plan, "move", org=park.station, target=park.branch_a)
        with pytest.raises(DomainError, match="第1步 划转不能执行"):
            applied(park, plan)

    def test_a_defect_in_one_plan_does_not_keep_the_others_waiting(self, park, waiting, monkeypatch):
        other = drafted(park, on=TOMORROW)
        put(park, other, "rename", org=park.branch_b, name="中共丑寅卯联合支部委员会", short_name="")
        applied(park, other)
        real = plans.apply_restructuring

        def fails(**given):
            if given["plan"].pk == waiting.pk:
                raise ZeroDivisionError
            return real(**given)

        monkeypatch.setattr(plans, "apply_restructuring", fails)
        assert plans.apply_due_restructurings(today=TOMORROW) == 1
        assert fresh(waiting).failure == ""


class TestSteps:
    def test_what_a_step_must_name_is_asked_for_at_its_field(self, park):
        plan = drafted(park)
        for kind, facts, field in (
            ("found", {"name": "甲", "org_kind": "branch"}, "target"),
            ("merge", {"org": park.branch_a}, "target"),
            ("move", {"target": park.committee}, "org"),
            ("split", {"org": park.branch_a, "name": "甲", "org_kind": "branch", "picks": {}}, "picks"),
            ("rename", {"org": park.branch_a, "name": ""}, "name"),
            ("move", {"org": park.branch_a, "target": park.committee, "target_step": object()}, "target"),
        ):
            with pytest.raises(DomainError) as refusal:
                put(park, plan, kind, **facts)
            assert refusal.value.field == field

    def test_only_a_step_before_it_that_founds_something_can_be_referred_to(self, park):
        plan, other = drafted(park), drafted(park)
        elsewhere = put(park, other, "found", target=park.station, name="甲", org_kind="branch")
        rename = put(park, plan, "rename", org=park.branch_a, name="乙", short_name="")
        for wrong in (elsewhere, rename):
            with pytest.raises(DomainError, match="排在前面的步骤"):
                put(park, plan, "move", org=park.branch_b, target_step=wrong)

    def test_the_order_can_be_changed_but_not_against_a_reference(self, park):
        plan = drafted(park)
        put(park, plan, "rename", org=park.branch_a, name="乙", short_name="")
        top = put(park, plan, "found", target=park.committee, name="新总支", org_kind="general_branch")
        move = put(park, plan, "move", org=park.branch_b, target_step=top)
        with pytest.raises(DomainError, match="必须排在其后"):
            plans.raise_step(step=move, actor=park.users.park_officer)
        plans.raise_step(step=top, actor=park.users.park_officer)
        assert [step.kind for step in steps_of(plan)] == ["found", "rename", "move"]
        plans.raise_step(step=fresh(top), actor=park.users.park_officer)
        with pytest.raises(DomainError, match="用到了它新设的党组织"):
            plans.remove_step(step=fresh(top), actor=park.users.park_officer)
        plans.remove_step(step=fresh(move), actor=park.users.park_officer)
        plans.remove_step(step=fresh(top), actor=park.users.park_officer)
        assert [(step.kind, step.position) for step in steps_of(plan)] == [("rename", 1)]

    def test_a_plan_that_is_no_draft_keeps_its_steps(self, park):
        plan = drafted(park)
        step = put(park, plan, "rename", org=park.branch_a, name="乙", short_name="")
        plans.discard_restructuring(plan=plan, actor=park.users.park_officer)
        for change in (
            lambda: put(park, plan, "dissolve", org=park.group_a),
            lambda: plans.remove_step(step=fresh(step), actor=park.users.park_officer),
            lambda: plans.change_restructuring(plan=plan, facts={"name": "甲"}, actor=park.users.park_officer),
        ):
            with pytest.raises(Conflict, match="已作废"):
                change()
        assert RestructuringStep.objects.count() == 1

    def test_a_fact_that_does_not_exist_is_a_programming_error(self, park):
        with pytest.raises(TypeError):
            plans.change_restructuring(plan=drafted(park), facts={"state": "applied"}, actor=park.users.park_officer)

    def test_a_plan_moves_with_its_node(self, park):
        plan = drafted(park, org=park.station)
        other = drafted(park)
        put(park, other, "move", org=park.station, target=park.park_org)
        applied(park, other)
        assert fresh(plan).org_path == fresh(park.station).path != park.station.path


def test_the_comparison_says_what_changed_and_rounds_no_share_up_to_all():
    outcome = {
        "figures": [["n", "企业", "INTEGER"], ["r", "覆盖率", "PERCENT"]],
        "rows": [[1, "甲", {"n": [1200, 1200], "r": [0.9996, 1.0]}], [2, "乙", {"n": [None, 3]}]],
    }
    cells = [[cell["text"] for cell in row] for row in comparison_table(outcome)["rows"]]
    assert cells == [["甲", "1,200", "100.0% → 100%"], ["乙", "— → 3", "—"]]
