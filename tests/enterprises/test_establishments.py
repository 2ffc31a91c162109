"""组建: who covers whom, what blocks it, and who answers for the enterprise afterwards."""

from __future__ import annotations

import datetime

import pytest

from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.enterprises import services
from apps.enterprises.kinds import Form
from apps.enterprises.models import Enterprise, Establishment
from tests.cast import SINCE

D = datetime.date


@pytest.fixture
def establish(cast, officer, today):
    def run(*enterprises, org=None, form=Form.SINGLE, since=D(2026, 11, 1), **more):
        return services.establish(
            enterprises=enterprises, org=org or cast.committee, form=form, since=since, today=today, actor=officer, **more
        )

    return run


def members(cast, officer, today, enterprise, formal, on=SINCE):
    services.record_condition(
        enterprise=enterprise, on=on, changes={"formal_members": formal}, source="测试", today=today, actor=officer
    )


def test_an_enterprise_of_its_own_organisation_hangs_under_it_from_then_on(cast, establish):
    establish(cast.enterprise_uncovered, document="甲党发〔2026〕8号")
    found = Enterprise.objects.get(pk=cast.enterprise_uncovered.pk)
    assert found.org == cast.committee
    assert found.org_path == cast.committee.path
    assert AuditEntry.objects.filter(action="enterprise.established", target_id=str(found.pk)).count() == 1


@pytest.mark.parametrize(("formal", "allowed"), [(2, False), (3, True), (4, True)])
def test_three_formal_members_are_needed_to_stand_alone(cast, officer, today, establish, formal, allowed):
    members(cast, officer, today, cast.enterprise_uncovered, formal)
    if allowed:
        assert establish(cast.enterprise_uncovered)[0].form == Form.SINGLE
    else:
        with pytest.raises(DomainError, match="不足3人，应成立联合党支部") as refused:
            establish(cast.enterprise_uncovered)
        assert refused.value.basis.rule_id == "ZB-03"
        assert not Establishment.objects.filter(enterprise=cast.enterprise_uncovered).exists()


def test_the_members_of_all_units_of_a_joint_branch_count_together(cast, officer, today, establish):
    members(cast, officer, today, cast.enterprise_uncovered, 1)
    establish(cast.enterprise_uncovered, org=cast.branch_b, form=Form.JOINT)  # 1 here, 2 in enterprise_b
    assert Enterprise.objects.get(pk=cast.enterprise_uncovered.pk).org == cast.branch_b


@pytest.mark.parametrize(("units", "asks"), [(4, False), (5, False), (6, True)])
def test_a_joint_branch_beyond_five_units_asks_for_a_reason(cast, officer, today, establish, units, asks):
    others = [
        services.register_enterprise(
            facts={"name": f"联建{n}公司", "park": cast.park}, condition={"formal_members": 1}, on=SINCE, today=today,
            actor=officer,
        )
        for n in range(units - 1)
    ]  # fmt: skip
    if asks:
        with pytest.raises(DomainError, match="一般不超过5个") as refused:
            establish(*others, org=cast.branch_b, form=Form.JOINT)
        assert refused.value.field == "reason"
        made = establish(*others, org=cast.branch_b, form=Form.JOINT, reason="同一楼层")
        assert "同一楼层" in made[0].note
    else:
        assert len(establish(*others, org=cast.branch_b, form=Form.JOINT)) == units - 1


def test_the_same_cover_twice_is_refused_in_chinese(cast, establish):
    establish(cast.enterprise_uncovered)
    with pytest.raises(DomainError, match="这家企业在这段时间已由同一党组织覆盖"):
        establish(cast.enterprise_uncovered, since=D(2026, 11, 20))


def test_of_several_enterprises_none_is_covered_when_one_cannot_be(cast, establish):
    with pytest.raises(DomainError, match="已由同一党组织覆盖"):
        establish(cast.enterprise_uncovered, cast.enterprise_b, org=cast.branch_b, form=Form.REGIONAL)
    assert not Establishment.objects.filter(enterprise=cast.enterprise_uncovered).exists()


@pytest.mark.parametrize(
    ("org", "form", "said"),
    [
        ("station", Form.SINGLE, "不能作为企业的党组织"),
        ("branch_b", Form.SINGLE, "联合党支部不是单独组建"),
        ("branch_a", Form.SINGLE, "已有其他企业"),
    ],
)
def test_an_organisation_covers_only_as_its_kind_allows(cast, establish, org, form, said):
    with pytest.raises(DomainError, match=said):
        establish(cast.enterprise_uncovered, org=getattr(cast, org), form=form)


def test_the_enterprise_goes_back_to_the_park_when_the_cover_ends(cast, officer, today):
    row = Establishment.objects.get(enterprise=cast.enterprise_a)
    services.end_establishment(establishment=row, until=D(2026, 11, 1), reason="并入母公司", today=today, actor=officer)
    assert Enterprise.objects.get(pk=cast.enterprise_a.pk).org == cast.park_org
    with pytest.raises(DomainError, match="已于 2026-11-01 终止"):
        services.end_establishment(establishment=row, until=D(2026, 11, 2), today=today, actor=officer)


def test_the_enterprise_goes_to_the_branch_of_its_building_when_the_cover_ends(cast, officer, today):
    services.change_building(building=cast.building, facts={}, branch=cast.branch_b, today=today, actor=officer)
    row = Establishment.objects.get(enterprise=cast.enterprise_a)
    services.end_establishment(establishment=row, until=D(2026, 11, 1), today=today, actor=officer)
    assert Enterprise.objects.get(pk=cast.enterprise_a.pk).org == cast.branch_b


def test_who_was_covered_on_a_day_before_and_after(cast, establish):
    establish(cast.enterprise_uncovered)
    uncovered = cast.enterprise_uncovered
    assert uncovered not in Enterprise.objects.covered(D(2026, 10, 31))
    assert uncovered in Enterprise.objects.covered(D(2026, 11, 1))
    assert Enterprise.objects.with_main_form(D(2026, 11, 1)).get(pk=uncovered.pk).form == Form.SINGLE


def test_a_closed_quarter_takes_no_new_cover(cast, establish, closed_until):
    closed_until(D(2026, 10, 1))
    with pytest.raises(Conflict, match="已关闭"):
        establish(cast.enterprise_uncovered, since=D(2026, 9, 30))
    assert establish(cast.enterprise_uncovered, since=D(2026, 10, 1))


def test_an_organisation_outside_the_park_covers_without_taking_the_enterprise_away(cast, today):
    with cast.within(cast.authority):
        services.establish(
            enterprises=[cast.enterprise_uncovered], org=cast.sibling_branch, form=Form.INDUSTRY, since=D(2026, 11, 1),
            today=today, actor=cast.users.authority_officer,
        )  # fmt: skip
        assert Enterprise.objects.get(pk=cast.enterprise_uncovered.pk).org == cast.park_org


def test_an_enterprise_outside_the_scope_cannot_be_covered(cast, establish):
    with pytest.raises(DomainError, match="不在您的范围内"):
        establish(cast.enterprise_sibling)
