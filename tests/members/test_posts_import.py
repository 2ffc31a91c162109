"""班子成员名册, 党务人才库 and 统战对象 come in; the export of each comes in again without a change."""

from __future__ import annotations

import datetime
import io
from types import SimpleNamespace

import pytest
from django.utils import timezone

from apps.branches.models import Term
from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.spec import importer_class
from apps.core.imports.undo import undo_batch
from apps.core.ledger import registry
from apps.core.scoping import unscoped
from apps.ledgers.exporting import write_ledger
from apps.members.models import Member, Post, Talent, UnitedFrontPerson
from tests.core.excel.workbooks import book
from tests.members.conftest import TODAY

POSTS, TALENTS, PEOPLE = "members.posts", "members.talent", "members.united_front"
D = datetime.date.fromisoformat
NUMBER = "13912345678"


@pytest.fixture
def desk(cast, roster, officer):
    """The park officer's desk: workbooks of one book go in, exports come out."""

    def upload(code, rows, data=None):
        headers = list(dict.fromkeys(name for row in rows for name in row))
        data = data or book([[row.get(name) for name in headers] for row in rows], headers)
        return upload_file(importer=importer_class(code), org=cast.park_org, file_name="台账.xlsx", data=data, mode="update",
                           actor=officer)  # fmt: skip

    def check(code, *rows, data=None):
        return check_batch(batch=upload(code, rows, data), actor=officer, today=TODAY)

    def commit(code, *rows, data=None):
        return commit_batch(batch=upload(code, rows, data), actor=officer, today=TODAY)

    def export(code, **params):
        target = io.BytesIO()
        ledger = registry[code](params, today=TODAY, user=officer)
        write_ledger(ledger, target, format="xlsx", at=timezone.now(), actor=officer)
        return target.getvalue()

    def problems(code, *rows):
        return [(problem.column, problem.code) for problem in check(code, *rows).errors]

    return SimpleNamespace(check=check, commit=commit, export=export, problems=problems,
                           undo=lambda batch: undo_batch(batch=batch, actor=officer))  # fmt: skip


SECRETARY = {
    "党组织": "子公司党支部",
    "姓名": "陈一鸣",
    "党内职务": "书记",
    "任职日期": "2024.2.1",
    "来源单位": "综合部",
}
TALENT = {"党组织": "子公司党支部", "姓名": "王建国", "人才类别": "书记后备", "入库日期": "2025-03-01", "资质证书": "资格证书",
          "证书有效期至": "2027-03-01"}  # fmt: skip
PERSON = {
    "姓名": "沈思远",
    "类别": "民主党派",
    "党派": "民进",
    "所在企业": "丹东子精密机械有限公司",
    "电话": NUMBER,
    "登记日期": "2025-05-20",
}


