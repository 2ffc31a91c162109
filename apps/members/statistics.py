"""党员队伍情况: who is on the rosters of a node on a day, counted by the bands of the national bulletin.

One statement counts all of it. Each figure carries the filters under which the roster shows exactly these names.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os.path import commonprefix
from typing import Any, Final
from urllib.parse import urlencode

from apps.branches.models import PartyOrg
from apps.core.sql import Sql, fetch

from .kinds import NATIONS, Education, Occupation, Relation, Sex, Stage
from .ledgers.roster_filters import COLLEGE, COLLEGE_UP, MINORITY, MINORITY_NATIONS, UNSAID
from .rules.bands import Band, age_bands, joining_bands

ROSTER: Final = "/members/"
ALL: Final = ("", "")
"""The key of the number of all members."""

_LEVEL: Final = 4  # characters of a path for each level


@dataclass(frozen=True)
class Line:
    """One band of a dimension. `among` names the codes that it sums up: 大专及以上, 少数民族."""

    code: str
    label: str
    among: Sequence[str] = ()
    quiet: bool = False  # shown only where somebody is in it


@dataclass(frozen=True)
class Dimension:
    """One way to divide the members; `code` is the filter of the roster that opens a band."""

    code: str
    label: str
    lines: tuple[Line, ...]


@dataclass
class Counts:
    """The numbers of one organisation (or of the whole) by (dimension, band)."""

    numbers: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))

    @property
    def total(self) -> int:
        return self.numbers[ALL]

    def of(self, dimension: Dimension, line: Line) -> int:
        codes = line.among or (line.code,)
        return sum(self.numbers[dimension.code, code] for code in codes)

    def add(self, other: Counts) -> None:
        for key, number in other.numbers.items():
            self.numbers[key] += number


@dataclass(frozen=True)
class Row:
    """One organisation below the node, or the one above these for the members whom it keeps directly (`own`)."""

    org: PartyOrg
    own: bool
    counts: Counts


@dataclass(frozen=True)
class Report:
    """The members of a node on a day."""

    org: PartyOrg
    on: datetime.date
    today: datetime.date
    dimensions: tuple[Dimension, ...]
    whole: Counts
    rows: tuple[Row, ...]

    def lines(self, dimension: Dimension) -> list[Line]:
        """The bands to show: all that the bulletin has, and the others where somebody is in them."""
        return [line for line in dimension.lines if not line.quiet or self.whole.of(dimension, line)]

    def names_url(self, row: Row | None = None, dimension: Dimension | None = None, line: Line | None = None) -> str:
        """The roster that shows the names behind a figure."""
        org = row.org if row else self.org
        params = {"org": org.code}
        if self.on != self.today:
            params["on"] = self.on.isoformat()
        if row and row.own:
            params["own"] = "1"
        if dimension and line:
            params[dimension.code] = line.code
        return f"{ROSTER}?{urlencode(params)}"


def dimensions(on: datetime.date) -> tuple[Dimension, ...]:
    """The dimensions of the bulletin on a day, in its order."""
    unsaid = Line(UNSAID, "未填写", quiet=True)
    sexes = [Line(sex, sex.label, quiet=sex not in (Sex.FEMALE, Sex.MALE)) for sex in sorted(Sex, key=_women_first)]
    (han, han_label), *others = NATIONS
    nations = [
        Line(han, han_label),
        Line(MINORITY, "少数民族", MINORITY_NATIONS),
        *(Line(code, label, quiet=True) for code, label in others),
    ]
    degrees = [Line(COLLEGE, "大专及以上", COLLEGE_UP), *(Line(each, each.label, quiet=True) for each in Education)]
    return (
        Dimension("stage", "党员类别", tuple(Line(stage, stage.label) for stage in Stage)),
        Dimension("sex", "性别", tuple(sexes)),
        Dimension("nation", "民族", (*nations, unsaid)),
        Dimension("education", "学历", (*degrees, unsaid)),
        Dimension("age", "年龄", (*_lines(age_bands(on)), unsaid)),
        Dimension("joined", "入党时间", (*_lines(joining_bands()), unsaid)),
        Dimension("occupation", "职业", (*(Line(each, each.label) for each in Occupation), unsaid)),
    )


def count(org: PartyOrg, *, on: datetime.date, today: datetime.date) -> Report:
    """Count the members of `org` (found under the scope) and of the organisations below it.

    These are of the first level at which the members part: a park with one committee is told by its branches.
    """
    by_path: dict[str, Counts] = defaultdict(Counts)
    parting = _parting(org.path, on, today)
    for found in fetch(_counted(org.path, parting, on, today)):
        name = found["dimension"]
        key = (name, found["band"]) if name else ALL
        by_path[found["child"]].numbers[key] = found["members"]
    whole = Counts()
    for counts in by_path.values():
        whole.add(counts)
    orgs = PartyOrg.objects.filter(path__in=list(by_path)).order_by("path")
    rows = tuple(Row(each, each.path == parting, by_path[each.path]) for each in orgs)
    return Report(org, on, today, dimensions(on), whole, rows)


def _women_first(sex: Sex) -> int:
    return (Sex.FEMALE, Sex.MALE, Sex.UNKNOWN, Sex.UNSTATED).index(sex)


def _lines(bands: Sequence[Band]) -> list[Line]:
    return [Line(band.code, band.label) for band in bands]


def _parting(root: str, on: datetime.date, today: datetime.date) -> str:
    """The path of the lowest organisation that has all the members below it; both ends of an index tell."""
    where, params = _on_roster(root, on, today)
    table = "members_member" if on == today else "members_membership"
    text = f"SELECT min(r.org_path) AS first, max(r.org_path) AS last FROM {table} r WHERE {where}"  # noqa: S608
    (ends,) = fetch(Sql(text, params))
    if not ends["first"]:
        return root
    common = commonprefix([ends["first"], ends["last"]])
    return common[: len(common) // _LEVEL * _LEVEL]


def _counted(root: str, parting: str, on: datetime.date, today: datetime.date) -> Sql:
    """The relation (child, dimension, band, members): one scan, grouped by each dimension apart.

    `child` is the path one level below `parting`, or `parting` itself. Who is alike in everything is counted first:
    a million members are some thousand sorts of people.
    """
    columns: Mapping[str, Sql] = {
        "stage": Sql(f"CASE WHEN m.formal_on <= %s THEN '{Stage.FORMAL}' ELSE '{Stage.PROBATIONARY}' END", (on,)),
        "sex": Sql("m.sex"),
        "nation": Sql(f"coalesce(nullif(m.nation, ''), '{UNSAID}')"),
        "education": Sql(f"coalesce(nullif(m.education, ''), '{UNSAID}')"),
        "age": _band_of("m.born_on", age_bands(on)),
        "joined": _band_of("m.joined_on", joining_bands()),
        "occupation": Sql(f"coalesce(nullif(m.occupation, ''), '{UNSAID}')"),
    }
    source, params = _members(root, on, today)
    selected = ", ".join(f"{sql.text} AS {name}" for name, sql in columns.items())
    which = " ".join(f"WHEN grouping({name}) = 0 THEN '{name}'" for name in columns)
    sets = ", ".join(f"(child, {name})" for name in columns)
    text = f"""
    SELECT child, CASE {which} ELSE '' END AS dimension, coalesce({", ".join(columns)}, '') AS band,
           sum(alike)::bigint AS members
    FROM (SELECT child, {", ".join(columns)}, count(*) AS alike
          FROM (SELECT left(path, %s) AS child, {selected} FROM {source} OFFSET 0) q
          GROUP BY child, {", ".join(columns)}) a
    GROUP BY GROUPING SETS ((child), {sets})
    """  # noqa: S608 - codes of the kinds and pieces of this module
    in_columns = [value for sql in columns.values() for value in sql.params]
    return Sql(text, (len(parting) + _LEVEL, *in_columns, *params))


def _members(root: str, on: datetime.date, today: datetime.date) -> tuple[str, tuple[Any, ...]]:
    """Today's roster is one table; that of another day the memberships of then."""
    where, params = _on_roster(root, on, today)
    if on == today:
        return f"(SELECT r.*, r.org_path AS path FROM members_member r WHERE {where}) m", params  # noqa: S608
    text = f"""(SELECT p.*, r.org_path AS path FROM members_membership r JOIN members_member p ON p.id = r.member_id
               WHERE {where}) m"""  # noqa: S608 - pieces of this module
    return text, params


def _on_roster(root: str, on: datetime.date, today: datetime.date) -> tuple[str, tuple[Any, ...]]:
    """The condition on the rows `r` that make up the roster of the day."""
    if on == today:
        return f"r.relation = '{Relation.HERE}' AND r.org_path LIKE %s", (root + "%",)
    return "r.org_path LIKE %s AND r.since <= %s AND (r.until IS NULL OR r.until > %s)", (root + "%", on, on)


def _band_of(column: str, bands: Sequence[Band]) -> Sql:
    """The code of the band in which a date lies, told by its lower edge alone: the bands leave no gap."""
    latest_first = sorted(bands, key=lambda band: band.since or datetime.date.min, reverse=True)
    cases = " ".join(f"WHEN {column} >= %s THEN '{band.code}'" for band in latest_first if band.since)
    open_end = next(band.code for band in bands if band.since is None)
    text = f"CASE WHEN {column} IS NULL THEN '{UNSAID}' {cases} ELSE '{open_end}' END"
    return Sql(text, tuple(band.since for band in latest_first if band.since))
