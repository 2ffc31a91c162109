"""党务人才库: the pool, one talent, 入库 and 出库."""

from __future__ import annotations

from typing import Any

from apps.branches.models import PartyOrg
from apps.core.attachments import attach
from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import DetailPage, EditPage, FormPage
from apps.enterprises.views.attachments import FileForm, files_section
from apps.enterprises.views.lists import RegisterList

from .. import permissions
from ..forms import posts as forms
from ..kinds import Relation
from ..ledgers.posts import CERTIFICATE_TONES, TalentLedger, member_link
from ..models import Member, Talent
from ..parameters import certificate_notice
from ..rules.posts import TALENT, CertificateState, certificate_state
from ..services import talents as services
from .common import buttons

TALENTS = {"label": "党务人才库", "url": "/talents/"}


class TalentList(RegisterList):
    """党务人才库."""

    ledger = TalentLedger
    offers = (
        (permissions.KEEP_POSTS, "入库", "/talents/new/"),
        (permissions.KEEP_POSTS, "导入", "/imports/members.talent/"),
        (permissions.VIEW, "班子成员名册", "/posts/"),
    )


def talents() -> Any:
    return Talent.objects.select_related("org", "member")


class TalentPage(DetailPage):
    """One talent: what for, the certificate, and where the person was placed."""

    permission = permissions.VIEW
    object: Talent

    def get_queryset(self) -> Any:
        return talents()

    def get_title(self) -> str:
        return self.object.name

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TALENTS]

    @property
    def certificate(self) -> CertificateState:
        row = self.object
        return certificate_state(
            row.expires_on, row.certificate, on=self.today, notice_days=certificate_notice(self.today)
        )

    def get_badges(self) -> list[dict[str, str]]:
        row, state = self.object, self.certificate
        badges = [{"text": row.get_kind_display(), "tone": "info"}]
        if state is not CertificateState.NONE:
            badges.append({"text": f"证书{state.label}", "tone": CERTIFICATE_TONES[state]})
        if row.left_on:
            badges.append({"text": "已出库", "tone": "neutral"})
        return badges

    def get_actions(self) -> list[dict[str, Any]]:
        here, keep = self.object.get_absolute_url(), permissions.KEEP_POSTS
        release = [] if self.object.left_on else [(keep, "出库", f"{here}release/")]
        return buttons(self.request.user, self.object, (keep, "修改", f"{here}edit/"), *release)

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        return [
            {"label": "姓名", "value": row.name, "hint": row.member.code if row.member else "不在名册上", "url": member_link(row)},
            {"label": "责任党组织", "value": row.org.name, "url": row.org.get_absolute_url()},
            {"label": "所在单位", "value": row.unit},
            {"label": "入库日期", "value": row.joined_on},
            {"label": "资质证书", "value": row.certificate, "hint": row.certificate_number},
            {"label": "发证日期", "value": row.issued_on},
            {"label": "证书有效期至", "value": row.expires_on},
            {"label": "输送日期", "value": row.placed_on},
            {"label": "输送去向", "value": row.placed_as},
            {"label": "进入管理层", "value": "是" if row.in_management else "否"},
            *([{"label": "出库日期", "value": row.left_on}] if row.left_on else []),
            *([{"label": "备注", "value": row.note, "wide": True}] if row.note else []),
        ]  # fmt: skip

    def get_sections(self) -> list[dict[str, Any]]:
        files = files_section(self.object, self.request.user, keep=permissions.KEEP_POSTS)  # type: ignore[arg-type]
        return [{**files, "title": "证书扫描件", "empty": "还没有附件。资质证书的扫描件可以放在这里。"}]


class AddTalent(FormPage):
    """入库; `?member=` brings somebody of the roster along."""

    permission = permissions.KEEP_POSTS
    form_class = forms.AddTalentForm
    title = "进入党务人才库"
    submit_label = "入库"
    success_message = "已入库。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TALENTS]

    def get_cancel_url(self) -> str:
        return TALENTS["url"]

    def get_basis(self) -> list[Any]:
        return [TALENT]

    def get_initial(self) -> dict[str, Any]:
        rows = Member.objects.filter(relation=Relation.HERE).select_related("org", "employer")
        member = rows.filter(pk=row_id(self.request.GET.get("member"))).first()
        roots = required_scope().roots()
        org = PartyOrg.objects.filter(path=roots[0], ended_on=None).first() if len(roots) == 1 else None
        unit = member.employer.name if member and member.employer else ""
        return {"org": member.org if member else org, "member": member, "unit": unit, "joined_on": self.today}

    def perform(self, form: Any) -> Talent:
        facts = form.facts()
        who = {name: facts.pop(name) for name in ("org", "member", "name")}
        return services.add_talent(**who, facts=facts, today=self.today, actor=self.request.user)


class PartOfTalent(EditPage):
    """A form about one talent."""

    permission = permissions.KEEP_POSTS
    object: Talent

    def get_queryset(self) -> Any:
        return talents()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TALENTS, {"label": self.object.name, "url": self.object.get_absolute_url()}]

    def common(self, form: Any) -> dict[str, Any]:
        version = form.cleaned_data["version"]
        return {"talent": self.object, "today": self.today, "actor": self.request.user, "version": version}


class EditTalent(PartOfTalent):
    form_class = forms.TalentForm
    title = "修改党务人才"

    def perform(self, form: Any) -> Talent:
        return services.change_talent(facts=form.facts(), **self.common(form))


class ReleaseTalent(PartOfTalent):
    form_class = forms.ReleaseForm
    title = "出库"
    submit_label = "出库"
    success_message = "已出库。"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def perform(self, form: Any) -> Talent:
        return services.release_talent(**form.facts(), **self.common(form))


class AttachToTalent(PartOfTalent):
    """The certificate as a scan."""

    form_class = FileForm
    title = "上传附件"
    submit_label = "上传"
    success_message = "附件已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        attach(file=form.cleaned_data["file"], target=self.object, actor=self.request.user)
        return f"{self.object.get_absolute_url()}#files"
