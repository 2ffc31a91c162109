"""How findings are shown: addresses of their lists, counts by rule, the lines of a table."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from . import registry
from .ledgers import LEVEL_TONES, level_of, level_tone, of_rule
from .models import PatrolHit
from .rules import HitState

PAGE = "/patrol/"


def list_url(state: HitState = HitState.OPEN, **filters: str) -> str:
    """The list of what is in a state, narrowed by the filters of the ledger."""
    return f"{PAGE}?{urlencode({**filters, 'state': state.value})}"


def lines_by_rule(today: datetime.date, user: Any) -> list[dict[str, Any]]:
    """Each rule with how much stands against it as the user may see it, each count with its list."""
    counts = PatrolHit.objects.told_to(user).counts_by_rule(today)
    return [
        {
            "rule": rule, "tone": LEVEL_TONES.get(rule.level, "neutral"),
            "open": counts.get(rule.code, {}).get(HitState.OPEN, 0), "open_url": list_url(rule=rule.code),
            "aside": counts.get(rule.code, {}).get(HitState.ASIDE, 0),
            "aside_url": list_url(HitState.ASIDE, rule=rule.code),
        }
        for rule in registry.in_order()
    ]  # fmt: skip


def table(hits: list[PatrolHit], today: datetime.date) -> dict[str, Any]:
    """Standing findings as the table of a section on another page."""
    rows = [
        [
            {"text": of_rule("label")(hit), "url": hit.get_absolute_url()}, {"text": level_of(hit), "badge": level_tone(hit)},
            {"text": hit.title, "url": hit.url}, {"text": hit.value}, {"text": hit.limit},
            {"text": (today - hit.first_found_on).days, "numeric": True},
        ]
        for hit in hits
    ]  # fmt: skip
    headers = ["规则", "要求", "对象", "实际情况", "规定", {"label": "持续天数", "numeric": True}]
    return {"headers": headers, "rows": rows}
