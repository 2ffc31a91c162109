"""The commands of the demo leave other people's data alone; the generated park is whole and the same each time."""

from __future__ import annotations

import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import User
from apps.branches.models import PartyOrg
from apps.core.codes import check_credit_code
from apps.core.scoping import unscoped
from apps.coverage import figures
from apps.coverage.reading import read
from apps.enterprises.models import Condition, Enterprise, Establishment, InstructorAssignment, MassOrganization

DAY = datetime.date(2026, 9, 30)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("command", ["load_demo", "generate_scale"])
def test_other_peoples_data_is_left_alone(command: str) -> None:
    with unscoped("somebody has begun to work here"):
        PartyOrg.objects.create(code="X", name="某党工委", kind="work_committee", path="0001")
    with pytest.raises(CommandError, match="已有其他数据") as refused:
        call_command(command, stdout=StringIO())
    assert refused.value.returncode == 2


def test_one_account_is_other_peoples_data_too() -> None:
    User.objects.create(username="somebody", display_name="某人")
    with pytest.raises(CommandError, match="已有其他数据"):
        call_command("load_demo", stdout=StringIO())


def test_without_a_demo_there_are_no_demo_accounts() -> None:
    with pytest.raises(CommandError, match="没有载入演示园区") as refused:
        call_command("demo_accounts", stdout=StringIO())
    assert refused.value.returncode == 2


def test_a_generated_park_has_what_was_asked_for() -> None:
    call_command("generate_scale", orgs=230, enterprises=600, stdout=StringIO())
    with unscoped("the generated park is counted as a whole"):
        assert PartyOrg.objects.count() == 230
        assert Enterprise.objects.count() == 600
        assert all(check_credit_code(code) == code for code in Enterprise.objects.values_list("credit_code", flat=True))
        assert Condition.objects.as_of(DAY).count() == 600
        for model in (Establishment, InstructorAssignment, MassOrganization):
            assert model.objects.as_of(DAY).exists()
        reading = read({"org": "GM"}, today=DAY)
        level = figures.level(reading.basis, reading.definition)
        assert level.total.enterprises + sum(level.total.excluded.values()) == 600
        assert 0 < level.total.organisation_covered < level.total.enterprises
    with pytest.raises(CommandError, match="已经生成过"):
        call_command("generate_scale", force=True, stdout=StringIO())
