"""The forms of 组织关系转接: beginning one, each step of it, and the approval of several at once."""

from __future__ import annotations

from typing import Any

from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import EditPage, FormPage
from apps.enterprises.models import Establishment
from apps.enterprises.views.common import BulkFormPage

from .. import permissions
from ..forms import transfers as forms
from ..kinds import Relation, TransferKind, TransferState
from ..ledgers.transfers import receiver, sender
from ..models import Member, Transfer
from ..parameters import transfer_terms
from ..rules import transfers as rules
from ..rules.transfers import Step
from ..services import acceptance
from ..services import transfers as services
from .transfers import BASIS, TRANSFERS, paid_until, side_name, step_label


def earlier_transfer(request: Any) -> Transfer | None:
    """The transfer to begin again that the address names, for who keeps it."""
    kept = Transfer.objects.filter(required_scope().as_q("org_path"))
    found: Transfer | None = kept.filter(pk=row_id(request.GET.get("again", ""))).first()
    return found


class RequestTransfer(FormPage):
    """发起转出."""

    permission = permissions.TRANSFER
    form_class = forms.RequestForm
    title = "发起组织关系转出"
    submit_label = "提交申请"
    success_message = "已发起，请支部核实党费和材料。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRANSFERS]

    def get_cancel_url(self) -> str:
        return "/transfers/"

    def get_basis(self) -> list[Any]:
        return [rules.TRANSFER, rules.WITHIN]

    def get_initial(self) -> dict[str, Any]:
        earlier = earlier_transfer(self.request)
        if earlier is not None:
            return {
                "member": earlier.member, "receiver": earlier.other_org, "outside": earlier.outside,
                "reason": earlier.reason, "requested_on": self.today,
            }  # fmt: skip
        member = Member.objects.on_roster().filter(pk=row_id(self.request.GET.get("member", ""))).first()
        return {"member": member, "requested_on": self.today}

    def perform(self, form: Any) -> Transfer:
        return services.request_transfer(today=self.today, actor=self.request.user, **form.facts())


class RequestArrival(FormPage):
    """登记转入."""

    permission = permissions.TRANSFER
    form_class = forms.ArrivalForm
    title = "登记组织关系转入"
    submit_label = "提交申请"
    success_message = "已登记，请支部核实介绍信和材料。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRANSFERS]

    def get_cancel_url(self) -> str:
        return "/transfers/"

    def get_basis(self) -> list[Any]:
        return [rules.TRANSFER, rules.LETTER]

    def get_initial(self) -> dict[str, Any]:
        earlier = earlier_transfer(self.request)
        if earlier is not None:
            return {
                "member": earlier.member,
                "org": earlier.org,
                "outside": earlier.outside,
                "requested_on": self.today,
            }
        orgs = list(forms.ArrivalForm.base_fields["org"].options()[:2])  # type: ignore[attr-defined]
        away = Member.objects.exclude(relation=Relation.HERE)
        member = away.filter(pk=row_id(self.request.GET.get("member", ""))).first()
        outside = member.home_text if member else ""
        return {
            "member": member,
            "outside": outside,
            "requested_on": self.today,
            "org": orgs[0] if len(orgs) == 1 else None,
        }

    def perform(self, form: Any) -> Transfer:
        facts = form.facts()
        name, number = facts.pop("name"), facts.pop("id_number")
        if facts["member"] is None:
            facts["member"] = services.person_named(name, number, today=self.today)
        return services.request_arrival(today=self.today, actor=self.request.user, **facts)


class TransferStep(EditPage):
    """A form for one step of a transfer; whoever does not take it now reads why."""

    permission = permissions.TRANSFER
    step: Step
    success_message = "已办理。"

    def get_queryset(self) -> Any:
        return Transfer.objects.told().select_related("member", "org", "other_org")

    def get_title(self) -> str:
        return f"{step_label(self.object, self.step)}：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRANSFERS, {"label": str(self.object.member), "url": self.object.get_absolute_url()}]

    def get_basis(self) -> list[Any]:
        return [BASIS[self.step]] if self.step in BASIS else []

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today, "version": self.object.version}

    def get_locked(self) -> str:
        row = self.object
        state = TransferState(row.state)
        if not rules.allows(self.step, TransferKind(row.kind), state):
            return f"这项转接现为“{state.label}”，不需要{self.step.label}。"
        if not services.may_take(row, self.step, required_scope()):
            return f"这一步由「{side_name(row, self.step)}」办理。"
        return ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lead=self.said(), **kwargs)

    def said(self) -> str:
        """Who goes where, in one sentence under the title."""
        row, member = self.object, self.object.member
        who = f"{member.get_sex_display()}，{member.stage_on(self.today).label}"
        paid = f"，党费交至{paid_until(row)}" if row.dues_paid_until else ""
        letter = f"，介绍信有效期至{row.valid_until:%Y-%m-%d}" if row.valid_until else ""
        return f"{who}，由「{sender(row)}」转往「{receiver(row)}」{paid}{letter}。"

    def common(self, form: Any) -> dict[str, Any]:
        """What every step's service takes, with what the form asked."""
        return {
            "transfer": self.object, "version": form.cleaned_data["version"], "today": self.today,
            "actor": self.request.user, **form.facts(),
        }  # fmt: skip


