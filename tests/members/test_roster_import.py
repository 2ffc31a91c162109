"""党员名册 comes in from the office's own workbook, and every export of the ledger again without a change."""

from __future__ import annotations

import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.core import sealing
from apps.core.errors import Conflict
from apps.core.imports.batches import check_batch, report_of
from apps.core.imports.commit import commit_batch
from apps.core.imports.template import template
from apps.core.models import AuditEntry
from apps.members.imports.roster import RosterImport
from apps.members.kinds import Entry, LeavingReason, Relation
from apps.members.models import Departure, Member, Membership, MobileRecord

from .rosterbooks import BORN, NUMBER, OFFICE, D, person, the

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


def test_an_employer_beyond_the_branch_may_be_kept_and_not_taken_up(desk, cast, roster, officer, today):
    for model, facts in ((Member, {"pk": roster.worker_b1.pk}), (Membership, {"member": roster.worker_b1})):
        column = "employer" if model is Member else "enterprise"
        model.objects.filter(**facts).update(**{column: cast.enterprise_a})
    with cast.within(cast.branch_b):
        data = desk.export()
    report = check_batch(batch=desk.upload(data, org=cast.branch_b), actor=officer, today=today)
    assert (report.errors, report.unchanged) == ([], 2)
    taken = {"党员编号": roster.worker_b2.code, "姓名": "郑爽", "所在企业": cast.enterprise_a.name}
    assert desk.problems(taken, org=cast.branch_b) == [(2, "所在企业", "unknown_reference")]


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
