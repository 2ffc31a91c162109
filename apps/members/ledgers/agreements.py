"""双重管理台账, and who should be in it: people who work in a firm of the park with the relation elsewhere."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, IntegerField, OuterRef, Q, Value
from django.db.models.functions import Coalesce, Greatest

from apps.branches.ledgers.common import organization_filter
from apps.core.codes import mask_id_number
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.scoping import required_scope
from apps.enterprises.ledgers.common import buildings, link_to, parks
from apps.enterprises.models import Enterprise, Establishment
from apps.enterprises.querysets import counted

from .. import permissions
from ..kinds import Relation
from ..models import DualAgreement, Member, MobileRecord
from ..parameters import agreement_terms
from ..querysets.mobile import last_contact
from ..querysets.modes import lacks, present
from ..rules.mobile import AgreementState, AgreementTerms, Lack, agreement_state
from .roster_filters import only_own
from .sides import KEEPER, home_name, keeps, named_like, own_number, person_columns

STATE_TONES = {
    AgreementState.IN_FORCE: "success", AgreementState.EXPIRING: "warning", AgreementState.EXPIRED: "danger",
    AgreementState.COMING: "info",
}  # fmt: skip
OUTSIDE, INSIDE = "outside", "inside"
WHERE_HOME = ((OUTSIDE, "关系在平台外"), (INSIDE, "关系在平台内其他党支部"))


def state_of(row: Any) -> AgreementState:
    """The state on the day of the ledger (`asked_on`, `notice_days` are annotations)."""
    return agreement_state(
        since=row.since, until=row.until, ended_early=bool(row.ended_reason), on=row.asked_on,
        terms=AgreementTerms(agreement_months=0, agreement_notice_days=row.notice_days),
    )  # fmt: skip


def days_left(row: Any) -> int | None:
    """Days from the day of the ledger to the expiry; none once it is over."""
    left = (row.until - row.asked_on).days
    return left if left > 0 else None


def contacted_text(row: Any) -> str:
    """Only who manages knows; and it is asked of agreements in force."""
    return ("是" if row.contacted else "否") if keeps(row) and row.holds_on(row.asked_on) else ""


def in_state(rows: Any, value: str, ledger: Any) -> Any:
    return rows.in_state(AgreementState(value), ledger.today, notice_days=ledger.notice_days)


def managing_side(rows: Any, value: str, ledger: Any) -> Any:
    return rows.managed_here() if value == "here" else rows.filter(required_scope().as_q("other_path"))


@register
class AgreementLedger(Ledger):
    """双重管理台账: both branches, the dates, and whether the quarter's contact and the scan are there."""

    code, title, permission = "members.dual", "双重管理台账", permissions.VIEW
    reveal_permission = permissions.REVEAL
    columns = (
        *person_columns(lambda row: row.get_absolute_url()),
        Column("id_number", "身份证号", own_number, mask=mask_id_number, default=False),
        Column("enterprise", "所在企业", "enterprise.name", link=link_to("enterprise")),
        Column("credit_code", "统一社会信用代码", "enterprise.credit_code", default=False),
        *KEEPER,
        Column("home", "关系所在党组织", home_name),
        Column("number", "协议编号", default=False),
        Column("signed_on", "签订日期", kind=Kind.DATE, default=False),
        Column("since", "起始日期", kind=Kind.DATE),
        Column("until", "到期日期", kind=Kind.DATE),
        Column("days_left", "距到期（天）", days_left, kind=Kind.INTEGER),
        Column("state", "状态", state_of, choices=dict(AgreementState.choices()),
               tone=lambda row: STATE_TONES.get(state_of(row), "neutral")),
        Column("contact_name", "季度联系人"),
        Column("last_contact_on", "最近联系", kind=Kind.DATE),
        Column("contacted", "本季已联系", contacted_text,
               tone=lambda row: "success" if row.contacted else "danger"),
        Column("scan", "有扫描件", lambda row: ("是" if row.has_scan else "否") if keeps(row) else ""),
        Column("ended_reason", "提前终止原因", default=False),
        Column("note", "备注", default=False),
    )  # fmt: skip
    filters = (
        Filter("state", "状态", choices=AgreementState.choices(), apply=in_state),
        Filter("due", "到期未续签", kind="bool",
               apply=lambda rows, value, ledger: ledger.lapsed(rows) if value else rows.as_of(ledger.today)),
        organization_filter(),
        Filter("own", "只看本级", kind="bool", apply=only_own),
        Filter("side", "本级角色", choices=[("here", "本级管理"), ("home", "本级保留关系")], apply=managing_side),
        Filter("contacted", "本季已联系", kind="bool",
               apply=lambda rows, value, ledger: rows.to_contact(ledger.today).filter(contacted=value)),
        Filter("scan", "有扫描件", kind="bool", apply=lambda rows, value, ledger: rows.filter(has_scan=value)),
        Filter("enterprise", "所在企业（名称或信用代码）", kind="text",
               apply=lambda rows, text, ledger: rows.filter(enterprise__in=Enterprise.objects.matching(text))),
        Filter("until_from", "到期日期起", kind="date", lookup="until__gte"),
        Filter("until_to", "到期日期止", kind="date", lookup="until__lte"),
    )  # fmt: skip
    orderings = {
        "": Ordering("按管理党组织", ("org_path", "pk")),
        "until": Ordering("到期早的在前", ("until", "pk")),
        "newest": Ordering("最近签订在前", ("-since", "-pk")),
    }
    search_hint = "姓名、拼音首字母或党员编号"
    empty_text = "还没有双重管理协议。点「签订协议」，或导入已有的台账。"

    @cached_property
    def notice_days(self) -> int:
        return agreement_terms(self.today).agreement_notice_days

    def lapsed(self, rows: Any) -> Any:
        """Ended without another agreement after it, by expiry and not by a decision."""
        over = rows.in_state(AgreementState.EXPIRED, self.today, notice_days=self.notice_days)
        return over.without_successor()

    def rows(self) -> Any:
        rows = DualAgreement.objects.select_related("member", "org", "other_org", "enterprise")
        rows = rows.with_contact(self.today).with_scan()
        return rows.annotate(asked_on=Value(self.today), notice_days=Value(self.notice_days))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(named_like(text))


