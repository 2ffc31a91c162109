"""What terms and elections add to pages of others: the sidebar, what I must do, the page of an organisation."""

from __future__ import annotations

import datetime
from typing import Any, Final

from apps.core.guard import may, resolve_scope
from apps.core.panels import HOME_TODO, NAV, ORG_PANELS, NavItem, Panel, PanelContext, TodoItem, register

from .access_elections import may_decide, may_elect
from .ledgers.terms import election_tone, term_tone, without_term
from .models import Election, PartyOrg, Term
from .permissions import DECIDE_ELECTIONS, ELECT, KEEP_TERMS, VIEW
from .relocation import register_ending
from .rules import TERM_DELAY, TERM_NOTICE, OrgKind, term_finding, term_years
from .rules.terms import TermState
from .services.terms import end_terms
from .showing_elections import next_due

SHOWN: Final = 5
"""How many single things a list on another page names before it only counts (appearance only)."""


def nav(context: PanelContext) -> NavItem:
    return NavItem("工作", "换届", "/terms/?now=1")


def decisions(context: PanelContext) -> list[TodoItem]:
    """Elections below that wait for consent or approval of whoever looks."""
    rows = Election.objects.waiting_for_officer().select_related("org").order_by("planned_on", "pk")
    found = [row for row in rows[: SHOWN * 4] if may_decide(context.user, row.org)]
    items = [item for row in found[:SHOWN] if (item := _item(row))]
    if len(found) > SHOWN:
        items.append(TodoItem(f"还有 {len(found) - SHOWN} 次换届等您批复或批准", "按计划选举日期排在后面",
                              "/elections/?running=1&waiting=1", "查看", found[SHOWN].planned_on,
                              count=len(found) - SHOWN))  # fmt: skip
    return items


def own_steps(context: PanelContext) -> list[TodoItem]:
    """For a branch: the next step of its election, or that it has to begin one. Officers have their own lines."""
    if may(context.user, DECIDE_ELECTIONS):
        return []
    running = list(Election.objects.waiting_for_branch().select_related("org").order_by("planned_on", "pk")[:SHOWN])
    busy = Election.objects.running().order_by().values("org")
    due = Term.objects.due(context.today).exclude(org__in=busy).filter(org__ended_on=None).select_related("org")
    items = [item for row in running if (item := _item(row))]
    for term in due.order_by("expires_on", "pk")[:SHOWN]:
        finding = term_finding(term.expires_on, today=context.today)
        if finding is not None:
            items.append(TodoItem(f"换届：{term.org}", finding.message, f"/orgs/{term.org_id}/elections/new/", "发起换届",
                                  term.expires_on, str(finding.basis)))  # fmt: skip
    return items


def overdue(context: PanelContext) -> list[TodoItem]:
    """For officers: organisations whose term is over and that have not begun, and those without a term in the book."""
    busy = Election.objects.running().order_by().values("org")
    late = (
        Term.objects.due(context.today).exclude(org__in=busy).filter(org__ended_on=None, expires_on__lte=context.today)
    )
    found = list(late.select_related("org").order_by("expires_on", "pk")[: SHOWN + 1])
    items = []
    if found:
        count = len(found) if len(found) <= SHOWN else late.count()
        shown = "、".join(str(term.org) for term in found[:SHOWN]) + ("等" if count > SHOWN else "")
        items.append(TodoItem(f"{count} 个党组织已届满未换届", shown, "/terms/?now=1&standing=late&progress=none", "查看",
                              found[0].expires_on, str(TERM_DELAY), count))  # fmt: skip
    missing = without_term(context.today).count()
    if missing:
        items.append(TodoItem(f"{missing} 个党组织没有登记届期", "登记现届后才会提醒换届；可以用 Excel 批量导入",
                              "/terms/missing/", "去登记", None, str(TERM_NOTICE), missing))  # fmt: skip
    return items


def _item(row: Election) -> TodoItem | None:
    due = next_due(row)
    if due is None:
        return None
    reason = f"{row.get_state_display()}，计划 {row.planned_on:%Y-%m-%d} 选举"
    if row.sent_back:
        reason = f"上级退回：{row.sent_back}"
    return TodoItem(f"{due.step.label}：{row}", reason, due.url, due.button, due.due_on, str(due.step.basis))


def org_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of an organisation: its terms, its election, and what to do."""
    org: PartyOrg = context.subject
    if org is None:
        return None
    terms = list(Term.objects.standing(context.today).filter(org=org).order_by("-number"))
    if not terms and term_years(OrgKind(org.kind)) is None:
        return None
    last = Election.objects.filter(org=org).order_by("-pk").first()
    running = last if last is not None and next_due(last) else None
    keeps = resolve_scope(context.user, KEEP_TERMS).covers(org.path)
    current = next((term for term in terms if term.until is None), None)
    finding = term_finding(current.expires_on, today=context.today) if current and not org.ended_on else None
    return {
        "id": "terms", "title": "届期和换届", "template": "branches/_terms_section.html", "org": org,
        "finding": finding, "running": running, "tone": election_tone(running.state) if running else "",
        "due": next_due(running) if running else None, "may_elect": may_elect(context.user, org) and not org.ended_on,
        "keeps": keeps and not org.ended_on, "table": {"headers": HEADERS, "rows": [_line(t, keeps) for t in terms]},
        "link": f"/elections/?org={org.code}" if last else "", "link_label": "历次换届",
    }  # fmt: skip


HEADERS: Final = ["届次", "起始日期", "届满日期", "状态", {"label": "委员", "numeric": True}, "批准文号", ""]


def _line(term: Any, keeps: bool) -> list[dict[str, Any]]:
    state = TermState(term.standing)
    ended = f"{term.until:%Y-%m-%d} 终止" if term.until else state.label
    return [
        {"text": str(term)},
        {"text": f"{term.since:%Y-%m-%d}", "nowrap": True},
        {"text": f"{term.expires_on:%Y-%m-%d}", "nowrap": True},
        {"text": ended, "badge": term_tone(term)},
        {"text": term.seats, "numeric": True},
        {"text": term.approval_document},
        {"text": "更正", "url": f"/terms/{term.pk}/edit/"} if keeps else {"text": " "},
    ]


def end_with_organisation(org: PartyOrg, on: datetime.date, today: datetime.date, actor: Any) -> None:
    """What ends with an organisation that is merged or dissolved: its term and its running election."""
    end_terms(org=org, on=on, actor=actor)


register(NAV, Panel("branches.terms", VIEW, nav, order=14))
register(HOME_TODO, Panel("branches.decisions", DECIDE_ELECTIONS, decisions, order=15))
register(HOME_TODO, Panel("branches.own_elections", ELECT, own_steps, order=15))
register(HOME_TODO, Panel("branches.overdue_terms", KEEP_TERMS, overdue, order=35))
register(ORG_PANELS, Panel("branches.terms", VIEW, org_section, order=10))
register_ending("branches.terms", end_with_organisation)
