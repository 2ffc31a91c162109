"""A large invented park for measuring: organisations by the thousand, enterprises by the hundred thousand.

Enterprises and their facts are written by one `INSERT ... SELECT generate_series` for each table. Everything
follows from the number of the row and the seed, so the same call gives the same rows.
"""

from __future__ import annotations

import datetime
from typing import Final

from django.db import connection, models, transaction

from apps.activities.compliance.summary import tend
from apps.branches import tree
from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.audit import record
from apps.core.codes import make_credit_code
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.core.text import pinyin_initials
from apps.enterprises.kinds import Form, ParkLevel, Status, UnitKind
from apps.enterprises.models import (
    Building,
    Condition,
    Enterprise,
    Establishment,
    Instructor,
    InstructorAssignment,
    MassOrganization,
    Park,
)

from .load import is_loaded
from .scale_activities import LAST_DAY, write_activities
from .scale_members import write_members
from .scale_rows import insert_select

ROOT_CODE: Final = "GM"
ROOT_CODES: Final = (ROOT_CODE, "GN")
SINCE: Final = datetime.date(2020, 1, 1)
FIRST_SERIAL: Final = 100_000
STATIONS: Final = 3
BUILDINGS: Final = 3
ORGS_PER_PARK: Final = 100

MARKS: Final = (
    "恒远",
    "嘉信",
    "瑞丰",
    "锦程",
    "泓达",
    "昊业",
    "盛源",
    "铭海",
    "弘图",
    "骏驰",
    "凯林",
    "朗润",
    "翰章",
    "泽川",
)
TRADES: Final = ("机械", "电子", "食品", "服装", "软件", "物流", "建材", "化工", "仪表", "商贸")


def generate(
    *, orgs: int, enterprises: int, seed: int, members: int = 0, activities: int = 0, attendances: int = 0,
    root: str = ROOT_CODE, force: bool = False,
) -> None:  # fmt: skip
    """Fill the database under a root of the code `root`. Attendances need members.

    Raises DomainError where there is data that is neither the demo's nor generated, or that root is there already.
    """
    with unscoped("a generated park is laid out as a whole"):
        generated = PartyOrg.objects.filter(code__in=ROOT_CODES).exists()
        if not (force or generated or is_loaded()) and (PartyOrg.objects.exists() or Enterprise.objects.exists()):
            raise DomainError("数据库中已有其他数据，不生成规模数据；确需生成请加 --force。", code="foreign_data")
        if PartyOrg.objects.filter(code=root).exists():
            raise DomainError("已经生成过规模数据，不再生成。", code="generated")
        with transaction.atomic():
            branches = _lay_tree(orgs, root)
            _write_enterprises(branches, enterprises, seed)
            homes = [place for place in branches if place[4]]
            write_members(homes, members, seed)
            write_activities(homes, activities, attendances, seed)
            summary = f"生成规模数据：{orgs} 个党组织、{enterprises} 家企业、{members} 名党员、{activities} 次活动"
            record(None, "portal.scale_generated", summary=summary, org_path="")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    if activities:
        tend(LAST_DAY)


