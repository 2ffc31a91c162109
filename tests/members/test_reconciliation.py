"""与全国系统核对: who is only there, only here, or different; nothing is written to a roster, and nothing is kept long."""

from __future__ import annotations

import datetime
import io
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from openpyxl import load_workbook

from apps.core import jobs, sealing
from apps.core.codes import make_id_number
from apps.core.errors import DomainError
from apps.core.excel.problems import WorkbookRefused
from apps.core.excel.writer import SheetSpec, write_xlsx
from apps.core.ledger import Column
from apps.core.models import AuditEntry, ImportMapping, Job
from apps.members import reconciliation as work
from apps.members.comparison import CERTAIN, POSSIBLE
from apps.members.kinds import ReconciliationState
from apps.members.models import Member, Membership, Reconciliation
from apps.members.services.reconciliations import KEEP_RESULTS, forget_reconciliations
from tests.core.excel.workbooks import book

PAGE = "/members/reconciliation/"
D = datetime.date
STRANGER = make_id_number("210602", D(1990, 5, 20), 11)
STAGES = {True: "正式党员", False: "预备党员"}


def national(member, **changes):
    """A row of the national export about a member, saying what the portal says."""
    row = {
        "姓名": member.name, "公民身份证号码": member.id_number, "性别": {"1": "男", "2": "女"}[member.sex], "民族": "汉族",
        "出生日期": member.born_on.isoformat(), "学历": "大学本科", "人员类别": STAGES[bool(member.formal_on)],
        "所在党支部": member.org.name, "加入党组织日期": member.joined_on.isoformat(),
        "转为正式党员日期": member.formal_on and member.formal_on.isoformat(), "联系电话": member.phone,
    }  # fmt: skip
    return row | changes


def sheet(*rows):
    headers = list(dict.fromkeys(name for row in rows for name in row))
    return book([[row.get(name) for name in headers] for row in rows], headers)


@pytest.fixture
def desk(cast, roster, officer, today):
    def compare(*rows, org=cast.branch_a):
        row = work.begin(org=org, file_name="导出.xlsx", data=sheet(*rows), today=today, actor=officer)
        assert row.state == ReconciliationState.DONE
        return work.outcome_of(row)

    return SimpleNamespace(compare=compare)


# the three lists


def test_what_both_sides_say_alike_is_only_counted(desk, roster):
    found = desk.compare(*(national(member) for member in roster.of_a))
    assert (found.there, found.here, found.different, found.problems) == ([], [], [], [])
    assert found.counts == {"there": 0, "here": 0, "different": 0, "same": 6, "possible": 0, "problems": 0}


def test_who_is_only_on_one_side_is_listed_with_a_masked_number(desk, roster):
    stranger = {"姓名": "钱学明", "公民身份证号码": STRANGER, "所在党支部": "某某党支部"}
    found = desk.compare(stranger, *(national(member) for member in roster.of_a[:-1]))
    assert [(each.row, each.name, each.branch) for each in found.there] == [(2, "钱学明", "某某党支部")]
    assert [(each.name, each.code, each.branch) for each in found.here] == [("周小满", "DY90000006", "子公司党支部")]
    assert found.there[0].id_number.startswith("210***********")
    assert found.here[0].id_number.startswith("210***********")
    assert found.counts["same"] == 5


