"""A round from its opening to its closing, and what is opened again afterwards."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.branches.querysets import ancestor_paths
from apps.core.audit import record, write
from apps.core.closing import Closing, announce_closing
from apps.core.errors import Conflict, DomainError
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.core.text import clean_name
from apps.enterprises.services.common import store

from .. import progress, round_sql
from ..models import KIND_OF_PERIOD, CensusReturn, CensusRound
from ..parameters import thresholds
from ..period_lock import share
from ..rules import CENSUS, Action, State, due_day
from .moves import locked, note


class Opening(NamedTuple):
    """A round that was opened, or was open already, and how many returns it got."""

    round: CensusRound
    is_new: bool
    added: int


@write
def open_round(
    *, org: PartyOrg, period: Period, today: datetime.date, actor: Any, opens_on: datetime.date | None = None,
    due_on: datetime.date | None = None, on_time_days: int | None = None,
) -> Opening:  # fmt: skip
    """发起摸底: every enterprise below `org` that is there gets one return, pre-filled; one statement for all.

    Opening the same round again only adds the enterprises that have arrived since. Raises Conflict when it is
    closed, DomainError when an organisation above or below has a round of the same period, or for days that
    make no sense.
    """
    _check_days(period, opens_on, due_on, today)
    kind = KIND_OF_PERIOD[period.kind]
    _queue_up(kind, period)
    existing = CensusRound.objects.filter(org=org, kind=kind, period=str(period)).first()
    if existing is not None:
        return Opening(existing, False, add_arrivals(census_round=existing, today=today, actor=actor))
    _refuse_second_round(org, kind, period)
    if org.ended_on is not None and org.ended_on <= today:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销，不能发起摸底。", field="org", code="ended")
    numbers = thresholds(on=today, org_path=org.path)
    opens = opens_on or today
    row = CensusRound(
        org=org, kind=kind, period=str(period), title=f"{period.label}{'摸底' if kind != 'campaign' else '集中普查'}",
        starts_on=period.start, ends_on=period.end, opens_on=opens, due_on=due_on or due_day(opens, numbers),
        on_time_days=numbers.on_time_days if on_time_days is None else on_time_days,
        opened_by_name=getattr(actor, "display_name", "系统"),
    )  # fmt: skip
    row.org_path = org.path
    store(row)
    added = round_sql.insert_returns(row, row.as_of(today))
    record(actor, "census.opened", row, data={"period": row.period, "returns": added},
           summary=f"在「{org}」发起{row.title}，共 {added} 家企业，{row.due_on:%Y-%m-%d} 截止")  # fmt: skip
    return Opening(row, True, added)


@write
def add_arrivals(*, census_round: CensusRound, today: datetime.date, actor: Any) -> int:
    """Give a return to each enterprise that has arrived since the opening; returns how many. Conflict when closed."""
    row = share([census_round.pk])[census_round.pk]
    if not row.is_open:
        raise Conflict(f"{row.closing_sentence()}，不能再发起。")
    added = round_sql.insert_returns(row, row.as_of(today))
    if added:
        record(actor, "census.arrivals_added", row, data={"returns": added},
               summary=f"「{row.org}」{row.title}补入 {added} 家新入驻企业")  # fmt: skip
    return added


def tend_rounds(*, today: datetime.date) -> tuple[int, int]:
    """The hourly work of the system: new arrivals into the open rounds, expired reopenings locked again."""
    with unscoped("every open round takes its new arrivals, wherever it is"):
        rounds = list(CensusRound.objects.filter(closed_at=None, opens_on__lte=today))
        added = 0
        for row in rounds:
            try:
                added += add_arrivals(census_round=row, today=today, actor=None)
            except Conflict:  # closed in between
                continue
    return added, round_sql.lock_expired(today)


@write
def close_round(
    *, census_round: CensusRound, today: datetime.date, actor: Any, confirmed: bool = False
) -> CensusRound:
    """关闭摸底: locks every return and lets coverage take its snapshot, in one transaction.

    Two officers at once: the second one gets a Conflict that names the first. Returns that nobody has answered
    or checked must be `confirmed`, else DomainError (outstanding) counts them.
    """
    row = CensusRound.objects.select_for_update(of=("self",)).select_related("org").filter(pk=census_round.pk).first()
    if row is None:
        raise DomainError("这次摸底已不在您的范围内，请刷新后再试。", code="gone")
    if not row.is_open:
        raise Conflict(f"{row.closing_sentence()}，不能重复关闭。")
    counts = progress.totals(row, today=today)
    if counts.open_ends and not confirmed:
        raise DomainError(f"还有摸底表没有办完：{counts.open_ends}。确认后才能关闭。", basis=CENSUS, code="outstanding")
    as_of = row.as_of(today)
    states = round_sql.lock_returns(row, as_of)
    row.closed_at = timezone.now()
    row.closed_by_name = getattr(actor, "display_name", "系统")
    row.version += 1
    row.save(update_fields=["closed_at", "closed_by_name", "version"])
    record(actor, "census.closed", row, data={"period": row.period, **counts.as_json()},
           summary=f"关闭「{row.org}」{row.title}：应报 {counts.expected}、已报 {counts.reported}、已审 {counts.approved}")  # fmt: skip
    if row.locks_period:
        announce_closing(Closing(org=row.org, period=row.span, as_of=as_of, actor=actor, states=states))
    return row


@write
def reopen_returns(
    *, returns: Sequence[CensusReturn], until: datetime.date, reason: str, today: datetime.date, actor: Any
) -> list[CensusReturn]:
    """重新开放: locked returns of one enterprise or branch may be answered again until a day (included).

    The frozen figures stay; what the answers change in reports needs a 更正说明. All of them or none.
    """
    if not reason.strip():
        raise DomainError("请填写重新开放的理由。", field="reason")
    if until < today:
        raise DomainError("开放截止日期不能早于今天。", field="until")
    rows = locked(returns, Action.REOPEN, who="officer", today=today)
    for row in rows:
        row.state, row.locked_from, row.reopened_until, row.comment = State.RETURNED, "", until, clean_name(reason)[:300]
        row.version += 1
        row.save(update_fields=["state", "locked_from", "reopened_until", "comment", "version"])
    note(rows, Action.REOPEN, actor, comment=reason)
    first = rows[0]
    names = f"「{first.enterprise.name}」" if len(rows) == 1 else f"{len(rows)} 家企业"
    record(actor, "census.reopened", first, data={"returns": [row.pk for row in rows], "until": until.isoformat()},
           summary=f"重新开放{names}的{first.round.title}至 {until:%Y-%m-%d}：{clean_name(reason)}")  # fmt: skip
    return rows


def _check_days(
    period: Period, opens_on: datetime.date | None, due_on: datetime.date | None, today: datetime.date
) -> None:
    if period.start > today:
        raise DomainError(f"{period.label}尚未开始，不能发起摸底。", field="period", code="future_period")
    if opens_on is not None and opens_on > today:
        raise DomainError("开始日期不能晚于今天。", field="opens_on")
    if due_on is not None and due_on < (opens_on or today):
        raise DomainError("截止日期不能早于开始日期。", field="due_on")


def _queue_up(kind: str, period: Period) -> None:
    """Openings of one period follow each other anywhere in the tree, so that the second sees the first."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"census {kind} {period}"])


def _refuse_second_round(org: PartyOrg, kind: str, period: Period) -> None:
    """One enterprise answers once a period: no round above and none below may have the same one."""
    related = Q(org_path__in=ancestor_paths(org.path)) | Q(org_path__startswith=org.path)
    with unscoped("a round above or below asks the same enterprises"):
        other = CensusRound.objects.filter(related, kind=kind, period=str(period)).select_related("org").first()
    if other is None:
        return
    if other.org_path.startswith(org.path):
        message = f"下级组织「{other.org}」已开展{period.label}摸底，不能在上级再发起一次。"
    else:
        message = f"上级组织已开展{period.label}摸底，本组织的企业已包括在内。"
    raise DomainError(message, basis=CENSUS, code="round_exists", field="period")
