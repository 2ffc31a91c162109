"""What the register adds to pages of others: the sidebar, what I must do, search, the page of an organisation."""

from __future__ import annotations

import datetime
from typing import Any

from apps.branches.dependents import Dependents, register_dependents
from apps.branches.figures import ALL_BY_CENSUS, FORMAL_BY_CENSUS, UNITS, register_figure
from apps.branches.models import PartyOrg
from apps.branches.relocation import register_relocation
from apps.core.panels import (
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
from apps.core.periods import Period

from . import org_figures, permissions
from .models import (
    ActionPlan,
    Building,
    Enterprise,
    Establishment,
    Instructor,
    Need,
    Park,
)
from .parameters import arrivals_since
from .rules import ARRIVAL_VISIT, INSTRUCTOR_VISITS, arrival_visit_due
from .services import relocation

SHOWN = 5
"""How many single things a list on another page names before it only counts (appearance only)."""
HITS = 8


def nav(label: str, url: str) -> Any:
    return lambda context: NavItem("底数", label, url)


def arrivals(context: PanelContext) -> list[TodoItem]:
    """入驻当月走访: new arrivals nobody has been to yet, the oldest first."""
    since = arrivals_since(context.today)
    rows = Enterprise.objects.awaiting_arrival_visit(context.today, since=since).order_by("arrived_on", "pk")
    found = list(rows[: SHOWN + 1])
    items = [
        TodoItem(
            f"入驻当月走访：{row.name}", f"{row.arrived_on.month}月{row.arrived_on.day}日入驻，应在当月上门走访",
            f"/visits/new/?enterprise={row.pk}", "登记走访", arrival_visit_due(row.arrived_on), str(ARRIVAL_VISIT),
        )
        for row in found[:SHOWN]
    ]  # fmt: skip
    if len(found) > SHOWN:
        left = rows.count() - SHOWN
        last = found[-1].arrived_on
        items.append(TodoItem(f"还有 {left} 家新入驻企业没有走访", "按入驻先后排在后面", "/enterprises/?order=new&visited=0",
                              "查看", arrival_visit_due(last), str(ARRIVAL_VISIT), count=left))  # fmt: skip
    return items


def silent_instructors(context: PanelContext) -> TodoItem | None:
    """Instructors who contact enterprises and have not been to any this quarter."""
    rows = Instructor.objects.as_of(context.today).with_load(context.today).with_visits(context.today)
    names = list(rows.filter(load__gt=0, quarter_visits=0).values_list("name", flat=True))
    if not names:
        return None
    quarter = Period.quarter_of(context.today)
    shown = "、".join(names[:SHOWN]) + ("等" if len(names) > SHOWN else "")
    return TodoItem(f"{len(names)} 名指导员本季还没有走访", shown, "/instructors/?state=now&visited=0", "查看",
                    quarter.last_day, str(INSTRUCTOR_VISITS), count=len(names))  # fmt: skip


def own_rounds(context: PanelContext) -> TodoItem | None:
    """For an instructor: which of the own enterprises were not visited this quarter."""
    me = Instructor.objects.as_of(context.today).filter(user_id=context.user.pk).first()
    if me is None:
        return None
    quarter = Period.quarter_of(context.today)
    rows = Enterprise.objects.in_park_on(context.today).contacted_by(me, context.today)
    names = list(rows.visited_in(quarter, visited=False).order_by("name").values_list("name", flat=True))
    if not names:
        return None
    shown = "、".join(names[:SHOWN]) + ("等" if len(names) > SHOWN else "")
    return TodoItem(f"本季还有 {len(names)} 家联系企业没有走访", shown, f"/enterprises/?instructor={me.pk}&visited=0",
                    "去走访", quarter.last_day, str(INSTRUCTOR_VISITS), count=len(names))  # fmt: skip


def overdue(context: PanelContext) -> list[TodoItem]:
    """Needs and measures past their day."""
    needs = Need.objects.overdue(context.today).select_related("enterprise").order_by("due_on", "pk")[:SHOWN]
    plans = ActionPlan.objects.overdue(context.today).select_related("enterprise").order_by("due_on", "pk")[:SHOWN]
    return [
        *(TodoItem(f"诉求逾期：{row.enterprise.name}", row.text, f"/needs/{row.pk}/close/", "办结", row.due_on)
          for row in needs),
        *(TodoItem(f"措施逾期：{row.enterprise.name}", row.measure, f"/plans/{row.pk}/", "更新", row.due_on)
          for row in plans),
    ]  # fmt: skip


def hits(context: PanelContext) -> SearchHits:
    """What the search box finds among enterprises."""
    rows = Enterprise.objects.matching(context.subject).select_related("park").order_by("name", "pk")[: HITS + 1]
    found = [(row.name, row.park.name if row.park else row.credit_code or "", row.get_absolute_url()) for row in rows]
    return SearchHits("企业", found[:HITS], f"/enterprises/?q={context.subject}" if len(found) > HITS else "")


def org_section(context: PanelContext) -> dict[str, Any] | None:
    """On the page of an organisation: the enterprises it covers, and all it answers for."""
    org = context.subject
    if org is None:
        return None
    covers = Establishment.objects.as_of(context.today).filter(org=org).select_related("enterprise")
    rows = list(covers.order_by("-since", "-pk")[: HITS + 1])
    responsible = Enterprise.objects.in_park_on(context.today).filter(org_path__startswith=org.path).count()
    if not rows and not responsible:
        return None
    lines = [
        [{"text": row.enterprise.name, "url": row.enterprise.get_absolute_url()}, {"text": row.get_form_display()},
         {"text": f"{row.since:%Y-%m-%d} 起", "nowrap": True}, {"text": row.document}]
        for row in rows[:HITS]
    ]  # fmt: skip
    table = {"headers": ["企业", "方式", "期间", "批复文号"], "rows": lines, "empty": "没有直接覆盖的企业。"}
    return {"id": "enterprises", "title": "企业", "template": "enterprises/_table.html", "table": table,
            "note": f"连同下级共负责 {responsible} 家在园企业", "link": f"/enterprises/?org={org.code}&status=here",
            "link_label": "查看全部"}  # fmt: skip


def _left(label: str, rows: Any, advice: str, name: Any = str) -> Dependents | None:
    found = list(rows[: HITS + 1])
    if not found:
        return None
    return Dependents(label, rows.count(), [(name(row), row_url(row)) for row in found[:HITS]], advice)


def row_url(row: Any) -> str:
    return str(row.enterprise.get_absolute_url() if hasattr(row, "enterprise") else row.get_absolute_url())


def covered_by(org: PartyOrg, today: datetime.date) -> Dependents | None:
    rows = Establishment.objects.open().filter(org=org).select_related("enterprise")
    return _left("现行组建", rows, "请先终止这些组建，或由别的党组织接续。", lambda row: row.enterprise.name)


def answered_for(org: PartyOrg, today: datetime.date) -> Dependents | None:
    """Enterprises that would stay without an organisation; those it covers are named by `covered_by`."""
    covered = Establishment.objects.open().filter(org=org).values("enterprise")
    rows = Enterprise.objects.filter(org=org).exclude(pk__in=covered)
    return _left("责任企业", rows, "请先把它们所在的园区或楼栋交给别的党组织。")


def places_of(org: PartyOrg, today: datetime.date) -> Dependents | None:
    found: list[Any] = [*Park.objects.filter(org=org), *Building.objects.filter(org=org).select_related("park")]
    if not found:
        return None
    names = [(str(row), row.get_absolute_url()) for row in found[:HITS]]
    return Dependents("负责的园区和楼栋", len(found), names, "请先把它们交给别的党组织。")


def instructors_of(org: PartyOrg, today: datetime.date) -> Dependents | None:
    return _left("在任指导员", Instructor.objects.open().filter(org=org), "请先改由别的党组织管理，或结束任期。")


register(NAV, Panel("enterprises.list", permissions.VIEW, nav("企业", "/enterprises/"), order=31))
register(NAV, Panel("enterprises.buildings", permissions.VIEW, nav("楼栋", "/buildings/"), order=32))
register(NAV, Panel("enterprises.instructors", permissions.VIEW, nav("指导员", "/instructors/"), order=35))
register(NAV, Panel("enterprises.visits", permissions.VIEW, nav("走访", "/visits/"), order=36))
register(HOME_TODO, Panel("enterprises.arrivals", permissions.VISIT, arrivals, order=20))
register(HOME_TODO, Panel("enterprises.silent", permissions.INSTRUCT, silent_instructors, order=30))
register(HOME_TODO, Panel("enterprises.own_rounds", permissions.VISIT, own_rounds, order=30))
register(HOME_TODO, Panel("enterprises.overdue", permissions.KEEP, overdue, order=40))
register(SEARCH, Panel("enterprises.hits", permissions.VIEW, hits, order=10))
register(ORG_PANELS, Panel("enterprises.org", permissions.VIEW, org_section, order=30))
register_dependents("enterprises.establishments", covered_by)
register_dependents("enterprises.enterprises", answered_for)
register_dependents("enterprises.places", places_of)
register_dependents("enterprises.instructors", instructors_of)
register_relocation(relocation.PARKS, "园区", relocation.move_parks, relocation.parks_of, order=20)
register_relocation(relocation.BUILDINGS, "分包楼栋", relocation.move_buildings, relocation.buildings_of, order=25)
register_relocation(
    relocation.COVERS, "组建企业", relocation.move_establishments, relocation.covered_enterprises, order=30
)
register_relocation(
    relocation.ANSWERED, "其他责任企业", relocation.move_enterprises, relocation.answered_enterprises, order=40
)
register_relocation(relocation.INSTRUCTORS, "指导员", relocation.move_instructors, relocation.instructors_of, order=45)
register_figure("enterprises.answered", "责任企业", org_figures.answered_for, order=30)
register_figure(UNITS, "覆盖单位", org_figures.units, shown=False)
register_figure(FORMAL_BY_CENSUS, "正式党员（摸底）", org_figures.members_of("formal_members"), shown=False)
register_figure(
    ALL_BY_CENSUS, "党员（摸底）", org_figures.members_of("formal_members", "probationary_members"), shown=False
)
