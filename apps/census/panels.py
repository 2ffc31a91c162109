"""What the census adds to others' pages: the sidebar, what I must do, this quarter's progress, an enterprise's returns."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, Min, Q

from apps.branches.dependents import Dependents, register_dependents
from apps.branches.models import PartyOrg
from apps.core.guard import may
from apps.core.panels import (
    ENTERPRISE_STORY,
    ENTERPRISE_TABS,
    HOME_CARDS,
    HOME_TODO,
    NAV,
    HomeCard,
    NavItem,
    Panel,
    PanelContext,
    StoryEvent,
    TodoItem,
    register,
)
from apps.core.parameters import value
from apps.core.periods import Period
from apps.enterprises.models import Park
from apps.reminders.parameters import cadence
from apps.reminders.rules import steps

from . import progress, rounds
from .ledgers import tone_of
from .models import CensusReturn, CensusRound
from .parameters import REVIEW_DAYS
from .permissions import ANSWER, OPEN, REVIEW, VIEW
from .rules import CENSUS, State
from .services.moves import is_reopened
from .showing import list_url, progress_bar

TODO_SHOWN = 12
RETURNS_SHOWN = 12


def officer_nav(context: PanelContext) -> NavItem | None:
    """季度摸底, for whoever looks at rounds and not only at the own returns."""
    if may(context.user, ANSWER) and not may(context.user, REVIEW):
        return None
    open_now = bool(rounds.open_now(context.user))
    return NavItem("工作", "季度摸底", "/census/", "进行中" if open_now else "")


def filler_nav(context: PanelContext) -> NavItem | None:
    """我的摸底, with how many are left."""
    if may(context.user, REVIEW):
        return None
    left = CensusReturn.objects.outstanding(context.today).count()
    return NavItem("工作", "我的摸底", "/census/mine/", str(left) if left else "")


def filler_todo(context: PanelContext) -> list[TodoItem]:
    """企业 X 季度摸底, with the numbers as they stand and one button; the own enterprises of an instructor first."""
    if may(context.user, REVIEW):
        return []
    rows = CensusReturn.objects.outstanding(context.today).select_related("round", "enterprise")
    own = CensusReturn.objects.all().assigned_to(context.user, context.today)
    found = list(rows.annotate(own=own).order_by("-own", "round__due_on", "pk")[: TODO_SHOWN + 1])
    items = [_return_item(row, context.today) for row in found[:TODO_SHOWN]]
    if len(found) > TODO_SHOWN:
        left = rows.count() - TODO_SHOWN
        items.append(TodoItem(f"还有 {left} 家企业待摸底", "都在“我的摸底”里", "/census/mine/", "去填报",
                              found[-1].round.due_on, count=left))  # fmt: skip
    return items


def _return_item(row: CensusReturn, today: datetime.date) -> TodoItem:
    due = row.reopened_until if is_reopened(row, today) else row.round.due_on
    title = f"{row.enterprise.name} {row.round.get_kind_display()}"
    if row.state == State.RETURNED:
        return TodoItem(title, f"退回：{row.comment}", f"{row.get_absolute_url()}fill/", "去修改", due)
    figures = f"正式党员 {row.formal_members} 名、职工 {row.staff} 人"
    if row.state == State.DRAFT:
        return TodoItem(title, f"草稿：{figures}", f"{row.get_absolute_url()}fill/", "继续填报", due)
    reason = f"上期{figures}；没有变化一键确认"
    return TodoItem(title, reason, f"{row.get_absolute_url()}unchanged/", "无变化", due)


def officer_todo(context: PanelContext) -> list[TodoItem]:
    """审核摸底表 n 份, and who has not answered yet."""
    waiting = CensusReturn.objects.waiting_for_review().aggregate(
        n=Count("pk"), changed=Count("pk", filter=Q(no_change=False)), since=Min("submitted_on")
    )
    items = []
    if waiting["n"]:
        days = int(value(REVIEW_DAYS.code, on=context.today))
        reason = f"其中 {waiting['changed']} 份有变化，已标出变化" if waiting["changed"] else "都是本季无变化，可批量审核"
        due = waiting["since"] + datetime.timedelta(days=days)
        items.append(TodoItem(f"审核摸底表 {waiting['n']} 份", reason, list_url(None, state="submitted"), "去审核", due,
                              str(CENSUS), count=waiting["n"]))  # fmt: skip
    left = CensusReturn.objects.outstanding(context.today).aggregate(n=Count("pk"), due=Min("round__due_on"))
    if left["n"]:
        items.append(TodoItem(f"摸底未报 {left['n']} 家", "看是谁没有报；没有党支部的企业由园区直接填报",
                              list_url(None, state="outstanding"), "查看", left["due"], str(CENSUS), count=left["n"]))  # fmt: skip
    return items


def unopened_todo(context: PanelContext) -> list[TodoItem]:
    """The parks whose census of this quarter nobody has opened yet, for whoever may open it."""
    quarter = Period.quarter_of(context.today)
    asked = [row.org_path for row in rounds.seen(context.user) if row.period == str(quarter)]
    parks = [park for park in Park.objects.select_related("org") if not any(park.org_path.startswith(path) for path in asked)]
    if not parks:
        return []
    names = "、".join(park.name for park in parks[:3]) + (f"等 {len(parks)} 个园区" if len(parks) > 3 else "")
    reason = f"{names}的企业还没有收到{quarter.label}的摸底表"
    url = f"/census/open/?org={parks[0].org.code}" if asked else "/census/open/"
    return [TodoItem("本季摸底尚未发起", reason, url, "发起摸底", quarter.last_day, str(CENSUS), len(parks))]


def progress_card(context: PanelContext) -> HomeCard | None:
    """本季摸底进度 by park, or of the only park by building: expected, reported, on time, with a bar."""
    if may(context.user, ANSWER) and not may(context.user, REVIEW):
        return None
    open_now = rounds.latest_open(context.user)
    if not open_now:
        return None
    groups = progress.by_park(*open_now, today=context.today)
    place = "园区"
    if len(open_now) == len(groups) == 1:
        park, place = f"{groups[0].label} ", "楼栋"
        buildings = progress.by_building(*open_now, today=context.today)
        groups = [each._replace(label=each.label.removeprefix(park)) for each in buildings]
    filters = {"round": str(open_now[0].pk)} if len(open_now) == 1 else {"period": open_now[0].period}
    lines = [
        {"label": group.label, "counts": group.counts, "bar": progress_bar(group.counts),
         "reported_url": list_url(None, **filters, **group.query, state="reported")}
        for group in groups
    ]  # fmt: skip
    url = f"{open_now[0].get_absolute_url()}?by=building" if len(open_now) == 1 else "/census/"
    notice = next_notice(open_now[0], context.today) if any(g.counts.outstanding for g in groups) else None
    data = {"lines": lines, "place": place, "url": url, "next_notice": notice}
    return HomeCard("census/_home_progress.html", data, "side")


def next_notice(row: CensusRound, today: datetime.date) -> datetime.date | None:
    """The next day on which fillers are reminded."""
    rhythm = cadence(on=today)
    horizon = max(row.due_on, today) + datetime.timedelta(days=rhythm.overdue_every)
    planned = steps(opens=row.opens_on, due=row.due_on, until=horizon, cadence=rhythm)
    return next((step.day for step in planned if step.day > today), None)


def enterprise_tab(context: PanelContext) -> dict[str, Any] | None:
    """The returns of one enterprise, newest first, as a section of its page."""
    rows = list(_returns(context)[:RETURNS_SHOWN])
    if not rows:
        return None
    headers = ["摸底", "状态", "摸排方式", "摸排日期", "填报人", {"label": "职工", "numeric": True},
               {"label": "正式党员", "numeric": True}, "变化"]  # fmt: skip
    lines = [
        [
            {"text": row.round.title, "url": row.get_absolute_url()},
            {"text": State(row.stand).label, "badge": tone_of(row)},
            {"text": row.get_method_display()}, {"text": row.checked_on and row.checked_on.isoformat()},
            {"text": row.answered_by_name}, {"text": row.staff, "numeric": True},
            {"text": row.formal_members, "numeric": True},
            {"text": ("无变化" if row.no_change else "有变化") if row.submitted_on else ""},
        ]
        for row in rows
    ]  # fmt: skip
    return {"id": "census", "title": "季度摸底", "template": "census/_tab.html",
            "table": {"headers": headers, "rows": lines}}  # fmt: skip


def enterprise_story(context: PanelContext) -> list[StoryEvent]:
    """Each return that was sent in, on the day it was found out."""
    return [
        StoryEvent(
            on=row.checked_on or row.submitted_on, title=f"{row.round.title}：{'无变化' if row.no_change else '有变化'}",
            text=f"{row.get_method_display()}，{row.answered_by_name}填报，{State(row.stand).label}",
            url=row.get_absolute_url(), kind="摸底",
        )
        for row in _returns(context).filter(submitted_on__isnull=False)[:RETURNS_SHOWN]
    ]  # fmt: skip


def _returns(context: PanelContext) -> Any:
    rows = CensusReturn.objects.with_stand().filter(enterprise=context.subject).select_related("round")
    return rows.order_by("-round__starts_on", "-pk")


def open_rounds_of(org: PartyOrg, today: datetime.date) -> Dependents | None:
    """An open round keeps its organisation from being dissolved."""
    rows = list(CensusRound.objects.filter(org=org, closed_at=None))
    examples = [(row.title, row.get_absolute_url()) for row in rows]
    return Dependents("进行中的摸底", len(rows), examples, "请先关闭摸底。") if rows else None


register(NAV, Panel("census.rounds", VIEW, officer_nav, order=10))
register(NAV, Panel("census.mine", ANSWER, filler_nav, order=11))
register(HOME_TODO, Panel("census.answer", ANSWER, filler_todo, order=10))
register(HOME_TODO, Panel("census.unopened", OPEN, unopened_todo, order=5))
register(HOME_TODO, Panel("census.review", REVIEW, officer_todo, order=10))
register(HOME_CARDS, Panel("census.progress", VIEW, progress_card, order=20))
register(ENTERPRISE_TABS, Panel("census.returns", VIEW, enterprise_tab, order=30))
register(ENTERPRISE_STORY, Panel("census.returns", VIEW, enterprise_story, order=30))
register_dependents("census.rounds", open_rounds_of)
