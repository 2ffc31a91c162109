"""组建: which organisation covers which enterprises, in which form, from when until when."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.period_guard import Span, guard_spans
from apps.core.regulations import Finding
from apps.core.versions import check_version

from ..kinds import Form
from ..models import Condition, Enterprise, Establishment
from ..rules import establishment_findings
from .common import assign, check_not_future, labels, locked, locked_all, store, weigh
from .responsibility import settle

FACTS = ("document", "note")


@write
def establish(
    *, enterprises: Sequence[Enterprise], org: PartyOrg, form: Form, since: datetime.date, today: datetime.date,
    actor: Any, document: str = "", note: str = "", reason: str = "",
) -> list[Establishment]:  # fmt: skip
    """组建: `org` covers these enterprises from `since` on; all of them or none.

    A joint branch is founded by naming its enterprises together, so that their members count together.
    Raises DomainError with the rule that blocks (应当) or asks for a reason (一般), for an organisation that
    has ended, for the same cover twice; Conflict for a closed period.
    """
    check_not_future(since, today, field="since")
    org = locked(org)  # first: whoever ends it locks it first and then its enterprises
    rows = locked_all(enterprises)
    if org.ended_on is not None:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销，不能再组建。", field="org", code="ended")
    weigh(findings_about(rows, org=org, form=form, since=since), reason)
    guard_spans(Span(enterprise.org_path, since) for enterprise in rows)
    said = "；".join(filter(None, (note.strip(), f"说明：{reason.strip()}" if reason.strip() else "")))
    created = []
    for enterprise in rows:
        row = Establishment(enterprise=enterprise, org=org, form=form, since=since)
        assign(row, {"document": document, "note": said}, FACTS)
        store(row)
        created.append(row)
        record(actor, "enterprise.established", enterprise, data={"establishment": row.pk, "org": org.pk, "form": form},
               summary=f"「{enterprise.name}」自 {since:%Y-%m-%d} 起由「{org}」{form.label}")  # fmt: skip
    settle(rows, today=today)
    return created


def findings_about(
    enterprises: Sequence[Enterprise], *, org: PartyOrg, form: Form, since: datetime.date
) -> list[Finding]:
    """What the rules say about covering these enterprises so; members are those known on `since`."""
    covered = Establishment.objects.as_of(since).filter(org=org)
    others = set(covered.exclude(enterprise__in=enterprises).values_list("enterprise_id", flat=True))
    units = {enterprise.pk for enterprise in enterprises} | others
    conditions = Condition.objects.as_of(since).filter(enterprise__in=units)
    known = list(conditions.values_list("formal_members", "probationary_members"))
    formal = sum(row[0] for row in known)
    return establishment_findings(
        form, OrgKind(org.kind), formal_members=formal if len(known) == len(units) else None,
        members=formal + sum(row[1] for row in known), units=len(units), covers_another=bool(others),
    )  # fmt: skip


@write
def change_establishment(
    *, establishment: Establishment, document: str, note: str, actor: Any, version: int | None = None
) -> Establishment:
    """Correct the document or the note; form, organisation and dates change by ending and beginning."""
    row = locked(establishment)
    facts = {"document": document, "note": note}
    check_version(row, version, facts)
    if changed := assign(row, facts, FACTS):
        store(row)
        record(actor, "establishment.changed", row,
               summary=f"修改「{row.enterprise}」组建记录的{labels(row, changed)}")  # fmt: skip
    return row


@write
def end_establishment(
    *, establishment: Establishment, until: datetime.date, today: datetime.date, actor: Any, reason: str = "",
    version: int | None = None,
) -> Establishment:  # fmt: skip
    """终止组建: from `until` on the organisation no longer covers the enterprise."""
    enterprise = locked(establishment.enterprise)
    row = locked(establishment)
    check_version(row, version)
    check_not_future(until, today, field="until")
    if row.until is not None:
        raise DomainError(f"这项组建已于 {row.until:%Y-%m-%d} 终止。", code="ended")
    guard_spans([Span(enterprise.org_path, until)])
    row.until = until
    if reason.strip():
        assign(row, {"note": "；".join(filter(None, (row.note, f"终止原因：{reason.strip()}")))}, FACTS)
    store(row)
    record(actor, "enterprise.establishment_ended", enterprise, data={"establishment": row.pk},
           summary=f"「{enterprise.name}」由「{row.org}」{Form(row.form).label}自 {until:%Y-%m-%d} 起终止")  # fmt: skip
    settle([enterprise], today=today)
    return row
