"""班子成员名册 of any day, and 党务人才库."""

from __future__ import annotations

import datetime
from functools import cached_property
from typing import Any

from django.db.models import Value

from apps.branches.ledgers.common import organization_filter
from apps.branches.rules import OrgKind
from apps.core.clock import day_named
from apps.core.errors import DomainError
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.scoping import required_scope
from apps.enterprises.ledgers.common import link_to

from .. import permissions
from ..kinds import PostBasis, PostRole, PostSource, TalentKind
from ..models import Post, Talent
from ..parameters import certificate_notice
from ..rules.posts import CertificateState, certificate_state, filing
from ..secretaries import ELECTING, secretary_of_last, without_secretary

CERTIFICATE_TONES = {
    CertificateState.VALID: "success", CertificateState.EXPIRING: "warning", CertificateState.EXPIRED: "danger",
}  # fmt: skip


def member_link(row: Any) -> str:
    """To the page of the member, where the row names one whom the reader may see."""
    found = row.member
    return found.get_absolute_url() if found and required_scope().covers(found.org_path) else ""


def named_like(text: str) -> Any:
    return {"name__icontains": text.strip()}


@register
class PostLedger(Ledger):
    """班子成员名册: who holds which post on the day, from where, in which term, approved by which paper."""

    code, title, permission = "members.posts", "班子成员名册", permissions.VIEW
    columns = (
        Column("name", "姓名", link=lambda row: row.get_absolute_url()),
        Column("member_code", "党员编号", "member.code", link=member_link, default=False),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("role", "党内职务", choices=dict(PostRole.choices())),
        Column("term", "届次", lambda row: str(row.term) if row.term else ""),
        Column("since", "任职日期", kind=Kind.DATE),
        Column("until", "离任日期", kind=Kind.DATE, default=False),
        Column("basis", "产生方式", choices=dict(PostBasis.choices())),
        Column("source", "选配来源", choices=dict(PostSource.choices())),
        Column("source_unit", "来源单位"),
        Column("concurrent", "兼任职务"),
        Column("full_time", "专职", kind=Kind.BOOL),
        Column("filing", "批准或备案", lambda row: filing(PostRole(row.role)), default=False),
        Column("document", "批准（备案）文号"),
        Column("document_on", "批准（备案）日期", kind=Kind.DATE, default=False),
        Column("note", "备注", default=False),
    )  # fmt: skip
    filters = (
        Filter("on", "截至日期", kind="date", apply=lambda rows, value, ledger: rows),
        organization_filter(),
        Filter("role", "党内职务", choices=PostRole.choices()),
        Filter("basis", "产生方式", choices=PostBasis.choices()),
        Filter("source", "选配来源", choices=PostSource.choices()),
        Filter("full_time", "专职", kind="bool"),
        Filter("filed", "已登记文号", kind="bool",
               apply=lambda rows, value, ledger: rows.exclude(document="") if value else rows.filter(document="")),
        Filter("all", "含已离任", kind="bool", apply=lambda rows, value, ledger: rows),
    )  # fmt: skip
    orderings = {
        "": Ordering("按党组织", ("org_path", "pk")),
        "newest": Ordering("最近任职在前", ("-since", "-pk")),
    }
    search_hint = "姓名"
    empty_text = "还没有登记班子成员。点「登记任职」，或导入已有的名册。"

    @cached_property
    def on(self) -> datetime.date:
        """The day that is asked about. Raises DomainError for one that has not come."""
        day = day_named(self.params.get("on", "")) or self.today
        if day > self.today:
            raise DomainError("名册只到今天，请选择今天或以前的日期。", code="bad_filter", field="on")
        return day

    def rows(self) -> Any:
        rows = Post.objects.select_related("org", "member", "term")
        return rows if self.params.get("all") == "1" else rows.as_of(self.on)

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(**named_like(text))


