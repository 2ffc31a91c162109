"""流动党员台账, and the books of contacts, visitors and lost members."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, Value

from apps.branches.ledgers.common import organization_filter
from apps.core.codes import mask_id_number
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.enterprises.ledgers.common import link_to, recent_quarters

from .. import permissions
from ..kinds import ContactMethod, Direction, LostOutcome, LostStage, MobileReason
from ..models import ContactNote, LostContact, MobileRecord, Visitor
from ..querysets.modes import contacted
from ..rules.mobile import long_absence_finding
from .sides import away_name, direction_seen, home_name, named_like, own_number, person_columns

DIRECTION_TONES = {Direction.OUT: "warning", Direction.IN: "info"}
STAGE_TONES = {LostStage.SUSPENSION_DUE.value: "danger", LostStage.REMOVAL_DUE.value: "danger"}


def remark(row: Any) -> str:
    """What the rules say about an absence of this length on the day of the ledger."""
    if not row.holds_on(row.asked_on):
        return ""
    finding = long_absence_finding(MobileReason(row.reason), row.since, row.asked_on)
    return finding.message if finding else ""


def is_home(row: Any) -> bool:
    """Whether the reader answers for the branch of the relation, whose duty the quarterly contact is."""
    return bool(row.home_id) and required_scope().covers(row.home_path)


def contacted_text(row: Any) -> str:
    return ("是" if row.contacted else "否") if is_home(row) and row.holds_on(row.asked_on) else ""


def in_direction(rows: Any, value: str, ledger: Any) -> Any:
    return rows.leaving() if value == Direction.OUT else rows.arriving()


def holding(rows: Any, value: str, ledger: Any) -> Any:
    now = rows.as_of(ledger.today)
    return now if value == "now" else rows.exclude(pk__in=now.values("pk"))


def in_quarter(rows: Any, text: str, ledger: Any) -> Any:
    return rows.within(Period.parse(text))


@register
class MobileLedger(Ledger):
    """流动党员台账: 流出 and 流入, as the reader's side sees them."""

    code, title, permission = "members.mobile", "流动党员台账", permissions.VIEW
    reveal_permission = permissions.REVEAL
    columns = (
        *person_columns(lambda row: row.get_absolute_url()),
        Column("id_number", "身份证号", own_number, mask=mask_id_number, default=False),
        Column("direction", "流动方向", direction_seen, choices=dict(Direction.choices()),
               tone=lambda row: DIRECTION_TONES[direction_seen(row)]),
        Column("home", "关系所在党支部", home_name),
        Column("away", "流入地党组织", away_name),
        Column("reason", "流动原因", choices=dict(MobileReason.choices())),
        Column("since", "起始日期", kind=Kind.DATE),
        Column("place", "流动地点"),
        Column("contact_name", "联系人"),
        Column("card_number", "流动党员活动证号", default=False),
        Column("reported_on", "报到日期", kind=Kind.DATE),
        Column("last_contact_on", "最近联系", kind=Kind.DATE),
        Column("contacted", "本季已联系", contacted_text, tone=lambda row: "success" if row.contacted else "danger"),
        Column("dues_paid_until", "党费交至", kind=Kind.DATE, default=False),
        Column("expected_return_on", "预计返回", kind=Kind.DATE, default=False),
        Column("until", "结束日期", kind=Kind.DATE, default=False),
        Column("remark", "提示", remark, default=False),
        Column("keeper", "登记党组织", lambda row: str(row.org), link=link_to("org"), default=False),
        Column("note", "备注", default=False),
    )  # fmt: skip
    filters = (
        Filter("direction", "流动方向", choices=Direction.choices(), apply=in_direction),
        Filter("state", "状态", choices=[("now", "流动中"), ("over", "已结束")], apply=holding),
        organization_filter(),
        Filter("reported", "已报到", kind="bool",
               apply=lambda rows, value, ledger: rows.filter(reported_on__isnull=not value)),
        Filter("contacted", "本季已联系", kind="bool",
               apply=lambda rows, value, ledger: rows.to_contact(ledger.today).filter(contacted=value)),
        Filter("contact", "有联系人", kind="bool",
               apply=lambda rows, value, ledger: rows.exclude(contact_name="") if value
               else rows.filter(contact_name="")),
        Filter("reason", "流动原因", choices=MobileReason.choices()),
        Filter("since_from", "起始日期起", kind="date", lookup="since__gte"),
        Filter("since_to", "起始日期止", kind="date", lookup="since__lte"),
    )  # fmt: skip
    orderings = {
        "": Ordering("按登记党组织", ("org_path", "pk")),
        "newest": Ordering("最近流动在前", ("-since", "-pk")),
    }
    search_hint = "姓名、拼音首字母或党员编号"
    empty_text = "还没有流动登记。点「登记流出」或「登记流入」，或导入已有的台账。"

    def rows(self) -> Any:
        rows = MobileRecord.objects.select_related("member", "org", "other_org").with_home()
        rows = rows.with_last_contact(self.today).annotate(asked_on=Value(self.today))
        return rows.annotate(contacted=contacted(self.today, member="member_id", org="home_id"))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(named_like(text))


