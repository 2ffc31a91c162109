"""合理化建议台账 comes in: a suggestion is named by organisation, who proposed it, the day and its text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    NOTHING,
    Amount,
    Change,
    Date,
    Existing,
    ImportColumn,
    Key,
    OneOf,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.enterprises.models import Enterprise
from apps.members.imports.holders import HolderImport, org_columns, value_of

from ..kinds import SuggestionState
from ..models import Suggestion
from ..permissions import IMPORT
from ..rules.pioneers import TAKEN_UP
from .crews import People, name_and_hint
from .posts import firm_columns, firm_of, firm_rules

_STATES = {"采纳": "adopted", "不采纳": "declined", "见效": "effective", "待答复": "proposed"}
LARGEST = Decimal("99999999.99")
"""What the column of 效益 can hold, in 万元."""


@register_importer
class SuggestionImport(HolderImport):
    """合理化建议台账."""

    code, title, permission = "activities.suggestions", "合理化建议台账", IMPORT
    lead = "以党组织、提出人、提出日期和建议内容识别一条。提出人在名册上的自动对应；同名的可在姓名后用方括号注明党小组、企业或入党年份。"
    columns = (
        ImportColumn("content", "建议内容", Text(500), required=True, key=True, aliases=("建议",)),
        ImportColumn("proposer", "提出人", Text(60), required=True, key=True, aliases=("姓名", "建议人")),
        *org_columns(Suggestion),
        *firm_columns(Suggestion, "企业"),
        ImportColumn("proposed_on", "提出日期", Date(future=False), required=True, key=True, aliases=("提出时间", "日期")),
        ImportColumn("state", "状态", OneOf(SuggestionState.choices(), _STATES), aliases=("采纳情况",)),
        ImportColumn("decided_on", "答复日期", Date(future=False), blank=NOTHING, aliases=("采纳日期",)),
        ImportColumn("answer", "答复", Text(300), blank=NOTHING, aliases=("答复意见",)),
        ImportColumn("effect", "效果", Text(300), blank=NOTHING, aliases=("成效",)),
        ImportColumn("benefit", "效益（万元）", Amount(unit="万元", maximum=LARGEST), blank=NOTHING, aliases=("经济效益（万元）",)),
    )  # fmt: skip
    facts = ("enterprise_id", "state", "decided_on", "answer", "effect", "benefit")

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        proposer = values.get("proposer")
        name = name_and_hint(proposer)[0] if proposer else None
        key = (self.org_of(values), name, values.get("proposed_on"), values.get("content"))
        return None if None in key else key

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = Suggestion.objects.filter(
            org__in={key[0] for key in keys}, content__in={key[3] for key in keys}
        ).order_by()
        found: dict[Key, Existing] = {}
        for row in rows.values("pk", "version", "org_id", "proposer", "proposed_on", "content", *self.facts):
            key: Key = (row["org_id"], row["proposer"], row["proposed_on"], row["content"])
            if key in wanted:
                same = {"org": row["org_id"], "org_code": row["org_id"], "enterprise": row["enterprise_id"],
                        "credit_code": row["enterprise_id"]}  # fmt: skip
                found[key] = Existing(row["pk"], row["version"], {**row, **same})
        return found

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.orgs = PartyOrg.objects.in_bulk({org for row in rows if (org := self.org_of(row.values))})
        self.firms = Enterprise.objects.in_bulk({firm for row in rows if (firm := firm_of(row.values))})
        self.people = People(row.values["proposer"] for row in rows)
        for row in rows:
            known = existing.get(row.key) if row.key else None
            for remark in self._about_one(row, known):
                yield row, remark

    def _about_one(self, row: Row, known: Existing | None) -> Iterator[Remark]:
        org = self.orgs[self.org_of(row.values)]  # type: ignore[index]
        yield from firm_rules(row, self.firms, org)
        state = value_of(row, known, "state") or SuggestionState.PROPOSED.value
        decided = value_of(row, known, "decided_on")
        if decided and decided < row.values["proposed_on"]:
            yield Remark("decided_on", "out_of_order", "答复日期不能早于提出日期。")
        if state != SuggestionState.PROPOSED and not decided:
            yield Remark("decided_on", "required", "已答复的，请填写答复日期。")
        if state == SuggestionState.DECLINED and not value_of(row, known, "answer"):
            yield Remark("answer", "required", "不采纳的，请在答复中说明理由。")
        if state == SuggestionState.EFFECTIVE and not value_of(row, known, "effect"):
            yield Remark("effect", "required", "已见效的，请填写效果。")
        if state not in TAKEN_UP and value_of(row, known, "benefit"):
            yield Remark("benefit", "state_disagrees", "没有采纳的建议不计效益，请核对状态。")

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        insert_rows(Suggestion, [self._written(row) for row in rows])

    def _written(self, row: Row) -> dict[str, Any]:
        values, org = row.values, self.orgs[self.org_of(row.values)]  # type: ignore[index]
        member = self.people.find(values["proposer"], org).member
        return {
            "org_id": org.pk, "org_path": org.path, "member_id": member and member.pk,
            "proposer": name_and_hint(values["proposer"])[0], "enterprise_id": firm_of(values),
            "content": values["content"], "proposed_on": values["proposed_on"],
            "state": values.get("state") or SuggestionState.PROPOSED.value, "decided_on": values.get("decided_on"),
            "answer": values.get("answer") or "", "effect": values.get("effect") or "", "benefit": values.get("benefit"),
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_rows(Suggestion, {change.pk: _facts(change) for change in changes})


def _facts(change: Change) -> dict[str, Any]:
    facts = {k: v for k, v in change.after.items() if k in SuggestionImport.facts}
    if firm := change.after.get("credit_code") or change.after.get("enterprise"):
        facts["enterprise_id"] = firm
    return facts
