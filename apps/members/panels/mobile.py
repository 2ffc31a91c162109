"""What agreements, mobile members and contacts add to the sidebar and to what I must do."""

from __future__ import annotations

from typing import Any

from apps.core.attachments import guard_attachments
from apps.core.panels import HOME_TODO, NAV, NavItem, Panel, PanelContext, TodoItem, register
from apps.core.periods import Period
from apps.core.scoping import required_scope

from .. import due, permissions
from ..kinds import Direction, LostStage
from ..models import DualAgreement, LostContact, MobileRecord
from ..parameters import agreement_terms
from ..rules.mobile import (
    DOUBLE_REGISTRATION,
    DUAL_AGREEMENT,
    LONG_LOST,
    LOST,
    QUARTERLY_CONTACT,
    AgreementState,
)

NAMED = 5
"""How many names a line says before it only counts (appearance only)."""


def nav(label: str, url: str) -> Any:
    return lambda context: NavItem("党员", label, url)


def contacts(context: PanelContext) -> TodoItem | None:
    """Whom the scope still has to contact this quarter."""
    lines = [line for line in due.progress(context.today) if line.missing]
    missing = sum(line.missing for line in lines)
    if not missing:
        return None
    total = sum(line.due for line in lines)
    reason = (
        f"{len(lines)} 个党组织还没有联系完" if len(lines) > 1 else f"应联系 {total} 名，已联系 {total - missing} 名"
    )
    return TodoItem(f"本季还有 {missing} 名党员没有联系", reason, "/contacts/due/", "去联系",
                    Period.quarter_of(context.today).last_day, str(QUARTERLY_CONTACT), count=missing)  # fmt: skip


def expiring(context: PanelContext) -> list[TodoItem]:
    """Agreements that run out within the notice of the place, and those that did without a successor."""
    days = agreement_terms(context.today).agreement_notice_days
    rows = DualAgreement.objects.managed_here().select_related("member")
    soon = rows.in_state(AgreementState.EXPIRING, context.today, notice_days=days).without_successor()
    over = rows.in_state(AgreementState.EXPIRED, context.today, notice_days=days).without_successor()
    found = [
        _agreements(soon, "双重管理协议即将到期", "/agreements/?state=expiring&side=here&order=until"),
        _agreements(over, "双重管理协议已到期未续签", "/agreements/?due=1&side=here&order=until"),
    ]
    return [item for item in found if item]


def _agreements(rows: Any, label: str, url: str) -> TodoItem | None:
    first = list(rows.order_by("until", "pk")[: NAMED + 1])
    if not first:
        return None
    count = len(first) if len(first) <= NAMED else rows.count()
    names = "、".join(row.member.name for row in first[:NAMED]) + ("等" if count > NAMED else "")
    return TodoItem(f"{count} 份{label}", names, url, "续签", first[0].until, str(DUAL_AGREEMENT), count=count)


def arrivals(context: PanelContext) -> TodoItem | None:
    """Members whose home branch has named one of the scope, and who have not been confirmed there."""
    rows = MobileRecord.objects.as_of(context.today).filter(direction=Direction.OUT.value, reported_on__isnull=True)
    rows = rows.filter(required_scope().as_q("other_path"), other_org__isnull=False).select_related("member")
    first = list(rows.order_by("since", "pk")[: NAMED + 1])
    if not first:
        return None
    count = len(first) if len(first) <= NAMED else rows.count()
    names = "、".join(row.member.name for row in first[:NAMED]) + ("等" if count > NAMED else "")
    url = first[0].get_absolute_url() if count == 1 else "/mobile/?direction=in&state=now&reported=0"
    return TodoItem(f"{count} 名流入党员待确认报到", names, url, "确认", basis=str(DOUBLE_REGISTRATION), count=count)


def lost(context: PanelContext) -> list[TodoItem]:
    """Cases in which something has to be studied, for who decides them."""
    open_cases = LostContact.objects.open().select_related("member", "org").order_by("since", "pk")
    wanted = ((LostStage.SUSPENSION_DUE, LOST), (LostStage.REMOVAL_DUE, LONG_LOST))
    return [
        TodoItem(f"{stage.label}：{case.member.name}", f"{case.org}，{case.since:%Y-%m-%d} 起失去联系",
                 case.get_absolute_url(), "处理", basis=str(basis))
        for stage, basis in wanted
        for case in open_cases.filter(stage=stage.value)[:NAMED]
    ]  # fmt: skip


guard_attachments("members.dualagreement", view=permissions.VIEW, change=permissions.KEEP)
register(NAV, Panel("members.modes", permissions.VIEW, nav("分类管理", "/members/modes/"), order=41))
register(NAV, Panel("members.dual", permissions.VIEW, nav("双重管理", "/agreements/"), order=42))
register(NAV, Panel("members.mobile", permissions.VIEW, nav("流动党员", "/mobile/"), order=43))
register(NAV, Panel("members.contacts", permissions.VIEW, nav("季度联系", "/contacts/due/"), order=44))
register(HOME_TODO, Panel("members.contacts", permissions.KEEP, contacts, order=30))
register(HOME_TODO, Panel("members.expiring", permissions.KEEP, expiring, order=30))
register(HOME_TODO, Panel("members.arrivals", permissions.KEEP, arrivals, order=25))
register(HOME_TODO, Panel("members.lost", permissions.DECIDE_LOST, lost, order=28))
