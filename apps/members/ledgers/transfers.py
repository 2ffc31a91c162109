"""组织关系转接台账 and 离职属地管理台账: what went out and came in, and what still has to arrive."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Q, Subquery, Value

from apps.branches.ledgers.common import organization_filter
from apps.branches.models import PartyOrg
from apps.core.choices import Choice
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.scoping import required_scope
from apps.enterprises.ledgers.common import link_to

from .. import permissions
from ..kinds import OPEN_TRANSFERS, DepartureReason, Sex, Stage, TransferKind, TransferState
from ..models import Departure, Transfer
from ..parameters import transfer_terms
from ..querysets.member import called
from ..rules.transfers import Side, Step, is_expired, next_step
from .roster_filters import behind


class Way(Choice):
    """Which way a transfer goes, for whoever reads the book."""

    OUT = "out", "转出"
    IN = "in", "转入"
    INSIDE = "inside", "内部"


STATE_TONES = {
    TransferState.DRAFT: "neutral", TransferState.ACCEPTED: "success", TransferState.RETURNED: "warning",
    TransferState.EXPIRED: "danger", TransferState.CANCELLED: "neutral",
}  # fmt: skip
OPEN = "open"
STATES = [(OPEN, "办理中"), *TransferState.choices()]


def way_of(row: Transfer) -> Way:
    """转出 or 转入 as seen from the active scope, which may hold both sides."""
    scope = required_scope()
    keeps = scope.covers(row.org_path)
    receives = bool(row.other_path) and scope.covers(row.other_path)
    if row.kind == TransferKind.IN:
        return Way.IN
    return Way.INSIDE if keeps and receives else Way.OUT if keeps else Way.IN


def going(way: Way) -> Q:
    """The condition on transfers that go this way for the active scope."""
    scope = required_scope()
    keeps = ~Q(kind=TransferKind.IN) & scope.as_q("org_path")
    receives = ~Q(other_path="") & scope.as_q("other_path")
    if way is Way.INSIDE:
        return keeps & receives
    return keeps & ~receives if way is Way.OUT else (receives & ~keeps) | Q(kind=TransferKind.IN)


def sender(row: Transfer) -> str:
    return row.outside if row.kind == TransferKind.IN else row.org.name


def receiver(row: Transfer) -> str:
    return row.org.name if row.kind == TransferKind.IN else row.other_org.name if row.other_org else row.outside


def following(row: Transfer) -> str:
    """The next step in words; who accepts is said, since it is the other side's."""
    kind = TransferKind(row.kind)
    step = next_step(kind, TransferState(row.state))
    if step is not Step.ACCEPT:
        return step.label if step else ""
    return {TransferKind.OUT: "登记回执", TransferKind.IN: "接收"}.get(kind, "接收方接收")


def days_left(row: Any) -> int | None:
    """Days until the last day of the letter of a transfer under way; negative after it."""
    if row.valid_until is None or row.state not in OPEN_TRANSFERS:
        return None
    return int((row.valid_until - row.asked_on).days)


def overdue(row: Any) -> str:
    late = row.state == TransferState.EXPIRED or (
        row.state in OPEN_TRANSFERS and is_expired(row.valid_until, today=row.asked_on)
    )
    return "逾期" if late else ""


def left_tone(row: Any) -> str:
    left = days_left(row)
    return "neutral" if left is None else "danger" if left < 0 else "warning" if left <= row.soon else "success"


def of_either_side(rows: Any, text: str, ledger: Any) -> Any:
    """Narrow to the transfers of an organisation of the scope, whichever side it is on."""
    found = PartyOrg.objects.called(text)
    if len(found) != 1:
        return rows.none()
    return rows.filter(Q(org_path__startswith=found[0].path) | Q(other_path__startswith=found[0].path))


def in_state(rows: Any, value: str, ledger: Any) -> Any:
    return rows.open() if value == OPEN else rows.filter(state=value)


def late(rows: Any, value: bool, ledger: Any) -> Any:
    expired = Q(state=TransferState.EXPIRED) | Q(state__in=OPEN_TRANSFERS, valid_until__lt=ledger.today)
    return rows.filter(expired) if value else rows.exclude(expired)


PERSON = (
    Column("member_code", "党员编号", "member.code", default=False),
    Column("name", "姓名", "member.name", link=lambda row: row.get_absolute_url()),
    Column("sex", "性别", "member.sex", choices=dict(Sex.choices()), default=False),
    Column("stage", "党员类别", lambda row: row.member.stage_on(row.asked_on), choices=dict(Stage.choices())),
    Column("joined_on", "入党日期", "member.joined_on", kind=Kind.DATE, default=False),
    Column("formal_on", "转正日期", "member.formal_on", kind=Kind.DATE, default=False),
)  # fmt: skip


