"""口径: which definitions there are, a new one, and the end of one."""

from __future__ import annotations

from typing import Any

from apps.core.guard import may
from apps.core.views import FormPage, ObjectMixin, PageView

from . import definitions, permissions, services
from .forms import DefinitionForm, EndDefinitionForm
from .models import DefinitionVersion

LIST = "/coverage/definitions/"
BACK = [{"label": "两个覆盖", "url": "/coverage/"}, {"label": "覆盖口径", "url": LIST}]


class DefinitionListView(PageView):
    """口径: every version, in force or not, with the numbers of today."""

    permission = permissions.VIEW
    template_name = "coverage/definitions.html"
    title = "覆盖口径"
    lead = "每份报表都写明所用的口径。口径不修改，只新增和停用，往期报表不受影响。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return BACK[:1]

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "新增口径", "url": f"{LIST}new/"}] if may(self.request.user, permissions.DEFINE) else []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        thresholds = definitions.thresholds_on(self.today)
        rows = [
            {"row": row, "text": row.filled(thresholds).describe(),
             "in_force": row.since <= self.today and (row.until is None or row.until > self.today)}
            for row in DefinitionVersion.objects.all()
        ]  # fmt: skip
        may_end = may(self.request.user, permissions.DEFINE)
        return super().get_context_data(rows=rows, thresholds=thresholds, may_end=may_end, **kwargs)


class DefinitionCreateView(FormPage):
    """A new definition."""

    permission = permissions.DEFINE
    form_class = DefinitionForm
    title = "新增覆盖口径"
    success_message = "口径已新增。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return BACK

    def get_cancel_url(self) -> str:
        return LIST

    def perform(self, form: Any) -> str:
        facts = form.facts()
        services.add_definition(actor=self.request.user, version=facts.pop("edition"), **facts)
        return LIST


class DefinitionEndView(ObjectMixin, FormPage):
    """Take a definition out of force from a day on."""

    permission = permissions.DEFINE
    form_class = EndDefinitionForm
    submit_label = "停用口径"
    success_message = "口径已停用。"
    danger = True

    def get_queryset(self) -> Any:
        return DefinitionVersion.objects.filter(until=None)

    def get_title(self) -> str:
        return f"停用{self.object}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return BACK

    def get_cancel_url(self) -> str:
        return LIST

    def perform(self, form: Any) -> str:
        services.end_definition(definition=self.object, actor=self.request.user, **form.facts())
        return LIST
