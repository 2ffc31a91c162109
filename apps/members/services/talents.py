"""党务人才库: who is fit for Party work, the certificate, and where the person was placed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.versions import check_version

from ..models import Member, Talent
from .common import assign, check_not_future, labels, locked, store

FACTS: Final = (
    "unit", "kind", "joined_on", "certificate", "certificate_number", "issued_on", "expires_on", "placed_on",
    "placed_as", "in_management", "note",
)  # fmt: skip


@write
def add_talent(
    *, org: PartyOrg, facts: Mapping[str, Any], today: datetime.date, actor: Any, member: Member | None = None,
    name: str = "",
) -> Talent:  # fmt: skip
    """入库: a member of a roster, or somebody who is only named. Raises DomainError for one who is in the pool."""
    talent = Talent(org=org, member=member)
    assign(talent, {"name": member.name if member else name}, ("name",))
    assign(talent, facts, FACTS)
    _check(talent, today)
    if member is not None and Talent.objects.available().filter(member=member, kind=talent.kind).exists():
        raise DomainError(f"{talent.name}已在库（{talent.get_kind_display()}）。", code="in_pool", field="member")
    store(talent)
    record(actor, "talent.added", talent, summary=f"{talent.name}进入党务人才库（{talent.get_kind_display()}）")
    return talent


@write
def change_talent(
    *, talent: Talent, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> Talent:
    """Correct or complete what is known: a new certificate, where the person was placed."""
    row = locked(talent)
    check_version(row, version, dict(facts))
    if changed := assign(row, facts, FACTS):
        _check(row, today)
        store(row)
        record(actor, "talent.changed", row, data={"fields": sorted(changed)},
               summary=f"修改党务人才{row.name}的{labels(row, changed)}")  # fmt: skip
    return row


@write
def release_talent(
    *, talent: Talent, on: datetime.date, today: datetime.date, actor: Any, note: str = "", version: int | None = None
) -> Talent:
    """出库 on a day; the row stays, with where the person was placed."""
    row = locked(talent)
    check_version(row, version)
    check_not_future(on, today)
    if row.left_on is not None:
        raise DomainError(f"{row.name}已于 {row.left_on:%Y-%m-%d} 出库。", code="left_already")
    if on < row.joined_on:
        raise DomainError(f"不能早于入库日期 {row.joined_on:%Y-%m-%d}。", code="before_joining", field="on")
    assign(row, {"left_on": on, "note": "；".join(filter(None, [row.note, note]))}, ("left_on", "note"))
    store(row)
    record(actor, "talent.released", row, summary=f"{row.name}自 {on:%Y-%m-%d} 起不再列入党务人才库")
    return row


def _check(talent: Talent, today: datetime.date) -> None:
    for field in ("joined_on", "issued_on", "placed_on"):
        if (day := getattr(talent, field)) is not None:
            check_not_future(day, today, field=field)
    if talent.placed_on is not None and talent.placed_on < talent.joined_on:
        raise DomainError("输送日期不能早于入库日期。", code="out_of_order", field="placed_on")
    if talent.placed_as and talent.placed_on is None:
        raise DomainError("请填写输送日期。", code="day_needed", field="placed_on")
