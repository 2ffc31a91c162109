"""The steps of a 重组方案: adding, changing, ordering and removing them while it is a draft."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property

from apps.core.views import ActionView, FormPage

from .forms.restructuring import SourceForm, StepForm
from .models import RestructuringStep
from .relocation import choices_of
from .rules import APPROVAL
from .rules.restructuring import ADJUSTMENT, FOUNDING, PlanState, StepKind
from .services import restructurings as services
from .services.rehearsal import rehearsed, steps_of
from .views_restructuring import PlanPage


class StepPage(PlanPage, FormPage):
    """A form about one step of a draft. The kind is in the address; a split is asked first whom it is about."""

    template_name = "branches/step.html"
    form_class = StepForm
    success_message = "已保存这一步。"
    step: RestructuringStep | None = None
    kind: StepKind

    def get_locked(self) -> str:
        return "" if self.state is PlanState.DRAFT else f"方案{self.state.label}，不能再修改。"

    def get_basis(self) -> list[Any]:
        return [ADJUSTMENT] if self.kind in (StepKind.MERGE, StepKind.DISSOLVE, StepKind.MOVE) else [APPROVAL]

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())

    @cached_property
    def earlier(self) -> list[RestructuringStep]:
        """Steps before this one that found an organisation."""
        before = self.step.position if self.step else None
        return [
            each for each in steps_of(self.object)
            if StepKind(each.kind) in FOUNDING and (before is None or each.position < before)
        ]  # fmt: skip

    def source(self) -> dict[str, Any]:
        """Whom a split is about: {"org": …} or {"org_step": …}; empty while nobody has said."""
        raise NotImplementedError

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = {**super().get_form_kwargs(), "kind": self.kind, "earlier": self.earlier, "step": self.step}
        if self.kind is StepKind.SPLIT:
            kwargs["options"] = self._options()
        return kwargs

    def _options(self) -> Any:
        """What can be picked once the other steps of the draft are done."""
        source = self.source()
        with rehearsed(self.object, today=self.today, actor=self.request.user, before=self.step) as run:
            org = source.get("org") or run.founded.get(getattr(source.get("org_step"), "pk", 0))
            return choices_of(org, run.today) if org else []

    def put(self, form: Any) -> Any:
        facts = {**form.step_facts(), **(self.source() if self.kind is StepKind.SPLIT else {})}
        return services.put_step(
            plan=self.object, kind=self.kind, facts=facts, step=self.step, actor=self.request.user
        )  # fmt: skip


class StepCreateView(StepPage):
    """添加一步."""

    submit_label = "添加"

    @cached_property
    def kind(self) -> StepKind:  # type: ignore[override]
        try:
            return StepKind(self.kwargs["kind"])
        except ValueError:
            raise Http404 from None

    def get_title(self) -> str:
        return f"添加步骤：{self.kind.label}"

    @cached_property
    def source_form(self) -> SourceForm:
        return SourceForm(self.request.GET if self.request.GET else None, earlier=self.earlier)

    def source(self) -> dict[str, Any]:
        form = self.source_form
        if not form.is_bound or not form.is_valid():
            return {}
        steps = {str(each.pk): each for each in self.earlier}
        found = {"org": form.cleaned_data["source"], "org_step": steps.get(form.cleaned_data.get("source_step") or "")}
        return {name: value for name, value in found.items() if value}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.kind is StepKind.SPLIT and len(self.source()) != 1 and not self.get_locked():
            context = {
                "title": self.get_title(), "breadcrumbs": self.get_breadcrumbs(), "form": self.source_form,
                "cancel_url": self.get_cancel_url(), "today": self.today, "asks_twice": len(self.source()) > 1,
            }  # fmt: skip
            return self.response_class(request, ["branches/step_source.html"], context)
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(may_repeat=True, splits=self.source(), **kwargs)

    def perform(self, form: Any) -> Any:
        self.put(form)
        again = f"{self.object.get_absolute_url()}steps/new/{self.kind.value}/"
        return again if "again" in self.request.POST else self.object


class StepEditView(StepPage):
    """修改一步."""

    submit_label = "保存"

    @cached_property
    def step(self) -> RestructuringStep:  # type: ignore[override]
        found = next((each for each in steps_of(self.object) if each.pk == self.kwargs["step"]), None)
        if found is None:
            raise Http404
        return found

    @property
    def kind(self) -> StepKind:  # type: ignore[override]
        return StepKind(self.step.kind)

    def get_title(self) -> str:
        return f"修改第{self.step.position}步：{self.kind.label}"

    def source(self) -> dict[str, Any]:
        return {"org": self.step.org, "org_step": self.step.org_step}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(splits=self.kind is StepKind.SPLIT and self.source(), **kwargs)

    def perform(self, form: Any) -> Any:
        self.put(form)
        return self.object


class StepAction(PlanPage, ActionView):
    """One button beside a step of a draft."""

    @cached_property
    def step(self) -> RestructuringStep:
        rows = RestructuringStep.objects.select_related("restructuring").filter(restructuring=self.object)
        found = rows.filter(pk=self.kwargs["step"]).first()
        if found is None:
            raise Http404
        return found

    def get_back_url(self) -> str:
        return str(self.object.get_absolute_url())


class StepRemoveView(StepAction):
    success_message = "已删除这一步。"

    def perform(self) -> Any:
        return services.remove_step(step=self.step, actor=self.request.user)


class StepRaiseView(StepAction):
    success_message = ""

    def perform(self) -> Any:
        return services.raise_step(step=self.step, actor=self.request.user)
