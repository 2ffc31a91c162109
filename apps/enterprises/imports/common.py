"""What the imports of the register share: how a cell names an enterprise, a park or an organisation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.core.codes import normalise
from apps.core.imports import ImportColumn, Importer, Reference, Remark, Row

from ..models import Enterprise, Establishment, Instructor, Park, Visit


@dataclass(frozen=True)
class Quiet(Reference):
    """A name that only helps: unknown or ambiguous it reads as nothing, because a code may stand beside it."""

    def resolve(self, named: Any, found: Mapping[str, Any]) -> tuple[Any, tuple[str, str] | None]:
        return found.get(named.text), None


def enterprises_by_code(importer: Importer, texts: set[str]) -> dict[str, int]:
    wanted = {normalise(text): text for text in texts}
    rows = Enterprise.objects.filter(credit_code__in=list(wanted)).order_by().values_list("credit_code", "pk")
    return {wanted[code]: pk for code, pk in rows}


def enterprises_by_name(importer: Importer, texts: set[str]) -> dict[str, int | None]:
    return _unambiguous(Enterprise.objects.filter(name__in=texts).order_by().values_list("name", "pk"))


def parks(importer: Importer, texts: set[str]) -> dict[str, Any]:
    rows = Park.objects.all()
    return {word: park.pk for park in rows for word in (park.name, park.code) if word in texts}


def parks_kept(importer: Importer, texts: set[str]) -> list[tuple[str, int]]:
    """The parks, also of other nodes, in which enterprises of the scope are."""
    rows = Enterprise.objects.filter(Q(park__name__in=texts) | Q(park__code__in=texts)).order_by()
    found = set(rows.values_list("park__name", "park__code", "park_id"))
    return [(word, pk) for name, code, pk in found for word in (name, code) if word in texts]


def orgs_kept(importer: Importer, texts: set[str]) -> list[tuple[str, int]]:
    """The organisations, also of other nodes, that cover enterprises of the scope."""
    wanted = {text.upper(): text for text in texts}
    rows = Establishment.objects.filter(org__code__in=list(wanted)).order_by()
    return [(wanted[code], pk) for code, pk in set(rows.values_list("org__code", "org_id"))]


def instructors_kept(importer: Importer, texts: set[str]) -> list[tuple[str, int]]:
    """The instructors, also of other nodes and of one name, who have visited enterprises of the scope."""
    rows = Visit.objects.filter(instructor__name__in=texts).order_by()
    return list(set(rows.values_list("instructor__name", "instructor_id")))


def orgs_by_code(importer: Importer, texts: set[str]) -> dict[str, int]:
    wanted = {text.upper(): text for text in texts}
    rows = PartyOrg.objects.filter(code__in=list(wanted)).order_by().values_list("code", "pk")
    return {wanted[code]: pk for code, pk in rows}


def orgs_by_name(importer: Importer, texts: set[str]) -> dict[str, int | None]:
    return _unambiguous(PartyOrg.objects.filter(name__in=texts).order_by().values_list("name", "pk"))


def instructors_by_name(importer: Importer, texts: set[str]) -> dict[str, int | None]:
    return _unambiguous(Instructor.objects.filter(name__in=texts).order_by().values_list("name", "pk"))


def _unambiguous(pairs: Iterable[tuple[str, int]]) -> dict[str, int | None]:
    """{name: id}, and None for a name that several rows carry."""
    found: dict[str, int | None] = {}
    for name, pk in pairs:
        found[name] = None if name in found else pk
    return found


CREDIT_CODE = ImportColumn(
    "credit_code", "统一社会信用代码", Reference(find=enterprises_by_code, label="企业"), key=True,
    aliases=("信用代码", "社会信用代码"), note="信用代码和企业名称至少填一项",
)  # fmt: skip
ENTERPRISE = ImportColumn(
    "enterprise", "企业名称", Quiet(find=enterprises_by_name, label="企业"), key=True, aliases=("企业", "单位名称")
)
ORG_CODE = ImportColumn(
    "org_code", "党组织代码", Reference(find=orgs_by_code, kept=orgs_kept, label="党组织"), key=True,
    note="代码和党组织至少填一项",
)  # fmt: skip
ORG = ImportColumn(
    "org", "党组织", Quiet(find=orgs_by_name, label="党组织"), key=True, aliases=("所属党组织", "党组织名称")
)


def enterprise_of(values: Mapping[str, Any]) -> int | None:
    """The id of the enterprise of a row: by its code, else by its name."""
    return values.get("credit_code") or values.get("enterprise")


def org_of(values: Mapping[str, Any]) -> int | None:
    return values.get("org_code") or values.get("org")


def unnamed(row: Row) -> Iterable[Remark]:
    """A row must name one enterprise, and code and name must not name two."""
    code, name = row.values.get("credit_code"), row.values.get("enterprise")
    if not (code or name):
        text = "没有找到这家企业。请填写已登记的统一社会信用代码；只有名称时须与登记的全称一致且不重名。"
        yield Remark("credit_code", "unknown_enterprise", text)
    elif code and name and code != name:
        yield Remark("enterprise", "two_enterprises", "企业名称与信用代码指向两家不同的企业，请核对。")
