"""What is asked of the rows of a roster together: who is known, who is somebody else's, what contradicts itself.

Rows are completed on the way (sex and birth date from the number, ids instead of names), so that the comparison
with the existing rows finds real differences only. The number of queries does not depend on the rows.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.codes import check_id_number
from apps.core.errors import DomainError
from apps.core.excel.dates import PartialDate
from apps.core.imports import Existing, Key, Remark, Row
from apps.core.scoping import unscoped
from apps.enterprises.kinds import Status
from apps.enterprises.models import Condition
from apps.enterprises.rules import LEAVING

from ..kinds import Relation, Sex, Stage
from ..models import Member
from ..rules.bands import age_on
from ..rules.membership import early_formal_finding
from ..rules.roster import MIN_JOINING_AGE, joined_young
from ..services.common import check_holds_members
from ..services.facts import NEEDS_TRANSFER

SEXES = {"男": Sex.MALE.value, "女": Sex.FEMALE.value}
UNSTATED = ("", None, Sex.UNKNOWN.value, Sex.UNSTATED.value)
CORRECTED_ON_PAGE = "与已登记的不同。更正须说明原因，请在党员页办理；这里请保持原样。"

Found = Mapping[str, Any]


class RosterChecks:
    """One check of all rows. `orgs` are the branches that the rows name, by id."""

    def __init__(self, importer: Any, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> None:
        self.importer = importer
        self.rows = rows
        self.existing = existing
        self.today: datetime.date = importer.today
        named = {row.values["org"] for row in rows if row.values.get("org")} | {importer.org.pk}
        self.orgs = {org.pk: org for org in PartyOrg.objects.filter(pk__in=named)}
        self.groups = self._groups(named)
        self.closed = self._enterprises_gone()
        self.taken = self._taken()
        self.stored = self._stored_numbers()
        self.seen: dict[int, int] = {}
        self.numbers: dict[str, int] = {}

    def run(self) -> Iterator[tuple[Row, Remark]]:
        for row in self.rows:
            known = self.existing.get(row.key) if row.key else None
            remarks = [*self._repeated(row, known), *(self._known(row, known) if known else self._new(row))]
            if not remarks or all(remark.is_warning for remark in remarks):
                found = known.values if known else {}
                remarks += [*self._person(row, found), *self._dates(row, found), *self._places(row, found)]
            yield from ((row, remark) for remark in remarks)

    # what is read beforehand

    def _groups(self, branches: set[int]) -> dict[tuple[int | None, str], int]:
        """{(branch, name or code): group}; a living group wins over one of its name that has ended."""
        mine = {found.values["org"] for found in self.existing.values()} | branches
        rows = PartyOrg.objects.filter(parent__in=mine, kind=OrgKind.GROUP.value)
        ordered = sorted(rows, key=lambda org: org.ended_on is None)
        return {
            (org.parent_id, word): org.pk for org in ordered for word in (org.name, org.short_name, org.code) if word
        }

    def _enterprises_gone(self) -> dict[int, str]:
        """Which of the employers named have left their park, and how."""
        named = {row.values["employer"] for row in self.rows if row.values.get("employer")}
        rows = Condition.objects.as_of(self.today).filter(enterprise__in=named, status__in=[s.value for s in LEAVING])
        return {pk: Status(status).label for pk, status in rows.values_list("enterprise_id", "status")}

    def _taken(self) -> set[str]:
        """Hashes of ID numbers in the file that somebody in the portal has, wherever."""
        prints = {
            self.importer.print_of(row.values["id_number"].number) for row in self.rows if row.values.get("id_number")
        }
        with unscoped("whether somebody of an ID number is on another roster; hashes only"):
            return set(
                Member.objects.filter(id_number_index__in=prints).order_by().values_list("id_number_index", flat=True)
            )

    def _stored_numbers(self) -> dict[int, Any]:
        """What the stored numbers say of those whose sex or birth date the file would change without a number."""
        asked = []
        for row in self.rows:
            known = self.existing.get(row.key) if row.key else None
            if known and not row.values.get("id_number") and known.values["id_number_index"]:
                values = (row.values.get("sex"), _day(row.values.get("born_on")))
                if any(new and new != known.values[name] for name, new in zip(("sex", "born_on"), values, strict=True)):
                    asked.append(known.pk)
        rows = Member.objects.filter(pk__in=asked).only("pk", "id_number_sealed")
        return {row.pk: check_id_number(row.id_number, today=self.today) for row in rows}

    # who it is

    def _repeated(self, row: Row, known: Existing | None) -> Iterator[Remark]:
        """The same person under the code in one row and under the number in another."""
        number = row.values.get("id_number")
        earlier = self.numbers.setdefault(number.number, row.number) if number else row.number
        if known and earlier == row.number:
            earlier = self.seen.setdefault(known.pk, row.number)
        if earlier != row.number:
            yield Remark("id_number", "repeated", f"与第 {earlier} 行是同一人，请删除其中一行。")

    def _new(self, row: Row) -> Iterator[Remark]:
        values = row.values
        if values.get("code"):
            yield Remark("code", "unknown_code", f"没有找到编号“{values['code']}”的党员；新增党员时编号请留空。")
            return
        if self.importer.print_of(values["id_number"].number) in self.taken:
            yield Remark("id_number", "needs_transfer", NEEDS_TRANSFER)
            return
        values["org"] = values.get("org") or self.importer.org.pk
        since = values["since"] = values.get("since") or self.today
        try:
            check_holds_members(self.orgs[values["org"]], since)
        except DomainError as error:
            yield Remark("since" if error.code == "org_young" else "org", error.code, error.message)
        if since < values["joined_on"]:
            text = f"进入支部日期 {since:%Y-%m-%d} 早于入党日期 {values['joined_on']:%Y-%m-%d}，请核对。"
            yield Remark("since", "before_joining", text)

    def _known(self, row: Row, known: Existing) -> Iterator[Remark]:
        found, values = known.values, row.values
        values["since"] = None  # from when the roster tells of somebody is corrected on the member's page
        if found["relation"] == Relation.LEFT:
            text = f"已于 {found['left_on']:%Y-%m-%d} 离开名册，请在党员页办理转入或恢复。"
            yield Remark("name", "left", text)
        elif found["relation"] != Relation.HERE or values.get("org") not in (None, found["org"]):
            yield Remark("org", "needs_transfer", NEEDS_TRANSFER)
        number = values.get("id_number")
        if number and found["id_number"] and found["id_number"] != number:
            yield Remark(
                "id_number", "number_differs", "与这个编号登记的身份证号不同。更正请在党员页办理，这里请保持原样。"
            )
        elif number and not found["id_number"] and self.importer.print_of(number.number) in self.taken:
            yield Remark("id_number", "number_taken", "这个身份证号已登记为另一名党员，请核对。")
        name = values.get("name")
        if name and name != found["name"]:
            yield Remark("name", "renamed", f"登记的姓名是“{found['name']}”，将改为“{name}”，请核对。", is_warning=True)

    # what the facts say together

    def _person(self, row: Row, found: Found) -> Iterator[Remark]:
        """Sex and birth date follow from the number, and must agree with it."""
        values = row.values
        number = values.get("id_number") or self.stored.get(found.get("pk", 0))
        born = values.get("born_on")
        if isinstance(born, PartialDate):
            born = values["born_on"] = _completed(born, number.birth if number else found.get("born_on"))
            if born is None:
                yield Remark("born_on", "date_partial", "出生日期缺少日，请写成 1990-03-31 这样的格式。")
        if number is None:
            return
        sex = SEXES[number.sex]
        if values.get("sex") in UNSTATED:
            values["sex"] = sex if found.get("sex") in UNSTATED else None
        elif values["sex"] != sex:
            yield Remark("sex", "sex_disagrees", f"与身份证号不符，身份证号中为{number.sex}，请核对。")
        if born is None and not found.get("born_on"):
            values["born_on"] = number.birth
        elif born and born != number.birth:
            text = f"与身份证号不符，身份证号中为 {number.birth:%Y-%m-%d}，请核对。"
            yield Remark("born_on", "birth_disagrees", text)

    def _dates(self, row: Row, found: Found) -> Iterator[Remark]:
        values = row.values
        for name in ("joined_on", "formal_on"):
            if values.get(name) and found.get(name) and values[name] != found[name]:
                yield Remark(name, "dates_differ", CORRECTED_ON_PAGE)
                return
        joined = values.get("joined_on") or found.get("joined_on")
        formal = values.get("formal_on") or found.get("formal_on")
        born = values.get("born_on") or found.get("born_on")
        if joined and born and joined <= born:
            yield Remark("joined_on", "out_of_order", "入党日期须晚于出生日期，请核对。")
        elif joined and born and values.get("joined_on") != found.get("joined_on") and joined_young(born, joined):
            text = f"入党时 {age_on(born, joined)} 岁，不满 {MIN_JOINING_AGE} 岁，请核对。"
            yield Remark("joined_on", "joined_young", text, is_warning=True)
        if joined and formal and formal < joined:
            yield Remark("formal_on", "out_of_order", "转正日期不能早于入党日期，请核对。")
        elif found and values.get("formal_on") and not found["formal_on"] and joined:
            finding = early_formal_finding(formal, joined, found["probation_until"])
            if finding:
                yield Remark("formal_on", finding.code, str(finding))
        yield from self._stage(row, found, formal)

    def _stage(self, row: Row, found: Found, formal: datetime.date | None) -> Iterator[Remark]:
        """The category only has to agree with the dates from which it follows."""
        said, row.values["stage"] = row.values.get("stage"), None
        if said == Stage.FORMAL and formal is None:
            yield Remark("formal_on", "formal_on_needed", "正式党员须填写转正日期。")
        elif said == Stage.PROBATIONARY and formal is not None:
            yield Remark("stage", "stage_disagrees", f"转正日期为 {formal:%Y-%m-%d}，类别应为正式党员，请核对。")
        elif said is None and formal is None and not found:
            text = "没有转正日期，将登记为预备党员，请核对。"
            yield Remark("formal_on", "no_formal_on", text, is_warning=True)

    def _places(self, row: Row, found: Found) -> Iterator[Remark]:
        values = row.values
        if text := values.get("group"):
            values["group"] = group = self.groups.get((values.get("org") or found.get("org"), text))
            if group is None:
                yield Remark("group", "unknown_group", f"所在党支部没有党小组“{text}”，请先登记，或改正。")
        employer = values.get("employer")
        if employer in self.closed and employer != found.get("employer"):
            yield Remark("employer", "employer_left", f"这家企业已{self.closed[employer]}，请填写现在的企业。")


def _completed(partial: PartialDate, known: datetime.date | None) -> datetime.date | None:
    """The day of which a cell gives the year or the month only, where it agrees with what is known."""
    if partial.precision == "day":
        return partial.day
    if known is None or partial.day.year != known.year:
        return None
    return known if partial.precision == "year" or partial.day.month == known.month else None


def _day(value: Any) -> datetime.date | None:
    return value.day if isinstance(value, PartialDate) else value
