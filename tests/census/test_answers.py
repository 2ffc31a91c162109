"""A return from hand to hand: every transition, what blocks, what asks for a reason, what reaches the register."""

from __future__ import annotations

import datetime

import pytest

from apps.census import services
from apps.census.models import CensusReturn, ReturnEvent
from apps.census.rules import Action, State
from apps.core.audit import verify
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.enterprises.models import Condition, Enterprise, Establishment
from apps.enterprises.services import record_condition
from tests.census.conftest import TODAY

DAY = datetime.timedelta(days=1)
CLEAR = {"operations_clear": True, "staff_clear": True, "members_clear": True, "owner_clear": True}
FILLED = {**CLEAR, "method": "visit", "checked_on": TODAY}


@pytest.fixture
def act(cast, return_of, officer):
    """One action on the return of an enterprise, with whatever it needs."""

    def do(action: Action, enterprise, **facts):
        row = return_of(enterprise)
        common = {"today": TODAY, "actor": officer}
        if action is Action.SAVE:
            return services.save_draft(census_return=row, facts=facts, **common)
        if action is Action.SUBMIT:
            return services.submit(census_return=row, facts={**FILLED, **facts}, **common)
        if action is Action.WITHDRAW:
            return services.withdraw(census_return=row, **common)
        if action is Action.SEND_BACK:
            return services.send_back(census_return=row, comment=facts.get("comment", "请核对职工数"), **common)
        if action is Action.APPROVE:
            return services.approve(census_return=row, **common)
        if action is Action.LOCK:
            services.close_round(census_round=row.round, confirmed=True, **common)
            return return_of(enterprise)
        until = facts.get("until", TODAY + DAY)
        return services.reopen_returns(returns=[row], until=until, reason="漏报职工数", **common)[0]

    return do


WAYS = {
    State.NOT_STARTED: [],
    State.DRAFT: [Action.SAVE],
    State.SUBMITTED: [Action.SUBMIT],
    State.RETURNED: [Action.SUBMIT, Action.SEND_BACK],
    State.APPROVED: [Action.SUBMIT, Action.APPROVE],
    State.LOCKED: [Action.LOCK],
}
ALLOWED = {
    (State.NOT_STARTED, Action.SAVE): "draft",
    (State.NOT_STARTED, Action.SUBMIT): "submitted",
    (State.DRAFT, Action.SAVE): "draft",
    (State.DRAFT, Action.SUBMIT): "submitted",
    (State.RETURNED, Action.SAVE): "returned",
    (State.RETURNED, Action.SUBMIT): "submitted",
    (State.SUBMITTED, Action.WITHDRAW): "draft",
    (State.SUBMITTED, Action.SEND_BACK): "returned",
    (State.SUBMITTED, Action.APPROVE): "approved",
    (State.APPROVED, Action.SEND_BACK): "returned",
    (State.LOCKED, Action.REOPEN): "returned",
    **{(state, Action.LOCK): "locked" for state in State if state is not State.LOCKED},
}


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("state", list(State))
def test_every_transition_is_taken_or_refused_as_the_rules_say(cast, act, return_of, state, action):
    for step in WAYS[state]:
        act(step, cast.enterprise_a)
    assert return_of(cast.enterprise_a).state == state
    wanted = ALLOWED.get((state, action))
    if wanted:
        assert act(action, cast.enterprise_a).state == wanted
    else:
        with pytest.raises(DomainError):
            act(action, cast.enterprise_a)
        assert return_of(cast.enterprise_a).state == state


def test_no_change_takes_one_press_and_leaves_its_story(cast, unchanged, return_of):
    unchanged(cast.enterprise_a)
    row = return_of(cast.enterprise_a)
    assert (row.state, row.no_change, row.is_on_time, row.submitted_on) == ("submitted", True, True, TODAY)
    assert row.answered_by_name == "王书记"
    with unscoped("test"):
        assert list(ReturnEvent.objects.values_list("action", "actor_name")) == [("submit", "王书记")]
    assert AuditEntry.objects.get(action="census.submitted").summary == (
        "上报「丹东子精密机械有限公司」2026年第四季度摸底：电话，本季无变化"
    )


@pytest.mark.parametrize(("missing", "field"), [({"method": ""}, "method"), ({"checked_on": None}, "checked_on")])
def test_no_change_still_says_how_and_when(cast, unchanged, missing, field):
    with pytest.raises(DomainError) as caught:
        unchanged(cast.enterprise_a, **missing)
    assert caught.value.field == field


