"""积分台账: entering, taking back, confirming, correcting."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from apps.core.forms import BaseForm
from apps.core.views import ActionView, DetailPage, EditPage, may
from apps.enterprises.views.common import BulkFormPage, buttons
from apps.enterprises.views.lists import RegisterList
from apps.members.kinds import Relation
from apps.members.models import Member

from .. import permissions
from ..forms import points as forms
from ..kinds import PointState
from ..ledgers.points import STATE_TONES, PointLedger, member_link, record_link
from ..models import PointEntry
from ..rules.points import NO_FORMALISM, POINTS, plain
from ..services import points as services
from ..services.point_rules import rules_at
from .of_branch import OfBranch
from .points import POINTS_HOME

ENTRIES = {"label": "积分台账", "url": "/points/entries/"}


class PointList(RegisterList):
    """积分台账; the committee confirms ticked entries at once."""

    ledger = PointLedger
    offers = (
        (permissions.IMPORT, "导入", "/imports/activities.points/"),
        (permissions.VIEW, "年度积分", "/points/"),
        (permissions.VIEW, "积分规则", "/points/rules/"),
    )

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POINTS_HOME]

    def get_bulk_actions(self) -> list[dict[str, str]]:
        if not may(self.request.user, permissions.CONFIRM_POINTS):
            return []
        return [
            {"label": "确认", "url": "/points/entries/confirm/", "tone": "primary"},
            {"label": "不予确认", "url": "/points/entries/refuse/", "tone": ""},
        ]


def entries() -> Any:
    return PointEntry.objects.select_related("member", "org", "rule", "activity")


class PointPage(DetailPage):
    """One entry: for what, from where, who entered it and who decided."""

    permission = permissions.VIEW
    object: PointEntry

    def get_queryset(self) -> Any:
        return entries()

    def get_title(self) -> str:
        return f"{self.object.member.name}：{self.object.rule.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POINTS_HOME, ENTRIES]

    def get_badges(self) -> list[dict[str, str]]:
        state = PointState(self.object.state)
        return [{"text": state.label, "tone": STATE_TONES[state]}]

    def get_actions(self) -> list[dict[str, Any]]:
        row, here, keep = self.object, self.object.get_absolute_url(), permissions.KEEP
        wanted = []
        if row.state == PointState.ENTERED and row.activity_id is None:
            wanted.append((keep, "撤回", f"{here}withdraw/"))
        if row.state == PointState.CONFIRMED and services.published(row.on.year, {row.org_id, row.member.org_id}):
            wanted.append((keep, "更正", f"{here}correct/"))
        return buttons(self.request.user, row, *wanted)

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        return [
            {"label": "党员", "value": row.member.name, "url": member_link(row)},
            {"label": "党支部", "value": str(row.org)},
            {"label": "积分事项", "value": row.rule.name, "hint": row.rule.source},
            {"label": "分值", "value": f"{plain(row.points)} 分"},
            {"label": "日期", "value": row.on},
            {"label": "活动", "value": row.activity and row.activity.title, "url": record_link(row)},
            {"label": "登记人", "value": row.entered_by_name},
            {"label": "确认人", "value": row.decided_by_name, "hint": f"{row.decided_on or ''}"},
            *([{"label": "说明", "value": row.note, "wide": True}] if row.note else []),
            *([{"label": "确认意见", "value": row.decision_note, "wide": True}] if row.decision_note else []),
        ]


class EnterPoints(OfBranch):
    """登记积分 for one deed of one member or several."""

    permission = permissions.KEEP
    form_class = forms.EnterPointsForm
    title = "登记积分"
    submit_label = "登记"
    success_message = "已登记，等待党委确认。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POINTS_HOME]

    def get_cancel_url(self) -> str:
        return f"{POINTS_HOME['url']}?org={self.org.code}" if self.org else POINTS_HOME["url"]

    def get_basis(self) -> list[Any]:
        return [POINTS, NO_FORMALISM]

    def get_form_kwargs(self) -> dict[str, Any]:
        path = self.org.path if self.org else ""
        deeds = [rule for rule in rules_at(path, self.today) if rule.kind_id is None and rule.points]
        roster = Member.objects.filter(org=self.org, relation=Relation.HERE).order_by("initials", "pk")
        return {**super().get_form_kwargs(), "rules": deeds, "roster": list(roster)}

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today, "members": self.request.GET.getlist("member")}

    def perform(self, form: Any) -> str:
        services.enter_points(org=self.org, **form.facts(), today=self.today, actor=self.request.user)
        return f"{self.get_cancel_url()}&year={form.cleaned_data['on'].year}"


class WithdrawEntry(EditPage):
    permission = permissions.KEEP
    form_class = BaseForm
    title = "撤回积分"
    lead = "只用于登记有误、党委还没有确认的积分。"
    submit_label = "撤回"
    success_message = "已撤回。"
    danger = True
    object: PointEntry

    def get_queryset(self) -> Any:
        return entries()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTRIES, {"label": self.object.rule.name, "url": self.object.get_absolute_url()}]

    def perform(self, form: Any) -> str:
        services.withdraw_entry(entry=self.object, actor=self.request.user)
        return ENTRIES["url"]


class CorrectEntry(EditPage):
    """更正已公布的积分: the difference, in the open year."""

    permission = permissions.KEEP
    form_class = forms.CorrectForm
    submit_label = "登记更正"
    success_message = "已登记更正，等待党委确认。"
    object: PointEntry

    def get_queryset(self) -> Any:
        return entries()

    def get_title(self) -> str:
        return f"更正积分：{self.object.member.name} {self.object.rule.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTRIES, {"label": self.object.rule.name, "url": self.object.get_absolute_url()}]

    def get_basis(self) -> list[Any]:
        return [POINTS]

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        lead = f"{row.on.year}年已公布，记{plain(row.points)}分。公布的不再变动，差额记入{self.today.year}年。"
        return super().get_context_data(lead=lead, **kwargs)

    def perform(self, form: Any) -> PointEntry:
        return services.correct_points(
            entry=self.object, difference=form.cleaned_data["difference"], note=form.cleaned_data["note"],
            today=self.today, actor=self.request.user,
        )  # fmt: skip


class ConfirmMany(ActionView):
    """党委确认 of ticked entries, all or nothing."""

    permission = permissions.CONFIRM_POINTS
    success_message = "已确认。"

    def get_back_url(self) -> str:
        return self.came_from()

    def perform(self) -> str:
        services.decide_points(entries=self.ticked(entries()), accepted=True, today=self.today, actor=self.request.user)
        return "/points/entries/?state=entered"


class RefuseMany(BulkFormPage):
    """不予确认 of ticked entries, with the reason that the branch reads."""

    permission = permissions.CONFIRM_POINTS
    form_class = forms.RefuseForm
    title = "不予确认"
    submit_label = "不予确认"
    success_message = "已办理。"
    back_url = "/points/entries/?state=entered"
    template_name = "activities/point_refuse.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.chosen:
            messages.error(request, "请先勾选要办理的积分。")
            return HttpResponseRedirect(self.back_url)
        return super().post(request, *args, **kwargs)

    def get_queryset(self) -> Any:
        return entries().order_by("pk")

    def get_title(self) -> str:
        return f"{self.title}：{len(self.chosen)} 条积分"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POINTS_HOME, ENTRIES]

    def perform(self, form: Any) -> str:
        services.decide_points(
            entries=self.chosen,
            accepted=False,
            note=form.cleaned_data["note"],
            today=self.today,
            actor=self.request.user,
        )
        return self.back_url