@pytest.mark.parametrize(("column", "value", "label", "there", "here"), [
    ("姓名", "陈一明", "姓名", "陈一明", "陈一鸣"),
    ("性别", "女", "性别", "女", "男"),
    ("民族", "满族", "民族", "满族", "汉族"),
    ("学历", "大专", "学历", "大学专科", "大学本科"),
    ("出生日期", "1981-03-16", "出生日期", "1981-03-16", "1981-03-15"),
    ("出生日期", "1981年4月", "出生日期", "1981-04", "1981-03-15"),
    ("加入党组织日期", "2005-07-01", "入党日期", "2005-07-01", "2005-06-30"),
    ("转为正式党员日期", "2006.7.1", "转正日期", "2006-07-01", "2006-06-30"),
    ("人员类别", "预备党员", "党员类别", "预备党员", "正式党员"),
    ("所在党支部", "丑寅联合党支部", "所在党支部", "丑寅联合党支部", "子公司党支部"),
    ("联系电话", "13700000009", "联系电话", "137****0009", "139****0001"),
])  # fmt: skip
def test_a_difference_names_the_field_and_both_values_masked(desk, roster, column, value, label, there, here):
    found = desk.compare(national(roster.worker_a1, **{column: value}))
    (one,) = found.different
    assert (one.name, one.branch, one.matched_by, one.fields) == (
        "陈一鸣", "子公司党支部", CERTAIN, [(label, there, here)]
    )  # fmt: skip


@pytest.mark.parametrize(("column", "value"), [
    ("出生日期", "1981年3月"), ("联系电话", None), ("学历", ""), ("所在党支部", "子公司党支部"), ("所在党支部", "JYA"),
])  # fmt: skip
def test_what_agrees_as_far_as_it_goes_and_what_is_blank_is_no_difference(desk, roster, column, value):
    assert desk.compare(national(roster.worker_a1, **{column: value})).different == []


def test_what_is_missing_here_is_a_difference(desk, roster):
    Member.objects.filter(pk=roster.worker_a1.pk).update(education="", phone_sealed=None, phone_index=None)
    (one,) = desk.compare(national(roster.worker_a1)).different
    assert one.fields == [("学历", "大学本科", "未登记"), ("联系电话", "139****0001", "未登记")]


def test_without_a_number_name_and_birth_date_make_a_match_possible(desk, roster):
    found = desk.compare(
        national(roster.worker_a1, 公民身份证号码=None, 学历="大专"), national(roster.worker_a2, 公民身份证号码=None)
    )
    assert [(each.name, each.matched_by) for each in found.different] == [("陈一鸣", POSSIBLE)]
    assert (found.counts["possible"], found.counts["same"], found.counts["there"]) == (2, 1, 0)


def test_another_number_under_the_same_name_and_birth_date_is_possible_and_says_so(desk, roster):
    member = roster.worker_a1
    other = make_id_number("210603", member.born_on, 1)
    (one,) = desk.compare(national(member, 公民身份证号码=other)).different
    assert one.matched_by == POSSIBLE
    assert [label for label, *_ in one.fields] == ["身份证号"]
    assert other not in str(one)
    assert member.id_number not in str(one)


def test_two_of_one_name_and_birth_date_are_not_guessed_apart(desk, roster):
    Member.objects.filter(pk=roster.worker_a2.pk).update(name="陈一鸣", born_on=roster.worker_a1.born_on)
    found = desk.compare(national(roster.worker_a1, 公民身份证号码=None))
    assert (len(found.there), found.counts["possible"]) == (1, 0)


def test_the_branches_add_up(desk, cast, roster):
    rows = [national(member) for member in (*roster.of_a[:5], *roster.of_b[:1])]
    stranger = {"姓名": "钱学明", "公民身份证号码": STRANGER, "所在党支部": "子公司党支部"}
    odd = {"姓名": "孔", "公民身份证号码": make_id_number("210602", D(1990, 5, 20), 13)}
    found = desk.compare(stranger, {**rows[0], "学历": "大专"}, *rows[1:], odd, org=cast.park_org)
    assert found.branches == [
        ("子公司党支部", 6, 6, 4, 1, 1, 1), ("丑寅联合党支部", 1, 2, 1, 0, 0, 1), ("（未写明）", 1, 0, 0, 0, 1, 0)
    ]  # fmt: skip


