"""What posts, talents and the united front add to pages of others."""

from __future__ import annotations

import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef

from apps.branches.models import Election, PartyOrg
from apps.branches.rules import CAPABILITIES, ElectionState, OrgKind
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
from ..kinds import COMMITTEE_ROLES, PostRole
from ..models import Member, Post, Talent, UnitedFrontPerson
from ..parameters import certificate_notice, probation_notice, vacancy_days
from ..rules.membership import PROBATION
from ..rules.posts import TALENT, VACANCY, CertificateState
from ..secretaries import without_secretary
from ..services.seating import is_seated

NAMED: Final = 5
"""How many names a line on another page says before it only counts (appearance only)."""
SHOWN: Final = 20

ROLE_ORDER: Final = {role.value: n for n, role in enumerate(PostRole)}


def nav(group: str, label: str, url: str) -> Any:
    return lambda context: NavItem(group, label, url)


def org_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of an organisation: who holds which post today; a post of 书记 that nobody holds stands in red."""
    org: PartyOrg | None = context.subject
    if org is None or org.ended_on:
        return None
    able = CAPABILITIES[OrgKind(org.kind)]
    rows = list(Post.objects.as_of(context.today).filter(org=org).select_related("member", "term", "org"))
    if not rows and not (able.can_elect or able.leaders_appointed or org.kind == OrgKind.GROUP):
        return None
    rows.sort(key=lambda row: (ROLE_ORDER[row.role], row.since))
    keeps = resolve_scope(context.user, permissions.KEEP_POSTS).covers(org.path)
    cells = [_line(row) for row in rows]
    if able.can_elect and not any(row.role == PostRole.SECRETARY for row in rows):
        red = {"text": "空缺", "badge": "danger"}
        cells.insert(0, [red, {"text": PostRole.SECRETARY.label}, {"text": ""}, {"text": ""}, {"text": str(VACANCY)}])
    seats = sum(row.role in COMMITTEE_ROLES for row in rows)
    found = section("posts", "班子", table(HEADERS, cells, "还没有登记班子成员。"), _way(org) if keeps else None)
    return {**found, "note": f"班子成员 {seats} 名" if seats else ""}


HEADERS: Final = ("姓名", "党内职务", "任职日期", "届次", "来源和兼任")


def _line(row: Post) -> list[dict[str, Any]]:
    where = "，".join(filter(None, (row.source_unit or row.get_source_display(), row.concurrent)))
    return [
        {"text": row.name, "url": row.get_absolute_url(), "nowrap": True},
        {"text": row.get_role_display(), "nowrap": True},
        {"text": f"{row.since:%Y-%m-%d}", "nowrap": True},
        {"text": str(row.term) if row.term else row.get_basis_display(), "nowrap": True},
        {"text": where},
    ]


def _way(org: PartyOrg) -> tuple[str, str]:
    """The whole committee after an election that nobody has registered yet, else one post."""
    won = Election.objects.filter(org=org, state=ElectionState.APPROVED, term__until__isnull=True).last()
    if won is not None and won.term_id and not is_seated(won):
        return "登记换届产生的班子", f"/posts/elected/{won.pk}/"
    return "登记任职", f"/posts/new/?org={org.pk}"


def unseated(context: PanelContext) -> list[TodoItem]:
    """Elections whose result was approved, while nobody is registered for the new term."""
    seated = Post.objects.filter(org=OuterRef("org"), term=OuterRef("term"))
    rows = Election.objects.filter(state=ElectionState.APPROVED, term__until__isnull=True, org__ended_on=None)
    rows = rows.exclude(Exists(seated)).select_related("org").order_by("approved_on", "pk")[:NAMED]
    return [
        TodoItem(
            f"登记换届产生的班子：{row.org}", f"第{row.number}届选举结果已批准", f"/posts/elected/{row.pk}/", "登记"
        )
        for row in rows
    ]


def vacancies(context: PanelContext) -> TodoItem | None:
    """Organisations with members that have had no secretary for as long as the place allows."""
    days = vacancy_days(context.today)
    rows = without_secretary(context.today, days)
    first = list(rows.order_by("path")[: NAMED + 1])
    if not first:
        return None
    count = len(first) if len(first) <= NAMED else rows.count()
    names = "、".join(str(org) for org in first[:NAMED]) + ("等" if count > NAMED else "")
    url = f"{first[0].get_absolute_url()}#posts" if count == 1 else "/posts/vacant/"
    return TodoItem(f"{count} 个党组织书记空缺", names, url, "去登记", basis=str(VACANCY), count=count)


def certificates(context: PanelContext) -> TodoItem | None:
    """Certificates that run out within the notice of the place, and those that did."""
    days, today = certificate_notice(context.today), context.today
    rows = Talent.objects.available()
    late = rows.with_certificate(CertificateState.EXPIRED, today, days).count()
    soon = rows.with_certificate(CertificateState.EXPIRING, today, days).order_by("expires_on", "pk")
    names = list(soon.values_list("name", "expires_on")[: NAMED + 1])
    if not names and not late:
        return None
    count = len(names) if len(names) <= NAMED else soon.count()
    said = "、".join(name for name, _ in names[:NAMED]) + ("等" if count > NAMED else "")
    parts = [f"{count} 本即将到期：{said}" if count else "", f"{late} 本已过期" if late else ""]
    url = "/talents/?certificate=expiring" if count else "/talents/?certificate=expired"
    return TodoItem("党务人才资质证书", "；".join(filter(None, parts)), url, "查看", names[0][1] if names else None,
                    str(TALENT), count=count + late)  # fmt: skip


def probations(context: PanelContext) -> TodoItem | None:
    """Probations that end within the notice of the place, and those that did while nothing is noted."""
    rows = Member.objects.probation_ending(context.today + datetime.timedelta(days=probation_notice(context.today)))
    names = list(rows.order_by("joined_on", "pk").values_list("name", flat=True)[: NAMED + 1])
    if not names:
        return None
    count = len(names) if len(names) <= NAMED else rows.count()
    said = "、".join(names[:NAMED]) + ("等" if count > NAMED else "")
    return TodoItem(f"{count} 名预备党员预备期将满或已满", f"{said}。讨论转正后登记转正日期",
                    "/members/?stage=probationary&order=joined", "查看", basis=str(PROBATION), count=count)  # fmt: skip


def enterprise_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of an enterprise, only for who may see the register: its people of the united front."""
    enterprise = context.subject
    rows = UnitedFrontPerson.objects.present().filter(enterprise=enterprise).order_by("initials", "pk")
    found = list(rows[: SHOWN + 1])
    cells = [
        [
            {"text": row.name, "url": row.get_absolute_url()},
            {"text": row.get_kind_display()},
            {"text": row.party or row.nationality},
            {"text": row.position},
        ]
        for row in found[:SHOWN]
    ]
    keeps = resolve_scope(context.user, permissions.UNITED_FRONT_KEEP).covers(enterprise.org_path)
    link = ("登记", f"/united-front/new/?enterprise={enterprise.pk}") if keeps else None
    if len(found) > SHOWN:
        link = (f"全部 {rows.count()} 名", f"/united-front/?enterprise={enterprise.name}")
    shown = table(("姓名", "类别", "党派或国籍", "职务"), cells, "还没有登记统战对象。")
    return section("united-front", "统战对象", shown, link)


