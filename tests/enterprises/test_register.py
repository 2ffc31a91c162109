"""The enterprise itself, its place, its instructors, visits, needs and plans."""

from __future__ import annotations

import datetime

import pytest

from apps.core.codes import make_credit_code
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.enterprises import services
from apps.enterprises.kinds import ContactMethod, MassKind, NeedState
from apps.enterprises.models import Building, Condition, Enterprise, Instructor, InstructorAssignment, Need, Park
from tests.cast import SINCE

D = datetime.date


@pytest.fixture
def register(cast, officer, today):
    def run(on=D(2026, 11, 2), condition=None, org=None, **facts):
        facts = {"name": "丹东辰科技有限公司", "park": cast.park, **facts}
        return services.register_enterprise(
            facts=facts, condition=condition or {}, on=on, today=today, actor=officer, org=org
        )

    return run


def test_a_new_enterprise_comes_with_its_first_condition_and_its_responsible_organisation(cast, register):
    found = register(condition={"staff": 12}, credit_code=make_credit_code(serial=900).lower())
    assert found.initials == "ddckjyxgs"
    assert found.credit_code == make_credit_code(serial=900)
    assert found.org == cast.park_org
    assert Condition.objects.get(enterprise=found).staff == 12


@pytest.mark.parametrize(
    ("facts", "field", "said"),
    [
        ({"credit_code": make_credit_code(serial=901)[:-1] + "?"}, "credit_code", "只含数字和"),
        ({"credit_code": make_credit_code(serial=0)}, "credit_code", "已登记"),
        ({"contact_phone": "12345"}, "contact_phone", "无法识别"),
        ({"name": "辰\x07公司"}, "name", "控制字符"),
    ],
)
def test_what_cannot_be_right_is_refused_beside_its_field(register, facts, field, said):
    with pytest.raises(DomainError, match=said) as refused:
        register(**facts)
    assert refused.value.field == field


def test_a_code_that_another_park_has_is_refused_without_saying_whose(register):
    with pytest.raises(DomainError) as refused:
        register(credit_code=make_credit_code(serial=3))
    assert refused.value.message == "这个统一社会信用代码已登记。"


def test_a_building_of_another_park_is_refused(cast, register, officer):
    with cast.within(cast.authority):
        elsewhere = Building(park=cast.sibling_park, code="B1", name="B1 栋", org=cast.sibling_org)
        elsewhere.save()
    with pytest.raises(DomainError, match="不在甲园区"):
        register(building=elsewhere)


def test_the_second_editor_of_an_enterprise_sees_both_values(cast, officer, today):
    enterprise, seen = cast.enterprise_a, cast.enterprise_a.version
    common = {"enterprise": enterprise, "today": today, "actor": officer, "version": seen}
    services.change_enterprise(facts={"scale": "small"}, **common)
    with pytest.raises(Conflict) as refused:
        services.change_enterprise(facts={"scale": "medium"}, **common)
    assert refused.value.rows == [("规模", "小型", "中型")]


def test_several_enterprises_go_into_a_building_or_none(cast, officer, today):
    services.change_building(building=cast.building, facts={}, branch=cast.branch_b, today=today, actor=officer)
    services.place_enterprises(
        enterprises=[cast.enterprise_a, cast.enterprise_uncovered], building=cast.building, today=today, actor=officer
    )
    placed = Enterprise.objects.get(pk=cast.enterprise_uncovered.pk)
    assert (placed.building, placed.org) == (cast.building, cast.branch_b)
    assert Enterprise.objects.get(pk=cast.enterprise_a.pk).org == cast.branch_a  # its own branch comes first
    with pytest.raises(DomainError, match="不在您的范围内"):
        services.place_enterprises(
            enterprises=[cast.enterprise_b, cast.enterprise_sibling], building=cast.building, today=today, actor=officer
        )


def test_a_new_branch_in_charge_takes_over_the_uncovered_enterprises_of_the_building(cast, officer, today):
    services.place_enterprises(
        enterprises=[cast.enterprise_uncovered], building=cast.building, today=today, actor=officer
    )
    common = {"facts": {}, "today": today, "actor": officer}
    services.change_building(building=cast.building, branch=cast.branch_b, **common)
    assert Enterprise.objects.get(pk=cast.enterprise_uncovered.pk).org == cast.branch_b
    services.change_building(building=cast.building, branch=None, **common)
    assert Enterprise.objects.get(pk=cast.enterprise_uncovered.pk).org == cast.park_org


def test_a_new_organisation_of_the_park_takes_over_what_nothing_nearer_answers_for(cast, officer, today):
    services.change_park(park=cast.park, facts={"org": cast.committee}, today=today, actor=officer)
    assert Park.objects.get(pk=cast.park.pk).org == cast.committee
    assert Building.objects.get(pk=cast.building.pk).org == cast.committee
    assert Enterprise.objects.get(pk=cast.enterprise_uncovered.pk).org == cast.committee
    assert Enterprise.objects.get(pk=cast.enterprise_a.pk).org == cast.branch_a


@pytest.fixture
def instructor(cast, officer):
    return services.register_instructor(
        facts={"org": cast.park_org, "name": "钱学", "since": SINCE, "phone": "138 0415 1234"}, actor=officer
    )