def test_only_the_rosters_below_the_organisation_are_compared(desk, cast, roster):
    found = desk.compare(national(roster.worker_b1), org=cast.branch_a)
    assert [each.name for each in found.there] == ["吴刚"]
    assert len(found.here) == 6


def test_past_members_and_guests_are_not_on_this_side(desk, cast, roster):
    Member.objects.filter(pk=roster.worker_a5.pk).update(relation="left", left_on="2026-01-01")
    Member.objects.create(code="DY1", name="外人", relation="elsewhere", org=cast.branch_a)
    found = desk.compare(*(national(member) for member in roster.of_a))
    assert ([each.name for each in found.there], found.here) == (["赵敏"], [])


# what cannot be read


def test_a_cell_that_cannot_be_read_is_said_and_the_row_is_compared_all_the_same(desk, roster):
    found = desk.compare(
        national(roster.worker_a1, 公民身份证号码=int(roster.worker_a1.id_number[:17] + "1"), 学历="博士后流动站"),
        national(roster.worker_a2, 公民身份证号码=roster.worker_a2.id_number[:-1]),
        national(roster.worker_a3), national(roster.worker_a3),
        {"姓名": None, "公民身份证号码": STRANGER},
    )  # fmt: skip
    assert [(each.row, each.column, each.code) for each in found.problems] == [
        (2, "身份证号", "number_cell"), (2, "学历", "choice"), (3, "身份证号", "length"), (6, "姓名", "required"),
        (5, "身份证号", "repeated"),
    ]  # fmt: skip
    assert found.counts["possible"] == 2
    assert roster.worker_a2.id_number[:-1] not in str(found)