class TestPosts:
    def test_posts_come_in_with_their_member_and_their_term(self, cast, desk, roster):
        with unscoped("test"):
            term = Term.objects.create(org=cast.branch_a, number=2, since=D("2024-02-01"), expires_on=D("2027-02-01"))
        sent = {
            "党组织代码": "JYA",
            "姓名": "刘镇长",
            "党内职务": "委员",
            "任职日期": "2024-03-01",
            "选配来源": "机关派",
            "专职": "是",
        }
        desk.commit(POSTS, SECRETARY, sent)
        first, second = Post.objects.order_by("since")
        assert (first.org, first.member, first.term, first.role) == (cast.branch_a, roster.worker_a1, term, "secretary")
        assert (second.member, second.source, second.full_time, second.basis) == (None, "sent", True, "elected")

    def test_the_export_comes_in_again_without_a_change(self, cast, desk):
        desk.commit(
            POSTS, SECRETARY, {**SECRETARY, "党内职务": "宣传委员", "备注": "+86备用", "离任日期": "2025-01-01"}
        )
        before = list(Post.objects.order_by("pk").values())
        for params in ({}, {"all": "1"}):
            check = desk.check(POSTS, data=desk.export(POSTS, **params))
            assert (check.errors, check.created, check.updated) == ([], 0, 0), params
            desk.commit(POSTS, data=desk.export(POSTS, **params))
        assert list(Post.objects.order_by("pk").values()) == before

    def test_a_member_who_has_left_is_named_by_number(self, cast, desk, roster):
        with unscoped("test"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(
                relation="left", left_on=TODAY, leaving_reason="transferred"
            )
        row = {**SECRETARY, "离任日期": "2026-01-01"}
        desk.commit(POSTS, {**row, "党员编号": roster.worker_a1.code})
        assert Post.objects.get().member == roster.worker_a1

    def test_two_of_one_name_are_not_guessed(self, cast, desk, roster):
        with unscoped("test"):
            Member.objects.filter(pk=roster.worker_a2.pk).update(name="陈一鸣")
        desk.commit(POSTS, SECRETARY)
        assert Post.objects.get().member is None

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"党组织": "没有这个支部"}, "unknown_reference"), ({"党组织": None}, "unknown_org"),
            ({"党组织代码": "JYB"}, "two_orgs"), ({"党组织": "丁公司党支部"}, "unknown_reference"),
            ({"党内职务": "总书记"}, "choice"), ({"任职日期": "2027-01-01"}, "date_future"),
            ({"任职日期": "03/04/2026"}, "date_ambiguous"),
            ({"离任日期": "2024-02-01"}, "out_of_order"), ({"任职日期": "2019-12-31"}, None),
            ({"姓名": None}, "required"),

            ({"姓名": None, "党员编号": None}, "required"), ({"党员编号": "DY90000002"}, "name_disagrees"),
            ({"姓名": "周小满"}, "cannot_be_elected"),
            ({"党组织": "第一党小组"}, "wrong_place"), ({"专职": "也许"}, "choice"),
            ({"批准文号": 20260001}, "number_cell"),
        ],
    )  # fmt: skip
    def test_every_wrong_cell_is_told_and_nothing_is_written(self, cast, desk, given, code):
        found = desk.problems(POSTS, {**SECRETARY, **given})
        if code:
            assert code in [each for _, each in found], found
        assert not Post.objects.exists()

    def test_a_young_secretary_is_a_warning(self, desk, roster):
        with unscoped("test"):
            Member.objects.filter(pk=roster.worker_a1.pk).update(formal_on=D("2023-06-01"))
        check = desk.check(POSTS, SECRETARY)
        assert (check.errors, [each.code for each in check.warnings]) == ([], ["young_secretary"])

    def test_two_secretaries_overlap_in_the_file_and_with_the_book(self, cast, desk):
        successor = {**SECRETARY, "姓名": "王建国", "任职日期": "2025-06-01"}
        assert ("任职日期", "overlap") in desk.problems(POSTS, SECRETARY, successor)
        desk.commit(POSTS, SECRETARY)
        assert ("任职日期", "overlap") in desk.problems(POSTS, successor)
        batch = desk.commit(POSTS, {**SECRETARY, "离任日期": "2025-06-01"}, successor)
        assert (batch.created, batch.updated) == (1, 1)
        assert list(Post.objects.order_by("since").values_list("name", "until")) == [
            ("陈一鸣", D("2025-06-01")),
            ("王建国", None),
        ]

    def test_undo_gives_the_post_back_to_whom_the_file_replaced(self, desk):
        desk.commit(POSTS, SECRETARY)
        successor = {**SECRETARY, "姓名": "王建国", "任职日期": "2025-06-01"}
        desk.undo(desk.commit(POSTS, {**SECRETARY, "离任日期": "2025-06-01"}, successor))
        assert list(Post.objects.values_list("name", "until")) == [("陈一鸣", None)]

    def test_undo_takes_back_what_was_written(self, desk):
        desk.commit(POSTS, SECRETARY)
        batch = desk.commit(POSTS, {**SECRETARY, "来源单位": "总经办"})
        assert Post.objects.get().source_unit == "总经办"
        desk.undo(batch)
        assert Post.objects.get().source_unit == "综合部"


