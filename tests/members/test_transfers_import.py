"""转接台账 and 离职台账 of earlier years come in; the export of either comes in again without a change."""

from __future__ import annotations

import datetime
import io
from types import SimpleNamespace

import pytest
from django.utils import timezone

from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.spec import importer_class
from apps.core.imports.undo import undo_batch
from apps.core.ledger import registry
from apps.core.scoping import unscoped
from apps.ledgers.exporting import write_ledger
from apps.members.models import Departure, Member, Membership, Transfer
from tests.core.excel.workbooks import book
from tests.members import transfers as walk
from tests.members.conftest import TODAY

TRANSFERS, DEPARTURES = "members.transfers", "members.departures"
D = datetime.date


@pytest.fixture
def desk(cast, roster, officer):
    """The park officer's desk: workbooks of one book go in, exports come out."""

    def upload(code, rows, data=None):
        headers = list(dict.fromkeys(name for row in rows for name in row))
        data = data or book([[row.get(name) for name in headers] for row in rows], headers)
        return upload_file(
            importer=importer_class(code),
            org=cast.park_org,
            file_name="台账.xlsx",
            data=data,
            mode="update",
            actor=officer,
        )

    def check(code, *rows, data=None):
        return check_batch(batch=upload(code, rows, data), actor=officer, today=TODAY)

    def commit(code, *rows, data=None):
        return commit_batch(batch=upload(code, rows, data), actor=officer, today=TODAY)

    def export(code):
        target = io.BytesIO()
        ledger = registry[code]({}, today=TODAY, user=officer)
        write_ledger(ledger, target, format="xlsx", at=timezone.now(), actor=officer)
        return target.getvalue()

    def problems(code, *rows):
        return [(problem.column, problem.code) for problem in check(code, *rows).errors]

    return SimpleNamespace(check=check, commit=commit, export=export, problems=problems,
                           undo=lambda batch: undo_batch(batch=batch, actor=officer))  # fmt: skip


@pytest.fixture
def out(roster):
    """A row of the office's own book: somebody went to another city in 2023."""

    def row(**changes):
        return {
            "姓名": roster.worker_a1.name, "身份证号": roster.worker_a1.id_number, "转接类型": "转出",
            "转入党组织": "中共大连市某街道工作委员会", "申请日期": "2023.5.8", "介绍信号": "第0007号",
            "接收日期": "2023-06-01",
        } | changes  # fmt: skip

    return row


def test_a_past_transfer_is_noted_and_the_roster_stays(desk, cast, roster, out):
    batch = desk.commit(TRANSFERS, out())
    assert (batch.created, batch.updated) == (1, 0)
    row = Transfer.objects.get()
    assert (row.member, row.org, row.kind, row.state) == (roster.worker_a1, cast.branch_a, "out", "accepted")
    assert (row.outside, row.letter_number, row.ended_on) == ("中共大连市某街道工作委员会", "第0007号", D(2023, 6, 1))
    assert Member.objects.get(pk=roster.worker_a1.pk).relation == "here"
    assert Membership.objects.filter(member=roster.worker_a1).count() == 1


def test_that_the_roster_says_otherwise_is_a_warning(desk, out):
    report = desk.check(TRANSFERS, out())
    assert [warning.code for warning in report.warnings] == ["on_roster"]


def test_both_sides_of_the_scope_and_a_short_name(desk, cast, roster, out):
    inside = {"转接类型": "同一基层党委内", "转出党组织": "子公司党支部", "转入党组织": "丑寅联合党支部"}
    desk.commit(TRANSFERS, out(**inside))
    row = Transfer.objects.get()
    assert (row.org, row.other_org, row.outside) == (cast.branch_a, cast.branch_b, "")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"状态": "已开介绍信"}, ("状态", "under_way")),
        ({"接收日期": None}, ("接收日期", "required")),
        ({"接收日期": "2023-05-01"}, ("接收日期", "out_of_order")),
        ({"姓名": "别人"}, ("姓名", "name_disagrees")),
        ({"转接类型": "平台内基层党委之间", "转入党组织": "中共丁公司支部委员会"}, ("转入党组织", "unknown_reference")),
        ({"转入党组织": None}, ("转入党组织", "required")),
    ],
)
def test_what_cannot_be_is_refused_at_its_cell(desk, out, changes, problem):
    assert desk.problems(TRANSFERS, out(**changes)) == [problem]


def test_a_member_of_another_park_is_unknown_here(desk, cast, roster, out):
    stranger = roster.sibling_1
    report = desk.check(TRANSFERS, out(姓名=stranger.name, 身份证号=stranger.id_number))
    (problem,) = report.errors
    assert problem.code == "unknown_member"
    assert stranger.id_number not in problem.message
    assert "丁公司" not in problem.message


def test_the_export_comes_in_again_without_a_change(desk, cast, roster, out):
    desk.commit(TRANSFERS, out())
    walk.accepted(cast, walk.between(cast, roster.worker_a2), by=cast.sibling_branch)
    walk.within(cast, roster.worker_a3)
    batch = desk.commit(TRANSFERS, data=desk.export(TRANSFERS))
    assert (batch.created, batch.updated, batch.unchanged) == (0, 0, 3)


def test_an_import_does_not_move_what_is_under_way(desk, cast, roster):
    row = walk.within(cast, roster.worker_a3)
    given = {"党员编号": roster.worker_a3.code, "申请日期": str(row.requested_on), "状态": "已接收"}
    assert desk.problems(TRANSFERS, given) == [("状态", "fixed")]


def test_an_import_can_be_taken_back(desk, out):
    batch = desk.commit(TRANSFERS, out())
    desk.undo(batch)
    assert not Transfer.objects.exists()


class TestDepartures:
    def row(self, member, **changes):
        return {
            "党员编号": member.code, "离职日期": "2024-03-01", "离职原因": "退休", "去向": "某社区党委", "落实日期": "2024-05-10",
        } | changes  # fmt: skip

    def test_a_placed_departure_is_noted(self, desk, cast, roster):
        batch = desk.commit(DEPARTURES, self.row(roster.worker_a1))
        row = Departure.objects.get()
        assert batch.created == 1
        assert (row.org, row.reason, row.destination, row.placed_on) == (
            cast.branch_a, "retired", "某社区党委", D(2024, 5, 10),
        )  # fmt: skip

    def test_an_open_one_of_somebody_who_is_employed_goes_through_the_page(self, desk, roster):
        found = desk.problems(DEPARTURES, self.row(roster.worker_a1, 落实日期=None))
        assert found == [("党员编号", "employed")]

    def test_an_open_one_of_somebody_without_an_employer_is_noted_once(self, desk, roster):
        with unscoped("test"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(employer=None)
        desk.commit(DEPARTURES, self.row(roster.worker_a1, 落实日期=None))
        again = self.row(roster.worker_a1, 落实日期=None, 离职日期="2024-04-01")
        assert desk.problems(DEPARTURES, again) == [("党员编号", "open_departure")]

    def test_the_export_comes_in_again_without_a_change(self, desk, roster):
        desk.commit(DEPARTURES, self.row(roster.worker_a1), self.row(roster.worker_a2, 离职日期="2024-04-01"))
        batch = desk.commit(DEPARTURES, data=desk.export(DEPARTURES))
        assert (batch.created, batch.updated, batch.unchanged) == (0, 0, 2)
