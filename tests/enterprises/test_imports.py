"""The books come in: the registry's own columns, and every export again without a change."""

from __future__ import annotations

import datetime
import io
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.codes import make_credit_code
from apps.core.errors import Conflict
from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.spec import importer_class
from apps.core.imports.undo import undo_batch
from apps.core.ledger import registry as ledger_registry
from apps.enterprises import services
from apps.enterprises.kinds import Form
from apps.enterprises.models import (
    Building,
    Condition,
    Enterprise,
    Establishment,
    Instructor,
    InstructorAssignment,
    Visit,
)
from apps.ledgers.exporting import write_ledger
from tests.cast import SINCE
from tests.core.excel.workbooks import book

D = datetime.date
REGISTRY = ("企业名称", "统一社会信用代码", "注册日期", "企业类型", "注册资金", "经营范围", "所在省份", "地区", "注册地址")


def extract(serial=500, name="丹东市辰燃气总公司", **changes):
    row = {
        "企业名称": name, "统一社会信用代码": make_credit_code(serial=serial), "注册日期": "1980-06-19", "企业类型": "N/A",
        "注册资金": "6,694.7400(万元人民币)", "经营范围": "生产、供应煤气；\n热力管道。", "所在省份": "辽宁", "地区": "丹东",
        "注册地址": "振兴区兴五路12号",
    } | changes  # fmt: skip
    return tuple(row[header] for header in REGISTRY)


@pytest.fixture
def desk(cast, officer, today):
    """The park officer's desk: workbooks go in, exports come out."""

    def upload(code, data, mode):
        return upload_file(
            importer=importer_class(code), org=cast.park_org, file_name="台账.xlsx", data=data, mode=mode, actor=officer
        )

    def check(code, rows, headers, mode="create"):
        return check_batch(batch=upload(code, book(rows, headers), mode), actor=officer, today=today)

    def commit(code, rows, headers=REGISTRY, mode="create", data=None):
        return commit_batch(batch=upload(code, data or book(rows, headers), mode), actor=officer, today=today)

    def export(code):
        target = io.BytesIO()
        ledger = ledger_registry[code]({}, today=today, user=officer)
        write_ledger(ledger, target, format="xlsx", at=timezone.now(), actor=officer)
        return target.getvalue()

    def errors(code, rows, headers, mode="create"):
        return [(p.row, p.column, p.code) for p in check(code, rows, headers, mode).errors]

    return SimpleNamespace(
        check=check, commit=commit, errors=errors, export=export,
        undo=lambda batch: undo_batch(batch=batch, actor=officer),
    )  # fmt: skip


# 工商登记数据


def test_an_extract_of_the_registry_makes_enterprises_of_the_park(cast, desk, today):
    batch = desk.commit("enterprises.registry", [extract(), extract(501, "戊公司", 注册资金="N/A", 注册日期="1999-03")])
    assert (batch.created, batch.errors) == (2, 0)
    found = Enterprise.objects.get(credit_code=make_credit_code(serial=500))
    assert (str(found.capital), found.capital_text) == ("6694.7400", "6,694.7400(万元人民币)")
    assert (found.park, found.org, found.initials) == (cast.park, cast.park_org, "ddscrqzgs")
    assert (found.ownership, found.business_scope) == ("", "生产、供应煤气；\n热力管道。")
    condition = Condition.objects.get(enterprise=found)
    assert (condition.since, condition.status, condition.staff) == (today, "operating", 0)
    assert Enterprise.objects.get(name="戊公司").registered_precision == "month"
    assert Enterprise.objects.matching("燃气").get() == found


def test_what_is_wrong_in_an_extract_is_told_at_its_cell(desk):
    rows = [
        extract(统一社会信用代码="91210600MAXX"),
        extract(502, 注册日期="03/04/2026"),
        extract(503, 企业名称=None),
        extract(504), extract(504, "重复公司"),
        extract(serial=0), extract(serial=3), extract(505, 注册资金="很多"),
    ]  # fmt: skip
    assert desk.errors("enterprises.registry", rows, REGISTRY) == [
        (2, "统一社会信用代码", "length"),
        (3, "注册日期", "date_ambiguous"),
        (4, "企业名称", "required"),
        (6, "统一社会信用代码", "repeated"),
        (7, "统一社会信用代码", "exists"),
        (8, "统一社会信用代码", "elsewhere"),
        (9, "注册资金", "not_a_number"),
    ]


