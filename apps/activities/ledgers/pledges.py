"""公开承诺台账: who promised what by when, how it goes, who verified it."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Value

from apps.branches.ledgers.common import organization_filter
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.scoping import required_scope
from apps.enterprises.ledgers.common import link_to
from apps.members.ledgers.sides import named_like

from .. import permissions
from ..kinds import PledgeState
from ..models import Pledge
from ..rules.pioneers import OPEN_PLEDGES

TONES = {
    PledgeState.PROMISED: "info", PledgeState.KEEPING: "info", PledgeState.VERIFIED: "success",
    PledgeState.UNKEPT: "danger",
}  # fmt: skip


YEARS_BACK = 8


def recent_years(ledger: Ledger) -> list[tuple[str, str]]:
    """This year and those before it, as choices of a filter."""
    return [(str(ledger.today.year - n), f"{ledger.today.year - n}年") for n in range(YEARS_BACK)]


def tone_of(row: Pledge, today: datetime.date) -> str:
    """The colour of the state; red once an open promise is beyond its day."""
    is_late = row.state in OPEN_PLEDGES and row.due_on < today
    return "danger" if is_late else TONES[PledgeState(row.state)]


def last_note(row: Pledge) -> str:
    """The latest progress, with its day."""
    return f"{row.progress[-1]['on']} {row.progress[-1]['note']}" if row.progress else ""


def member_link(row: Any) -> str:
    """To the page of the member, where the reader may see it."""
    seen = row.member is not None and required_scope().covers(row.member.org_path)
    return row.member.get_absolute_url() if seen else ""


def in_state(rows: Any, value: str, ledger: Ledger) -> Any:
    """Narrow by state; `open` and `overdue` stand for what is not verified."""
    if value == "open":
        return rows.open()
    return rows.overdue(ledger.today) if value == "overdue" else rows.filter(state=value)


@register
class PledgeLedger(Ledger):
    """公开承诺台账: 承诺 → 进展 → 验收."""

    code, title, permission = "activities.pledges", "公开承诺台账", permissions.VIEW
    columns = (
        Column("content", "承诺事项", link=lambda row: row.get_absolute_url()),
        Column("name", "姓名", "member.name", link=member_link),
        Column("member_code", "党员编号", "member.code", default=False),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("post", "先锋岗", "post.name", link=link_to("post"), default=False),
        Column("made_on", "承诺日期", kind=Kind.DATE),
        Column("due_on", "兑现期限", kind=Kind.DATE),
        Column("state", "状态", choices=dict(PledgeState.choices()), tone=lambda row: tone_of(row, row.asked_on)),
        Column("progress", "最近进展", last_note),
        Column("verified_on", "验收日期", kind=Kind.DATE, default=False),
        Column("verified_by_name", "验收人", default=False),
        Column("verdict", "验收意见", default=False),
    )
    filters = (
        organization_filter(),
        Filter("state", "状态", choices=[("open", "未验收"), ("overdue", "逾期未验收"), *PledgeState.choices()],
               apply=in_state),
        Filter("year", "承诺年度", choices=recent_years, lookup="made_on__year"),
        Filter("due", "期限不晚于", kind="date", lookup="due_on__lte"),
    )  # fmt: skip
    orderings = {
        "": Ordering("最近承诺在前", ("-made_on", "-pk")),
        "due": Ordering("期限近的在前", ("due_on", "pk")),
        "org": Ordering("按党组织", ("org_path", "pk")),
    }
    search_hint = "姓名、拼音首字母或编号"
    empty_text = "还没有登记公开承诺。点「登记承诺」，可以一次登记全支部的。"

    def rows(self) -> Any:
        return Pledge.objects.select_related("org", "member", "post").annotate(asked_on=Value(self.today))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(named_like(text))
