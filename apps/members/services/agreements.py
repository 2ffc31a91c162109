"""双重管理协议: signed for a year or so, renewed, ended early with a reason. The scan is a file of the agreement."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.period_guard import Span, guard_spans
from apps.core.versions import check_version
from apps.enterprises.models import Enterprise

from ..kinds import Relation
from ..models import DualAgreement, Member
from ..parameters import agreement_terms
from ..rules.mobile import usual_until
from .common import assign, check_not_future, labels, locked, store
from .people import check_keeper, check_looks_after, guest_of, home_of, refuse_own

FACTS: Final = ("number", "home_text", "signed_on", "contact_name", "note")
"""What may be corrected afterwards; the dates of an agreement change by renewing and ending it."""


@write
def sign_agreement_with(
    *, name: str, id_number: str, org: PartyOrg, enterprise: Enterprise | None, facts: Mapping[str, Any],
    since: datetime.date, today: datetime.date, actor: Any, until: datetime.date | None = None, phone: str = "",
    confirmed: bool = False,
) -> DualAgreement:  # fmt: skip
    """签订协议 with a person named by name and ID number; `facts` names columns of FACTS.

    Somebody on another roster of the portal is linked without a word about where; somebody unknown is registered
    with the relation elsewhere. Raises DomainError, Conflict for a closed period.
    """
    check_not_future(since, today, field="since")
    about = {"home_text": facts.get("home_text") or "", **({"phone": phone} if phone.strip() else {})}
    member = guest_of(
        org, name=name, id_number=id_number, enterprise=enterprise, facts=about, on=since, today=today, actor=actor,
        confirmed=confirmed,
    )  # fmt: skip
    where = enterprise or member.employer
    return _sign(member, where, org=org, facts=facts, since=since, until=until, today=today, actor=actor)


@write
def sign_agreement(
    *, member: Member, org: PartyOrg, facts: Mapping[str, Any], since: datetime.date, today: datetime.date, actor: Any,
    enterprise: Enterprise | None = None, until: datetime.date | None = None,
) -> DualAgreement:  # fmt: skip
    """签订协议 with a member of the scope: looked after here already, or of another roster."""
    check_not_future(since, today, field="since")
    check_looks_after(org)
    member = locked(member)
    if member.relation == Relation.LEFT:
        raise DomainError(f"「{member}」已离开名册。", code="left_already")
    refuse_own(member, org)
    where = enterprise or member.employer
    return _sign(member, where, org=org, facts=facts, since=since, until=until, today=today, actor=actor)


@write
def change_agreement(
    *, agreement: DualAgreement, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> DualAgreement:
    """Correct number, home organisation, day of signing, contact or note."""
    row = locked(agreement)
    check_keeper(row, "双重管理协议")
    check_version(row, version, dict(facts))
    if changed := assign(row, facts, FACTS):
        check_not_future(row.signed_on, today, field="signed_on")
        store(row)
        record(actor, "dual_agreement.changed", row, data={"fields": sorted(changed)},
               summary=f"修改「{row.member}」双重管理协议的{labels(row, changed)}")  # fmt: skip
    return row


@write
def renew_agreement(
    *, agreement: DualAgreement, since: datetime.date, signed_on: datetime.date, today: datetime.date, actor: Any,
    until: datetime.date | None = None, number: str = "", note: str = "",
) -> DualAgreement:  # fmt: skip
    """续签: another agreement of the same two sides, from `since` on; it may begin when the present one ends.

    Raises DomainError for a gap into the future, an overlap, and somebody whose relation has come here.
    """
    old = locked(agreement)
    check_keeper(old, "双重管理协议")
    member = old.member
    if member.relation == Relation.LEFT:
        raise DomainError(f"「{member}」已离开名册。", code="left_already")
    refuse_own(member, old.org)
    if since < old.expires_on:
        message = (
            f"原协议有效至 {old.expires_on - datetime.timedelta(days=1):%Y-%m-%d}，续签须自 {old.until:%Y-%m-%d} 起。"
        )
        raise DomainError(message, code="overlap", field="since")
    if since > max(today, old.expires_on):
        raise DomainError("续签日期不能晚于原协议到期之日和今天。", code="future", field="since")
    facts = {"number": number, "home_text": old.home_text, "signed_on": signed_on,
             "contact_name": old.contact_name, "note": note}  # fmt: skip
    where = old.enterprise if home_of(member) else member.employer
    row = _new(member, where, org=old.org, facts=facts, since=since, until=until, today=today)
    record(actor, "dual_agreement.renewed", row, data={"after": old.pk},
           summary=f"续签「{member}」的双重管理协议，{_span(row)}")  # fmt: skip
    return row


@write
def end_agreement(
    *, agreement: DualAgreement, on: datetime.date, reason: str, today: datetime.date, actor: Any,
    version: int | None = None,
) -> DualAgreement:  # fmt: skip
    """提前终止: from `on` on it no longer holds, for a stated reason."""
    row = locked(agreement)
    check_keeper(row, "双重管理协议")
    check_version(row, version)
    check_not_future(on, today)
    if not reason.strip():
        raise DomainError("请说明提前终止的原因。", code="reason_needed", field="reason")
    if not row.since < on < row.expires_on:
        last = row.expires_on - datetime.timedelta(days=1)
        message = f"协议自 {row.since:%Y-%m-%d} 至 {last:%Y-%m-%d} 有效，终止日期须在这之间，且晚于起始日期。"
        raise DomainError(message, code="not_in_force", field="on")
    guard_spans([Span(row.org_path, on, row.until)])
    assign(row, {"until": on, "ended_reason": reason}, ("until", "ended_reason"))
    store(row)
    record(actor, "dual_agreement.ended", row, data={"on": on.isoformat()},
           summary=f"自 {on:%Y-%m-%d} 起终止「{row.member}」的双重管理协议：{row.ended_reason}")  # fmt: skip
    return row


def _sign(
    member: Member, enterprise: Enterprise | None, *, org: PartyOrg, facts: Mapping[str, Any], since: datetime.date,
    until: datetime.date | None, today: datetime.date, actor: Any,
) -> DualAgreement:  # fmt: skip
    row = _new(member, enterprise, org=org, facts=facts, since=since, until=until, today=today)
    record(actor, "dual_agreement.signed", row, summary=f"「{org}」与「{member}」签订双重管理协议，{_span(row)}")
    return row


def _new(
    member: Member, enterprise: Enterprise | None, *, org: PartyOrg, facts: Mapping[str, Any], since: datetime.date,
    until: datetime.date | None, today: datetime.date,
) -> DualAgreement:  # fmt: skip
    row = DualAgreement(member=member, enterprise=enterprise, org=org, other_org=home_of(member), since=since)
    assign(row, {"signed_on": since, **facts}, FACTS)
    row.until = until or usual_until(since, agreement_terms(since, org.path))
    row.home_text = row.home_text or member.home_text
    check_not_future(row.signed_on, today, field="signed_on")
    if row.until <= row.since:
        raise DomainError("到期日期须晚于起始日期。", code="out_of_order", field="until")
    if row.other_org is None and not row.home_text:
        raise DomainError("请填写组织关系所在党组织。", code="home_needed", field="home_text")
    guard_spans([Span(org.path, since, row.until)])
    store(row)
    return row


def _span(row: DualAgreement) -> str:
    return f"自 {row.since:%Y-%m-%d} 至 {row.until:%Y-%m-%d}"
