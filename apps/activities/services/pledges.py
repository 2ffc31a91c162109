"""公开承诺: promised by members, kept on the way, verified by the branch. No closed quarter counts promises."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.errors import Conflict, DomainError
from apps.core.text import clean_name
from apps.core.versions import check_version
from apps.members.kinds import Relation
from apps.members.models import Member
from apps.members.services.common import assign, check_not_future, labels, locked, store, tidied

from ..kinds import PledgeState
from ..models import PioneerPost, Pledge
from ..rules.pioneers import PLEDGES, is_same_person, may_follow

FACTS: Final = ("content", "due_on", "post")


@write
def make_pledges(
    *, org: PartyOrg, promises: Sequence[tuple[Member, str]], made_on: datetime.date, due_on: datetime.date,
    today: datetime.date, actor: Any, post: PioneerPost | None = None,
) -> list[Pledge]:  # fmt: skip
    """登记承诺 of one member or of many at once: (member, what is promised). All or none.

    Raises DomainError for somebody who is not of the branch, for a promise already registered and open, for days
    that do not follow each other.
    """
    check_not_future(made_on, today, field="made_on")
    if due_on < made_on:
        raise DomainError("兑现期限不能早于承诺日期。", code="out_of_order", field="due_on")
    if not promises:
        raise DomainError("请至少填写一名党员的承诺事项。", code="nothing", field="common")
    known = set(Pledge.objects.open().filter(member__in=[m for m, _ in promises]).values_list("member", "content"))
    made = []
    for member, text in promises:
        content = tidied("content", text)
        if member.relation == Relation.LEFT or not member.org_path.startswith(org.path):
            raise DomainError(f"「{member.name}」不在「{org}」。", code="not_of_org", field="member")
        if (member.pk, content) in known:
            raise DomainError(f"「{member.name}」的这项承诺已登记，还没有验收。", code="known", field="content")
        known.add((member.pk, content))
        pledge = Pledge(org=member.org, member=member, post=post, content=content, made_on=made_on, due_on=due_on)
        store(pledge)
        made.append(pledge)
        record(actor, "pledge.made", pledge, summary=f"登记{member.name}的公开承诺")
    return made


@write
def change_pledge(*, pledge: Pledge, facts: dict[str, Any], actor: Any, version: int | None = None) -> Pledge:
    """Correct what is promised and by when, while it is open."""
    row = locked(pledge)
    check_version(row, version, dict(facts))
    _check_may(row, PledgeState.VERIFIED)
    if changed := assign(row, facts, FACTS):
        if row.due_on < row.made_on:
            raise DomainError("兑现期限不能早于承诺日期。", code="out_of_order", field="due_on")
        store(row)
        record(actor, "pledge.changed", row, data={"fields": sorted(changed)},
               summary=f"修改{row.member.name}公开承诺的{labels(row, changed)}")  # fmt: skip
    return row


@write
def note_progress(
    *, pledge: Pledge, on: datetime.date, text: str, today: datetime.date, actor: Any, version: int | None = None
) -> Pledge:
    """记进展: one more note with its day and who wrote it; the notes stand in the order of their days."""
    row = locked(pledge)
    check_version(row, version)
    _check_may(row, PledgeState.KEEPING)
    check_not_future(on, today)
    if on < row.made_on:
        raise DomainError(f"不能早于承诺日期 {row.made_on:%Y-%m-%d}。", code="out_of_order", field="on")
    said = tidied("text", text)
    if not said:
        raise DomainError("请填写进展。", code="nothing", field="text")
    note = {"on": on.isoformat(), "note": said, "by": actor.display_name}
    row.progress = sorted([*row.progress, note], key=lambda each: str(each["on"]))
    row.state = PledgeState.KEEPING.value
    store(row)
    record(actor, "pledge.progressed", row, summary=f"记录{row.member.name}公开承诺的进展（{on:%Y-%m-%d}）")
    return row


@write
def verify_pledge(
    *, pledge: Pledge, kept: bool, on: datetime.date, by: str, verdict: str, today: datetime.date, actor: Any,
    version: int | None = None,
) -> Pledge:  # fmt: skip
    """验收 by the branch: kept or not, who says so, and why. Nobody verifies the own promise.

    Accounts are not tied to the roster: whoever works under the member's name is taken for the member, unless the
    phones of both are known and differ; the verifier's name must not be the member's either. Raises DomainError;
    Conflict when somebody else was faster.
    """
    row = locked(pledge)
    check_version(row, version)
    target = PledgeState.VERIFIED if kept else PledgeState.UNKEPT
    _check_may(row, target)
    check_not_future(on, today)
    if on < row.made_on:
        raise DomainError(f"不能早于承诺日期 {row.made_on:%Y-%m-%d}。", code="out_of_order", field="on")
    name = clean_name(by) or actor.display_name
    _check_not_own(row.member, name, actor)
    if not kept and not clean_name(verdict):
        raise DomainError("未兑现的，请说明情况。", code="reason_needed", field="verdict")
    facts = {"verified_on": on, "verified_by_name": name, "verdict": verdict, "state": target.value}
    assign(row, facts, tuple(facts))
    store(row)
    record(actor, "pledge.verified", row, summary=f"验收{row.member.name}的公开承诺（验收人：{name}）")
    return row


@write
def withdraw_verdict(*, pledge: Pledge, reason: str, actor: Any, version: int | None = None) -> Pledge:
    """撤回验收 that was entered by mistake: the promise is open again; who verified stays in the history."""
    row = locked(pledge)
    check_version(row, version)
    if row.verified_on is None:
        raise DomainError("这项承诺还没有验收。", code="open")
    if not clean_name(reason):
        raise DomainError("请说明撤回验收的原因。", code="reason_needed", field="reason")
    back = PledgeState.KEEPING if row.progress else PledgeState.PROMISED
    facts = {"verified_on": None, "verified_by_name": "", "verdict": "", "state": back.value}
    assign(row, facts, tuple(facts))
    store(row)
    record(actor, "pledge.verdict_withdrawn", row, data={"reason": clean_name(reason)},
           summary=f"撤回{row.member.name}公开承诺的验收：{clean_name(reason)}")  # fmt: skip
    return row


def _check_may(row: Pledge, target: PledgeState) -> None:
    if not may_follow(PledgeState(row.state), target):
        raise Conflict(f"这项承诺已于 {row.verified_on:%Y-%m-%d} 验收，不能再改。")


def _check_not_own(member: Member, verifier: str, actor: Any) -> None:
    own = is_same_person(actor.display_name, getattr(actor, "phone", ""), member.name, member.phone)
    if own:
        raise DomainError("承诺人不能验收自己的承诺，请由支部其他同志验收。", basis=PLEDGES, code="own_pledge")
    if verifier == member.name and verifier != actor.display_name:
        message = "验收人不能是承诺人本人；同名的请在姓名后注明职务。"
        raise DomainError(message, basis=PLEDGES, code="own_pledge", field="by")
