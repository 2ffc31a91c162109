"""The whole story of a member, told from the dated rows: where the relation was, what was done, what was given.

Only what lies in the scope of the reader is told: rows of a branch that the member has left stay with that branch.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from apps.core.panels import StoryEvent

from .kinds import Direction, Entry, LeavingReason, Relation
from .models import (
    ContactNote,
    Departure,
    DualAgreement,
    Honour,
    LostContact,
    Member,
    Membership,
    MobileRecord,
    Post,
    Talent,
    Transfer,
    Visitor,
)

_BEGINS = {
    Entry.INITIAL: "登记在「{}」名册",
    Entry.ADMITTED: "在「{}」入党",
    Entry.TRANSFERRED: "转入「{}」",
    Entry.RESTRUCTURED: "随组织调整转到「{}」",
    Entry.RESTORED: "恢复在「{}」的组织关系",
}
_GOES_ON = (LeavingReason.REGROUPED, LeavingReason.RESTRUCTURED)


def story_of(member: Member, today: datetime.date) -> list[StoryEvent]:
    """Every event in the reader's scope, newest first; what ends on a day to come is not told yet."""
    parts = (_person, _memberships, _transfers, _mobile, _agreements, _contacts, _posts, _honours, _departures, _visits)
    events = [event for part in parts for event in part(member) if event.on <= today]
    return sorted(events, key=lambda event: event.on, reverse=True)


def _person(member: Member) -> Iterator[StoryEvent]:
    if member.work_since:
        yield StoryEvent(member.work_since, "参加工作", kind="经历")
    if member.joined_on:
        yield StoryEvent(member.joined_on, "入党", "接收为预备党员", kind="党籍")
    if member.formal_on:
        yield StoryEvent(member.formal_on, "转为正式党员", kind="党籍")
    if member.placement_since:
        yield StoryEvent(member.placement_since, "所在企业离开园区，待安置", str(member.employer or ""), kind="安置")
    if member.lost_since:
        yield StoryEvent(member.lost_since, "失去联系", kind="失联")
    if member.relation == Relation.LEFT and member.left_on and member.leaving_reason == LeavingReason.MISTAKEN:
        yield StoryEvent(member.left_on, "登记有误，已撤回", kind="组织关系")


def _memberships(member: Member) -> Iterator[StoryEvent]:
    for row in Membership.objects.filter(member=member).select_related("org", "group", "enterprise"):
        where = [f"党小组：{row.group}" if row.group else "", f"所在企业：{row.enterprise}" if row.enterprise else ""]
        text = "；".join(filter(None, (*where, row.note)))
        title = _BEGINS.get(Entry(row.entry), "支部内调整").format(row.org.name)
        yield StoryEvent(row.since, title, text, kind="组织关系")
        if row.until and row.exit and row.exit not in _GOES_ON:
            yield StoryEvent(row.until, f"离开「{row.org.name}」：{row.get_exit_display()}", row.note, kind="组织关系")


def _transfers(member: Member) -> Iterator[StoryEvent]:
    for row in Transfer.objects.filter(member=member).select_related("org", "other_org"):
        to = row.outside or str(row.other_org or "")
        way = f"由「{to}」转入「{row.org}」" if row.kind == "in" else f"由「{row.org}」转往「{to}」"
        url = row.get_absolute_url()
        yield StoryEvent(row.requested_on, f"申请转接：{way}", row.reason, url, kind="转接")
        if row.letter_on:
            yield StoryEvent(row.letter_on, f"开具介绍信{row.letter_number}", _until(row.valid_until), url, kind="转接")
        if row.ended_on:
            yield StoryEvent(row.ended_on, f"转接{row.get_state_display()}：{way}", row.return_reason, url, kind="转接")


def _mobile(member: Member) -> Iterator[StoryEvent]:
    for row in MobileRecord.objects.filter(member=member).select_related("org", "other_org"):
        other = row.counterpart or str(row.other_org or "")
        text = "，".join(filter(None, (row.place, other, row.get_reason_display())))
        url = row.get_absolute_url()
        yield StoryEvent(row.since, f"登记{row.get_direction_display()}（{row.org}）", text, url, kind="流动")
        if row.until:
            what = "返回" if row.direction == Direction.OUT else "离开"
            yield StoryEvent(row.until, f"{row.get_direction_display()}党员{what}", row.note, url, kind="流动")


def _agreements(member: Member) -> Iterator[StoryEvent]:
    for row in DualAgreement.objects.filter(member=member).select_related("org", "other_org"):
        home = row.home_text or str(row.other_org or "")
        text = "，".join(filter(None, (f"「{row.org}」与「{home}」", _until(row.until))))
        url = row.get_absolute_url()
        yield StoryEvent(row.signed_on, f"签订双重管理协议{row.number}", text, url, kind="双重管理")
        if row.until:
            title = "双重管理协议提前终止" if row.ended_reason else "双重管理协议到期"
            yield StoryEvent(row.until, title, row.ended_reason, url, kind="双重管理")


def _contacts(member: Member) -> Iterator[StoryEvent]:
    for row in ContactNote.objects.filter(member=member):
        text = f"思想动态：{row.thoughts}；学习情况：{row.study}；现实表现：{row.conduct}"
        yield StoryEvent(row.on, f"{row.get_method_display()}联系：{row.contact_name}", text, kind="联系")


def _posts(member: Member) -> Iterator[StoryEvent]:
    for row in Post.objects.filter(member=member).select_related("org"):
        what = f"{row.org}{row.get_role_display()}"
        text = "，".join(filter(None, (row.get_basis_display(), row.document)))
        yield StoryEvent(row.since, f"任{what}", text, row.get_absolute_url(), kind="任职")
        if row.until:
            yield StoryEvent(row.until, f"不再担任{what}", row.note, row.get_absolute_url(), kind="任职")
    for talent in Talent.objects.filter(member=member):
        title = f"列入党务人才库：{talent.get_kind_display()}"
        yield StoryEvent(talent.joined_on, title, talent.note, talent.get_absolute_url(), kind="任职")


def _honours(member: Member) -> Iterator[StoryEvent]:
    for row in Honour.objects.filter(member=member):
        text = "，".join(filter(None, (row.level, row.document, row.note)))
        yield StoryEvent(row.on, f"{row.get_kind_display()}：{row.title}", text, kind="奖惩")


def _departures(member: Member) -> Iterator[StoryEvent]:
    for row in Departure.objects.filter(member=member).select_related("enterprise"):
        text = "，".join(filter(None, (str(row.enterprise or ""), row.destination)))
        yield StoryEvent(row.left_post_on, f"离开岗位：{row.get_reason_display()}", text, kind="离职")
        if row.placed_on:
            yield StoryEvent(row.placed_on, "离职去向已落实", row.note, kind="离职")
    for case in LostContact.objects.filter(member=member):
        yield StoryEvent(
            case.opened_on, f"失联：{case.get_stage_display()}", f"自 {case.since:%Y-%m-%d} 起", kind="失联"
        )
        if case.decided_on:
            text = "，".join(filter(None, (case.document, case.note)))
            yield StoryEvent(case.decided_on, f"失联处理：{case.get_outcome_display()}", text, kind="失联")


def _visits(member: Member) -> Iterator[StoryEvent]:
    for row in Visitor.objects.filter(member=member).select_related("org"):
        yield StoryEvent(row.on, f"持党员证参加「{row.org}」的活动", row.purpose, kind="来访")


def _until(day: datetime.date | None) -> str:
    return f"有效期至 {day:%Y-%m-%d}" if day else ""
