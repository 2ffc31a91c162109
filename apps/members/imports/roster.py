"""党员名册 comes in: the ledger's own export, or the office's own workbook with other headers.

A row is named by the 党员编号, else by the 身份证号. New people come onto the roster of their branch; of known ones
facts change, and another 党小组 or employer holds from the day of the import. Whoever is on another roster needs a
transfer, which no import makes. Numbers are compared by their keyed hashes, so nothing is opened.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.core.codes import mask_id_number, mask_phone
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
    LooseDate,
    OneOf,
    Phone,
    Reference,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.sealing import fingerprint
from apps.enterprises.models import Enterprise

from ..kinds import NATIONS, Degree, Education, Occupation, Sex, Stage
from ..masks import mask_address
from ..models import Member
from ..permissions import IMPORT
from .roster_checks import RosterChecks
from .roster_writes import insert_members, update_members

MOST_IN_A_TEMPLATE = 10_000
TEXTS = (
    "name", "sex", "nation", "native_place", "education", "degree", "school", "occupation", "position", "card_number",
    "address", "household", "remark",
)  # fmt: skip
DAYS = ("born_on", "work_since", "joined_on", "formal_on")

_EDUCATION = {
    "博士": "11", "硕士": "14", "研究生": "14", "本科": "21", "大学": "21", "学士": "21", "大专": "31", "专科": "31",
    "中专": "41", "职高": "44", "中技": "47", "技校": "47", "初级中学": "71", "普通高中": "61", "文盲": "90",
}  # fmt: skip
_OCCUPATION = {
    "工人": "worker", "工勤技能人员": "worker", "农民": "farmer", "专业技术人员": "technician", "技术人员": "technician",
    "管理人员": "manager", "经营管理人员": "manager", "公务员": "official", "机关工作人员": "official", "其他": "other",
    "离退休": "retired", "退休": "retired", "在校学生": "student",
}  # fmt: skip
_STAGE = {"正式": "formal", "预备": "probationary", "中共党员": "formal", "中共预备党员": "probationary"}


@dataclass(frozen=True)
class MemberCode(Code):
    """党员编号, in capitals."""

    def from_text(self, text: str, today: Any) -> str:
        return super().from_text(text, today).upper()


@dataclass(frozen=True)
class MaskedText(Text):
    """A text that exports carry masked; a masked one means: as it is."""

    def from_text(self, text: str, today: Any) -> str:
        return "" if "*" in text else super().from_text(text, today)


class Kept:
    """A sealed value as it is known: equal to the number of its hash."""

    def __init__(self, index: str, purpose: str) -> None:
        self.index = index
        self.purpose = purpose

    def __eq__(self, other: object) -> bool:
        number = getattr(other, "number", other)
        return isinstance(number, str) and fingerprint(number, self.purpose) == self.index

    __hash__ = None  # type: ignore[assignment]


def branches(importer: Importer, texts: set[str]) -> dict[str, int | None]:
    """Organisations of the scope by code, full or short name; of several of one name those that still exist."""
    wanted = {text.upper() for text in texts}
    rows = PartyOrg.objects.filter(Q(code__in=wanted) | Q(name__in=texts) | Q(short_name__in=texts)).order_by()
    found: dict[str, list[tuple[bool, int]]] = {}
    for pk, code, name, short, ended in rows.values_list("pk", "code", "name", "short_name", "ended_on"):
        for text in {name, short, *(text for text in texts if text.upper() == code)} & texts:
            found.setdefault(text, []).append((ended is None, pk))
    return {text: _the_one(pairs) for text, pairs in found.items()}


def branches_kept(importer: Importer, texts: set[str]) -> Iterable[tuple[str, int]]:
    """Branches in which members of the scope are registered, by what an export calls them."""
    rows = Member.objects.filter(Q(org__name__in=texts) | Q(org__short_name__in=texts)).order_by()
    pairs = set(rows.values_list("org__name", "org__short_name", "org_id"))
    return [(text, pk) for *words, pk in pairs for text in words if text in texts]


def employers(importer: Importer, texts: set[str]) -> dict[str, int | None]:
    """Enterprises of the scope by full name or credit code."""
    codes = {text.upper(): text for text in texts}
    rows = Enterprise.objects.filter(Q(credit_code__in=list(codes)) | Q(name__in=texts)).order_by()
    found: dict[str, list[tuple[bool, int]]] = {}
    for pk, code, name in rows.values_list("pk", "credit_code", "name"):
        for text in {name, codes.get(code or "", "")} & texts:
            found.setdefault(text, []).append((True, pk))
    return {text: _the_one(pairs) for text, pairs in found.items()}


def employers_kept(importer: Importer, texts: set[str]) -> Iterable[tuple[str, int]]:
    """Enterprises, also of other organisations, in which members of the scope work."""
    return set(Member.objects.filter(employer__name__in=texts).order_by().values_list("employer__name", "employer_id"))


def _the_one(pairs: list[tuple[bool, int]]) -> int | None:
    living = [pk for is_living, pk in pairs if is_living]
    found = living or [pk for _, pk in pairs]
    return found[0] if len(set(found)) == 1 else None


@register_importer
class RosterImport(Importer):
    """Named by 党员编号 or 身份证号. What follows from other books (党内职务, 管理模式 …) is left alone."""

    code, title, permission = "members.roster", "党员名册", IMPORT
    lead = (
        "有党员编号的按编号、没有的按身份证号核对；新增时编号留空。带 * 的号码和住址表示不改动。"
        "党小组、所在企业的变化自导入之日起记；已登记在其他党支部的，请办理组织关系转接。"
    )
    columns = (
        ImportColumn("code", "党员编号", MemberCode(20), key=True, aliases=("编号",), note="新增时留空，由平台编号"),
        ImportColumn("name", "姓名", Text(50), required=True, aliases=("党员姓名",)),
        ImportColumn("id_number", "身份证号", IdNumberKind(), required=True,
                     aliases=("公民身份证号", "公民身份证号码", "公民身份号码", "居民身份证号", "身份证号码", "身份证")),
        ImportColumn("sex", "性别", OneOf(Sex.choices(), {"男性": "1", "女性": "2"}), note="可不填，取自身份证号"),
        ImportColumn("nation", "民族", OneOf(NATIONS, {label.removesuffix("族"): code for code, label in NATIONS})),
        ImportColumn("native_place", "籍贯", Text(50), blank=NOTHING),
        ImportColumn("born_on", "出生日期", LooseDate(future=False), aliases=("出生年月", "生日", "出生年月日"),
                     note="可不填，取自身份证号"),
        ImportColumn("education", "学历", OneOf(Education.choices(), _EDUCATION), aliases=("文化程度", "最高学历")),
        ImportColumn("degree", "学位", OneOf(Degree.choices()), blank=NOTHING),
        ImportColumn("school", "毕业院校及专业", Text(80), blank=NOTHING, aliases=("毕业院校", "毕业学校")),
        ImportColumn("work_since", "参加工作日期", Date(future=False), blank=NOTHING, aliases=("参加工作时间",)),
        ImportColumn("joined_on", "入党日期", Date(future=False), required=True,
                     aliases=("入党时间", "加入党组织日期", "加入中共组织日期")),
        ImportColumn("formal_on", "转正日期", Date(future=False), blank=NOTHING, aliases=("转正时间", "转为正式党员日期"),
                     note="正式党员必填，留空表示预备党员"),
        ImportColumn("stage", "党员类别", OneOf(Stage.choices(), _STAGE), aliases=("人员类别", "类别")),
        ImportColumn("position", "工作岗位（职务）", Text(60), blank=NOTHING, aliases=("工作岗位", "岗位", "职务", "单位职务")),
        ImportColumn("occupation", "职业", OneOf(Occupation.choices(), _OCCUPATION), blank=NOTHING, aliases=("职业类别",)),
        ImportColumn("org", "所在党支部", Reference(find=branches, kept=branches_kept, label="党支部"),
                     aliases=("党支部", "所属党支部", "所在党组织", "所属党组织", "组织关系所在单位"),
                     note="留空时为上传时所选的党组织"),
        ImportColumn("group", "党小组", Text(100), blank=NOTHING, aliases=("所在党小组",), note="本支部已登记的党小组"),
        ImportColumn("employer", "所在企业", Reference(find=employers, kept=employers_kept, label="企业"), blank=NOTHING,
                     aliases=("工作单位", "单位名称", "所在单位"), note="已登记的企业全称或信用代码"),
        ImportColumn("since", "进入支部日期", Date(future=False), aliases=("进入党支部日期", "转入日期"),
                     note="新增时自这一天起在册，留空为导入之日；不能早于已关闭的季度"),
        ImportColumn("phone", "联系电话", Phone(), blank=NOTHING, aliases=("手机", "手机号", "手机号码", "电话", "联系方式")),
        ImportColumn("address", "住址", MaskedText(200), blank=NOTHING, aliases=("家庭住址", "现住址", "现居住地")),
        ImportColumn("household", "户籍所在地", MaskedText(200), blank=NOTHING, aliases=("户籍地", "户口所在地")),
        ImportColumn("card_number", "党员证编号", Code(30), blank=NOTHING),
        ImportColumn("remark", "备注", Text(300), blank=NOTHING),
    )  # fmt: skip

    def __init__(self, **facts: Any) -> None:
        super().__init__(**facts)
        self.prints: dict[str, str] = {}

    def print_of(self, number: str) -> str:
        """The keyed hash of an ID number, worked out once."""
        if number not in self.prints:
            self.prints[number] = fingerprint(number, "id_number")
        return self.prints[number]

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        if values.get("code"):
            return ("code", values["code"])
        return ("id_number", values["id_number"].number) if values.get("id_number") else None

    def key_columns(self, key: Key | None) -> Sequence[str]:
        return [str(key[0])] if key else ["id_number", "code"]

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        codes = [value for kind, value in keys if kind == "code"]
        prints = {self.print_of(str(value)): value for kind, value in keys if kind == "id_number"}
        rows = Member.objects.filter(Q(code__in=codes) | Q(id_number_index__in=list(prints))).order_by()
        asked = set(codes)
        found: dict[Key, Existing] = {}
        for row in rows.values(
            "pk", "version", "code", "id_number_index", "phone_index", "org_id", "group_id", "employer_id", "relation",
            "left_on", "probation_until", "placement_since", *TEXTS, *DAYS,
        ):  # fmt: skip
            known = Existing(row["pk"], row["version"], self._values(row))
            if row["code"] in asked:
                found["code", row["code"]] = known
            if row["id_number_index"] in prints:
                found["id_number", prints[row["id_number_index"]]] = known
        return found

    def _values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """An existing row in the values of the import columns, with what the checks ask besides."""
        formal_on = row["formal_on"]
        return {
            **row,
            "id_number": Kept(row["id_number_index"], "id_number") if row["id_number_index"] else None,
            "phone": Kept(row["phone_index"], "phone") if row["phone_index"] else None,
            "org": row["org_id"], "group": row["group_id"], "employer": row["employer_id"],
            "stage": Stage.FORMAL if formal_on and formal_on <= self.today else Stage.PROBATIONARY,
        }  # fmt: skip

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.checks = RosterChecks(self, rows, existing)
        return self.checks.run()

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        insert_members(rows, self.checks.orgs, self.prints)

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_members(changes, self.today)

    def template_rows(self) -> Iterator[Mapping[str, Any]]:
        rows = Member.objects.on_roster().select_related("org", "group", "employer").order_by("org_path", "pk")
        for row in rows[:MOST_IN_A_TEMPLATE]:
            yield {
                **{name: getattr(row, name) for name in ("code", "version", *TEXTS, *DAYS)},
                "stage": row.stage_on(self.today), "org": str(row.org), "group": str(row.group or ""),
                "employer": row.employer.name if row.employer else "", "id_number": mask_id_number(row.id_number),
                "phone": mask_phone(row.phone), "address": mask_address(row.address),
                "household": mask_address(row.household),
            }  # fmt: skip
