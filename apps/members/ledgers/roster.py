"""党员名册 of any day.

Today's roster is the rows of members; the roster of another day is the memberships that held then. Both give the
same columns. What is kept current about a person elsewhere is not shown to a branch that the person has left.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Value
from django.utils import timezone

from apps.core.clock import day_named
from apps.core.codes import mask_id_number, mask_phone
from apps.core.errors import DomainError
from apps.core.ledger import Column, Kind, Ledger, Ordering, register
from apps.core.scoping import required_scope
from apps.enterprises.ledgers.common import link_to

from .. import permissions
from ..kinds import (
    NATIONS,
    Degree,
    Education,
    Focus,
    ManagementMode,
    Occupation,
    PostRole,
    Relation,
    Sex,
    Stage,
    Standing,
)
from ..masks import mask_address
from ..models import Member, Membership, MobileRecord, Post
from ..number_search import found_by, is_number, word_for
from ..querysets.member import called, joining_key
from ..querysets.modes import mode_column
from ..rules.bands import age_on
from .roster_filters import FILTERS, behind

STAGE_TONES = {Stage.FORMAL: "success", Stage.PROBATIONARY: "info"}
MODE_TONES = {ManagementMode.IN_POST: "success", ManagementMode.DEPARTED_LOCAL: "warning"}


def person(row: Any) -> Member:
    """The member of a row: itself today, behind the membership on another day."""
    return row.member if isinstance(row, Membership) else row


def of_person(name: str) -> Callable[[Any], Any]:
    """A column that a branch may see of everybody who was ever on its roster."""
    return lambda row: getattr(person(row), name)


def kept(name: str) -> Callable[[Any], Any]:
    """A column that is kept current: blank of somebody who has left for a branch out of the reader's scope."""

    def value(row: Any) -> Any:
        found = person(row)
        return getattr(found, name) if found is row or required_scope().covers(found.org_path) else ""

    return value


def age(row: Any) -> int | None:
    born_on = person(row).born_on
    return age_on(born_on, row.on) if born_on else None


def stage(row: Any) -> Stage:
    return person(row).stage_on(row.on)


def posts(row: Any) -> str:
    return "、".join(role.label for role in PostRole if role in row.post_roles)


def member_page(row: Any) -> str:
    return f"/members/{person(row).pk}/" if required_scope().covers(person(row).org_path) else ""


def employer(row: Any) -> Any:
    return row.enterprise if isinstance(row, Membership) else row.employer


COLUMNS = (
    Column("code", "党员编号", of_person("code"), default=False),
    Column("name", "姓名", of_person("name"), link=member_page),
    Column("sex", "性别", of_person("sex"), choices=dict(Sex.choices())),
    Column("nation", "民族", of_person("nation"), choices=dict(NATIONS)),
    Column("native_place", "籍贯", kept("native_place"), default=False),
    Column("born_on", "出生日期", of_person("born_on"), kind=Kind.DATE),
    Column("age", "年龄", age, kind=Kind.INTEGER, default=False),
    Column("id_number", "身份证号", kept("id_number"), mask=mask_id_number, default=False),
    Column("education", "学历", of_person("education"), choices=dict(Education.choices())),
    Column("degree", "学位", of_person("degree"), choices=dict(Degree.choices()), default=False),
    Column("school", "毕业院校及专业", kept("school"), default=False),
    Column("work_since", "参加工作日期", kept("work_since"), kind=Kind.DATE, default=False),
    Column("joined_on", "入党日期", of_person("joined_on"), kind=Kind.DATE),
    Column("formal_on", "转正日期", of_person("formal_on"), kind=Kind.DATE, default=False),
    Column("stage", "党员类别", stage, choices=dict(Stage.choices()), tone=lambda row: STAGE_TONES[stage(row)]),
    Column("position", "工作岗位（职务）", kept("position"), default=False),
    Column("occupation", "职业", of_person("occupation"), choices=dict(Occupation.choices()), default=False),
    Column("org", "所在党支部", lambda row: str(row.org), link=link_to("org")),
    Column("group", "党小组", lambda row: str(row.group) if row.group else ""),
    Column("posts", "党内职务", posts),
    Column("employer", "所在企业", lambda row: employer(row) and employer(row).name,
           link=lambda row: link_to("enterprise" if isinstance(row, Membership) else "employer")(row)),
    Column("phone", "联系电话", kept("phone"), mask=mask_phone, default=False),
    Column("address", "住址", kept("address"), mask=mask_address, default=False),
    Column("household", "户籍所在地", kept("household"), mask=mask_address, default=False),
    Column("mobile", "流动状态", lambda row: "流动" if row.is_mobile else "", tone=lambda row: "info", default=False),
    Column("mode", "管理模式", lambda row: row.mode, choices=dict(ManagementMode.choices()),
           tone=lambda row: MODE_TONES.get(row.mode, "info")),
    Column("relation", "组织关系", kept("relation"), choices=dict(Relation.choices()), default=False),
    Column("standing", "党籍状态", kept("standing"), choices=dict(Standing.choices()), default=False),
    Column("card_number", "党员证编号", kept("card_number"), default=False),
    Column("focus", "重点对象", lambda row: "、".join(Focus(code).label for code in kept("focus")(row)), default=False),
    Column("placement_since", "待安置起始", kept("placement_since"), kind=Kind.DATE, default=False),
    Column("lost_since", "失去联系日期", kept("lost_since"), kind=Kind.DATE, default=False),
    Column("remark", "备注", kept("remark"), default=False),
)  # fmt: skip


