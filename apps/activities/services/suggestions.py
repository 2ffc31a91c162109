"""合理化建议: proposed, taken up or declined, and what came of it. No closed quarter counts suggestions."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.text import clean_name
from apps.core.versions import check_version
from apps.members.models import Member
from apps.members.services.common import assign, check_not_future, labels, locked, store

from ..kinds import SuggestionState
from ..models import Suggestion
from ..rules.pioneers import may_become
from .pioneers import check_enterprise

FACTS: Final = ("content", "proposed_on", "enterprise")


@write
def propose(
    *, org: PartyOrg, facts: Mapping[str, Any], today: datetime.date, actor: Any, member: Member | None = None,
    proposer: str = "",
) -> Suggestion:  # fmt: skip
    """登记建议 of a member, or of somebody who is only named. Raises DomainError for one that is registered."""
    row = Suggestion(org=org, member=member)
    assign(row, {"proposer": member.name if member else proposer}, ("proposer",))
    assign(row, facts, FACTS)
    _check(row, today)
    store(row)
    record(actor, "suggestion.proposed", row, summary=f"登记{row.proposer}的合理化建议")
    return row


@write
def change_suggestion(
    *, suggestion: Suggestion, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> Suggestion:
    """Correct what was proposed, when and to whom, while nobody has answered."""
    row = locked(suggestion)
    check_version(row, version, dict(facts))
    if row.state != SuggestionState.PROPOSED:
        raise Conflict("这条建议已经答复，不能再改内容。")
    if changed := assign(row, facts, FACTS):
        _check(row, today)
        store(row)
        record(actor, "suggestion.changed", row, data={"fields": sorted(changed)},
               summary=f"修改{row.proposer}合理化建议的{labels(row, changed)}")  # fmt: skip
    return row


@write
def answer_suggestion(
    *, suggestion: Suggestion, adopted: bool, on: datetime.date, answer: str, today: datetime.date, actor: Any,
    version: int | None = None,
) -> Suggestion:  # fmt: skip
    """答复: taken up or declined. What was declined may be taken up later; a refusal says why."""
    row = locked(suggestion)
    check_version(row, version)
    target = SuggestionState.ADOPTED if adopted else SuggestionState.DECLINED
    _check_may(row, target)
    check_not_future(on, today)
    if on < row.proposed_on:
        raise DomainError(f"不能早于提出日期 {row.proposed_on:%Y-%m-%d}。", code="out_of_order", field="on")
    if not adopted and not clean_name(answer):
        raise DomainError("不采纳的，请说明理由。", code="reason_needed", field="answer")
    facts = {"decided_on": on, "answer": answer, "state": target.value}
    assign(row, facts, tuple(facts))
    store(row)
    record(actor, "suggestion.answered", row, summary=f"{row.proposer}的合理化建议：{target.label}")
    return row


@write
def tell_effect(
    *, suggestion: Suggestion, effect: str, benefit: Decimal | None, actor: Any, version: int | None = None
) -> Suggestion:
    """记效果 of a suggestion that was taken up: what it brought, in words and, where reckoned, in 万元."""
    row = locked(suggestion)
    check_version(row, version)
    _check_may(row, SuggestionState.EFFECTIVE)
    if not clean_name(effect):
        raise DomainError("请填写效果。", code="nothing", field="effect")
    if benefit is not None and benefit < 0:
        raise DomainError("效益不能小于 0。", code="negative", field="benefit")
    facts = {"effect": effect, "benefit": benefit, "state": SuggestionState.EFFECTIVE.value}
    assign(row, facts, tuple(facts))
    store(row)
    record(actor, "suggestion.took_effect", row, summary=f"记录{row.proposer}合理化建议的效果")
    return row


def _check(row: Suggestion, today: datetime.date) -> None:
    check_not_future(row.proposed_on, today, field="proposed_on")
    check_enterprise(row.enterprise, row.org)
    same = Suggestion.objects.filter(
        org=row.org, proposer=row.proposer, proposed_on=row.proposed_on, content=row.content
    )
    if same.exclude(pk=row.pk).exists():
        raise DomainError("这条建议已登记。", code="known", field="content")


def _check_may(row: Suggestion, target: SuggestionState) -> None:
    if not may_become(SuggestionState(row.state), target):
        raise Conflict(f"这条建议{SuggestionState(row.state).label}，不能改为{target.label}。")
