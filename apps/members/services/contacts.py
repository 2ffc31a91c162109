"""季度联系: who is away, under dual management or not yet placed hears from the branch each quarter."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.dated import in_force
from apps.core.errors import DomainError
from apps.core.period_guard import Span, guard_day, guard_spans
from apps.core.scoping import required_scope
from apps.core.versions import check_version

from ..kinds import ContactMethod, Relation
from ..models import ContactNote, DualAgreement, Member, MobileRecord
from .common import assign, check_not_future, labels, locked, store

FACTS: Final = ("on", "method", "contact_name", "thoughts", "study", "conduct")


@write
def record_contact(
    *, member: Member, org: PartyOrg, facts: Mapping[str, Any], today: datetime.date, actor: Any
) -> ContactNote:
    """登记联系 of `org` with somebody it keeps or looks after; the day decides the quarter, however late it is entered.

    `member` may be on another roster when an agreement or a mobile record ties the person to `org`. Raises
    DomainError for a stranger, Conflict for a closed quarter.
    """
    note = ContactNote(member=member, org=org)
    assign(note, facts, FACTS)
    check_not_future(note.on, today)
    _check_tie(member, org, note.on)
    guard_day(org.path, note.on)
    store(note)
    how = ContactMethod(note.method).label
    record(actor, "member.contacted", note, data={"member": member.pk},
           summary=f"{note.contact_name} 于 {note.on:%Y-%m-%d} 联系「{member.name}」（{how}）")  # fmt: skip
    return note


@write
def change_contact(
    *, note: ContactNote, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> ContactNote:
    """Correct a contact. Both the day it had and the day it gets must lie in an open quarter."""
    row = locked(note)
    check_version(row, version, dict(facts))
    before = row.on
    if changed := assign(row, facts, FACTS):
        check_not_future(row.on, today)
        day = datetime.timedelta(days=1)
        guard_spans(Span(row.org_path, on, on + day) for on in {before, row.on})
        store(row)
        record(actor, "contact_note.changed", row, data={"fields": sorted(changed)},
               summary=f"修改「{row.member}」联系记录的{labels(row, changed)}")  # fmt: skip
    return row


def _check_tie(member: Member, org: PartyOrg, on: datetime.date) -> None:
    """Whose branch it is, or who is tied to it on the day by an agreement or a mobile record."""
    if not required_scope().covers(org.path):
        raise DomainError("这名党员由其他党组织联系。", code="not_yours")
    if member.org_id == org.pk and member.relation != Relation.LEFT:
        return
    tied = Q(org=org) | Q(other_org=org)
    for model in (DualAgreement, MobileRecord):
        if model.objects.filter(tied, in_force(on), member=member).exists():
            return
    raise DomainError(f"{on:%Y-%m-%d} 这名党员不由「{org}」联系。", code="stranger")
