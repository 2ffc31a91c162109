"""Every number that is local, proposed or unconfirmed is a dated row with a unit and a source, and is read as one."""

from __future__ import annotations

import datetime

import pytest

from apps.branches import parameters as branches
from apps.branches.rules import BranchThresholds, ElectionThresholds
from apps.census import parameters as census
from apps.census.rules import CensusThresholds
from apps.core.models import Parameter
from apps.core.parameters import ParameterSpec, registry
from apps.coverage import parameters as coverage
from apps.coverage.rules import DEFINITION_NAMES
from apps.enterprises import parameters as enterprises
from apps.enterprises.rules import EnterpriseThresholds
from apps.patrol import parameters as patrol
from apps.patrol.rules import PatrolThresholds
from apps.reminders import parameters as reminders
from apps.reminders.rules import Cadence, QuietHours

TODAY = datetime.date(2026, 11, 22)
APPS = ("branches", "enterprises", "members", "census", "coverage", "patrol", "reminders")
OURS = [spec for spec in registry.values() if spec.code.partition(".")[0] in APPS]


@pytest.mark.parametrize("spec", OURS, ids=lambda spec: spec.code)
def test_a_parameter_says_what_it_is_and_where_it_comes_from(spec: ParameterSpec) -> None:
    assert spec.label
    assert spec.group
    assert spec.source
    assert spec.confidence in {"V-sec", "K", "P", "local"}
    if spec.kind == "int":
        assert spec.unit
        assert spec.minimum <= spec.default <= spec.maximum
    if spec.kind == "choice":
        assert spec.default in dict(spec.choices)


def test_labels_tell_parameters_apart() -> None:
    assert len({spec.label for spec in OURS}) == len(OURS)


@pytest.mark.django_db
class TestReading:
    def test_every_declared_parameter_has_its_row(self) -> None:
        rows = dict(Parameter.objects.filter(org_path="").values_list("code", "value"))
        assert {spec.code: spec.default for spec in OURS}.items() <= rows.items()

    def test_the_rules_get_the_numbers_in_force(self) -> None:
        assert branches.thresholds(on=TODAY) == BranchThresholds(50, 100)
        assert branches.election_thresholds(on=TODAY) == ElectionThresholds(20, 1, 3, 80, "expected")
        assert enterprises.thresholds(on=TODAY) == EnterpriseThresholds(10, 50, 100, 3, 1, 2, 10)
        assert census.thresholds(on=TODAY) == CensusThresholds(30, 0, 30, 5)
        assert reminders.cadence(on=TODAY) == Cadence((7, 1), 7)
        assert patrol.thresholds(on=TODAY) == PatrolThresholds(180, 10)
        assert reminders.quiet_hours(on=TODAY) == QuietHours(20, 8)
        assert coverage.default_definition(on=TODAY) == next(iter(DEFINITION_NAMES))

    def test_a_new_value_holds_from_its_day_and_in_its_subtree_only(self) -> None:
        Parameter.objects.create(
            code="enterprises.focus_staff", org_path="00010002", since=TODAY, value=80, source="园区文件"
        )
        assert enterprises.thresholds(on=TODAY, org_path="000100020003").focus_staff == 80
        assert enterprises.thresholds(on=TODAY, org_path="00010003").focus_staff == 100
        yesterday = TODAY - datetime.timedelta(days=1)
        assert enterprises.thresholds(on=yesterday, org_path="00010002").focus_staff == 100
