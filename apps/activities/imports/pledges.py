"""公开承诺台账 comes in: a promise is named by organisation, member, day and what is promised.

What was verified before comes with the day and the verifier; progress is noted on the page, not in the book.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    NOTHING,
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
from apps.members.imports.holders import HolderImport, org_columns, value_of

from ..kinds import PledgeState
from ..models import Pledge
from ..permissions import IMPORT
from ..rules.pioneers import OPEN_PLEDGES
from .crews import People, name_and_hint

_STATES = {"已兑现": "verified", "完成": "verified", "未完成": "unkept", "进行中": "keeping"}
VERDICT_STANDS = "这项承诺已验收，不能由导入改变；请在页面撤回验收后再改。"


@register_importer
class PledgeImport(HolderImport):
    """公开承诺台账."""

    code, title, permission = "activities.pledges", "公开承诺台账", IMPORT
    lead = "以党组织、姓名、承诺日期和承诺事项识别一项。同名的在姓名后用方括号注明党小组、企业或入党年份。"
    columns = (
        ImportColumn("content", "承诺事项", Text(300), required=True, key=True, aliases=("承诺内容",)),
        ImportColumn("name", "姓名", Text(60), required=True, key=True, aliases=("承诺人", "党员姓名")),
        *org_columns(Pledge),
        ImportColumn("made_on", "承诺日期", Date(future=False), required=True, key=True, aliases=("承诺时间",)),
        ImportColumn("due_on", "兑现期限", Date(), required=True, aliases=("完成期限", "完成时限")),
        ImportColumn("state", "状态", OneOf(PledgeState.choices(), _STATES), aliases=("兑现情况",)),
        ImportColumn("verified_on", "验收日期", Date(future=False), blank=NOTHING),
        ImportColumn("verified_by_name", "验收人", Text(50), blank=NOTHING),
        ImportColumn("verdict", "验收意见", Text(300), blank=NOTHING),
    )
    facts = ("due_on", "state", "verified_on", "verified_by_name", "verdict")

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        name = name_and_hint(values["name"])[0] if values.get("name") else None
        key = (self.org_of(values), name, values.get("made_on"), values.get("content"))
        return None if None in key else key

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        """By the name as the book writes it; two of one name with one promise of one day are told by the page only."""
        wanted = set(keys)
        rows = Pledge.objects.filter(org__in={key[0] for key in keys}, content__in={key[3] for key in keys}).order_by()
        found: dict[Key, Existing] = {}
        for row in rows.values("pk", "version", "org_id", "member__name", "made_on", "content", *self.facts):
            key: Key = (row["org_id"], row["member__name"], row["made_on"], row["content"])
            if key in wanted:
                same = {"org": row["org_id"], "org_code": row["org_id"]}
                found[key] = Existing(row["pk"], row["version"], {**row, **same})
        return found

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.orgs = PartyOrg.objects.in_bulk({org for row in rows if (org := self.org_of(row.values))})
        self.people = People(row.values["name"] for row in rows)
        for row in rows:
            known = existing.get(row.key) if row.key else None
            for remark in self._about_one(row, known):
                yield row, remark

    def _about_one(self, row: Row, known: Existing | None) -> Iterator[Remark]:
        org = self.orgs[self.org_of(row.values)]  # type: ignore[index]
        if value_of(row, known, "due_on") < row.values["made_on"]:
            yield Remark("due_on", "out_of_order", "兑现期限不能早于承诺日期。")
        found = self.people.find(row.values["name"], org)
        if known is None and found.member is None:
            yield Remark("name", "unclear_person", found.problem)
        state = value_of(row, known, "state") or PledgeState.PROMISED.value
        verified_on, by = value_of(row, known, "verified_on"), value_of(row, known, "verified_by_name")
        if state in OPEN_PLEDGES and verified_on:
            yield Remark("state", "state_disagrees", "已填写验收日期，请把状态填为已验收或未兑现。")
        if state not in OPEN_PLEDGES:
            for name, value in (("verified_on", verified_on), ("verified_by_name", by)):
                if not value:
                    yield Remark(name, "required", "已验收的，请填写验收日期和验收人。")
            if verified_on and verified_on < row.values["made_on"]:
                yield Remark("verified_on", "out_of_order", "验收日期不能早于承诺日期。")
            if by and found.member is not None and by == found.member.name:
                yield Remark("verified_by_name", "own_pledge", "验收人不能是承诺人本人；同名的请在姓名后注明职务。")
        if known is not None and known.values["state"] not in OPEN_PLEDGES and self._differs(row, known):
            yield Remark("state", "verdict_stands", VERDICT_STANDS)

    def _differs(self, row: Row, known: Existing) -> bool:
        given = {name: row.values.get(name) for name in self.facts}
        return any(value is not None and value != known.values[name] for name, value in given.items())

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        insert_rows(Pledge, [self._written(row) for row in rows])

    def _written(self, row: Row) -> dict[str, Any]:
        values, org = row.values, self.orgs[self.org_of(row.values)]  # type: ignore[index]
        member = self.people.find(values["name"], org).member
        return {
            "org_id": org.pk, "org_path": org.path, "member_id": member.pk, "content": values["content"],  # type: ignore[union-attr]
            "made_on": values["made_on"], "due_on": values["due_on"], "progress": "[]",
            "state": values.get("state") or PledgeState.PROMISED.value, "verified_on": values.get("verified_on"),
            "verified_by_name": values.get("verified_by_name") or "", "verdict": values.get("verdict") or "",
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        facts = {change.pk: {k: v for k, v in change.after.items() if k in self.facts} for change in changes}
        update_rows(Pledge, {pk: values for pk, values in facts.items() if values})
