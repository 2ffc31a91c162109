"""`compliance_report`, the API and the workbook say the same, and the workbook can be recomputed."""

from __future__ import annotations

import datetime
import io
import json
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import load_workbook

from apps.activities.compliance.report import as_json, read
from apps.activities.compliance.workbook import write_workbook

KEYS = ["org", "period", "as_of", "frozen", "corrections", "kinds"]
KIND_KEYS = [
    "kind", "name", "rhythm", "subject", "period", "due_on", "open", "organisations", "expected", "actual", "on_time",
    "late", "missing",
]  # fmt: skip


def report(*args: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("compliance_report", *args, "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def quarter(logbook):
    """2026Q3 in the park: branch_a held two of three theme days, one entered late, and its assembly."""
    logbook.log("theme_day", day=datetime.date(2026, 7, 15))
    logbook.log("theme_day", day=datetime.date(2026, 9, 15), reported=datetime.date(2026, 10, 15))
    logbook.log("assembly", day=datetime.date(2026, 8, 3))


def test_the_report_of_a_quarter_is_one_object_with_the_agreed_keys(quarter) -> None:
    found = report("--org", "JY", "--period", "2026Q3", "--as", "park_officer")
    assert list(found) == KEYS
    assert {name: found[name] for name in KEYS[:-1]} == {
        "org": "JY", "period": "2026Q3", "as_of": "2026-09-30", "frozen": False, "corrections": 0,
    }  # fmt: skip
    kinds = {(row["kind"], row["rhythm"]): row for row in found["kinds"]}
    assert list(kinds["theme_day", "month"]) == KIND_KEYS
    assert kinds["theme_day", "month"] == {
        "kind": "theme_day", "name": "主题党日", "rhythm": "month", "subject": "organisation", "period": "2026Q3",
        "due_on": "2026-09-30", "open": False, "organisations": 2, "expected": 6, "actual": 2, "on_time": 1, "late": 1,
        "missing": [
            {"org": "JYA", "name": "子公司党支部", "expected": 3, "actual": 2, "periods": ["2026-08"]},
            {"org": "JYB", "name": "丑寅联合党支部", "expected": 3, "actual": 0,
             "periods": ["2026-07", "2026-08", "2026-09"]},
        ],
    }  # fmt: skip
    assembly = kinds["assembly", "quarter"]
    assert (assembly["expected"], assembly["actual"], assembly["on_time"]) == (2, 1, 1)
    assert [each["org"] for each in assembly["missing"]] == ["JYB"]


def test_a_yearly_duty_says_that_its_year_is_not_over(quarter) -> None:
    kinds = {row["kind"]: row for row in report("--org", "JYA", "--period", "2026Q3", "--as", "secretary_a")["kinds"]}
    assert (kinds["life_meeting"]["period"], kinds["life_meeting"]["due_on"], kinds["life_meeting"]["open"]) == (
        "2026", "2026-12-31", True,
    )  # fmt: skip


def test_the_report_for_people_names_who_is_missing(quarter) -> None:
    out = io.StringIO()
    call_command("compliance_report", "--org", "JY", "--period", "2026-08", "--as", "park_officer", stdout=out)
    assert "主题党日（每月）：应 2 次，实 0 次，按时 0，未完成的党组织 2 个" in out.getvalue()
    assert "丑寅联合党支部：0/1" in out.getvalue()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--org", "JY", "--period", "2026Q5", "--as", "park_officer"], "2026Q5"),
        (["--org", "JY", "--period", "2026", "--as", "park_officer"], "季度"),
        (["--org", "JY", "--period", "2027Q1", "--as", "park_officer"], "尚未开始"),
        (["--org", "YY", "--period", "2026Q3", "--as", "park_officer"], "没有组织代码为「YY」"),
        (["--org", "JY", "--period", "2026Q3", "--as", "nobody"], "nobody"),
        (["--org", "JY", "--period", "2026Q3", "--as", "visitor"], "没有这项权限"),
        (["--org", "JY", "--period", "2026Q3", "--as", "park_officer", "--out", "report.csv"], ".xlsx"),
        (["--org", "JY", "--as", "park_officer"], "--period"),
    ],
)
def test_a_wrong_call_is_a_sentence_and_exit_code_2(roster, args: list[str], said: str) -> None:
    with pytest.raises(CommandError) as refused:
        report(*args)
    assert said in str(refused.value)
    assert refused.value.returncode == 2


def test_the_endpoint_says_what_the_command_says(quarter, client, cast) -> None:
    client.force_login(cast.users.park_officer)
    found = client.get("/api/v1/activities/compliance/?period=2026Q3")
    assert found.status_code == 200
    assert found.json() == report("--org", "JY", "--period", "2026Q3", "--as", "park_officer")


@pytest.mark.parametrize("query", ["org=YY&period=2026Q3", "org=JY&period=2026Q9", "org=NONE"])
def test_the_endpoint_refuses_what_makes_no_sense(quarter, client, cast, query: str) -> None:
    client.force_login(cast.users.park_officer)
    assert client.get(f"/api/v1/activities/compliance/?{query}").status_code in (400, 404, 409, 422)


def recomputed(book: Any) -> list[tuple[Any, ...]]:
    """The figures of 汇总, computed anew from the rows of 明细 as its formulas say."""
    rows = [row for row in book["明细"].iter_rows(min_row=4, values_only=True) if row[4]]
    found = []
    for row in book["汇总"].iter_rows(min_row=6, values_only=True):
        if row[2] is None:
            continue
        of = [r for r in rows if r[3] == row[2] and (row[0] in (None, "") or r[0] == row[0])]
        found.append(tuple(sum(r[place] for r in of) for place in (5, 6, 7, 8, 9)))
    return found


def test_the_workbook_can_be_recomputed(quarter, cast, tmp_path) -> None:
    target = tmp_path / "report.xlsx"
    report("--org", "DD", "--period", "2026Q3", "--as", "authority_officer", "--out", str(target))
    assert list(tmp_path.iterdir()) == [target]
    stored, live = load_workbook(target, data_only=True), load_workbook(target)
    assert stored.sheetnames == ["汇总", "明细", "口径"]
    figures = [row[3:8] for row in stored["汇总"].iter_rows(min_row=6, values_only=True) if row[2] is not None]
    assert figures == recomputed(stored)
    assert any(figure[0] for figure in figures)
    formulas = [row[3] for row in live["汇总"].iter_rows(min_row=6, values_only=True) if row[2] is not None]
    assert all(text.startswith("=SUMIFS(明细!") for text in formulas)


def test_a_workbook_too_large_is_refused_by_name(quarter, cast, monkeypatch) -> None:
    from apps.activities.compliance import workbook
    from apps.core.errors import DomainError

    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    with cast.within(cast.park_org), pytest.raises(DomainError, match="请按下级党组织分别下载"):
        write_workbook(
            io.BytesIO(), read({"period": "2026Q3"}, today=datetime.date(2026, 11, 22)), user_name="李明",
            now=datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC),
        )  # fmt: skip


def test_the_report_of_a_month_asks_for_that_month_only(quarter, cast) -> None:
    with cast.within(cast.park_org):
        found = as_json(read({"org": "JY", "period": "2026-07"}, today=datetime.date(2026, 11, 22)))
    assert {row["rhythm"] for row in found["kinds"]} == {"month"}
    assert [(row["expected"], row["actual"]) for row in found["kinds"] if row["kind"] == "theme_day"] == [(2, 1)]
