"""党员名册 comes in from the office's own workbook, and every export of the ledger again without a change."""

from __future__ import annotations

import datetime
import io
import json
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from apps.branches.models import PartyOrg
from apps.core import sealing
from apps.core.codes import make_id_number
from apps.core.errors import Conflict
from apps.core.excel.problems import WorkbookRefused
from apps.core.imports.batches import check_batch, report_of, upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.spec import importer_class
from apps.core.imports.template import template
from apps.core.imports.undo import undo_batch
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.enterprises.models import Condition
from apps.ledgers.exporting import write_ledger
from apps.members.imports.roster import RosterImport
from apps.members.kinds import Entry, LeavingReason, Relation
from apps.members.ledgers.roster import MemberRoster
from apps.members.models import Departure, Member, Membership, MobileRecord
from tests.core.excel.workbooks import book

D = datetime.date
BORN = D(1990, 5, 20)
NUMBER = make_id_number("210602", BORN, 11)  # odd: 男
FIFTEEN = "210602" + "900520" + "011"
OWN = ("党员编号", "姓名", "身份证号", "入党日期", "转正日期")

OFFICE = {
    "姓名": "钱学明", "性别": "男", "民族": "汉", "出生年月": "1990.05", "公民身份证号码": NUMBER, "学历": "本科", "学位": "无",
    "加入党组织日期": "2012.7.1", "转为正式党员日期": "2013年7月1日", "人员类别": "正式党员", "工作岗位": "车间主任",
    "手机号码": "139 1234 5678", "所在党支部": "子公司党支部", "工作单位": "丹东子精密机械有限公司", "家庭住址": "振兴区锦山大街1号楼2单元",
}  # fmt: skip
"""A row of an office's own list, under its own headers."""


def person(serial=11, born=BORN, **changes):
    """A row under our own headers; every serial is somebody else."""
    return {"党员编号": None, "姓名": "钱学明", "身份证号": make_id_number("210602", born, serial),
            "入党日期": "2012-07-01", "转正日期": "2013-07-01"} | changes  # fmt: skip


@pytest.fixture
def desk(cast, roster, officer, today):
    """The park officer's desk: workbooks go in, exports come out."""

    def upload(data, mode="update", org=cast.branch_a, actor=officer):
        facts = {"file_name": "名册.xlsx", "data": data, "mode": mode, "actor": actor}
        return upload_file(importer=importer_class("members.roster"), org=org, **facts)

    def sheet(*rows):
        headers = list(dict.fromkeys(name for row in rows for name in row))
        return book([[row.get(name) for name in headers] for row in rows], headers)

    def check(*rows, **more):
        return check_batch(batch=upload(sheet(*rows), **more), actor=more.get("actor", officer), today=today)

    def commit(*rows, data=None, **more):
        batch = upload(data or sheet(*rows), **more)
        return commit_batch(batch=batch, actor=more.get("actor", officer), today=today)

    def problems(*rows, **more):
        return [(p.row, p.column, p.code) for p in check(*rows, **more).errors]

    def export(**params):
        target = io.BytesIO()
        ledger = MemberRoster(params, today=today, user=officer)
        write_ledger(ledger, target, format="xlsx", at=timezone.now(), actor=officer)
        return target.getvalue()

    return SimpleNamespace(
        upload=upload, sheet=sheet, check=check, commit=commit, problems=problems, export=export,
        undo=lambda batch: undo_batch(batch=batch, actor=officer),
    )  # fmt: skip


def the(**facts):
    return Member.objects.get(**facts)


# the way in


def test_the_list_of_an_office_comes_in_under_its_own_headers(desk, cast):
    batch = desk.commit(OFFICE)
    member = the(name="钱学明")
    assert (batch.created, batch.updated, batch.unchanged) == (1, 0, 0)
    assert (member.id_number, member.phone) == (NUMBER, "13912345678")
    assert (member.sex, member.born_on, member.nation, member.education) == ("1", BORN, "01", "21")
    assert (member.joined_on, member.formal_on) == (D(2012, 7, 1), D(2013, 7, 1))
    assert (member.org, member.employer, member.position) == (cast.branch_a, cast.enterprise_a, "车间主任")
    assert (member.code, member.initials, member.relation) == (f"DY{member.pk:08d}", "qxm", Relation.HERE)
    assert Member.objects.with_id_number(NUMBER).get() == member


