"""The exported 摸底台账 comes back as answers."""

from __future__ import annotations

import datetime
import io

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from apps.census import services
from apps.census.imports import ReturnImport
from apps.census.ledgers import ReturnLedger
from apps.census.models import ReturnEvent
from apps.core.errors import Conflict
from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import ChecksFailed, commit_batch
from apps.core.imports.undo import undo_batch
from apps.core.scoping import unscoped
from apps.enterprises.models import Enterprise
from apps.ledgers.exporting import write_ledger
from tests.census.conftest import TODAY


@pytest.fixture
def exported(cast, census_round, officer):
    """The rows of the exported workbook, header first, without the watermark."""

    def export():
        target = io.BytesIO()
        ledger = ReturnLedger({}, today=TODAY, user=officer)
        write_ledger(ledger, target, format="xlsx", at=timezone.localtime(), actor=officer)
        target.seek(0)
        return [list(row) for row in load_workbook(target).worksheets[0].values]

    return export


@pytest.fixture
def batch_of(cast):
    def upload(rows, *, actor=None, org=None):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        target = io.BytesIO()
        book.save(target)
        return upload_file(
            importer=ReturnImport, org=org or cast.park_org, file_name="摸底台账.xlsx", data=target.getvalue(),
            mode="update", actor=actor or cast.users.park_officer,
        )  # fmt: skip

    return upload


def check(batch, cast):
    return check_batch(batch=batch, actor=cast.users.park_officer, today=TODAY)


def commit(batch, cast):
    return commit_batch(batch=batch, actor=cast.users.park_officer, today=TODAY)


def with_values(rows, name, **values):
    """The rows with cells of one enterprise changed, columns named by their label."""
    header = rows[0]
    for row in rows[1:]:
        if row[0] == name:
            for label, value in values.items():
                row[header.index(label)] = value
    return rows


def test_the_export_imports_again_with_no_change(cast, census_round, unchanged, exported, batch_of):
    unchanged(cast.enterprise_a)
    with unscoped("test"):
        Enterprise.objects.filter(pk=cast.enterprise_b.pk).update(credit_code=None)
    report = check(batch_of(exported()), cast)
    assert (report.errors, report.rows, report.unchanged, report.updated) == ([], 3, 3, 0)


def test_filled_rows_are_sent_in_and_others_stay_drafts(cast, exported, batch_of, return_of):
    rows = with_values(exported(), cast.enterprise_a.name, 摸排方式="电话", 摸排日期=datetime.date(2026, 11, 20), 职工数=122)
    rows = with_values(rows, cast.enterprise_b.name, 职工数=31)
    batch = commit(batch_of(rows), cast)
    assert (batch.updated, batch.unchanged) == (2, 1)
    row = return_of(cast.enterprise_a)
    assert (row.state, row.staff, row.method, row.operations_clear, row.is_on_time, row.no_change) == (
        "submitted", 122, "phone", True, True, False
    )
    assert return_of(cast.enterprise_b).state == "draft"
    with unscoped("test"):
        assert set(ReturnEvent.objects.values_list("action", "comment")) == {("submit", "导入"), ("save", "导入")}


def test_undo_takes_the_answers_back(cast, exported, batch_of, return_of):
    rows = with_values(exported(), cast.enterprise_a.name, 摸排方式="电话", 摸排日期=datetime.date(2026, 11, 20))
    undo_batch(batch=commit(batch_of(rows), cast), actor=cast.users.park_officer)
    assert return_of(cast.enterprise_a).state == "not_started"
    with unscoped("test"):
        assert not ReturnEvent.objects.exists()


def test_what_the_rules_miss_is_an_error_of_the_row(cast, exported, batch_of):
    day = datetime.date(2026, 11, 20)
    rows = with_values(exported(), cast.enterprise_a.name, 摸排方式="电话", 摸排日期=day, 职工数=10)
    rows = with_values(rows, cast.enterprise_uncovered.name, 摸排方式="走访", 摸排日期=day)
    report = check(batch_of(rows), cast)
    assert {(problem.column, problem.code) for problem in report.errors} == {
        ("变化说明", "staff_changed"), ("未建党组织原因", "unbuilt_missing")
    }


def test_a_reason_lets_a_large_change_in(cast, exported, batch_of, return_of):
    rows = with_values(exported(), cast.enterprise_a.name, 摸排方式="电话", 摸排日期=datetime.date(2026, 11, 20), 职工数=10,
                       变化说明="生产线外迁")  # fmt: skip
    commit(batch_of(rows), cast)
    assert return_of(cast.enterprise_a).state == "submitted"


def test_a_return_that_is_with_the_officer_is_not_changed_by_a_file(cast, unchanged, exported, batch_of):
    unchanged(cast.enterprise_a)
    report = check(batch_of(with_values(exported(), cast.enterprise_a.name, 职工数=121)), cast)
    assert [problem.code for problem in report.errors] == ["wrong_state"]


def test_an_enterprise_of_another_park_has_no_return_here(cast, exported, batch_of):
    header = exported()[0]
    foreign = ["丹东丁仪表有限公司", cast.enterprise_sibling.credit_code, "2026Q4"]
    rows = [header, foreign + [None] * (len(header) - len(foreign))]
    report = check(batch_of(rows), cast)
    assert [problem.code for problem in report.errors] == ["no_return"]


def test_a_quarter_closed_between_check_and_commit_refuses_the_whole(cast, census_round, exported, batch_of, officer):
    batch = batch_of(with_values(exported(), cast.enterprise_a.name, 职工数=121))
    assert check(batch, cast).updated == 1
    services.close_round(census_round=census_round, today=TODAY, actor=officer, confirmed=True)
    with pytest.raises((Conflict, ChecksFailed), match="已于2026年11月22日由李明关闭"):
        commit(batch, cast)
