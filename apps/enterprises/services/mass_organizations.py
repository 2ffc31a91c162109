"""群团: unions, youth leagues and women's federations, first steps where there is no branch yet (FG-02)."""

from __future__ import annotations

import datetime
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.period_guard import guard_period

from ..kinds import MassKind
from ..models import Enterprise, MassOrganization
from .common import assign, check_not_future, locked, store

FACTS = ("leader", "headcount")


@write
def record_mass_organization(
    *, enterprise: Enterprise, kind: MassKind, since: datetime.date, today: datetime.date, actor: Any, leader: str = "",
    headcount: int | None = None,
) -> MassOrganization:  # fmt: skip
    """登记群团: the enterprise has one of this kind from `since` on. Refused while another one of the kind is open."""
    enterprise = locked(enterprise)
    check_not_future(since, today, field="since")
    guard_period(enterprise.org_path, since)
    row = MassOrganization(enterprise=enterprise, kind=kind, since=since)
    assign(row, {"leader": leader, "headcount": headcount}, FACTS)
    store(row)
    record(actor, "enterprise.mass_organization_recorded", enterprise, data={"kind": kind},
           summary=f"登记「{enterprise.name}」的{kind.label}，自 {since:%Y-%m-%d} 起")  # fmt: skip
    return row


@write
def end_mass_organization(
    *, mass_organization: MassOrganization, until: datetime.date, today: datetime.date, actor: Any
) -> MassOrganization:
    """From `until` on there is none of the kind."""
    enterprise = locked(mass_organization.enterprise)
    row = locked(mass_organization)
    check_not_future(until, today, field="until")
    if row.until is not None:
        raise DomainError(f"该{MassKind(row.kind).label}已于 {row.until:%Y-%m-%d} 终止。", code="ended")
    guard_period(enterprise.org_path, until)
    row.until = until
    store(row)
    record(actor, "enterprise.mass_organization_ended", enterprise, data={"kind": row.kind},
           summary=f"「{enterprise.name}」的{MassKind(row.kind).label}自 {until:%Y-%m-%d} 起终止")  # fmt: skip
    return row
