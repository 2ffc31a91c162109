"""What a workbook of a roster may not bring in, each beside its cell, and what is only asked about."""

from __future__ import annotations

import datetime

import pytest

from apps.branches.models import PartyOrg
from apps.core.codes import make_id_number
from apps.core.excel.problems import WorkbookRefused
from apps.core.imports.batches import check_batch, upload_file
from apps.core.scoping import unscoped
from apps.enterprises.models import Condition
from apps.members.imports.roster import RosterImport
from apps.members.models import Member
from tests.core.excel.workbooks import book

from .rosterbooks import BORN, FIFTEEN, NUMBER, OWN, D, person, the


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
