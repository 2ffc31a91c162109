"""The books of agreements and mobile members come in: the office's own workbook, and every export again unchanged."""

from __future__ import annotations

import datetime
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.core.codes import make_id_number
from apps.core.errors import Conflict
from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.spec import importer_class
from apps.core.imports.undo import undo_batch
from apps.core.ledger import registry as ledger_registry
from apps.core.scoping import unscoped
from apps.ledgers.exporting import write_ledger
from apps.members.models import DualAgreement, Member, MobileRecord
from apps.members.services.agreements import renew_agreement, sign_agreement
from apps.members.services.mobile import register_outflow
from tests.core.excel.workbooks import book

AGREEMENTS = (
    "姓名",
    "身份证号",
    "联系电话",
    "所在企业",
    "管理党组织",
    "关系所在党组织",
    "签订日期",
    "起始日期",
    "到期日期",
    "季度联系人",
)
MOBILE = (
    "姓名",
    "身份证号",
    "流动方向",
    "关系所在党支部",
    "流入地党组织",
    "所在企业",
    "流动原因",
    "起始日期",
    "流动地点",
    "联系人",
)
SINCE = datetime.date(2026, 10, 1)


def number(serial: int) -> str:
    return make_id_number("210681", datetime.date(1990, 1, 1), serial)


def signed(serial=1, **changes):
    row = {
        "姓名": f"来者{serial}", "身份证号": number(serial), "联系电话": f"138{serial:08d}", "所在企业": "丹东子精密机械有限公司",
        "管理党组织": "子公司党支部", "关系所在党组织": "中共沈阳市某支部", "签订日期": "2026-10-01", "起始日期": "2026-10-01",
        "到期日期": "2027-10-01", "季度联系人": "孙委员",
    } | changes  # fmt: skip
    return tuple(row[header] for header in AGREEMENTS)


def moved(**changes):
    row = {
        "姓名": "陈一鸣", "身份证号": "", "流动方向": "流出", "关系所在党支部": "", "流入地党组织": "沈阳某公司党支部", "所在企业": "",
        "流动原因": "外出务工", "起始日期": "2026-10-08", "流动地点": "沈阳市", "联系人": "孙委员",
    } | changes  # fmt: skip
    return tuple(row[header] for header in MOBILE)


@pytest.fixture
def desk(cast, officer, today):
    """The park officer's desk: workbooks go in, exports come out."""

    class Desk:
        def upload(self, code, data, mode):
            return upload_file(
                importer=importer_class(code), org=cast.park_org, file_name="台账.xlsx", data=data, mode=mode,
                actor=officer,
            )  # fmt: skip

        def check(self, code, rows, headers, mode="create"):
            return check_batch(batch=self.upload(code, book(rows, headers), mode), actor=officer, today=today)

        def errors(self, code, rows, headers, mode="create"):
            return {error.code for error in self.check(code, rows, headers, mode).errors}

        def commit(self, code, rows, headers, mode="create", data=None):
            return commit_batch(batch=self.upload(code, data or book(rows, headers), mode), actor=officer, today=today)

        def export(self, code):
            target = io.BytesIO()
            ledger = ledger_registry[code]({}, today=today, user=officer)
            write_ledger(ledger, target, format="xlsx", at=timezone.now(), actor=officer)
            return target.getvalue()

    return Desk()


