"""What is asked of the records of one file together: the rules, the rosters of their days, the closed quarters.

A sound new row is completed on the way: `row.values["sheet"]` says who was there. The number of queries does not
depend on the rows; only a closed quarter is asked for organisation by organisation.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.errors import DomainError
from apps.core.imports import Existing, Key, Remark, Row
from apps.core.period_guard import PeriodClosed, Span, guard_spans
from apps.core.periods import Period
from apps.core.regulations import Finding

from ..kinds import Audience, State
from ..models import ActivityForm, ActivityKind, Participation
from ..rules.records import pair_finding, turnout_findings
from ..services.records_sheet import check_alive
from ..services.roll import audience_at
from .record_cells import Person
from .record_people import Entered, Need, Rosters, match_names

ON_PAGE: Final = "与已登记的不同。到会情况、类别和日期请在记录页修改；这里请保持原样。"
ROLL: Final = ("expected", "present", "absent", "attendees", "study_hours", "second_kind")
"""What the attendance and the counts hang on: an import never changes it in a record that is there."""

NAMES_SHOWN: Final = 20
_LOCKED: Final = {
    State.PLANNED: "这次活动已有计划，请在记录页补充后提交。",
    State.DRAFT: "这次活动已有草稿，请在记录页补充后提交。",
    State.CONFIRMED: "这条记录已审核确认，修改请在记录页办理，由上级重新审核。",
    State.CORRECTION: "这条记录是尚未批准的更正，修改请在记录页办理。",
    State.CANCELLED: "这次活动已取消，不能再修改。",
}
_DAY: Final = datetime.timedelta(days=1)


@dataclass(frozen=True)
class RowSheet:
    """Who was at a new record: everybody expected, and the absent among them with their reasons."""

    org: PartyOrg
    everybody: tuple[Entered, ...]
    absent: Mapping[int, Person]

    @property
    def expected(self) -> int:
        return len(self.everybody)

    @property
    def present(self) -> int:
        return len(self.everybody) - len(self.absent)


class RecordChecks:
    """One check of all rows."""

    def __init__(self, importer: Any, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> None:
        self.rows = rows
        self.existing = existing
        self.kinds = {kind.pk: kind for kind in ActivityKind.objects.all()}
        self.forms = {form.pk: form for form in ActivityForm.objects.all()}
        for row in rows:
            row.values["org"] = row.values.get("org") or importer.org.pk
        named = {row.values["org"] for row in rows}
        self.orgs = {org.pk: org for org in PartyOrg.objects.filter(pk__in=named)}
        self.audiences: dict[int, Audience] = {}

    def run(self) -> Iterator[tuple[Row, Remark]]:
        fresh = []
        for row in self.rows:
            found = self.existing.get(row.key) if row.key else None
            if found is not None:
                yield from ((row, remark) for remark in self._known(row, found))
                continue
            remarks = list(self._new(row))
            yield from ((row, remark) for remark in remarks)
            if all(remark.is_warning for remark in remarks):
                fresh.append(row)
        self.rosters = self._rosters(fresh)
        for row in fresh:
            yield from ((row, remark) for remark in self._people(row))
        yield from self._closed(fresh)
        yield from self._twice(fresh)

    # a record that is there

    def _known(self, row: Row, found: Existing) -> Iterator[Remark]:
        """Facts of a submitted record may change; its roll, its kind and its day are changed on its page."""
        values, kept = row.values, found.values
        differs = [
            name for name in (*ROLL, "kind", "held_on", "title")
            if values.get(name) is not None and name in kept and values[name] != kept[name]
        ]  # fmt: skip
        for name in differs:
            yield Remark(name, "on_page", ON_PAGE)
            values[name] = None
        if kept["several"]:
            text = "这一天有多条同类别、同主题的记录，请填写记录编号（导出的台账里有），或在记录页修改。"
            yield Remark("title", "several", text)
        changed = [name for name in kept["facts"] if values.get(name) is not None and values[name] != kept[name]]
        if changed and (text := _LOCKED.get(State(kept["state"]), "")):
            yield Remark(changed[0], "locked", text)
        elif changed and not kept["is_host"]:
            yield Remark(changed[0], "host_only", "联合开展的活动由主办党组织修改，请保持原样。")

    # a new one

    def _new(self, row: Row) -> Iterator[Remark]:
        values, org = row.values, self.orgs[row.values["org"]]
        if values.get("number"):
            yield Remark("number", "unknown_number", f"没有找到编号为 {values['number']} 的记录；新增时编号请留空。")
            return
        kind = self.kinds[values["kind"]]
        second = self.kinds[values["second_kind"]] if values.get("second_kind") else None
        for name, each in (("kind", kind), ("second_kind", second)):
            if each is not None and not each.active:
                yield Remark(name, "kind_inactive", f"活动类别“{each}”已停用，请选择别的类别。")
        if second is not None:
            yield from _said("second_kind", pair_finding(kind.code, second.code, names=(kind.name, second.name)))
        form = self.forms.get(values.get("form") or 0)
        if form is not None and form.kind_id is not None and form.kind_id not in (kind.pk, second and second.pk):
            yield Remark("form", "form_of_other_kind", f"形式“{form}”不用于“{kind}”。")
        if org.kind in (OrgKind.TEMPORARY_BRANCH, OrgKind.MOBILE_BRANCH):
            yield Remark("org", "no_roster", "临时党支部和流动党员党支部没有自己的名册，请在页面上逐条记录。")
            return
        try:
            check_alive(org, values["held_on"], field="held_on")
            self.audiences[row.number] = audience_at(org, kind, second)
        except DomainError as error:
            name = "held_on" if error.field == "held_on" else "org"
            yield Remark(name, error.code, error.sentence)

    def _rosters(self, rows: Sequence[Row]) -> Rosters:
        needs, names = [], set()
        for row in rows:
            audience = self.audiences[row.number]
            needs.append(Need(self.orgs[row.values["org"]], audience, row.values["held_on"]))
            if audience is Audience.CHOSEN:
                for column in ("attendees", "absent"):
                    names |= {person.name for person in row.values.get(column) or ()}
        return Rosters(needs, names)

    def _people(self, row: Row) -> Iterator[Remark]:
        """Find everybody who is named, and hold the numbers of the row against the roster."""
        values, org, audience = row.values, self.orgs[row.values["org"]], self.audiences[row.number]
        roster = self.rosters.of(org, audience, values["held_on"])
        people = {each.member: each for each in roster}
        there = match_names(values.get("attendees") or (), roster)
        away = match_names(values.get("absent") or (), roster)
        for column, found in (("attendees", there), ("absent", away)):
            if found.unknown:
                yield Remark(column, "not_on_roster", self._strangers(org, values["held_on"], found.unknown, roster))
            for text in found.unclear:
                yield Remark(column, "unclear_name", f"{text}。")
        if there.unknown or there.unclear or away.unknown or away.unclear:
            return
        both = [people[pk].name for pk in there.members if pk in away.members]
        if both:
            yield Remark("absent", "both", f"{_listed(both)}既在到会人员里，又在缺席人员里，请核对。")
            return
        everybody = list(people) if audience is not Audience.CHOSEN else [*there.members, *away.members]
        if there.members and audience is not Audience.CHOSEN:
            missing = [people[pk].name for pk in people if pk not in there.members and pk not in away.members]
            if missing:
                text = f"应到名册上的这些人既不在到会人员里，也不在缺席人员里：{_listed(missing)}。"
                yield Remark("attendees", "unaccounted", text)
                return
        sheet = RowSheet(org, tuple(people[pk] for pk in everybody), away.members)
        values["sheet"] = sheet
        yield from self._numbers(row, sheet)
        yield from self._turnout(row, sheet)

    def _numbers(self, row: Row, sheet: RowSheet) -> Iterator[Remark]:
        """应到 and 实到 as the file has them beside what the roster and the names say."""
        expected, present, day = row.values.get("expected"), row.values.get("present"), row.values["held_on"]
        names = _listed([each.name for each in sheet.everybody]) or "无"
        if present is not None and present > sheet.expected:
            text = f"实到 {present} 人多于应到 {sheet.expected} 人。{day:%Y-%m-%d} 应到：{names}。"
            yield Remark("present", "present_over_expected", text)
        elif present is not None and present != sheet.present:
            text = (
                f"按名册应到 {sheet.expected} 人、缺席 {len(sheet.absent)} 人，实到应为 {sheet.present} 人，表中为 {present} 人。"
                f"请在“缺席及原因”里写明每名缺席人员，或核对名册。应到：{names}。"
            )  # fmt: skip
            yield Remark("present", "present_differs", text)
        elif expected is not None and expected != sheet.expected:
            text = f"表中应到 {expected} 人，{day:%Y-%m-%d} 名册上应到 {sheet.expected} 人，按名册登记。应到：{names}。"
            yield Remark("expected", "expected_differs", text, is_warning=True)

    def _turnout(self, row: Row, sheet: RowSheet) -> Iterator[Remark]:
        kinds = [self.kinds[row.values[name]].code for name in ("kind", "second_kind") if row.values.get(name)]
        for finding in turnout_findings(kinds, expected=sheet.expected, present=sheet.present):
            yield from _said("present", finding)
        others = row.values.get("others_present") or row.values.get("guests") or row.values.get("units")
        if not sheet.expected and not others:
            text = f"{row.values['held_on']:%Y-%m-%d} 「{sheet.org}」的应到名册上没有人。"
            if self.audiences[row.number] is Audience.CHOSEN:
                yield Remark("attendees", "nobody_chosen", "请填写到会人员，或其他参加人数、参加单位。")
            else:
                yield Remark("held_on", "nobody_expected", f"{text}请先登记名册或班子任职，或核对日期。")

    def _strangers(self, org: PartyOrg, day: datetime.date, unknown: Sequence[str], roster: Sequence[Entered]) -> str:
        names = _listed([each.name for each in roster])
        text = f"{day:%Y-%m-%d} 不在「{org}」应到名册上：{_listed(unknown)}。"
        return text + (f"当日名册：{names}。" if names else "当日名册上没有人，请核对日期和名册的起始日期。")

    # what speaks about several rows

    def _closed(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Remark]]:
        """Rows of closed quarters. One question for all; which they are is only asked when there are any."""
        if not self._closing(rows):
            return
        by_place: dict[tuple[Period, int], list[Row]] = {}
        for row in rows:
            by_place.setdefault((Period.quarter_of(row.values["held_on"]), row.values["org"]), []).append(row)
        for several in by_place.values():
            if said := self._closing(several):
                for row in several:
                    yield row, Remark("held_on", "period_closed", f"{said}请在记录页逐条登记，作为更正由上级批准。")

    def _closing(self, rows: Sequence[Row]) -> str:
        try:
            guard_spans(span_of(self.orgs[row.values["org"]].path, row.values["held_on"]) for row in rows)
        except PeriodClosed as closed:
            return closed.message.partition("，如需更正")[0].rstrip("。") + "。"
        return ""

    def _twice(self, rows: Sequence[Row]) -> Iterator[tuple[Row, Remark]]:
        """The same kind of the same branch on the same day under another title may be the same meeting."""
        places = {(row.values["org"], row.values["held_on"], row.values["kind"]) for row in rows}
        held = Participation.objects.exclude(state=State.CANCELLED).filter(
            org__in={org for org, _, _ in places}, held_on__in={day for _, day, _ in places}
        )
        known = set(held.order_by().values_list("org_id", "held_on", "kind_id"))
        for row in rows:
            place = (row.values["org"], row.values["held_on"], row.values["kind"])
            if place in known and self.audiences[row.number] is not Audience.CHOSEN:
                text = "这一天已有同类别的记录，主题不同；请核对是否重复登记。"
                yield row, Remark("held_on", "twice_a_day", text, is_warning=True)


def span_of(org_path: str, day: datetime.date) -> Span:
    return Span(org_path, day, day + _DAY)


def _listed(names: Sequence[str]) -> str:
    return "、".join(names[:NAMES_SHOWN]) + (f"等 {len(names)} 人" if len(names) > NAMES_SHOWN else "")


def _said(column: str, finding: Finding | None) -> Iterator[Remark]:
    """A finding of the rules as a remark: what blocks is an error, the rest a warning."""
    if finding is not None:
        yield Remark(column, finding.code, str(finding), is_warning=not finding.blocks)
