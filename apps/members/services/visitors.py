"""来访党员: a member of another organisation takes part here with the 党员证; both branches see it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.period_guard import guard_day
from apps.core.scoping import unscoped

from ..kinds import Relation
from ..models import Member, Visitor
from .common import assign, check_not_future, store, tidied
from .people import check_looks_after

FACTS: Final = ("name", "home_text", "card_number", "on", "purpose")


@write
def register_visitor(*, org: PartyOrg, facts: Mapping[str, Any], today: datetime.date, actor: Any) -> Visitor:
    """登记来访. Name and card number find the member in the portal: then the home branch sees the visit too.

    Raises DomainError for somebody of the same branch, Conflict for a closed period.
    """
    check_looks_after(org)
    row = Visitor(org=org)
    assign(row, facts, FACTS)
    check_not_future(row.on, today)
    row.member = card_holder(row.name, row.card_number)
    if row.member is not None and row.member.relation == Relation.HERE:
        if row.member.org_id == org.pk:
            raise DomainError(f"「{row.name}」是本支部的党员，不用登记来访。", code="own_member", field="name")
        row.other_org = row.member.org
    if row.other_org is None and not row.home_text:
        raise DomainError("请填写组织关系所在党组织。", code="home_needed", field="home_text")
    guard_day(org.path, row.on)
    store(row)
    record(actor, "visitor.registered", row, summary=f"登记「{row.name}」于 {row.on:%Y-%m-%d} 到「{org}」参加组织生活")
    return row


@write
def remove_visitors(*, visitors: Sequence[Visitor], actor: Any) -> None:
    """Take back visits that were entered by mistake; the trail and the row history keep them."""
    for visitor in visitors:
        guard_day(visitor.org_path, visitor.on)
        record(actor, "visitor.removed", visitor, summary=f"删除「{visitor.name}」{visitor.on:%Y-%m-%d} 的来访登记")
        visitor.delete()


def card_holder(name: str, card_number: str) -> Member | None:
    """The one member of the portal of this name and card number; None for nobody, for several, and without a number."""
    number = tidied("card_number", card_number)
    if not number:
        return None
    with unscoped("a visitor shows the card of another branch; at most one row, by name and number"):
        found = list(
            Member.objects.filter(card_number=number, name=tidied("name", name)).exclude(relation=Relation.LEFT)
            .select_related("org")[:2]
        )  # fmt: skip
    return found[0] if len(found) == 1 else None
