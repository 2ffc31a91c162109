"""届期: register terms that were held, correct them, end them with their organisation.

A term opened by an election comes from `elections.approve_election`. No closed quarter reports a term, so that
terms may be registered into the past without asking the closed periods.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.text import clean_name
from apps.core.versions import check_version

from ..models import Election, PartyOrg, Term
from ..rules import OrgKind, term_expiry, term_years
from ..rules.elections import ELECTED_BY, ElectionState
from ..rules.terms import TERM
from .common import check_day, locked

FACTS: Final = (
    "number", "since", "until", "expires_on", "expiry_reason", "seats", "result_document", "approval_document", "note",
)  # fmt: skip


@write
def record_term(
    *, org: PartyOrg, number: int, since: datetime.date, today: datetime.date, actor: Any,
    expires_on: datetime.date | None = None, **facts: Any,
) -> Term:  # fmt: skip
    """登记 a term that began on `since`; `expires_on` None takes the published length of the kind (XJ-05).

    It ends the term before it, and ends where a later one begins. Raises DomainError for an organisation that does
    not elect, an expiry that differs without a reason, numbers out of order, days that overlap.
    """
    org = locked(org)
    check_elects(org)
    check_day(since, today=today, field="since")
    term = Term(org=org, number=number, since=since)
    _assign(term, {**facts, "expires_on": expires_on or expiry_of(org, since)})
    _fit_between_neighbours(term)
    _check(term, today)
    store(term)
    record(actor, "term.recorded", term, summary=f"登记「{org.name}」{term}，自 {since:%Y-%m-%d} 起",
           data={"org": org.pk})  # fmt: skip
    return term


@write
def change_term(
    *, term: Term, changes: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> Term:
    """Correct a term; when its first day moves, the end of the term before it moves along.

    Raises Conflict when somebody else was faster, DomainError as `record_term` does.
    """
    org = locked(term.org)
    term = Term.objects.select_for_update(of=("self",)).select_related("org").get(pk=term.pk)
    check_version(term, version, dict(changes))
    began = term.since
    changed = _assign(term, changes)
    if not changed:
        return term
    check_day(term.since, today=today, field="since")
    before = list(Term.objects.select_for_update().filter(org=org, until=began).exclude(pk=term.pk))
    _check(term, today)
    if term.since < began:  # the neighbour makes room first
        _move_end(before, term.since)
    store(term)
    if term.since > began:
        _move_end(before, term.since)
    fields: list[Any] = [Term._meta.get_field(name) for name in changed]
    labels = "、".join(str(each.verbose_name) for each in fields)
    record(actor, "term.changed", term, summary=f"修改「{org.name}」{term}的{labels}", data={"fields": changed})
    return term


@write
def end_terms(*, org: PartyOrg, on: datetime.date, actor: Any) -> list[Term]:
    """End what an organisation that ends leaves open: its term from `on` on, and its running election is cancelled.

    Returns the terms that ended. Raises DomainError when a term began on that day or later.
    """
    ended = []
    for term in Term.objects.select_for_update(of=("self",)).select_related("org").filter(org=org, until=None):
        _end(term, on)
        record(actor, "term.ended", term, summary=f"「{org.name}」{term}自 {on:%Y-%m-%d} 起随组织终止",
               data={"org": org.pk})  # fmt: skip
        ended.append(term)
    running = Election.objects.running().select_for_update(of=("self",)).select_related("org").filter(org=org)
    for election in running:
        election.state = ElectionState.CANCELLED
        election.cancelled_on, election.cancel_reason = on, "党组织已撤销或合并"
        store(election)
        record(actor, "election.cancelled", election, summary=f"「{org.name}」撤销或合并，取消{election}")
    return ended


def open_successor(term: Term, today: datetime.date) -> Term:
    """Store a term that an election opened: it ends the one before. Raises DomainError as `record_term` does."""
    _fit_between_neighbours(term)
    _check(term, today)
    store(term)
    return term


def check_elects(org: PartyOrg) -> None:
    """Refuse organisations whose leaders are appointed: 临时党支部, 党建指导站 and the like have no term."""
    kind = OrgKind(org.kind)
    if term_years(kind) is None:
        message = f"「{org}」是{kind.label}，不进行换届选举，没有届期。"
        raise DomainError(message, basis=ELECTED_BY, code="does_not_elect")


def expiry_of(org: PartyOrg, since: datetime.date) -> datetime.date:
    """The first day on which a term that begins then is over by the published length. DomainError where there is none."""
    check_elects(org)
    expiry = term_expiry(OrgKind(org.kind), since)
    assert expiry is not None
    return expiry


def store(row: Any) -> None:
    """Validate against columns and constraints, raise the version of a changed row, save. Raises DomainError."""
    if row.pk:
        row.version += 1
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(messages[0], field="" if field == "__all__" else field) from error
    row.save()


def _assign(term: Term, facts: Mapping[str, Any]) -> list[str]:
    """Set the facts that differ; returns their names."""
    if unknown := set(facts) - set(FACTS):
        raise TypeError(f"not a fact of a term: {sorted(unknown)}")
    changed = []
    for name, value in facts.items():
        value = clean_name(value) if isinstance(value, str) else value
        if getattr(term, name) != value:
            setattr(term, name, value)
            changed.append(name)
    return changed


def _fit_between_neighbours(term: Term) -> None:
    """End the open term before it on its first day; let it end where the next one begins."""
    others = Term.objects.select_for_update().filter(org=term.org)
    before = others.filter(since__lt=term.since, until=None).first()
    if before is not None:
        _end(before, term.since)
    after = others.filter(since__gt=term.since).order_by("since").first()
    if after is not None and term.until is None:
        term.until = after.since


def _check(term: Term, today: datetime.date) -> None:
    """What no constraint says: a reason for another length, numbers in the order of time, nothing past the end."""
    usual = expiry_of(term.org, term.since)
    if term.expires_on != usual and not term.expiry_reason:
        message = f"自 {term.since:%Y-%m-%d} 起的一届按规定 {usual:%Y-%m-%d} 届满，填写别的日期请说明原因。"
        raise DomainError(message, basis=TERM, field="expiry_reason", code="reason_needed")
    if term.until is not None:
        check_day(term.until, today=today, field="until")
    ended_on = term.org.ended_on
    if ended_on is not None and (term.until is None or term.until > ended_on):
        if term.since >= ended_on:
            raise DomainError(f"「{term.org}」已于 {ended_on:%Y-%m-%d} 撤销。", field="since", code="ended")
        term.until = ended_on
    for number, since in Term.objects.filter(org=term.org).exclude(pk=term.pk).values_list("number", "since"):
        if number != term.number and (number < term.number) != (since < term.since):
            message = f"第{number}届自 {since:%Y-%m-%d} 起，与第{term.number}届的先后不符，请核对届次或日期。"
            raise DomainError(message, field="number", code="out_of_order")


def _move_end(terms: Iterable[Term], on: datetime.date) -> None:
    for each in terms:
        _end(each, on)


def _end(term: Term, on: datetime.date) -> None:
    if on <= term.since:
        message = f"「{term.org}」{term}自 {term.since:%Y-%m-%d} 起，不能在 {on:%Y-%m-%d} 结束，请核对日期。"
        raise DomainError(message, field="on", code="out_of_order")
    term.until = on
    store(term)