class CheckTransfer(TransferStep):
    """支部核实."""

    step = Step.CHECK
    form_class = forms.CheckForm
    submit_label = "核实无误，报党委"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "transfer": self.object, "today": self.today}

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "dues_paid_until": self.object.dues_paid_until}

    def perform(self, form: Any) -> Transfer:
        return services.check_transfer(**self.common(form))


class ApproveTransfer(TransferStep):
    """党委批准."""

    permission = permissions.APPROVE_TRANSFER
    step = Step.APPROVE
    form_class = forms.ApproveForm
    submit_label = "批准"

    def perform(self, form: Any) -> Transfer:
        return services.approve_transfer(**self.common(form))


class IssueLetter(TransferStep):
    """开具介绍信."""

    permission = permissions.APPROVE_TRANSFER
    step = Step.LETTER
    form_class = forms.LetterForm
    submit_label = "开具"

    def get_basis(self) -> list[Any]:
        return [rules.LETTER, rules.AUTHORITY]

    def get_initial(self) -> dict[str, Any]:
        days = transfer_terms(self.today, self.object.org_path).letter_days
        return {**super().get_initial(), "valid_until": rules.letter_until(self.today, days)}

    def perform(self, form: Any) -> Transfer:
        return services.issue_letter(**self.common(form))


class AcceptTransfer(TransferStep):
    """接收, or the receipt of a transfer to the outside."""

    step = Step.ACCEPT
    submit_label = "确认接收"

    def get_form_class(self) -> Any:
        return forms.ReceiptForm if self.object.kind == TransferKind.OUT else forms.AcceptForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if self.object.kind != TransferKind.OUT:
            kwargs["receiver"] = self.object.other_org or self.object.org
        return kwargs

    def get_initial(self) -> dict[str, Any]:
        """The employer where the receiving branch covers it, else the only firm that the branch covers."""
        initial, row = super().get_initial(), self.object
        branch = row.other_org or row.org
        firms = {each.enterprise for each in Establishment.objects.as_of(self.today).filter(org=branch).select_related("enterprise")}
        employer = row.member.employer
        if row.kind != TransferKind.OUT and (employer in firms or len(firms) == 1):
            initial["enterprise"] = employer if employer in firms else next(iter(firms))
        return initial

    def perform(self, form: Any) -> Transfer:
        return acceptance.accept_transfer(**self.common(form))


class ReturnTransfer(TransferStep):
    """退回."""

    step = Step.RETURN
    form_class = forms.ReturnForm
    submit_label = "退回"
    danger = True

    def perform(self, form: Any) -> Transfer:
        return services.return_transfer(**self.common(form))


class CancelTransfer(TransferStep):
    """撤销."""

    step = Step.CANCEL
    form_class = forms.CancelForm
    submit_label = "撤销转接"
    danger = True

    def perform(self, form: Any) -> Transfer:
        return services.cancel_transfer(**self.common(form))


class ApproveTransfers(BulkFormPage):
    """批量批准 of ticked transfers, all or none."""

    permission = permissions.APPROVE_TRANSFER
    template_name = "members/approve.html"
    form_class = forms.ApproveForm
    title = "批准组织关系转接"
    submit_label = "全部批准"
    back_url = "/transfers/"

    def get_queryset(self) -> Any:
        return Transfer.objects.told().select_related("member", "org", "other_org").order_by("org_path", "pk")

    def get_title(self) -> str:
        return f"{self.title}：{len(self.chosen)} 人"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRANSFERS]

    def get_basis(self) -> list[Any]:
        return [BASIS[Step.APPROVE]]

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = [[row.member.name, sender(row), receiver(row), row.get_state_display()] for row in self.chosen]
        table = {"headers": ["姓名", "转出党组织", "转入党组织", "状态"], "rows": lines}
        return super().get_context_data(table=table, **kwargs)

    def perform(self, form: Any) -> str:
        services.approve_transfers(
            transfers=self.chosen, on=form.cleaned_data["on"], today=self.today, actor=self.request.user
        )
        return self.back_url
