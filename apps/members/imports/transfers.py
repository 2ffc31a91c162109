"""转接台账 and 离职台账 of earlier years come in: what is over is noted, no roster changes.

A row is named by the person (党员编号, else 身份证号) and the day. What is under way goes through its steps on the
pages, so an import neither begins nor moves it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db.models import Q

from apps.branches.models import PartyOrg
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
    Reference,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.sealing import fingerprint

from ..kinds import OPEN_TRANSFERS, DepartureReason, Relation, TransferKind, TransferState
from ..ledgers.transfers import receiver, sender
from ..models import Departure, Member, Transfer
from ..permissions import IMPORT
from ..rules.transfers import LETTER_MAX_DAYS
from .roster import Kept, MemberCode, branches, employers, employers_kept

_DAY = datetime.timedelta(days=1)
UNKNOWN = "没有找到这名党员，请先在党员名册登记，再填写党员编号或身份证号。"
ON_ROSTER = "名册中仍然在册；导入只记台账，不改变名册。"
FIXED = "已登记的内容与文件不同。转接和离职的进展请在页面办理，这里请保持原样。"

PERSON = (
    ImportColumn("member_code", "党员编号", MemberCode(20), key=True, note="编号和身份证号至少填一项"),
    ImportColumn("name", "姓名", Text(50), aliases=("党员姓名",)),
    ImportColumn("id_number", "身份证号", IdNumberKind(), aliases=("公民身份号码", "身份证号码", "身份证")),
)


class PersonImport(Importer):
    """Rows about a person of the scope on a day, `day_column`."""

    day_column = ""
    fixed: tuple[str, ...] = ()

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        day, code, number = values.get(self.day_column), values.get("member_code"), values.get("id_number")
        if day is None or not (code or number):
            return None
        return ("code", code, day) if code else ("id_number", number.number, day)  # type: ignore[union-attr]

    def named(self, keys: Sequence[Key], prefix: str) -> tuple[Q, dict[str, str]]:
        """The condition that one of the keys names the person behind `prefix`, and the numbers by their hashes."""
        codes = [value for kind, value, _ in keys if kind == "code"]
        prints = {fingerprint(str(value), "id_number"): str(value) for kind, value, _ in keys if kind == "id_number"}
        return Q(**{f"{prefix}code__in": codes}) | Q(**{f"{prefix}id_number_index__in": list(prints)}), prints

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        condition, prints = self.named(keys, "member__")
        wanted, found = set(keys), dict[Key, Existing]()
        for row in self.known().filter(condition, **{f"{self.day_column}__in": {key[2] for key in keys}}):
            person = {"name": row.member.name, "id_number": Kept(row.member.id_number_index or "", "id_number")}
            day, known = getattr(row, self.day_column), Existing(row.pk, row.version, {**person, **self.values_of(row)})
            for key in (
                ("code", row.member.code, day), ("id_number", prints.get(row.member.id_number_index or ""), day)
            ):  # fmt: skip
                if key in wanted:
                    found[key] = known
        return found

    def known(self) -> Any:
        """The rows of the book in the scope, with their members."""
        raise NotImplementedError

    def values_of(self, row: Any) -> dict[str, Any]:
        raise NotImplementedError

    def new_rule(self, row: Row, member: Member) -> Iterator[Remark]:
        """What is asked of a new row about a person who was found."""
        raise NotImplementedError

    def row_rules(self, row: Row) -> Iterator[Remark]:
        if not (row.values.get("member_code") or row.values.get("id_number")):
            yield Remark("member_code", "unknown_member", UNKNOWN)

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        new = [row for row in rows if row.key is not None and row.key not in existing]
        self.members = self._people(new)
        self.prepare(rows)
        for row in rows:
            known = existing.get(row.key) if row.key else None
            for remark in self._changed(row, known) if known else self._new(row):
                yield row, remark

    def prepare(self, rows: Sequence[Row]) -> None:
        """Look up what the rows name besides the person, in a fixed number of queries."""

    def _people(self, rows: Sequence[Row]) -> dict[tuple[Any, Any], Member]:
        """Whom the new rows name, by (kind, value) of their keys."""
        keys = [row.key for row in rows if row.key is not None]
        if not keys:
            return {}
        condition, prints = self.named(keys, "")
        found: dict[tuple[Any, Any], Member] = {}
        for member in Member.objects.filter(condition).select_related("org"):
            found["code", member.code] = member
            if member.id_number_index in prints:
                found["id_number", prints[member.id_number_index]] = member
        return found

    def member_of(self, row: Row) -> Member | None:
        assert row.key is not None
        return self.members.get((row.key[0], row.key[1]))

    def _changed(self, row: Row, known: Existing) -> Iterator[Remark]:
        for name in ("name", "id_number", *self.fixed):
            value = row.values.get(name)
            if value is not None and value != known.values.get(name):
                yield Remark(name, "fixed", FIXED)

    def _new(self, row: Row) -> Iterator[Remark]:
        member = self.member_of(row) if row.key else None
        if member is None:
            yield Remark("member_code", "unknown_member", UNKNOWN)
            return
        if row.values.get("name") and row.values["name"] != member.name:
            yield Remark("name", "name_disagrees", "姓名与党员编号（身份证号）不符，请核对。")
            return
        yield from self.new_rule(row, member)


@register_importer
class TransferImport(PersonImport):
    """Past transfers: accepted, returned, expired or cancelled."""

    code, title, permission = "members.transfers", "组织关系转接台账", IMPORT
    lead = "补录已经办结的转接，只记台账，不改变名册；正在办理的请在页面逐步办理。"
    day_column = "requested_on"
    fixed = ("kind", "sender", "receiver", "state", "checked_on", "approved_on", "letter_on", "valid_until", "ended_on")
    texts = ("letter_number", "reason", "return_reason", "note")
    days = ("checked_on", "approved_on", "dues_paid_until", "letter_on", "valid_until", "ended_on")
    columns = (
        *PERSON,
        ImportColumn("kind", "转接类型", OneOf(TransferKind.choices(), {"转出": "out", "转入": "in"}), required=True),
        ImportColumn("sender", "转出党组织", Text(100), aliases=("转出单位", "原党组织"), note="转出的留空为党员所在党支部"),
        ImportColumn("receiver", "转入党组织", Text(100), aliases=("转入单位", "接收党组织"), note="转入的留空为党员所在党支部"),
        ImportColumn("state", "状态", OneOf(TransferState.choices()), note="留空为已接收"),
        ImportColumn("requested_on", "申请日期", Date(future=False), required=True, key=True, aliases=("转接日期",)),
        ImportColumn("checked_on", "支部核实日期", Date(future=False), blank=NOTHING),
        ImportColumn("approved_on", "党委批准日期", Date(future=False), blank=NOTHING),
        ImportColumn("dues_paid_until", "党费交至", Date(), blank=NOTHING),
        ImportColumn("letter_number", "介绍信编号", Code(40), blank=NOTHING, aliases=("介绍信号",)),
        ImportColumn("letter_on", "开具日期", Date(future=False), blank=NOTHING),
        ImportColumn("valid_until", "有效期至", Date(), blank=NOTHING),
        ImportColumn("ended_on", "办结日期", Date(future=False), required=False, aliases=("接收日期", "退回日期")),
        ImportColumn("reason", "转接原因", Text(200), blank=NOTHING),
        ImportColumn("return_reason", "退回（撤销）原因", Text(200), blank=NOTHING),
        ImportColumn("note", "备注", Text(200), blank=NOTHING),
    )  # fmt: skip

    def known(self) -> Any:
        return Transfer.objects.select_related("member", "org", "other_org").order_by()

    def values_of(self, row: Any) -> dict[str, Any]:
        names = ("kind", "state", "requested_on", *self.days, *self.texts)
        return {**{name: getattr(row, name) for name in names}, "sender": sender(row), "receiver": receiver(row)}

    def prepare(self, rows: Sequence[Row]) -> None:
        """Own organisations that the rows name, so that a short name or a code means the same as the full name."""
        texts = {row.values[side] for row in rows for side in ("sender", "receiver") if row.values.get(side)}
        found = {text: pk for text, pk in branches(self, texts).items() if pk is not None}
        orgs = {org.pk: org for org in PartyOrg.objects.filter(pk__in=set(found.values()))}
        self.orgs = {text: orgs[pk] for text, pk in found.items()}
        for row in rows:
            for side in ("sender", "receiver"):
                if org := self.orgs.get(row.values.get(side) or ""):
                    row.values[side] = org.name
                    self.orgs[org.name] = org

    def new_rule(self, row: Row, member: Member) -> Iterator[Remark]:
        values = row.values
        state = TransferState(values.get("state") or TransferState.ACCEPTED)
        values["state"] = state.value
        if state in OPEN_TRANSFERS:
            yield Remark("state", "under_way", "正在办理的转接不能导入，请在页面发起并逐步办理。")
        if not values.get("ended_on"):
            yield Remark("ended_on", "required", "「办结日期」不能为空，请填写。")
        elif values["ended_on"] < values["requested_on"]:
            yield Remark("ended_on", "out_of_order", "不能早于申请日期，请核对。")
        yield from self._sides(row, member)
        issued, until = values.get("letter_on"), values.get("valid_until")
        if issued and until and until - issued > LETTER_MAX_DAYS * _DAY:
            text = f"介绍信有效期最长不超过{LETTER_MAX_DAYS}天，请核对。"
            yield Remark("valid_until", "letter_too_long", text, is_warning=True)
        gone = values["kind"] != TransferKind.IN and state is TransferState.ACCEPTED
        if gone and member.relation == Relation.HERE and values["kind"] == TransferKind.OUT:
            yield Remark("member_code", "on_roster", ON_ROSTER, is_warning=True)

    def _sides(self, row: Row, member: Member) -> Iterator[Remark]:
        """Own sides are organisations of the scope, the branch of the person where nothing is said; others are texts."""
        kind, values = TransferKind(row.values["kind"]), row.values
        own, other = ("receiver", "sender") if kind is TransferKind.IN else ("sender", "receiver")
        values[own] = values.get(own) or member.org.name
        self.orgs.setdefault(member.org.name, member.org)
        if values[own] not in self.orgs:
            yield Remark(own, "unknown_reference", "没有找到这个党支部，请填写您范围内的党支部全称或代码。")
        if not values.get(other):
            yield Remark(other, "required", "请填写对方党组织的名称。")
        elif kind in (TransferKind.WITHIN, TransferKind.BETWEEN) and values[other] not in self.orgs:
            text = "没有找到这个党支部。对方不在您的范围内的，请由上级党组织导入，或按转往平台外登记。"
            yield Remark(other, "unknown_reference", text)

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        insert_rows(Transfer, [self._written(row) for row in rows])

    def _written(self, row: Row) -> dict[str, Any]:
        kind, values, member = TransferKind(row.values["kind"]), row.values, self.member_of(row)
        own, other = ("receiver", "sender") if kind is TransferKind.IN else ("sender", "receiver")
        keeper = self.orgs[values[own]]
        inside = self.orgs[values[other]] if kind in (TransferKind.WITHIN, TransferKind.BETWEEN) else None
        assert member is not None
        return {
            "member_id": member.pk, "org_id": keeper.pk, "org_path": keeper.path, "kind": kind.value,
            "other_org_id": inside.pk if inside else None, "other_path": inside.path if inside else "",
            "outside": "" if inside else values[other], "state": values["state"], "requested_on": values["requested_on"],
            **{name: values.get(name) for name in self.days},
            **{name: values.get(name) or "" for name in self.texts},
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        plain = (*self.texts, "dues_paid_until")
        update_rows(
            Transfer, {each.pk: {k: v for k, v in each.after.items() if k in plain} for each in changes}
        )  # fmt: skip


@register_importer
class DepartureImport(PersonImport):
    """Past departures; one that is not placed of somebody whom no enterprise of the roster employs any more."""

    code, title, permission = "members.departures", "离职党员属地管理台账", IMPORT
    lead = "补录离职去向，只记台账，不改变名册；名册上仍在企业工作的，请在页面登记离职。"
    day_column = "left_post_on"
    fixed = ("placed_on", "enterprise")
    columns = (
        *PERSON,
        ImportColumn("enterprise", "原所在企业", Reference(find=employers, kept=employers_kept, label="企业"), blank=NOTHING,
                     aliases=("原工作单位",)),
        ImportColumn("left_post_on", "离职日期", Date(future=False), required=True, key=True, aliases=("离岗日期",)),
        ImportColumn("reason", "原因", OneOf(DepartureReason.choices(), {"停产": "suspended", "企业注销": "moved_out"}),
                     required=True, aliases=("离职原因",)),
        ImportColumn("destination", "去向（属地党组织）", Text(100), blank=NOTHING, aliases=("去向", "属地党组织")),
        ImportColumn("placed_on", "落实日期", Date(future=False), blank=NOTHING, aliases=("转出日期",)),
        ImportColumn("note", "说明", Text(200), blank=NOTHING, aliases=("备注",)),
    )  # fmt: skip

    def known(self) -> Any:
        return Departure.objects.select_related("member").order_by()

    def values_of(self, row: Any) -> dict[str, Any]:
        names = ("left_post_on", "reason", "destination", "placed_on", "note")
        return {**{name: getattr(row, name) for name in names}, "enterprise": row.enterprise_id}

    def prepare(self, rows: Sequence[Row]) -> None:
        people = {member.pk for member in self.members.values()}
        self.open = set(Departure.objects.open().filter(member__in=people).values_list("member_id", flat=True))

    def new_rule(self, row: Row, member: Member) -> Iterator[Remark]:
        placed_on = row.values.get("placed_on")
        if placed_on is not None:
            if placed_on < row.values["left_post_on"]:
                yield Remark("placed_on", "out_of_order", "不能早于离职日期，请核对。")
            if not row.values.get("destination"):
                yield Remark("destination", "required", "已落实的，请填写接收组织关系的党组织。")
            if member.relation == Relation.HERE:
                yield Remark("member_code", "on_roster", ON_ROSTER, is_warning=True)
            return
        if member.relation == Relation.LEFT:
            yield Remark("placed_on", "required", "这名党员已转出，请填写落实日期。")
        elif member.employer_id is not None:
            yield Remark("member_code", "employed", "名册上仍有所在企业，请在党员页面登记离职。")
        elif member.pk in self.open:
            yield Remark("member_code", "open_departure", "已登记离职，去向尚未落实，不能再登记一次。")
        self.open.add(member.pk)

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        written = []
        for row in rows:
            member = self.member_of(row)
            assert member is not None
            written.append({
                "member_id": member.pk, "org_id": member.org_id, "org_path": member.org_path,
                "enterprise_id": row.values.get("enterprise"), "left_post_on": row.values["left_post_on"],
                "placed_on": row.values.get("placed_on"),
                **{name: row.values.get(name) or "" for name in ("reason", "destination", "note")},
            })  # fmt: skip
        insert_rows(Departure, written)

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        plain = ("reason", "destination", "note")
        update_rows(
            Departure, {each.pk: {k: v for k, v in each.after.items() if k in plain} for each in changes}
        )  # fmt: skip
