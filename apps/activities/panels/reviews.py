"""What the yearly reviews add to pages of others, under their own permission; nothing of it is found by a search."""

from __future__ import annotations

import datetime
from typing import Any, Final

from apps.core.guard import resolve_scope
from apps.core.panels import MEMBER_PANELS, ORG_PANELS, Panel, PanelContext, TodoItem, register
from apps.enterprises.views.tables import section, table

from .. import permissions
from ..compliance.due_lines import DUE_LINES
from ..kinds import OpinionSource, ReviewKind, ReviewState
from ..ledgers.reviews import STATE_TONES, opinion
from ..models import ReviewResult, ReviewRound
from ..parameters import review_open_days
from ..rules.reviews import APPRAISAL, HELP, THREE_SIDED
from ..views.of_branch import BRANCHES
from ..views.review_tables import grade_cell, talk_cell

SHOWN: Final = 8


def due(context: PanelContext) -> list[TodoItem]:
    """Rounds of a branch that are open too long, talks and help that are due. No line names anybody."""
    org, today = context.subject, context.today
    since = today - datetime.timedelta(days=review_open_days(today, org.path))
    items = [
        TodoItem(f"办结{row.year}年{row.get_kind_display()}", f"{row.held_on:%Y-%m-%d} 开展，还没有办结",
                 row.get_absolute_url(), "去办结", None, str(APPRAISAL))
        for row in ReviewRound.objects.open().filter(org=org, held_on__lte=since).order_by("held_on", "pk")
    ]  # fmt: skip
    results = ReviewResult.objects.filter(org=org)
    if count := results.talk_outstanding().filter(round__state=ReviewState.OPEN).count():
        url = f"/reviews/results/?org={org.code}&talk=1"
        items.append(
            TodoItem(
                f"{count} 次评议后的谈话还没有登记", "登记后才能办结", url, "去登记", None, str(THREE_SIDED), count
            )
        )
    if count := results.help_outstanding(today).count():
        url = f"/reviews/results/?org={org.code}&help=1"
        items.append(TodoItem(f"{count} 项评议后续工作到期", "登记结果", url, "去登记", None, str(HELP), count))
    return items


def member_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of a member, only for who may see results."""
    rows = list(
        ReviewResult.objects.filter(member=context.subject)
        .select_related("round")
        .order_by("-round__year", "-pk")[:SHOWN]
    )
    if not rows:
        return None
    cells = [
        [
            {"text": f"{row.round.year}年{row.round.get_kind_display()}", "url": row.get_absolute_url()},
            _found(row),
            talk_cell(row) if row.round.kind == ReviewKind.THREE_SIDED else {"text": row.comment},
            {"text": row.round.get_state_display(), "badge": STATE_TONES[ReviewState(row.round.state)]},
        ]
        for row in rows
    ]
    return section("reviews", "评议结果", table(("评议", "结果", "评语（谈话）", "状态"), cells, ""), None)


def _found(row: ReviewResult) -> dict[str, str]:
    """The grade, or what the three sides said."""
    if row.round.kind == ReviewKind.DEMOCRATIC:
        return grade_cell(row)
    sides = (OpinionSource.EMPLOYER, OpinionSource.STAFF, OpinionSource.BRANCH)
    return {"text": "、".join(f"{side.label[:-2]}：{said}" for side in sides if (said := opinion(row, side)))}


def org_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of a branch: its rounds of the last years."""
    org = context.subject
    if org is None or org.kind not in BRANCHES:
        return None
    rows = list(ReviewRound.objects.filter(org=org)[:SHOWN])
    keeps = resolve_scope(context.user, permissions.KEEP_REVIEWS).covers(org.path) and org.ended_on is None
    if not (rows or keeps):
        return None
    cells = [
        [
            {"text": f"{row.year}年{row.get_kind_display()}", "url": row.get_absolute_url()},
            {"text": f"{row.held_on:%Y-%m-%d}", "nowrap": True},
            {"text": row.get_state_display(), "badge": STATE_TONES[ReviewState(row.state)]},
        ]
        for row in rows
    ]
    shown = table(("评议", "日期", "状态"), cells, "还没有开展评议。")
    return section("reviews", "党员评议", shown, keeps and ("开展评议", f"/reviews/new/?org={org.code}"))


register(DUE_LINES, Panel("activities.reviews", permissions.KEEP_REVIEWS, due, order=50))
register(MEMBER_PANELS, Panel("activities.reviews", permissions.VIEW_REVIEWS, member_section, order=65))
register(ORG_PANELS, Panel("activities.reviews", permissions.VIEW_REVIEWS, org_section, order=65))
