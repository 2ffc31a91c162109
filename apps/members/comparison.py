"""Two lists of people side by side: who is only in one, and in what the others differ.

People are matched by the keyed hash of the ID number; of the rest, by name and birth date where both sides have
exactly one such person: that is possible, not certain. Numbers are opened only where their mask is shown.
"""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from apps.branches.models import PartyOrg
from apps.branches.querysets import BEHIND_ALL_BELOW
from apps.core.codes import mask_id_number, mask_phone
from apps.core.excel.dates import PartialDate
from apps.core.excel.problems import Problem
from apps.core.sealing import fingerprint

from .imports.national import NationalRow
from .kinds import NATIONS, Education, Sex, Stage
from .models import Member

CERTAIN, POSSIBLE = "身份证号", "姓名和出生日期（可能）"
UNSAID = "未登记"
LABELS = {
    "name": "姓名", "id_number": "身份证号", "sex": "性别", "nation": "民族", "born_on": "出生日期", "education": "学历",
    "joined_on": "入党日期", "formal_on": "转正日期", "stage": "党员类别", "position": "工作岗位（职务）", "org": "所在党支部",
    "phone": "联系电话",
}  # fmt: skip
CODES = {
    "sex": dict(Sex.choices()), "nation": dict(NATIONS), "education": dict(Education.choices()),
    "stage": dict(Stage.choices()),
}  # fmt: skip
_READ = (
    "pk", "code", "name", "sex", "nation", "born_on", "education", "joined_on", "formal_on", "position",
    "id_number_index", "phone_index", "org_id",
)  # fmt: skip


@dataclass(frozen=True)
class OnlyThere:
    """Somebody of the export who is on no roster of the node."""

    row: int
    name: str
    id_number: str
    born_on: str
    branch: str


@dataclass(frozen=True)
class OnlyHere:
    """Somebody of the rosters who is not in the export."""

    pk: int
    code: str
    name: str
    id_number: str
    born_on: str
    branch: str


@dataclass(frozen=True)
class Different:
    """Somebody who is in both, with (field, there, here) for each difference."""

    row: int
    pk: int
    name: str
    branch: str
    matched_by: str
    fields: list[tuple[str, str, str]]


@dataclass
class Outcome:
    """What a comparison found. `branches` are (branch, there, here, same, different, only there, only here)."""

    there: list[OnlyThere] = field(default_factory=list)
    here: list[OnlyHere] = field(default_factory=list)
    different: list[Different] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    branches: list[tuple[str, int, int, int, int, int, int]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "problems": [list(problem) for problem in self.problems]}

    @classmethod
    def of_json(cls, found: Mapping[str, Any]) -> Outcome:
        return cls(
            there=[OnlyThere(**each) for each in found["there"]],
            here=[OnlyHere(**each) for each in found["here"]],
            different=[
                Different(**{**each, "fields": [tuple(one) for one in each["fields"]]}) for each in found["different"]
            ],
            problems=[Problem(*each) for each in found["problems"]],
            branches=[tuple(each) for each in found["branches"]],
            counts=found["counts"],
        )


class _Sides:
    """The export and the rosters of a node, matched."""

    def __init__(self, rows: Sequence[NationalRow], org: PartyOrg, today: datetime.date) -> None:
        self.today = today
        self.orgs = {each.pk: each for each in PartyOrg.objects.below(org)}
        self.by_text = {word: each.pk for each in self.orgs.values() for word in _names(each)}
        by_print: dict[str, NationalRow] = {}
        for row in rows:
            if row.id_number:
                by_print.setdefault(fingerprint(row.id_number.number, "id_number"), row)
        counted = {id(row) for row in by_print.values()} | {id(row) for row in rows if not row.id_number}
        self.rows = [row for row in rows if id(row) in counted]
        self.pairs: list[tuple[NationalRow, dict[str, Any], str]] = []
        self.left: list[dict[str, Any]] = []
        members = Member.objects.on_roster().filter(org_path__startswith=org.path).order_by("org_path", "pk")
        for ours in members.values(*_READ).iterator(chunk_size=2000):
            known = by_print.pop(ours["id_number_index"], None) if ours["id_number_index"] else None
            if known is None:
                self.left.append(ours)
            else:
                self.pairs.append((known, ours, CERTAIN))
        matched = {id(row) for row, *_ in self.pairs}
        self.unmatched = [row for row in self.rows if id(row) not in matched]
        self._match_by_name()

    def _match_by_name(self) -> None:
        theirs: dict[Any, list[NationalRow]] = defaultdict(list)
        ours: dict[Any, list[dict[str, Any]]] = defaultdict(list)
        for row in self.unmatched:
            theirs[row.values["name"], row.born_on].append(row)
        for member in self.left:
            ours[member["name"], member["born_on"]].append(member)
        for key, rows in theirs.items():
            if key[1] is not None and len(rows) == 1 and len(ours[key]) == 1:
                self.pairs.append((rows[0], ours[key][0], POSSIBLE))
        paired = {id(row) for row, *_ in self.pairs}
        known = {member["pk"] for _, member, _ in self.pairs}
        self.unmatched = [row for row in self.unmatched if id(row) not in paired]
        self.left = [member for member in self.left if member["pk"] not in known]

    def branch_of(self, row: NationalRow) -> int | None:
        return self.by_text.get(row.values.get("org", ""))


