"""Who is in the parks and what became of them, as plain data: nothing here touches the database."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass, field
from typing import Any

from apps.coverage.rules import Exclusion
from apps.enterprises.kinds import Form, Status, UnbuiltReason, UnitKind

from .days import QUARTERS, Days, between
from .names import CITY, SOCIAL, Names, Trade
from .parks import (
    AFFILIATED_BEFORE,
    AGREEMENTS,
    ARRIVED,
    COMMITTEE_MEMBERS,
    COVER_LOST,
    COVER_LOST_QUARTER,
    COVERED,
    COVERED_SINCE,
    LEFT,
    NEW_AND_EXCLUDED,
    PARKS,
    SYNCHRONOUS,
    SYNCHRONOUS_FOR_SURE,
    UNSIGNED,
    DemoPark,
    Place,
)


@dataclass
class Cover:
    """An establishment to be: `by` names the organisation in the plan of the tree."""

    form: Form
    by: str
    since: datetime.date
    until: datetime.date | None = None


@dataclass
class Firm:
    """One enterprise of the demo, with its history. `slices` are (since, facts) in order."""

    place: Place
    name: str
    short: str
    trade: Trade
    kind: UnitKind
    facts: dict[str, Any]
    arrived: datetime.date
    covers: list[Cover] = field(default_factory=list)
    sync_on: datetime.date | None = None
    building: int | None = None
    slices: list[tuple[datetime.date, dict[str, Any]]] = field(default_factory=list)
    checked: dict[int, datetime.date] = field(default_factory=dict)

    @property
    def park(self) -> int:
        return self.place[0]

    @property
    def sort(self) -> str:
        return self.place[1]

    @property
    def covered_now(self) -> bool:
        return any(cover.until is None for cover in self.covers)

    @property
    def counted(self) -> bool:
        return self.sort != "excluded"

    @property
    def gone(self) -> bool:
        return self.facts["status"] in ("moved_out", "cancelled", "revoked")


STAFF = {
    "single": (16, 96), "joint": (12, 58), "regional": (11, 30), "industry": (11, 42), "dispatched": (22, 70),
    "leading": (26, 80), "affiliated": (10, 40), "build": (30, 88), "join": (12, 60), "none": (10, 46),
}  # fmt: skip
MEMBERS = {
    "single": (3, 11), "joint": (1, 2), "regional": (1, 2), "industry": (0, 2), "dispatched": (0, 2),
    "leading": (1, 2), "affiliated": (1, 2), "build": (3, 5), "join": (1, 2), "none": (0, 0),
}  # fmt: skip
LARGE_STAFF = (104, 380)
LEADERS = {(1, "single", 0): (486, 112), (2, "single", 0): (236, 56)}
"""龙头企业: a firm with a committee, and one with a general branch of its own."""
GROWN_UP = {(1, "joint", 0): 3, (2, "joint", 0): 4}
"""Members of a joint branch that could stand alone by now."""
JOINT_MEMBERS = (2, 1)
JOINT_SIZE = 5
"""联合党支部覆盖单位一般不超过5个 (ZB-04)."""

WHY_UNBUILT: dict[str, tuple[tuple[UnbuiltReason, str], ...]] = {
    "build": (
        (UnbuiltReason.OWNER_UNWILLING, ""), (UnbuiltReason.IN_PROGRESS, ""), (UnbuiltReason.NO_CANDIDATE, ""),
        (UnbuiltReason.OTHER, "正与母公司党委商定隶属关系"),
    ),
    "join": (
        (UnbuiltReason.TOO_FEW_MEMBERS, ""), (UnbuiltReason.TOO_FEW_MEMBERS, ""),
        (UnbuiltReason.RELATION_ELSEWHERE, ""), (UnbuiltReason.STAFF_UNSTABLE, ""),
    ),
    "none": (
        (UnbuiltReason.NO_MEMBERS, ""), (UnbuiltReason.RELATION_ELSEWHERE, ""), (UnbuiltReason.NO_MEMBERS, ""),
        (UnbuiltReason.STAFF_UNSTABLE, ""),
    ),
}  # fmt: skip


def invent(days: Days, rng: random.Random, names: Names) -> list[Firm]:
    """All enterprises of the city, in the order of the parks."""
    social = list(SOCIAL)
    firms = []
    for index, park in enumerate(PARKS):
        for sort, count in park.sorts.items():
            for number in range(count):
                place = (index, sort, number)
                firms.append(_firm(place, park, _facts(place, park, rng), days, rng, names, social))
        for number, reason in enumerate(park.excluded):
            place = (index, "excluded", number)
            firms.append(_firm(place, park, _excluded_facts(reason, place, rng), days, rng, names, social))
    _mark_synchronous(firms, rng)
    _fit_committee(firms)
    _fit_elsewhere(firms)
    for firm in firms:
        _settle_dates(firm, days, rng)
    link(firms)
    for firm in firms:
        _tell_history(firm, days, rng)
    return firms


def link(firms: list[Firm]) -> None:
    """Name the organisation of each cover; none begins before the organisation does."""
    begun: dict[str, datetime.date] = {}
    for firm in sorted(firms, key=lambda f: f.sort not in ("single", "joint", "regional")):
        for cover in firm.covers:
            cover.by = _by(firm, cover, firms)
            if cover.by not in begun and firm.sort in ("single", "joint", "regional") and cover.until is None:
                begun[cover.by] = cover.since
            first = begun.get(cover.by)
            if first is not None and cover.since < first:
                cover.since = first + datetime.timedelta(days=45)
                if firm.sync_on is not None and cover.until is None:
                    firm.sync_on, firm.arrived = cover.since, cover.since - datetime.timedelta(days=40)


def _by(firm: Firm, cover: Cover, firms: list[Firm]) -> str:
    """The key of the organisation that covers: see `tree` for what stands behind each."""
    park, _, number = firm.place
    if cover.form is Form.SINGLE:
        return f"single.{park}.{number}"
    if cover.form is Form.JOINT:
        return f"joint.{park}.{1 if firm.place == COVER_LOST else number // JOINT_SIZE}"
    if cover.form is Form.INDUSTRY:
        return "industry.social" if firm.kind is UnitKind.SOCIAL_ORGANIZATION else "industry.trade"
    if cover.form is Form.LEADING:
        return f"single.{park}.0"
    if cover.form is Form.AFFILIATED:
        hosts = [f for f in firms if f.park == park and f.sort == "single" and f.place not in COVERED_SINCE]
        host = min(hosts, key=lambda f: f.covers[-1].since)
        return f"single.{park}.{host.place[2]}"
    return f"{'regional' if cover.form is Form.REGIONAL else 'committee'}.{park}"


def _firm(
    place: Place, park: DemoPark, facts: dict[str, Any], days: Days, rng: random.Random, names: Names, social: list[str]
) -> Firm:
    trade = park.trades[place[2] % len(park.trades)]
    mark, product = names.mark(), names.products(trade)
    is_social = bool(social) and (place[1] == "industry" or facts.get("small", False))
    if is_social:
        title = social.pop(0)
        name, short = f"{CITY}市{title}", title
    else:
        name, short = f"{CITY}{mark}{product}{'股份' if facts['staff'] >= 200 else ''}有限公司", f"{mark}{product}"
    facts.pop("small", None)
    kind = UnitKind.SOCIAL_ORGANIZATION if is_social else UnitKind.ENTERPRISE
    firm = Firm(place, name, short, trade, kind, facts, days.today)
    if park.buildings and facts["staff"] < 100 and rng.random() < 0.55 and facts["has_premises"]:
        firm.building = rng.randrange(len(park.buildings))
    return firm


def _facts(place: Place, park: DemoPark, rng: random.Random) -> dict[str, Any]:
    """What is true today of an enterprise that counts."""
    _, sort, number = place
    if place in LEADERS:
        staff, formal = LEADERS[place]
    elif sort == "single" and number < park.large:
        staff, formal = rng.randint(*LARGE_STAFF), rng.randint(12, 34)
    else:
        staff, formal = rng.randint(*STAFF[sort]), rng.randint(*MEMBERS[sort])
    if sort in ("joint", "regional"):
        formal = GROWN_UP.get(place, JOINT_MEMBERS[number % 2])
    elsewhere = rng.choice((0, 0, 1, 2)) if sort != "none" else (0, 2, 0, 1)[(place[0] + number) % 4]
    reasons = WHY_UNBUILT.get(sort)
    reason, note = reasons[(place[0] + number) % len(reasons)] if reasons else ("", "")
    return _with_shares({
        "status": Status.OPERATING.value, "has_premises": True, "has_operations": True, "staff": staff,
        "formal_members": formal, "probationary_members": rng.choice((0, 0, 0, 1)) if formal >= 3 else 0,
        "members_elsewhere": elsewhere, "applicants": rng.randint(0, 4) if formal else rng.randint(0, 1),
        "unbuilt_reason": str(reason), "unbuilt_note": note,
    }, rng)  # fmt: skip


_EXCLUDED: dict[Exclusion, dict[str, Any]] = {
    Exclusion.MOVED_OUT: {"status": Status.MOVED_OUT.value, "staff": 24, "formal_members": 1},
    Exclusion.CANCELLED: {"status": Status.CANCELLED.value, "staff": 0, "has_operations": False},
    Exclusion.SUSPENDED: {"status": Status.SUSPENDED.value, "staff": 18, "has_operations": False},
    Exclusion.PREPARING: {"status": Status.PREPARING.value, "staff": 6, "has_operations": False},
    Exclusion.SHELL: {"staff": 0, "has_operations": False, "has_premises": False},
    Exclusion.NO_PREMISES: {"staff": 16, "has_premises": False},
    Exclusion.TOO_FEW_STAFF: {"staff": 5, "small": True},
    Exclusion.NO_OPERATIONS: {"staff": 13, "has_operations": False},
}


def _excluded_facts(reason: Exclusion, place: Place, rng: random.Random) -> dict[str, Any]:
    """What is true today of an enterprise that does not count, for this reason."""
    plain = {
        "status": Status.OPERATING.value, "has_premises": True, "has_operations": True, "staff": 0, "formal_members": 0,
        "probationary_members": 0, "members_elsewhere": 0, "applicants": 0, "unbuilt_note": "",
        "unbuilt_reason": UnbuiltReason.NO_MEMBERS.value,
    }  # fmt: skip
    facts = plain | _EXCLUDED[reason]
    if reason is Exclusion.CANCELLED and place[0] == 4:
        facts["status"] = Status.REVOKED.value
    if facts["formal_members"]:
        facts["unbuilt_reason"] = UnbuiltReason.TOO_FEW_MEMBERS.value
    return _with_shares(facts, rng)


def _with_shares(facts: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    staff = facts["staff"]
    return facts | {
        "staff_under_35": round(staff * rng.uniform(0.25, 0.6)), "staff_college": round(staff * rng.uniform(0.2, 0.7))
    }


def _mark_synchronous(firms: list[Firm], rng: random.Random) -> None:
    """Choose the enterprises that had their organisation from the start; the day is set with the others."""
    sure = [firm for firm in firms if firm.place in SYNCHRONOUS_FOR_SURE]
    able = [firm for firm in firms if firm.sort in COVERED and firm.place not in COVERED_SINCE]
    for firm in [*sure, *rng.sample(able, SYNCHRONOUS - len(sure))]:
        firm.sync_on = datetime.date.min


def _fit_committee(firms: list[Firm]) -> None:
    """Let the members of the first park's branches add up to the figure that is told of it."""
    own = [firm for firm in firms if firm.park == 0 and firm.sort in ("single", "joint", "affiliated")]
    roomy = [firm for firm in own if firm.sort == "single"]
    turn = 0
    while missing := COMMITTEE_MEMBERS - sum(f.facts["formal_members"] + f.facts["probationary_members"] for f in own):
        firm = roomy[turn % len(roomy)]
        turn += 1
        step = 1 if missing > 0 else -1
        if 4 <= firm.facts["formal_members"] + step <= firm.facts["staff"] // 3:
            firm.facts["formal_members"] += step