@pytest.mark.parametrize(("data", "code"), [
    (b"not a workbook", "not_xlsx"),
    (book([["a", "b"]], ["姓名", "姓名"]), "header_duplicate"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "not_xlsx"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_leaves_nothing(desk, cast, officer, today, data, code):
    with pytest.raises(WorkbookRefused) as refusal:
        work.begin(org=cast.branch_a, file_name="x.xlsx", data=data, today=today, actor=officer)
    assert refusal.value.code == code
    assert not Reconciliation.objects.exists()


# nothing is written, little is kept


def test_nothing_reaches_the_rosters(desk, roster):
    before = [list(model.objects.order_by("pk").values()) for model in (Member, Membership)]
    desk.compare(
        national(roster.worker_a1, 姓名="别名", 联系电话="13700000009"), {"姓名": "新人", "公民身份证号码": STRANGER}
    )
    assert [list(model.objects.order_by("pk").values()) for model in (Member, Membership)] == before


def test_the_file_is_deleted_and_what_is_kept_is_sealed(desk, roster):
    desk.compare(national(roster.worker_a1, 学历="大专"), {"姓名": "钱学明", "公民身份证号码": STRANGER})
    with connection.cursor() as cursor:
        cursor.execute("SELECT content, result, counts::text, mapping::text FROM members_reconciliation")
        content, result, counts, mapping = cursor.fetchone()
    assert content is None
    for word in ("钱学明", "陈一鸣", STRANGER):
        assert word.encode() not in bytes(result)
        assert word not in counts + mapping
    said = str(list(AuditEntry.objects.values_list("summary", "data")))
    assert "钱学明" not in said


def test_numbers_are_opened_only_of_those_who_are_shown(desk, roster, monkeypatch):
    rows = [national(member) for member in roster.of_a]
    opened = []
    unseal = sealing.unseal
    monkeypatch.setattr(sealing, "unseal", lambda value, place: opened.append(place) or unseal(value, place))
    desk.compare({**rows[0], "学历": "大专"}, *rows[1:])
    assert len([place for place in opened if place.startswith("members_member")]) == 2  # number and phone of one


def test_a_result_expires_and_is_gone(desk, roster):
    desk.compare(national(roster.worker_a1))
    row = Reconciliation.objects.get()
    assert row.expires_at - row.uploaded_at >= KEEP_RESULTS
    assert forget_reconciliations(row.expires_at - datetime.timedelta(seconds=1)) == 0
    assert forget_reconciliations(row.expires_at + datetime.timedelta(seconds=1)) == 1
    assert not Reconciliation.objects.exists()


# other headers


def test_unknown_headers_are_mapped_by_a_person_once_and_remembered(desk, cast, roster, officer, today):
    def upload():
        data = sheet({"人名": "陈一鸣", "证件": roster.worker_a1.id_number, "文化": "大专"})
        return work.begin(org=cast.branch_a, file_name="x.xlsx", data=data, today=today, actor=officer)

    row = upload()
    assert row.state == ReconciliationState.MAPPING
    with pytest.raises(DomainError, match="身份证号"):
        work.map_columns(reconciliation=row, mapping={"name": "人名"}, today=today, actor=officer)
    mapping = {"name": "人名", "id_number": "证件", "education": "文化"}
    row = work.map_columns(reconciliation=row, mapping=mapping, today=today, actor=officer)
    assert work.outcome_of(row).counts["different"] == 1
    assert ImportMapping.objects.get().importer == "members.reconciliation"
    assert upload().state == ReconciliationState.DONE
    with pytest.raises(DomainError):
        work.map_columns(reconciliation=row, mapping=mapping, today=today, actor=officer)


# pages


@pytest.fixture
def page(cast, roster, client):
    client.force_login(cast.users.park_officer)

    def upload(*rows, org=cast.branch_a):
        file = SimpleUploadedFile("导出.xlsx", sheet(*rows))
        return client.post(PAGE, {"file": file, "org": org.pk})

    return SimpleNamespace(upload=upload, client=client)


def test_the_way_from_the_file_to_the_workbook(page, cast, roster):
    stranger = {"姓名": "钱学明", "公民身份证号码": STRANGER}
    answer = page.upload(stranger, national(roster.worker_a1, 学历="大专"), org=cast.committee)
    text = page.client.get(answer.url).content.decode()
    assert "陈一鸣" in text
    assert "大学专科" in text
    assert "钱学明" in page.client.get(answer.url, {"show": "there"}).content.decode()
    assert "孙·阿依古丽" in page.client.get(answer.url, {"show": "here"}).content.decode()
    assert page.client.get(answer.url, {"show": "nonsense"}).status_code == 404
    answer = page.client.get(f"{answer.url}workbook/")
    found = load_workbook(io.BytesIO(answer.content))
    assert found.sheetnames == ["各党支部", "信息不同", "只在全国系统", "只在本平台", "读不出的单元格"]
    everything = str([list(sheet.values) for sheet in found.worksheets])
    assert "李明" in everything
    for number in (STRANGER, roster.worker_a1.id_number, roster.worker_a1.phone):
        assert number not in everything + text
    assert AuditEntry.objects.filter(action="reconciliation.downloaded").exists()


def test_a_file_with_other_headers_leads_to_the_page_that_maps_them(page, roster):
    answer = page.upload({"人名": "陈一鸣", "证件": roster.worker_a1.id_number})
    assert answer.url.endswith("/map/")
    text = page.client.get(answer.url).content.decode()
    assert roster.worker_a1.id_number not in text
    again = page.client.post(answer.url, {"column_name": "人名", "column_id_number": "人名"})
    assert again.status_code == 422
    done = page.client.post(answer.url, {"column_name": "人名", "column_id_number": "证件"})
    assert done.status_code == 302
    assert page.client.get(answer.url).status_code == 404


def test_a_result_can_be_deleted_before_its_time(page, roster):
    url = page.upload(national(roster.worker_a1)).url
    assert page.client.post(f"{url}discard/").status_code == 302
    assert page.client.get(url).status_code == 404


def test_who_may_not_reconcile_sees_nothing_and_a_park_sees_its_own(page, cast, roster, client):
    url = page.upload(national(roster.worker_a1)).url
    for username, status in (("secretary_a", 403), ("auditor", 403), ("authority_officer", 200)):
        client.force_login(getattr(cast.users, username))
        assert client.get(url).status_code == status
        assert client.get(PAGE).status_code == status
    client.force_login(cast.users.park_officer)
    assert page.client.post(PAGE, {"org": cast.sibling_branch.pk}).status_code == 422
    with cast.within(cast.sibling_org):
        assert not Reconciliation.objects.exists()


def test_a_bad_file_says_why_on_the_form(page, cast):
    file = SimpleUploadedFile("x.xlsx", b"PK\x03\x04 nothing")
    answer = page.client.post(PAGE, {"file": file, "org": cast.branch_a.pk})
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


# long files


def long_file(roster, people):
    """An export with more rows than a page takes."""
    born = D(1960, 1, 1)
    columns = [Column(name, name) for name in ("姓名", "公民身份证号码", "学历")]
    rows = [[roster.worker_a1.name, roster.worker_a1.id_number, "大专"]]
    rows += [
        [f"人{n}", make_id_number("210602", born + datetime.timedelta(days=n // 900), 1 + n % 900), "本科"]
        for n in range(people)
    ]
    target = io.BytesIO()
    write_xlsx(target, [SheetSpec("名册", columns, rows)])
    return target.getvalue()


@pytest.mark.slow
def test_a_long_file_is_compared_by_a_job_and_then_deleted(cast, roster, officer, today, monkeypatch):
    monkeypatch.setattr(jobs, "_queue", lambda pk: None)
    data = long_file(roster, 10_001)
    job = work.begin(org=cast.branch_a, file_name="x.xlsx", data=data, today=today, actor=officer)
    row = Reconciliation.objects.get()
    assert (row.state, job.params) == (ReconciliationState.READING, {"reconciliation": row.pk})
    assert bytes(row.content)[:64].find(b"PK") == -1
    jobs.run(job.pk)
    job.refresh_from_db()
    row.refresh_from_db()
    assert (job.state, job.message[:3]) == (Job.State.DONE, "已核对")
    assert (row.state, row.content, row.rows) == (ReconciliationState.DONE, None, 10_002)
    assert row.counts["there"] == 10_001
    assert row.counts["different"] == 1


def test_a_job_whose_right_was_lost_compares_nothing(cast, roster, officer, today, monkeypatch):
    from apps.accounts.models import RoleAssignment

    monkeypatch.setattr(jobs, "_queue", lambda pk: None)
    monkeypatch.setattr(work, "read_table", _too_long(work.read_table))
    data = sheet(national(roster.worker_a1))
    job = work.begin(org=cast.branch_a, file_name="x.xlsx", data=data, today=today, actor=officer)
    RoleAssignment.objects.filter(user=officer).update(until=today)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.message) == (Job.State.FAILED, "您已没有办理这项任务的权限。")
    assert Reconciliation.objects.get().state == ReconciliationState.READING


def _too_long(read):
    """A reading that finds a page's file too long."""
    from apps.core.excel.limits import PAGE_LIMITS
    from apps.core.excel.problems import refused

    def reading(data, **options):
        if "limits" not in options:
            raise refused([("too_many_rows", "")], PAGE_LIMITS)
        return read(data, **options)

    return reading


def test_a_node_with_more_members_than_a_file_holds_is_compared_in_parts(cast, roster, officer, today, monkeypatch):
    monkeypatch.setattr(work, "MOST_MEMBERS", 7)
    with pytest.raises(DomainError, match="分别核对"):
        work.begin(org=cast.park_org, file_name="x.xlsx", data=sheet({"姓名": "x"}), today=today, actor=officer)
    data = sheet(national(roster.worker_a1))
    assert work.begin(org=cast.branch_a, file_name="x.xlsx", data=data, today=today, actor=officer).pk
    assert timezone.localdate() == today