class TestTalents:
    def test_the_export_comes_in_again_without_a_change(self, cast, desk, roster):
        other = {
            **TALENT,
            "姓名": "何平",
            "人才类别": "党课讲师",
            "输送日期": "2025-06-01",
            "输送去向": "某公司",
            "进入管理层": "是",
        }
        desk.commit(TALENTS, TALENT, other)
        first, second = Talent.objects.order_by("pk")
        assert (first.member, first.expires_on) == (roster.worker_a3, D("2027-03-01"))
        assert (second.member, second.in_management) == (None, True)
        before = list(Talent.objects.order_by("pk").values())
        desk.commit(TALENTS, data=desk.export(TALENTS))
        assert list(Talent.objects.order_by("pk").values()) == before

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"发证日期": "2026-01-01", "证书有效期至": "2026-01-01"}, "out_of_order"), ({"输送去向": "某公司"}, "required"),
            ({"输送日期": "2025-02-28"}, "out_of_order"), ({"人才类别": "天才"}, "choice"),
            ({"入库日期": "2027-01-01"}, "date_future"),
        ],
    )  # fmt: skip
    def test_every_wrong_cell_is_told(self, desk, given, code):
        assert code in [each for _, each in desk.problems(TALENTS, {**TALENT, **given})]

    def test_who_is_in_the_pool_is_not_taken_in_a_second_time(self, desk):
        desk.commit(TALENTS, TALENT)
        assert desk.problems(TALENTS, {**TALENT, "入库日期": "2025-03-02"}) == [("入库日期", "in_pool")]


class TestUnitedFront:
    def test_people_come_in_at_their_enterprise_with_a_sealed_phone(self, cast, desk):
        desk.commit(
            PEOPLE,
            PERSON,
            {"姓名": "汉斯", "类别": "外籍", "国籍": "德国", "党组织": "甲园区党工委", "登记日期": "2025-05-20"},
        )
        first, second = UnitedFrontPerson.objects.order_by("pk")
        assert (first.org, first.enterprise, first.phone, first.initials) == (
            cast.branch_a,
            cast.enterprise_a,
            NUMBER,
            "ssy",
        )
        assert (second.org, second.enterprise, second.phone) == (cast.park_org, None, "")

    def test_the_export_with_its_masked_phone_comes_in_again_without_a_change(self, desk):
        desk.commit(PEOPLE, PERSON)
        before = list(UnitedFrontPerson.objects.values())
        check = desk.check(PEOPLE, data=desk.export(PEOPLE))
        assert (check.errors, check.created, check.updated) == ([], 0, 0)
        desk.commit(PEOPLE, data=desk.export(PEOPLE))
        assert list(UnitedFrontPerson.objects.values()) == before

    def test_another_phone_is_a_change_and_the_same_one_is_none(self, desk):
        desk.commit(PEOPLE, PERSON)
        assert desk.check(PEOPLE, PERSON).updated == 0
        desk.commit(PEOPLE, {**PERSON, "电话": "13800001111"})
        assert UnitedFrontPerson.objects.get().phone == "13800001111"

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"党派": None}, "party_needed"), ({"类别": "外籍"}, "nationality_needed"),
            ({"所在企业": None}, "nowhere"), ({"姓名": None}, "required"),
            ({"所在企业": "丹东丁仪表有限公司"}, "unknown_reference"), ({"电话": 13912345678}, "number_cell"),
            ({"登记日期": "2027-01-01"}, "date_future"), ({"离开日期": "2025-01-01"}, "out_of_order"),
        ],
    )  # fmt: skip
    def test_every_wrong_cell_is_told_and_nothing_is_written(self, desk, given, code):
        assert code in [each for _, each in desk.problems(PEOPLE, {**PERSON, **given})]
        assert not UnitedFrontPerson.objects.exists()
