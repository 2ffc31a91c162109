"""What tip sheets, points, votes and follow-ups add to pages of others."""

from __future__ import annotations

import datetime
from typing import Any, Final

from django.db.models import Count, F, Q, Sum
from django.db.models.functions import ExtractYear

from apps.core.panels import (
    ACTIVITY_SECTIONS,
    HOME_TODO,
    MEMBER_PANELS,
    Panel,
    PanelContext,
    TodoItem,
    register,
)
from apps.core.scoping import required_scope
from apps.enterprises.views.tables import section

from .. import permissions
from ..compliance.due_lines import DUE_LINES
from ..kinds import PointState
from ..ledgers.tip_sheets import RECEIPT_TONES, listed, state_of
from ..models import FollowUp, PointEntry, PointPublication, TipSheet, TipSheetLink, TipSheetReceipt, Vote
from ..parameters import tip_sign_days
from ..rules.catalogue import PRACTICE
from ..rules.points import POINTS, plain
from ..rules.tips import TIP_SHEETS, sign_by
from ..rules.votes import kinds_of_votes
from ..services.tips import NOT_HELD
from ..services.votes import may_vote_here, meeting_of
from ..views.records_common import keeps

NAMED: Final = 3
"""How many things a line on another page names before it only counts (appearance only)."""
SOON: Final = datetime.timedelta(days=7)
"""How early a follow-up stands among what is due (appearance only)."""
CONFERENCE: Final = "joint_conference"


# ---- 我还差什么


def due_sheets(context: PanelContext) -> list[TodoItem]:
    """Sheets that the organisation has to sign for, and those that it has not answered yet."""
    rows = TipSheetReceipt.objects.undone().filter(org=context.subject).select_related("sheet")
    days = tip_sign_days(context.today, context.subject.path)
    found = []
    for row in rows.order_by("sheet__due_on", "pk"):
        signed = row.signed_at is not None
        last = row.sheet.due_on if signed else min(sign_by(row.sheet.issued_on, days), row.sheet.due_on)
        title = f"提示单「{row.sheet.title}」{'还没有完成' if signed else '待签收'}"
        reason = "开展活动后关联记录即为完成" if signed else f"完成期限 {row.sheet.due_on:%Y-%m-%d}"
        found.append(
            TodoItem(title, reason, row.get_absolute_url(), "关联记录" if signed else "签收", last, str(TIP_SHEETS))
        )
    return found


def due_follow_ups(context: PanelContext) -> list[TodoItem]:
    """What its meetings have decided and is due within a week, or overdue."""
    rows = FollowUp.objects.filter(org=context.subject, done_on=None, due_on__lte=context.today + SOON)
    return [
        TodoItem(f"落实事项：{row.content}", f"{row.activity.title} · 责任人 {row.owner_name}",
                 f"/follow-ups/{row.pk}/done/", "办结", row.due_on, str(PRACTICE))
        for row in rows.select_related("activity").order_by("due_on", "pk")
    ]  # fmt: skip


# ---- 我要做的事 of the office


def waiting_points(context: PanelContext) -> TodoItem | None:
    """Points that wait for the committee; whoever entered some does not confirm those."""
    rows = PointEntry.objects.waiting().exclude(author=context.user)
    found = rows.aggregate(count=Count("pk"), branches=Count("org", distinct=True))
    if not found["count"]:
        return None
    reason = f"{found['branches']} 个党支部登记或由活动产生"
    return TodoItem(f"{found['count']} 条积分待确认", reason, "/points/entries/?state=entered", "去确认",
                    basis=str(POINTS), count=found["count"])  # fmt: skip


