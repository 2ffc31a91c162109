"""班子任职: who is elected, appointed or sent into a post, and when the post ends.

No closed quarter counts posts: a committee that was elected years ago can be registered today, as its term can.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q

from apps.branches.models import PartyOrg, Term
from apps.branches.rules import OrgKind
from apps.core.attachments import attachments_of
from apps.core.audit import record, write
from apps.core.bulk import update_rows
from apps.core.errors import Conflict, DomainError
from apps.core.regulations import Finding
from apps.core.scoping import unscoped
from apps.core.text import clean_name
from apps.core.versions import check_version

from ..kinds import PostRole
from ..models import Member, Post
from ..rules.posts import (
    deputies_finding,
    document_finding,
    party_age_finding,
    place_finding,
    probationary_finding,
)
from .common import assign, check_not_future, check_on_roster, labels, locked, store, weigh

FACTS: Final = (
    "basis", "source", "source_unit", "concurrent", "full_time", "document", "document_on", "note",
)  # fmt: skip
"""What may be corrected afterwards; the post itself and its dates change by ending it and appointing anew."""

ENDED_ON = "该职务已于 {day:%Y-%m-%d} 结束。"


@write
def appoint(
    *, org: PartyOrg, role: PostRole, since: datetime.date, facts: Mapping[str, Any], today: datetime.date, actor: Any,
    member: Member | None = None, name: str = "", reason: str = "",
) -> Post:  # fmt: skip
    """任职 in `org` from `since` on: a member of a roster, or somebody sent, who is only named.

    The term is the organisation's on that day. A member who holds the same post already is refused; other posts at
    the same time are allowed. Raises DomainError where the rules refuse, or ask for a `reason`.
    """
    check_not_future(since, today, field="since")
    if org.founded_on is not None and since < org.founded_on:
        raise DomainError(
            f"「{org}」成立于 {org.founded_on:%Y-%m-%d}，不能早于这一天。", code="org_young", field="since"
        )
    if org.ended_on is not None:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销。", code="org_ended", field="org")
    post = Post(org=org, role=role.value, since=since, term=term_on(org, since))
    if member is not None:
        member = locked(member)
        check_on_roster(member)
        post.member, post.name = member, member.name
    else:
        assign(post, {"name": name}, ("name",))
    assign(post, facts, FACTS)
    findings = _findings(post, member)
    weigh(findings, reason)
    if any(finding.asks_reason for finding in findings):
        assign(post, {"note": "；".join(filter(None, [post.note, clean_name(reason)]))}, ("note",))
    store(post)
    record(actor, "post.appointed", post, summary=f"{post.name}自 {since:%Y-%m-%d} 起任「{org}」{role.label}")
    return post


@write
def change_post(*, post: Post, facts: Mapping[str, Any], actor: Any, version: int | None = None) -> Post:
    """Correct how somebody came into a post, from where, and the paper above it."""
    row = locked(post)
    check_version(row, version, dict(facts))
    if changed := assign(row, facts, FACTS):
        store(row)
        record(actor, "post.changed", row, data={"fields": sorted(changed)},
               summary=f"修改{row.name}「{row.org}」{row.get_role_display()}任职的{labels(row, changed)}")  # fmt: skip
    return row


@write
def end_post(
    *, post: Post, on: datetime.date, today: datetime.date, actor: Any, reason: str = "", version: int | None = None
) -> Post:
    """免职、离任: `on` is the first day on which the post is no longer held. Raises DomainError, Conflict."""
    row = locked(post)
    check_version(row, version)
    check_not_future(on, today)
    if row.until is not None:
        raise DomainError(ENDED_ON.format(day=row.until), code="ended")
    if on <= row.since:
        raise DomainError(f"须晚于任职日期 {row.since:%Y-%m-%d}。", code="before_post", field="on")
    row.until = on
    if reason.strip():
        assign(row, {"note": "；".join(filter(None, [row.note, reason]))}, ("note",))
    store(row)
    record(
        actor, "post.ended", row, summary=f"{row.name}自 {on:%Y-%m-%d} 起不再任「{row.org}」{row.get_role_display()}"
    )
    return row


@write
def withdraw_post(*, post: Post, reason: str, actor: Any, version: int | None = None) -> PartyOrg:
    """撤销登记 of a post that nobody held: the row goes, its history stays. Returns the organisation.

    Raises DomainError without a reason or while files hang on it.
    """
    row = locked(post)
    check_version(row, version)
    if not reason.strip():
        raise DomainError("请说明撤销登记的原因。", code="reason_needed", field="reason")
    if attachments_of(row).exists():
        raise DomainError("这项任职有附件，请先删除附件。", code="has_files")
    org: PartyOrg = row.org
    record(actor, "post.withdrawn", row, data={"reason": clean_name(reason)},
           summary=f"撤销{row.name}任「{org}」{row.get_role_display()}的登记：{clean_name(reason)}")  # fmt: skip
    row.delete()
    return org


def end_posts(posts: Any, on: datetime.date, *, late: bool = False) -> int:
    """End whatever of `posts` goes on beyond the day, in one statement; returns how many ended.

    A post that began on the day or later stops everything with Conflict; `late`
    (a day that came out only afterwards, of a branch that the caller may not correct) gives it one day instead.
    """
    going = posts.filter(Q(until__isnull=True) | Q(until__gt=on)).order_by("since", "pk")
    rows = list(going.select_for_update(of=("self",)))
    young = next((row for row in rows if row.since >= on), None)
    if young is not None and not late:
        raise Conflict(f"「{young}」的任职自 {young.since:%Y-%m-%d} 起，不早于 {on:%Y-%m-%d}，请先核对。")
    return update_rows(Post, {row.pk: {"until": max(on, row.since + datetime.timedelta(days=1))} for row in rows})


def end_posts_in(org: PartyOrg, member: Member, on: datetime.date) -> int:
    """Whoever leaves the roster of a branch holds no post in it (or in its groups) any more; returns how many ended."""
    return end_posts(Post.objects.filter(member=member, org_path__startswith=org.path), on, late=True)


def end_all_posts(member: Member, on: datetime.date, *, late: bool = False) -> int:
    """Whoever leaves the portal or the Party holds no post anywhere, also above the branch; returns how many ended."""
    with unscoped("the posts of one member, who was found in the scope, end with the membership; a count"):
        return end_posts(Post.objects.filter(member=member), on, late=late)


def term_on(org: PartyOrg, day: datetime.date) -> Term | None:
    """The term of office of the organisation on the day."""
    found: Term | None = Term.objects.as_of(day).filter(org=org).first()
    return found


def _findings(post: Post, member: Member | None) -> list[Finding]:
    role = PostRole(post.role)
    others = Post.objects.as_of(post.since).filter(org=post.org, role=role)
    if member is not None and others.filter(member=member).exists():
        raise DomainError(f"{post.name}已任「{post.org}」{role.label}。", code="holds_it", field="member")
    found = [place_finding(role, OrgKind(post.org.kind))]
    if member is not None:
        formal_on = member.formal_on
        found += [
            probationary_finding(role, formal=formal_on is not None and formal_on <= post.since),
            party_age_finding(role, formal_on, since=post.since),
        ]
    if role is PostRole.DEPUTY:
        found.append(deputies_finding(others.count() + 1))
    found.append(document_finding(role, post.document))
    return [finding for finding in found if finding is not None]