def _fit_elsewhere(firms: list[Firm]) -> None:
    """Let the members whose relation is elsewhere add up to the agreements that are told of, and some more."""
    here = [firm for firm in firms if not firm.gone and firm.facts["staff"] >= 10]
    for firm in (f for f in firms if f not in here):
        firm.facts["members_elsewhere"] = 0
    turn = 0
    while missing := AGREEMENTS + UNSIGNED - sum(firm.facts["members_elsewhere"] for firm in here):
        firm = here[turn % len(here)]
        turn += 1
        wanted = firm.facts["members_elsewhere"] + (1 if missing > 0 else -1)
        if 0 <= wanted <= firm.facts["staff"] // 6:
            firm.facts["members_elsewhere"] = wanted


def _settle_dates(firm: Firm, days: Days, rng: random.Random) -> None:
    """When it came, and since when what covers it covers it."""
    park = PARKS[firm.park]
    earliest = park.founded + datetime.timedelta(days=200)
    history = days.period(QUARTERS).start
    came = ARRIVED.get(firm.place)
    if firm.place in NEW_AND_EXCLUDED or came == 0:
        firm.arrived = days.this_month(rng.uniform(0.1, 0.6))
    elif came is not None:
        firm.arrived = days.in_quarter(came, rng.uniform(0.1, 0.3))
    else:
        firm.arrived = between(earliest, history - datetime.timedelta(days=400), rng.random())
    since = _covered_since(firm, days, rng, earliest, history)
    if since is not None:
        firm.covers.append(Cover(COVERED.get(firm.sort, Form.AFFILIATED), "", since))
    if firm.place == AFFILIATED_BEFORE and since is not None:
        firm.covers.insert(0, Cover(Form.AFFILIATED, "", between(firm.arrived, since, 0.5), since))
    if firm.place == COVER_LOST:
        lost = days.in_quarter(COVER_LOST_QUARTER, 0.4)
        firm.covers.append(Cover(Form.JOINT, "", between(firm.arrived, history, 0.6), lost))
    if firm.place in LEFT and firm.place == (1, "excluded", 0):
        left = days.in_quarter(0, 0.5)
        firm.covers.append(Cover(Form.REGIONAL, "", between(firm.arrived, history, 0.7), left))