@register
class ContactLedger(Ledger):
    """季度联系台账: every contact; its day decides its quarter, the day of entry is kept beside it."""

    code, title, permission = "members.contacts", "季度联系台账", permissions.VIEW
    columns = (
        Column("on", "联系日期", kind=Kind.DATE, link=lambda row: row.get_absolute_url()),
        *person_columns(None),
        Column("org", "联系的党组织", lambda row: str(row.org), link=link_to("org")),
        Column("method", "联系方式", choices=dict(ContactMethod.choices())),
        Column("contact_name", "联系人"),
        Column("thoughts", "思想动态"),
        Column("study", "学习情况"),
        Column("conduct", "现实表现"),
        Column("recorded_at", "登记时间", kind=Kind.DATETIME, default=False),
    )
    filters = (
        Filter("quarter", "季度", choices=recent_quarters, apply=in_quarter),
        organization_filter(),
        Filter("method", "联系方式", choices=ContactMethod.choices()),
        Filter("contact", "联系人", kind="text", lookup="contact_name__icontains"),
        Filter("on_from", "日期起", kind="date", lookup="on__gte"),
        Filter("on_to", "日期止", kind="date", lookup="on__lte"),
    )
    orderings = {"": Ordering("最近联系在前", ("-on", "-pk"))}
    search_hint = "姓名、拼音首字母或党员编号"
    empty_text = "还没有联系记录。在「季度联系」里可以一分钟记完一次。"

    def rows(self) -> Any:
        return ContactNote.objects.select_related("member", "org")

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(named_like(text))


@register
class VisitorLedger(Ledger):
    """来访党员台账: who took part here with the card of another branch, and where the own members took part."""

    code, title, permission = "members.visitors", "来访党员台账", permissions.VIEW
    lead = "凭党员证参加其他党组织活动的党员。关系所在支部在平台内的，两边都能看到。"
    columns = (
        Column("name", "姓名", link=lambda row: page_of_visitor(row)),
        Column("on", "日期", kind=Kind.DATE),
        Column("card_number", "党员证编号"),
        Column("home", "组织关系所在党组织", lambda row: home_of_visitor(row)),
        Column("org", "参加活动的党组织", lambda row: str(row.org), link=link_to("org")),
        Column("purpose", "参加的活动"),
        Column("known", "平台内党员", lambda row: "是" if row.member_id else "否"),
    )
    filters = (
        Filter("side", "看哪一边", choices=[("here", "来本组织的"), ("away", "本组织党员外出的")],
               apply=lambda rows, value, ledger: rows.filter(
                   required_scope().as_q("org_path" if value == "here" else "other_path"))),
        organization_filter(),
        Filter("card", "党员证编号", kind="text", lookup="card_number__iexact"),
        Filter("on_from", "日期起", kind="date", lookup="on__gte"),
        Filter("on_to", "日期止", kind="date", lookup="on__lte"),
    )  # fmt: skip
    orderings = {"": Ordering("最近来访在前", ("-on", "-pk"))}
    search_hint = "姓名或党员证编号"
    empty_text = "还没有来访登记。"

    def rows(self) -> Any:
        return Visitor.objects.select_related("member", "org", "other_org")

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(Q(name__icontains=text) | Q(card_number__iexact=text))


def page_of_visitor(row: Any) -> str:
    """The page of the member, for whoever answers for the person."""
    return str(row.member.get_absolute_url()) if row.member and required_scope().covers(row.member.org_path) else ""


def home_of_visitor(row: Any) -> str:
    """What the card says, to whoever was visited; the branch itself to whoever answers for it."""
    seen = row.other_org_id and required_scope().covers(row.other_path)
    return str(row.other_org) if seen else row.home_text or "平台内其他党支部"


@register
class LostLedger(Ledger):
    """失联党员台账: since when, what has to be studied, and what people decided by which document."""

    code, title, permission = "members.lost", "失联党员台账", permissions.VIEW
    lead = "失去联系满 6 个月提出“应研究停止党籍”，停止党籍满 2 年仍失联提出“应研究自行脱党除名”。系统只提醒，由党组织研究决定。"
    columns = (
        *person_columns(lambda row: row.get_absolute_url()),
        Column("org", "所在党支部", lambda row: str(row.org), link=link_to("org")),
        Column("since", "失去联系日期", kind=Kind.DATE),
        Column("days", "失联天数", lambda row: ((row.decided_on or row.asked_on) - row.since).days, kind=Kind.INTEGER),
        Column("stage", "应办事项", choices=dict(LostStage.choices()),
               tone=lambda row: "neutral" if row.decided_on else STAGE_TONES.get(row.stage, "warning")),
        Column("opened_on", "提出日期", kind=Kind.DATE, default=False),
        Column("outcome", "处理结果", choices=dict(LostOutcome.choices())),
        Column("decided_on", "处理日期", kind=Kind.DATE),
        Column("document", "批准文号"),
        Column("note", "说明", default=False),
    )  # fmt: skip
    filters = (
        Filter("open", "未办结", kind="bool",
               apply=lambda rows, value, ledger: rows.filter(decided_on__isnull=value)),
        Filter("stage", "应办事项", choices=LostStage.choices()),
        Filter("outcome", "处理结果", choices=LostOutcome.choices()),
        organization_filter(),
    )  # fmt: skip
    orderings = {
        "": Ordering("失联久的在前", ("since", "pk")),
        "org": Ordering("按党组织", ("org_path", "pk")),
    }
    search_hint = "姓名、拼音首字母或党员编号"
    empty_text = "没有失联党员。在党员页点「登记失联」后，次日列入这里。"

    def rows(self) -> Any:
        return LostContact.objects.select_related("member", "org").annotate(asked_on=Value(self.today))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(named_like(text))