def test_an_extract_corrects_what_the_registry_knows_and_undo_brings_it_back(desk):
    desk.commit("enterprises.registry", [extract()])
    second = desk.commit(
        "enterprises.registry", [extract(name="丹东辰燃气有限公司", 注册地址=None), extract(501, "戊公司")], mode="update"
    )
    assert (second.created, second.updated) == (1, 1)
    found = Enterprise.objects.get(credit_code=make_credit_code(serial=500))
    assert (found.name, found.initials, found.address) == ("丹东辰燃气有限公司", "ddcrqyxgs", "振兴区兴五路12号")
    desk.undo(second)
    found.refresh_from_db()
    assert (found.name, Enterprise.objects.filter(name="戊公司").count()) == ("丹东市辰燃气总公司", 0)


def test_an_undone_extract_leaves_nothing_behind(desk):
    desk.undo(desk.commit("enterprises.registry", [extract()]))
    assert not Enterprise.objects.filter(credit_code=make_credit_code(serial=500)).exists()
    assert desk.commit("enterprises.registry", [extract()]).created == 1


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(desk):
    def cost(first, count):
        rows = [extract(first + n, f"第{first + n}公司") for n in range(count)]
        with CaptureQueriesContext(connection) as queries:
            desk.commit("enterprises.registry", rows)
        return len(queries)

    cost(600, 2)
    assert cost(700, 3) == cost(1000, 300)


def test_nothing_comes_into_a_closed_quarter(desk, closed_until, today):
    closed_until(today + datetime.timedelta(days=1))
    with pytest.raises(Conflict):
        desk.commit("enterprises.registry", [extract()])
    assert not Enterprise.objects.filter(name="丹东市辰燃气总公司").exists()


# Every book again


@pytest.fixture
def furnished(cast, officer, today):
    """A park in which every book has rows with every cell filled."""
    services.change_enterprise(
        enterprise=cast.enterprise_a, today=today, actor=officer,
        facts={"contact_phone": "13804151234", "industry": "C", "scale": "small", "above_scale": True, "room": "301",
               "leader_name": "张三", "leader_status": "01", "attitude": "supportive", "venue_area": 40,
               "registered_on": D(2015, 6, 1), "registered_precision": "month", "party_funds": "1000.50"},
    )  # fmt: skip
    services.record_condition(
        enterprise=cast.enterprise_uncovered, on=D(2026, 10, 8), source="测试", today=today, actor=officer,
        changes={"unbuilt_reason": "in_progress", "staff_college": 7, "status": "suspended"},
    )  # fmt: skip
    row = Establishment.objects.get(enterprise=cast.enterprise_b)
    services.end_establishment(establishment=row, until=D(2026, 3, 1), reason="重组", today=today, actor=officer)
    instructor = services.register_instructor(
        facts={"org": cast.park_org, "name": "钱学", "since": SINCE, "unit": "科技局", "phone": "13904151234"},
        actor=officer,
    )  # fmt: skip
    services.send_instructor(
        instructor=instructor, enterprises=[cast.enterprise_a], since=SINCE, today=today, actor=officer
    )
    services.record_visit(
        enterprise=cast.enterprise_a, need="招工", today=today, actor=officer,
        facts={"on": D(2026, 11, 3), "method": "phone", "visitor": "钱学", "instructor": instructor,
               "summary": "=看了车间\n谈了党建", "attitude": "active"},
    )  # fmt: skip


@pytest.mark.parametrize(
    "code", ["enterprises.roster", "enterprises.establishments", "enterprises.instructors", "enterprises.visits"]
)
def test_an_export_comes_in_again_without_a_change(desk, furnished, code):
    batch = desk.commit(code, (), data=desk.export(code), mode="update")
    assert (batch.errors, batch.created, batch.updated) == (0, 0, 0)
    assert batch.unchanged == batch.rows > 0


# 企业台账


