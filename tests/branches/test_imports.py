"""党组织台账 comes in: all rows or none, parents in any order, circles and unknown parents as red cells."""

import datetime
from types import SimpleNamespace

import pytest

from apps.branches.imports import OrganisationImport
from apps.branches.ledgers import OrganisationLedger
from apps.branches.models import OrgEvent, PartyOrg
from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import ChecksFailed, commit_batch
from apps.core.imports.undo import undo_batch
from tests.core.excel.workbooks import book

TODAY = datetime.date(2026, 11, 22)
HEADERS = ("组织代码", "全称", "类别", "上级组织代码", "成立日期")


@pytest.fixture
def desk(cast):
    """The park officer's desk."""
    actor = cast.users.park_officer

    def upload(rows, headers=HEADERS, mode="create"):
        return upload_file(
            importer=OrganisationImport, org=cast.park_org, file_name="组织.xlsx", data=book(rows, headers), mode=mode,
            actor=actor,
        )  # fmt: skip

    def errors(rows, headers=HEADERS, mode="create"):
        report = check_batch(batch=upload(rows, headers, mode), actor=actor, today=TODAY)
        return [(problem.row, problem.column, problem.code) for problem in report.errors]

    def commit(rows, headers=HEADERS, mode="create"):
        return commit_batch(batch=upload(rows, headers, mode), actor=actor, today=TODAY)

    with cast.within(cast.park_org):
        yield SimpleNamespace(
            cast=cast, errors=errors, commit=commit, undo=lambda batch: undo_batch(batch=batch, actor=actor)
        )


def test_parents_may_stand_behind_their_children(desk):
    batch = desk.commit([
        ("T2", "中共己公司支部委员会", "党支部", "t1", "2026-03-01"),
        ("T1", "中共己公司委员会", "党委", "JY", "2026年1月5日"),
        ("T3", "第一党小组", "党小组", "T2", None),
    ])  # fmt: skip
    assert batch.created == 3
    group = PartyOrg.objects.get(code="T3")
    assert group.parent.parent.parent.code == "JY"
    assert group.path.startswith(group.parent.path)
    assert PartyOrg.objects.get(code="T2").initials == "zgjgszbwyh"
    assert [str(event) for event in OrgEvent.objects.filter(org__code="T1")] == ["2026-01-05 成立"]
    assert not OrgEvent.objects.filter(org__code="T3").exists()


def test_each_mistake_is_told_at_its_cell(desk):
    rows = [
        ("A1", "甲", "党支部", "A2", None),
        ("A2", "乙", "党支部", "A1", None),
        ("B1", "丙", "党支部", "NONE", None),
        ("B2", "丁", "党支部", "YY", None),
        ("B3", "戊", "党小组", "JYZ", None),
        ("B4", "己", "联合支部", "JYZ", None),
        ("YYZ1", "庚", "党支部", "JYZ", None),
        ("JYA", "辛", "党支部", "JYZ", None),
        ("B5", "壬", "党支部", "JYZ", "2027-01-01"),
    ]
    assert desk.errors(rows) == [
        (2, "类别", "wrong_parent"), (3, "类别", "wrong_parent"), (4, "上级组织代码", "unknown_parent"),
        (5, "上级组织代码", "unknown_parent"), (6, "类别", "wrong_parent"), (7, "类别", "choice"),
        (8, "组织代码", "elsewhere"), (9, "组织代码", "exists"), (10, "成立日期", "date_future"),
    ]  # fmt: skip


def test_a_circle_is_told_on_each_of_its_rows(desk):
    rows = [("C1", "甲", "党委", "C3", None), ("C2", "乙", "党委", "C1", None), ("C3", "丙", "党委", "C2", None)]
    assert desk.errors(rows) == [(row, "上级组织代码", "cycle") for row in (2, 3, 4)]


def test_a_tree_too_deep_is_refused_before_anything_is_written(desk):
    rows = [(f"D{n}", f"第{n}级", "党委", f"D{n - 1}" if n else "JY", None) for n in range(15)]
    assert desk.errors(rows) == [(16, "上级组织代码", "too_deep")]
    with pytest.raises(ChecksFailed):
        desk.commit(rows)
    assert not PartyOrg.objects.filter(code__startswith="D").exists()


def test_facts_are_corrected_and_the_founding_event_with_them(desk):
    headers = ("组织代码", "全称", "成立日期", "联系电话", "简称")
    desk.commit([("JYA", None, "2019-05-01", "13812345678", "子支部")], headers, "update")
    org = PartyOrg.objects.get(code="JYA")
    assert (org.founded_on, org.contact_phone, org.short_name) == (datetime.date(2019, 5, 1), "13812345678", "子支部")
    assert org.version == 2
    assert OrgEvent.objects.get(org=org).on == org.founded_on


def test_a_new_name_kind_or_parent_of_a_known_organisation_belongs_to_its_page(desk):
    rows = [("JYA", "新名", "党总支", "JYW", None)]
    assert [code for *_, code in desk.errors(rows, mode="update")] == ["shape_change"] * 3


def test_an_export_imports_again_without_a_change(desk):
    PartyOrg.objects.filter(code="JYA").update(contact_phone="13812345678")
    ledger = OrganisationLedger(today=TODAY, user=None)
    shown = {"": None, True: "是", False: "否"}
    rows = [[shown.get(v, v) if isinstance(v, str | bool) else v for v in record] for record in ledger.records()]
    batch = desk.commit(rows, ledger.headers, "update")
    assert (batch.created, batch.updated, batch.unchanged) == (0, 0, 6)


def test_an_import_is_undone_with_its_events(desk):
    batch = desk.commit([("T1", "中共己公司委员会", "党委", "JY", "2026-01-05")])
    desk.undo(batch)
    assert not PartyOrg.objects.filter(code="T1").exists()
    assert not OrgEvent.objects.filter(on="2026-01-05").exists()


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(desk, django_assert_max_num_queries):
    rows = [(f"Q{n}", f"中共第{n}公司支部委员会", "党支部", "JYZ", "2026-03-01") for n in range(200)]
    with django_assert_max_num_queries(80):
        desk.commit(rows)
