"""What transfers and departures add to the sidebar and to what I must do: for whoever takes the next step."""

from __future__ import annotations

from typing import Any

from apps.core.panels import HOME_TODO, NAV, NavItem, Panel, PanelContext, TodoItem, register
from apps.core.periods import add_months
from apps.core.scoping import required_scope

from .. import permissions
from ..kinds import TransferKind
from ..ledgers.transfers import receiver, sender
from ..models import Departure, Transfer
from ..parameters import transfer_terms
from ..rules import transfers as rules
from ..rules.transfers import Side, Step

SHOWN = 3
"""How many single things are named before they are only counted (appearance only)."""

_BUTTONS = {Step.CHECK: "核实", Step.APPROVE: "批准", Step.LETTER: "开具", Step.ACCEPT: "接收"}
_BASIS = {
    Step.CHECK: rules.DUES, Step.APPROVE: rules.AUTHORITY, Step.LETTER: rules.AUTHORITY, Step.ACCEPT: rules.RESPONSIBILITY,
}  # fmt: skip


def own_branches() -> list[str]:
    """The branches for which the reader acts directly; who answers for a whole park does not do their work."""
    return list(required_scope().paths)


def branch_steps(context: PanelContext) -> list[TodoItem]:
    """Steps of the own branch: to check, to accept, to record a receipt."""
    own = own_branches()
    rows = Transfer.objects.select_related("member", "org", "other_org").order_by("requested_on", "pk")
    waiting = [
        *rows.waiting_for(Side.KEEPER).filter(org_path__in=own),
        *rows.waiting_for(Side.RECEIVER).filter(other_path__in=own),
    ]
    return _items(waiting, "/transfers/?state=open")


def committee_steps(context: PanelContext) -> list[TodoItem]:
    """What waits for the 基层党委: approvals and letters."""
    rows = Transfer.objects.waiting_for(Side.COMMITTEE).filter(required_scope().as_q("org_path"))
    found = rows.select_related("member", "org", "other_org").order_by("requested_on", "pk")
    return _items(list(found), "/transfers/?waits_for=committee")


def expired_letters(context: PanelContext) -> list[TodoItem]:
    """Letters of the own branch that expired: it proves what happened and applies again."""
    rows = Transfer.objects.to_repeat().filter(org_path__in=own_branches()).select_related("member")
    return [
        TodoItem(f"介绍信过期：{row.member.name}", f"有效期至 {row.valid_until:%Y-%m-%d}，须出具证明后重新办理",
                 row.get_absolute_url(), "重新办理", row.valid_until, str(rules.EXPIRED))
        for row in rows.order_by("valid_until", "pk")[:SHOWN]
    ]  # fmt: skip


def unplaced(context: PanelContext) -> list[TodoItem]:
    """Members of the own branch who left the post and whose relation has not arrived anywhere, the oldest first."""
    months = transfer_terms(context.today).departure_months
    rows = Departure.objects.open().filter(org_path__in=own_branches()).select_related("member")
    return [
        TodoItem(f"离职去向待落实：{row.member.name}", f"{row.left_post_on:%Y-%m-%d} {row.get_reason_display()}",
                 row.get_absolute_url(), "落实", add_months(row.left_post_on, months), str(rules.DESTINATION))
        for row in rows.order_by("left_post_on", "pk")[:SHOWN]
    ]  # fmt: skip


def unplaced_too_long(context: PanelContext) -> TodoItem | None:
    """For an officer: how many are beyond the time of the place."""
    months = transfer_terms(context.today).departure_months
    late = Departure.objects.with_lateness(context.today, months).filter(is_late=True)
    count = late.exclude(org_path__in=own_branches()).count()
    if not count:
        return None
    return TodoItem(f"{count} 名离职党员超过 {months} 个月未落实去向", "督促党支部转接组织关系", "/departures/?late=1",
                    "查看", basis=str(rules.DESTINATION), count=count)  # fmt: skip


def _items(rows: list[Transfer], url: str) -> list[TodoItem]:
    items = [_item(row) for row in rows[:SHOWN]]
    if len(rows) > SHOWN:
        left = len(rows) - SHOWN
        items.append(TodoItem(f"还有 {left} 项组织关系转接待办", "按申请先后排在后面", url, "查看", count=left))
    return items


def _item(row: Any) -> TodoItem:
    kind = TransferKind(row.kind)
    step = rules.next_step(kind, row.state)
    assert step is not None
    label = "登记回执" if step is Step.ACCEPT and kind is TransferKind.OUT else step.label
    way = f"由「{sender(row)}」转往「{receiver(row)}」"
    return TodoItem(f"{label}：{row.member.name}", way, f"{row.get_absolute_url()}{step.value}/",
                    _BUTTONS[step], row.valid_until, str(_BASIS[step]))  # fmt: skip


register(
    NAV,
    Panel(
        "members.transfers", permissions.VIEW, lambda context: NavItem("党员", "组织关系转接", "/transfers/"), order=44
    ),
)
register(
    NAV,
    Panel(
        "members.departures", permissions.VIEW, lambda context: NavItem("党员", "离职去向", "/departures/"), order=45
    ),
)
register(HOME_TODO, Panel("members.transfer_steps", permissions.TRANSFER, branch_steps, order=24))
register(HOME_TODO, Panel("members.transfer_approvals", permissions.APPROVE_TRANSFER, committee_steps, order=24))
register(HOME_TODO, Panel("members.expired_letters", permissions.TRANSFER, expired_letters, order=25))
register(HOME_TODO, Panel("members.unplaced", permissions.TRANSFER, unplaced, order=41))
register(HOME_TODO, Panel("members.unplaced_too_long", permissions.APPROVE_TRANSFER, unplaced_too_long, order=41))