def test_an_instructor_beyond_the_usual_load_needs_a_reason(cast, officer, today, instructor):
    enterprises = [cast.enterprise_a, cast.enterprise_b, cast.enterprise_uncovered]
    common = {"instructor": instructor, "since": D(2026, 11, 1), "today": today, "actor": officer}
    services.send_instructor(enterprises=enterprises, **common)  # three are allowed
    fourth = services.register_enterprise(
        facts={"name": "第四家", "park": cast.park}, condition={}, on=SINCE, today=today, actor=officer
    )
    with pytest.raises(DomainError, match="联系4家企业，超过3家") as refused:
        services.send_instructor(enterprises=[fourth], **common)
    assert refused.value.field == "reason"
    services.send_instructor(enterprises=[fourth], reason="同一楼栋", **common)


def test_the_end_of_the_term_ends_every_assignment(cast, officer, today, instructor):
    services.send_instructor(
        instructor=instructor, enterprises=[cast.enterprise_a], since=D(2026, 1, 1), today=today, actor=officer
    )
    services.end_instructor(instructor=instructor, until=D(2026, 11, 1), today=today, actor=officer)
    assert InstructorAssignment.objects.get().until == D(2026, 11, 1)
    with pytest.raises(DomainError, match="不在任期内"):
        services.send_instructor(
            instructor=Instructor.objects.get(pk=instructor.pk), enterprises=[cast.enterprise_b],
            since=D(2026, 11, 2), today=today, actor=officer,
        )  # fmt: skip


def test_a_look_at_a_masked_phone_needs_a_reason_and_leaves_a_trace(cast, officer, instructor):
    with pytest.raises(DomainError, match="请填写查看理由"):
        services.reveal_phone(row=instructor, field="phone", reason=" ", actor=officer)
    assert services.reveal_phone(row=instructor, field="phone", reason="联系走访", actor=officer) == "13804151234"
    entry = AuditEntry.objects.get(action="phone.viewed")
    assert entry.data["reason"] == "联系走访"
    assert "1380" not in entry.summary + str(entry.data)


def visit_facts(**more):
    return {"on": D(2026, 11, 3), "method": ContactMethod.PHONE.value, "visitor": "李明", **more}


def test_a_visit_brings_the_attitude_and_the_need_that_were_heard(cast, officer, today):
    services.record_visit(
        enterprise=cast.enterprise_a, facts=visit_facts(attitude="hesitant"), need="招工难", today=today, actor=officer
    )
    assert Enterprise.objects.get(pk=cast.enterprise_a.pk).attitude == "hesitant"
    assert Need.objects.get().text == "招工难"


def test_an_older_visit_entered_late_does_not_overwrite_the_attitude(cast, officer, today):
    record = {"enterprise": cast.enterprise_a, "today": today, "actor": officer}
    services.record_visit(facts=visit_facts(attitude="supportive"), **record)
    late = services.record_visit(facts=visit_facts(on=D(2026, 8, 1), attitude="opposed"), **record)
    assert Enterprise.objects.get(pk=cast.enterprise_a.pk).attitude == "supportive"
    assert late.recorded_at is not None


def test_a_visit_cannot_move_into_or_out_of_a_closed_quarter(cast, officer, today, closed_until):
    visit = services.record_visit(enterprise=cast.enterprise_a, facts=visit_facts(), today=today, actor=officer)
    closed_until(D(2026, 10, 1))
    with pytest.raises(Conflict):
        services.change_visit(visit=visit, facts={"on": D(2026, 9, 30)}, today=today, actor=officer)
    services.change_visit(visit=visit, facts={"met": "张总"}, today=today, actor=officer)


def test_a_need_is_followed_until_it_is_closed_and_then_stays(cast, officer, today):
    need = services.raise_need(
        enterprise=cast.enterprise_a, facts={"text": "融资", "raised_on": D(2026, 11, 1), "due_on": D(2026, 12, 1)},
        today=today, actor=officer,
    )  # fmt: skip
    need = services.work_on_need(need=need, facts={"owner": "李明"}, actor=officer)
    assert need.state == NeedState.DOING
    need = services.close_need(need=need, on=D(2026, 11, 20), result="已对接银行", today=today, actor=officer)
    assert (need.state, need.closed_on) == (NeedState.CLOSED, D(2026, 11, 20))
    with pytest.raises(DomainError, match="已于 2026-11-20 办结"):
        services.work_on_need(need=need, facts={"owner": "孙"}, actor=officer)


def test_one_mass_organisation_of_a_kind_at_a_time(cast, officer, today):
    common = {"enterprise": cast.enterprise_a, "kind": MassKind.UNION, "today": today, "actor": officer}
    first = services.record_mass_organization(since=D(2026, 1, 1), **common)
    with pytest.raises(DomainError, match="已登记这类群团组织"):
        services.record_mass_organization(since=D(2026, 2, 1), **common)
    services.end_mass_organization(mass_organization=first, until=D(2026, 3, 1), today=today, actor=officer)
    services.record_mass_organization(since=D(2026, 3, 1), **common)
