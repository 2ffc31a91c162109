"""统战对象: a register of its own permission."""

from __future__ import annotations

from typing import Any

from apps.branches.ledgers.common import organization_filter
from apps.core.codes import mask_phone
from apps.core.ledger import Column, Filter, Kind, Ledger, register
from apps.enterprises.ledgers.common import link_to
from apps.enterprises.models import Enterprise

from .. import permissions
from ..kinds import Sex, UnitedFrontKind
from ..models import UnitedFrontPerson

SECRECY = "只有授权人员可以查看和导出，支部书记未经授权看不到这里的内容。"


@register
class UnitedFrontLedger(Ledger):
    """统战对象登记: 民主党派、外籍、党外科技人才 of the park, and who keeps in touch with them."""

    code, title, permission = "members.united_front", "统战对象", permissions.UNITED_FRONT_VIEW
    lead = SECRECY
    reveal_permission = permissions.UNITED_FRONT_VIEW
    columns = (
        Column("name", "姓名", link=lambda row: row.get_absolute_url()),
        Column("sex", "性别", choices=dict(Sex.choices())),
        Column("kind", "类别", choices=dict(UnitedFrontKind.choices())),
        Column("party", "所属党派"),
        Column("nationality", "国籍（地区）"),
        Column("enterprise", "所在企业", "enterprise.name", link=link_to("enterprise")),
        Column("credit_code", "统一社会信用代码", "enterprise.credit_code", default=False),
        Column("org", "责任党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("position", "职务（职称）"),
        Column("speciality", "专业特长"),
        Column("appointments", "社会职务", default=False),
        Column("phone", "联系电话", "phone", mask=mask_phone, default=False),
        Column("contact_name", "联系人"),
        Column("registered_on", "登记日期", kind=Kind.DATE),
        Column("left_on", "离开日期", kind=Kind.DATE, default=False),
        Column("note", "备注", default=False),
    )
    filters = (
        Filter("kind", "类别", choices=UnitedFrontKind.choices()),
        organization_filter(),
        Filter("enterprise", "所在企业（名称或信用代码）", kind="text",
               apply=lambda rows, text, ledger: rows.filter(enterprise__in=Enterprise.objects.matching(text))),
        Filter("left", "已离开", kind="bool", apply=lambda rows, value, ledger: rows.filter(left_on__isnull=not value)),
    )  # fmt: skip
    search_hint = "姓名或拼音首字母"
    empty_text = "还没有登记统战对象。"

    def rows(self) -> Any:
        rows = UnitedFrontPerson.objects.select_related("org", "enterprise")
        return rows if "left" in self.params else rows.present()

    def search(self, rows: Any, text: str) -> Any:
        return rows.matching(text)
