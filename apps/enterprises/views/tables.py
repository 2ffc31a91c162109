"""Rows of the register as the tables of a page, with the links of who may act on them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from apps.core.ledger_page import shown
from apps.core.scoping import required_scope

from ..kinds import Form, NeedState
from ..ledgers import EnterpriseSheets
from ..models import ActionPlan, Establishment, InstructorAssignment, MassOrganization, Need, Visit

Table = dict[str, Any]


def section(code: str, title: str, table: Table, link: tuple[str, str] | bool | None) -> dict[str, Any]:
    """A card with a table and, for who may, its one button."""
    label, url = link if isinstance(link, tuple) else ("", "")
    return {"id": code, "title": title, "template": "enterprises/_table.html", "table": table,
            "link": url, "link_label": label}  # fmt: skip


def table(headers: Iterable[str], rows: list[list[dict[str, Any]]], empty: str) -> Table:
    return {"headers": [{"label": header} for header in headers], "rows": rows, "empty": empty}


def span(row: Any) -> dict[str, Any]:
    """Since when, and until when if it has ended."""
    since = f"{row.since:%Y-%m-%d}"
    return {"text": f"{since} 至 {row.until:%Y-%m-%d}" if row.until else f"{since} 起", "nowrap": True}


def state(row: Any) -> dict[str, Any]:
    return {"text": "已终止", "badge": "neutral"} if row.until else {"text": "现行", "badge": "success"}


def act(row: Any, url: str, label: str, *, allowed: bool) -> dict[str, Any]:
    """One link in a row; nothing once the row has ended."""
    return {"text": label, "url": url} if allowed and getattr(row, "until", None) is None else {"text": " "}


def linked(row: Any, text: str) -> dict[str, Any]:
    """A name, and a link where the reader may follow it."""
    return {"text": text, "url": row.get_absolute_url() if required_scope().covers(row.scope_path()) else ""}


def establishments(rows: Iterable[Establishment], may_change: bool) -> Table:
    cells = [
        [
            {"text": Form(row.form).label, "nowrap": True},
            linked(row.org, row.org.name),
            span(row),
            {"text": row.document or "补填", "url": f"/establishments/{row.pk}/edit/"} if may_change
            else {"text": row.document},
            state(row),
            *([act(row, f"/establishments/{row.pk}/end/", "终止", allowed=True)] if may_change else []),
        ]
        for row in rows
    ]  # fmt: skip
    headers = ("方式", "党组织", "期间", "批复文号", "状态", *(("办理",) if may_change else ()))
    return table(headers, cells, "还没有党组织覆盖这家企业。")


def assignments(rows: Iterable[InstructorAssignment], may_change: bool) -> Table:
    cells = [
        [
            linked(row.instructor, row.instructor.name),
            {"text": row.instructor.unit},
            span(row),
            state(row),
            *([act(row, f"/assignments/{row.pk}/recall/", "召回", allowed=True)] if may_change else []),
        ]
        for row in rows
    ]
    headers = ("姓名", "派出单位", "期间", "状态", *(("办理",) if may_change else ()))
    return table(headers, cells, "还没有选派指导员。")


def mass_organizations(rows: Iterable[MassOrganization], may_change: bool) -> Table:
    cells = [
        [
            {"text": row.get_kind_display()},
            {"text": row.leader},
            {"text": row.headcount},
            span(row),
            state(row),
            *([act(row, f"/mass-organizations/{row.pk}/end/", "终止", allowed=True)] if may_change else []),
        ]
        for row in rows
    ]
    headers = ("类别", "负责人", "人数", "期间", "状态", *(("办理",) if may_change else ()))
    return table(headers, cells, "还没有工会、共青团、妇联组织。")


def visits(rows: Iterable[Visit]) -> Table:
    cells = [
        [
            {"text": f"{row.on:%Y-%m-%d}", "url": f"/visits/{row.pk}/", "nowrap": True},
            {"text": row.get_method_display()},
            {"text": row.visitor},
            {"text": row.summary if len(row.summary) <= 40 else row.summary[:39] + "…"},
        ]
        for row in rows
    ]
    return table(("日期", "方式", "走访人", "情况"), cells, "还没有走访记录。")


def progress(row: Need | ActionPlan, today: datetime.date) -> dict[str, Any]:
    """How far it is; red once it is overdue."""
    if row.state == NeedState.CLOSED:
        return {"text": f"{row.closed_on:%Y-%m-%d} 办结", "badge": "success"}
    if row.due_on and row.due_on < today:
        return {"text": f"逾期 {(today - row.due_on).days} 天", "badge": "danger"}
    return {"text": row.get_state_display(), "badge": "info"}


def needs(rows: Iterable[Need], may_change: bool, today: datetime.date) -> Table:
    cells = [
        [
            {"text": row.text},
            {"text": f"{row.raised_on:%Y-%m-%d}", "nowrap": True},
            {"text": row.owner},
            {"text": f"{row.due_on:%Y-%m-%d}" if row.due_on else "", "nowrap": True},
            progress(row, today),
            *_steps(row, f"/needs/{row.pk}/", "办结", may_change),
        ]
        for row in rows
    ]
    headers = ("诉求", "提出", "责任人", "期限", "进展", *(("办理", "办结") if may_change else ()))
    return table(headers, cells, "没有登记诉求。")


def plans(rows: Iterable[ActionPlan], may_change: bool, today: datetime.date) -> Table:
    cells = [
        [
            {"text": row.measure},
            {"text": row.owner},
            {"text": f"{row.due_on:%Y-%m-%d}", "nowrap": True},
            {"text": row.progress},
            progress(row, today),
            *_steps(row, f"/plans/{row.pk}/", "完成", may_change),
        ]
        for row in rows
    ]
    headers = ("推进措施", "责任人", "时限", "工作进度", "状态", *(("更新", "完成") if may_change else ()))
    return table(headers, cells, "还没有制定措施。")


def _steps(row: Need | ActionPlan, url: str, done: str, may_change: bool) -> list[dict[str, Any]]:
    if not may_change:
        return []
    open_ = row.state != NeedState.CLOSED
    return [{"text": "更新", "url": url} if open_ else {"text": " "},
            {"text": done, "url": f"{url}close/"} if open_ else {"text": " "}]  # fmt: skip


SHEET = (
    ("企业基本情况", ("name", "credit_code", "kind", "industry", "ownership", "scale", "above_scale", "registered_on",
                 "capital", "park", "building", "room", "arrived_on", "address")),
    ("出资人（负责人）与联系人", ("leader_name", "leader_status", "attitude", "contact_name", "contact_phone")),
    ("经营运行与职工队伍", ("status", "checked_on", "has_premises", "has_operations", "staff", "staff_under_35",
                   "staff_college")),
    ("党员队伍", ("formal_members", "probationary_members", "members_elsewhere", "applicants")),
    ("党组织与工作力量", ("form", "covering_org", "secretary", "founded_on", "document", "instructor", "mass", "venue_area",
                  "party_funds", "org", "sync_planned_on", "sync_recruited_on", "sync_founded_on")),
    ("未建原因与一企一策", ("unbuilt_reason", "unbuilt_note", "measure", "plan_owner", "planned_on", "plan_progress")),
)  # fmt: skip
WIDE = {"name": 3, "address": 5, "covering_org": 3, "org": 3, "measure": 5, "plan_progress": 5, "unbuilt_note": 3}
PER_LINE = 6


def sheet(ledger: EnterpriseSheets, row: Any) -> list[dict[str, Any]]:
    """The columns of the ledger in the groups of the sheet: lines of label and value, up to three pairs a line."""
    columns = {column.name: column for column in ledger.columns}
    groups = []
    for title, names in SHEET:
        lines: list[list[dict[str, Any]]] = [[]]
        for name in names:
            column = columns[name]
            cell = {"label": column.label, "value": shown(column, column.value(row)), "span": WIDE.get(name, 1)}
            if sum(1 + each["span"] for each in lines[-1]) + 1 + cell["span"] > PER_LINE:
                lines.append([])
            lines[-1].append(cell)
        for line in lines:
            if line and sum(1 + each["span"] for each in line) < PER_LINE:
                line[-1]["span"] += PER_LINE - sum(1 + each["span"] for each in line)
        groups.append({"title": title, "lines": [line for line in lines if line]})
    return groups
