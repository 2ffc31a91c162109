"""合理化建议台账: who proposed what to whom, whether it was taken up, what it brought."""

from __future__ import annotations

from typing import Any

from apps.branches.ledgers.common import organization_filter
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.enterprises.ledgers.common import link_to
from apps.enterprises.models import Enterprise

from .. import permissions
from ..kinds import SuggestionState
from ..models import Suggestion
from ..rules.pioneers import TAKEN_UP
from .pledges import member_link, recent_years

TONES = {
    SuggestionState.PROPOSED: "info", SuggestionState.ADOPTED: "success", SuggestionState.EFFECTIVE: "success",
    SuggestionState.DECLINED: "neutral",
}  # fmt: skip


def in_state(rows: Any, value: str, ledger: Ledger) -> Any:
    """Narrow by state; `taken_up` stands for adopted with or without an effect."""
    return rows.filter(state__in=TAKEN_UP) if value == "taken_up" else rows.filter(state=value)


@register
class SuggestionLedger(Ledger):
    """合理化建议台账: 提出 → 采纳 → 效果."""

    code, title, permission = "activities.suggestions", "合理化建议台账", permissions.VIEW
    columns = (
        Column("content", "建议内容", link=lambda row: row.get_absolute_url()),
        Column("proposer", "提出人", link=member_link),
        Column("member_code", "党员编号", "member.code", default=False),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("enterprise", "企业", "enterprise.name", link=link_to("enterprise")),
        Column("credit_code", "统一社会信用代码", "enterprise.credit_code", default=False),
        Column("proposed_on", "提出日期", kind=Kind.DATE),
        Column("state", "状态", choices=dict(SuggestionState.choices()), tone=lambda row: TONES[SuggestionState(row.state)]),
        Column("decided_on", "答复日期", kind=Kind.DATE, default=False),
        Column("answer", "答复", default=False),
        Column("effect", "效果"),
        Column("benefit", "效益（万元）", kind=Kind.MONEY),
    )  # fmt: skip
    filters = (
        organization_filter(),
        Filter("state", "状态", choices=[("taken_up", "已采纳（含已见效）"), *SuggestionState.choices()], apply=in_state),
        Filter("year", "提出年度", choices=recent_years, lookup="proposed_on__year"),
        Filter("enterprise", "企业（名称或信用代码）", kind="text",
               apply=lambda rows, text, ledger: rows.filter(enterprise__in=Enterprise.objects.matching(text))),
    )  # fmt: skip
    orderings = {
        "": Ordering("最近提出在前", ("-proposed_on", "-pk")),
        "org": Ordering("按党组织", ("org_path", "pk")),
    }
    search_hint = "提出人或建议内容"
    empty_text = "还没有登记合理化建议。点「登记建议」，或导入已有的台账。"

    def rows(self) -> Any:
        return Suggestion.objects.select_related("org", "member", "enterprise")

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(proposer__icontains=text) | rows.filter(content__icontains=text)
