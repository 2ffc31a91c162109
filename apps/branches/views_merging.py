"""合并 and 拆分 of one organisation: one form and one service each."""

from __future__ import annotations

from typing import Any

from . import services
from .forms.restructuring import MergeForm, SplitForm
from .relocation import choices_of
from .rules import APPROVAL, JOINT_BRANCH, SETUP
from .rules.restructuring import ADJUSTMENT
from .views_changes import OrgFormPage


class MergeView(OrgFormPage):
    """合并: the organisation goes over into another one."""

    form_class = MergeForm
    title = "合并"
    submit_label = "确认合并"
    success_message = "已合并；原组织的沿革和历史报表都保留。"
    danger = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "org": self.object}

    def get_basis(self) -> list[Any]:
        return [ADJUSTMENT]

    def perform(self, form: Any) -> Any:
        event = {name: value for name, value in self.event(form).items() if name not in ("org", "version")}
        return services.merge_organizations(sources=[self.object], **form.facts(), **event)


class SplitView(OrgFormPage):
    """拆分: a new organisation takes over what is ticked."""

    form_class = SplitForm
    title = "拆分"
    submit_label = "确认拆分"
    success_message = "已拆分；以前日期的报表仍按原组织。"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "org": self.object, "options": choices_of(self.object, self.today)}

    def get_basis(self) -> list[Any]:
        return [SETUP, JOINT_BRANCH, APPROVAL]

    def perform(self, form: Any) -> Any:
        facts = form.facts()
        part = services.Part(
            facts.pop("name"), facts.pop("kind"), form.picks(), facts.pop("parent"), facts.pop("short_name")
        )
        return services.split_organization(parts=[part], **facts, **self.event(form))[0]
