"""Writes the parks, the enterprises with all their dated conditions, and what covers them."""

from __future__ import annotations

import datetime
import random
from decimal import Decimal

from apps.core.codes import make_credit_code
from apps.core.text import pinyin_initials
from apps.enterprises.kinds import Attitude, Form, PoliticalStatus, Scale, Status, UnitKind
from apps.enterprises.models import Building, Condition, Enterprise, Park
from apps.enterprises.services import end_establishment, establish, register_building, register_park
from apps.enterprises.services.responsibility import settle

from .days import Days
from .firms import LEADERS, Firm
from .names import CITY, OWNERSHIPS, PROVINCE, Names
from .parks import PARKS, Place
from .tree import Founder, issuer

FIRST_SERIAL = 6001
"""Credit codes of the demo are counted from here."""

IN_CHARGE = {(0, 0): "joint.0.0", (0, 1): "joint.0.1", (1, 0): "single.1.5", (5, 0): "joint.5.0"}
"""一个支部分包一栋楼: which branch is in charge of which building; the rest is the park's."""

ATTITUDES = {
    "build": (Attitude.NEUTRAL, Attitude.SUPPORTIVE, Attitude.HESITANT), "join": (Attitude.NEUTRAL, Attitude.SUPPORTIVE),
    "none": (Attitude.NEUTRAL, Attitude.HESITANT, Attitude.OPPOSED), "affiliated": (Attitude.SUPPORTIVE,),
}  # fmt: skip

Enterprises = dict[Place, Enterprise]


def write_register(
    founder: Founder, firms: list[Firm], names: Names, rng: random.Random
) -> Enterprises:
    """Everything that the register knows. Conditions are written in bulk, covers through their service."""
    parks, buildings = _write_places(founder)
    rows = {
        firm.place: _enterprise(serial, firm, parks[firm.park], buildings, founder, names, rng)
        for serial, firm in enumerate(firms, start=FIRST_SERIAL)
    }
    Enterprise.objects.bulk_create(rows.values())
    Condition.objects.bulk_create(
        [slice_ for firm in firms for slice_ in _conditions(rows[firm.place], firm, founder.days)]
    )
    _cover(founder, firms, rows)
    settle(list(rows.values()), today=founder.days.today)
    return rows


def _write_places(founder: Founder) -> tuple[list[Park], dict[tuple[int, int], Building]]:
    parks, buildings = [], {}
    for index, plan in enumerate(PARKS):
        facts = {
            "code": plan.code, "name": plan.name, "level": plan.level.value, "org": founder.orgs[f"park.{index}"],
            "address": f"{CITY}市{plan.street}",
        }  # fmt: skip
        park = register_park(facts=facts, actor=founder.actor)
        parks.append(park)
        for number, (name, floors) in enumerate(plan.buildings):
            buildings[index, number] = register_building(
                park=park, actor=founder.actor, branch=founder.orgs.get(IN_CHARGE.get((index, number), "")),
                facts={"code": f"{number + 1:02d}", "name": name, "floors": floors, "address": f"{CITY}市{plan.street} {number * 6 + 8} 号"},
            )  # fmt: skip
    return parks, buildings


