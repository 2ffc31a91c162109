"""双重管理协议: the book, one agreement, signing, renewing and ending it, and who should have one."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.branches.rules import BRANCH_KINDS
from apps.core.attachments import attach, attachments_of
from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import DetailPage, EditPage, FormPage
from apps.enterprises.views.attachments import FileForm
from apps.enterprises.views.lists import RegisterList
from apps.enterprises.views.tables import section, table

from .. import permissions
from ..forms.mobile import AgreementForm, EndAgreementForm, RenewForm, SignForm, SignWithMemberForm
from ..kinds import Relation
from ..ledgers.agreements import (
    INSIDE,
    OUTSIDE,
    STATE_TONES,
    AgreementLedger,
    CandidateLedger,
    HiddenMembersLedger,
    candidates,
)
from ..ledgers.sides import home_name, keeps
from ..models import ContactNote, DualAgreement, Member
from ..parameters import agreement_terms
from ..rules.mobile import DUAL_AGREEMENT, SHOULD_TRANSFER, AgreementState, agreement_state, usual_until
from ..services import agreements as services
from .common import buttons, can

AGREEMENTS = {"label": "双重管理", "url": "/agreements/"}
UNSIGNED = {"label": "未签协议党员", "url": "/agreements/unsigned/"}
CONTACTS_SHOWN = 8
NO_SCAN = "还没有扫描件。签好的协议拍照或扫描后放在这里。"


class AgreementList(RegisterList):
    """双重管理台账."""

    ledger = AgreementLedger
    offers = (
        (permissions.KEEP, "签订协议", "/agreements/new/"),
        (permissions.IMPORT, "导入", "/imports/members.dual/"),
        (permissions.VIEW, "未签协议党员", UNSIGNED["url"]),
        (permissions.VIEW, "摸底差额", "/agreements/gap/"),
    )


class CandidateList(RegisterList):
    """口袋党员线索, outside the portal or on another roster of it."""

    ledger = CandidateLedger
    offers = (
        (permissions.KEEP, "签订协议", "/agreements/new/"),
        (permissions.VIEW, "摸底差额", "/agreements/gap/"),
    )

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [AGREEMENTS]

    def get_empty(self) -> dict[str, str]:
        """Where else to look: the other kind of candidate, if there is any."""
        inside = self.request.GET.get("where") == INSIDE
        other, label = (OUTSIDE, "关系在平台外的") if inside else (INSIDE, "关系在平台内其他党支部的")
        count = candidates(other, self.today).count()
        if not count:
            return {"text": self.ledger.empty_text}
        return {"text": "这里没有线索。", "label": f"看{label} {count} 名", "url": f"{UNSIGNED['url']}?where={other}"}


class HiddenMembersList(RegisterList):
    """隐形党员差额 by enterprise."""

    ledger = HiddenMembersLedger

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [AGREEMENTS]


def agreements() -> Any:
    return DualAgreement.objects.select_related("member", "org", "other_org", "enterprise")


def own_branch() -> PartyOrg | None:
    """The branch for which whoever acts speaks alone; None for an officer, who chooses one."""
    roots = required_scope().roots()
    rows = PartyOrg.objects.filter(kind__in=BRANCH_KINDS, ended_on=None)
    return rows.filter(path=roots[0]).first() if len(roots) == 1 else None


class AgreementPage(DetailPage):
    """One agreement: both sides, its dates, the contacts made and the scan."""

    permission = permissions.VIEW
    object: DualAgreement

    def get_queryset(self) -> Any:
        return agreements()

    def get_title(self) -> str:
        return f"双重管理协议：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [AGREEMENTS]

    @cached_property
    def state(self) -> AgreementState:
        row = self.object
        return agreement_state(
            since=row.since, until=row.until, ended_early=bool(row.ended_reason), on=self.today,
            terms=agreement_terms(self.today, row.org_path),
        )  # fmt: skip

    def get_badges(self) -> list[dict[str, str]]:
        return [{"text": self.state.label, "tone": STATE_TONES.get(self.state, "neutral")}]

    def get_actions(self) -> list[dict[str, Any]]:
        here, row = self.object.get_absolute_url(), self.object
        wanted = [(permissions.KEEP, "修改", f"{here}edit/")]
        if self.state in (AgreementState.IN_FORCE, AgreementState.EXPIRING):
            contact = (permissions.KEEP, "登记联系", f"{here}contact/")
            ending = (permissions.KEEP, "提前终止", f"{here}end/")
            wanted = [contact, (permissions.KEEP, "续签", f"{here}renew/"), *wanted, ending]
        elif self.state is AgreementState.EXPIRED:
            wanted = [(permissions.KEEP, "续签", f"{here}renew/"), *wanted]
        return buttons(self.request.user, row, *wanted)

    def get_facts(self) -> list[dict[str, Any]]:
        row, scope = self.object, required_scope()
        left = (row.expires_on - self.today).days
        hint = f"还有 {left} 天" if left > 0 and self.state is not AgreementState.COMING else ""
        return [
            {"label": "姓名", "value": row.member.name, "hint": row.member.code,
             "url": row.member.get_absolute_url() if scope.covers(row.member.org_path) else ""},
            {"label": "管理党组织", "value": row.org.name,
             "url": row.org.get_absolute_url() if scope.covers(row.org_path) else ""},
            {"label": "关系所在党组织", "value": home_name(row)},
            {"label": "所在企业", "value": row.enterprise and row.enterprise.name,
             "url": row.enterprise.get_absolute_url()
             if row.enterprise and scope.covers(row.enterprise.org_path) else ""},
            {"label": "起始日期", "value": row.since},
            {"label": "到期日期", "value": row.until, "hint": hint},
            {"label": "签订日期", "value": row.signed_on},
            {"label": "协议编号", "value": row.number},
            {"label": "季度联系人", "value": row.contact_name},
            *([{"label": "提前终止原因", "value": row.ended_reason}] if row.ended_reason else []),
            *([{"label": "备注", "value": row.note, "wide": True}] if row.note else []),
        ]  # fmt: skip

    def get_sections(self) -> list[dict[str, Any]]:
        """The contacts and the scan are with the side that manages."""
        row = self.object
        if not keeps(row):
            return []
        notes = ContactNote.objects.filter(member=row.member_id, org=row.org_id)[:CONTACTS_SHOWN]
        cells = [
            [{"text": f"{note.on:%Y-%m-%d}", "url": note.get_absolute_url(), "nowrap": True},
             {"text": note.get_method_display()}, {"text": note.thoughts}, {"text": note.study}, {"text": note.conduct}]
            for note in notes
        ]  # fmt: skip
        contacts = table(
            ("日期", "方式", "思想动态", "学习情况", "现实表现"), cells, "还没有联系记录，每季度至少联系一次。"
        )
        may_keep = can(self.request.user, permissions.KEEP, row)
        ways = ("登记联系", f"{row.get_absolute_url()}contact/") if may_keep and row.holds_on(self.today) else None
        scan = {
            "id": "files", "title": "扫描件", "template": "enterprises/_files.html", "may_change": may_keep,
            "files": list(attachments_of(row)), "empty": NO_SCAN, "link_label": "上传扫描件",
            "link": f"{row.get_absolute_url()}attach/" if may_keep else "",
        }  # fmt: skip
        return [section("contacts", "季度联系", contacts, ways), scan]


class SignAgreement(FormPage):
    """签订协议; `?member=` brings somebody of the scope along, otherwise name and ID number name the person."""

    permission = permissions.KEEP
    title = "签订双重管理协议"
    submit_label = "签订"
    success_message = "已登记双重管理协议。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [AGREEMENTS]

    def get_basis(self) -> list[Any]:
        return [DUAL_AGREEMENT, SHOULD_TRANSFER]

    def get_cancel_url(self) -> str:
        return AGREEMENTS["url"]

    @cached_property
    def member(self) -> Member | None:
        """Whom the address names; 404 for somebody who is not in the scope."""
        wanted = self.request.GET.get("member")
        if not wanted:
            return None
        rows = Member.objects.exclude(relation=Relation.LEFT).select_related("org", "employer__org")
        found = rows.filter(pk=row_id(wanted)).first()
        if found is None:
            raise Http404
        return found

    def get_form_class(self) -> Any:
        return SignWithMemberForm if self.member else SignForm

    def get_title(self) -> str:
        return f"{self.title}：{self.member.name}" if self.member else self.title

    def get_initial(self) -> dict[str, Any]:
        member, branch = self.member, own_branch()
        org, employer, home = branch, None, ""
        if member is not None:
            employer, home = member.employer, member.home_text
            if member.relation == Relation.ELSEWHERE:
                org = member.org
            else:
                home = str(member.org.name)
                org = employer.org if employer and required_scope().covers(employer.org_path) else branch
        return {
            "org": org, "enterprise": employer, "home_text": home, "since": self.today, "signed_on": self.today,
            "until": usual_until(self.today, agreement_terms(self.today, org.path if org else "")),
            "contact_name": getattr(self.request.user, "display_name", ""),
        }  # fmt: skip

    def perform(self, form: Any) -> DualAgreement:
        given = form.facts()
        facts = {name: given.pop(name) for name in services.FACTS}
        common = {"facts": facts, "today": self.today, "actor": self.request.user}
        if self.member is not None:
            return services.sign_agreement(member=self.member, **given, **common)
        return services.sign_agreement_with(**given, **common)


class PartOfAgreement(EditPage):
    """A form about one agreement; only the side that manages changes it."""

    permission = permissions.KEEP
    object: DualAgreement

    def get_queryset(self) -> Any:
        return agreements()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [AGREEMENTS, {"label": self.object.member.name, "url": self.object.get_absolute_url()}]

    def get_locked(self) -> str:
        return "" if keeps(self.object) else f"这份协议由「{self.object.org}」登记和管理，关系所在党组织只能查看。"

    def common(self, form: Any) -> dict[str, Any]:
        return {"agreement": self.object, "today": self.today, "actor": self.request.user}


class EditAgreement(PartOfAgreement):
    form_class = AgreementForm
    title = "修改双重管理协议"

    def perform(self, form: Any) -> DualAgreement:
        version = form.cleaned_data["version"]
        return services.change_agreement(facts=form.facts(), version=version, **self.common(form))


class RenewAgreement(PartOfAgreement):
    form_class = RenewForm
    title = "续签双重管理协议"
    submit_label = "续签"
    success_message = "已续签。"

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        since = row.expires_on if row.expires_on >= self.today - datetime.timedelta(days=31) else self.today
        until = usual_until(since, agreement_terms(self.today, row.org_path))
        return {"since": since, "until": until, "signed_on": self.today}

    def perform(self, form: Any) -> DualAgreement:
        return services.renew_agreement(**form.facts(), **self.common(form))


class EndAgreement(PartOfAgreement):
    form_class = EndAgreementForm
    title = "提前终止双重管理协议"
    submit_label = "终止"
    success_message = "已终止。"
    danger = True

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def perform(self, form: Any) -> DualAgreement:
        return services.end_agreement(**form.facts(), version=form.cleaned_data["version"], **self.common(form))


class AttachToAgreement(PartOfAgreement):
    """The scan of the signed agreement."""

    form_class = FileForm
    title = "上传协议扫描件"
    submit_label = "上传"
    success_message = "附件已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        attach(file=form.cleaned_data["file"], target=self.object, actor=self.request.user)
        return f"{self.object.get_absolute_url()}#files"