def overdue_sheets(context: PanelContext) -> list[TodoItem]:
    """Sheets past their deadline that are not closed yet."""
    rows = TipSheet.objects.issued().filter(required_scope().as_q("org_path"), due_on__lt=context.today)
    found = []
    for sheet in rows.order_by("due_on", "pk")[:NAMED]:
        undone = TipSheetReceipt.objects.undone().filter(sheet=sheet).count()
        reason = f"{undone} 个党支部没有完成" if undone else "全部完成"
        url = listed(sheet, done=0) if undone else sheet.get_absolute_url()
        found.append(TodoItem(f"提示单「{sheet.title}」已到期", reason, url, "查看" if undone else "办结",
                              sheet.due_on, str(TIP_SHEETS)))  # fmt: skip
    return found


# ---- on the page of a record


def _lines(
    code: str, title: str, lines: list[dict[str, Any]], empty: str, link: tuple[str, str] | None
) -> dict[str, Any]:
    """A card of lines: badge, title, texts, links. On a phone nothing of it lies beyond the edge."""
    label, url = link or ("", "")
    return {"id": code, "title": title, "template": "activities/_lines.html", "lines": lines, "empty": empty,
            "link": url, "link_label": label}  # fmt: skip


def votes(context: PanelContext) -> dict[str, Any] | None:
    """表决 of the record: totals and results, with what may still be done about them."""
    row = context.subject
    may_change = keeps(context.user, row) and bool(may_vote_here(row))
    found = list(Vote.objects.filter(activity=row).order_by("pk"))
    if not found and not may_change:
        return None
    link = ("登记表决", f"{row.get_absolute_url()}votes/new/") if may_change else None
    return _lines("votes", "表决", [_vote(vote, may_change) for vote in found], "没有登记表决。", link)


def _vote(vote: Vote, may_change: bool) -> dict[str, Any]:
    here = f"/votes/{vote.pk}/"
    ballot = "无记名投票" if vote.is_secret else "公开表决"
    written = f" · 书面赞成 {vote.written_yes}、反对 {vote.written_no}" if vote.written_yes or vote.written_no else ""
    out = f"（另有 {vote.left_out} 人不计入）" if vote.left_out else ""
    return {
        "badge": "通过" if vote.is_passed else "未通过", "tone": "success" if vote.is_passed else "danger",
        "title": vote.matter,
        "texts": (
            f"{ballot} · 应到会有表决权 {vote.expected} 人{out}，实到 {vote.present} 人",
            f"赞成 {vote.yes}、反对 {vote.no}、弃权 {vote.abstained}{written}",
        ),
        "more": [("修改", f"{here}edit/"), ("删除", f"{here}remove/")] if may_change else [],
    }  # fmt: skip


def follow_ups(context: PanelContext) -> dict[str, Any] | None:
    """落实事项 of the record, what is open first."""
    row = context.subject
    may_change = keeps(context.user, row) and row.state not in NOT_HELD
    found = list(FollowUp.objects.filter(activity=row).order_by(F("done_on").asc(nulls_first=True), "due_on", "pk"))
    decides = row.kind.code == CONFERENCE or bool(row.resolution) or bool(kinds_of_votes(meeting_of(row)))
    if not found and not (may_change and decides):
        return None
    link = ("登记落实事项", f"{row.get_absolute_url()}follow-ups/new/") if may_change else None
    lines = [_follow_up(item, may_change, context.today) for item in found]
    return _lines("follow-ups", "落实事项", lines, "没有登记落实事项。", link)


def _follow_up(item: FollowUp, may_change: bool, today: datetime.date) -> dict[str, Any]:
    here, late = f"/follow-ups/{item.pk}/", (today - item.due_on).days
    if item.done_on:
        badge, tone = "已办结", "success" if item.done_on <= item.due_on else "warning"
    else:
        badge, tone = (f"逾期 {late} 天", "danger") if late > 0 else ("办理中", "info")
    done = [f"{item.done_on:%Y-%m-%d} 办结：{item.result}"] if item.done_on else []
    is_open = may_change and not item.done_on
    return {
        "badge": badge, "tone": tone, "title": item.content,
        "texts": [f"责任人 {item.owner_name} · 期限 {item.due_on:%Y-%m-%d}", *done],
        "more": [("修改", f"{here}edit/"), ("删除", f"{here}drop/")] if is_open else [],
        "link": f"{here}done/" if is_open else "", "label": "办结",
    }  # fmt: skip