@register
class VacancyLedger(Ledger):
    """书记空缺: organisations that elect and have no secretary in the book."""

    code, title, permission = "members.vacancies", "书记空缺", permissions.VIEW
    lead = "应选举书记、今天没有登记现任书记的党组织。空缺的应及时补选，必要时上级可以指派。"
    columns = (
        Column("name", "党组织", link=lambda org: f"{org.get_absolute_url()}#posts"),
        Column("code", "党组织代码"),
        Column("kind", "类别", choices=dict(OrgKind.choices())),
        Column("parent", "上级组织", "parent.name"),
        Column("last", "上一任书记"),
        Column("vacant_since", "空缺起始", kind=Kind.DATE),
        Column(
            "days",
            "空缺天数",
            lambda org: (org.asked_on - org.vacant_since).days if org.vacant_since else None,
            kind=Kind.INTEGER,
        ),
    )
    filters = (
        Filter("kind", "类别", choices=[(kind.value, kind.label) for kind in OrgKind if kind.value in ELECTING]),
        Filter("never", "从未登记过书记", kind="bool",
               apply=lambda rows, value, ledger: rows.filter(vacant_since__isnull=value)),
    )  # fmt: skip
    orderings = {
        "": Ordering("按组织树", ("path",)),
        "longest": Ordering("空缺久的在前", ("vacant_since", "path")),
    }
    search_hint = "名称、拼音首字母或代码"
    empty_text = "党组织都已登记现任书记。"

    def rows(self) -> Any:
        return without_secretary(self.today).annotate(last=secretary_of_last("pk"), asked_on=Value(self.today))

    def search(self, rows: Any, text: str) -> Any:
        return rows.named_like(text)


def certificate(row: Any) -> CertificateState:
    """The state of the certificate on the day of the ledger (`asked_on`, `notice_days` are annotations)."""
    return certificate_state(row.expires_on, row.certificate, on=row.asked_on, notice_days=row.notice_days)


@register
class TalentLedger(Ledger):
    """党务人才库: who could do Party work, with which certificate, and who has been placed where."""

    code, title, permission = "members.talent", "党务人才库", permissions.VIEW
    columns = (
        Column("name", "姓名", link=lambda row: row.get_absolute_url()),
        Column("member_code", "党员编号", "member.code", default=False),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("unit", "所在单位"),
        Column("kind", "人才类别", choices=dict(TalentKind.choices())),
        Column("joined_on", "入库日期", kind=Kind.DATE),
        Column("certificate", "资质证书"),
        Column("certificate_number", "证书编号", default=False),
        Column("issued_on", "发证日期", kind=Kind.DATE, default=False),
        Column("expires_on", "证书有效期至", kind=Kind.DATE),
        Column("certificate_state", "证书状态", certificate, choices=dict(CertificateState.choices()),
               tone=lambda row: CERTIFICATE_TONES.get(certificate(row), "neutral")),
        Column("placed_on", "输送日期", kind=Kind.DATE),
        Column("placed_as", "输送去向"),
        Column("in_management", "进入管理层", kind=Kind.BOOL),
        Column("left_on", "出库日期", kind=Kind.DATE, default=False),
        Column("note", "备注", default=False),
    )  # fmt: skip
    filters = (
        organization_filter(),
        Filter("kind", "人才类别", choices=TalentKind.choices()),
        Filter("certificate", "证书状态", choices=CertificateState.choices(),
               apply=lambda rows, value, ledger: rows.with_certificate(value, ledger.today, ledger.notice_days)),
        Filter("placed", "已输送", kind="bool", apply=lambda rows, value, ledger: rows.filter(placed_on__isnull=not value)),
        Filter("in_management", "进入管理层", kind="bool"),
        Filter("left", "已出库", kind="bool", apply=lambda rows, value, ledger: rows.filter(left_on__isnull=not value)),
    )  # fmt: skip
    orderings = {
        "": Ordering("按党组织", ("org_path", "pk")),
        "newest": Ordering("最近入库在前", ("-joined_on", "-pk")),
    }
    search_hint = "姓名"
    empty_text = "人才库里还没有人。点「入库」，或导入已有的名单。"

    @cached_property
    def notice_days(self) -> int:
        return certificate_notice(self.today)

    def rows(self) -> Any:
        rows = Talent.objects.select_related("org", "member")
        if "left" not in self.params:
            rows = rows.available()
        return rows.annotate(asked_on=Value(self.today), notice_days=Value(self.notice_days))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(**named_like(text))
