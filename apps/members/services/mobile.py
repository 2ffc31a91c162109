"""流动党员 in both directions: registered, reported at the other end, returned. One record tells both branches."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.period_guard import Span, guard_spans
from apps.core.scoping import required_scope
from apps.core.versions import check_version
from apps.enterprises.models import Enterprise

from ..kinds import Direction, MobileReason
from ..models import Member, MobileRecord
from ..rules.mobile import DOUBLE_REGISTRATION, long_absence_finding, short_stay_finding
from .common import assign, check_not_future, check_on_roster, labels, locked, store, weigh
from .people import OVERSEEING, check_keeper, guest_of, home_of

FACTS: Final = (
    "counterpart", "place", "reason", "card_number", "contact_name", "dues_paid_until", "expected_return_on", "note",
)  # fmt: skip
NOUN: Final = "流动登记"


@write
def register_outflow(
    *, member: Member, facts: Mapping[str, Any], since: datetime.date, today: datetime.date, actor: Any,
    other_org: PartyOrg | None = None, reason: str = "",
) -> MobileRecord:  # fmt: skip
    """登记流出 of somebody on the roster, from `since` on; `facts` names columns of FACTS.

    `other_org` is the branch at the other end where it is in the portal: it sees the record and confirms the
    arrival; otherwise `counterpart` may name it. `reason` is asked for a stay of less than six months (LD-01).
    Raises Conflict for somebody who is registered already, and for a closed period.
    """
    member = locked(member)
    check_on_roster(member)
    check_not_future(since, today, field="since")
    _check_other_end(member, other_org)
    _refuse_second(member, since)
    row = MobileRecord(member=member, org=member.org, other_org=other_org, direction=Direction.OUT.value, since=since)
    _fill(row, facts, reason)
    summary = f"登记「{member}」自 {since:%Y-%m-%d} 起流出"
    record(actor, "mobile_record.registered", row, summary=summary, data={"direction": row.direction})
    return row


@write
def register_inflow(
    *, name: str, id_number: str, org: PartyOrg, enterprise: Enterprise | None, facts: Mapping[str, Any],
    since: datetime.date, today: datetime.date, actor: Any, reported_on: datetime.date | None = None, phone: str = "",
    confirmed: bool = False, reason: str = "",
) -> MobileRecord:  # fmt: skip
    """登记流入: somebody whose relation is elsewhere lives and works here from `since` on, and has reported.

    The person is found by name and ID number, or registered with the relation elsewhere. The home branch, where it
    is in the portal, sees the record. Raises DomainError when the home branch has named this one already: then its
    record is confirmed instead.
    """
    check_not_future(since, today, field="since")
    about = {"home_text": facts.get("counterpart") or "", **({"phone": phone} if phone.strip() else {})}
    member = guest_of(
        org, name=name, id_number=id_number, enterprise=enterprise, facts=about, on=since, today=today, actor=actor,
        confirmed=confirmed,
    )  # fmt: skip
    named = MobileRecord.objects.as_of(today).filter(member=member, direction=Direction.OUT.value, other_org=org)
    if named.exists():
        message = "这名党员所在支部已登记流出到本组织，请在流动党员台账中确认报到。"
        raise Conflict(message)
    row = MobileRecord(member=member, org=org, other_org=home_of(member), direction=Direction.IN.value, since=since)
    row.reported_on = reported_on or since
    _check_report_day(row, row.reported_on, today)
    _fill(row, facts, reason)
    summary = f"登记「{member}」自 {since:%Y-%m-%d} 起流入「{org}」"
    record(actor, "mobile_record.registered", row, summary=summary, data={"direction": row.direction})
    return row


@write
def confirm_arrival(
    *, mobile: MobileRecord, on: datetime.date, today: datetime.date, actor: Any, version: int | None = None
) -> MobileRecord:
    """确认报到: the member has reported at the other end. Where that is in the portal, its branch says so."""
    row = locked(mobile)
    check_version(row, version)
    if row.reported_on is not None:
        raise Conflict(f"已于 {row.reported_on:%Y-%m-%d} 报到，不需要再确认。")
    if row.direction == Direction.OUT and row.other_org_id and not required_scope().covers(row.other_path):
        message = f"报到由流入地「{row.other_org}」确认。"
        raise DomainError(message, basis=DOUBLE_REGISTRATION, code="not_yours")
    if row.until is not None and row.until <= on:
        raise DomainError(f"流动已于 {row.until:%Y-%m-%d} 结束。", code="ended")
    _check_report_day(row, on, today)
    row.reported_on = on
    store(row)
    record(actor, "mobile_record.reported", row, summary=f"确认「{row.member}」于 {on:%Y-%m-%d} 报到")
    return row


@write
def change_record(
    *, mobile: MobileRecord, facts: Mapping[str, Any], actor: Any, reason: str = "", version: int | None = None
) -> MobileRecord:
    """Correct or complete the record: place, contact, dues, expected return."""
    row = locked(mobile)
    check_keeper(row, NOUN)
    check_version(row, version, dict(facts))
    if changed := assign(row, facts, FACTS):
        if "expected_return_on" in changed:
            _weigh_stay(row, reason)
        store(row)
        record(actor, "mobile_record.changed", row, data={"fields": sorted(changed)},
               summary=f"修改「{row.member}」流动登记的{labels(row, changed)}")  # fmt: skip
    return row


@write
def close_record(
    *, mobile: MobileRecord, on: datetime.date, today: datetime.date, actor: Any, note: str = "",
    version: int | None = None,
) -> MobileRecord:  # fmt: skip
    """结束流动: returned, transferred or gone on; `on` is the first day on which the record no longer holds."""
    row = locked(mobile)
    check_keeper(row, NOUN)
    check_version(row, version)
    check_not_future(on, today)
    if row.until is not None:
        raise Conflict(f"这项流动登记已于 {row.until:%Y-%m-%d} 结束。")
    if on <= row.since:
        raise DomainError(f"结束日期须晚于起始日期 {row.since:%Y-%m-%d}。", code="out_of_order", field="on")
    guard_spans([Span(row.org_path, on)])
    row.until = on
    assign(row, {"note": "；".join(filter(None, (row.note, note.strip())))}, ("note",))
    store(row)
    record(
        actor, "mobile_record.closed", row, summary=f"「{row.member}」自 {on:%Y-%m-%d} 起结束流动", data={"note": note}
    )
    return row


def _check_other_end(member: Member, other_org: PartyOrg | None) -> None:
    if other_org is None:
        return
    if other_org.pk == member.org_id:
        raise DomainError("流入地不能是党员自己的支部。", code="same_branch", field="other_org")
    if OrgKind(other_org.kind) in OVERSEEING or other_org.ended_on is not None:
        raise DomainError(f"「{other_org}」不能接收流动党员报到。", code="looks_after_nobody", field="other_org")


def _refuse_second(member: Member, since: datetime.date) -> None:
    """Out once at a time, whoever registered it."""
    open_ended = Q(until__isnull=True) | Q(until__gt=since)
    there = MobileRecord.objects.filter(open_ended, member=member).order_by("since").first()
    if there is None:
        return
    if there.direction == Direction.IN:
        raise Conflict(f"流入地党组织已登记「{member}」自 {there.since:%Y-%m-%d} 起流入，不需要再登记流出。")
    raise Conflict(f"「{member}」自 {there.since:%Y-%m-%d} 起已登记流出。")


def _check_report_day(row: MobileRecord, on: datetime.date, today: datetime.date) -> None:
    check_not_future(on, today, field="reported_on")
    if on < row.since:
        raise DomainError(f"报到日期不能早于起始日期 {row.since:%Y-%m-%d}。", code="out_of_order", field="reported_on")


def _fill(row: MobileRecord, facts: Mapping[str, Any], reason: str) -> None:
    assign(row, facts, FACTS)
    if row.expected_return_on is not None and row.expected_return_on <= row.since:
        raise DomainError("预计返回日期须晚于起始日期。", code="out_of_order", field="expected_return_on")
    _weigh_stay(row, reason)
    guard_spans([Span(row.org_path or row.org.path, row.since)])
    store(row)


def _weigh_stay(row: MobileRecord, reason: str) -> None:
    """A stay that is too short needs a reason, which stays in the note."""
    finding = short_stay_finding(row.since, row.expected_return_on)
    if finding is not None:
        weigh([finding], reason)
        assign(row, {"note": "；".join(filter(None, (row.note, f"说明：{reason.strip()}")))}, ("note",))


def absence_of(row: MobileRecord, on: datetime.date) -> Any:
    """What the rules say about an absence of this length on the day; None for nothing."""
    return long_absence_finding(MobileReason(row.reason), row.since, on) if row.holds_on(on) else None
