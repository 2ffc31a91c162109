"""阵地台账 and 讲师台账 come in; the export of each comes in again without a change."""

from __future__ import annotations

import datetime
import io
from types import SimpleNamespace

import pytest
from django.utils import timezone

from apps.activities.models import Lecturer, Venue
from apps.activities.services.venues import check_venue
from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.spec import importer_class
from apps.core.imports.undo import undo_batch
from apps.core.ledger import registry
from apps.ledgers.exporting import write_ledger
from tests.activities.conftest import TODAY
from tests.core.excel.workbooks import book

VENUES, LECTURERS = "activities.venues", "activities.lecturers"
ROOM = {
    "名称": "党员之家", "类别": "党员活动室", "党组织": "子公司党支部", "面积（平方米）": "45.5", "座位数": "30", "对外开放": "是",
    "党旗": "是", "桌椅": "否", "启用日期": "2021-07-01",
}  # fmt: skip
TEACHER = {
    "姓名": "陈一鸣",
    "党组织": "子公司党支部",
    "单位及职务": "总工程师",
    "主讲专题": "技术革新",
    "入团日期": "2024-03-01",
}


@pytest.fixture
def desk(cast, roster, officer):
    """The park officer's desk: workbooks of one book go in, exports come out."""

    def upload(code, rows, data=None):
        headers = list(dict.fromkeys(name for row in rows for name in row))
        data = data or book([[row.get(name) for name in headers] for row in rows], headers)
        return upload_file(importer=importer_class(code), org=cast.park_org, file_name="台账.xlsx", data=data, mode="update",
                           actor=officer)  # fmt: skip

    def export(code):
        target = io.BytesIO()
        ledger = registry[code]({"all": "1"}, today=TODAY, user=officer)
        write_ledger(ledger, target, format="xlsx", at=timezone.now(), actor=officer)
        return target.getvalue()

    return SimpleNamespace(
        check=lambda code, *rows, data=None: check_batch(batch=upload(code, rows, data), actor=officer, today=TODAY),
        commit=lambda code, *rows: commit_batch(batch=upload(code, rows), actor=officer, today=TODAY),
        undo=lambda batch: undo_batch(batch=batch, actor=officer), export=export,
    )  # fmt: skip


def test_a_room_comes_in_with_its_list_and_changes_only_what_the_file_says(cast, desk, officer):
    desk.commit(VENUES, ROOM)
    row = Venue.objects.get()
    assert (row.org, row.kind, row.seats, row.open_to_others) == (cast.branch_a, "activity_room", 30, True)
    assert row.checklist == {"flag": True, "chairs": False}
    check_venue(venue=row, there=["flag", "books"], on=TODAY, today=TODAY, actor=officer)
    batch = desk.commit(
        VENUES, {**{k: ROOM[k] for k in ("名称", "类别", "党组织", "启用日期")}, "桌椅": "是", "座位数": "32"}
    )
    row.refresh_from_db()
    assert (row.seats, row.area) == (32, 45.5)
    assert {code for code, there in row.checklist.items() if there} == {"flag", "books", "chairs"}
    desk.undo(batch)
    row.refresh_from_db()
    assert (row.seats, row.checklist["chairs"]) == (30, False)


@pytest.mark.parametrize(
    ("changes", "column"),
    [({"停用日期": "2021-06-30"}, "停用日期"), ({"停用日期": "2021-07-01"}, "停用日期"), ({"党组织": "无此支部"}, "党组织"),
     ({"座位数": "0"}, "座位数"), ({"类别": "宫殿"}, "类别"), ({"党旗": "半面"}, "党旗")],
)  # fmt: skip
def test_what_is_wrong_with_a_room_stands_at_its_cell(desk, changes, column):
    problems = desk.check(VENUES, {**ROOM, **changes}).errors
    assert [problem.column for problem in problems] == [column]


def test_a_lecturer_of_a_roster_is_linked_by_name(cast, desk, roster):
    desk.commit(LECTURERS, TEACHER, {**TEACHER, "姓名": "何教授"})
    found = {row.name: row for row in Lecturer.objects.all()}
    assert found["陈一鸣"].member == roster.worker_a1
    assert found["何教授"].member is None
    assert found["何教授"].since == datetime.date(2024, 3, 1)


def test_one_is_not_taken_in_twice(desk):
    desk.commit(LECTURERS, TEACHER)
    problems = desk.check(LECTURERS, {**TEACHER, "入团日期": "2025-03-01"}).errors
    assert [problem.code for problem in problems] == ["in_pool"]


@pytest.mark.parametrize(("code", "row"), [(VENUES, ROOM), (LECTURERS, TEACHER)])
def test_an_export_comes_in_again_without_a_change(desk, code, row):
    desk.commit(code, row)
    checked = desk.check(code, data=desk.export(code))
    assert not checked.errors
    assert (checked.created, checked.updated) == (0, 0)