def test_new_rows_of_the_roster_stand_in_their_building_under_its_branch(cast, officer, desk, today):
    services.change_building(building=cast.building, facts={}, branch=cast.branch_b, today=today, actor=officer)
    headers = ("企业名称", "园区", "楼栋", "职工数", "正式党员", "核查日期", "经营状态")
    batch = desk.commit("enterprises.roster", [("庚公司", "甲园区", "A1", 25, 1, "2026-10-09", "筹建")], headers)
    found = Enterprise.objects.with_condition(today).get(name="庚公司")
    assert batch.created == 1
    assert (found.building, found.org, found.status, found.staff) == (cast.building, cast.branch_b, "preparing", 25)
    assert Condition.objects.get(enterprise=found).since == D(2026, 10, 9)


def test_changed_numbers_open_a_slice_on_the_day_they_were_checked(cast, desk, today):
    headers = ("企业名称", "统一社会信用代码", "职工数", "核查日期")
    code = cast.enterprise_a.credit_code
    desk.commit("enterprises.roster", [("丹东子精密机械有限公司", code, 130, "2026-10-09")], headers, mode="update")
    slices = Condition.objects.filter(enterprise=cast.enterprise_a).order_by("since")
    assert [(s.since, s.until, s.staff, s.formal_members) for s in slices] == [
        (SINCE, D(2026, 10, 9), 120, 5),
        (D(2026, 10, 9), None, 130, 5),
    ]


def test_the_roster_refuses_what_has_a_page_of_its_own_and_what_cannot_be(cast, desk):
    headers = ("企业名称", "统一社会信用代码", "经营状态", "楼栋", "职工数", "35岁以下职工")
    code = cast.enterprise_a.credit_code
    name = "丹东子精密机械有限公司"
    assert desk.errors("enterprises.roster", [(name, code, "迁出", None, None, None)], headers, "update") == [
        (2, "经营状态", "leaving")
    ]
    assert desk.errors("enterprises.roster", [(name, code, "筹建", None, None, None)], headers, "update") == [
        (2, "经营状态", "status_change")
    ]
    rows = [(name, code, None, "Z9", None, None), ("壬公司", None, None, None, 10, 11)]
    assert desk.errors("enterprises.roster", rows, headers, "update") == [
        (2, "楼栋", "unknown_building"),
        (3, "35岁以下职工", "more_than_staff"),
    ]


def test_filling_touches_blank_cells_only(cast, desk, today):
    headers = ("企业名称", "统一社会信用代码", "联系人", "职工数")
    code = cast.enterprise_a.credit_code
    desk.commit("enterprises.roster", [("丹东子精密机械有限公司", code, "李工", 999)], headers, mode="fill")
    found = Enterprise.objects.with_condition(today).get(pk=cast.enterprise_a.pk)
    assert (found.contact_name, found.staff) == ("李工", 120)


# 组建台账, 走访台账, 指导员台账


def test_an_imported_establishment_moves_the_enterprise_under_its_organisation(cast, desk):
    headers = ("企业名称", "组建方式", "党组织代码", "组建日期", "批复文号")
    row = ("丹东卯软件有限公司", "单独", "JYW", "2026-05-01", "甲党发〔2026〕8号")
    batch = desk.commit("enterprises.establishments", [row], headers)
    assert Enterprise.objects.get(pk=cast.enterprise_uncovered.pk).org == cast.committee
    desk.undo(batch)
    assert Enterprise.objects.get(pk=cast.enterprise_uncovered.pk).org == cast.park_org
    assert not Establishment.objects.filter(enterprise=cast.enterprise_uncovered).exists()


def test_what_rules_question_about_an_imported_establishment_is_a_warning(cast, officer, desk, today):
    services.record_condition(
        enterprise=cast.enterprise_uncovered, on=SINCE, changes={"formal_members": 2}, source="测试", today=today,
        actor=officer,
    )  # fmt: skip
    headers = ("企业名称", "组建方式", "党组织代码", "组建日期")
    report = desk.check("enterprises.establishments", [("丹东卯软件有限公司", "单独", "JYW", "2026-05-01")], headers)
    assert report.errors == []
    assert [(p.row, p.code) for p in report.warnings if p.row] == [(2, "too_few")]


