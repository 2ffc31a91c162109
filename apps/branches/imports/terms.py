"""换届台账 comes in: the terms that organisations have held and hold, in bulk.

A term without an end ends where the next one begins, in the file or already registered. The end of the term is
counted from the kind of the organisation when the file leaves it out.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    Change,
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

from ..models import PartyOrg, Term
from ..permissions import KEEP_TERMS
from ..rules import OrgKind, term_expiry

OPEN_END = datetime.date.max
FACTS = ("since", "until", "expires_on", "expiry_reason", "seats", "result_document", "approval_document", "note")


def _orgs_by_code(importer: Importer, texts: set[str]) -> dict[str, int]:
    codes = {text.upper() for text in texts}
    found = dict(PartyOrg.objects.filter(code__in=codes).order_by().values_list("code", "pk"))
    return {text: found[text.upper()] for text in texts if text.upper() in found}


@dataclass
class Held:
    """One term as it will be: of the file (`row`), already registered (`pk`), or both."""

    org: int
    number: int
    since: datetime.date
    until: datetime.date | None
    row: Row | None = None
    pk: int | None = None
    ends_here: bool = False
    """Whether the file, or the register, says itself where the term ends."""


@register_importer
class TermImport(Importer):
    """A row is named by the organisation and the number of the term."""

    code, title, permission = "branches.terms", "换届台账", KEEP_TERMS
    lead = (
        "党组织须已登记。届满日期留空的，按任期规定（党委5年，总支、支部3年）从起始日期推算；终止日期留空的，"
        "到下一届起始之日为止。"
    )
    columns = (
        ImportColumn("org_code", "党组织代码", Reference(find=_orgs_by_code, label="党组织"), required=True, key=True,
                     aliases=("组织代码",)),
        ImportColumn("number", "届次", Integer(1, 200, "届"), required=True, key=True, aliases=("第几届",)),
        ImportColumn("since", "起始日期", Date(future=False), required=True, aliases=("本届起始", "选举日期")),
        ImportColumn("expires_on", "届满日期", Date(), aliases=("到期日期", "本届届满")),
        ImportColumn("expiry_reason", "届满日期调整原因", Text(200)),
        ImportColumn("until", "终止日期", Date(future=False)),
        ImportColumn("seats", "委员人数", Integer(0, 100, "人")),
        ImportColumn("result_document", "选举结果报告文号", Text(60)),
        ImportColumn("approval_document", "批准文号", Text(60), aliases=("批复文号",)),
        ImportColumn("note", "备注", Text(300)),
    )  # fmt: skip

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = Term.objects.filter(org__in={key[0] for key in keys}).order_by()
        found: dict[Key, Existing] = {}
        for row in rows.values("pk", "version", "org_id", "number", *FACTS):
            key = (row["org_id"], row["number"])
            if key in wanted:
                found[key] = Existing(row["pk"], row["version"], row)
        return found

    def row_rules(self, row: Row) -> Iterator[Remark]:
        since, until, expires_on = (row.values.get(name) for name in ("since", "until", "expires_on"))
        if since and until and until <= since:
            yield Remark("until", "out_of_order", "终止日期须晚于起始日期。")
        if since and expires_on and expires_on <= since:
            yield Remark("expires_on", "out_of_order", "届满日期须晚于起始日期。")

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.orgs = PartyOrg.objects.in_bulk({row.values["org_code"] for row in rows})
        for row in rows:
            yield from self._about_one(row, existing.get(row.key))  # type: ignore[arg-type]
        for held in self._held(rows, existing).values():
            yield from _out_of_order(held)

    def _about_one(self, row: Row, known: Existing | None) -> Iterator[tuple[Row, Remark]]:
        """What its organisation says about one row."""
        org = self.orgs[row.values["org_code"]]
        since = _value(row, known, "since")
        usual = term_expiry(OrgKind(org.kind), since)
        if usual is None:
            text = f"「{org}」是{OrgKind(org.kind).label}，不进行换届选举，没有届期。"
            yield row, Remark("org_code", "does_not_elect", text)
            return
        if org.ended_on and since >= org.ended_on:
            yield row, Remark("since", "ended", f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销，请改正。")
        expires_on = _value(row, known, "expires_on") or usual
        if expires_on != usual and not _value(row, known, "expiry_reason"):
            text = f"按任期规定应为 {usual:%Y-%m-%d}；填写别的日期请在“届满日期调整原因”中说明。"
            yield row, Remark("expires_on", "reason_needed", text)

    def _held(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> dict[int, list[Held]]:
        """Every term of the organisations in the file as it will be, in the order of time."""
        held: dict[int, list[Held]] = defaultdict(list)
        named = {found.pk for found in existing.values()}
        registered = Term.objects.filter(org__in=self.orgs).exclude(pk__in=named).order_by()
        for pk, org, number, since, until in registered.values_list("pk", "org", "number", "since", "until"):
            held[org].append(Held(org, number, since, until, pk=pk, ends_here=until is not None))
        for row in rows:
            known, org = existing.get(row.key), row.values["org_code"]  # type: ignore[arg-type]
            until = _value(row, known, "until")
            held[org].append(Held(org, row.values["number"], _value(row, known, "since"), until, row,
                                  known.pk if known else None, until is not None))  # fmt: skip
        for org, terms in held.items():
            terms.sort(key=lambda each: (each.since, each.number))
            for each, after in pairwise(terms):
                each.until = each.until or after.since
            terms[-1].until = terms[-1].until or self.orgs[org].ended_on
        return held

    def guard(self, rows: Sequence[Row]) -> None:
        list(
            PartyOrg.objects.select_for_update().filter(pk__in={row.values["org_code"] for row in rows}).order_by("pk")
        )

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        ends = self._settle_ends(rows)
        insert_rows(Term, [
            {
                "org_id": row.values["org_code"], "org_path": self.orgs[row.values["org_code"]].path,
                "number": row.values["number"], "since": row.values["since"],
                "until": ends[row.values["org_code"], row.values["number"]],
                "expires_on": row.values.get("expires_on") or self._usual(row), "seats": row.values.get("seats"),
                **{name: row.values.get(name) or "" for name in
                   ("expiry_reason", "result_document", "approval_document", "note")},
            }
            for row in rows
        ])  # fmt: skip

    def _settle_ends(self, rows: Sequence[Row]) -> dict[tuple[int, int], datetime.date | None]:
        """End registered terms where new ones begin; returns the end of every term by organisation and number."""
        held = self._held(rows, {})
        ending = {
            each.pk: {"until": each.until}
            for terms in held.values() for each in terms
            if each.pk is not None and not each.ends_here and each.until is not None
        }  # fmt: skip
        update_rows(Term, ending)
        return {(each.org, each.number): each.until for terms in held.values() for each in terms}

    def _usual(self, row: Row) -> datetime.date | None:
        return term_expiry(OrgKind(self.orgs[row.values["org_code"]].kind), row.values["since"])

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_rows(Term, {change.pk: change.after for change in changes})


def _value(row: Row, known: Existing | None, name: str) -> Any:
    """What the row says, else what is registered."""
    value = row.values.get(name)
    return known.values[name] if value is None and known is not None else value


def _out_of_order(held: Sequence[Held]) -> Iterator[tuple[Row, Remark]]:
    """Terms of one organisation that overlap, or whose numbers do not follow time."""
    for before, after in pairwise(held):
        row = after.row or before.row
        if row is None:
            continue
        if after.since < (before.until or OPEN_END) or after.since == before.since:
            text = f"与第{before.number}届（自 {before.since:%Y-%m-%d} 起）的时间重叠，请核对日期。"
            yield row, Remark("since", "overlap", text)
        elif after.number <= before.number:
            text = (
                f"第{before.number}届自 {before.since:%Y-%m-%d} 起，与第{after.number}届的先后不符，请核对届次或日期。"
            )
            yield row, Remark("number", "out_of_order", text)
