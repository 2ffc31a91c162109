"""来访党员 and 失联党员: their books, and what people do about them."""

from __future__ import annotations

from typing import Any

from apps.core.scoping import required_scope
from apps.core.views import ActionView, DetailPage, FormPage, ObjectMixin
from apps.enterprises.views.lists import RegisterList

from .. import permissions
from ..forms.mobile import DecideForm, VisitorForm
from ..kinds import LostOutcome, LostStage, Standing
from ..ledgers.mobile import STAGE_TONES, LostLedger, VisitorLedger
from ..models import LostContact, Visitor
from ..rules.mobile import LONG_LOST, LOST, removal_due_on, suspension_due_on
from ..services import lost as lost_services
from ..services import visitors as visitor_services
from .agreements import own_branch
from .common import buttons
from .mobile import MOBILE_LIST

VISITORS = {"label": "来访党员", "url": "/visitors/"}
LOST_LIST = {"label": "失联党员", "url": "/lost/"}


class VisitorList(RegisterList):
    """来访党员台账."""

    ledger = VisitorLedger
    offers = ((permissions.KEEP, "登记来访", "/visitors/new/"),)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MOBILE_LIST]

    def get_bulk_actions(self) -> list[dict[str, str]]:
        return [{"label": "删除误登", "url": "/visitors/remove/", "tone": "danger", "confirm": "删除所选的来访登记？"}]


class RegisterVisitor(FormPage):
    """登记来访."""

    permission = permissions.KEEP
    form_class = VisitorForm
    title = "登记来访党员"
    submit_label = "登记"
    success_message = "已登记来访。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VISITORS]

    def get_cancel_url(self) -> str:
        return VISITORS["url"]

    def get_initial(self) -> dict[str, Any]:
        return {"org": own_branch(), "on": self.today}

    def perform(self, form: Any) -> str:
        facts = form.facts()
        visitor_services.register_visitor(org=facts.pop("org"), facts=facts, today=self.today, actor=self.request.user)
        return VISITORS["url"]


class RemoveVisitors(ActionView):
    """Take back visits entered by mistake, all of them or none; only of those who came to the own organisation."""

    permission = permissions.KEEP
    success_message = "已删除误登的来访。"

    def get_back_url(self) -> str:
        return VISITORS["url"]

    def perform(self) -> str:
        own = Visitor.objects.filter(required_scope().as_q("org_path"))
        visitor_services.remove_visitors(visitors=self.ticked(own), actor=self.request.user)
        return VISITORS["url"]


class LostList(RegisterList):
    """失联党员台账."""

    ledger = LostLedger
    offers = ((permissions.VIEW, "名册中的失联党员", "/members/?lost=1"),)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MOBILE_LIST]


class LostPage(DetailPage):
    """One case of lost contact: what has to be studied from when on, and what was decided."""

    permission = permissions.VIEW
    object: LostContact

    def get_queryset(self) -> Any:
        return LostContact.objects.select_related("member", "org")

    def get_title(self) -> str:
        return f"失联：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [LOST_LIST]

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        if row.decided_on:
            return [{"text": LostOutcome(row.outcome).label, "tone": "neutral"}]
        return [{"text": LostStage(row.stage).label, "tone": STAGE_TONES.get(row.stage, "warning")}]

    def get_actions(self) -> list[dict[str, Any]]:
        row = self.object
        if row.decided_on:
            return []
        return buttons(self.request.user, row, (permissions.DECIDE_LOST, "处理", f"{row.get_absolute_url()}decide/"))

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        seen = required_scope().covers(row.member.org_path)
        facts: list[dict[str, Any]] = [
            {"label": "姓名", "value": row.member.name, "url": row.member.get_absolute_url() if seen else ""},
            {"label": "所在党支部", "value": row.org.name},
            {"label": "失去联系日期", "value": row.since},
            {"label": "满 6 个月", "value": suspension_due_on(row.since), "hint": str(LOST)},
            {"label": "党籍状态", "value": Standing(row.member.standing).label},
        ]
        suspended = LostContact.objects.filter(member=row.member_id, outcome=LostOutcome.SUSPENDED.value).first()
        if suspended:
            facts.append({"label": "停止党籍日期", "value": suspended.decided_on, "hint": suspended.document})
            facts.append(
                {"label": "停止党籍满 2 年", "value": removal_due_on(suspended.decided_on), "hint": str(LONG_LOST)}
            )
        if row.decided_on:
            facts += [
                {"label": "处理日期", "value": row.decided_on},
                {"label": "批准文号", "value": row.document},
                {"label": "说明", "value": row.note, "wide": True},
            ]
        return facts


class DecideLost(ObjectMixin, FormPage):
    """处理失联事项: people decide, each decision with its document."""

    permission = permissions.DECIDE_LOST
    form_class = DecideForm
    title = "处理失联事项"
    success_message = "已登记处理结果。"
    object: LostContact

    def get_queryset(self) -> Any:
        return LostContact.objects.select_related("member", "org")

    def get_title(self) -> str:
        return f"{self.title}：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [LOST_LIST, {"label": self.object.member.name, "url": self.object.get_absolute_url()}]

    def get_basis(self) -> list[Any]:
        return [LONG_LOST if self.object.stage == LostStage.REMOVAL_DUE else LOST]

    def get_locked(self) -> str:
        row = self.object
        return f"已于 {row.decided_on:%Y-%m-%d} 处理：{LostOutcome(row.outcome).label}。" if row.decided_on else ""

    def get_cancel_url(self) -> str:
        return self.object.get_absolute_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "allowed": lost_services.ALLOWED[LostStage(self.object.stage)]}

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def perform(self, form: Any) -> LostContact:
        return lost_services.decide_case(
            case=self.object, **form.facts(), version=form.cleaned_data["version"], today=self.today,
            actor=self.request.user,
        )  # fmt: skip
