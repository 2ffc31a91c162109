"""What duties, board and records add to pages of others: the sidebar, what I must do, home, organisations, members."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Count, Q

from apps.branches.models import PartyOrg
from apps.branches.rules import BRANCH_KINDS
from apps.core.guard import may
from apps.core.panels import (
    HOME_CARDS,
    HOME_TODO,
    MEMBER_PANELS,
    ORG_PANELS,
    HomeCard,
    Panel,
    PanelContext,
    TodoItem,
    register,
)
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.core.urgency import in_order
from apps.enterprises.views.tables import section, table

from .. import permissions, showing_board, showing_due
from ..compliance.cells import board, duties_of
from ..compliance.due_lines import DUE_LINES, due_lines
from ..kinds import Presence, State
from ..models import Activity, Attendance
from ..rules.catalogue import PRACTICE
from .menu import acts_for_a_branch

SHOWN_AT_HOME: Final = 5
"""How many of a branch's lines the home page names before it counts the rest (appearance only)."""
SHOWN: Final = 8


def branch_todo(context: PanelContext) -> list[TodoItem]:
    """The first lines of 我还差什么 of the own branch, the most urgent ones."""
    if not acts_for_a_branch(context.user):
        return []
    own = PartyOrg.objects.filter(path__in=required_scope().paths, kind__in=BRANCH_KINDS, ended_on=None)
    items: list[TodoItem] = []
    for org in own.order_by("path"):
        lacking = [duty for duty in duties_of(org, today=context.today) if not duty.is_met]
        items += [showing_due.as_item(duty, org) for duty in lacking]
        items += due_lines(org, user=context.user, today=context.today)
    urgent = in_order(items)
    if len(urgent) <= SHOWN_AT_HOME:
        return urgent
    left = len(urgent) - SHOWN_AT_HOME
    more = TodoItem(f"组织生活还差 {left} 项", "都在“我还差什么”里", "/activities/due/", "查看", urgent[SHOWN_AT_HOME].due_on,
                    count=left)  # fmt: skip
    return [*urgent[:SHOWN_AT_HOME], more]


def returned(context: PanelContext) -> list[TodoItem]:
    """Records that came back from review, and plans whose day has passed: the branch's next step."""
    org = context.subject
    rows = Activity.objects.filter(org_path__startswith=org.path).select_related("kind")
    back = rows.filter(state=State.RETURNED).order_by("held_on", "pk")[:SHOWN]
    past = rows.filter(state=State.PLANNED, held_on__lt=context.today).order_by("held_on", "pk")[:SHOWN]
    return [
        *(TodoItem(f"退回待改：{row.kind}「{row.title}」", row.review_note or "请修改后重新提交", row.get_absolute_url(),
                   "去修改", row.held_on, str(PRACTICE)) for row in back),
        *(TodoItem(f"计划未转为记录：{row.kind}「{row.title}」", f"{row.held_on:%Y-%m-%d} 已过，开过的转为记录，没开的取消",
                   row.get_absolute_url(), "办理", row.held_on, str(PRACTICE)) for row in past),
    ]  # fmt: skip


def board_card(context: PanelContext) -> HomeCard | None:
    """本季组织生活 of an officer's own node: 应, 实, 按时 of each kind, and what waits for review."""
    org = PartyOrg.objects.filter(path__in=required_scope().roots()).order_by("path").first()
    if org is None:
        return None
    quarter = Period.quarter_of(context.today)
    found = board(org, quarter, today=context.today)
    rows = showing_board.kind_rows(found, org.code, context.today)
    if not rows:
        return None
    waiting = Activity.objects.waiting_for_review().count() if may(context.user, permissions.REVIEW) else 0
    data = {"rows": rows, "quarter": quarter, "url": showing_board.board_url(org.code, quarter), "waiting": waiting}
    return HomeCard("activities/_home_board.html", data, "side")


def org_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of an organisation: this quarter by kind."""
    org = context.subject
    if org is None:
        return None
    quarter = Period.quarter_of(context.today)
    found = board(org, quarter, today=context.today)
    rows = showing_board.kind_rows(found, org.code, context.today)
    if not rows:
        return None
    cells = [
        [
            {"text": f"{row['label']}（{row['hint']}）"},
            {"text": row["cell"].expected, "numeric": True, "url": row["all_url"]},
            {"text": row["cell"].actual, "numeric": True, "url": row["records_url"]},
            {"text": row["cell"].on_time, "numeric": True},
            {"text": f"{row['lacking']} {row['unit']}", "url": row["missing_url"], "nowrap": True} if row["lacking"]
            else {"text": "已完成", "badge": "success"},
        ]
        for row in rows
    ]  # fmt: skip
    headers = [
        {"label": "类别"},
        *({"label": label, "numeric": True} for label in ("应", "实", "按时")),
        {"label": "还差"},
    ]
    link = ("完成情况", showing_board.board_url(org.code, quarter))
    shown = section("activities", "组织生活", {"headers": headers, "rows": cells, "empty": ""}, link)
    return {**shown, "note": f"{quarter.label}{'，封存数据' if found.is_frozen else ''}"}


def member_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of a member: the year's attendances, at whatever branch, with what they add up to."""
    member, year = context.subject, context.today.year
    rows = Attendance.objects.counted().in_year(year).filter(member=member)
    sums = rows.order_by().aggregate(
        present=Count("pk", filter=Q(presence=Presence.PRESENT)), absent=Count("pk", filter=Q(presence=Presence.ABSENT))
    )
    cells = [
        [
            {"text": f"{row.held_on:%Y-%m-%d}", "nowrap": True},
            {"text": row.activity.kind.name, "nowrap": True},
            {"text": row.activity.title, "url": row.activity.get_absolute_url()
             if required_scope().covers(row.org_path) or required_scope().covers(row.other_path) else ""},
            {"text": "来访" if row.is_visitor else "到会", "badge": "success"} if row.presence == Presence.PRESENT
            else {"text": f"缺席（{row.get_reason_display()}）", "badge": "warning"},
        ]
        for row in rows.select_related("activity__kind").order_by("-held_on", "-pk")[:SHOWN]
    ]  # fmt: skip
    empty = "今年还没有参加组织生活的记录。"
    seen = required_scope().covers(member.org_path)
    link = ("每名党员", f"{showing_due.members_url(member.org)}#m{member.pk}") if seen else None
    found = section("activities", "组织生活", table(("日期", "类别", "主题", "到会"), cells, empty), link)
    note = f"{year}年参加 {sums['present']} 次，缺席 {sums['absent']} 次" if cells else ""
    return {**found, "note": note}


register(HOME_TODO, Panel("activities.due", permissions.KEEP, branch_todo, order=20))
register(DUE_LINES, Panel("activities.returned", permissions.KEEP, returned, order=10))
register(HOME_CARDS, Panel("activities.board", permissions.CONFIGURE, board_card, order=35))
register(ORG_PANELS, Panel("activities.board", permissions.VIEW, org_section, order=30))
register(MEMBER_PANELS, Panel("activities.attendances", permissions.VIEW, member_section, order=10))
