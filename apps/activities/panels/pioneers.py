"""What pioneer posts, promises and suggestions add to pages of others."""

from __future__ import annotations

import datetime
from typing import Any, Final

from django.db.models import Count

from apps.core.attachments import guard_attachments
from apps.core.guard import resolve_scope
from apps.core.panels import (
    ENTERPRISE_TABS,
    MEMBER_PANELS,
    ORG_PANELS,
    Panel,
    PanelContext,
    TodoItem,
    register,
)
from apps.enterprises.views.tables import section, span, table
from apps.members.kinds import Relation

from .. import permissions
from ..compliance.due_lines import DUE_LINES
from ..kinds import PostKind
from ..ledgers.pledges import tone_of
from ..models import PioneerPost, Pledge, PostMember, Suggestion
from ..parameters import pledge_notice
from ..rules.pioneers import PLEDGES, POSTS

SHOWN: Final = 12
NAMED: Final = 5
"""How many names a line on another page says before it only counts (appearance only)."""


def due_pledges(context: PanelContext) -> TodoItem | None:
    """Promises of a branch that are to be verified soon, or were to be."""
    org, today = context.subject, context.today
    soon = today + datetime.timedelta(days=pledge_notice(today, org.path))
    rows = Pledge.objects.open().filter(org=org, due_on__lte=soon).select_related("member").order_by("due_on", "pk")
    found = list(rows[: NAMED + 1])
    if not found:
        return None
    count = len(found) if len(found) <= NAMED else rows.count()
    names = "、".join(dict.fromkeys(row.member.name for row in found[:NAMED])) + ("等" if count > NAMED else "")
    url = f"{found[0].get_absolute_url()}verify/" if count == 1 else f"/pledges/?org={org.code}&state=open&order=due"
    return TodoItem(
        f"{count} 项公开承诺待验收", f"{names}的承诺到期", url, "去验收", found[0].due_on, str(PLEDGES), count
    )


def vacant_posts(context: PanelContext) -> TodoItem | None:
    """Posts of a branch at which somebody has a seat who has left it."""
    org = context.subject
    rows = PioneerPost.objects.as_of(context.today).with_vacancy(context.today).filter(org=org).order_by("pk")
    found = list(rows[: NAMED + 1])
    if not found:
        return None
    count = len(found) if len(found) <= NAMED else rows.count()
    names = "、".join(row.name for row in found[:NAMED]) + ("等" if count > NAMED else "")
    url = f"{found[0].get_absolute_url()}members/" if count == 1 else f"/pioneer-posts/?org={org.code}&vacant=1"
    return TodoItem(f"{count} 个先锋岗有空缺", f"{names}：有成员已离开本支部", url, "调整成员", None, str(POSTS), count)


def member_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of a member: the posts and the promises."""
    member = context.subject
    seats = list(PostMember.objects.filter(member=member).select_related("post").order_by("-since", "-pk")[:SHOWN])
    pledges = list(Pledge.objects.filter(member=member)[:SHOWN])
    keeps = resolve_scope(context.user, permissions.KEEP).covers(member.org_path) and member.relation != Relation.LEFT
    if not (seats or pledges or keeps):
        return None
    cells = [
        [
            {"text": seat.post.get_kind_display(), "nowrap": True},
            {"text": seat.post.name, "url": seat.post.get_absolute_url()},
            span(seat),
            {"text": "负责人" if seat.leads else "成员", "nowrap": True},
        ]
        for seat in seats
    ] + [
        [
            {"text": "公开承诺", "nowrap": True},
            {"text": pledge.content, "url": pledge.get_absolute_url()},
            {"text": f"{pledge.made_on:%Y-%m-%d} 至 {pledge.due_on:%Y-%m-%d}", "nowrap": True},
            {"text": pledge.get_state_display(), "badge": tone_of(pledge, context.today)},
        ]
        for pledge in pledges
    ]
    shown = table(("类别", "名称（事项）", "期间", "角色（状态）"), cells, "还没有先锋岗和公开承诺。")
    return section("pioneer", "先锋岗和公开承诺", shown, keeps and ("登记承诺", f"/pledges/new/?member={member.pk}"))


def org_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of an organisation: how many posts of each kind it and those below it have, promises, suggestions."""
    org = context.subject
    if org is None or org.ended_on:
        return None
    posts = PioneerPost.objects.as_of(context.today).filter(org_path__startswith=org.path).order_by()
    numbers = dict(posts.values_list("kind").annotate(count=Count("pk")))
    if not numbers:
        return None
    code, year = org.code, context.today.year
    open_pledges = Pledge.objects.open().filter(org_path__startswith=org.path).count()
    suggestions = Suggestion.objects.filter(org_path__startswith=org.path, proposed_on__year=year).count()
    lines = [
        (kind.label, numbers.get(kind.value, 0), f"/pioneer-posts/?org={code}&kind={kind.value}") for kind in PostKind
    ]
    lines += [
        ("未验收的公开承诺", open_pledges, f"/pledges/?org={code}&state=open"),
        (f"{year}年合理化建议", suggestions, f"/suggestions/?org={code}&year={year}"),
    ]
    cells = [[{"text": label}, {"text": n, "url": url if n else "", "numeric": True}] for label, n, url in lines]
    found = section(
        "pioneer",
        "先锋岗、承诺和建议",
        table(("项目", "数量"), cells, ""),
        ("分类统计", f"/pioneer-posts/counts/?org={code}"),
    )
    found["table"]["headers"][1]["numeric"] = True
    return found


def enterprise_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of an enterprise: the posts in it, those with most to say first."""
    enterprise = context.subject
    posts = PioneerPost.objects.as_of(context.today).filter(enterprise=enterprise)
    found = list(posts.select_related("org").order_by("kind", "pk")[: SHOWN + 1])
    if not found:
        return None
    cells = [
        [
            {"text": row.name, "url": row.get_absolute_url()},
            {"text": row.get_kind_display(), "nowrap": True},
            {"text": row.place},
            {"text": str(row.org)},
        ]
        for row in found[:SHOWN]
    ]
    link = (f"全部 {posts.count()} 个", f"/pioneer-posts/?enterprise={enterprise.name}") if len(found) > SHOWN else None
    return section("pioneer", "先锋岗", table(("名称", "类别", "岗位（区域）", "党组织"), cells, ""), link)


guard_attachments("activities.pioneerpost", view=permissions.VIEW, change=permissions.KEEP)
register(DUE_LINES, Panel("activities.pledges", permissions.KEEP, due_pledges, order=60))
register(DUE_LINES, Panel("activities.posts", permissions.KEEP, vacant_posts, order=70))
register(MEMBER_PANELS, Panel("activities.pioneer", permissions.VIEW, member_section, order=60))
register(ORG_PANELS, Panel("activities.pioneer", permissions.VIEW, org_section, order=60))
register(ENTERPRISE_TABS, Panel("activities.pioneer", permissions.VIEW, enterprise_section, order=75))
