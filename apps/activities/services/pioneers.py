"""先锋岗 and its relatives: set up, corrected, manned, ended; never deleted.

No closed quarter counts posts: what exists since years can be registered today. A seat of a member who leaves the
branch is not ended by anybody else's work: it reads as vacant from that day on (`with_holding`), and the branch mans
the post anew or leaves it to the others.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.bulk import insert_rows, update_rows
from apps.core.errors import DomainError
from apps.core.text import clean_name
from apps.core.versions import check_version
from apps.enterprises.models import Enterprise
from apps.members.kinds import Relation
from apps.members.models import Member
from apps.members.services.common import assign, check_not_future, labels, locked, store

from ..kinds import PostKind
from ..models import PioneerPost, PostMember

FACTS: Final = ("name", "enterprise", "place", "duty", "result")


@write
def set_up_post(
    *, org: PartyOrg, kind: PostKind, since: datetime.date, facts: Mapping[str, Any], today: datetime.date, actor: Any,
    members: Iterable[Member] = (), leader: Member | None = None,
) -> PioneerPost:  # fmt: skip
    """设立 a post of an organisation, from `since` on, with those who man it from the first day.

    Raises DomainError for a day to come, an organisation that did not exist, somebody who is not of it, a namesake.
    """
    check_not_future(since, today, field="since")
    _check_org(org, since)
    post = PioneerPost(org=org, kind=kind.value, since=since)
    assign(post, facts, FACTS)
    check_enterprise(post.enterprise, org)
    _check_namesake(post)
    store(post)
    _man(post, members, leader, since)
    record(actor, "pioneer_post.set_up", post, summary=f"设立{kind.label}「{post.name}」（{org}）")
    return post


@write
def change_post(*, post: PioneerPost, facts: Mapping[str, Any], actor: Any, version: int | None = None) -> PioneerPost:
    """Correct name, enterprise, place and duty, or write down the result."""
    row = locked(post)
    check_version(row, version, dict(facts))
    if changed := assign(row, facts, FACTS):
        check_enterprise(row.enterprise, row.org)
        if "name" in changed:
            _check_namesake(row)
        store(row)
        record(actor, "pioneer_post.changed", row, data={"fields": sorted(changed)},
               summary=f"修改{row.get_kind_display()}「{row.name}」的{labels(row, changed)}")  # fmt: skip
    return row


@write
def man_post(
    *, post: PioneerPost, members: Iterable[Member], leader: Member | None, on: datetime.date, today: datetime.date,
    actor: Any, version: int | None = None,
) -> PioneerPost:  # fmt: skip
    """调整成员: who is at the post from `on` on, and who leads. Whoever stays keeps the seat with its first day.

    Raises DomainError for a day outside the post's own, and for somebody who is not of the organisation.
    """
    row = locked(post)
    check_version(row, version)
    _check_running(row)
    check_not_future(on, today)
    if on < row.since:
        raise DomainError(f"不能早于设立日期 {row.since:%Y-%m-%d}。", code="before_post", field="on")
    came, left = _man(row, members, leader, on)
    store(row)
    record(actor, "pioneer_post.manned", row, data={"came": came, "left": left},
           summary=f"调整{row.get_kind_display()}「{row.name}」的成员：进 {came} 名，出 {left} 名")  # fmt: skip
    return row


@write
def end_post(
    *, post: PioneerPost, on: datetime.date, reason: str, today: datetime.date, actor: Any, result: str | None = None,
    version: int | None = None,
) -> PioneerPost:  # fmt: skip
    """撤销: `on` is the first day on which the post no longer exists; its seats end with it. The row stays."""
    row = locked(post)
    check_version(row, version)
    _check_running(row)
    check_not_future(on, today)
    if on <= row.since:
        raise DomainError(f"须晚于设立日期 {row.since:%Y-%m-%d}。", code="before_post", field="on")
    if not clean_name(reason):
        raise DomainError("请说明撤销原因。", code="reason_needed", field="reason")
    assign(row, {"until": on, "ended_reason": reason}, ("until", "ended_reason"))
    if result is not None:
        assign(row, {"result": result}, ("result",))
    seats = PostMember.objects.filter(post=row).select_for_update(of=("self",))
    if any(seat.since >= on for seat in seats):
        raise DomainError("有成员在这一天或以后才进入，请先调整成员。", code="young_seat", field="on")
    for seat in seats:
        if seat.until is None or seat.until > on:
            _end_seat(seat, on, row)
    store(row)
    record(actor, "pioneer_post.ended", row,
           summary=f"{row.get_kind_display()}「{row.name}」自 {on:%Y-%m-%d} 起撤销：{row.ended_reason}")  # fmt: skip
    return row


@dataclass(frozen=True)
class NewPost:
    """A post as a file or a generator gives it, checked before: `members` are ids, the leader among them."""

    org_id: int
    org_path: str
    kind: str
    name: str
    since: datetime.date
    until: datetime.date | None = None
    enterprise_id: int | None = None
    place: str = ""
    duty: str = ""
    result: str = ""
    ended_reason: str = ""
    leader_id: int | None = None
    members: Sequence[int] = field(default_factory=tuple)


@write
def install_posts(*, posts: Sequence[NewPost], actor: Any) -> list[int]:
    """Register any number of posts with their members in a fixed number of statements; returns their ids in order.

    The caller has checked them. Audited once for each organisation, so that each finds it in its own trail.
    """
    ids = write_posts(posts)
    counts: dict[str, int] = {}
    for post in posts:
        counts[post.org_path] = counts.get(post.org_path, 0) + 1
    for path, count in sorted(counts.items()):
        record(actor, "pioneer_post.installed", None, org_path=path, data={"count": count},
               summary=f"登记先锋岗等 {count} 个")  # fmt: skip
    return ids


def write_posts(posts: Sequence[NewPost]) -> list[int]:
    """The rows of the posts and of their seats: two statements."""
    ids = insert_rows(PioneerPost, [
        {"org_id": p.org_id, "org_path": p.org_path, "kind": p.kind, "name": p.name, "since": p.since, "until": p.until,
         "enterprise_id": p.enterprise_id, "place": p.place, "duty": p.duty, "result": p.result,
         "ended_reason": p.ended_reason}
        for p in posts
    ])  # fmt: skip
    insert_rows(PostMember, [
        {"org_id": p.org_id, "org_path": p.org_path, "post_id": pk, "member_id": member, "leads": member == p.leader_id,
         "since": p.since, "until": p.until}
        for pk, p in zip(ids, posts, strict=True)
        for member in dict.fromkeys([*([p.leader_id] if p.leader_id else []), *p.members])
    ])  # fmt: skip
    return ids


@dataclass(frozen=True)
class Crew:
    """Who shall be at a post from `on` on: ids of members, the leader among them."""

    org_id: int
    org_path: str
    members: Sequence[int]
    leader_id: int | None


def write_crews(crews: Mapping[int, Crew], on: datetime.date) -> None:
    """Let the seats of many posts ({post id: crew}) read so from the day on, in three statements; checked before."""
    seats: dict[int, list[PostMember]] = {pk: [] for pk in crews}
    for seat in PostMember.objects.open().filter(post__in=list(crews)).order_by("pk"):
        seats[seat.post_id].append(seat)
    ended: dict[int, dict[str, Any]] = {}
    led: dict[int, dict[str, Any]] = {}
    begun: list[dict[str, Any]] = []
    for pk, crew in crews.items():
        wanted = list(dict.fromkeys([*([crew.leader_id] if crew.leader_id else []), *crew.members]))
        for seat in seats[pk]:
            if seat.member_id not in wanted:
                ended[seat.pk] = {"until": max(on, seat.since + DAY)}
            elif seat.leads != (seat.member_id == crew.leader_id):
                led[seat.pk] = {"leads": seat.member_id == crew.leader_id}
        there = {seat.member_id for seat in seats[pk]}
        begun += [
            {"org_id": crew.org_id, "org_path": crew.org_path, "post_id": pk, "member_id": member,
             "leads": member == crew.leader_id, "since": on}
            for member in wanted if member not in there
        ]  # fmt: skip
    update_rows(PostMember, ended)
    update_rows(PostMember, led)
    insert_rows(PostMember, begun)


DAY: Final = datetime.timedelta(days=1)


def _man(post: PioneerPost, members: Iterable[Member], leader: Member | None, on: datetime.date) -> tuple[int, int]:
    """Begin and end seats so that they are of these members from `on` on; returns how many came and left."""
    wanted = {member.pk: member for member in (*([leader] if leader else []), *members)}
    for member in wanted.values():
        _check_of_org(member, post.org)
    seats = list(PostMember.objects.open().filter(post=post).select_for_update(of=("self",)))
    if any(seat.since > on for seat in seats):
        raise DomainError("有成员在这一天以后才进入，请选择较晚的日期。", code="young_seat", field="on")
    left = 0
    for seat in seats:
        leads = leader is not None and seat.member_id == leader.pk
        if seat.member_id not in wanted:
            left += 1
            if seat.since == on:
                seat.delete()
            else:
                _end_seat(seat, on, post)
        elif seat.leads != leads:
            seat.leads = leads
            _store_seat(seat, post)
    there = {seat.member_id for seat in seats}
    new = [member for pk, member in wanted.items() if pk not in there]
    for member in new:
        leads = leader is not None and member.pk == leader.pk
        _store_seat(PostMember(post=post, member=member, leads=leads, since=on), post)
    return len(new), left


def _end_seat(seat: PostMember, on: datetime.date, post: PioneerPost) -> None:
    seat.until = on
    _store_seat(seat, post)


def _store_seat(seat: PostMember, post: PioneerPost) -> None:
    """A seat lies where its post lies today, also after the branch was merged into another."""
    seat.org = post.org
    store(seat)


def _check_org(org: PartyOrg, on: datetime.date) -> None:
    if org.founded_on is not None and on < org.founded_on:
        raise DomainError(
            f"「{org}」成立于 {org.founded_on:%Y-%m-%d}，不能早于这一天。", code="org_young", field="since"
        )
    if org.ended_on is not None:
        raise DomainError(f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销。", code="org_ended", field="org")


def _check_of_org(member: Member, org: PartyOrg) -> None:
    """Of the roster of the organisation or of one below it, or looked after there."""
    if member.relation == Relation.LEFT or not member.org_path.startswith(org.path):
        raise DomainError(f"「{member.name}」不在「{org}」，请先办理组织关系。", code="not_of_org", field="members")


def _check_namesake(post: PioneerPost) -> None:
    same = PioneerPost.objects.open().filter(org=post.org, kind=post.kind, name=post.name).exclude(pk=post.pk)
    if same.exists():
        label = PostKind(post.kind).label
        raise DomainError(f"「{post.org}」已有{label}「{post.name}」，请换一个名称。", code="namesake", field="name")


def _check_running(post: PioneerPost) -> None:
    if post.until is not None:
        raise DomainError(f"已于 {post.until:%Y-%m-%d} 撤销。", code="ended")


def check_enterprise(enterprise: Enterprise | None, org: PartyOrg) -> None:
    """A post or a suggestion names an enterprise that the organisation, or one above it, answers for."""
    if enterprise is None:
        return
    if not (enterprise.org_path.startswith(org.path) or org.path.startswith(enterprise.org_path)):
        raise DomainError(f"「{enterprise}」不在「{org}」的工作范围内。", code="foreign_enterprise", field="enterprise")