def _lay_tree(count: int, code: str) -> list[tuple[int, str, int, int, bool]]:
    """The tree of `count` organisations with parks and buildings; returns where enterprises can be put.

    Each place is (organisation, its path, park, building, whether it covers enterprises).
    """
    parks = max(1, count // ORGS_PER_PARK)
    rest = count - 1 - parks * (2 + STATIONS)
    if rest < 1:
        raise DomainError(f"至少需要 {parks * (2 + STATIONS) + 2} 个党组织。", code="too_few")
    root = _org(code, "规模测试社会工作部", OrgKind.AUTHORITY, None, 1)
    tree.place([root])
    root.save()
    committees = _level(
        [(root, f"{root.code}{n:03d}", f"规模{n:03d}园区党工委", OrgKind.WORK_COMMITTEE) for n in range(1, parks + 1)]
    )
    firms = _level([(org, f"{org.code}W", f"{org.name[:-3]}企业党委", OrgKind.COMMITTEE) for org in committees])
    stations = _level([
        (org, f"{org.code}{n}", f"{org.name[:-4]}第{n}党建指导站", OrgKind.GUIDANCE_STATION)
        for org in firms for n in range(1, STATIONS + 1)
    ])  # fmt: skip
    branches = _level([
        (stations[n % len(stations)], f"{root.code}B{n:05d}", f"规模{MARKS[n % len(MARKS)]}{n:05d}党支部",
         OrgKind.JOINT_BRANCH if n % 5 == 0 else OrgKind.BRANCH)
        for n in range(rest)
    ])  # fmt: skip
    return _places(committees, branches)


def _org(code: str, name: str, kind: OrgKind, parent: PartyOrg | None, place: int) -> PartyOrg:
    path = (parent.path if parent else "") + tree.segment(place)
    return PartyOrg(
        code=code, name=name, short_name=name, initials=pinyin_initials(name), kind=kind.value, parent=parent, path=path,
        founded_on=SINCE,
    )  # fmt: skip


def _level(plan: list[tuple[PartyOrg, str, str, OrgKind]]) -> list[PartyOrg]:
    """One level of the tree, below parents that are saved."""
    places: dict[str, int] = {}
    rows = []
    for parent, code, name, kind in plan:
        places[parent.path] = places.get(parent.path, 0) + 1
        rows.append(_org(code, name, kind, parent, places[parent.path]))
    PartyOrg.objects.bulk_create(rows)
    return rows


def _places(committees: list[PartyOrg], branches: list[PartyOrg]) -> list[tuple[int, str, int, int, bool]]:
    parks = [
        Park(code=org.code, name=org.name.removesuffix("党工委"), level=ParkLevel.CITY.value, org=org)
        for org in committees
    ]
    Park.objects.bulk_create(parks)
    buildings = [
        Building(park=park, code=str(n), name=f"{n} 号楼", org=park.org) for park in parks for n in range(BUILDINGS)
    ]
    Building.objects.bulk_create(buildings)
    home = {park.org.path: number for number, park in enumerate(parks)}
    width = len(committees[0].path)
    found = []
    for number, org in enumerate([*branches, *committees]):
        park = home[org.path[:width]]
        building = buildings[park * BUILDINGS + number % BUILDINGS]
        found.append((org.pk, org.path, parks[park].pk, building.pk, len(org.path) > width))
    return found


def _write_enterprises(places: list[tuple[int, str, int, int, bool]], count: int, seed: int) -> None:
    """Two of three enterprises are covered by a branch, the others are their park's."""
    branches = [place for place in places if place[4]]
    homes = [place for place in places if not place[4]]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE scale_place (n int, covers bool, org_id bigint, path text, park bigint, building bigint)"
            " ON COMMIT DROP"
        )
        for rows in (branches, homes):
            cursor.execute(
                "INSERT INTO scale_place SELECT row_number() OVER () - 1, * FROM unnest(%s::bool[], %s::bigint[], %s::text[],"
                " %s::bigint[], %s::bigint[])",
                [[r[4] for r in rows], [r[0] for r in rows], [r[1] for r in rows], [r[2] for r in rows], [r[3] for r in rows]],
            )  # fmt: skip
        cursor.execute(
            "CREATE TEMP TABLE scale ON COMMIT DROP AS SELECT g, c.code,"
            " (hashint8extended(g, %(seed)s) & 1073741823)::int AS h, (hashint8extended(g, %(seed)s + 1) & 1073741823)::int AS k"
            " FROM generate_series(1, %(count)s) g JOIN unnest(%(codes)s::text[]) WITH ORDINALITY c(code, n) ON c.n = g",
            {"seed": seed, "count": count, "codes": _codes(count)},
        )  # fmt: skip
        cursor.execute(
            "CREATE TEMP TABLE scale_firm ON COMMIT DROP AS SELECT s.*, p.*, s.h %% 3 > 0 AS covered,"
            " nextval(pg_get_serial_sequence('enterprises_enterprise', 'id')) AS id,"
            " 1 + s.k %% 9 * (s.h %% 19) + s.k %% 7 AS staff"
            " FROM scale s JOIN scale_place p ON p.covers = (s.h %% 3 > 0)"
            " AND p.n = s.k %% CASE WHEN s.h %% 3 > 0 THEN %s ELSE %s END",
            [len(branches), len(homes)],
        )  # fmt: skip
        cursor.execute("ANALYZE scale_firm")
        for model, columns, source in _statements():
            insert_select(cursor, model, columns, source)


def _codes(count: int) -> list[str]:
    first = FIRST_SERIAL + Enterprise.objects.count()
    return [make_credit_code("210600", first + number) for number in range(count)]