def answered_sheets(context: PanelContext) -> dict[str, Any] | None:
    """提示单 that the record answers, and open ones that it could."""
    row = context.subject
    links = TipSheetLink.objects.filter(activity=row).values("receipt")
    linked = TipSheetReceipt.objects.filter(pk__in=links).select_related("sheet", "org")
    found = [(receipt, True) for receipt in linked.order_by("pk")]
    if keeps(context.user, row) and row.state not in NOT_HELD:
        could = TipSheetReceipt.objects.undone().filter(org=row.org_id).exclude(pk__in=links)
        found += [(receipt, False) for receipt in could.select_related("sheet", "org").order_by("sheet__due_on", "pk")]
    lines = [_sheet(receipt, answers, context.today) for receipt, answers in found]
    return _lines("tip-sheets", "提示单", lines, "", None) if lines else None


def _sheet(receipt: TipSheetReceipt, answers: bool, today: datetime.date) -> dict[str, Any]:
    state = state_of(receipt, today)
    said = "这次活动已关联" if answers else "还可以用这次活动完成"
    return {
        "badge": state.label, "tone": RECEIPT_TONES[state], "title": receipt.sheet.title,
        "url": receipt.get_absolute_url(),
        "texts": [f"{receipt.org} · 完成期限 {receipt.sheet.due_on:%Y-%m-%d} · {said}"],
        "link": "" if answers else f"{receipt.get_absolute_url()}#offered", "label": "去关联",
    }  # fmt: skip


# ---- on the page of a member


def member_points(context: PanelContext) -> dict[str, Any] | None:
    """Year totals of a member, confirmed and waiting. A sum of what was done, compared with nobody."""
    row = context.subject
    years = PointEntry.objects.filter(member=row).annotate(year=ExtractYear("on")).order_by("-year").values_list("year")
    sums = years.annotate(
        total=Sum("points", filter=Q(state=PointState.CONFIRMED)),
        waiting=Count("pk", filter=Q(state=PointState.ENTERED)),
    )
    lists = set(PointPublication.objects.filter(org=row.org_id).values_list("year", flat=True))
    entries = f"/points/entries/?member={row.code}"
    cells = [
        [
            {"text": f"{year}年", "url": f"{entries}&year={year}"},
            {"text": plain(points) or "0", "numeric": True},
            {"text": waiting or "", "numeric": True},
            {"text": "已公布", "badge": "success"} if year in lists else {"text": ""},
        ]
        for year, points, waiting in sums
    ]
    if not cells:
        return None
    headers = [{"label": "年度"}, {"label": "已确认积分", "numeric": True}, {"label": "待确认（条）", "numeric": True},
               {"label": "公布"}]  # fmt: skip
    return section("points", "党员积分", {"headers": headers, "rows": cells, "empty": ""}, ("积分台账", entries))


register(DUE_LINES, Panel("activities.tip_sheets", permissions.KEEP, due_sheets, order=30))
register(DUE_LINES, Panel("activities.follow_ups", permissions.KEEP, due_follow_ups, order=40))
register(HOME_TODO, Panel("activities.points", permissions.CONFIRM_POINTS, waiting_points, order=44))
register(HOME_TODO, Panel("activities.tip_sheets", permissions.ISSUE, overdue_sheets, order=45))
register(ACTIVITY_SECTIONS, Panel("activities.votes", permissions.VIEW, votes, order=10))
register(ACTIVITY_SECTIONS, Panel("activities.follow_ups", permissions.VIEW, follow_ups, order=20))
register(ACTIVITY_SECTIONS, Panel("activities.tip_sheets", permissions.VIEW, answered_sheets, order=30))
register(MEMBER_PANELS, Panel("activities.points", permissions.VIEW, member_points, order=40))