def _enterprise(
    serial: int, firm: Firm, park: Park, buildings: dict[tuple[int, int], Building], founder: Founder, names: Names,
    rng: random.Random,
) -> Enterprise:  # fmt: skip
    plan, staff = PARKS[firm.park], firm.facts["staff"]
    building = buildings.get((firm.park, firm.building)) if firm.building is not None else None
    social = firm.kind is UnitKind.SOCIAL_ORGANIZATION
    capital = rng.choice((50, 100, 200, 300, 500, 800, 1000, 2000, 5000)) * (4 if staff >= 100 else 1)
    leader = names.person()
    return Enterprise(
        org=park.org, park=park, building=building, kind=firm.kind.value, name=firm.name,
        initials=pinyin_initials(firm.name),
        credit_code=make_credit_code(plan.region, serial, kind=_code_kind(firm)),
        room=f"{rng.randint(2, building.floors or 6)}{rng.randint(1, 12):02d} 室" if building else "",
        address=f"{CITY}市{plan.street} {rng.randint(2, 188)} 号", province=PROVINCE, city=f"{CITY}市",
        registered_on=firm.arrived - datetime.timedelta(days=rng.randint(12, 90)), arrived_on=firm.arrived,
        ownership="" if social else rng.choice(OWNERSHIPS), industry="S" if social else firm.trade.industry,
        scale=_scale(staff, social=social), above_scale=staff >= 60 and not social,
        capital=None if social else Decimal(capital), capital_text="" if social else f"{capital}万人民币",
        business_scope="" if social else firm.trade.scope, leader_name=leader,
        leader_status=rng.choice((PoliticalStatus.MEMBER, PoliticalStatus.MASSES, PoliticalStatus.NO_PARTY)).value
        if firm.covered_now else PoliticalStatus.MASSES.value,
        contact_name=names.person() if staff > 20 else leader, contact_phone=names.phone(),
        attitude=rng.choice(ATTITUDES.get(firm.sort, (Attitude.ACTIVE, Attitude.SUPPORTIVE, Attitude.SUPPORTIVE))).value
        if not firm.gone else "",
        venue_area=rng.randint(20, 120) if firm.sort == "single" else None,
        party_funds=Decimal(rng.randint(6, 60) * 1000) if firm.sort == "single" else None,
        sync_planned_on=firm.sync_on and min(firm.sync_on, firm.arrived), sync_founded_on=firm.sync_on,
        sync_recruited_on=firm.sync_on and min(firm.sync_on, firm.arrived + datetime.timedelta(days=15)),
    )  # fmt: skip


def _code_kind(firm: Firm) -> str:
    if firm.kind is UnitKind.ENTERPRISE:
        return "91"
    return "51" if firm.name.endswith(("协会", "商会", "促进会")) else "52"


def _scale(staff: int, *, social: bool) -> str:
    if social:
        return ""
    bands = ((300, Scale.LARGE), (100, Scale.MEDIUM), (20, Scale.SMALL))
    return next((scale for least, scale in bands if staff >= least), Scale.MICRO).value


def _conditions(enterprise: Enterprise, firm: Firm, days: Days) -> list[Condition]:
    """The slices one after the other; each ends where the next begins."""
    ends = [since for since, _ in firm.slices[1:]] + [None]
    checks = {day: back for back, day in firm.checked.items()}
    rows = []
    for (since, facts), until in zip(firm.slices, ends, strict=True):
        back = checks.get(since)
        seen = [day for day in firm.checked.values() if since <= day and (until is None or day < until)]
        rows.append(
            Condition(
                enterprise=enterprise, since=since, until=until, checked_on=max(seen, default=since),
                source=f"{days.period(back).label}摸底" if back else _source(firm, since), recorded_at=days.at(since, 15, 20),
                **facts,
            )
        )  # fmt: skip
    return rows


def _source(firm: Firm, since: datetime.date) -> str:
    if since == firm.slices[0][0]:
        return "登记"
    status = firm.facts["status"]
    return f"状态变更：{Status(status).label}" if status != Status.OPERATING.value else "组建登记"


def _cover(founder: Founder, firms: list[Firm], rows: Enterprises) -> None:
    """Establish in the order of the days; a joint branch takes its enterprises together."""
    groups: dict[tuple[datetime.date, str, Form], list[Firm]] = {}
    for firm in firms:
        for cover in firm.covers:
            groups.setdefault((cover.since, cover.by, cover.form), []).append(firm)
    for (since, by, form), members in sorted(groups.items(), key=lambda item: item[0]):
        org = founder.orgs[by]
        document = org.approval_document if org.founded_on == since else ""
        if not document and form is not Form.AFFILIATED:
            document = founder.document(issuer(PARKS[members[0].park]), since)
        established = establish(
            enterprises=[rows[firm.place] for firm in members], org=org, form=form, since=since, document=document,
            reason="党员较多，设党委（党总支），下设支部" if members[0].place in LEADERS and form is Form.SINGLE else "",
            today=founder.days.today, actor=founder.actor,
        )  # fmt: skip
        for firm, row in zip(sorted(members, key=lambda f: rows[f.place].pk), established, strict=True):
            ending = next(c.until for c in firm.covers if c.since == since and c.by == by)
            if ending is not None:
                end_establishment(
                    establishment=row, until=ending, today=founder.days.today, actor=founder.actor,
                    reason=_why_ended(firm, form),
                )  # fmt: skip


def _why_ended(firm: Firm, form: Form) -> str:
    if form is Form.AFFILIATED:
        return "已单独建立党支部"
    return "企业迁出园区" if firm.gone else "党员离职，不再参加联合支部"
