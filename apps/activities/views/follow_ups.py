"""落实事项: what meetings have decided, followed up until it is done."""

from __future__ import annotations

from typing import Any

from apps.core.views import EditPage
from apps.enterprises.views.lists import RegisterList

from .. import permissions
from ..forms.votes import DropForm, FinishForm, FollowUpForm
from ..kinds import State
from ..ledgers.follow_ups import FollowUpLedger
from ..models import FollowUp
from ..services import follow_ups
from .votes import AboutRecord

FOLLOW_UPS = {"label": "落实事项", "url": "/follow-ups/"}


class FollowUpList(RegisterList):
    """落实事项台账; the overdue ones are a filter."""

    ledger = FollowUpLedger
    offers = ((permissions.VIEW, "逾期的", "/follow-ups/?progress=overdue"),)


class AddFollowUp(AboutRecord):
    form_class = FollowUpForm
    title = "登记落实事项"
    submit_label = "登记"
    success_message = "已登记落实事项。"

    def get_locked(self) -> str:
        row = self.object
        held = row.state not in (State.PLANNED, State.CANCELLED)
        return "" if held else f"这次活动{row.get_state_display()}，没有可以落实的事项。"

    def perform(self, form: Any) -> str:
        follow_ups.add_follow_up(activity=self.object, facts=form.facts(), actor=self.request.user)
        return f"{self.object.get_absolute_url()}#follow-ups"


class OnFollowUp(EditPage):
    """A form about one item that is still open."""

    permission = permissions.KEEP
    object: FollowUp

    def get_queryset(self) -> Any:
        return FollowUp.objects.select_related("activity", "org")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [FOLLOW_UPS, {"label": self.object.activity.title, "url": self.object.activity.get_absolute_url()}]

    def get_cancel_url(self) -> str:
        return f"{self.object.activity.get_absolute_url()}#follow-ups"

    def get_locked(self) -> str:
        return f"这件事已于 {self.object.done_on:%Y-%m-%d} 办结。" if self.object.done_on else ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        lead = f"{row.content}（{row.owner_name}，{row.due_on:%Y-%m-%d} 前）"
        return super().get_context_data(lead=lead, **kwargs)


class EditFollowUp(OnFollowUp):
    form_class = FollowUpForm
    title = "修改落实事项"

    def perform(self, form: Any) -> str:
        follow_ups.change_follow_up(
            follow_up=self.object, facts=form.facts(), actor=self.request.user, version=form.cleaned_data["version"]
        )
        return self.get_cancel_url()


class FinishFollowUp(OnFollowUp):
    form_class = FinishForm
    title = "办结落实事项"
    submit_label = "办结"
    success_message = "已办结。"

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today, "version": self.object.version}

    def perform(self, form: Any) -> str:
        follow_ups.finish_follow_up(
            follow_up=self.object, **form.facts(), today=self.today, actor=self.request.user,
            version=form.cleaned_data["version"],
        )  # fmt: skip
        return self.get_cancel_url()


class DropFollowUp(OnFollowUp):
    form_class = DropForm
    title = "删除落实事项"
    submit_label = "删除"
    success_message = "已删除。"
    danger = True

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        follow_ups.drop_follow_up(follow_up=self.object, actor=self.request.user, **form.facts())
        return self.get_cancel_url()
