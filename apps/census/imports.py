"""Answers filled in offline: the exported 摸底台账 comes back as answers, one row for each enterprise.

A row that says how (摸排方式) and when (摸排日期) is sent in; without them it stays a draft. Rows that say what
the return says already change nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q

from apps.core.errors import Conflict
from apps.core.imports import (
    Change,
    CreditCode,
    Date,
    Existing,
    Flag,
    ImportColumn,
    Importer,
    Integer,
    Key,
    Mode,
    OneOf,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.imports.values import NOTHING
from apps.core.models import ImportBatch
from apps.core.periods import Period
from apps.enterprises.kinds import Attitude, ContactMethod, PoliticalStatus, Status, UnbuiltReason

from . import comparison
from .models import CensusReturn
from .period_lock import closed_conflict, share
from .permissions import IMPORT
from .rules import WRITABLE, State
from .services.answers import FACTS, field_of
from .services.importing import TypedAnswer, fill, import_answers, is_complete
from .services.moves import is_reopened


def _number(name: str, label: str, *aliases: str) -> ImportColumn:
    return ImportColumn(name, label, Integer(), aliases=aliases, blank=NOTHING)


def _choice(name: str, label: str, kind: Any, *aliases: str) -> ImportColumn:
    return ImportColumn(name, label, OneOf(kind.choices()), aliases=aliases, blank=NOTHING)


@register_importer
class ReturnImport(Importer):
    """Key: the credit code, or the name where there is none; without 周期 the open round is meant."""

    code = "census.returns"
    title = "摸底台账"
    permission = IMPORT
    lead = "先从摸底台账导出，离线填写后在这里导回。写明摸排方式和日期的行即为上报，没有写的存为草稿。"
    modes = (Mode.UPDATE,)
    columns = (
        ImportColumn("credit_code", "统一社会信用代码", CreditCode(), required=True, key=True, aliases=("信用代码",)),
        ImportColumn("enterprise", "企业名称", Text(120), key=True, note="没有信用代码的企业按名称识别"),
        ImportColumn("period", "周期", Text(10), key=True, note="如 2026Q4；不填为正在进行的摸底"),
        _choice("method", "摸排方式", ContactMethod, "方式"),
        ImportColumn("checked_on", "摸排日期", Date(future=False), aliases=("日期",)),
        _choice("status", "经营状态", Status),
        ImportColumn("has_premises", "有固定经营场所", Flag()),
        ImportColumn("has_operations", "有生产经营活动", Flag()),
        ImportColumn("operations_clear", "经营运行清", Flag()),
        _number("staff", "职工数", "职工人数"),
        _number("staff_under_35", "35岁以下职工"),
        _number("staff_college", "大专以上职工"),
        ImportColumn("staff_clear", "职工队伍清", Flag()),
        _number("formal_members", "正式党员"),
        _number("probationary_members", "预备党员"),
        _number("members_elsewhere", "关系未转入党员"),
        _number("applicants", "入党申请人和积极分子"),
        ImportColumn("members_clear", "党员队伍清", Flag()),
        ImportColumn("leader_name", "出资人（负责人）", Text(50)),
        _choice("leader_status", "负责人政治面貌", PoliticalStatus),
        _choice("attitude", "企业主认同度", Attitude),
        _number("technologists", "非党员科技人才"),
        _number("minor_party_members", "民主党派人士"),
        _number("foreigners", "外籍人士"),
        ImportColumn("owner_clear", "出资人（负责人）清", Flag()),
        _choice("unbuilt_reason", "未建党组织原因", UnbuiltReason, "未建原因"),
        ImportColumn("unbuilt_note", "未建原因说明", Text(200)),
        ImportColumn("planned_on", "计划组建日期", Date()),
        ImportColumn("change_reason", "变化说明", Text(300)),
    )

    _found: dict[Key, CensusReturn]

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        name = values.get("credit_code") or values.get("enterprise")
        return (name, _spelled(values.get("period"))) if name else None

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        """The returns of the codes or names: of the named period, else of the newest round that takes answers."""
        names = {name for name, _ in keys}
        rows = CensusReturn.objects.filter(Q(enterprise__credit_code__in=names) | Q(enterprise__name__in=names))
        found: dict[Key, CensusReturn] = {}
        for row in rows.select_related("round", "enterprise").order_by("round__starts_on", "pk"):
            for period in (row.round.period, "") if self._takes_answers(row) else (row.round.period,):
                found[row.enterprise.name, period] = row
                if row.enterprise.credit_code:
                    found[row.enterprise.credit_code, period] = row
        self._found = {key: found[key] for key in keys if key in found}
        return {key: Existing(row.pk, row.version, self._says(row)) for key, row in self._found.items()}

    @staticmethod
    def _says(row: CensusReturn) -> dict[str, Any]:
        """What the return says, an empty text as a blank cell."""
        values = {name: getattr(row, name) for name in FACTS}
        return {name: None if value == "" else value for name, value in values.items()}

    def _takes_answers(self, row: CensusReturn) -> bool:
        return row.round.is_open or is_reopened(row, self.today)

    def table_rules(
        self, rows: Sequence[Row], existing: Mapping[Key, Existing]
    ) -> Iterable[tuple[Row, Remark]]:
        """What stops a row: no return, a return that takes no answers, what the rules find missing or odd."""
        changed = []
        for row in rows:
            if row.key not in existing:
                yield row, Remark("credit_code", "no_return", "本期没有这家企业的摸底表，请核对信用代码和周期。")
            elif facts := _changes(row, existing[row.key].values):
                changed.append((row, facts))
        covered = comparison.covered_on(
            [self._found[row.key].enterprise_id for row, _ in changed if row.key], self.today
        )
        for row, facts in changed:
            assert row.key is not None
            yield from self._weighed(row, self._found[row.key], facts, covered)

    def _weighed(
        self, row: Row, kept: CensusReturn, facts: dict[str, Any], covered: set[int]
    ) -> Iterable[tuple[Row, Remark]]:
        if not self._takes_answers(kept):
            yield row, Remark("credit_code", "period_closed", closed_conflict(kept.round).message)
            return
        if State(kept.state) not in WRITABLE:
            message = f"摸底表“{State(kept.state).label}”，不能再导入修改；需要修改的请先撤回或由园区退回。"
            yield row, Remark("credit_code", "wrong_state", message)
            return
        before = comparison.Before("", {name: getattr(kept, name) for name in comparison.FACTS})
        fill(kept, facts)
        if not is_complete(kept):
            return
        for finding in comparison.findings(
            kept, covered=kept.enterprise_id in covered, last=before, today=self.today
        ):
            if finding.blocks or (finding.asks_reason and not kept.change_reason):
                yield row, Remark(field_of(finding.code), finding.code, finding.message)

    def guard(self, rows: Sequence[Row]) -> None:
        """The rounds stay open until the commit ends; Conflict when one was closed in between."""
        kept = [self._found[row.key] for row in rows if row.key in self._found]
        rounds = share({row.round_id for row in kept})
        for row in kept:
            census_round = rounds[row.round_id]
            if not census_round.is_open and not is_reopened(row, self.today):
                raise closed_conflict(census_round)

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        raise Conflict("摸底表由发起摸底生成，不能由导入新增。")

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        rows = {row.pk: row for row in self._found.values()}
        answers = [
            TypedAnswer(rows[change.pk], {k: v for k, v in change.after.items() if k in FACTS}) for change in changes
        ]
        import_answers(answers=answers, today=self.today, actor=self.actor)


def _changes(row: Row, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the row says otherwise; a blank cell says nothing."""
    return {
        name: row.values[name]
        for name in FACTS
        if row.values.get(name) is not None and row.values[name] != values.get(name)
    }


def _spelled(text: str | None) -> str:
    """The stable spelling of a typed period; what cannot be read finds nothing."""
    if not text:
        return ""
    try:
        return str(Period.parse(text))
    except ValueError:
        return text


