"""先锋岗, 公开承诺, 合理化建议 and 民主评议 come in; the export of each comes in again without a change."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.activities.kinds import PostKind, ReviewKind
from apps.activities.models import PioneerPost, Pledge, PostMember, ReviewResult, ReviewRound, Suggestion
from apps.activities.services.pioneers import man_post, set_up_post
from apps.activities.services.reviews import enter_results, open_review
from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.spec import importer_class
from apps.core.imports.undo import undo_batch
from apps.core.ledger import registry
from apps.ledgers.exporting import write_ledger
from tests.activities.conftest import TODAY
from tests.core.excel.workbooks import book

POSTS, PLEDGES, SUGGESTIONS, REVIEWS = (f"activities.{name}" for name in ("posts", "pledges", "suggestions", "reviews"))
D = datetime.date.fromisoformat

POST = {
    "名称": "一线先锋岗", "类别": "先锋岗", "党组织": "子公司党支部", "所在企业": "丹东子精密机械有限公司",
    "负责人": "陈一鸣", "成员": "陈一鸣、王建国", "设立日期": "2024-03-01", "职责（内容）": "质量把关",
}  # fmt: skip
PLEDGE = {
    "承诺事项": "带徒弟两名", "姓名": "陈一鸣", "党组织": "子公司党支部", "承诺日期": "2026-03-01", "兑现期限": "2026-12-31",
}  # fmt: skip
SUGGESTION = {
    "建议内容": "改进夹具", "提出人": "陈一鸣", "党组织": "子公司党支部", "企业": "丹东子精密机械有限公司",
    "提出日期": "2026-03-01", "状态": "已见效", "答复日期": "2026-04-01", "效果": "省时一成", "效益（万元）": "12.5",
}  # fmt: skip
RESULT = {
    "姓名": "陈一鸣", "党组织": "子公司党支部", "年度": 2025, "评议类别": "民主评议党员", "评议日期": "2025-12-20", "等次": "合格",
    "个人自评": "合格", "党员互评": "优秀", "民主测评": "优秀 3、合格 2", "评语": "踏实",
}  # fmt: skip


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


def crew(post):
    return [(seat.member.name, seat.leads, seat.since, seat.until) for seat in post.holders.order_by("-leads", "pk")]


def test_a_post_comes_in_with_its_crew_and_goes_out_and_in_unchanged(cast, desk):
    desk.commit(POSTS, POST, {**POST, "名称": "老岗", "撤销日期": "2025-01-01", "撤销原因": "任务完成"})
    post = PioneerPost.objects.get(name="一线先锋岗")
    since = D("2024-03-01")
    assert (post.kind, post.enterprise, post.duty) == ("post", cast.enterprise_a, "质量把关")
    assert crew(post) == [("陈一鸣", True, since, None), ("王建国", False, since, None)]
    old = PioneerPost.objects.get(name="老岗")
    assert [until for *_, until in crew(old)] == [D("2025-01-01")] * 2
    report = desk.check(POSTS, data=desk.export(POSTS, all="1"))
    assert (report.errors, report.unchanged, report.updated, report.created) == ([], 2, 0, 0)


def test_a_changed_crew_changes_seats_from_today_and_undoing_brings_them_back(desk):
    desk.commit(POSTS, POST)
    post = PioneerPost.objects.get()
    batch = desk.commit(POSTS, {**POST, "负责人": "赵敏", "成员": "赵敏、陈一鸣"})
    since = D("2024-03-01")
    assert crew(post) == [("赵敏", True, TODAY, None), ("陈一鸣", False, since, None), ("王建国", False, since, TODAY)]
    desk.undo(batch)
    assert crew(post) == [("陈一鸣", True, since, None), ("王建国", False, since, None)]


def test_only_the_cell_that_says_something_new_changes(desk):
    desk.commit(POSTS, POST)
    desk.commit(POSTS, {key: POST[key] for key in ("名称", "类别", "党组织", "设立日期")} | {"负责人": "王建国"})
    names = {name: leads for name, leads, _, until in crew(PioneerPost.objects.get()) if until is None}
    assert names == {"陈一鸣": False, "王建国": True}
    report = desk.check(POSTS, {key: POST[key] for key in ("名称", "类别", "党组织", "设立日期")})
    assert report.unchanged == 1


def test_an_end_in_the_file_ends_the_seats(desk):
    desk.commit(POSTS, POST)
    desk.commit(POSTS, {**POST, "撤销日期": "2026-06-01", "撤销原因": "任务完成"})
    assert {until for *_, until in crew(PioneerPost.objects.get())} == {D("2026-06-01")}
    assert ("成员", "ended") in desk.problems(POSTS, {**POST, "成员": "赵敏"})


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"成员": "无此人"}, ("成员", "unclear_person")), ({"负责人": "吴刚"}, ("负责人", "unclear_person")),
        ({"负责人": "陈一鸣、王建国"}, ("负责人", "several")), ({"撤销日期": "2024-03-01", "撤销原因": "误"}, ("撤销日期", "out_of_order")),
        ({"撤销日期": "2025-03-01"}, ("撤销原因", "required")), ({"所在企业": "丹东丁仪表有限公司"}, ("所在企业", "unknown_reference")),
        ({"设立日期": "2019-12-31"}, ("设立日期", "org_young")), ({"类别": "怪岗"}, ("类别", "choice")), ({"名称": None}, ("名称", "required")),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_at_its_cell(desk, facts, problem):
    assert problem in desk.problems(POSTS, {**POST, **facts})


def test_two_posts_of_one_name_are_refused_within_the_file_and_beside_the_book(desk):
    later = {**POST, "设立日期": "2025-01-01"}
    assert ("名称", "namesake") in desk.problems(POSTS, POST, later)
    desk.commit(POSTS, POST)
    assert ("名称", "namesake") in desk.problems(POSTS, later)
    assert desk.problems(POSTS, {**POST, "撤销日期": "2024-12-31", "撤销原因": "换届"}, later) == []


def test_two_of_one_name_are_told_apart_by_what_is_not_a_number(desk, roster):
    roster.worker_a2.name = "陈一鸣"
    roster.worker_a2.save()
    report = desk.check(POSTS, POST)
    said = "".join(problem.message for problem in report.errors)
    assert "有 2 名党员叫“陈一鸣”" in said
    assert "2005年入党" in said
    assert roster.worker_a1.code not in said
    named = {**POST, "负责人": "陈一鸣[2005]", "成员": "陈一鸣[2005]、王建国"}
    desk.commit(POSTS, named)
    assert PostMember.objects.get(leads=True).member == roster.worker_a1
    assert desk.check(POSTS, data=desk.export(POSTS)).unchanged == 1


def test_many_posts_cost_as_many_statements_as_two(desk):
    def rows(count, word):
        return [{**POST, "名称": f"{word}{n}"} for n in range(count)]

    counts = []
    for some in (rows(2, "甲"), rows(60, "乙")):
        with CaptureQueriesContext(connection) as captured:
            desk.commit(POSTS, *some)
        counts.append(len(captured))
    assert counts[1] <= counts[0] + 2


def test_a_promise_comes_in_and_goes_out_and_in_unchanged(desk):
    kept = {
        **PLEDGE,
        "承诺事项": "零缺陷",
        "状态": "已验收",
        "验收日期": "2026-10-01",
        "验收人": "赵敏",
        "验收意见": "属实",
    }
    desk.commit(PLEDGES, PLEDGE, kept)
    assert [(p.state, p.verified_by_name) for p in Pledge.objects.order_by("pk")] == [
        ("promised", ""),
        ("verified", "赵敏"),
    ]
    assert [p.progress for p in Pledge.objects.all()] == [[], []]
    report = desk.check(PLEDGES, data=desk.export(PLEDGES))
    assert (report.errors, report.unchanged) == ([], 2)
    desk.commit(PLEDGES, {**PLEDGE, "兑现期限": "2027-06-30"})
    assert Pledge.objects.get(content="带徒弟两名").due_on == D("2027-06-30")
    assert ("状态", "verdict_stands") in desk.problems(PLEDGES, {**kept, "验收意见": "不属实"})


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"兑现期限": "2026-02-28"}, ("兑现期限", "out_of_order")), ({"兑现期限": None}, ("兑现期限", "required")),
        ({"姓名": "吴刚"}, ("姓名", "unclear_person")), ({"状态": "已验收"}, ("验收日期", "required")),
        ({"验收日期": "2026-10-01"}, ("状态", "state_disagrees")),
        ({"状态": "已验收", "验收日期": "2026-02-01", "验收人": "赵敏"}, ("验收日期", "out_of_order")),
        ({"状态": "已验收", "验收日期": "2026-10-01", "验收人": "陈一鸣"}, ("验收人", "own_pledge")),
    ],
)  # fmt: skip
def test_what_does_not_fit_about_a_promise_is_said(desk, facts, problem):
    assert problem in desk.problems(PLEDGES, {**PLEDGE, **facts})


def test_a_suggestion_comes_in_and_goes_out_and_in_unchanged(cast, desk, roster):
    desk.commit(
        SUGGESTIONS,
        SUGGESTION,
        {**SUGGESTION, "提出人": "职工老李", "状态": "已提出", "答复日期": None, "效益（万元）": None},
    )
    rows = list(Suggestion.objects.order_by("pk"))
    assert [(row.proposer, row.member, row.benefit) for row in rows] == [
        ("陈一鸣", roster.worker_a1, Decimal("12.50")), ("职工老李", None, None)
    ]  # fmt: skip
    report = desk.check(SUGGESTIONS, data=desk.export(SUGGESTIONS))
    assert (report.errors, report.unchanged) == ([], 2)
    batch = desk.commit(SUGGESTIONS, {**SUGGESTION, "效益（万元）": "20"})
    assert Suggestion.objects.get(member=roster.worker_a1).benefit == 20
    desk.undo(batch)
    assert Suggestion.objects.get(member=roster.worker_a1).benefit == Decimal("12.50")


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"答复日期": "2026-02-28"}, ("答复日期", "out_of_order")), ({"答复日期": None}, ("答复日期", "required")),
        ({"效果": None}, ("效果", "required")), ({"状态": "未采纳"}, ("答复", "required")),
        ({"状态": "已提出", "答复日期": None}, ("效益（万元）", "state_disagrees")),
        ({"效益（万元）": "-1"}, ("效益（万元）", "out_of_bounds")),
    ],
)  # fmt: skip
def test_what_does_not_fit_about_a_suggestion_is_said(desk, facts, problem):
    assert problem in desk.problems(SUGGESTIONS, {**SUGGESTION, **facts})


def test_a_past_round_comes_in_closed_and_goes_out_and_in_unchanged(cast, desk):
    desk.commit(
        REVIEWS, RESULT, {**RESULT, "姓名": "王建国", "等次": "基本合格", "帮教（处置）措施": "结对", "民主测评": None}
    )
    review = ReviewRound.objects.get()
    assert (review.org, review.year, review.kind, review.state) == (cast.branch_a, 2025, "democratic", "closed")
    first = ReviewResult.objects.get(member__name="陈一鸣")
    assert first.opinions == {"self": "qualified", "peers": "excellent", "ballot": {"excellent": 3, "qualified": 2}}
    report = desk.check(REVIEWS, data=desk.export(REVIEWS))
    assert (report.errors, report.unchanged) == ([], 2)
    assert ("年度", "closed") in desk.problems(REVIEWS, {**RESULT, "等次": "优秀"})
    assert ("年度", "closed") in desk.problems(REVIEWS, {**RESULT, "姓名": "赵敏"})


def test_results_of_an_open_round_come_in_beside_what_is_there(cast, desk, officer):
    review = open_review(org=cast.branch_a, kind=ReviewKind.DEMOCRATIC, year=2026, held_on=D("2026-11-20"), today=TODAY,
                         actor=officer)  # fmt: skip
    first = review.results.get(member__name="陈一鸣")
    enter_results(review=review, entries={first.pk: {"opinions": {"self": "excellent"}}}, actor=officer)
    now = {**RESULT, "年度": 2026, "评议日期": "2026-11-20", "个人自评": None, "民主测评": None, "评语": None}
    desk.commit(REVIEWS, {**now, "等次": "优秀"})
    first.refresh_from_db()
    assert (first.grade, first.opinions) == ("excellent", {"self": "excellent", "peers": "excellent"})
    assert ReviewResult.objects.count() == 6
    assert ("评议日期", "days_disagree") in desk.problems(REVIEWS, {**now, "评议日期": "2026-11-19"})


def test_three_sides_come_in_by_their_own_words(desk):
    facts = {**{key: RESULT[key] for key in ("姓名", "党组织", "年度", "评议日期")}, "评议类别": "三评议"}
    sides = {"企业领导评议": "作用好", "企业职工评议": "作用较好", "党支部评议": "作用不好"}
    talked = {"需警示谈话": "是", "谈话日期": "2025-12-25", "谈话人": "王书记", "谈话内容": "指出不足"}
    desk.commit(REVIEWS, {**facts, **sides, **talked})
    row = ReviewResult.objects.get()
    assert row.opinions == {"employer": "excellent", "staff": "qualified", "branch": "unqualified"}
    assert (row.talk_needed, row.talked_by) == (True, "王书记")
    report = desk.check(REVIEWS, data=desk.export(REVIEWS))
    assert (report.errors, report.unchanged) == ([], 1)


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"姓名": "周小满", "评议日期": "2026-03-20"}, ("等次", "probationary")), ({"姓名": "吴刚"}, ("姓名", "unclear_person")),
        ({"姓名": "周小满"}, ("评议日期", "not_on_roster")), ({"评议日期": "2024-12-20"}, ("评议日期", "wrong_year")),
        ({"评议类别": "三评议"}, ("等次", "no_grade")), ({"企业领导评议": "优秀"}, ("企业领导评议", "other_kind")),
        ({"民主测评": "全票"}, ("民主测评", "unreadable")), ({"谈话日期": "2025-12-25"}, ("谈话人", "required")),
        ({"年度": 1989}, ("年度", "out_of_bounds")),
    ],
)  # fmt: skip
def test_what_does_not_fit_about_a_result_is_said(desk, facts, problem):
    assert problem in desk.problems(REVIEWS, {**RESULT, **facts})


def test_more_excellent_than_a_third_is_a_warning_of_past_years(desk):
    report = desk.check(REVIEWS, {**RESULT, "等次": "优秀"}, {**RESULT, "姓名": "王建国"})
    assert report.errors == []
    assert "too_many_excellent" in {warning.code for warning in report.warnings}
    desk.commit(REVIEWS, {**RESULT, "等次": "优秀"}, {**RESULT, "姓名": "王建国"})
    assert ReviewRound.objects.get().excess_reason == "导入的往年结果"


def test_the_crew_of_the_book_is_the_crew_of_its_day(cast, roster, officer, desk):
    post = set_up_post(org=cast.branch_a, kind=PostKind.AREA, since=D("2025-01-01"), facts={"name": "甲区"}, today=TODAY,
                       actor=officer, members=[roster.worker_a1], leader=roster.worker_a1)  # fmt: skip
    man_post(post=post, members=[roster.worker_a3], leader=None, on=D("2026-05-01"), today=TODAY, actor=officer)
    ledger = registry[POSTS]

    def shown(**params):
        found = ledger(params, today=TODAY, user=officer)
        return [found.as_json(row)["members"] for row in found.queryset()]

    assert shown(on="2026-04-30") == ["陈一鸣"]
    assert shown() == ["王建国"]
    assert shown(on="2024-12-31") == []
    assert shown(q="王建国") == ["王建国"]
    assert shown(q="王建国", on="2026-04-30") == []
