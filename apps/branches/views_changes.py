"""Forms that change the tree: one service each."""

from __future__ import annotations

from typing import Any

from django.utils.functional import cached_property

from apps.core.guard import resolve_scope
from apps.core.views import EditPage

from . import services
from .dependents import Dependents, dependents_of
from .forms import EditForm, EndForm, FoundForm, MoveForm, RenameForm, UpgradeForm
from .forms.restructuring import HandOverForm
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
    """撤销, guided: what still hangs under it is listed, with a form that hands all of it over and then dissolves."""

    template_name = "branches/dissolve.html"
    title = "撤销"
    success_message = "已撤销，历史和报表保留。"
    danger = True

    @cached_property
    def dependents(self) -> list[Dependents]:
        return dependents_of(self.object, self.today)

    def get_form_class(self) -> Any:
        return HandOverForm if self.dependents else EndForm

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        label = "全部转出并撤销" if self.dependents else "确认撤销"
        context = super().get_context_data(object=self.object, dependents=self.dependents, **kwargs)
        return {**context, "submit_label": label}

    def perform(self, form: Any) -> Any:
        if self.dependents:
            return services.dissolve_into(**form.facts(), **self.event(form))
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