def people_hits(context: PanelContext) -> SearchHits | None:
    rows = UnitedFrontPerson.objects.present().matching(context.subject).select_related("org").order_by("name", "pk")
    found = [(row.name, f"{row.get_kind_display()}，{row.org}", row.get_absolute_url()) for row in rows[: NAMED + 1]]
    more = f"/united-front/?q={context.subject}" if len(found) > NAMED else ""
    return SearchHits("统战对象", found[:NAMED], more)


guard_attachments("members.post", view=permissions.VIEW, change=permissions.KEEP_POSTS)
guard_attachments("members.talent", view=permissions.VIEW, change=permissions.KEEP_POSTS)
guard_attachments("members.unitedfrontperson", view=permissions.UNITED_FRONT_VIEW, change=permissions.UNITED_FRONT_KEEP)
register(NAV, Panel("members.posts", permissions.VIEW, nav("党员", "班子成员", "/posts/"), order=46))
register(NAV, Panel("members.talent", permissions.VIEW, nav("党员", "党务人才库", "/talents/"), order=47))
register(
    NAV,
    Panel("members.united_front", permissions.UNITED_FRONT_VIEW, nav("党员", "统战对象", "/united-front/"), order=49),
)
register(HOME_TODO, Panel("members.unseated", permissions.KEEP_POSTS, unseated, order=16))
register(HOME_TODO, Panel("members.vacancies", permissions.KEEP_POSTS, vacancies, order=26))
register(HOME_TODO, Panel("members.probations", permissions.KEEP, probations, order=37))
register(HOME_TODO, Panel("members.certificates", permissions.KEEP_POSTS, certificates, order=36))
register(ORG_PANELS, Panel("members.posts", permissions.VIEW, org_section, order=15))
register(ENTERPRISE_TABS, Panel("members.united_front", permissions.UNITED_FRONT_VIEW, enterprise_section, order=80))
register(SEARCH, Panel("members.united_front", permissions.UNITED_FRONT_VIEW, people_hits, order=30))
