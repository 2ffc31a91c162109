"""阵地台账: register, change, check against the standard list, close."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.versions import check_version
from apps.members.services.common import assign, check_not_future, labels, locked, store

from ..models import Venue, VenueBooking
from ..rules.venues import LABELS

FACTS: Final = (
    "name", "kind", "park", "enterprise", "part_of", "address", "area", "seats", "layout", "open_to_others",
    "opening_hours", "contact_name", "since", "note",
)  # fmt: skip


@write
def register_venue(*, org: PartyOrg, facts: Mapping[str, Any], today: datetime.date, actor: Any) -> Venue:
    """登记阵地 that `org` runs. Raises DomainError for an organisation that has ended and a day to come."""
    if org.ended_on is not None:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销。", code="org_ended", field="org")
    venue = Venue(org=org)
    assign(venue, facts, FACTS)
    check_not_future(venue.since, today, field="since")
    _check_place(venue)
    store(venue)
    record(actor, "venue.registered", venue, summary=f"登记阵地「{venue}」（{venue.get_kind_display()}）")
    return venue


@write
def change_venue(
    *, venue: Venue, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> Venue:
    """Correct or complete what is known about a venue."""
    row = locked(venue)
    check_version(row, version, dict(facts))
    if changed := assign(row, facts, FACTS):
        check_not_future(row.since, today, field="since")
        _check_place(row)
        store(row)
        record(actor, "venue.changed", row, data={"fields": sorted(changed)},
               summary=f"修改阵地「{row}」的{labels(row, changed)}")  # fmt: skip
    return row


@write
def check_venue(
    *, venue: Venue, there: Iterable[str], on: datetime.date, today: datetime.date, actor: Any,
    version: int | None = None,
) -> Venue:  # fmt: skip
    """核查 against the standard list: `there` are the codes of what was found. The whole list is answered at once."""
    row = locked(venue)
    check_version(row, version)
    check_not_future(on, today)
    found = set(there)
    if unknown := found - set(LABELS):
        raise DomainError(f"标准配置中没有这些项目：{'、'.join(sorted(unknown))}。", code="unknown_item", field="there")
    row.checklist = {code: code in found for code in LABELS}
    row.checked_on = on
    store(row)
    record(actor, "venue.checked", row, summary=f"核查阵地「{row}」：标准配置{len(LABELS)}项中有{len(found)}项")
    return row


@write
def close_venue(
    *, venue: Venue, on: datetime.date, today: datetime.date, actor: Any, version: int | None = None
) -> Venue:
    """停用 from a day on. Raises DomainError while bookings or rooms of later days are open."""
    row = locked(venue)
    check_version(row, version)
    check_not_future(on, today)
    if row.until is not None:
        raise DomainError(f"「{row}」已于 {row.until:%Y-%m-%d} 停用。", code="closed_already")
    later = VenueBooking.objects.holding().filter(venue=row, ends_at__date__gte=max(on, today)).count()
    if later:
        message = f"还有 {later} 个今后的预约，请先答复或取消。"
        raise DomainError(message, code="still_booked", field="on")
    if Venue.objects.open().filter(part_of=row).exists():
        raise DomainError("其中的房间还在使用，请先停用房间。", code="has_rooms", field="on")
    row.until = on
    store(row)
    record(actor, "venue.closed", row, summary=f"阵地「{row}」自 {on:%Y-%m-%d} 起停用")
    return row


def _check_place(venue: Venue) -> None:
    """A room lies in a venue of the same organisation, which lies in no other."""
    whole = venue.part_of
    if whole is None:
        return
    if whole.pk == venue.pk or whole.org_id != venue.org_id or whole.part_of_id is not None:
        message = "所属阵地须是同一党组织的另一处阵地，且自身不是其中的房间。"
        raise DomainError(message, code="not_a_whole", field="part_of")
    if venue.pk and Venue.objects.filter(part_of=venue).exists():
        raise DomainError("它自己还有房间，不能再归入别的阵地。", code="has_rooms", field="part_of")
