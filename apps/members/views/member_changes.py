"""Forms about one member: who it is, where in the branch, from probation to full membership, off the roster and back."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import HttpResponse

from apps.core.attachments import attach
from apps.core.forms import ReasonForm
from apps.core.periods import add_months
from apps.core.views import EditPage
from apps.enterprises.views.attachments import FileForm

from .. import permissions
from ..forms import members as forms
from ..kinds import Relation
from ..models import Honour, Member, Membership
from ..rules.membership import EXTENSION_MIN_MONTHS, MEMBERSHIP_LOST, PROBATION, probation_end
from ..services import dates, honours, leaving
from ..services import members as roster
from .common import MEMBERS, AboutMember, crumb


class KnowsMember(AboutMember):
    """A form that looks at the member when it is made."""

    permission = permissions.KEEP

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "member": self.object}


class EditMember(KnowsMember):
    """修改."""

    form_class = forms.EditForm
    title = "修改党员"

    def get_initial(self) -> dict[str, Any]:
        names = [name for name in self.form_class.base_fields if name not in ("submission", "confirmed")]
        return {name: getattr(self.object, name) for name in names} | super().get_initial()

    def perform(self, form: Any) -> Member:
        confirmed = form.cleaned_data["confirmed"]
        return roster.change_member(facts=form.facts(), confirmed=confirmed, **self.common(form))


class EditContacts(KnowsMember):
    """更新联系方式."""

    form_class = forms.ContactsForm
    title = "更新联系方式"

    def perform(self, form: Any) -> Member:
        return roster.change_member(facts=form.facts(), **self.common(form))


class RegroupMember(KnowsMember):
    """支部内调整."""

    form_class = forms.RegroupForm
    title = "支部内调整"
    lead = "从这一天起计入新的党小组和企业，以前的名册不变。转到别的党支部请办理组织关系转接。"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "group": self.object.group, "enterprise": self.object.employer}

    def perform(self, form: Any) -> Member:
        facts = {"group": None, **form.facts()}
        return roster.move_in_branch(**facts, **self.common(form))


class MakeFormal(AboutMember):
    """转正."""

    permission = permissions.KEEP
    form_class = forms.FormalForm
    title = "转正"
    submit_label = "办理转正"
    success_message = "已转为正式党员。"

    def get_basis(self) -> list[Any]:
        return [PROBATION]

    def get_initial(self) -> dict[str, Any]:
        """The end of the probation, once it is over."""
        member = self.object
        end = probation_end(member.joined_on, member.probation_until) if member.joined_on else self.today
        return {**super().get_initial(), "on": min(end, self.today)}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lead=probation_said(self.object, self.today), **kwargs)

    def perform(self, form: Any) -> Member:
        return dates.make_formal(**form.facts(), **self.common(form))


class ExtendProbation(AboutMember):
    """延长预备期."""

    permission = permissions.KEEP
    form_class = forms.ExtensionForm
    title = "延长预备期"

    def get_initial(self) -> dict[str, Any]:
        """The shortest extension that the rules allow."""
        joined_on = self.object.joined_on
        shortest = add_months(probation_end(joined_on), EXTENSION_MIN_MONTHS) if joined_on else None
        return {"version": self.object.version, "until": shortest}

    def get_basis(self) -> list[Any]:
        return [PROBATION]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lead=probation_said(self.object, self.today), **kwargs)

    def perform(self, form: Any) -> Member:
        return dates.extend_probation(**form.facts(), **self.common(form))


class CorrectDates(AboutMember):
    """更正日期."""

    permission = permissions.KEEP
    form_class = forms.DatesForm
    title = "更正日期"
    lead = "用于改正登记错误。会改变过去某一天名册的，须在季度关闭之前更正。"

    def get_initial(self) -> dict[str, Any]:
        first = Membership.objects.filter(member=self.object).order_by("since").first()
        return {
            "version": self.object.version, "joined_on": self.object.joined_on, "formal_on": self.object.formal_on,
            "since": first and first.since,
        }  # fmt: skip

    def perform(self, form: Any) -> Member:
        return dates.correct_dates(**form.facts(), **self.common(form))


class LeaveRoster(KnowsMember):
    """离开名册."""

    form_class = forms.LeaveForm
    title = "离开名册"
    submit_label = "办理"
    success_message = "已办理。"
    danger = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "today": self.today}

    def get_basis(self) -> list[Any]:
        return [MEMBERSHIP_LOST]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ends = "班子任职、流动登记和双重管理协议同日终止，以前的名册不变。"
        lead = f"{ends}转往别的党支部请办理组织关系转接。" if self.object.relation == Relation.HERE else ends
        return super().get_context_data(lead=lead, **kwargs)

    def perform(self, form: Any) -> Member:
        return leaving.leave(**form.facts(), **self.common(form))


class RestoreMember(AboutMember):
    """恢复."""

    permission = permissions.KEEP
    form_class = forms.RestoreForm
    title = "恢复在册"
    submit_label = "恢复"
    lead = "用于离开登记有误的。由别的党支部转回的，请办理组织关系转接。"

    def get_basis(self) -> list[Any]:
        return [MEMBERSHIP_LOST]

    def perform(self, form: Any) -> Member:
        return leaving.restore(**form.facts(), **self.common(form))


class MarkLost(AboutMember):
    """登记失联."""

    permission = permissions.KEEP
    form_class = forms.LostForm
    title = "登记失去联系"
    lead = "从失去联系之日起计算查找期限，到期由系统提示研究，不会自动处理。"

    def perform(self, form: Any) -> Member:
        return roster.mark_lost(**form.facts(), **self.common(form, version=False))


class MarkFound(AboutMember):
    """恢复联系."""

    permission = permissions.KEEP
    form_class = forms.FoundForm
    title = "恢复联系"

    def perform(self, form: Any) -> Member:
        return roster.mark_found(**form.facts(), **self.common(form, version=False))


class WaivePlacement(AboutMember):
    """无需安置."""

    permission = permissions.KEEP
    form_class = ReasonForm
    title = "无需安置"
    lead = "所在企业已离开园区。已有新单位的请办理“支部内调整”，关系要转走的请办理组织关系转接。"

    def perform(self, form: Any) -> Member:
        return roster.waive_placement(**form.facts(), **self.common(form, version=False))


class AddHonour(AboutMember):
    """登记奖惩."""

    permission = permissions.KEEP
    form_class = forms.HonourForm
    title = "登记奖惩"
    submit_label = "登记"

    def perform(self, form: Any) -> str:
        honours.add_honour(**form.facts(), **self.common(form, version=False))
        return f"{self.object.get_absolute_url()}#honours"


class RemoveHonour(EditPage):
    """撤销登记 of an honour."""

    permission = permissions.KEEP
    form_class = ReasonForm
    title = "撤销登记"
    submit_label = "撤销"
    success_message = "已撤销。"
    danger = True

    def get_queryset(self) -> Any:
        return Honour.objects.select_related("member")

    def get_title(self) -> str:
        return f"{self.title}：{self.object.title}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MEMBERS, crumb(self.object.member)]

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_cancel_url(self) -> str:
        return str(self.object.member.get_absolute_url())

    def perform(self, form: Any) -> Member:
        return honours.remove_honour(honour=self.object, reason=form.cleaned_data["reason"], actor=self.request.user)


class RevealMember(KnowsMember):
    """查看原文: asks for a reason, leaves an entry in the trail, shows the original once."""

    permission = permissions.REVEAL
    form_class = forms.RevealForm
    template_name = "members/reveal.html"
    title = "查看原文"
    submit_label = "查看"
    lead = "查看会记入审计，只在本页显示一次。"

    def get_initial(self) -> dict[str, Any]:
        """The field that the link names, else the only one."""
        options = [name for name, _ in forms.hidden_of(self.object)]
        asked = self.request.GET.get("field", "")
        return {"field": asked if asked in options else (options or [""])[0]}

    def form_valid(self, form: Any) -> HttpResponse:
        field = form.cleaned_data["field"]
        original = roster.reveal(
            member=self.object, field=field, reason=form.cleaned_data["reason"], actor=self.request.user
        )
        label = dict(forms.hidden_of(self.object))[field]
        context = self.get_context_data(form=form, original=original, label=label, is_phone=field == "phone")
        response = self.render_to_response(context)
        response["Cache-Control"] = "no-store"
        return response


class AttachToMember(AboutMember):
    """上传附件: the application, an approval, an agreement."""

    permission = permissions.KEEP
    form_class = FileForm
    title = "上传附件"
    submit_label = "上传"
    success_message = "附件已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        attach(file=form.cleaned_data["file"], target=self.object, actor=self.request.user)
        return f"{self.object.get_absolute_url()}#files"


def probation_said(member: Member, today: datetime.date) -> str:
    """Where the probation stands, in one sentence under the title."""
    if member.joined_on is None:
        return "还没有登记入党日期。"
    end = probation_end(member.joined_on, member.probation_until)
    state = "已届满" if end <= today else f"还有 {(end - today).days} 天"
    return f"入党日期 {member.joined_on:%Y-%m-%d}，预备期至 {end:%Y-%m-%d}（{state}）。"
