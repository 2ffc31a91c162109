"""Who the rows of a book about people with the relation elsewhere mean: found by code or ID number, or new.

Somebody on another roster of the portal is linked when name and number fit; where, nobody is told. The number of
queries does not depend on the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.bulk import insert_rows
from apps.core.codes import IdNumber
from apps.core.imports import Key, Remark, Row
from apps.core.scoping import required_scope, unscoped
from apps.core.sealing import fingerprint, new_ids, sealed_columns
from apps.core.text import pinyin_initials

from ..kinds import Relation, Sex
from ..models import DualAgreement, Member, MobileRecord
from ..services.common import member_code
from ..services.people import OVERSEEING

SEXES = {"男": Sex.MALE.value, "女": Sex.FEMALE.value}
FIELDS = ("pk", "name", "code", "relation", "org_id", "org_path", "home_text", "employer_id", "id_number_index")


@dataclass(frozen=True)
class Somebody:
    """A person of the portal as the checks need one. `bound`: to another organisation by an agreement in force."""

    pk: int
    name: str
    code: str
    relation: str
    org_id: int
    org_path: str
    home_text: str
    employer_id: int | None
    id_number_index: str | None
    bound: frozenset[int] = frozenset()

    @property
    def home_id(self) -> int | None:
        """The branch of the portal with the relation."""
        return self.org_id if self.relation == Relation.HERE else None


def person_key(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """What names the person of a row: the 党员编号, else the 身份证号."""
    if values.get("code"):
        return ("code", values["code"])
    number = values.get("id_number")
    return ("id_number", number.number) if isinstance(number, IdNumber) else None


def behind_keys(keys: Sequence[Key]) -> tuple[Q, dict[str, str]]:
    """The condition on rows whose member one of the keys names, and {hash: number} of the numbers among them."""
    codes = {key[1] for key in keys if key[0] == "code"}
    prints = {fingerprint(str(key[1]), "id_number"): str(key[1]) for key in keys if key[0] == "id_number"}
    return Q(member__code__in=codes) | Q(member__id_number_index__in=list(prints)), prints


class Guests:
    """The people of one file, read once."""

    def __init__(self, importer: Any, rows: Sequence[Row]) -> None:
        self.importer = importer
        self.found: dict[tuple[str, str], Somebody] = {}
        named = [key for row in rows if (key := person_key(row.values))]
        self._by_code({code for kind, code in named if kind == "code"})
        self._by_number({number for kind, number in named if kind == "id_number"})
        wanted = {row.values["org"] for row in rows if row.values.get("org")} | {importer.org.pk}
        self.orgs = {org.pk: org for org in PartyOrg.objects.filter(pk__in=wanted)}
        self.made: dict[str, int] = {}

    def _by_code(self, codes: set[str]) -> None:
        """By code only who is in the scope, or is looked after from it already."""
        guests = {
            pk for model in (DualAgreement, MobileRecord)
            for pk in model.objects.filter(member__code__in=codes).order_by().values_list("member_id", flat=True)
        }  # fmt: skip
        own = set(Member.objects.filter(code__in=codes).order_by().values_list("pk", flat=True))
        for somebody in self._read(Q(pk__in=own | guests)):
            self.found["code", somebody.code] = somebody

    def _by_number(self, numbers: set[str]) -> None:
        prints = {fingerprint(number, "id_number"): number for number in numbers}
        for somebody in self._read(Q(id_number_index__in=list(prints))):
            self.found["id_number", prints[str(somebody.id_number_index)]] = somebody

    def _read(self, condition: Q) -> list[Somebody]:
        with unscoped("guests are named by code or ID number, wherever the relation is; plain values of these people"):
            rows = list(Member.objects.filter(condition).order_by().values(*FIELDS))
            bound: dict[int, set[int]] = {}
            held = DualAgreement.objects.as_of(self.importer.today).filter(member__in=[row["pk"] for row in rows])
            for member, org in held.order_by().values_list("member_id", "org_id"):
                bound.setdefault(member, set()).add(org)
        return [Somebody(**row, bound=frozenset(bound.get(row["pk"], ()))) for row in rows]

    def of(self, row: Row) -> Somebody | None:
        key = person_key(row.values)
        return self.found.get(key) if key else None

    def org_of(self, row: Row) -> PartyOrg:
        """The organisation that looks after the person: that of the row, else the one of the import."""
        return self.orgs.get(row.values.get("org") or self.importer.org.pk, self.importer.org)

    def name_fits(self, row: Row, somebody: Somebody) -> Iterator[Remark]:
        name = row.values.get("name")
        if name and name != somebody.name:
            by = "党员编号" if row.values.get("code") else "身份证号"
            yield Remark("name", "name_disagrees", f"{by}与姓名不符，请核对。")

    def may_be_guest(self, row: Row) -> Iterator[Remark]:
        """Whether the person of a new row can be looked after by the organisation of the row."""
        org, somebody = self.org_of(row), self.of(row)
        if OrgKind(org.kind) in OVERSEEING or org.ended_on is not None:
            what = "已撤销" if org.ended_on else f"是{OrgKind(org.kind).label}"
            yield Remark("org", "looks_after_nobody", f"「{org}」{what}，不直接管理党员，请改为党支部、指导站或党委。")
        if somebody is None:
            yield from self._complete(row)
            return
        yield from self.name_fits(row, somebody)
        if somebody.relation == Relation.HERE and somebody.org_id == org.pk:
            yield Remark("name", "own_member", f"组织关系就在「{org}」，按在职党员管理，请删除这一行。")
        elif somebody.relation == Relation.ELSEWHERE and somebody.bound - {org.pk}:
            yield Remark("id_number", "bound_elsewhere", "已由其他党组织签订双重管理协议，请先办理终止。")
        elif somebody.relation == Relation.LEFT or (
            somebody.relation == Relation.ELSEWHERE and somebody.org_id != org.pk
        ):
            text = "以前由其他党组织登记，接手须核实本人，请在「签订协议」或「登记流入」页面逐人办理。"
            yield Remark("id_number", "take_over", text)

    def _complete(self, row: Row) -> Iterator[Remark]:
        """What somebody new to the portal needs."""
        if row.values.get("code"):
            yield Remark("code", "unknown_person", "没有找到这个党员编号。新登记的党员编号留空，填写身份证号。")
        elif not row.values.get("id_number"):
            yield Remark("id_number", "required", "新登记的党员须填写身份证号。")
        if not row.values.get("enterprise"):
            yield Remark("enterprise", "required", "新登记的党员须填写所在企业（已登记的全称或信用代码）。")
        if not row.values.get("home"):
            yield Remark("home", "required", "新登记的党员须填写关系所在党组织。")

    def member_of(self, row: Row) -> int:
        """The id of the person, after `register`."""
        somebody = self.of(row)
        return somebody.pk if somebody else self.made[row.values["id_number"].number]

    def register(self, rows: Sequence[Row]) -> None:
        """Write the people whom the portal did not know, each once, with the relation elsewhere."""
        new = {row.values["id_number"].number: row for row in rows if self.of(row) is None}
        members = []
        for pk, (number, row) in zip(new_ids(Member, len(new)), new.items(), strict=True):
            org, read = self.org_of(row), row.values["id_number"]
            self.made[number] = pk
            members.append({
                "id": pk, "code": member_code(pk), "name": row.values["name"],
                "initials": pinyin_initials(row.values["name"]), "sex": SEXES[read.sex], "born_on": read.birth,
                "relation": Relation.ELSEWHERE.value, "home_text": row.values["home"],
                "employer_id": row.values["enterprise"], "org_id": org.pk, "org_path": org.path,
                **sealed_columns(Member, "id_number", pk, number),
                **sealed_columns(Member, "phone", pk, row.values.get("phone") or ""),
            })  # fmt: skip
        insert_rows(Member, members, {"focus": "{}"})


def keeper_only(row: Row, found: Mapping[str, Any], columns: Sequence[str]) -> Iterator[Remark]:
    """What the other side of an existing row wrote stays as it is; so does who keeps the row."""
    kept = required_scope().covers(found["org_path"])
    for name in columns:
        value = row.values.get(name)
        if value is None or value == found.get(name):
            continue
        if not kept:
            yield Remark(name, "not_yours", "由对方党组织登记，这里不能修改，请保持原样。")
        elif name == "org":
            yield Remark(name, "other_keeper", "已有记录不能改由别的党组织管理，请终止后另行登记。")
