"""What the books of the register share: choices read once, links that stay in the scope, tones of states."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from apps.core.clock import day_named
from apps.core.ledger import Ledger
from apps.core.periods import Period
from apps.core.scoping import required_scope

from ..kinds import Form, Status
from ..models import Building, Instructor, Park
from ..rules import LEAVING

STATUS_TONES = {Status.OPERATING: "success", Status.PREPARING: "info", Status.SUSPENDED: "warning"}
QUARTERS_BACK = 8


def status_tone(row: Any) -> str:
    return STATUS_TONES.get(row.status, "neutral")


def form_tone(row: Any) -> str:
    return "success" if row.form in (Form.SINGLE, Form.JOINT) else "info"


def link_to(attribute: str) -> Callable[[Any], str]:
    """The address of a related row, empty where the reader may see its name only."""

    def link(row: Any) -> str:
        for part in attribute.split("."):
            row = getattr(row, part, None)
        if row is None or not required_scope().covers(row.scope_path()):
            return ""
        return str(row.get_absolute_url())

    return link


def once(name: str, read: Callable[[Ledger], list[tuple[Any, str]]]) -> Callable[[Ledger], list[tuple[Any, str]]]:
    """Choices that come from the database, read once for each ledger object."""

    def choices(ledger: Ledger) -> list[tuple[Any, str]]:
        kept: dict[str, Any] = ledger.__dict__.setdefault("_choices", {})
        if name not in kept:
            kept[name] = read(ledger)
        return list(kept[name])

    return choices


parks = once("parks", lambda ledger: [(park.pk, park.name) for park in Park.objects.all()])
buildings = once(
    "buildings",
    lambda ledger: [(b.pk, f"{b.park.name} {b.name}") for b in Building.objects.select_related("park")],
)
instructors = once(
    "instructors", lambda ledger: [(one.pk, one.name) for one in Instructor.objects.order_by("initials", "pk")]
)


def recent_quarters(ledger: Ledger) -> list[tuple[str, str]]:
    now = Period.quarter_of(ledger.today)
    return [(str(now.shift(-n)), now.shift(-n).label) for n in range(QUARTERS_BACK)]


def here(rows: Any, value: str, ledger: Ledger) -> Any:
    """Narrow by state; `here` stands for every state in which an enterprise is in the park."""
    if value == "here":
        return rows.filter(status__isnull=False).exclude(status__in=LEAVING)
    return rows.filter(status=value)


STATUS_CHOICES = [("here", "在园（未迁出、注销、吊销）"), *Status.choices()]


def day_of(ledger: Ledger) -> datetime.date:
    """The day that a ledger is asked about: its filter `on`, else today."""
    return day_named(ledger.params.get("on", "")) or ledger.today
