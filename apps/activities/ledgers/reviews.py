"""民主评议台账: what the yearly reviews found of each member, under a permission of its own; and the rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, Q, Subquery

from apps.branches.ledgers.common import organization_filter
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.enterprises.ledgers.common import link_to
from apps.members.ledgers.sides import named_like

from .. import permissions
from ..kinds import Grade, OpinionSource, ReviewKind, ReviewState
from ..models import ReviewResult, ReviewRound
from ..rules.reviews import grade_labels
from .pledges import member_link, recent_years

SECRECY = "评议结果只有经授权的人员可以查看和导出。"
STATE_TONES = {ReviewState.OPEN: "warning", ReviewState.CLOSED: "success"}
GRADES = dict(Grade.choices())


def opinion(row: ReviewResult, side: OpinionSource) -> str:
    """What one side found, as the kind of the review calls it."""
    labels = dict(grade_labels(ReviewKind(row.round.kind)))
    return labels.get(row.opinions.get(side.value, ""), "")


def ballots(row: ReviewResult) -> str:
    """民主测评 as totals: 优秀 4、合格 2."""
    votes = row.opinions.get(OpinionSource.BALLOT.value, {})
    return "、".join(f"{grade.label} {votes[grade.value]}" for grade in Grade if votes.get(grade.value))


def _side(source: OpinionSource) -> Column:
    read: Callable[[Any], str] = lambda row: opinion(row, source)  # noqa: E731 - binds the source
    return Column(source.value, source.label, read, default=source.value in ("employer", "staff", "branch"))


def grade_of(row: ReviewResult) -> str:
    """The grade of a democratic review; 三评议 has opinions only."""
    return GRADES.get(row.grade, "") if row.round.kind == ReviewKind.DEMOCRATIC else ""


def graded(rows: Any, value: str, ledger: Ledger) -> Any:
    return rows.filter(grade=value, round__kind=ReviewKind.DEMOCRATIC)


@register
class ReviewLedger(Ledger):
    """民主评议台账: 民主评议党员 and 三评议, a line for each member and round."""

    code, title, permission = "activities.reviews", "民主评议台账", permissions.VIEW_REVIEWS
    lead = SECRECY
    columns = (
        Column("name", "姓名", "member.name", link=lambda row: row.get_absolute_url()),
        Column("member_code", "党员编号", "member.code", link=member_link, default=False),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("year", "年度", lambda row: row.round.year, kind=Kind.INTEGER),
        Column("kind", "评议类别", lambda row: row.round.get_kind_display()),
        Column("held_on", "评议日期", "round.held_on", kind=Kind.DATE),
        Column("is_probationary", "预备党员", kind=Kind.BOOL, default=False),
        Column("grade", "等次", grade_of),
        *(_side(source) for source in OpinionSource if source is not OpinionSource.BALLOT),
        Column("ballot", "民主测评", ballots, default=False),
        Column("comment", "评语", default=False),
        Column("assessor", "代为评议的党组织", default=False),
        Column("talk_needed", "需警示谈话", kind=Kind.BOOL, default=False),
        Column("talked_on", "谈话日期", kind=Kind.DATE, default=False),
        Column("talked_by", "谈话人", default=False),
        Column("talk_note", "谈话内容", default=False),
        Column("follow_up", "帮教（处置）措施", default=False),
        Column("follow_up_due", "帮教期限", kind=Kind.DATE, default=False),
        Column("follow_up_done_on", "帮教完成日期", kind=Kind.DATE, default=False),
        Column("follow_up_result", "帮教结果", default=False),
        Column("state", "状态", lambda row: row.round.get_state_display(),
               tone=lambda row: STATE_TONES[ReviewState(row.round.state)]),
    )  # fmt: skip
    filters = (
        organization_filter(),
        Filter("kind", "评议类别", choices=ReviewKind.choices(), lookup="round__kind"),
        Filter("year", "年度", choices=recent_years, lookup="round__year"),
        Filter("grade", "等次", choices=Grade.choices(), apply=graded),
        Filter("talk", "谈话未登记", kind="bool",
               apply=lambda rows, value, ledger: rows.talk_outstanding() if value else rows.exclude(
                   pk__in=ReviewResult.objects.talk_outstanding().values("pk"))),
        Filter("help", "帮教未完成", kind="bool",
               apply=lambda rows, value, ledger: rows.filter(_helped_still() if value else ~_helped_still())),
    )  # fmt: skip
    orderings = {
        "": Ordering("按党组织", ("org_path", "pk")),
        "newest": Ordering("最近评议在前", ("-round__held_on", "-pk")),
    }
    search_hint = "姓名、拼音首字母或编号"
    empty_text = "还没有评议结果。"

    def rows(self) -> Any:
        return ReviewResult.objects.select_related("org", "member", "round")

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(named_like(text))


def _helped_still() -> Q:
    return ~Q(follow_up="") & Q(follow_up_done_on__isnull=True)


def _tally(**conditions: Any) -> Subquery:
    """How many results of the round fulfil the conditions; a figure across models asks the other model's manager."""
    rows = ReviewResult.objects.filter(round=OuterRef("pk"), **conditions).order_by().values("round")
    return Subquery(rows.annotate(count=Count("pk")).values("count"), output_field=IntegerField())


@register
class RoundLedger(Ledger):
    """评议工作: which branch has held which review, and how far it is."""

    code, title, permission = "activities.review_rounds", "评议工作", permissions.VIEW_REVIEWS
    lead = SECRECY
    columns = (
        Column("org", "党组织", lambda row: str(row.org), link=lambda row: row.get_absolute_url()),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("year", "年度", lambda row: str(row.year)),
        Column("kind", "评议类别", choices=dict(ReviewKind.choices())),
        Column("held_on", "评议日期", kind=Kind.DATE),
        Column("members", "参加人数", lambda row: row.members or 0, kind=Kind.INTEGER),
        Column("probationary", "其中预备党员", lambda row: row.probationary or 0, kind=Kind.INTEGER),
        Column("activity", "会议记录", "activity.title", link=link_to("activity")),
        Column("state", "状态", choices=dict(ReviewState.choices()), tone=lambda row: STATE_TONES[ReviewState(row.state)]),
        Column("closed_on", "办结日期", kind=Kind.DATE),
    )  # fmt: skip
    filters = (
        organization_filter(),
        Filter("kind", "评议类别", choices=ReviewKind.choices()),
        Filter("year", "年度", choices=recent_years),
        Filter("state", "状态", choices=ReviewState.choices()),
    )
    orderings = {
        "": Ordering("最近的在前", ("-year", "-held_on", "-pk")),
        "org": Ordering("按党组织", ("org_path", "pk")),
    }
    empty_text = "还没有开展评议。点「开展评议」，按评议当天的名册带出参加人员。"

    def rows(self) -> Any:
        rows = ReviewRound.objects.select_related("org", "activity")
        return rows.annotate(members=_tally(), probationary=_tally(is_probationary=True))