@register
class MemberRoster(Ledger):
    """党员名册: whose relation is in a branch of the scope on the day; with a mode, everybody in that mode."""

    code, title, permission = "members.roster", "党员名册", permissions.VIEW
    reveal_permission = permissions.REVEAL
    columns = COLUMNS
    filters = FILTERS
    search_hint = "姓名、拼音首字母、编号，或完整的身份证号、电话"
    searches_by_post = True
    count_cap = 1_000  # counting ten thousand of a million costs ten times the page
    empty_text = "名册上还没有党员。可以逐人登记，也可以导入支部自己的名册。"
    orderings = {
        "": Ordering("按党组织", ("org_path", "pk")),
        "name": Ordering("按姓名拼音", ("name_key", "pk")),
        "joined": Ordering("入党早的在前", ("joined_key", "pk")),
    }

    @cached_property
    def on(self) -> datetime.date:
        """The day that is asked about. Raises DomainError for one that has not come."""
        day = day_named(self.params.get("on", "")) or self.today
        if day > self.today:
            raise DomainError("名册只到今天，请选择今天或以前的日期。", code="bad_filter", field="on")
        return day

    @property
    def is_today(self) -> bool:
        """Whether the rows are members (their ids may be ticked) and not memberships of another day."""
        return self.on == self.today

    @property
    def prefix(self) -> str:
        """Leads from a row to its member."""
        return "" if self.is_today else "member__"

    def rows(self) -> Any:
        rows = self._of_today() if self.is_today else self._of_another_day()
        order = self.params.get("order")
        if order == "name":
            rows = rows.annotate(name_key=F(f"{self.prefix}initials"))
        if order == "joined":
            rows = rows.annotate(joined_key=joining_key(self.prefix))
        return rows.annotate(on=Value(self.on))

    def _of_today(self) -> Any:
        rows = Member.objects.select_related("org", "group", "employer")
        if "mode" not in self.params:
            rows = rows.on_roster()
        return rows.annotate(mode=mode_column(self.on), **self._dated("pk"))

    def _of_another_day(self) -> Any:
        rows = Membership.objects.as_of(self.on).select_related("member", "org", "group", "enterprise")
        return rows.annotate(mode=Value(""), **self._dated("member_id"))

    def _dated(self, key: str) -> dict[str, Any]:
        """Posts and mobility on the day; `key` is the column with the id of the member."""
        held = Post.objects.as_of(self.on).filter(member=OuterRef(key)).order_by()
        away = MobileRecord.objects.as_of(self.on).filter(member=OuterRef(key))
        return {"post_roles": ArraySubquery(held.values("role")), "is_mobile": Exists(away)}

    @classmethod
    def search_word(cls, text: str) -> str:
        return word_for(text, today=timezone.localdate())

    def search(self, rows: Any, text: str) -> Any:
        if is_number(text):
            message = "完整的号码不能写在网址里，请在搜索框里输入。"
            raise DomainError(message, code="bad_filter", field="q")
        exact = found_by(text)
        condition = exact if exact is not None else called(text)
        return rows.filter(behind(self.prefix, condition))
