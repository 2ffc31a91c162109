"""What the patrol adds to others' pages: the sidebar, the officer's home, a branch's duties, an organisation's page."""

from __future__ import annotations

from typing import Any

from apps.core.panels import (
    HOME_CARDS,
    HOME_TODO,
    NAV,
    ORG_PANELS,
    HomeCard,
    NavItem,
    Panel,
    PanelContext,
    TodoItem,
    register,
)

from . import registry, showing
from .models import PatrolHit
from .permissions import MEND, OVERSEE, VIEW

SHOWN = 5
"""How many single findings a list on another page names before it only counts (appearance only)."""
LOOKED_AT = 200
"""Among how many of a branch's findings the strongest are looked for (appearance only)."""


def card(context: PanelContext) -> HomeCard | None:
    """巡查发现 N 项, by rule, for whoever oversees others."""
    lines = [line for line in showing.lines_by_rule(context.today, context.user) if line["open"]]
    total = sum(line["open"] for line in lines)
    if not total:
        return None
    data = {"lines": lines, "note": f"巡查发现 {total:,} 项", "url": showing.list_url()}
    return HomeCard("patrol/_home_hits.html", data, "side")


def duties(context: PanelContext) -> list[TodoItem]:
    """What stands against the rules in the own branch, one item for each subject, the strongest rule first."""
    order = {rule.code: number for number, rule in enumerate(registry.in_order())}
    rows = PatrolHit.objects.told_to(context.user).open_on(context.today).filter(rule__in=order)
    found = sorted(rows.order_by("first_found_on", "pk")[:LOOKED_AT], key=lambda hit: order[hit.rule])
    by_subject: dict[tuple[str, int], list[PatrolHit]] = {}
    for hit in found:
        by_subject.setdefault((hit.subject_type, hit.subject_id), []).append(hit)
    shown = list(by_subject.values())[:SHOWN]
    items = [_duty(hits) for hits in shown]
    total = len(found) if len(found) < LOOKED_AT else rows.count()
    if left := total - sum(map(len, shown)):
        items.append(TodoItem(f"还有 {left} 项巡查发现", "都在“规则巡查”里", showing.list_url(), "查看", count=left))
    return items


def _duty(hits: list[PatrolHit]) -> TodoItem:
    """All that stands against one subject, the strongest first, which is the one that is opened."""
    first = hits[0]
    labels = "、".join(registry.registry[hit.rule].label for hit in hits)
    return TodoItem(
        f"{first.title}：{labels}", f"{first.value}（{first.limit}）", first.get_absolute_url(), "查看",
        basis=str(registry.registry[first.rule].basis), count=len(hits),
    )  # fmt: skip


def org_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of an organisation: what stands in its subtree."""
    org = context.subject
    if org is None:
        return None
    rows = PatrolHit.objects.told_to(context.user).open_on(context.today).filter(org_path__startswith=org.path)
    total = rows.count()
    if not total:
        return None
    hits = list(rows.order_by("first_found_on", "pk")[:SHOWN])
    return {"id": "patrol", "title": "规则巡查", "template": "branches/_table_section.html",
            "table": showing.table(hits, context.today), "note": f"连同下级共 {total} 项待处理",
            "link": showing.list_url(org=org.code), "link_label": "查看全部"}  # fmt: skip


register(NAV, Panel("patrol.hits", VIEW, lambda context: NavItem("工作", "规则巡查", showing.list_url()), order=12))
register(HOME_CARDS, Panel("patrol.card", OVERSEE, card, order=30))
register(HOME_TODO, Panel("patrol.duties", MEND, duties, order=25))
register(ORG_PANELS, Panel("patrol.org", VIEW, org_section, order=45))
