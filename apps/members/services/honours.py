"""奖惩: honours, appointments and discipline of a member."""

from __future__ import annotations

import datetime
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.period_guard import guard_day
from apps.core.text import clean_name

from ..kinds import HonourKind
from ..models import Honour, Member
from .common import check_not_future, locked, store, tidied


@write
def add_honour(
    *, member: Member, kind: HonourKind, title: str, on: datetime.date, today: datetime.date, actor: Any,
    level: str = "", document: str = "", note: str = "",
) -> Honour:  # fmt: skip
    """登记奖惩: kept by the branch that answers for the member. 党纪处分 names its document."""
    member = locked(member)
    check_not_future(on, today)
    if kind is HonourKind.DISCIPLINE and not document.strip():
        raise DomainError("党纪处分须填写文号。", code="document_needed", field="document")
    if member.joined_on is not None and kind is HonourKind.DISCIPLINE and on < member.joined_on:
        raise DomainError(f"不能早于入党日期 {member.joined_on:%Y-%m-%d}。", code="before_joining", field="on")
    guard_day(member.org_path, on)
    texts = {name: tidied(name, text) for name, text in
             {"title": title, "level": level, "document": document, "note": note}.items()}  # fmt: skip
    honour = Honour(member=member, org=member.org, kind=kind.value, on=on, **texts)
    store(honour)
    record(actor, "member.honour_added", honour, data={"member": member.pk},
           summary=f"登记「{member.name}」{kind.label}：{honour.title}")  # fmt: skip
    return honour


@write
def remove_honour(*, honour: Honour, reason: str, actor: Any) -> Member:
    """撤销 an entry that was made by mistake, for a reason; the trail keeps what it said."""
    honour = locked(honour)
    if not reason.strip():
        raise DomainError("请说明撤销登记的原因。", code="reason_needed", field="reason")
    guard_day(honour.org_path, honour.on)
    member = honour.member
    kept = {"member": member.pk, "on": honour.on.isoformat(), "reason": clean_name(reason), "document": honour.document}
    record(actor, "member.honour_removed", honour, data=kept,
           summary=f"撤销「{member.name}」{honour.get_kind_display()}的登记：{honour.title}")  # fmt: skip
    honour.delete()
    return member
