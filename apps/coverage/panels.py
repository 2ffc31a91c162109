"""What coverage adds to pages of others: the sidebar, the officer's home, the page of an organisation."""

from __future__ import annotations

from typing import Any

from apps.branches.figures import register_figure
from apps.core.ledger import Kind
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
from apps.core.scoping import required_scope

from . import figures, gaps, org_figures, showing, summaries
from .ledgers import GapsLedger
from .models import Correction
from .permissions import APPROVE, OVERVIEW, VIEW
from .reading import Reading, read, roots
from .rules import Totals

GAPS_AT_HOME = 5
REPORTS_AT_HOME = 3
CORRECTIONS_AT_HOME = 5


def _reading(context: PanelContext) -> Reading | None:
    """The report of the viewer's own node, None where there is no organisation yet."""
    return read({}, today=context.today) if required_scope() and roots() else None


def figure_cards(context: PanelContext) -> HomeCard | None:
    """The row of figures on top of the officer's home."""
    reading = _reading(context)
    if reading is None:
        return None
    total = figures.total(reading.basis, reading.definition)
    return HomeCard("coverage/_home_figures.html", {"cards": showing.cards(reading, total, previous(reading))}, "top")


def gap_card(context: PanelContext) -> HomeCard | None:
    """The cheapest gaps with their simulator, below what the officer must do."""
    reading = _reading(context)
    if reading is None:
        return None
    total = figures.total(reading.basis, reading.definition)
    if not total.enterprises or total.organisation_covered == total.enterprises:
        return None
    ledger = GapsLedger({}, today=context.today, user=context.user)
    found = list(ledger.queryset()[:GAPS_AT_HOME])
    if not found:
        return None
    data = {
        "rows": gaps.as_shown(found, reading, []), "total": total, "simulation": gaps.simulate(total, []),
        "base_params": reading.params, "url": showing.url(showing.GAPS, reading),
    }  # fmt: skip
    return HomeCard("coverage/_home_gaps.html", data, "below")


def reports_card(context: PanelContext) -> HomeCard | None:
    """The closed quarters, ready to look at and to download."""
    reading = _reading(context)
    if reading is None:
        return None
    closed = summaries.trend(reading.basis, reading.definition, quarters=REPORTS_AT_HOME)
    if not closed:
        return None
    lines = [
        {"label": period.label, "totals": totals, "params": {**reading.params, "period": str(period)},
         "url": showing.url("/coverage/", reading, period=period)}
        for period, totals in reversed(closed)
    ]  # fmt: skip
    return HomeCard("coverage/_home_reports.html", {"lines": lines}, "side")


def corrections_todo(context: PanelContext) -> list[TodoItem]:
    """更正说明 of others that wait for somebody who may approve them."""
    waiting = Correction.objects.filter(approved_at=None).exclude(author=context.user).select_related("snapshot")
    return [
        TodoItem(f"更正说明待批准：{row.snapshot}", row.reason, row.get_absolute_url(), "去批准")
        for row in waiting.order_by("pk")[:CORRECTIONS_AT_HOME]
    ]


def org_section(context: PanelContext) -> dict[str, Any] | None:
    """The figures of one organisation, on its page."""
    org = context.subject
    if org is None or not required_scope().covers(org.path):
        return None
    reading = read({"org": org.code}, today=context.today)
    total = figures.total(reading.basis, reading.definition)
    if not total.enterprises and not total.excluded:
        return None
    return {
        "id": "coverage", "title": "两个覆盖", "template": "coverage/_org_section.html",
        "note": f"截至今天，口径：{reading.definition.name}", "link": showing.url("/coverage/", reading),
        "link_label": "查看报表", "cards": showing.cards(reading, total, previous(reading)),
    }  # fmt: skip


def previous(reading: Reading) -> Any:
    """The figures of the last closed quarter, if it was closed completely."""
    history: list[tuple[Any, Totals]] = summaries.trend(reading.basis, reading.definition, quarters=2)
    return next(((p, t) for p, t in reversed(history) if p != reading.basis.period), None)


register(NAV, Panel("coverage.report", VIEW, lambda context: NavItem("报表", "两个覆盖", "/coverage/"), order=75))
register(HOME_TODO, Panel("coverage.corrections", APPROVE, corrections_todo, order=35))
register(HOME_CARDS, Panel("coverage.figures", OVERVIEW, figure_cards, order=10))
register(HOME_CARDS, Panel("coverage.reports", OVERVIEW, reports_card, order=40))
register(HOME_CARDS, Panel("coverage.gaps", OVERVIEW, gap_card, order=60))
register(ORG_PANELS, Panel("coverage.org", VIEW, org_section, order=40))
register_figure(
    "coverage.organisation_rate", "组织覆盖率", org_figures.share_of("organisation_covered"), Kind.PERCENT, order=40
)
register_figure("coverage.work_rate", "工作覆盖率", org_figures.share_of("work_covered"), Kind.PERCENT, order=41)