def test_an_uncovered_enterprise_cannot_stay_without_a_reason(cast, unchanged, return_of):
    with pytest.raises(DomainError, match="请填写未建党组织原因") as caught:
        unchanged(cast.enterprise_uncovered)
    assert caught.value.field == "unbuilt_reason"
    unchanged(cast.enterprise_uncovered, unbuilt_reason="no_candidate")
    assert return_of(cast.enterprise_uncovered).unbuilt_reason == "no_candidate"


@pytest.mark.parametrize(("offset", "ok"), [(-53, False), (-52, True), (-1, True), (0, True), (1, False)])
def test_the_day_of_checking_lies_in_the_period_and_not_in_the_future(cast, unchanged, offset, ok):
    day = TODAY + offset * DAY  # 52 days before: 1 October
    if ok:
        assert unchanged(cast.enterprise_a, checked_on=day).checked_on == day
    else:
        with pytest.raises(DomainError, match="摸排日期"):
            unchanged(cast.enterprise_a, checked_on=day)


@pytest.mark.parametrize(("grace", "late", "on_time"), [
    (0, -1, True), (0, 0, True), (0, 1, False), (2, 1, True), (2, 2, True), (2, 3, False),
])  # fmt: skip
def test_on_time_ends_with_the_due_day_and_its_days_of_grace(cast, census_round, return_of, grace, late, on_time):
    with unscoped("test"):
        census_round.on_time_days = grace
        census_round.save()
        day = census_round.due_on + late * DAY
        row = services.answer_unchanged(
            census_return=return_of(cast.enterprise_a), method="phone", checked_on=day, today=day, actor=None
        )
    assert row.is_on_time is on_time


@pytest.mark.parametrize("name", list(CLEAR))
def test_each_of_the_five_sections_must_be_answered(cast, act, name):
    with pytest.raises(DomainError, match="尚未填写") as caught:
        act(Action.SUBMIT, cast.enterprise_a, **{name: None})
    assert caught.value.field == name


def test_a_section_that_is_not_clear_asks_why(cast, act):
    with pytest.raises(DomainError, match="职工队伍清”填为不清，请说明原因"):
        act(Action.SUBMIT, cast.enterprise_a, staff_clear=False)
    row = act(Action.SUBMIT, cast.enterprise_a, staff_clear=False, change_reason="企业暂不提供花名册")
    assert (row.state, row.staff_clear) == ("submitted", False)


def test_a_large_change_asks_for_a_reason_and_a_small_one_does_not(cast, act, return_of):
    with pytest.raises(DomainError, match="职工由120人变为60人") as caught:
        act(Action.SUBMIT, cast.enterprise_a, staff=60)
    assert caught.value.field == "change_reason"
    assert act(Action.SUBMIT, cast.enterprise_a, staff=118).no_change is False
    assert act(Action.SUBMIT, cast.enterprise_b, staff=60, change_reason="新增一条产线").state == "submitted"


def test_a_return_with_nothing_new_counts_as_unchanged(cast, act):
    assert act(Action.SUBMIT, cast.enterprise_a).no_change is True


def test_a_part_of_the_staff_is_not_larger_than_the_staff(cast, act):
    with pytest.raises(DomainError, match="35岁以下职工不能多于职工数 120") as caught:
        act(Action.SUBMIT, cast.enterprise_a, staff_under_35=121)
    assert caught.value.field == "staff_under_35"


def test_a_covered_enterprise_keeps_no_reason_for_being_uncovered(cast, act):
    assert act(Action.SUBMIT, cast.enterprise_a, unbuilt_reason="no_members").unbuilt_reason == ""


def test_no_change_drops_the_figures_of_a_draft(cast, act, unchanged):
    act(Action.SAVE, cast.enterprise_a, staff=1)
    assert unchanged(cast.enterprise_a).staff == 120


def test_the_second_writer_sees_both_values(cast, act, return_of, officer):
    row = return_of(cast.enterprise_a)
    act(Action.SAVE, cast.enterprise_a, staff=130)
    with pytest.raises(Conflict) as caught:
        services.save_draft(census_return=row, facts={"staff": 140}, today=TODAY, actor=officer, version=row.version)
    assert caught.value.rows == [("职工数", "130", "140")]


