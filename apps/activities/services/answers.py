"""答复预约: what becomes of a request for a venue or for a lecturer. Both sides act on the same row."""

from __future__ import annotations

from typing import TypeVar

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.versions import check_version
from apps.members.services.common import assign, locked, store

from ..kinds import BookingState
from ..models import LecturerBooking, VenueBooking
from ..querysets.venues import HOLDING

Booking = TypeVar("Booking", VenueBooking, LecturerBooking)


@write
def answer_booking(
    *, booking: Booking, accept: bool, actor: object, answer: str = "", version: int | None = None
) -> Booking:
    """答复: whoever runs the venue or the pool grants the request, or declines with a reason that the other side reads."""
    row = locked(booking)
    check_version(row, version)
    if row.state != BookingState.REQUESTED:
        raise DomainError(f"这个预约{row.get_state_display()}，不用再答复。", code="not_waiting")
    if not accept and not answer.strip():
        raise DomainError("请写明不同意的原因，对方会看到。", code="reason_needed", field="answer")
    state = BookingState.ACCEPTED if accept else BookingState.DECLINED
    assign(row, {"state": state.value, "answer": answer}, ("state", "answer"))
    store(row)
    record(actor, "booking.answered", row, summary=f"{state.label}预约：{row}")
    return row


@write
def cancel_booking(*, booking: Booking, actor: object, reason: str = "", version: int | None = None) -> Booking:
    """取消 by either side; what was kept is free again. Raises DomainError for a request that keeps nothing."""
    row = locked(booking)
    check_version(row, version)
    if row.state not in HOLDING:
        raise DomainError(f"这个预约{row.get_state_display()}，不用取消。", code="not_open")
    answer = reason or row.answer
    assign(row, {"state": BookingState.CANCELLED.value, "answer": answer}, ("state", "answer"))
    store(row)
    record(actor, "booking.cancelled", row, summary=f"取消预约：{row}")
    return row
