"""组建台账 comes in: what was founded, with its dates and documents.

What the rules question is a warning here: an import tells what was done, it does not decide it.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind, capabilities
from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    Change,
    Date,
    Existing,
    ImportColumn,
    Importer,
    Key,
    OneOf,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.period_guard import Span, guard_spans

from ..kinds import Form
from ..models import Condition, Enterprise, Establishment
from ..permissions import IMPORT
from ..rules import establishment_findings
from ..services.responsibility import settle
from .common import CREDIT_CODE, ENTERPRISE, ORG, ORG_CODE, enterprise_of, org_of, unnamed

SHORT_FORMS = {form.label[:2]: form.value for form in Form}
"""单独, 联合, 挂靠 …: how people write the forms."""


@register_importer
class EstablishmentImport(Importer):
    """A row is named by enterprise, organisation and first day."""

    code, title, permission = "enterprises.establishments", "组建台账", IMPORT
    lead = "企业和党组织须已登记。已有记录可补终止日期、批复文号和备注；党组织和组建日期不同的视为另一项组建。"
    columns = (
        CREDIT_CODE,
        ENTERPRISE,
        ImportColumn("form", "组建方式", OneOf(Form.choices(), SHORT_FORMS), required=True),
        ORG_CODE,
        ORG,
        ImportColumn("since", "组建日期", Date(future=False), required=True, key=True, aliases=("成立日期",)),
        ImportColumn("until", "终止日期", Date(future=False)),
        ImportColumn("document", "批复文号", Text(60)),
        ImportColumn("note", "备注", Text(200)),
    )

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        key = (enterprise_of(values), org_of(values), values.get("since"))
        return None if None in key else key

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = Establishment.objects.filter(enterprise__in={key[0] for key in keys}).order_by()
        found: dict[Key, Existing] = {}
        for row in rows.values("pk", "version", "enterprise_id", "org_id", "since", "form", "until", "document", "note"):
            key = (row["enterprise_id"], row["org_id"], row["since"])
            if key in wanted:
                found[key] = Existing(row["pk"], row["version"], row)
        return found

    def row_rules(self, row: Row) -> Iterator[Remark]:
        yield from unnamed(row)
        if org_of(row.values) is None:
            yield Remark("org_code", "unknown_org", "没有找到这个党组织。请填写组织代码，或与登记一致且不重名的全称。")
        since, until = row.values.get("since"), row.values.get("until")
        if since and until and until <= since:
            yield Remark("until", "out_of_order", "终止日期须晚于组建日期。")

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.orgs = PartyOrg.objects.in_bulk({org_of(row.values) for row in rows})
        ids = {enterprise_of(row.values) for row in rows}
        self.enterprises = Enterprise.objects.in_bulk(ids)
        yield from self._overlaps(rows, existing)
        units: dict[int, set[int]] = defaultdict(set)
        for enterprise, org in Establishment.objects.open().filter(org__in=self.orgs).values_list("enterprise", "org"):
            units[org].add(enterprise)
        for row in rows:
            if row.key not in existing and not row.values.get("until"):
                units[org_of(row.values)].add(enterprise_of(row.values))  # type: ignore[index, arg-type]
        known = Condition.objects.as_of(self.today).filter(enterprise__in=set().union(*units.values())).order_by()
        formal = dict(known.values_list("enterprise", "formal_members"))
        for row in rows:
            if row.key not in existing:
                yield from self._findings(row, units[org_of(row.values)], formal)  # type: ignore[index]

    def _overlaps(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        """The same enterprise twice under the same organisation at the same time, in the file or beside it."""
        spans: dict[tuple[Any, Any], list[tuple[datetime.date, datetime.date, Any]]] = defaultdict(list)
        known = Establishment.objects.filter(enterprise__in=self.enterprises).order_by()
        named = {found.pk for found in existing.values()}
        for pk, enterprise, org, since, until in known.values_list("pk", "enterprise", "org", "since", "until"):
            if pk not in named:
                spans[enterprise, org].append((since, until or datetime.date.max, None))
        for row in rows:
            until = row.values.get("until")
            if until is None and row.key in existing:
                until = existing[row.key].values["until"]
            spans[row.key[:2]].append((row.values["since"], until or datetime.date.max, row))  # type: ignore[index]
        for several in spans.values():
            several.sort(key=lambda span: span[0])
            for before, after in pairwise(several):
                row = after[2] or before[2]
                if after[0] < before[1] and row is not None:
                    yield row, Remark("since", "overlap", "这家企业在这段时间已由同一党组织覆盖，请核对日期。")

    def _findings(
        self, row: Row, units: set[int], formal: Mapping[int, int]
    ) -> Iterator[tuple[Row, Remark]]:
        """What rules say about one new row; `units` are all enterprises that its organisation covers afterwards."""
        org = self.orgs[org_of(row.values)]
        if not capabilities(OrgKind(org.kind)).covers:
            text = f"{OrgKind(org.kind).label}不能作为企业的党组织，请改正。"
            yield row, Remark("org_code", "does_not_cover", text)
            return
        if org.ended_on and org.ended_on <= row.values["since"]:
            yield row, Remark("org_code", "ended", f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销，请改正。")
        members = [formal[pk] for pk in units if pk in formal]
        found = establishment_findings(
            Form(row.values["form"]), OrgKind(org.kind), members=sum(members), units=len(units),
            formal_members=sum(members) if len(members) == len(units) else None,
            covers_another=bool(units - {enterprise_of(row.values)}),
        )  # fmt: skip
        for finding in found:
            yield row, Remark("form", finding.code, str(finding), is_warning=True)

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        guard_spans(Span(self._path(row), row.values["since"], row.values.get("until")) for row in rows)
        insert_rows(Establishment, [
            {
                "enterprise_id": enterprise_of(row.values), "org_id": org_of(row.values), "form": row.values["form"],
                "since": row.values["since"], "until": row.values.get("until"),
                "document": row.values.get("document") or "", "note": row.values.get("note") or "",
            }
            for row in rows
        ])  # fmt: skip
        self._settle(rows)

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        spans = []
        for change in changes:
            days = [day for day in (change.before.get("until"), change.after.get("until")) if day]
            if "form" in change.after:
                spans.append(Span(self._path(change.row), change.row.values["since"], change.row.values.get("until")))
            if "until" in change.after:
                spans.append(Span(self._path(change.row), min(days)))
        guard_spans(spans)
        update_rows(Establishment, {change.pk: change.after for change in changes})
        self._settle([change.row for change in changes])

    def _path(self, row: Row) -> str:
        return str(self.enterprises[enterprise_of(row.values)].org_path)

    def _settle(self, rows: Sequence[Row]) -> None:
        ids = {enterprise_of(row.values) for row in rows}
        related = Enterprise.objects.select_related("org", "park__org", "building__org", "building__park")
        settle(list(related.filter(pk__in=ids)), today=self.today)
