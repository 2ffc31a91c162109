"""党组织台账: one line for each organisation."""

from __future__ import annotations

from typing import Any

from apps.core.codes import mask_phone
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register

from ..models import PartyOrg
from ..outline import tone_of
from ..permissions import VIEW
from ..rules import BRANCH_KINDS, OrgKind, Staffing

GROUPS = [("branches", "各类党支部"), *OrgKind.choices()]


def _of_kind(rows: Any, value: str, ledger: Ledger) -> Any:
    return rows.filter(kind__in=BRANCH_KINDS) if value == "branches" else rows.filter(kind=value)


def _by_state(rows: Any, value: str, ledger: Ledger) -> Any:
    return rows.exclude(ended_on=None) if value == "ended" else rows.filter(ended_on=None)


def _below(rows: Any, value: str, ledger: Ledger) -> Any:
    """The subtree of the organisation with this code; nothing when the scope holds no such code."""
    org = PartyOrg.objects.filter(code__iexact=value.strip()).first()
    return rows.below(org) if org else rows.none()


@register
class OrganisationLedger(Ledger):
    """Every 党组织 of the scope. How many enterprises each one covers is told by upper apps."""

    code = "branches.organisations"
    title = "党组织台账"
    permission = VIEW
    columns = (
        Column("code", "组织代码"),
        Column("name", "全称", link=lambda org: org.get_absolute_url()),
        Column("short_name", "简称", default=False),
        Column("kind", "类别", choices=dict(OrgKind.choices()), tone=tone_of),
        Column("parent_code", "上级组织代码", source="parent.code", default=False),
        Column("parent_name", "上级组织", source="parent.name"),
        Column("founded_on", "成立日期", kind=Kind.DATE),
        Column("approval_document", "批复文号", default=False),
        Column("national_code", "全国系统代码", default=False),
        Column("staffing", "工作力量", choices=dict(Staffing.choices()), default=False),
        Column("can_approve_probationary", "能否审批预备党员", kind=Kind.BOOL, default=False),
        Column("contact_name", "联系人"),
        Column("contact_phone", "联系电话", mask=mask_phone),
        Column("address", "地址", default=False),
        Column("child_count", "直接下级", kind=Kind.INTEGER),
        Column("branch_count", "下属党支部", kind=Kind.INTEGER),
        Column("ended_on", "撤销日期", kind=Kind.DATE, default=False),
    )
    filters = (
        Filter("kind", "类别", apply=_of_kind, choices=GROUPS),
        Filter("state", "状态", apply=_by_state, choices=(("living", "现有"), ("ended", "已撤销"))),
        Filter("below", "所在组织代码", kind="text", apply=_below),
        Filter("founded_from", "成立不早于", kind="date", lookup="founded_on__gte"),
        Filter("founded_to", "成立不晚于", kind="date", lookup="founded_on__lte"),
    )
    orderings = {"": Ordering("按组织树", ("path",)), "code": Ordering("按代码", ("code",))}
    search_hint = "名称、拼音首字母或代码"
    empty_text = "没有符合条件的党组织。可以调整筛选条件，或在组织树中新设。"

    def rows(self) -> Any:
        return PartyOrg.objects.select_related("parent").with_counts()

    def search(self, rows: Any, text: str) -> Any:
        return rows.named_like(text)
