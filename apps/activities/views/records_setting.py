"""What the portal knows of an activity before anybody types: which organisation, who is expected, what is usual."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.errors import DomainError
from apps.core.periods import Period
from apps.members.kinds import Relation
from apps.members.secretaries import secretary_name

from .. import directory
from ..forms.records import Setting
from ..kinds import Audience, State
from ..models import Activity, ActivityForm, ActivityKind, TipSheetReceipt
from ..parameters import theme_day
from ..rules.catalogue import SERVES_TWO
from ..services.roll import audience_at, candidates_on, expected_on, looked_after
from ..services.visitors import Found

LISTED: Final = 60
"""How many organisations a list on the form names; beyond that the address names the one (appearance only)."""
REMEMBERED: Final = 12
"""How many of the last records are looked through for one of the same kind."""
QUARTERLY: Final = frozenset({"assembly", "lecture"})
YEARLY: Final = frozenset({"life_meeting", "appraisal", "leaders_life_meeting"})
THEME_DAY: Final = "theme_day"


def active_kinds() -> list[ActivityKind]:
    return list(ActivityKind.objects.filter(active=True))


def own_organisations(day: datetime.date) -> list[Any]:
    """Living organisations of the scope in tree order, as many as a list names, each with its `secretary`."""
    rows = PartyOrg.objects.filter(ended_on=None).order_by("path")
    return list(rows.annotate(secretary=secretary_name("pk", day))[: LISTED + 1])


def may_host(org: PartyOrg, kind: ActivityKind) -> bool:
    """Whether an organisation holds activities of the kind at all (党小组会 is a group's, 支委会 never)."""
    try:
        audience_at(org, kind)
    except DomainError:
        return False
    return True


def hosts(orgs: list[Any], kind: ActivityKind) -> list[Any]:
    """Those that may hold an activity of the kind; a group only where it alone can, or the audience is its own."""
    found = [org for org in orgs if may_host(org, kind)]
    branches = [org for org in found if org.kind != OrgKind.GROUP]
    return found if kind.audience == Audience.GROUP or not branches else branches


def chosen_org(orgs: list[Any], wanted: str, kind: ActivityKind) -> PartyOrg:
    """The organisation that an id or code names inside the scope, else the first of the list. 404 for another one."""
    if not wanted:
        fitting = hosts(orgs, kind)
        if not fitting:
            raise Http404
        return fitting[0]
    found = [org for org in orgs if wanted in (str(org.pk), org.code)]
    if not found:
        rows = PartyOrg.objects.filter(ended_on=None).filter(
            **({"pk": wanted} if wanted.isdigit() else {"code": wanted})
        )
        found = list(rows[:1])
    if not found:
        raise Http404
    return found[0]


def setting_for(
    *, kinds: list[ActivityKind], kind: ActivityKind, org: PartyOrg, orgs: list[Any], day: datetime.date,
    second: ActivityKind | None = None, visitors: Iterable[tuple[Found, bool]] = (),
    co_hosts: Iterable[tuple[PartyOrg, bool]] = (), with_offers: bool = False,
) -> Setting:  # fmt: skip
    """Everything that the form offers for an activity of the kind on the day. Lecturers and rooms, and the forms
    of a lecture within a 主题党日, only `with_offers`: they are asked for with a press.
    """
    by_choice = audience_at(org, kind, second) is Audience.CHOSEN
    pairs = [each for each in kinds if frozenset({kind.code, each.code}) in SERVES_TWO]
    return Setting(
        kind=kind, org=org, day=day, orgs=hosts(orgs, kind) if len(orgs) <= LISTED else [], by_choice=by_choice,
        expected=candidates_on(org, day) if by_choice else expected_on(org, kind, day, second),
        seconds=[each for each in pairs if may_host(org, each) or org.kind == OrgKind.GROUP],
        forms=forms_for([kind, *pairs]) if with_offers or kind.code != THEME_DAY else [],
        themes=directory.themes_for(org.path, day), sheets=sheets_for(org, day),
        lecturers=directory.lecturers_seen(day) if with_offers else [],
        venues=directory.venues_offered(day) if with_offers else [],
        has_offers=with_offers,
        visitors=[(f"{row.pk} {row.name}", f"{row.name}（{row.branch}）", ticked) for row, ticked in visitors],
        co_hosts=[(f"{row.pk} {row.name}", row.name, ticked) for row, ticked in co_hosts],
    )  # fmt: skip


def forms_for(kinds: list[ActivityKind]) -> list[ActivityForm]:
    """The forms in which activities of these kinds may be held."""
    return list(ActivityForm.objects.filter(Q(kind=None) | Q(kind__in=kinds), active=True))


def sheets_for(org: PartyOrg, day: datetime.date) -> list[TipSheetReceipt]:
    """The 提示单 of the quarter of the day that the organisation may still answer."""
    quarter = str(Period.quarter_of(day))
    return list(TipSheetReceipt.objects.open().filter(org=org, sheet__quarter=quarter).select_related("sheet"))


# ---- what is filled in


def usual_title(kind: ActivityKind, day: datetime.date, theme: str = "") -> str:
    """2026年11月主题党日, with the theme of the month where there is one."""
    length = "quarter" if kind.code in QUARTERLY else "year" if kind.code in YEARLY else "month"
    title = f"{Period.of(length, day).label}{kind.name}"  # type: ignore[arg-type]
    return f"{title}：{theme}"[:100] if theme else title


def usual_day(kind: ActivityKind, org: PartyOrg, today: datetime.date) -> datetime.date:
    """Today, or for a 主题党日 the day of the place in this month once it has come."""
    if kind.code != THEME_DAY:
        return today
    return min(theme_day(today, org.path), today)


def last_like(org: PartyOrg, kind: ActivityKind) -> Activity | None:
    """The last record of the organisation, one of the same kind before others."""
    rows = list(Activity.objects.filter(org=org).exclude(state=State.CANCELLED)[:REMEMBERED])
    return next((row for row in rows if row.kind_id == kind.pk), rows[0] if rows else None)


def usual_time(day: datetime.date, today: datetime.date, last: Activity | None) -> datetime.time:
    """The half hour that it is now; on another day the hour of the last time."""
    if day == today:
        now = timezone.localtime()
        return datetime.time(now.hour, now.minute - now.minute % 30)
    return timezone.localtime(last.starts_at).time() if last else datetime.time(15)


def picked(setting: Setting, wanted: Mapping[str, str]) -> dict[str, Any]:
    """The room, lecturer and theme that an address names (a booking becomes a plan), of those that are offered."""
    offers: dict[str, list[Any]] = {"venue": setting.venues, "lecturer": setting.lecturers, "theme": setting.themes}
    found = {
        name: next((row for row in rows if str(row.pk) == wanted.get(name)), None) for name, rows in offers.items()
    }
    place = {"place": found["venue"].name} if found["venue"] else {}
    return {**{name: row.pk for name, row in found.items() if row}, **place}


def usual(setting: Setting, today: datetime.date, user: Any) -> dict[str, Any]:
    """What a new record begins with."""
    last = last_like(setting.org, setting.kind)
    theme = setting.themes[0] if len(setting.themes) == 1 and setting.kind.code == THEME_DAY else None
    day = setting.day
    return {
        "org": setting.org.pk, "on": day, "at": usual_time(day, today, last),
        "title": usual_title(setting.kind, day, theme.title if theme else ""), "theme": theme.pk if theme else "",
        "place": last.place if last else "", "chair": secretary_of(setting.org) or (last.chair if last else ""),
        "recorder": getattr(user, "display_name", ""), "study_hours": setting.kind.study_hours, "second_kind": "",
    }  # fmt: skip


def secretary_of(org: Any) -> str:
    return str(getattr(org, "secretary", ""))


def near(org: PartyOrg, day: datetime.date) -> list[Found]:
    """Whom the branch looks after: offered as visitors."""
    found = looked_after(org, day)
    return [
        Found(each.member.pk, each.name, str(each.org) if each.org else each.member.home_text or "关系在外")
        for each in found
    ]


def as_found(members: Iterable[Any]) -> list[Found]:
    """Visitors who were found before."""
    return [
        Found(row.pk, row.name, str(row.org) if row.relation == Relation.HERE else row.home_text or "关系在外")
        for row in members
    ]