def _covered_since(
    firm: Firm, days: Days, rng: random.Random, earliest: datetime.date, history: datetime.date
) -> datetime.date | None:
    if firm.sort not in COVERED and firm.sort != "affiliated":
        return None
    quarter = COVERED_SINCE.get(firm.place)
    if firm.place in LEADERS:
        since = earliest + datetime.timedelta(days=420)
    elif quarter == 0 and firm.place in ARRIVED:
        since = days.this_month(0.8)
    elif quarter is not None:
        since = days.in_quarter(quarter, 0.45 if firm.sort in ("joint", "regional") else rng.uniform(0.4, 0.7))
    elif firm.sort == "affiliated" and firm.place in ARRIVED:
        since = between(firm.arrived, history + datetime.timedelta(days=300), 0.3)
    elif firm.sort in ("joint", "regional"):
        group = firm.place[0] * 2 + (firm.place[2] // JOINT_SIZE)
        since = between(earliest + datetime.timedelta(days=900), history - datetime.timedelta(days=200), (group % 7) / 7)
    elif firm.sync_on is not None:
        since = between(earliest + datetime.timedelta(days=90), history - datetime.timedelta(days=200), rng.random())
    else:
        since = between(max(firm.arrived, earliest), history - datetime.timedelta(days=60), rng.uniform(0.3, 0.95))
    if firm.sync_on is not None:
        firm.sync_on = since
        if firm.place not in ARRIVED:
            firm.arrived = since - datetime.timedelta(days=rng.randint(20, 80))
    elif firm.arrived > since:
        firm.arrived = since - datetime.timedelta(days=rng.randint(150, 700))
    return since


def _tell_history(firm: Firm, days: Days, rng: random.Random) -> None:
    """The slices of its condition: told backwards from today, with small changes found by each census."""
    turns: dict[datetime.date, str] = {}
    for back in range(1, QUARTERS + 1):
        last = days.period(back).last_day
        first = days.round_opens(back)
        if firm.arrived <= first and not (firm.gone and not _left_after(firm, days, first)):
            firm.checked[back] = between(first, min(days.round_due(back), last), rng.uniform(0.05, 0.8))
            if rng.random() < 0.4 and firm.counted:
                turns[firm.checked[back]] = "census"
    cover = next((c for c in firm.covers if c.until is None and c.form is not Form.AFFILIATED), None)
    if firm.place in COVERED_SINCE and firm.place not in (*ARRIVED, AFFILIATED_BEFORE) and cover is not None:
        turns[cover.since] = "covered"
    if firm.place in LEFT:
        turns[_left_on(firm, days)] = "left"
    if firm.place == COVER_LOST:
        turns[days.in_quarter(COVER_LOST_QUARTER, 0.4)] = "lost"
    facts = dict(firm.facts)
    for day in sorted((day for day in turns if day > firm.arrived), reverse=True):
        firm.slices.insert(0, (day, facts))
        facts = _before(facts, turns[day], firm, rng)
    firm.slices.insert(0, (firm.arrived, facts))


def _left_on(firm: Firm, days: Days) -> datetime.date:
    return days.in_quarter(LEFT[firm.place], 0.5)


def _left_after(firm: Firm, days: Days, day: datetime.date) -> bool:
    return firm.place in LEFT and _left_on(firm, days) > day


def _before(facts: dict[str, Any], turn: str, firm: Firm, rng: random.Random) -> dict[str, Any]:
    """What was true before a turn: nobody crosses a threshold of the figures on the way."""
    if turn == "covered":
        reason = UnbuiltReason.IN_PROGRESS if facts["formal_members"] >= 3 else UnbuiltReason.TOO_FEW_MEMBERS
        return facts | {"unbuilt_reason": reason.value if facts["formal_members"] else UnbuiltReason.NO_MEMBERS.value}
    if turn == "lost":
        return facts | {"unbuilt_reason": "", "formal_members": facts["formal_members"] + 1}
    if turn == "left":
        return facts | {
            "status": Status.OPERATING.value, "has_operations": True, "staff": 26, "staff_under_35": 11,
            "staff_college": 9,
        }  # fmt: skip
    low = 100 if facts["staff"] >= 100 else 50 if facts["staff"] >= 50 else 10
    high = {100: 900, 50: 99, 10: 49}[low]
    change = rng.randint(-6, 4) if low < 100 else rng.randint(-14, 8)
    staff = min(max(facts["staff"] + change, low, facts["staff_under_35"], facts["staff_college"]), high)
    formal = facts["formal_members"]
    if firm.sort == "single" and formal > 3:
        formal -= rng.choice((0, 0, 1))
    return facts | {"staff": staff, "formal_members": formal, "applicants": max(0, facts["applicants"] + rng.randint(-1, 1))}
