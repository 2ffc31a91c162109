"""指导员台账 comes in, with the enterprises that each instructor contacts."""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.branches.imports import MaskedPhone
from apps.branches.models import PartyOrg
from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    Change,
    Date,
    Existing,
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
from apps.core.period_guard import Span, guard_spans
from apps.core.text import pinyin_initials

from ..kinds import InstructorSource
from ..models import Enterprise, Instructor, InstructorAssignment
from ..parameters import thresholds
from ..permissions import IMPORT
from ..rules import instructor_load_finding
from .common import enterprises_by_code, enterprises_by_name, orgs_by_code

FACTS = ("unit", "post", "source", "phone")


@dataclass(frozen=True)
class EnterpriseList(Reference):
    """Several enterprises in one cell, by name or credit code. Value: the set of their ids."""

    @property
    def hint(self) -> str:
        return "企业名称或信用代码，多家用顿号分开"

    def resolve(self, named: Any, found: Mapping[str, Any]) -> tuple[Any, tuple[str, str] | None]:
        words = _words(named.text)
        unknown = [word for word in words if found.get(word) is None]
        if unknown:
            return None, ("unknown_reference", f"没有找到企业“{'、'.join(unknown[:3])}”，请先登记，或改填信用代码。")
        return frozenset(found[word] for word in words), None


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[、,，;；\n]+", text) if word.strip()]


def enterprises_in(importer: Importer, texts: set[str]) -> dict[str, int | None]:
    """Every enterprise that one of the cells names; None for a name that several carry."""
    words = {word for text in texts for word in _words(text)}
    return {**enterprises_by_name(importer, words), **enterprises_by_code(importer, words)}


@register_importer
class InstructorImport(Importer):
    """Named by name and sending unit. Enterprises in the cell are added to those contacted; none is taken away."""

    code, title, permission = "enterprises.instructors", "指导员台账", IMPORT
    lead = "姓名加派出单位确定一位指导员。“联系企业”只增不减：新指导员自选派日期起联系，其余自导入之日起。"
    columns = (
        ImportColumn("name", "姓名", Text(50), required=True, key=True),
        ImportColumn("unit", "派出单位", Text(80), aliases=("单位",)),
        ImportColumn("post", "职务", Text(40)),
        ImportColumn("source", "选派来源", OneOf(InstructorSource.choices())),
        ImportColumn("phone", "联系电话", MaskedPhone(20), aliases=("电话", "手机")),
        ImportColumn("org_code", "管理党组织代码", Reference(find=orgs_by_code, label="党组织"), note="空白为导入的组织"),
        ImportColumn("since", "选派日期", Date(future=False), required=True, aliases=("任职日期",)),
        ImportColumn("enterprises", "联系企业", EnterpriseList(find=enterprises_in, label="企业")),
    )

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        return (values["name"], values.get("unit") or "") if values.get("name") else None

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = list(
            Instructor.objects.filter(name__in={key[0] for key in keys}).order_by("-pk")
            .values("pk", "version", "name", "org_id", "since", *FACTS)
        )  # fmt: skip
        contacted: dict[int, set[int]] = defaultdict(set)
        sent = InstructorAssignment.objects.as_of(self.today).filter(instructor__in=[row["pk"] for row in rows])
        for instructor, enterprise in sent.order_by().values_list("instructor", "enterprise"):
            contacted[instructor].add(enterprise)
        return {
            (row["name"], row["unit"]): Existing(row["pk"], row["version"], {
                **row, "org_code": row["org_id"], "enterprises": frozenset(contacted[row["pk"]]),
            })
            for row in rows
            if (row["name"], row["unit"]) in wanted
        }  # fmt: skip

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        named = {row.values["org_code"] for row in rows if row.values.get("org_code")}
        self.paths = {**dict(PartyOrg.objects.filter(pk__in=named).values_list("pk", "path")), self.org.pk: self.org.path}
        limits = thresholds(self.today, self.org.path)
        for row in rows:
            if not row.values.get("enterprises"):
                continue
            if row.key in existing:
                row.values["enterprises"] |= existing[row.key].values["enterprises"]
            if finding := instructor_load_finding(len(row.values["enterprises"]), limits):
                yield row, Remark("enterprises", finding.code, str(finding), is_warning=True)

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        ids = insert_rows(Instructor, [self._new(row.values) for row in rows])
        self._send([
            (pk, enterprise, row.values["since"])
            for pk, row in zip(ids, rows, strict=True)
            for enterprise in row.values.get("enterprises") or ()
        ])  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_rows(Instructor, {c.pk: facts for c in changes if (facts := self._columns(c.after))})
        self._send([
            (change.pk, enterprise, self.today)
            for change in changes
            for enterprise in change.after.get("enterprises", frozenset()) - change.before.get("enterprises", frozenset())
        ])  # fmt: skip

    def _send(self, sent: Sequence[tuple[int, int, datetime.date]]) -> None:
        """New assignments of (instructor, enterprise, first day)."""
        named = {enterprise for _, enterprise, _ in sent}
        paths = dict(Enterprise.objects.filter(pk__in=named).order_by().values_list("pk", "org_path"))
        guard_spans(Span(paths[enterprise], since) for _, enterprise, since in sent)
        insert_rows(InstructorAssignment, [
            {"instructor_id": pk, "enterprise_id": enterprise, "since": since} for pk, enterprise, since in sent
        ])  # fmt: skip

    def _new(self, values: Mapping[str, Any]) -> dict[str, Any]:
        org = values.get("org_code") or self.org.pk
        return {
            "name": values["name"], "initials": pinyin_initials(values["name"]), "since": values["since"],
            **{name: values.get(name) or "" for name in FACTS}, "org_id": org, "org_path": self.paths[org],
        }  # fmt: skip

    def _columns(self, values: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: value for name, value in values.items() if name in (*FACTS, "since")}
        if "org_code" in values:
            found |= {"org_id": values["org_code"], "org_path": self.paths[values["org_code"]]}
        return found