def test_approval_writes_the_register_as_of_the_day_of_checking(cast, act, return_of):
    seen = TODAY - 5 * DAY
    act(Action.SUBMIT, cast.enterprise_a, staff=125, formal_members=6, checked_on=seen, leader_name="刘厂长",
        attitude="supportive")  # fmt: skip
    act(Action.APPROVE, cast.enterprise_a)
    with unscoped("test"):
        slices = list(Condition.objects.filter(enterprise=cast.enterprise_a).order_by("since"))
        assert [(s.since, s.staff, s.formal_members) for s in slices][-1] == (seen, 125, 6)
        assert (slices[-1].source, slices[-1].checked_on) == ("2026年第四季度摸底", seen)
        assert slices[0].until == seen
        enterprise = Enterprise.objects.get(pk=cast.enterprise_a.pk)
    assert (enterprise.leader_name, enterprise.attitude) == ("刘厂长", "supportive")


def test_approving_an_unchanged_return_opens_no_slice_and_keeps_the_day(cast, unchanged, act):
    unchanged(cast.enterprise_a)
    act(Action.APPROVE, cast.enterprise_a)
    with unscoped("test"):
        slice_ = Condition.objects.get(enterprise=cast.enterprise_a)
    assert slice_.checked_on == TODAY


def test_a_return_that_tells_of_leaving_ends_what_covers_the_enterprise(cast, act):
    act(Action.SUBMIT, cast.enterprise_a, status="moved_out", change_reason="搬到外市")
    act(Action.APPROVE, cast.enterprise_a)
    with unscoped("test"):
        assert Establishment.objects.get(enterprise=cast.enterprise_a).until == TODAY


def test_sending_back_needs_a_comment_and_keeps_on_time(cast, act, unchanged, return_of):
    unchanged(cast.enterprise_a)
    with pytest.raises(DomainError, match="请写明退回意见"):
        act(Action.SEND_BACK, cast.enterprise_a, comment=" ")
    row = act(Action.SEND_BACK, cast.enterprise_a, comment="请核对党员数")
    assert (row.comment, row.submitted_on, row.reviewed_by_name) == ("请核对党员数", None, "李明")
    late = TODAY + 10 * DAY
    with unscoped("test"):
        again = services.answer_unchanged(
            census_return=row, method="visit", checked_on=late, today=late, actor=None
        )
    assert again.is_on_time is True


def test_bulk_approval_is_all_or_nothing_with_one_entry(cast, unchanged, return_of, officer):
    unchanged(cast.enterprise_a)
    unchanged(cast.enterprise_b)
    rows = [return_of(e) for e in (cast.enterprise_a, cast.enterprise_b, cast.enterprise_uncovered)]
    with pytest.raises(DomainError, match="丹东卯软件有限公司」：摸底表“未开始”时不能审核通过"):
        services.approve_all(returns=rows, today=TODAY, actor=officer)
    assert {return_of(e).state for e in (cast.enterprise_a, cast.enterprise_b)} == {"submitted"}
    services.approve_all(returns=rows[:2], today=TODAY, actor=officer)
    assert {return_of(e).state for e in (cast.enterprise_a, cast.enterprise_b)} == {"approved"}
    entry = AuditEntry.objects.get(action="census.approved")
    assert entry.data["returns"] == [row.pk for row in rows[:2]]
    assert entry.org_path == cast.station.path
    assert verify()[1] is None


def test_bulk_approval_with_one_refusal_of_the_register_writes_nothing(cast, act, return_of, officer):
    act(Action.SUBMIT, cast.enterprise_a, staff=119)
    act(Action.SUBMIT, cast.enterprise_b, status="suspended")
    record_condition(enterprise=cast.enterprise_b, on=TODAY - 20 * DAY, changes={"status": "cancelled"}, source="登记",
                     today=TODAY, actor=officer)  # fmt: skip
    rows = [return_of(cast.enterprise_a), return_of(cast.enterprise_b)]
    with pytest.raises(DomainError, match="丹东丑电子有限公司」：企业状态不能由“注销”变为“停产”"):
        services.approve_all(returns=rows, today=TODAY, actor=officer)
    assert return_of(cast.enterprise_a).state == "submitted"
    assert Condition.objects.filter(enterprise=cast.enterprise_a).count() == 1


def test_a_return_outside_the_scope_is_refused_whole(cast, return_of, unchanged):
    unchanged(cast.enterprise_a)
    unchanged(cast.enterprise_b)
    rows = [return_of(cast.enterprise_a), return_of(cast.enterprise_b)]
    with cast.within(cast.branch_a), pytest.raises(DomainError, match="不在您的范围内"):
        services.approve_all(returns=rows, today=TODAY, actor=cast.users.park_officer)