class TestAgreements:
    def test_strangers_are_registered_and_members_of_the_portal_linked(self, cast, roster, desk):
        linked = signed(2, 姓名="韩梅梅", 身份证号=roster.worker_elsewhere.id_number, 关系所在党组织="她说的支部")
        batch = desk.commit("members.dual", [signed(1), linked], AGREEMENTS)
        assert batch.created == 2
        stranger = Member.objects.with_id_number(number(1)).get()
        assert (stranger.relation, stranger.employer, stranger.org) == ("elsewhere", cast.enterprise_a, cast.branch_a)
        assert (stranger.phone, stranger.sex, stranger.born_on.year) == ("13800000001", "1", 1990)
        agreement = DualAgreement.objects.get(member=roster.worker_elsewhere.pk)
        assert (agreement.other_org_id, agreement.home_text) == (cast.sibling_branch.pk, "她说的支部")
        with cast.within(cast.sibling_branch):
            assert DualAgreement.objects.get() == agreement

    def test_an_export_comes_in_again_without_a_change(self, cast, roster, desk, officer, today):
        desk.commit("members.dual", [signed(n) for n in range(1, 6)], AGREEMENTS)
        first = DualAgreement.objects.order_by("pk").first()
        renew_agreement(agreement=first, since=first.until, signed_on=today, today=today, actor=officer)
        with unscoped("fixture"):
            sign_agreement(
                member=roster.worker_b1, org=cast.sibling_branch, facts={}, since=SINCE, today=today, actor=None
            )
        batch = desk.commit("members.dual", None, None, "update", data=desk.export("members.dual"))
        assert (batch.created, batch.updated, batch.unchanged) == (0, 0, 7)

    def test_a_blank_expiry_is_the_usual_length_and_a_blank_signing_the_first_day(self, desk):
        desk.commit("members.dual", [signed(到期日期="", 签订日期="")], AGREEMENTS)
        agreement = DualAgreement.objects.get()
        assert (agreement.until, agreement.signed_on) == (datetime.date(2027, 10, 1), SINCE)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"身份证号": "210681199001010013"}, "check_digit"),
            ({"身份证号": ""}, "required"),
            ({"所在企业": ""}, "required"),
            ({"关系所在党组织": ""}, "required"),
            ({"所在企业": "不存在公司"}, "unknown_reference"),
            ({"管理党组织": "不存在支部"}, "unknown_reference"),
            ({"管理党组织": "第一党小组"}, "looks_after_nobody"),
            ({"到期日期": "2026-10-01"}, "out_of_order"),
            ({"起始日期": "2026-11-23"}, "future"),
        ],
    )
    def test_what_cannot_be_is_an_error_of_its_row(self, desk, changes, code):
        assert code in desk.errors("members.dual", [signed(**changes)], AGREEMENTS)

    def test_a_wrong_name_and_an_own_member_are_refused_without_a_word_about_where(self, roster, desk):
        wrong = signed(姓名="韩雷雷", 身份证号=roster.worker_elsewhere.id_number)
        own = signed(2, 姓名="陈一鸣", 身份证号=roster.worker_a1.id_number)
        report = desk.check("members.dual", [wrong, own], AGREEMENTS)
        assert {error.code for error in report.errors} == {"name_disagrees", "own_member"}
        assert "丁公司" not in str(report.errors)
        assert roster.worker_elsewhere.id_number not in str(report.errors)

    def test_overlapping_agreements_are_found_in_the_file_and_beside_it(self, desk):
        assert "overlap" in desk.errors("members.dual", [signed(), signed(起始日期="2026-11-01")], AGREEMENTS)
        desk.commit("members.dual", [signed()], AGREEMENTS)
        assert "overlap" in desk.errors("members.dual", [signed(起始日期="2026-11-01")], AGREEMENTS)

    def test_somebody_bound_elsewhere_is_refused(self, cast, desk):
        desk.commit("members.dual", [signed()], AGREEMENTS)
        again = signed(管理党组织="丑寅联合党支部", 所在企业="丹东丑电子有限公司", 起始日期="2026-11-01")
        assert desk.errors("members.dual", [again], AGREEMENTS) == {"bound_elsewhere"}

    def test_an_update_changes_what_it_says_and_never_who_manages(self, desk):
        desk.commit("members.dual", [signed()], AGREEMENTS)
        batch = desk.commit("members.dual", [signed(季度联系人="王书记", 到期日期="2027-12-01")], AGREEMENTS, "update")
        agreement = DualAgreement.objects.get()
        assert (batch.updated, agreement.contact_name, agreement.version) == (1, "王书记", 2)
        assert agreement.until == datetime.date(2027, 12, 1)
        moved_over = signed(管理党组织="丑寅联合党支部")
        assert desk.errors("members.dual", [moved_over], AGREEMENTS, "update") == {"other_keeper"}

    def test_the_batch_is_taken_back_whole(self, desk, officer):
        batch = desk.commit("members.dual", [signed(1), signed(2)], AGREEMENTS)
        undo_batch(batch=batch, actor=officer)
        assert not DualAgreement.objects.exists()
        assert not Member.objects.filter(relation="elsewhere").exists()

    def test_a_closed_quarter_refuses_the_whole(self, desk, closed_until):
        closed_until(datetime.date(2026, 10, 2))
        with pytest.raises(Conflict):
            desk.commit("members.dual", [signed(1), signed(2, 起始日期="2026-11-01")], AGREEMENTS)
        assert not Member.objects.filter(relation="elsewhere").exists()

    def test_a_commit_costs_the_same_for_few_and_for_many(self, desk):
        costs = []
        for start, count in ((1, 2), (10, 3), (100, 40)):
            with CaptureQueriesContext(connection) as captured:
                desk.commit("members.dual", [signed(start + n) for n in range(count)], AGREEMENTS)
            costs.append(len(captured))
        assert costs[1] == costs[2]


