"""What the rosters add to pages of others: the sidebar, what I must do, search, organisations and enterprises."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q

from apps.branches.models import PartyOrg
from apps.branches.rules import CAPABILITIES, OrgKind
from apps.core.attachments import guard_attachments
from apps.core.guard import resolve_scope
from apps.core.panels import (
    ENTERPRISE_TABS,
    HOME_TODO,
    NAV,
    ORG_PANELS,
    SEARCH,
    NavItem,
    Panel,
    PanelContext,
    SearchHits,
    TodoItem,
    register,
)
from apps.enterprises.views.tables import section, table

from .. import permissions
from ..kinds import Relation
from ..models import Member
from ..number_search import found_by, is_number

HITS = 8
NAMED = 5
"""How many names a line on another page says before it only counts (appearance only)."""
SHOWN = 20


def nav(context: PanelContext) -> NavItem:
    return NavItem("党员", "党员名册", "/members/")


def waiting(context: PanelContext) -> TodoItem | None:
    """待安置: the firm left the park and nobody has settled yet where its members belong."""
    rows = Member.objects.on_roster().filter(placement_since__isnull=False).order_by("placement_since", "pk")
    names = list(rows.values_list("name", flat=True)[: NAMED + 1])
    if not names:
        return None
    count = rows.count()
    said = "、".join(names[:NAMED]) + ("等" if count > NAMED else "")
    reason = f"所在企业已离开园区：{said}。请登记新单位、转接组织关系，或说明无需安置"
    return TodoItem(f"{count} 名党员待安置", reason, "/members/?placement=1", "去安置", count=count)


def hits(context: PanelContext) -> SearchHits | None:
    """Members by name, pinyin initials or code, or by what stands for a whole ID number or phone."""
    if is_number(context.subject):
        return None
    asked = found_by(context.subject)
    matching = Member.objects.matching(context.subject) if asked is None else Member.objects.filter(asked)
    rows = matching.select_related("org").order_by("org_path", "pk")[: HITS + 1]
    found = [(row.name, _hint(row), row.get_absolute_url()) for row in rows]
    return SearchHits("党员", found[:HITS], f"/members/?{urlencode({'q': context.subject})}" if len(found) > HITS else "")


def _hint(row: Member) -> str:
    state = "" if row.relation == Relation.HERE else f"（{row.get_relation_display()}）"
    return f"{row.org}{state}"


def org_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of an organisation: how many members it has with everything below, and its groups."""
    org = context.subject
    if org is None or org.kind == OrgKind.GROUP:
        return None
    counts = Member.objects.on_roster().filter(org_path__startswith=org.path).aggregate(
        formal=Count("pk", filter=Q(formal_on__lte=context.today)), total=Count("pk"),
        waiting=Count("pk", filter=Q(placement_since__isnull=False)),
    )  # fmt: skip
    holds = CAPABILITIES[OrgKind(org.kind)].holds_members
    if not counts["total"] and not holds:
        return None
    here = f"/members/?org={org.code}"
    lines = [
        [{"text": "正式党员"}, {"text": counts["formal"], "numeric": True, "url": f"{here}&stage=formal"}],
        [{"text": "预备党员"}, {"text": counts["total"] - counts["formal"], "numeric": True,
                            "url": f"{here}&stage=probationary"}],
    ]  # fmt: skip
    if counts["waiting"]:
        lines.append([{"text": "待安置"}, {"text": counts["waiting"], "numeric": True, "url": f"{here}&placement=1"}])
    lines += _groups(org) if holds else []
    headers = [{"label": "党员"}, {"label": "人数", "numeric": True}]
    found = section("members", "党员", {"headers": headers, "rows": lines, "empty": ""}, ("党员名册", here))
    return {**found, "note": f"连同下级共 {counts['total']} 名" if not holds else f"共 {counts['total']} 名"}


def _groups(org: PartyOrg) -> list[list[dict[str, Any]]]:
    """党小组 of a branch with their members."""
    counted = Member.objects.on_roster().filter(org=org, group__isnull=False).order_by().values_list("group")
    numbers = dict(counted.annotate(Count("pk")))
    groups = PartyOrg.objects.filter(parent=org, kind=OrgKind.GROUP, ended_on=None)
    return [
        [{"text": f"党小组：{group}", "url": group.get_absolute_url()},
         {"text": numbers.get(group.pk, 0), "numeric": True, "url": f"/members/?group={group.code}"}]
        for group in groups
    ]  # fmt: skip


def enterprise_section(context: PanelContext) -> dict[str, Any]:
    """On the page of an enterprise: its members in the reader's scope, on a roster or looked after."""
    enterprise = context.subject
    rows = Member.objects.filter(employer=enterprise).exclude(relation=Relation.LEFT).select_related("org")
    found = list(rows.order_by("-relation", "initials", "pk")[: SHOWN + 1])
    cells = [
        [
            {"text": row.name, "url": row.get_absolute_url()},
            {"text": str(row.org) if row.relation == Relation.HERE else row.home_text},
            {"text": row.stage_on(context.today).label if row.relation == Relation.HERE else row.get_relation_display(),
             "nowrap": True},
            {"text": "待安置", "badge": "warning"} if row.placement_since else {"text": row.position},
        ]
        for row in found[:SHOWN]
    ]  # fmt: skip
    link = None
    if len(found) > SHOWN:
        link = (f"全部 {rows.count()} 名", f"/members/?employer={enterprise.name}")
    elif resolve_scope(context.user, permissions.KEEP).covers(enterprise.org_path):
        link = ("新增党员", f"/members/new/?enterprise={enterprise.pk}")
    empty = "名册上还没有在这里工作的党员。"
    return section("members", "党员", table(("姓名", "组织关系", "类别", "岗位"), cells, empty), link)


guard_attachments("members.member", view=permissions.VIEW, change=permissions.KEEP)
register(NAV, Panel("members.roster", permissions.VIEW, nav, order=40))
register(HOME_TODO, Panel("members.waiting", permissions.KEEP, waiting, order=25))
register(SEARCH, Panel("members.hits", permissions.VIEW, hits, order=15))
register(ORG_PANELS, Panel("members.org", permissions.VIEW, org_section, order=20))
register(ENTERPRISE_TABS, Panel("members.enterprise", permissions.VIEW, enterprise_section, order=15))