class TestAfterTheClosing:
    def test_a_dated_write_into_the_closed_quarter_is_a_conflict(self, cast, act, officer):
        act(Action.LOCK, cast.enterprise_a)
        for day in (datetime.date(2026, 10, 1), TODAY):
            with pytest.raises(Conflict, match="2026年第四季度已于2026年11月22日由李明关闭，如需更正请发起更正说明"):
                record_condition(enterprise=cast.enterprise_a, on=day, changes={"staff": 1}, source="登记",
                                 today=TODAY, actor=officer)  # fmt: skip

    def test_a_write_whose_effect_reaches_into_the_closed_quarter_is_a_conflict(self, cast, act, officer):
        act(Action.LOCK, cast.enterprise_a)
        with pytest.raises(Conflict):
            record_condition(enterprise=cast.enterprise_a, on=datetime.date(2026, 9, 30), changes={"staff": 1},
                             source="登记", today=TODAY, actor=officer)  # fmt: skip

    @pytest.mark.parametrize(("offset", "ok"), [(0, False), (1, True), (2, True)])
    def test_days_after_an_early_closing_are_open(self, cast, act, officer, offset, ok):
        act(Action.LOCK, cast.enterprise_a)
        on = TODAY + offset * DAY
        write = {"enterprise": cast.enterprise_a, "on": on, "changes": {"staff": 1}, "source": "登记", "today": on}
        if ok:
            assert record_condition(**write, actor=officer).since == on
        else:
            with pytest.raises(Conflict):
                record_condition(**write, actor=officer)

    def test_another_park_stays_open(self, cast, act):
        act(Action.LOCK, cast.enterprise_a)
        with cast.within(cast.sibling_org):
            row = record_condition(enterprise=cast.enterprise_sibling, on=TODAY, changes={"staff": 1}, source="登记",
                                   today=TODAY, actor=cast.users.park_officer)  # fmt: skip
        assert row.since == TODAY

    def test_a_reopened_return_reaches_the_register_and_is_locked_again(self, cast, act, return_of):
        act(Action.LOCK, cast.enterprise_a)
        act(Action.REOPEN, cast.enterprise_a)
        act(Action.SUBMIT, cast.enterprise_a, staff=121)
        row = act(Action.APPROVE, cast.enterprise_a)
        assert (row.state, row.locked_from, row.reopened_until) == ("locked", "approved", None)
        with unscoped("test"):
            assert Condition.objects.get(enterprise=cast.enterprise_a, since=TODAY).staff == 121

    @pytest.mark.parametrize(("offset", "ok"), [(0, True), (1, True), (2, False)])
    def test_a_reopening_expires_after_its_last_day(self, cast, act, return_of, offset, ok):
        act(Action.LOCK, cast.enterprise_a)
        act(Action.REOPEN, cast.enterprise_a, until=TODAY + DAY)
        day = TODAY + offset * DAY
        write = {"census_return": return_of(cast.enterprise_a), "facts": {"staff": 9}, "today": day, "actor": None}
        if ok:
            assert services.save_draft(**write).state == "returned"
            assert services.tend_rounds(today=day) == (0, 0)
        else:
            with pytest.raises(Conflict):
                services.save_draft(**write)
            assert services.tend_rounds(today=day) == (0, 1)
            assert return_of(cast.enterprise_a).locked_from == "returned"

    @pytest.mark.parametrize(("offset", "ok"), [(-1, False), (0, True), (1, True)])
    def test_a_reopening_lasts_at_least_today_and_says_why(self, cast, act, return_of, officer, offset, ok):
        act(Action.LOCK, cast.enterprise_a)
        if ok:
            assert act(Action.REOPEN, cast.enterprise_a, until=TODAY + offset * DAY).state == "returned"
        else:
            with pytest.raises(DomainError, match="不能早于今天"):
                act(Action.REOPEN, cast.enterprise_a, until=TODAY + offset * DAY)
        with pytest.raises(DomainError, match="请填写重新开放的理由"):
            services.reopen_returns(
                returns=[return_of(cast.enterprise_b)], until=TODAY, reason="", today=TODAY, actor=officer
            )


def test_a_draft_is_not_counted_as_reported(cast, act, census_round, officer):
    act(Action.SAVE, cast.enterprise_a, staff=3)
    assert not CensusReturn.objects.reported().exists()
    assert CensusReturn.objects.outstanding(TODAY).count() == 3