@register
class TransferLedger(Ledger):
    """组织关系转接台账: both sides see a transfer; the receiving side not the numbers of the person."""

    code, title, permission = "members.transfers", "组织关系转接台账", permissions.VIEW
    lead = "平台记录和提醒，不代替全国党员管理信息系统；接收以前由转出党组织负责。"
    columns = (
        *PERSON,
        Column("way", "转出/转入", way_of, choices=dict(Way.choices()),
               tone=lambda row: "info" if way_of(row) is Way.IN else "neutral"),
        Column("sender", "转出党组织", sender),
        Column("receiver", "转入党组织", receiver),
        Column("kind", "转接类型", choices=dict(TransferKind.choices()), default=False),
        Column("state", "状态", choices=dict(TransferState.choices()),
               tone=lambda row: STATE_TONES.get(row.state, "info")),
        Column("following", "下一步", following),
        Column("requested_on", "申请日期", kind=Kind.DATE),
        Column("checked_on", "支部核实日期", kind=Kind.DATE, default=False),
        Column("approved_on", "党委批准日期", kind=Kind.DATE, default=False),
        Column("dues_paid_until", "党费交至", kind=Kind.DATE, default=False),
        Column("letter_number", "介绍信编号"),
        Column("letter_on", "开具日期", kind=Kind.DATE, default=False),
        Column("valid_until", "有效期至", kind=Kind.DATE),
        Column("days_left", "剩余天数", days_left, kind=Kind.INTEGER, tone=left_tone),
        Column("overdue", "逾期", overdue, tone=lambda row: "danger", default=False),
        Column("ended_on", "办结日期", kind=Kind.DATE),
        Column("reason", "转接原因", default=False),
        Column("return_reason", "退回（撤销）原因", default=False),
        Column("correction", "更正说明", default=False),
        Column("note", "备注", default=False),
    )  # fmt: skip
    filters = (
        Filter("way", "转出/转入", choices=Way.choices(),
               apply=lambda rows, v, ledger: rows.filter(going(Way(v)))),
        Filter("state", "状态", choices=STATES, apply=in_state),
        Filter("waits_for", "待谁办理", choices=Side.choices(),
               apply=lambda rows, v, ledger: rows.waiting_for(Side(v))),
        Filter("overdue", "逾期", kind="bool", apply=late),
        Filter("kind", "转接类型", choices=TransferKind.choices()),
        Filter("org", "党组织（代码或全称）", kind="text", apply=of_either_side),
        Filter("requested_from", "申请日期起", kind="date", lookup="requested_on__gte"),
        Filter("requested_to", "申请日期止", kind="date", lookup="requested_on__lte"),
        Filter("ended_from", "办结日期起", kind="date", lookup="ended_on__gte"),
        Filter("ended_to", "办结日期止", kind="date", lookup="ended_on__lte"),
    )  # fmt: skip
    orderings = {
        "": Ordering("最近申请在前", ("-requested_on", "-pk")),
        "org": Ordering("按经办党支部", ("org_path", "pk")),
    }
    search_hint = "姓名或拼音首字母"
    empty_text = "还没有组织关系转接。支部发起后，在这里看到每一步由谁办理。"

    @cached_property
    def terms(self) -> Any:
        return transfer_terms(self.today)

    def rows(self) -> Any:
        rows = Transfer.objects.told().select_related("member", "org", "other_org")
        return rows.annotate(asked_on=Value(self.today), soon=Value(self.terms.letter_soon_days))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(behind("member__", called(text)))


def waiting_days(row: Any) -> int | None:
    """Days since the post was left, while the relation has not arrived."""
    return None if row.placed_on else int((row.asked_on - row.left_post_on).days)


@register
class DepartureLedger(Ledger):
    """离职属地管理台账: who left the post in the park, why, and where the relation went."""

    code, title, permission = "members.departures", "离职党员属地管理台账", permissions.VIEW
    lead = "离职、退休、企业停产等离开岗位的党员，组织关系转到属地党组织才算落实。"
    columns = (
        *PERSON,
        Column("org", "原党支部", "org.name", link=link_to("org")),
        Column("enterprise", "原所在企业", "enterprise.name", link=link_to("enterprise")),
        Column("left_post_on", "离职日期", kind=Kind.DATE),
        Column("reason", "原因", choices=dict(DepartureReason.choices())),
        Column("destination", "去向（属地党组织）"),
        Column("state", "去向情况", lambda row: "已落实" if row.placed_on else "待落实",
               tone=lambda row: "success" if row.placed_on else "danger" if row.is_late else "warning"),
        Column("placed_on", "落实日期", kind=Kind.DATE),
        Column("waiting_days", "离职天数", waiting_days, kind=Kind.INTEGER),
        Column("transfer", "转接情况", "transfer_state", choices=dict(TransferState.choices())),
        Column("note", "说明", default=False),
    )  # fmt: skip
    filters = (
        Filter("state", "去向情况", choices=[("open", "待落实"), ("placed", "已落实")],
               apply=lambda rows, v, ledger: rows.filter(placed_on__isnull=v == "open")),
        Filter("reason", "原因", choices=DepartureReason.choices()),
        Filter("late", "超过期限未落实", kind="bool", apply=lambda rows, v, ledger: rows.filter(is_late=v)),
        organization_filter(),
        Filter("left_from", "离职日期起", kind="date", lookup="left_post_on__gte"),
        Filter("left_to", "离职日期止", kind="date", lookup="left_post_on__lte"),
    )  # fmt: skip
    orderings = {
        "": Ordering("最近离职在前", ("-left_post_on", "-pk")),
        "org": Ordering("按党组织", ("org_path", "pk")),
    }
    search_hint = "姓名或拼音首字母"
    empty_text = "没有登记离职的党员。在党员页面点「登记离职」。"

    def rows(self) -> Any:
        last = Transfer.objects.filter(departure=OuterRef("pk")).order_by("-pk").values("state")[:1]
        months = transfer_terms(self.today).departure_months
        rows = Departure.objects.select_related("member", "org", "enterprise").with_lateness(self.today, months)
        return rows.annotate(asked_on=Value(self.today), transfer_state=Subquery(last))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(behind("member__", called(text)))