class TestMobile:
    def test_who_left_and_who_came(self, cast, roster, desk):
        out = moved(身份证号=roster.worker_a1.id_number)
        came = moved(姓名="来者1", 身份证号=number(1), 流动方向="流入", 关系所在党支部="沈阳某支部", 流入地党组织="",
                     所在企业="丹东丑电子有限公司")  # fmt: skip
        linked = moved(姓名="韩梅梅", 身份证号=roster.worker_elsewhere.id_number, 流动方向="流入", 关系所在党支部="某支部",
                       流入地党组织="")  # fmt: skip
        assert desk.commit("members.mobile", [out, came, linked], MOBILE).created == 3
        rows = {row.member.name: row for row in MobileRecord.objects.select_related("member")}
        assert (rows["陈一鸣"].org, rows["陈一鸣"].counterpart) == (cast.branch_a, "沈阳某公司党支部")
        assert (rows["来者1"].org, rows["来者1"].counterpart) == (cast.park_org, "沈阳某支部")
        assert rows["来者1"].reported_on == datetime.date(2026, 10, 8)
        assert rows["韩梅梅"].other_org == cast.sibling_branch

    def test_an_export_of_either_side_comes_in_again_without_a_change(self, cast, roster, desk, officer, today):
        register_outflow(member=roster.worker_a1, facts={"reason": "work", "place": "沈阳"}, since=SINCE,
                         other_org=cast.branch_b, today=today, actor=officer)  # fmt: skip
        with unscoped("fixture"):
            register_outflow(member=roster.sibling_1, facts={"reason": "work"}, since=SINCE, other_org=cast.branch_b,
                             today=today, actor=None)  # fmt: skip
        batch = desk.commit("members.mobile", None, None, "update", data=desk.export("members.mobile"))
        assert (batch.updated, batch.unchanged) == (0, 2)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"姓名": "无名氏", "身份证号": "new"}, "not_on_roster"),
            ({"姓名": "韩梅梅", "身份证号": "worker_elsewhere"}, "not_on_roster"),
            ({"姓名": "陈二鸣", "身份证号": "worker_a1"}, "name_disagrees"),
            ({"身份证号": "worker_a1", "流动原因": "旅游"}, "choice"),
            ({"姓名": "来者", "身份证号": "new", "流动方向": "流入", "关系所在党支部": "某支部"}, "required"),
        ],
    )
    def test_what_cannot_be_is_an_error_of_its_row(self, roster, desk, changes, code):
        who = changes["身份证号"]
        given = {**changes, "身份证号": number(9) if who == "new" else getattr(roster, who).id_number}
        assert code in desk.errors("members.mobile", [moved(**given)], MOBILE)

    def test_a_short_stay_is_a_warning_only(self, roster, desk):
        headers = (*MOBILE, "预计返回")
        row = (*moved(身份证号=roster.worker_a1.id_number), "2027-01-01")
        report = desk.check("members.mobile", [row], headers)
        assert report.errors == []
        assert [warning.code for warning in report.warnings] == ["short_stay"]
        assert desk.commit("members.mobile", [row], headers).created == 1

    def test_what_the_other_branch_wrote_is_not_changed_here(self, cast, roster, desk, today):
        with unscoped("fixture"):
            register_outflow(member=roster.sibling_1, facts={"reason": "work"}, since=SINCE, other_org=cast.branch_b,
                             today=today, actor=None)  # fmt: skip
        headers = ("党员编号", "姓名", "流动方向", "流动原因", "起始日期", "流动地点")
        row = (roster.sibling_1.code, "冯涛", "流入", "外出务工经商", "2026-10-01", "别处")
        assert desk.errors("members.mobile", [row], headers, "update") == {"not_yours"}