def test_a_new_member_is_on_the_roster_from_the_day_of_the_import_unless_the_row_says_since_when(desk, today):
    desk.commit(person(11), person(13, 姓名="早到", 进入支部日期="2024-03-01"))
    since = dict(Membership.objects.filter(member__name__in=["钱学明", "早到"]).values_list("member__name", "since"))
    assert since == {"钱学明": today, "早到": D(2024, 3, 1)}


def test_sex_and_birth_date_follow_from_the_number(desk):
    desk.commit(person(11))
    assert (the(name="钱学明").sex, the(name="钱学明").born_on) == ("1", BORN)


def test_no_readable_number_is_kept_in_the_tables_the_report_or_the_trail(desk, cast):
    desk.commit(OFFICE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT m.*, e.* FROM members_member m JOIN members_memberevent e ON e.pgh_obj_id = m.id")
        held = str([[bytes(cell) if isinstance(cell, memoryview) else cell for cell in row] for row in cursor])
    said = json.dumps(list(AuditEntry.objects.values_list("summary", "data")), ensure_ascii=False)
    for number in (NUMBER, "13912345678"):
        assert number not in held + said


def test_an_export_comes_in_again_without_a_change(desk, cast, roster):
    Member.objects.filter(pk=roster.worker_a1.pk).update(
        address="辽宁省丹东市振兴区锦山大街一号", household="凤城市某镇某村三组五号院子", remark="=不是公式", position="'厂长",
        native_place="辽宁丹东", degree="4", school="大连理工大学", occupation="manager", work_since="2004-07-01",
        card_number="0012", group=cast.group_a, probation_until=None,
    )  # fmt: skip
    Membership.objects.filter(member=roster.worker_a1).update(group=cast.group_a)
    MobileRecord.objects.create(
        member=roster.worker_a2, org=cast.branch_a, direction="out", reason="work", since="2026-01-01"
    )
    report = check_batch(batch=desk.upload(desk.export(), org=cast.park_org), actor=cast.users.park_officer,
                         today=D(2026, 11, 22))  # fmt: skip
    assert report.errors == []
    assert (report.created, report.updated, report.unchanged) == (0, 0, 8)


def test_the_filled_template_comes_in_again_without_a_change(desk, cast, officer, today):
    data = template(RosterImport(org=cast.park_org, actor=officer, today=today), filled=True)
    assert data[:2] == b"PK"
    report = check_batch(batch=desk.upload(data, org=cast.park_org), actor=officer, today=today)
    assert (report.errors, report.unchanged) == ([], 8)
    sheet = load_workbook(io.BytesIO(data)).worksheets[0]
    numbers = {cell.value for row in sheet.iter_rows(min_row=2) for cell in row if cell.value}
    assert not numbers & {member.id_number for member in Member.objects.all()}


def test_the_cost_does_not_grow_with_the_rows(desk, today, officer):
    costs = []
    for serials in (range(90, 91), range(100, 103), range(200, 240)):
        with CaptureQueriesContext(connection) as captured:
            desk.commit(*(person(n, 姓名=f"甲{n}", 联系电话=f"1380000{n:04d}") for n in serials))
        costs.append(len(captured))
    assert costs[1] == costs[2]  # the first one reads what the officer may do


# changing what is known


def test_facts_change_and_blank_cells_leave_them_as_they_are(desk, roster):
    member = roster.worker_a1
    desk.commit(
        {
            "党员编号": member.code,
            "姓名": member.name,
            "学历": "研究生",
            "工作岗位（职务）": None,
            "联系电话": "13700000009",
        }
    )
    found = the(pk=member.pk)
    assert (found.education, found.phone, found.version) == ("14", "13700000009", 2)
    assert found.id_number == member.id_number


def test_filling_touches_blank_values_only(desk, roster):
    member = roster.worker_a1
    row = {"党员编号": member.code, "姓名": member.name, "学历": "博士", "籍贯": "辽宁", "联系电话": "13700000009"}
    desk.commit(row, mode="fill")
    found = the(pk=member.pk)
    assert (found.education, found.native_place, found.phone) == ("21", "辽宁", member.phone)


def test_an_unchanged_number_is_recognised_without_opening_the_stored_one(desk, roster, monkeypatch):
    row = {"身份证号": roster.worker_a1.id_number, "姓名": "陈一鸣", "联系电话": roster.worker_a1.phone}
    monkeypatch.setattr(sealing, "unseal", lambda *args: pytest.fail("opened"))
    report = desk.check(row)
    assert (report.errors, report.unchanged) == ([], 1)


def test_a_missing_number_is_filled_in_by_the_code(desk, cast, roster):
    Member.objects.filter(pk=roster.worker_a1.pk).update(id_number_sealed=None, id_number_index=None)
    row = {"党员编号": roster.worker_a1.code, "姓名": "陈一鸣", "身份证号": roster.worker_a1.id_number}
    assert desk.commit(row).updated == 1
    assert the(pk=roster.worker_a1.pk).id_number == roster.worker_a1.id_number


def test_another_group_or_employer_holds_from_the_day_of_the_import(desk, cast, roster, today):
    member = roster.worker_a1
    Member.objects.filter(pk=member.pk).update(placement_since="2026-10-01")
    row = {
        "党员编号": member.code,
        "姓名": member.name,
        "党小组": "第一党小组",
        "所在企业": cast.enterprise_b.credit_code,
    }
    desk.commit(row, org=cast.park_org)
    before, now = Membership.objects.filter(member=member).order_by("since")
    assert (before.until, before.exit, before.group, before.enterprise) == (
        today, LeavingReason.REGROUPED, None, cast.enterprise_a
    )  # fmt: skip
    assert (now.since, now.entry, now.org) == (today, Entry.REGROUPED, cast.branch_a)
    assert (now.group, now.enterprise) == (cast.group_a, cast.enterprise_b)
    found = the(pk=member.pk)
    assert (found.group, found.employer, found.placement_since) == (cast.group_a, cast.enterprise_b, None)


def test_a_slice_that_began_today_is_corrected_in_place(desk, cast, today):
    desk.commit(person(11))
    desk.commit(person(11, 党小组="第一党小组"))
    (row,) = Membership.objects.filter(member__name="钱学明")
    assert (row.group, row.since, row.until) == (cast.group_a, today, None)


def test_a_probationary_member_becomes_formal_after_the_year(desk, roster, today):
    member = roster.probationary_a
    row = {"党员编号": member.code, "姓名": member.name, "转正日期": "2026-11-20"}
    assert desk.problems(row) == [(2, "转正日期", "probation_runs")]
    Member.objects.filter(pk=member.pk).update(joined_on="2025-11-10")
    assert desk.commit(row).updated == 1
    assert the(pk=member.pk).formal_on == D(2026, 11, 20)


def test_a_batch_is_taken_back_as_a_whole(desk, cast, roster):
    before = list(Member.objects.order_by("pk").values())
    slices = list(Membership.objects.order_by("pk").values())
    member = roster.worker_a1
    batch = desk.commit(
        person(11), {"党员编号": member.code, "姓名": "陈一明", "党小组": "第一党小组", "联系电话": "13700000009"},
    )  # fmt: skip
    desk.undo(batch)
    after = list(Member.objects.order_by("pk").values())
    for row in (*before, *after):
        row.pop("version")
    assert after == before
    assert list(Membership.objects.order_by("pk").values()) == slices


# what is refused, each beside its cell


@pytest.mark.parametrize(("changes", "column", "code"), [
    ({"身份证号": NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1")}, "身份证号", "check_digit"),
    ({"身份证号": NUMBER[:17]}, "身份证号", "length"),
    ({"身份证号": 210602199005200113}, "身份证号", "number_cell"),
    ({"联系电话": 13912345678}, "联系电话", "number_cell"),
    ({"联系电话": "12345"}, "联系电话", "format"),
    ({"性别": "女"}, "性别", "sex_disagrees"),
    ({"出生日期": "1990-05-21"}, "出生日期", "birth_disagrees"),
    ({"出生日期": "1990.06"}, "出生日期", "date_partial"),
    ({"出生日期": "2027-01-01"}, "出生日期", "date_future"),
    ({"入党日期": "2026-11-23"}, "入党日期", "date_future"),
    ({"入党日期": "2012-07"}, "入党日期", "date_partial"),
    ({"入党日期": "03/04/2012"}, "入党日期", "date_ambiguous"),
    ({"入党日期": None}, "入党日期", "required"),
    ({"入党日期": "1990-05-20"}, "入党日期", "out_of_order"),
    ({"转正日期": "2012-06-30"}, "转正日期", "out_of_order"),
    ({"转正日期": None, "党员类别": "正式党员"}, "转正日期", "formal_on_needed"),
    ({"党员类别": "预备党员"}, "党员类别", "stage_disagrees"),
    ({"姓名": None}, "姓名", "required"),
    ({"姓名": "钱" * 51}, "姓名", "too_long"),
    ({"民族": "火星族"}, "民族", "choice"),
    ({"党小组": "第九党小组"}, "党小组", "unknown_group"),
    ({"所在企业": "没有这家公司"}, "所在企业", "unknown_reference"),
    ({"所在企业": "丹东丁仪表有限公司"}, "所在企业", "unknown_reference"),
    ({"所在党支部": "没有这个支部"}, "所在党支部", "unknown_reference"),
    ({"所在党支部": "丁公司党支部"}, "所在党支部", "unknown_reference"),
    ({"所在党支部": "第一党小组"}, "所在党支部", "holds_no_members"),
    ({"进入支部日期": "2019-12-31"}, "进入支部日期", "org_young"),
    ({"入党日期": "2026-10-01", "转正日期": None, "进入支部日期": "2026-09-30"}, "进入支部日期", "before_joining"),
    ({"党员编号": "DY00000000"}, "党员编号", "unknown_code"),
])  # fmt: skip
def test_what_cannot_be_right_is_an_error_beside_its_cell(desk, changes, column, code):
    row = {"所在党支部": "子公司党支部", **person(11), **changes}
    assert desk.problems(row) == [(2, column, code)]


def test_a_control_character_is_refused_where_csv_brings_it_in(desk, cast, officer, today):
    text = f"姓名,身份证号,入党日期,转正日期\n钱\x07学明,{NUMBER},2012-07-01,2013-07-01\n"
    facts = {"file_name": "名册.csv", "data": text.encode(), "mode": "update", "actor": officer}
    batch = upload_file(importer=RosterImport, org=cast.branch_a, **facts)
    report = check_batch(batch=batch, actor=officer, today=today)
    assert [(p.column, p.code) for p in report.errors] == [("姓名", "control_character")]


@pytest.mark.parametrize(("changes", "code"), [
    ({"身份证号": FIFTEEN}, "converted_from_15"),
    ({"身份证号": make_id_number("210699", BORN, 11)}, "unknown_region"),
    ({"转正日期": None}, "no_formal_on"),
    ({"入党日期": "2008-05-19", "转正日期": "2009-05-19"}, "joined_young"),
])  # fmt: skip
def test_what_is_only_odd_is_a_warning_to_confirm(desk, changes, code):
    report = desk.check(person(11, **changes))
    assert report.errors == []
    assert code in [p.code for p in report.warnings]
    assert NUMBER not in str(report.as_json())


@pytest.mark.parametrize("typed", [f" {NUMBER}", f"'{NUMBER}", NUMBER.lower(), f"{NUMBER[:6]}\u3000{NUMBER[6:]}"])
def test_spaces_an_apostrophe_and_a_small_x_are_normalised(desk, typed):
    desk.commit(person(身份证号=typed))
    assert Member.objects.with_id_number(NUMBER).exists()


def test_real_dates_and_partial_birth_dates_that_agree_are_read(desk):
    desk.commit(person(11, 出生日期="1990年", 入党日期=datetime.datetime(2012, 7, 1), 转正日期="20130701"))  # noqa: DTZ001
    assert (the(name="钱学明").born_on, the(name="钱学明").formal_on) == (BORN, D(2013, 7, 1))


def test_one_person_twice_in_the_file_is_refused_by_number_and_by_code(desk, roster):
    member = roster.worker_a1
    assert desk.problems(person(11), person(11, 姓名="别名")) == [(3, "身份证号", "repeated")]
    twice = [{"党员编号": member.code, "姓名": member.name, "身份证号": None},
             {"党员编号": None, "姓名": member.name, "身份证号": member.id_number}]  # fmt: skip
    assert desk.problems(*twice) == [(3, "身份证号", "repeated")]


def test_somebody_of_another_branch_needs_a_transfer_and_the_branch_is_not_named(desk, cast, roster):
    said = []
    with cast.within(cast.branch_a):
        actor = cast.users.secretary_a
        for somebody in (roster.sibling_1, roster.worker_b1):
            report = desk.check(person(身份证号=somebody.id_number, 姓名=somebody.name), actor=actor)
            assert [(p.row, p.column, p.code) for p in report.errors] == [(2, "身份证号", "needs_transfer")]
            said.append(report.errors[0].message)
    assert len(set(said)) == 1
    for hidden in ("丁公司", "丑寅", "冯涛", "吴刚", "DY9"):
        assert hidden not in said[0]


def test_an_import_does_not_move_anybody_to_another_branch(desk, cast, roster):
    row = {"党员编号": roster.worker_a1.code, "姓名": "陈一鸣", "所在党支部": "丑寅联合党支部"}
    assert desk.problems(row, org=cast.park_org) == [(2, "所在党支部", "needs_transfer")]


def test_whose_relation_is_elsewhere_or_who_has_left_is_not_taken_onto_the_roster(desk, cast, roster):
    guest = Member(code="DY1", name="外人", relation="elsewhere", org=cast.branch_a, home_text="某市某支部")
    guest.id_number = NUMBER
    guest.save(force_insert=True)
    Member.objects.filter(pk=roster.worker_a5.pk).update(relation="left", left_on="2026-01-01")
    assert desk.problems(person(11)) == [(2, "所在党支部", "needs_transfer")]
    assert desk.problems({"党员编号": roster.worker_a5.code, "姓名": "赵敏"}) == [(2, "姓名", "left")]


def test_a_number_that_belongs_to_another_code_is_refused(desk, roster):
    one, other = roster.worker_a1, roster.worker_a2
    row = {"党员编号": one.code, "姓名": one.name, "身份证号": other.id_number}
    assert desk.problems(row) == [(2, "身份证号", "number_differs")]
    Member.objects.filter(pk=one.pk).update(id_number_sealed=None, id_number_index=None)
    assert desk.problems(row) == [(2, "身份证号", "number_taken")]


@pytest.mark.parametrize(("column", "value", "code"), [
    ("入党日期", "2005-07-01", "dates_differ"), ("转正日期", "2006-07-01", "dates_differ"),
    ("党员类别", "预备党员", "stage_disagrees"), ("性别", "女", "sex_disagrees"),
    ("出生日期", "1981-03-16", "birth_disagrees"),
])  # fmt: skip
def test_what_is_known_for_certain_is_corrected_on_the_page(desk, roster, column, value, code):
    row = {"党员编号": roster.worker_a1.code, "姓名": "陈一鸣", column: value}
    assert desk.problems(row) == [(2, column, code)]


def test_another_name_under_a_known_number_is_asked_about(desk, roster):
    report = desk.check({"身份证号": roster.worker_a1.id_number, "姓名": "陈一明"})
    assert [(p.code, "陈一鸣" in p.message) for p in report.warnings if p.row] == [("renamed", True)]


def test_an_enterprise_that_has_left_the_park_employs_nobody_new(desk, cast):
    Condition.objects.filter(enterprise=cast.enterprise_b).update(status="moved_out")
    row = person(11, 所在党支部="JYB", 所在企业="丹东丑电子有限公司")
    assert desk.problems(row, org=cast.park_org) == [(2, "所在企业", "employer_left")]


def test_the_office_above_a_branch_has_to_name_the_branch(desk, cast):
    assert desk.problems(person(11), org=cast.park_org) == [(2, "所在党支部", "holds_no_members")]
    assert desk.problems({**person(11), "所在党支部": "JYB"}, org=cast.park_org) == []


def test_two_groups_of_one_name_are_told_apart_by_the_branch(desk, cast):
    with unscoped("fixture"):
        other = PartyOrg.objects.create(code="JYB1", name="丑寅第一党小组", short_name="第一党小组", kind="group",
                                        parent=cast.branch_b, path=cast.branch_b.path + "0001")  # fmt: skip
    desk.commit(
        {**person(11), "所在党支部": "JYA", "党小组": "第一党小组"},
        {**person(13, 姓名="乙"), "所在党支部": "JYB", "党小组": "第一党小组"},
        org=cast.park_org,
    )  # fmt: skip
    assert (the(name="钱学明").group, the(name="乙").group) == (cast.group_a, other)


def test_cells_under_a_wrong_header_bring_no_number_into_the_report(desk):
    report = desk.check({**person(11), "民族": NUMBER, "出生日期": FIFTEEN, "备注": "x"})
    assert {p.code for p in report.errors} == {"choice", "date_unreadable"}
    assert NUMBER not in str(report.as_json())
    assert FIFTEEN not in str(report.as_json())


@pytest.mark.parametrize(("change", "code"), [
    (lambda sheet: sheet.merge_cells("A1:B1"), "merged_cells"),
    (lambda sheet: sheet.cell(1, 2, "党员编号"), "header_duplicate"),
    (lambda sheet: sheet.cell(9, 2, "x"), "data_after_gap"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_leaves_nothing(desk, change, code):
    data = book([[person(11).get(name) for name in OWN]], OWN, change)
    with pytest.raises(WorkbookRefused) as refusal:
        desk.upload(data)
    assert code in [problem.code for problem in refusal.value.problems]
    assert not Member.objects.filter(name="钱学明").exists()


def test_formulas_are_refused_at_their_address(desk):
    assert desk.problems(person(11, 姓名='="钱"&"学明"')) == [(2, "姓名", "formula")]


# people at the same time


def test_one_error_keeps_everything_out(desk):
    with pytest.raises(Exception, match="没有导入任何数据"):
        desk.commit(person(11), person(13, 姓名="乙", 性别="女"))
    assert not Member.objects.filter(name="钱学明").exists()


def test_the_same_file_twice_adds_nothing(desk):
    data = desk.sheet(person(11))
    desk.commit(data=data)
    with pytest.raises(Exception, match="不会重复导入"):
        desk.commit(data=data)


def test_a_closed_quarter_takes_nobody_in_and_nobody_out(desk, roster, closed_until):
    closed_until(D(2026, 10, 1))
    with pytest.raises(Conflict):
        desk.commit(person(11, 进入支部日期="2026-09-30"))
    assert desk.commit(person(13, 姓名="乙", 进入支部日期="2026-10-01")).created == 1
    Member.objects.filter(pk=roster.probationary_a.pk).update(joined_on="2025-03-10")
    with pytest.raises(Conflict):
        desk.commit({"党员编号": roster.probationary_a.code, "姓名": "周小满", "转正日期": "2026-09-30"})


def test_a_person_who_was_registered_since_the_check_is_noticed(desk, cast, today, officer):
    batch = desk.upload(desk.sheet(person(11)), mode="create")
    assert check_batch(batch=batch, actor=officer, today=today).errors == []
    desk.commit(person(11), org=cast.branch_b)
    with pytest.raises(Exception, match="没有导入任何数据"):
        commit_batch(batch=batch, actor=officer, today=today)
    assert [problem.code for problem in report_of(batch).errors] == ["needs_transfer"]


def test_the_mapping_page_shows_no_readable_number(desk, client, cast):
    client.force_login(cast.users.park_officer)
    batch = desk.upload(desk.sheet({"人名": "钱学明", "证件": NUMBER, "手机": "13912345678"}))
    page = client.get(f"/imports/{batch.pk}/map/").content.decode()
    assert "210***********" in page
    assert NUMBER not in page
    assert "13912345678" not in page


def test_a_departure_that_waits_stays_when_facts_change(desk, cast, roster):
    Departure.objects.create(member=roster.worker_a2, org=cast.branch_a, left_post_on="2026-10-01", reason="resigned")
    desk.commit({"党员编号": roster.worker_a2.code, "姓名": roster.worker_a2.name, "学历": "博士"})
    assert Departure.objects.open().count() == 1
