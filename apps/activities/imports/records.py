"""三会一课台账, 主题党日台账 and 党员活动台账 come in: record books of past days, or the ledgers' own exports.

A new row is logged as submitted on the day of the import. People are found by name on the roster of the day of the
activity. Of a record that is there, facts may change as long as it waits for review; who was there is changed on its
page. A row of a closed quarter is refused: it needs a correction that somebody else approves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from apps.core.imports import (
    NOTHING,
    Amount,
    Change,
    Code,
    Date,
    Existing,
    ImportColumn,
    Importer,
    Integer,
    Key,
    Reference,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.text import clean_name, row_id
from apps.members.imports.roster import branches

from ..kinds import Book, Presence, State
from ..ledgers.record_texts import hours_of_day
from ..models import Activity, ActivityForm, ActivityKind, Attendance, Participation
from ..permissions import IMPORT
from ..rules.minutes import as_text, clean_plain
from .record_cells import Absentees, Hours, Names, Person, Prose, people
from .record_checks import RecordChecks
from .record_writes import FACTS, TEXTS, insert_records, take_back_records, update_records

_SYNONYMS = {
    "党员大会": "assembly", "支部大会": "assembly", "支部委员会": "committee_meeting", "支部委员会会议": "committee_meeting",
    "小组会": "group_meeting", "党日活动": "theme_day", "党员活动日": "theme_day", "主题党日活动": "theme_day",
    "民主评议": "appraisal", "谈话": "talk", "谈心": "talk", "联席会": "joint_conference", "志愿服务活动": "volunteering",
    "外出学习": "study_trip", "考察": "study_trip", "学习": "study", "培训": "training", "上党课": "lecture",
}  # fmt: skip
"""What record books of other hands call the built-in kinds."""

PROSE = ("agenda", "minutes", "resolution")


def kinds(importer: Importer, texts: set[str]) -> dict[str, int]:
    """Kinds by name, code or what people call them."""
    known = {
        word: pk for pk, code, name in ActivityKind.objects.values_list("pk", "code", "name") for word in (code, name)
    }
    named = {**known, **{word: known[code] for word, code in _SYNONYMS.items() if code in known}, **known}
    return {text: named[text] for text in texts if text in named}


def forms(importer: Importer, texts: set[str]) -> dict[str, int]:
    return dict(ActivityForm.objects.filter(name__in=texts).values_list("name", "pk"))


class RecordImport(Importer):
    """Named by the 记录编号 of an export, else by kind, day, organisation and title."""

    permission = IMPORT
    books: ClassVar[tuple[Book, ...]]
    lead = (
        "缺席人员按活动当日的名册核对，写成“张三（病假）、李四（事假）”，没有写到的算到会；新导入的记录按今天提交，迟报的如实显示。"
        "已有的记录只更新地点、主持、内容等，到会情况请在记录页修改；已关闭季度的不能导入，请在页面登记更正。"
    )
    columns = (
        ImportColumn("number", "记录编号", Code(20), key=True, note="新增时留空，由平台编号"),
        ImportColumn("kind", "类型", Reference(find=kinds, label="活动类别"), required=True, key=True,
                     aliases=("类别", "会议类型", "活动类别", "活动类型")),
        ImportColumn("second_kind", "同时作为", Reference(find=kinds, label="活动类别"), blank=NOTHING, aliases=("兼作",)),
        ImportColumn("form", "形式", Reference(find=forms, label="活动形式"), blank=NOTHING, aliases=("活动形式",)),
        ImportColumn("held_on", "日期", Date(future=False), required=True, key=True,
                     aliases=("活动日期", "会议日期", "开会日期", "时间（日期）")),
        ImportColumn("hours", "时间", Hours(), blank=NOTHING, aliases=("起止时间", "会议时间", "活动时间")),
        ImportColumn("org", "党组织", Reference(find=branches, label="党组织"), key=True,
                     aliases=("党支部", "所在党支部", "组织名称", "党小组"), note="留空时为上传时所选的党组织"),
        ImportColumn("title", "主题", Text(100), required=True, key=True,
                     aliases=("会议主题", "活动主题", "会议名称", "活动名称")),
        ImportColumn("place", "地点", Text(100), blank=NOTHING, aliases=("会议地点", "活动地点")),
        ImportColumn("chair", "主持", Text(50), blank=NOTHING, aliases=("主持人",)),
        ImportColumn("recorder", "记录", Text(50), blank=NOTHING, aliases=("记录人",)),
        ImportColumn("speaker", "主讲", Text(50), blank=NOTHING, aliases=("主讲人", "授课人", "讲课人")),
        ImportColumn("expected", "应到", Integer(maximum=100_000, unit="人"), blank=NOTHING,
                     aliases=("应到人数", "应参加人数"), note="可不填，按当日名册"),
        ImportColumn("present", "实到", Integer(maximum=100_000, unit="人"), blank=NOTHING,
                     aliases=("实到人数", "参加人数"), note="可不填；填写时与名册、缺席人员核对"),
        ImportColumn("absent", "缺席及原因", Absentees(), blank=NOTHING,
                     aliases=("缺席人员及原因", "缺席人员", "缺席", "请假人员")),
        ImportColumn("attendees", "到会人员", Names(), blank=NOTHING, aliases=("参加人员", "出席人员", "参会人员"),
                     note="谈心谈话、志愿服务等选定人员的活动必填；其他的可不填"),
        ImportColumn("guests", "列席", Text(300), blank=NOTHING, aliases=("列席人员",)),
        ImportColumn("units", "参加单位", Text(300), blank=NOTHING),
        ImportColumn("others_present", "其他参加人数", Integer(maximum=100_000, unit="人"), blank=NOTHING),
        ImportColumn("agenda", "议题", Prose(2000), blank=NOTHING, aliases=("会议议题", "议程")),
        ImportColumn("minutes", "内容", Prose(50_000), blank=NOTHING, aliases=("内容记录", "会议内容", "活动内容", "会议记录")),
        ImportColumn("resolution", "决议", Prose(5000), blank=NOTHING, aliases=("形成的决议", "会议决议", "决定事项")),
        ImportColumn("study_hours", "学时", Amount(places=1, unit="学时", maximum=Decimal(100)), blank=NOTHING,
                     note="可不填，按类别的默认学时"),
    )  # fmt: skip

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        org = values.get("org", ...)
        if org is ...:  # the cell could not be read
            return None
        org = org or self.org.pk
        if values.get("number"):
            return ("number", values["number"], org)
        named = (values.get("kind"), values.get("held_on"), values.get("title"))
        return None if None in named else ("facts", named[0], named[1], org, named[2])

    def key_columns(self, key: Key | None) -> Sequence[str]:
        return ["number"] if key and key[0] == "number" else ["title", "held_on", "kind"]

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        found: dict[Key, Existing] = {}
        for row in self._participations(keys):
            activity = row.activity
            number: Key = ("number", str(row.activity_id), row.org_id)
            named: Key = ("facts", row.kind_id, row.held_on, row.org_id, activity.title)
            if number in wanted:
                found[number] = self._existing(row, several=False)
            if named in wanted and activity.replaces_id is None and row.state != State.CANCELLED:
                found[named] = self._existing(row, several=named in found)
        self._add_names(found)
        return found

    def _participations(self, keys: Sequence[Key]) -> Any:
        """Participations of the scope that the keys may mean. One query."""
        numbers = {pk for key in keys if key[0] == "number" and (pk := row_id(str(key[1])))}
        named = [key for key in keys if key[0] == "facts"]
        days, titles, orgs = ({key[at] for key in named} for at in (2, 4, 3))
        wanted = [Q(activity__in=numbers)] if numbers else []
        wanted += [Q(held_on__in=days, activity__title__in=titles, org__in=orgs)] if named else []
        if not wanted:
            return ()
        return Participation.objects.filter(reduce(or_, wanted)).select_related("activity").order_by("-pk")

    def _existing(self, row: Participation, *, several: bool) -> Existing:
        activity = row.activity
        facts = {name: clean_name(getattr(activity, name)) for name in TEXTS if name not in PROSE}
        facts |= {name: clean_plain(getattr(activity, name)) for name in PROSE}
        return Existing(activity.pk, activity.version, {
            **facts, "minutes": as_text(activity.minutes, rich=activity.minutes_rich), "facts": FACTS,
            "kind": row.kind_id, "second_kind": row.second_kind_id, "form": activity.form_id, "held_on": row.held_on,
            "hours": hours_of_day(activity), "title": activity.title, "expected": row.expected, "present": row.present,
            "others_present": activity.others_present, "study_hours": activity.study_hours, "state": row.state,
            "is_host": row.is_host, "several": several, "org": row.org_id,
        })  # fmt: skip

    def _add_names(self, found: Mapping[Key, Existing]) -> None:
        """Who was there and who was not, by record and branch. One query."""
        rows = Attendance.objects.filter(activity__in={each.pk for each in found.values()}, is_visitor=False).order_by()
        names: dict[tuple[int, int, str], list[Person]] = {}
        for pk, org, presence, name, reason, note in rows.values_list(
            "activity_id", "org_id", "presence", "member__name", "reason", "note"
        ):
            names.setdefault((pk, org, presence), []).append(Person(name, reason, note))
        for each in found.values():
            values: dict[str, Any] = each.values  # type: ignore[assignment]
            for column, presence in (("absent", Presence.ABSENT), ("attendees", Presence.PRESENT)):
                values[column] = people(names.get((each.pk, values["org"], presence), ()))

    def row_rules(self, row: Row) -> Iterator[Remark]:
        """What names a record cannot be left out, whatever the mode."""
        for column in self.columns:
            if row.key is None and column.key and column.required and row.values.get(column.name) is None:
                yield Remark(column.name, "required", f"「{column.label}」不能为空，请填写。")

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.checks = RecordChecks(self, rows, existing)
        yield from self._of_other_books(rows, existing)
        yield from self.checks.run()

    def _of_other_books(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        """A kind that stands in another ledger comes in there, so that its export comes in again where it belongs."""
        books = {pk: kind.book for pk, kind in self.checks.kinds.items()}
        for row in rows:
            named = [row.values[name] for name in ("kind", "second_kind") if row.values.get(name)]
            if row.key not in existing and not any(books[pk] in self.books for pk in named):
                kind = self.checks.kinds[named[0]]
                yield row, Remark("kind", "other_book", f"“{kind}”不在「{self.title}」里，请从它所在的台账导入。")

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        insert_records(rows, self.checks.kinds, actor=self.actor, today=self.today)

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_records(changes, actor=self.actor, today=self.today)

    def before_undo(self, inserted: Mapping[type[models.Model], Sequence[int]]) -> None:
        if inserted.get(Activity):
            take_back_records(inserted[Activity], actor=self.actor, today=self.today)


@register_importer
class MeetingImport(RecordImport):
    """三会一课台账."""

    code, title = "activities.meetings", "三会一课台账"
    books = (Book.MEETINGS,)


@register_importer
class ThemeDayImport(RecordImport):
    """主题党日台账."""

    code, title = "activities.theme_days", "主题党日台账"
    books = (Book.THEME_DAYS,)


@register_importer
class OtherRecordImport(RecordImport):
    """党员活动台账."""

    code, title = "activities.records", "党员活动台账"
    books = (Book.STUDY, Book.ACTIVITIES)