def candidates(where: str, on: datetime.date) -> Any:
    """Members of the scope who work in a firm of the park with the relation elsewhere and no agreement in force.

    `inside`: on another roster of the portal, in a branch that neither answers for the firm nor stands in its line.
    """
    free = Member.objects.filter(lacks(Lack.AGREEMENT, on)).filter(present(on))
    if where == OUTSIDE:
        return free.filter(relation=Relation.ELSEWHERE)
    covering = Establishment.objects.as_of(on).filter(enterprise=OuterRef("employer_id"), org=OuterRef("org_id"))
    in_line = Q(org_path__startswith=F("employer__org_path")) | Q(employer__org_path__startswith=F("org_path"))
    elsewhere = ~Q(org=F("employer__org")) & ~in_line  # the first is cheap and says no of nearly everybody
    return free.filter(relation=Relation.HERE, employer__isnull=False).filter(elsewhere, ~Exists(covering))


def responsible(row: Any) -> str:
    """Who should sign: who looks after the person, or answers for the firm."""
    if row.relation == Relation.ELSEWHERE:
        return str(row.org)
    return str(row.employer.org) if row.employer else ""


def may_be_signed(row: Any) -> bool:
    return row.relation == Relation.ELSEWHERE or bool(row.employer and required_scope().covers(row.employer.org_path))


