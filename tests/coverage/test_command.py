"""`coverage_report`: what other programs read."""

from __future__ import annotations

import datetime
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import load_workbook

from apps.core.periods import Period
from apps.coverage import services
from apps.enterprises.models import Condition

pytestmark = pytest.mark.django_db
KEYS = [
    "definition", "as_of", "org", "enterprises", "excluded", "organisation_covered", "work_covered", "organisation_rate",
    "work_rate", "single_rate", "single_rate_100", "should_build", "should_join", "uncovered",
]  # fmt: skip


def report(*args: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("coverage_report", *args, "--json", stdout=out)
    return json.loads(out.getvalue())


def test_the_report_of_a_day_is_one_object_with_the_agreed_keys(cast) -> None:
    found = report("--org", "JY", "--as-of", "2026-09-30", "--as", "park_officer")
    assert list(found) == KEYS
    assert found == {
        "definition": "2026-1", "as_of": "2026-09-30", "org": "JY", "enterprises": 3, "excluded": {},
        "organisation_covered": 2, "work_covered": 2, "organisation_rate": 0.6667, "work_rate": 0.6667,
        "single_rate": 0.3333, "single_rate_100": 1.0, "should_build": 1, "should_join": 0, "uncovered": 1,
    }  # fmt: skip


def test_a_denominator_of_zero_is_null(cast) -> None:
    found = report("--org", "JYA1", "--as-of", "2026-09-30", "--as", "park_officer")
    assert (found["enterprises"], found["organisation_rate"], found["single_rate_100"]) == (0, None, None)


def test_excluded_enterprises_are_counted_by_reason(cast) -> None:
    with cast.within(cast.authority):
        Condition.objects.filter(enterprise=cast.enterprise_b).update(staff=9)
    found = report("--org", "JY", "--as-of", "2026-09-30", "--as", "park_officer")
    assert (found["enterprises"], found["excluded"]) == (2, {"too_few_staff": 1})
    other = report("--org", "JY", "--as-of", "2026-09-30", "--as", "park_officer", "--definition", "2026-1-operating")
    assert (other["definition"], other["enterprises"], other["excluded"]) == ("2026-1-operating", 3, {})


def test_a_closed_period_is_reported_from_its_snapshot(cast) -> None:
    with cast.within(cast.park_org):
        services.take_snapshot(
            org=cast.park_org, period=Period.parse("2026Q3"), as_of=datetime.date(2026, 9, 30),
            actor=cast.users.park_officer,
        )  # fmt: skip
        Condition.objects.update(status="suspended")
    assert report("--org", "JY", "--period", "2026Q3", "--as", "park_officer")["enterprises"] == 3
    assert report("--org", "JY", "--as-of", "2026-09-30", "--as", "park_officer")["enterprises"] == 0


def test_the_report_can_be_written_as_a_workbook(cast, tmp_path) -> None:
    target = tmp_path / "report.xlsx"
    report("--org", "JY", "--as-of", "2026-09-30", "--as", "park_officer", "--out", str(target))
    assert load_workbook(target).sheetnames[0] == "汇总"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--org", "JY", "--period", "2026Q5", "--as", "park_officer"], "2026Q5"),
        (["--org", "JY", "--as-of", "30.9.2026", "--as", "park_officer"], "30.9.2026"),
        (["--org", "JY", "--period", "2399Q1", "--as", "park_officer"], "尚未开始"),
        (["--org", "YY", "--period", "2026Q3", "--as", "park_officer"], "没有组织代码为「YY」"),
        (["--org", "NO", "--period", "2026Q3", "--as", "park_officer"], "没有组织代码为「NO」"),
        (["--org", "JY", "--period", "2026Q3", "--as", "nobody"], "没有可用的账号"),
        (["--org", "JY", "--period", "2026Q3", "--as", "system_admin"], "没有这项权限"),
        (
            ["--org", "JY", "--period", "2026Q3", "--as", "park_officer", "--definition", "X"],
            "没有代码为「X」的覆盖口径",
        ),
        (["--org", "JY", "--as", "park_officer"], "--period"),
        (["--org", "JY", "--period", "2026Q3", "--as-of", "2026-09-30", "--as", "park_officer"], "--period"),
        (["--org", "JY", "--period", "2026Q3", "--as", "park_officer", "--out", "/nowhere/x.xlsx"], "不存在"),
        (["--org", "JY", "--period", "2026Q3", "--as", "park_officer", "--out", "x.xls"], "xlsx"),
    ],
)
def test_a_wrong_call_is_said_in_one_sentence_with_exit_code_2(cast, args, said) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("coverage_report", *args)
    assert said in str(refused.value)
    if said != "--period":
        assert refused.value.returncode == 2
