"""Rows about one member as the tables of a page, with the links of who may follow them."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from apps.enterprises.views.tables import Table, linked, section, span, table

from ..models import ContactNote, DualAgreement, Honour, Member, Membership, MobileRecord, Post, Transfer

SHOWN = 10
"""How many contacts the page shows before it leaves them to the story (appearance only)."""


def memberships(member: Member) -> Table:
    rows = Membership.objects.filter(member=member).select_related("org", "group", "enterprise")
    cells = [
        [
            linked(row.org, row.org.name),
            {"text": str(row.group or "")},
            {"text": row.enterprise.name if row.enterprise else ""},
            span(row),
            {"text": row.get_entry_display() + (f"，{row.get_exit_display()}" if row.exit else ""), "nowrap": True},
        ]
        for row in rows
    ]
    return table(("党支部", "党小组", "所在企业", "期间", "方式"), cells, "组织关系不在平台内的党支部。")


def honours(rows: Iterable[Honour], may_change: bool) -> Table:
    cells = [
        [
            {"text": row.get_kind_display(), "nowrap": True},
            {"text": row.title},
            {"text": row.level},
            {"text": f"{row.on:%Y-%m-%d}", "nowrap": True},
            {"text": row.document},
            *([{"text": "撤销", "url": f"/honours/{row.pk}/remove/", "nowrap": True}] if may_change else []),
        ]
        for row in rows
    ]
    headers = ("类别", "名称", "授予（任职）单位", "日期", "文号", *(("办理",) if may_change else ()))
    return table(headers, cells, "还没有奖惩、推荐和任职记录。")


def where_there_are(member: Member, today: datetime.date) -> list[dict[str, Any]]:
    """Transfers, mobile records, agreements, contacts and posts: a section for each of which there is one."""
    found = [
        section("transfers", "组织关系转接", _transfers(member), None),
        section("mobile", "流动", _mobile(member), None),
        section("agreements", "双重管理协议", _agreements(member, today), None),
        section("contacts", "联系记录", _contacts(member), None),
        section("posts", "任职", _posts(member), None),
    ]
    return [each for each in found if each["table"]["rows"]]


def _transfers(member: Member) -> Table:
    rows = Transfer.objects.filter(member=member).select_related("other_org")
    cells = [
        [
            {"text": row.get_kind_display(), "url": row.get_absolute_url()},
            {"text": row.outside or str(row.other_org or "")},
            {"text": f"{row.requested_on:%Y-%m-%d}", "nowrap": True},
            {"text": row.get_state_display(), "nowrap": True},
        ]
        for row in rows
    ]
    return table(("转接类型", "对方党组织", "申请日期", "状态"), cells, "")


def _mobile(member: Member) -> Table:
    rows = MobileRecord.objects.filter(member=member).select_related("other_org")
    cells = [
        [
            {"text": row.get_direction_display(), "url": row.get_absolute_url()},
            {"text": row.counterpart or str(row.other_org or "")},
            {"text": row.place},
            span(row),
        ]
        for row in rows
    ]
    return table(("方向", "对方党组织", "流动地点", "期间"), cells, "")


def _agreements(member: Member, today: datetime.date) -> Table:
    rows = DualAgreement.objects.filter(member=member).select_related("org", "other_org")
    cells = [
        [
            {"text": row.number or "查看", "url": row.get_absolute_url()},
            {"text": f"{row.org}、{row.home_text or row.other_org or ''}"},
            span(row),
            {"text": "有效", "badge": "success"} if row.holds_on(today) else {"text": "已结束", "badge": "neutral"},
        ]
        for row in rows
    ]
    return table(("协议编号", "双方", "期间", "状态"), cells, "")


def _contacts(member: Member) -> Table:
    cells = [
        [
            {"text": f"{row.on:%Y-%m-%d}", "nowrap": True},
            {"text": f"{row.contact_name}（{row.get_method_display()}）", "nowrap": True},
            {"text": row.thoughts},
            {"text": row.study},
            {"text": row.conduct},
        ]
        for row in ContactNote.objects.filter(member=member)[:SHOWN]
    ]
    return table(("日期", "联系人", "思想动态", "学习情况", "现实表现"), cells, "")


def _posts(member: Member) -> Table:
    cells = [
        [
            {"text": row.get_role_display(), "url": row.get_absolute_url(), "nowrap": True},
            linked(row.org, str(row.org)),
            span(row),
            {"text": row.document},
        ]
        for row in Post.objects.filter(member=member).select_related("org")
    ]
    return table(("党内职务", "党组织", "期间", "批准（备案）文号"), cells, "")