def test_overlaps_and_unknown_names_are_told_at_their_cells(cast, desk):
    headers = ("企业名称", "统一社会信用代码", "组建方式", "党组织代码", "组建日期", "终止日期")
    code = cast.enterprise_a.credit_code
    rows = [
        ("没有的公司", None, "单独组建", "JYA", "2026-01-01", None),
        (None, code, "单独组建", "XX", "2026-01-01", None),
        ("丹东丑电子有限公司", code, "单独组建", "JYA", "2026-01-01", None),
        (None, code, "单独组建", "JYA", "2026-02-01", None),
        (None, code, "区域联建", "JYZ", "2026-01-01", None),
        (None, code, "区域联建", "JYW", "2026-03-01", "2026-02-01"),
    ]
    assert desk.errors("enterprises.establishments", rows, headers) == [
        (2, "统一社会信用代码", "unknown_enterprise"),
        (3, "党组织代码", "unknown_reference"),
        (4, "企业名称", "two_enterprises"),
        (5, "组建日期", "overlap"),
        (6, "党组织代码", "does_not_cover"),
        (7, "终止日期", "out_of_order"),
    ]


def test_visits_come_in_once(cast, desk):
    headers = ("走访日期", "企业名称", "走访人", "方式", "走访情况")
    rows = [("2026-11-03", "丹东子精密机械有限公司", "李明", "电话", "了解党员情况"),
            ("2026-11-04", "丹东丑电子有限公司", "李明", None, None)]  # fmt: skip
    assert desk.commit("enterprises.visits", rows, headers).created == 2
    again = desk.commit("enterprises.visits", [*rows, ("2026-11-05", "丹东丑电子有限公司", "李明", "实地", "")], headers, "update")
    assert (again.created, again.unchanged) == (1, 2)
    assert Visit.objects.get(enterprise=cast.enterprise_a).recorded_by_id == cast.users.park_officer.pk


def test_instructors_come_in_under_the_organisation_that_is_named(cast, desk):
    headers = ("姓名", "派出单位", "管理党组织代码", "选派日期", "联系电话")
    rows = [("赵一", "发改局", "JYZ", "2026-01-05", "138 0415 0001"), ("赵二", "财政局", None, "2026-01-05", None)]
    desk.commit("enterprises.instructors", rows, headers)
    assert Instructor.objects.get(name="赵一").org == cast.station
    assert Instructor.objects.get(name="赵二").org == cast.park_org


def test_an_imported_instructor_is_sent_to_the_enterprises_in_the_cell(cast, desk, today):
    headers = ("姓名", "派出单位", "选派日期", "联系企业")
    code = cast.enterprise_b.credit_code
    desk.commit("enterprises.instructors", [("赵一", "发改局", "2026-01-05", f"丹东子精密机械有限公司、{code}")], headers)
    sent = {str(row.enterprise): row.since for row in InstructorAssignment.objects.all()}
    assert sent == {"丹东子精密机械有限公司": D(2026, 1, 5), "丹东丑电子有限公司": D(2026, 1, 5)}
    more = [("赵一", "发改局", "2026-01-05", "丹东卯软件有限公司")]
    assert desk.commit("enterprises.instructors", more, headers, "update").updated == 1
    assert InstructorAssignment.objects.get(enterprise=cast.enterprise_uncovered).since == today
    assert InstructorAssignment.objects.count() == 3
    wrong = [("赵二", "发改局", "2026-01-05", "丹东子精密机械有限公司、丹东丁仪表有限公司")]
    assert desk.errors("enterprises.instructors", wrong, headers) == [(2, "联系企业", "unknown_reference")]


def test_a_partner_in_another_park_is_not_found_by_name(cast, desk):
    headers = ("企业名称", "组建方式", "党组织代码", "组建日期")
    rows = [("丹东丁仪表有限公司", Form.JOINT.label, "JYB", "2026-05-01")]
    assert desk.errors("enterprises.establishments", rows, headers) == [(2, "统一社会信用代码", "unknown_enterprise")]


def test_two_buildings_of_one_name_are_told_apart_by_park(cast, officer, desk):
    Building.objects.bulk_create([Building(park=cast.park, code="A2", name="二号楼", org=cast.park_org)])
    headers = ("企业名称", "园区", "楼栋")
    assert desk.commit("enterprises.roster", [("辛公司", "A", "二号楼")], headers).created == 1