@register
class CandidateLedger(Ledger):
    """口袋党员线索: works here, the relation is elsewhere, no agreement binds the person; with what to do next."""

    code, title, permission = "members.unsigned", "未签协议党员", permissions.VIEW
    lead = "在园区企业工作、组织关系不在企业所属党组织、没有有效双重管理协议的党员：签订协议，或动员转入组织关系。"
    columns = (
        Column("name", "姓名", link=lambda row: row.get_absolute_url()),
        Column("code", "党员编号", default=False),
        Column("relation", "组织关系", choices=dict(Relation.choices()), tone=lambda row: "info"),
        Column("home", "关系所在党组织", lambda row: str(row.org) if row.relation == Relation.HERE else row.home_text),
        Column("employer", "所在企业", "employer.name", link=link_to("employer")),
        Column("org", "应由谁管理", responsible),
        Column("reported", "已登记流入", lambda row: "是" if row.is_mobile else "否"),
        Column("last_contact_on", "最近联系", kind=Kind.DATE),
        Column("sign", "签协议", lambda row: "签订协议" if may_be_signed(row) else "",
               link=lambda row: f"/agreements/new/?member={row.pk}" if may_be_signed(row) else ""),
        Column("transfer", "转关系", lambda row: "转入组织关系" if row.relation == Relation.ELSEWHERE else "发起转接",
               link=lambda row: f"/transfers/{'arrive' if row.relation == Relation.ELSEWHERE else 'new'}/?member={row.pk}"),
        Column("contact", "联系", lambda row: "登记联系", link=lambda row: f"/members/{row.pk}/contact/"),
    )  # fmt: skip
    filters = (
        Filter("where", "关系在", choices=WHERE_HOME, apply=lambda rows, value, ledger: rows),
        organization_filter(),
        Filter("own", "只看本级", kind="bool", apply=only_own),
        Filter("enterprise", "所在企业（名称或信用代码）", kind="text",
               apply=lambda rows, text, ledger: rows.filter(employer__in=Enterprise.objects.matching(text))),
        Filter("reported", "已登记流入", kind="bool", lookup="is_mobile"),
    )  # fmt: skip
    search_hint = "姓名、拼音首字母或党员编号"
    empty_text = "没有线索：关系不在这里的党员都签了双重管理协议。"

    def rows(self) -> Any:
        mobile = MobileRecord.objects.as_of(self.today).filter(member=OuterRef("pk"))
        found = candidates(self.params.get("where") or OUTSIDE, self.today).select_related("org", "employer__org")
        return found.annotate(is_mobile=Exists(mobile), last_contact_on=last_contact(self.today, member="pk"))

    def search(self, rows: Any, text: str) -> Any:
        return rows.matching(text)


@register
class HiddenMembersLedger(Ledger):
    """隐形党员差额: how many the census counts whose relation is elsewhere, how many are registered and under agreement."""

    code, title, permission = "members.candidates", "关系未转入党员差额", permissions.VIEW
    lead = (
        "摸底报有、系统里还没有登记的，就是“隐形党员”“口袋党员”：请上门核实姓名，签订双重管理协议或动员转入组织关系。"
    )
    columns = (
        Column("enterprise", "企业名称", "name", link=lambda row: row.get_absolute_url()),
        Column("credit_code", "统一社会信用代码", default=False),
        Column("park", "园区", "park.name", default=False),
        Column("building", "楼栋", "building.name", default=False),
        Column("org", "责任党组织", lambda row: str(row.org), link=link_to("org")),
        Column("reported", "摸底报有", kind=Kind.INTEGER),
        Column("signed", "已签协议", kind=Kind.INTEGER,
               link=lambda row: f"/agreements/?state=in_force&enterprise={row.name}"),
        Column("unsigned", "已登记未签协议", kind=Kind.INTEGER,
               link=lambda row: f"/agreements/unsigned/?enterprise={row.name}"),
        Column("gap", "还没登记", kind=Kind.INTEGER, tone=lambda row: "danger" if row.gap > 0 else "success"),
        Column("checked_on", "核查日期", kind=Kind.DATE),
    )  # fmt: skip
    filters = (
        Filter("gap", "有差额", kind="bool", apply=lambda rows, value, ledger: rows.filter(
            gap__gt=0) if value else rows.filter(gap=0)),
        organization_filter(),
        Filter("park", "园区", lookup="park_id", choices=parks),
        Filter("building", "楼栋", lookup="building_id", choices=buildings),
    )  # fmt: skip
    orderings = {
        "": Ordering("按责任党组织", ("org_path", "pk")),
        "gap": Ordering("差额大的在前", ("-gap", "-pk")),
    }
    search_hint = "企业名称、拼音首字母或信用代码"
    empty_text = "摸底没有报出关系未转入的党员，系统里也没有登记。"

    def rows(self) -> Any:
        signed = DualAgreement.objects.as_of(self.today).filter(enterprise=OuterRef("pk"))
        free = Member.objects.filter(lacks(Lack.AGREEMENT, self.today), employer=OuterRef("pk"))
        rows = Enterprise.objects.in_park_on(self.today).with_condition(self.today)
        rows = rows.select_related("org", "park", "building").annotate(
            reported=Coalesce(F("members_elsewhere"), 0, output_field=IntegerField()),
            signed=counted(signed, "enterprise"),
            unsigned=counted(free.filter(relation=Relation.ELSEWHERE), "employer"),
        )
        rows = rows.annotate(gap=Greatest(F("reported") - F("signed") - F("unsigned"), 0))
        return rows.filter(Q(reported__gt=0) | Q(signed__gt=0) | Q(unsigned__gt=0))

    def search(self, rows: Any, text: str) -> Any:
        return rows.matching(text)
