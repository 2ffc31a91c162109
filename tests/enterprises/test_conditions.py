"""Dated slices: what can be counted about an enterprise on any past day."""

from __future__ import annotations

import datetime

import pytest

from apps.core.errors import Conflict, DomainError
from apps.enterprises import services
from apps.enterprises.kinds import MassKind, Status
from apps.enterprises.models import Condition, Enterprise, Establishment, InstructorAssignment, MassOrganization
from tests.cast import SINCE

D = datetime.date


def slices(enterprise):
    rows = Condition.objects.filter(enterprise=enterprise).order_by("since")
    return [(row.since, row.until, row.staff, row.formal_members) for row in rows]


@pytest.fixture
def note(officer, today):
    def record(enterprise, on, **changes):
        return services.record_condition(
            enterprise=enterprise, on=on, changes=changes, source="测试", today=today, actor=officer
        )

    return record


def test_a_change_closes_the_slice_before_and_opens_a_new_one(cast, note):
    note(cast.enterprise_a, D(2026, 10, 8), staff=130)
    assert slices(cast.enterprise_a) == [
        (SINCE, D(2026, 10, 8), 120, 5),
        (D(2026, 10, 8), None, 130, 5),
    ]


def test_a_change_of_the_same_day_corrects_the_slice_in_place(cast, note):
    note(cast.enterprise_a, D(2026, 10, 8), staff=130)
    note(cast.enterprise_a, D(2026, 10, 8), staff=131, formal_members=6)
    assert slices(cast.enterprise_a)[1:] == [(D(2026, 10, 8), None, 131, 6)]


def test_a_change_dated_between_two_slices_holds_until_the_second_begins(cast, note):
    note(cast.enterprise_a, D(2026, 10, 8), staff=130)
    note(cast.enterprise_a, D(2026, 5, 1), formal_members=4)
    assert slices(cast.enterprise_a) == [
        (SINCE, D(2026, 5, 1), 120, 5),
        (D(2026, 5, 1), D(2026, 10, 8), 120, 4),
        (D(2026, 10, 8), None, 130, 5),
    ]


def test_what_is_known_before_the_first_slice_ends_where_it_begins(cast, note):
    note(cast.enterprise_a, D(2019, 6, 1), staff=10)
    assert slices(cast.enterprise_a)[0] == (D(2019, 6, 1), SINCE, 10, 0)


def test_looking_again_without_a_change_opens_no_slice_but_is_remembered(cast, note):
    found = note(cast.enterprise_a, D(2026, 11, 1), staff=120)
    assert slices(cast.enterprise_a) == [(SINCE, None, 120, 5)]
    assert found.checked_on == D(2026, 11, 1)


@pytest.mark.parametrize(
    ("day", "staff"), [(D(2026, 10, 7), 120), (D(2026, 10, 8), 130), (D(2026, 10, 9), 130), (D(2019, 12, 31), None)]
)
def test_an_enterprise_is_counted_as_it_was_on_the_day_asked(cast, note, day, staff):
    note(cast.enterprise_a, D(2026, 10, 8), staff=130)
    assert Enterprise.objects.with_condition(day).get(pk=cast.enterprise_a.pk).staff == staff


def test_a_day_to_come_is_refused(cast, note, today):
    with pytest.raises(DomainError, match="不能晚于今天"):
        note(cast.enterprise_a, today + datetime.timedelta(days=1), staff=1)


def test_more_young_staff_than_staff_is_refused_in_chinese(cast, note):
    with pytest.raises(DomainError, match="35岁以下职工不能多于职工数"):
        note(cast.enterprise_a, D(2026, 10, 8), staff=10, staff_under_35=11)


def test_a_closed_quarter_takes_no_change_and_keeps_its_slices(cast, note, closed_until):
    closed_until(D(2026, 10, 1))
    with pytest.raises(Conflict, match="已关闭"):
        note(cast.enterprise_a, D(2026, 9, 30), staff=1)
    note(cast.enterprise_a, D(2026, 10, 1), staff=125)
    assert slices(cast.enterprise_a) == [(SINCE, D(2026, 10, 1), 120, 5), (D(2026, 10, 1), None, 125, 5)]


def test_an_open_day_before_a_closed_quarter_is_refused_when_the_change_reaches_into_it(cast, note, monkeypatch):
    from apps.core import period_guard

    def second_quarter_is_closed(spans):
        for span in spans:
            if span.since < D(2026, 7, 1) and (span.until is None or span.until > D(2026, 4, 1)):
                raise Conflict("2026年第二季度已关闭。")

    monkeypatch.setattr(period_guard, "_guards", [second_quarter_is_closed])
    with pytest.raises(Conflict):
        note(cast.enterprise_a, D(2026, 3, 15), staff=1)


def test_the_second_of_two_editors_sees_both_values(cast, officer, today):
    seen = cast.enterprise_a.version
    common = {"enterprise": cast.enterprise_a, "on": D(2026, 11, 1), "source": "测试", "today": today, "actor": officer}
    services.record_condition(changes={"staff": 130}, version=seen, **common)
    with pytest.raises(Conflict) as refused:
        services.record_condition(changes={"staff": 140, "formal_members": 5}, version=seen, **common)
    assert refused.value.rows == [("职工数", "130", "140")]


@pytest.mark.parametrize(
    ("steps", "allowed"),
    [
        (["suspended", "operating"], True),
        (["moved_out", "operating"], True),
        (["revoked", "cancelled"], True),
        (["preparing"], False),
        (["cancelled", "operating"], False),
        (["revoked", "operating"], False),
    ],
)
def test_an_enterprise_changes_its_state_only_as_its_life_allows(cast, officer, today, steps, allowed):
    days = iter([D(2026, 10, 1), D(2026, 11, 1)])

    def walk():
        for step in steps:
            services.change_status(
                enterprise=cast.enterprise_a, status=Status(step), on=next(days), today=today, actor=officer
            )

    if allowed:
        walk()
        now = Condition.objects.as_of(today).get(enterprise=cast.enterprise_a)
        assert now.status == steps[-1]
        assert now.staff == 120
    else:
        with pytest.raises(DomainError, match="企业状态不能由") as refused:
            walk()
        assert refused.value.basis


def test_what_covers_an_enterprise_ends_on_the_day_it_leaves(cast, officer, today):
    enterprise = cast.enterprise_a
    services.record_mass_organization(
        enterprise=enterprise, kind=MassKind.UNION, since=D(2026, 1, 1), today=today, actor=officer
    )
    services.change_status(enterprise=enterprise, status=Status.MOVED_OUT, on=D(2026, 11, 2), today=today, actor=officer)
    for model in (Establishment, InstructorAssignment, MassOrganization):
        assert not model.objects.open().filter(enterprise=enterprise).exists()
    assert Establishment.objects.as_of(D(2026, 11, 1)).filter(enterprise=enterprise).exists()
    enterprise.refresh_from_db()
    assert enterprise.org == cast.park_org  # the park answers for it again
