"""Rows about somebody who holds something in an organisation: which organisation and which member they mean.

Whose number stands beside the name is linked to the roster; without one the only member of that name below the
organisation is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.imports import Existing, ImportColumn, Importer, Reference, Remark, Row

from ..kinds import Relation
from ..models import Member
from .roster import branches

COLUMNS = {"member_code": "member_id"}
"""Columns of the tables that are called otherwise than those of the workbook."""
FIXED_MEMBER = "这一条已对应另一名党员，请在页面核对；党员编号请保持原样。"
TWO_ORGS = "党组织代码与党组织名称指向两个组织，请核对。"


def members_by_code(importer: Importer, texts: set[str]) -> dict[str, int]:
    """Members of the scope by 党员编号, also those who have left: they held posts then."""
    wanted = {text.upper(): text for text in texts}
    rows = Member.objects.filter(code__in=list(wanted)).order_by().values_list("code", "pk")
    return {wanted[code]: pk for code, pk in rows}


def orgs_by_code(importer: Importer, texts: set[str]) -> dict[str, int]:
    wanted = {text.upper(): text for text in texts}
    rows = PartyOrg.objects.filter(code__in=list(wanted)).order_by().values_list("code", "pk")
    return {wanted[code]: pk for code, pk in rows}


def kept_in(model: Any) -> Any:
    """Organisations and members that rows of the scope name, by what an export calls them."""

    def orgs(importer: Importer, texts: set[str]) -> list[tuple[str, int]]:
        pairs = model.objects.filter(org__name__in=texts) | model.objects.filter(org__short_name__in=texts)
        found = set(pairs.order_by().values_list("org__name", "org__short_name", "org_id"))
        return [(text, pk) for *words, pk in found for text in words if text in texts]

    return orgs


def members_kept_in(model: Any) -> Any:
    def members(importer: Importer, texts: set[str]) -> list[tuple[str, int]]:
        wanted = {text.upper(): text for text in texts}
        rows = model.objects.filter(member__code__in=list(wanted)).order_by().values_list("member__code", "member_id")
        return [(wanted[code], pk) for code, pk in set(rows)]

    return members


def org_columns(model: Any) -> tuple[ImportColumn, ...]:
    org = Reference(find=branches, kept=kept_in(model), label="党组织")
    return (
        ImportColumn("org", "党组织", org, key=True, aliases=("所属党组织", "党支部", "党组织名称", "责任党组织"),
                     note="全称、简称或代码；和代码至少填一项"),
        ImportColumn("org_code", "党组织代码", Reference(find=orgs_by_code, label="党组织"), key=True, aliases=("组织代码",)),
    )  # fmt: skip


def member_column(model: Any) -> ImportColumn:
    kind = Reference(find=members_by_code, kept=members_kept_in(model), label="党员")
    return ImportColumn("member_code", "党员编号", kind, aliases=("编号",), note="可不填：按姓名对应，重名的不对应")


def nameless(importer: Importer, row: Row) -> Iterator[Remark]:
    """A row that leaves a part of its name blank names nothing, whether it is new or not."""
    for column in importer.columns:
        if column.key and column.required and row.values.get(column.name) is None:
            yield Remark(column.name, "required", f"「{column.label}」不能为空，请填写。")


class HolderImport(Importer):
    """What both books share: which organisation and which member a row means."""

    def org_of(self, values: Mapping[str, Any]) -> int | None:
        found: int | None = values.get("org_code") or values.get("org")
        return found

    def row_rules(self, row: Row) -> Iterator[Remark]:
        code, name = row.values.get("org_code"), row.values.get("org")
        if not (code or name):
            yield Remark("org", "unknown_org", "请填写党组织的全称、简称或代码。")
        elif code and name and code != name:
            yield Remark("org", "two_orgs", TWO_ORGS)
        yield from nameless(self, row)

    def look_up(self, rows: Sequence[Row]) -> None:
        """The organisations of the rows, and the members whom their numbers or names mean: two queries."""
        self.orgs = PartyOrg.objects.in_bulk({org for row in rows if (org := self.org_of(row.values))})
        codes = {row.values["member_code"] for row in rows if row.values.get("member_code")}
        names = {row.values["name"] for row in rows if row.values.get("name")}
        known = Member.objects.filter(pk__in=codes) | Member.objects.filter(name__in=names, relation=Relation.HERE)
        self.members: dict[int, Member] = {}
        self.called: dict[str, list[Member]] = defaultdict(list)
        for member in known.order_by("pk"):
            self.members[member.pk] = member
            if member.relation == Relation.HERE:
                self.called[member.name].append(member)

    def member_of(self, row: Row) -> Member | None:
        """By number, else the only one of that name on a roster below the organisation."""
        if code := row.values.get("member_code"):
            return self.members.get(code)
        org = self.orgs[self.org_of(row.values)]  # type: ignore[index]
        below = [each for each in self.called[row.values["name"]] if each.org_path.startswith(org.path)]
        return below[0] if len(below) == 1 else None

    def about_member(self, row: Row, known: Existing | None) -> Iterator[Remark]:
        given = row.values.get("member_code")
        if given is None:
            return
        if known is not None and known.values["member_code"] not in (None, given):
            yield Remark("member_code", "fixed", FIXED_MEMBER)
        elif given in self.members and self.members[given].name != row.values["name"]:
            yield Remark("name", "name_disagrees", "姓名与党员编号不符，请核对。")

    def in_order(self, row: Row, known: Existing | None, first: str, last: str, message: str) -> Iterator[Remark]:
        begin, end = value_of(row, known, first), value_of(row, known, last)
        if begin and end and end < begin:
            yield Remark(last, "out_of_order", message)


def value_of(row: Row, known: Existing | None, name: str) -> Any:
    """What the row says, else what is registered."""
    value = row.values.get(name)
    return known.values[name] if value is None and known is not None else value