def compare(rows: Sequence[NationalRow], problems: Sequence[Problem], org: PartyOrg, today: datetime.date) -> Outcome:
    """Compare the export with today's rosters below `org`, which was found under the scope. Reads only."""
    sides = _Sides(rows, org, today)
    found = [(row, ours, how, list(_differences(row, ours, sides))) for row, ours, how in sides.pairs]
    shown = {ours["pk"] for ours in sides.left} | {ours["pk"] for _, ours, _, differing in found if differing}
    masks = _masks(shown)
    outcome = Outcome(problems=list(problems))
    tally: dict[str, Counter[str]] = defaultdict(Counter)
    for row in sides.unmatched:
        pk = sides.branch_of(row)
        branch = str(sides.orgs[pk]) if pk else row.values.get("org", "") or "（未写明）"
        number = mask_id_number(row.id_number.number) if row.id_number else ""
        outcome.there.append(OnlyThere(row.number, row.values["name"], number, _iso(row.born_on), branch))
        tally[branch].update(there=1, only_there=1)
    for ours in sides.left:
        branch = str(sides.orgs[ours["org_id"]])
        number = masks[ours["pk"]]["id_number"]
        outcome.here.append(OnlyHere(ours["pk"], ours["code"], ours["name"], number, _iso(ours["born_on"]), branch))
        tally[branch].update(here=1, only_here=1)
    for row, ours, how, differing in found:
        branch = str(sides.orgs[ours["org_id"]])
        tally[branch].update(there=1, here=1, different=bool(differing), same=not differing)
        if differing:
            fields = [_shown(name, row, ours, sides, masks[ours["pk"]]) for name in differing]
            outcome.different.append(Different(row.number, ours["pk"], ours["name"], branch, how, fields))
    places = {str(each): each.path for each in sides.orgs.values()}
    in_tree = sorted(tally.items(), key=lambda item: (places.get(item[0], BEHIND_ALL_BELOW), item[0]))
    outcome.branches = [(branch, *(n[key] for key in _TALLIED)) for branch, n in in_tree]
    outcome.counts = _counts(outcome, found)
    return outcome


_TALLIED = ("there", "here", "same", "different", "only_there", "only_here")


def _counts(outcome: Outcome, found: Iterable[tuple[Any, Any, str, list[str]]]) -> dict[str, int]:
    same = [how for _, _, how, differing in found if not differing]
    return {
        "there": len(outcome.there), "here": len(outcome.here), "different": len(outcome.different), "same": len(same),
        "possible": sum(how == POSSIBLE for how in same) + sum(each.matched_by == POSSIBLE for each in outcome.different),
        "problems": len(outcome.problems),
    }  # fmt: skip


def _differences(row: NationalRow, ours: Mapping[str, Any], sides: _Sides) -> Iterator[str]:
    """The names of the fields in which the two say different things; what the export leaves blank says nothing."""
    for name, theirs in row.values.items():
        if name == "id_number":
            differs = fingerprint(theirs.number, "id_number") != ours["id_number_index"]
        elif name == "phone":
            differs = fingerprint(theirs, "phone") != ours["phone_index"]
        elif name == "born_on":
            differs = not _fits(theirs, ours["born_on"])
        elif name == "stage":
            differs = theirs != _stage(ours, sides.today)
        elif name == "org":
            differs = sides.by_text.get(theirs) != ours["org_id"]
        else:
            differs = theirs != ours[name]
        if differs:
            yield name


def _shown(
    name: str, row: NationalRow, ours: Mapping[str, Any], sides: _Sides, masks: Mapping[str, str]
) -> tuple[str, str, str]:
    """(field, there, here) as people read it; numbers masked."""
    theirs = row.values[name]
    if name == "id_number":
        pair = mask_id_number(theirs.number), masks["id_number"]
    elif name == "phone":
        pair = mask_phone(theirs), masks["phone"]
    elif name == "org":
        pair = theirs, str(sides.orgs[ours["org_id"]])
    elif name == "stage":
        pair = CODES[name][theirs], _stage(ours, sides.today).label
    elif name == "born_on":
        pair = _partial(theirs), _iso(ours["born_on"])
    elif name in CODES:
        pair = CODES[name][theirs], CODES[name].get(ours[name], "")
    else:
        pair = _text(theirs), _text(ours[name])
    return LABELS[name], pair[0], pair[1] or UNSAID


def _masks(pks: Iterable[int]) -> dict[int, dict[str, str]]:
    """The masked numbers of those who are shown, opened for that."""
    rows = Member.objects.filter(pk__in=list(pks)).only("pk", "id_number_sealed", "phone_sealed")
    return {
        row.pk: {"id_number": mask_id_number(row.id_number), "phone": mask_phone(row.phone)}
        for row in rows.iterator(chunk_size=2000)
    }


def _names(org: PartyOrg) -> list[str]:
    return [word for word in (org.name, org.short_name, org.code, org.national_code) if word]


def _stage(ours: Mapping[str, Any], today: datetime.date) -> Stage:
    return Stage.FORMAL if ours["formal_on"] and ours["formal_on"] <= today else Stage.PROBATIONARY


def _fits(partial: PartialDate, day: datetime.date | None) -> bool:
    """Whether the day is the one of which perhaps only the month or the year is known."""
    if day is None:
        return False
    parts = {"day": 3, "month": 2, "year": 1}[partial.precision]
    return partial.day.timetuple()[:parts] == day.timetuple()[:parts]


def _partial(partial: PartialDate) -> str:
    return partial.day.strftime({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[partial.precision])


def _iso(day: datetime.date | None) -> str:
    return day.isoformat() if day else ""


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime.date) else str(value or "")