def _array(values: tuple[str, ...]) -> str:
    return "ARRAY[" + ", ".join(f"'{value}'" for value in values) + "]"


def _pick(values: tuple[str, ...], by: str) -> str:
    return f"({_array(values)})[1 + {by} % {len(values)}]"


def _statements() -> list[tuple[type[models.Model], dict[str, str], str]]:
    """Table, expression of each column, and the rows that it is taken from."""
    early, later = (datetime.date(2024, 1, 1), datetime.date(2026, 1, 1))
    statuses = (*[Status.OPERATING.value] * 17, Status.SUSPENDED.value, Status.PREPARING.value, Status.MOVED_OUT.value)
    forms = (
        *[Form.JOINT.value] * 4,
        Form.SINGLE.value,
        Form.REGIONAL.value,
        Form.INDUSTRY.value,
        Form.AFFILIATED.value,
    )
    initials = tuple(pinyin_initials(mark) for mark in MARKS)
    trade_initials = tuple(pinyin_initials(trade) for trade in TRADES)
    first = f"date '{SINCE}'"
    last = f"CASE WHEN f.k % 3 = 0 THEN date '{later}' ELSE {first} END"
    counted = {
        "status": _pick(statuses, "f.h"), "has_premises": "f.k % 23 > 0", "has_operations": "f.k % 29 > 0",
        "staff": "f.staff", "formal_members": "CASE WHEN f.covered THEN f.k % 9 ELSE greatest(f.h % 11 - 7, 0) END",
        "unbuilt_reason": "CASE WHEN f.covered THEN '' ELSE 'too_few_members' END", "enterprise_id": "f.id",
    }  # fmt: skip
    enterprise = {
        "id": "f.id", "org_id": "f.org_id", "org_path": "f.path", "park_id": "f.park",
        "building_id": "CASE WHEN f.h % 4 = 0 THEN f.building END", "kind": f"'{UnitKind.ENTERPRISE.value}'",
        "name": f"'规模' || {_pick(MARKS, 'f.h')} || {_pick(TRADES, 'f.k')} || lpad(f.g::text, 6, '0') || '有限公司'",
        "initials": f"'gm' || {_pick(initials, 'f.h')} || {_pick(trade_initials, 'f.k')} || lpad(f.g::text, 6, '0') || 'yxgs'",
        "credit_code": "f.code", "industry": _pick(("C", "C", "F", "G", "I", "L"), "f.k"), "province": "'辽宁省'",
        "registered_on": "date '2005-01-01' + f.h % 5400", "arrived_on": "date '2010-01-01' + f.h % 3600",
        "capital": "100 + f.k % 900", "contact_phone": "'1380013' || lpad((f.g % 10000)::text, 4, '0')",
    }  # fmt: skip
    instructor = {
        "org_id": "p.org_id", "org_path": "p.path", "name": f"{_pick(MARKS, 'p.n')} || p.n", "since": f"date '{early}'",
        "unit": "'市级机关'",
    }  # fmt: skip
    return [
        (Enterprise, enterprise, "scale_firm f"),
        (Condition, {**counted, "staff": "greatest(f.staff - 2, 0)", "since": first, "checked_on": first, "until": f"date '{later}'"},
         "scale_firm f WHERE f.k % 3 = 0"),
        (Condition, {**counted, "since": last, "checked_on": last}, "scale_firm f"),
        (Establishment, {"enterprise_id": "f.id", "org_id": "f.org_id", "form": _pick(forms, "f.k"),
                         "since": f"date '{SINCE}' + f.h % 1500"}, "scale_firm f WHERE f.covered"),
        (MassOrganization, {"enterprise_id": "f.id", "kind": "'union'", "headcount": "f.staff",
                            "since": f"date '{SINCE}' + f.k % 900"}, "scale_firm f WHERE f.staff >= 25 AND f.h % 2 = 0"),
        (Instructor, instructor, "scale_place p WHERE p.covers"),
        (InstructorAssignment, {"enterprise_id": "f.id", "instructor_id": "i.id", "since": f"date '{later}'"},
         "(SELECT *, row_number() OVER () AS r FROM scale_firm WHERE NOT covered AND h % 5 < 2) f JOIN"
         " (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM enterprises_instructor WHERE unit = '市级机关') i"
         " ON i.n = f.r % (SELECT count(*) FROM scale_place WHERE covers)"),
    ]  # fmt: skip
