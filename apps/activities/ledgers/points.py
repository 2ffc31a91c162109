"""积分台账: every entry with its deed, its decision and whoever stands behind both. In the order of days, no ranking."""

from __future__ import annotations

from typing import Any

from apps.branches.ledgers.common import organization_filter
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.scoping import required_scope
from apps.enterprises.ledgers.common import link_to
from apps.members.models import Member

from .. import permissions
from ..kinds import PointState
from ..models import PointEntry

STATE_TONES = {PointState.ENTERED: "warning", PointState.CONFIRMED: "success", PointState.REFUSED: "danger"}
YEARS_BACK = 6


def years(ledger: Ledger) -> list[tuple[str, str]]:
    return [(str(year), f"{year}年") for year in range(ledger.today.year, ledger.today.year - YEARS_BACK, -1)]


def member_link(row: PointEntry) -> str:
    """To the member's page, where the reader answers for the branch in which the member is now."""
    return row.member.get_absolute_url() if required_scope().covers(row.member.org_path) else ""


def record_link(row: PointEntry) -> str:
    seen = row.activity is not None and required_scope().covers(row.org_path)
    return row.activity.get_absolute_url() if seen and row.activity else ""


@register
class PointLedger(Ledger):
    """积分台账."""

    code, title, permission = "activities.points", "积分台账", permissions.VIEW
    lead = "支部登记、党委确认、年度公布；活动确认后按规则自动生成。只计实际参加和贡献，不排名。"
    columns = (
        Column("name", "姓名", "member.name", link=lambda row: row.get_absolute_url()),
        Column("member_code", "党员编号", "member.code", link=member_link, default=False),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("on", "日期", kind=Kind.DATE),
        Column("rule", "积分事项", "rule.name"),
        Column("points", "分值", kind=Kind.MONEY),
        Column("activity", "活动", "activity.title", link=record_link),
        Column("note", "说明"),
        Column("state", "状态", choices=dict(PointState.choices()), tone=lambda row: STATE_TONES[row.state]),
        Column("entered_by", "登记人", "entered_by_name", default=False),
        Column("decided_by", "确认人", "decided_by_name"),
        Column("decided_on", "确认日期", kind=Kind.DATE, default=False),
        Column("decision_note", "确认意见", default=False),
    )  # fmt: skip
    filters = (
        Filter("year", "年度", choices=years, apply=lambda rows, value, ledger: rows.in_year(int(value))),
        Filter("state", "状态", choices=PointState.choices()),
        organization_filter(),
        Filter("member", "党员编号", kind="text",
               apply=lambda rows, text, ledger: rows.filter(member__code=text.strip().upper())),
        Filter("derived", "由活动产生", kind="bool", lookup="activity__isnull",
               apply=lambda rows, value, ledger: rows.filter(activity__isnull=not value)),
        Filter("since", "日期从", kind="date", lookup="on__gte"),
        Filter("until", "日期到", kind="date", lookup="on__lte"),
    )  # fmt: skip
    orderings = {
        "": Ordering("最近的在前", ("-on", "-pk")),
        "org": Ordering("按党组织", ("org_path", "pk")),
    }
    search_hint = "姓名、拼音首字母或事项"
    empty_text = "还没有积分。活动确认后自动产生，其他事项由支部登记。"

    def rows(self) -> Any:
        return PointEntry.objects.select_related("member", "org", "rule", "activity")

    def search(self, rows: Any, text: str) -> Any:
        people = Member.objects.matching(text)
        return rows.filter(member__in=people) | rows.filter(rule__name__icontains=text)
