"""流动党员台账 comes in: who left and who came, as the branch's own book has it."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.db.models import Q

from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    NOTHING,
    Change,
    Code,
    Date,
    Existing,
    IdNumberKind,
    ImportColumn,
    Importer,
    Key,
    OneOf,
    Phone,
    Reference,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.period_guard import Span, guard_spans
from apps.core.scoping import required_scope
from apps.enterprises.imports.common import Quiet

from ..kinds import Direction, MobileReason, Relation
from ..ledgers.sides import away_name, direction_seen, home_name
from ..models import MobileRecord
from ..permissions import IMPORT
from ..rules.mobile import short_stay_finding
from .guests import Guests, behind_keys, keeper_only, person_key
from .roster import MemberCode, branches, employers

TEXTS = ("place", "contact_name", "card_number", "note")
DAYS = ("reported_on", "dues_paid_until", "expected_return_on", "until")
SIDES = ("home", "away")
_REASONS = {
    "务工经商": "work",
    "外出务工": "work",
    "务工": "work",
    "经商": "work",
    "出国": "abroad",
    "出国境": "abroad",
}


def keepers_kept(importer: Importer, texts: set[str]) -> Iterable[tuple[str, int]]:
    """Organisations beyond the scope that keep a record which is seen from it."""
    rows = MobileRecord.objects.filter(Q(org__name__in=texts) | Q(org__short_name__in=texts)).order_by()
    pairs = set(rows.values_list("org__name", "org__short_name", "org_id"))
    return [(text, pk) for *words, pk in pairs for text in words if text in texts]


@register_importer
class MobileImport(Importer):
    """Named by the person, the direction and the first day."""

    code, title, permission = "members.mobile", "流动党员台账", IMPORT
    lead = (
        "按党员编号（没有编号的按身份证号）、流动方向和起始日期核对。流出的须在本级名册上；流入的新登记时列为“关系在外”。"
        "平台内两个支部之间的流动，一方登记即可，另一方在页面上确认报到。"
    )
    columns = (
        ImportColumn("code", "党员编号", MemberCode(20), key=True, aliases=("编号",), note="新登记的留空"),
        ImportColumn("name", "姓名", Text(50), required=True, aliases=("党员姓名",)),
        ImportColumn("id_number", "身份证号", IdNumberKind(), aliases=("身份证号码", "公民身份号码", "身份证"),
                     note="没有党员编号的必填"),
        ImportColumn("phone", "联系电话", Phone(), blank=NOTHING, aliases=("电话", "手机", "手机号")),
        ImportColumn("direction", "流动方向", OneOf(Direction.choices(), {"外出": "out", "流进": "in"}), required=True,
                     key=True, aliases=("流向", "流出/流入")),
        ImportColumn("home", "关系所在党支部", Text(100), blank=NOTHING, aliases=("原党支部", "关系所在党组织", "流出地党组织")),
        ImportColumn("away", "流入地党组织", Text(100), blank=NOTHING, aliases=("现党支部", "现党组织")),
        ImportColumn("enterprise", "所在企业", Quiet(find=employers, label="企业"), blank=NOTHING,
                     aliases=("企业名称", "工作单位"), note="新登记流入的必填"),
        ImportColumn("reason", "流动原因", OneOf(MobileReason.choices(), _REASONS), required=True, aliases=("原因",)),
        ImportColumn("since", "起始日期", Date(future=False), required=True, key=True, aliases=("流动日期", "外出日期")),
        ImportColumn("place", "流动地点", Text(100), blank=NOTHING, aliases=("地点", "外出地点")),
        ImportColumn("contact_name", "联系人", Text(50), blank=NOTHING),
        ImportColumn("card_number", "流动党员活动证号", Code(30), blank=NOTHING, aliases=("活动证号",)),
        ImportColumn("reported_on", "报到日期", Date(future=False), blank=NOTHING, aliases=("报到日",)),
        ImportColumn("dues_paid_until", "党费交至", Date(), blank=NOTHING),
        ImportColumn("expected_return_on", "预计返回", Date(), blank=NOTHING, aliases=("预计返回日期",)),
        ImportColumn("until", "结束日期", Date(future=False), blank=NOTHING, aliases=("返回日期",)),
        ImportColumn("keeper", "登记党组织", Reference(find=branches, kept=keepers_kept, label="党组织"),
                     note="流入的留空时为上传时所选的党组织；流出的为党员所在支部"),
        ImportColumn("note", "备注", Text(200), blank=NOTHING),
    )  # fmt: skip

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        person, direction, since = person_key(values), values.get("direction"), values.get("since")
        return (*person, direction, since) if person and direction and since else None

    def key_columns(self, key: Key | None) -> Sequence[str]:
        return [str(key[0]), "since"] if key else ["id_number", "code"]

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        condition, prints = behind_keys(keys)
        wanted: set[Key] = set(keys)
        found: dict[Key, Existing] = {}
        self.paths: dict[int, str] = {}
        for row in MobileRecord.objects.filter(condition).select_related("member", "org", "other_org").order_by():
            direction, number = direction_seen(row).value, prints.get(row.member.id_number_index or "")
            values = {
                **{name: getattr(row, name) for name in (*TEXTS, *DAYS, "since", "reason", "org_path", "member_id")},
                "code": row.member.code, "name": row.member.name, "keeper": row.org_id, "org": row.org_id,
                "direction": direction, "home": home_name(row), "away": away_name(row),
                "own": row.direction, "enterprise": row.member.employer_id,
            }  # fmt: skip
            self.paths[row.pk] = row.org_path
            for key in (("code", row.member.code, direction, row.since), ("id_number", number, direction, row.since)):
                if key in wanted:
                    found[key] = Existing(row.pk, row.version, values)
        return found

    def row_rules(self, row: Row) -> Iterator[Remark]:
        since = row.values["since"]
        for name, label in (("until", "结束日期"), ("expected_return_on", "预计返回日期")):
            day = row.values.get(name)
            if day and day <= since:
                yield Remark(name, "out_of_order", f"{label}须晚于起始日期。")
        if (day := row.values.get("reported_on")) and day < since:
            yield Remark("reported_on", "out_of_order", "报到日期不能早于起始日期。")
        if finding := short_stay_finding(since, row.values.get("expected_return_on")):
            yield Remark("expected_return_on", finding.code, str(finding), is_warning=True)

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        for row in rows:
            row.values["org"] = row.values.get("keeper")
        self.guests = Guests(self, rows)
        for row in rows:
            found = existing.get(row.key) if row.key else None
            remarks = self._known(row, found.values) if found else self._new(row)
            yield from ((row, remark) for remark in remarks)
        yield from self._overlaps(rows, existing)

    def _known(self, row: Row, found: Mapping[str, Any]) -> Iterator[Remark]:
        """What follows from the people and the sides stays; an end of the other branch is its own to name."""
        for name in ("phone", "id_number", "enterprise"):
            row.values[name] = None
        if row.values.get("name") and row.values["name"] != found["name"]:
            yield Remark("name", "name_disagrees", "与已登记的姓名不同，请核对；更正姓名请在党员页办理。")
        yield from keeper_only(row, found, ("org", *SIDES, "reason", *TEXTS, *DAYS))
        own = "home" if found["own"] == Direction.OUT else "away"
        if row.values.get(own) not in (None, found[own]):
            yield Remark(own, "own_side", "登记一方的党组织不能通过导入修改，请保持原样。")

    def _new(self, row: Row) -> Iterator[Remark]:
        if row.values["direction"] == Direction.IN:
            yield from self.guests.may_be_guest(row)
            return
        somebody = self.guests.of(row)
        here = somebody is not None and somebody.relation == Relation.HERE
        if not here or somebody is None or not required_scope().covers(somebody.org_path):
            yield Remark(
                "name", "not_on_roster", "本级名册上没有这名党员，不能登记流出。请先登记党员或核对编号、身份证号。"
            )
            return
        yield from self.guests.name_fits(row, somebody)
        if row.values.get("keeper") not in (None, somebody.org_id):
            yield Remark("keeper", "other_keeper", "流出由党员所在支部登记，请留空或改为所在支部。")

    def _overlaps(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        """One person is out, or in one place, once at a time."""
        spans: dict[tuple[Any, Any], list[tuple[datetime.date, datetime.date, Row | None]]] = defaultdict(list)
        for row in rows:
            found = existing.get(row.key) if row.key else None
            somebody = self.guests.of(row)
            who = found.values["member_id"] if found else somebody.pk if somebody else person_key(row.values)
            org = found.values["org"] if found else self._keeper(row)[0]
            until = row.values.get("until") or (found.values["until"] if found else None) or datetime.date.max
            spans[who, org].append((row.values["since"], until, row))
        people = [who for who, _ in spans if isinstance(who, int)]
        named = {found.pk for found in existing.values()}
        known = MobileRecord.objects.filter(member__in=people).exclude(pk__in=named).order_by()
        for member, org, since, until in known.values_list("member_id", "org_id", "since", "until"):
            spans[member, org].append((since, until or datetime.date.max, None))
        for several in spans.values():
            several.sort(key=lambda span: span[0])
            for before, after in pairwise(several):
                later = after[2] or before[2]
                if after[0] < before[1] and later is not None:
                    yield later, Remark("since", "overlap", "这名党员在这段时间已登记流动，请核对日期。")

    def _keeper(self, row: Row) -> tuple[int, str]:
        """The organisation that keeps a new record: the own branch of who leaves, else that of the row."""
        somebody = self.guests.of(row)
        if row.values["direction"] == Direction.OUT and somebody is not None:
            return somebody.org_id, somebody.org_path
        org = self.guests.org_of(row)
        return org.pk, org.path

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        guard_spans(Span(self._keeper(row)[1], row.values["since"], row.values.get("until")) for row in rows)
        self.guests.register([row for row in rows if row.values["direction"] == Direction.IN])
        insert_rows(MobileRecord, [self._record(row) for row in rows])

    def _record(self, row: Row) -> dict[str, Any]:
        values, keeper, somebody = row.values, self._keeper(row), self.guests.of(row)
        arriving = values["direction"] == Direction.IN
        home = somebody.home_id if arriving and somebody else None
        return {
            "member_id": self.guests.member_of(row), "direction": values["direction"], "since": values["since"],
            "reason": values["reason"], "org_id": keeper[0], "org_path": keeper[1],
            "other_org_id": home, "other_path": somebody.org_path if home and somebody else "",
            "counterpart": values.get("home" if arriving else "away") or "",
            **{name: values.get(name) or "" for name in TEXTS}, **{name: values.get(name) for name in DAYS},
            "reported_on": values.get("reported_on") or (values["since"] if arriving else None),
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        spans, updates = [], {}
        for change in changes:
            facts = dict(change.after)
            for side in SIDES:
                if side in facts:
                    facts["counterpart"] = facts.pop(side)
            if "until" in facts:
                days = [day for day in (change.before["until"], facts["until"]) if day]
                spans.append(Span(self.paths[change.pk], min(days)))
            updates[change.pk] = {name: value for name, value in facts.items() if name not in ("name", "keeper")}
        guard_spans(spans)
        update_rows(MobileRecord, {pk: facts for pk, facts in updates.items() if facts})
