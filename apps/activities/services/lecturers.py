"""红色讲师团: the pool, and invitations to its lecturers."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.versions import check_version
from apps.members.models import Member
from apps.members.services.common import assign, check_not_future, labels, locked, store

from ..kinds import BookingState
from ..models import Lecturer, LecturerBooking
from ..parameters import booking_ahead
from ..rules.education import LECTURERS

FACTS: Final = ("unit", "topics", "note")
ASKED: Final = ("on", "topic", "place", "contact_name")


@write
def add_lecturer(
    *, org: PartyOrg, since: datetime.date, facts: Mapping[str, Any], today: datetime.date, actor: Any,
    member: Member | None = None, name: str = "",
) -> Lecturer:  # fmt: skip
    """入库: a member of a roster, or somebody who is only named. Raises DomainError for one who is in the pool."""
    row = Lecturer(org=org, member=member)
    assign(row, {"name": member.name if member else name, "since": since}, ("name", "since"))
    assign(row, facts, FACTS)
    check_not_future(row.since, today, field="since")
    same: dict[str, Any] = {"member": member} if member else {"name": row.name, "member": None}
    if Lecturer.objects.open().filter(org=org, **same).exists():
        raise DomainError(f"{row.name}已在「{org}」的讲师团中。", code="in_pool", field="name")
    store(row)
    record(actor, "lecturer.added", row, summary=f"{row.name}加入「{org}」讲师团")
    return row


@write
def change_lecturer(
    *, lecturer: Lecturer, facts: Mapping[str, Any], actor: Any, version: int | None = None
) -> Lecturer:
    """Correct or complete what is known: post, topics."""
    row = locked(lecturer)
    check_version(row, version, dict(facts))
    if changed := assign(row, facts, FACTS):
        store(row)
        record(actor, "lecturer.changed", row, data={"fields": sorted(changed)},
               summary=f"修改讲师{row.name}的{labels(row, changed)}")  # fmt: skip
    return row


@write
def release_lecturer(
    *, lecturer: Lecturer, on: datetime.date, today: datetime.date, actor: Any, version: int | None = None
) -> Lecturer:
    """退出讲师团 from a day on; what was taught stays."""
    row = locked(lecturer)
    check_version(row, version)
    check_not_future(on, today)
    if row.until is not None:
        raise DomainError(f"{row.name}已于 {row.until:%Y-%m-%d} 退出讲师团。", code="left_already")
    row.until = on
    store(row)
    record(actor, "lecturer.released", row, summary=f"{row.name}自 {on:%Y-%m-%d} 起退出讲师团")
    return row


@write
def book_lecturer(
    *, lecturer: Lecturer, org: PartyOrg, on: datetime.date, topic: str, today: datetime.date, actor: Any,
    place: str = "", contact_name: str = "", granted: bool = False,
) -> LecturerBooking:  # fmt: skip
    """邀请讲师 of the own pool or of one above, on behalf of `org`. `granted`: who asks keeps the pool.

    It is done when a record of that day names the lecturer. Raises DomainError for a day that does not fit.
    """
    booking = LecturerBooking(lecturer=lecturer, org=lecturer.org, other_org=org)
    assign(booking, {"on": on, "topic": topic, "place": place, "contact_name": contact_name}, ASKED)
    if granted:
        booking.state = BookingState.ACCEPTED.value
    if on < today:
        raise DomainError("日期已经过去，请另选一天。", code="past", field="on")
    ahead = booking_ahead(today, lecturer.org_path)
    if (on - today).days > ahead:
        raise DomainError(f"最多提前 {ahead} 天预约。", basis=LECTURERS, code="too_early", field="on")
    if not lecturer.holds_on(on):
        raise DomainError(f"{lecturer.name}在这一天不在讲师团中。", code="not_in_pool", field="on")
    store(booking)
    verb = "邀请" if granted else "申请邀请"
    record(
        actor,
        "lecturer.booked",
        booking,
        summary=f"「{org}」{verb}{lecturer.name}于 {on:%Y-%m-%d} 讲「{booking.topic}」",
    )
    return booking
