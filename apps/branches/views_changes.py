"""Forms that change the tree: one service each."""

from __future__ import annotations

from typing import Any

from apps.core.guard import resolve_scope
from apps.core.views import EditPage

from . import services
from .dependents import dependents_of
from .forms import EditForm, EndForm, FoundForm, MoveForm, RenameForm, UpgradeForm
from .models import PartyOrg
from .permissions import CHANGE, MANAGE
from .rules import APPROVAL, APPROVING_BODY, UPGRADE


class OrgFormPage(EditPage):
    """A form about one organisation of the scope."""

    permission = MANAGE

    def get_queryset(self) -> Any:
        return PartyOrg.objects.select_related("parent")

    def get_title(self) -> str:
        return f"{self.title}：{self.object}"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "on": self.today}

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "党组织", "url": "/orgs/"},
                {"label": str(self.object), "url": self.object.get_absolute_url()}]  # fmt: skip

    def get_locked(self) -> str:
        if self.object.ended_on:
            day = f"{self.object.ended_on:%Y-%m-%d}"
            return f"「{self.object}」已于 {day} 撤销，不能再修改。园区党工委或组织部人员可以先恢复它。"
        return ""

    def event(self, form: Any) -> dict[str, Any]:
        """What every service of this module takes besides its own facts."""
        return {
            "org": self.object, "version": form.cleaned_data["version"], "today": self.today,
            "actor": self.request.user,
        }  # fmt: skip


class FoundView(OrgFormPage):
    """新设下级."""

    form_class = FoundForm
    title = "新设下级组织"
    submit_label = "设立"
    success_message = "已设立。"

    def get_title(self) -> str:
        return f"在「{self.object}」下新设组织"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "parent": self.object}

    def get_basis(self) -> list[Any]:
        return [APPROVAL]

    def perform(self, form: Any) -> Any:
        return services.found_organization(
            parent=self.object, today=self.today, actor=self.request.user, **form.facts()
        )


class OrgEditView(OrgFormPage):
    """修改 facts; a secretary changes the contacts of the own branch."""

    permission = CHANGE
    form_class = EditForm
    title = "修改"

    def get_form_kwargs(self) -> dict[str, Any]:
        manages = resolve_scope(self.request.user, MANAGE).covers(self.object.path)
        return {**super().get_form_kwargs(), "org": self.object, "contacts_only": not manages}

    def get_basis(self) -> list[Any]:
        return [APPROVING_BODY] if resolve_scope(self.request.user, MANAGE).covers(self.object.path) else []

    def perform(self, form: Any) -> Any:
        return services.change_organization(
            org=self.object, changes=form.facts(), version=form.cleaned_data["version"], actor=self.request.user
        )


class RenameView(OrgFormPage):
    """更名."""

    form_class = RenameForm
    title = "更名"
    submit_label = "更名"
    success_message = "已更名，以前日期的报表仍用原名。"

    def perform(self, form: Any) -> Any:
        return services.rename_organization(**form.facts(), **self.event(form))


class UpgradeView(OrgFormPage):
    """升格."""

    form_class = UpgradeForm
    title = "升格"
    submit_label = "升格"
    success_message = "已升格，以前日期的报表仍用原建制。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "org": self.object}

    def get_basis(self) -> list[Any]:
        return [UPGRADE]

    def perform(self, form: Any) -> Any:
        return services.upgrade_organization(**form.facts(), **self.event(form))


class MoveView(OrgFormPage):
    """划转."""

    form_class = MoveForm
    title = "划转"
    submit_label = "划转"
    success_message = "已划转，连同它下面的组织和企业。"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "parent": None}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "org": self.object}

    def get_basis(self) -> list[Any]:
        return [APPROVAL]

    def perform(self, form: Any) -> Any:
        return services.move_organization(**form.facts(), **self.event(form))


class DissolveView(OrgFormPage):
    """撤销, guided: first the list of what still hangs under it, the form once nothing does."""

    template_name = "branches/dissolve.html"
    form_class = EndForm
    title = "撤销"
    submit_label = "确认撤销"
    success_message = "已撤销，历史和报表保留。"
    danger = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(dependents=dependents_of(self.object, self.today), **kwargs)

    def perform(self, form: Any) -> Any:
        return services.dissolve_organization(**form.facts(), **self.event(form))


class RestoreView(OrgFormPage):
    """恢复."""

    form_class = EndForm
    title = "恢复"
    submit_label = "恢复"
    success_message = "已恢复。"

    def get_locked(self) -> str:
        return "" if self.object.ended_on else f"「{self.object}」没有撤销，不需要恢复。"

    def perform(self, form: Any) -> Any:
        return services.restore_organization(**form.facts(), **self.event(form))
