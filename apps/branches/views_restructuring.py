"""重组方案: the book of plans, the draft with its steps, the rehearsal, and putting it into effect."""

from __future__ import annotations

from typing import Any

from apps.core.clock import minute
from apps.core.errors import DomainError
from apps.core.nodes import own_nodes
from apps.core.scoping import required_scope
from apps.core.views import ActionView, DetailPage, EditPage, FormPage, LedgerView, ObjectMixin

from .forms.restructuring import ApplyForm, PlanEditForm, PlanForm
from .ledgers.restructurings import RestructuringLedger, tone_of
from .models import PartyOrg, Restructuring, RestructuringStep
from .permissions import RESTRUCTURE
from .plan_text import STEP_TONES, comparison_table, sentence, trees
from .rules import APPROVAL
from .rules.restructuring import ADJUSTMENT, PlanState, StepKind
from .services import restructurings as services
from .services.rehearsal import Comparison, rehearse, steps_of

BOOK = {"label": "组织重组", "url": "/restructurings/"}


class PlanPage(ObjectMixin):
    """A page about one plan of the scope."""

    permission = RESTRUCTURE

    def get_queryset(self) -> Any:
        return Restructuring.objects.select_related("org")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOK, {"label": self.object.name, "url": self.object.get_absolute_url()}]

    @property
    def state(self) -> PlanState:
        return PlanState(self.object.state)


class PlanFormPage(PlanPage, EditPage):
    """A form about one plan."""

    states: tuple[PlanState, ...] = (PlanState.DRAFT,)

    def get_locked(self) -> str:
        if self.state in self.states:
            return ""
        by = f"，{self.object.applied_by_name} {minute(self.object.applied_at)}" if self.object.applied_at else ""
        advice = "请先撤回，再修改。" if self.state is PlanState.SCHEDULED else "需要时请另编方案。"
        return f"方案{self.state.label}{by}，不能再修改；{advice}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(object=self.object, **kwargs)


class RestructuringListView(LedgerView):
    """The book of plans."""

    ledger = RestructuringLedger

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "编制方案", "url": "/restructurings/new/", "primary": True}]

    def get_empty(self) -> dict[str, str]:
        return {"text": self.ledger.empty_text, "url": "/restructurings/new/", "label": "编制方案"}


class DraftView(FormPage):
    """编制方案."""

    permission = RESTRUCTURE
    form_class = PlanForm
    title = "编制重组方案"
    lead = "先写明范围和生效日期，再逐步添加事项；实施之前不改动任何组织。"
    submit_label = "开始编制"
    success_message = "已建立草案，请添加步骤。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOK]

    def get_cancel_url(self) -> str:
        return BOOK["url"]

    def get_initial(self) -> dict[str, Any]:
        nodes = own_nodes(required_scope())
        top = PartyOrg.objects.filter(path=nodes[0][0]).first() if nodes else None
        return {"on": self.today, "org": top}

    def perform(self, form: Any) -> Any:
        return services.draft_restructuring(actor=self.request.user, **form.facts())


class PlanEditView(PlanFormPage):
    """Name, day and note of a draft."""

    form_class = PlanEditForm
    title = "修改方案"

    def perform(self, form: Any) -> Any:
        return services.change_restructuring(
            plan=self.object, facts=form.facts(), version=form.cleaned_data["version"], actor=self.request.user
        )


class RestructuringView(PlanPage, DetailPage):
    """One plan: its steps in order; of an applied one also the figures before and after."""

    template_name = "branches/restructuring.html"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOK]

    def get_badges(self) -> list[dict[str, str]]:
        badges = [{"text": self.state.label, "tone": tone_of(self.object)}]
        return [*badges, {"text": "未能生效", "tone": "danger"}] if self.object.failure else badges

    def get_actions(self) -> list[dict[str, Any]]:
        url = self.object.get_absolute_url()
        open_ = self.state in (PlanState.DRAFT, PlanState.SCHEDULED)
        wanted = [
            (open_, {"label": "试算前后对比", "url": f"{url}preview/"}),
            (open_, {"label": "实施", "url": f"{url}apply/", "primary": True}),
            (self.state is PlanState.DRAFT, {"label": "修改", "url": f"{url}edit/"}),
        ]
        return [action for fits, action in wanted if fits]

    def get_facts(self) -> list[dict[str, Any]]:
        plan = self.object
        facts = [
            {"label": "所在党组织", "value": plan.org.name, "url": plan.org.get_absolute_url()},
            {"label": "生效日期", "value": plan.on},
            {"label": "批复文号", "value": plan.document},
            {"label": "编制人", "value": plan.author_name},
        ]
        if plan.applied_by_name:
            label = "实施" if self.state is PlanState.APPLIED else "确认实施"
            facts.append({"label": label, "value": f"{plan.applied_by_name} {minute(plan.applied_at)}".strip()})
        facts += [{"label": "说明", "value": plan.note, "wide": True}] if plan.note else []
        facts += [{"label": "对规则提示的说明", "value": plan.reason, "wide": True}] if plan.reason else []
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        steps = [
            {"row": step, "text": sentence(step), "tone": STEP_TONES[StepKind(step.kind)]}
            for step in steps_of(self.object)
        ]
        outcome = comparison_table(self.object.outcome) if self.object.outcome else None
        return super().get_context_data(
            steps=steps, kinds=list(StepKind), is_draft=self.state is PlanState.DRAFT,
            is_waiting=self.state is PlanState.SCHEDULED, outcome=outcome, **kwargs,
        )  # fmt: skip


def refused(steps: list[RestructuringStep], found: Comparison) -> list[tuple[RestructuringStep, str, DomainError]]:
    """The steps that cannot be done, in words, each with the reason."""
    return [(step, sentence(step), found.errors[step.pk]) for step in steps if step.pk in found.errors]


class PreviewView(PlanPage, DetailPage):
    """试算: the plan carried out and taken back; the two trees, the figures, the rules, and what cannot be done."""

    template_name = "branches/restructuring_preview.html"

    def get_title(self) -> str:
        return f"试算：{self.object.name}"

    def get_actions(self) -> list[dict[str, Any]]:
        url = self.object.get_absolute_url()
        back = {"label": "返回步骤", "url": url}
        is_open = self.state in (PlanState.DRAFT, PlanState.SCHEDULED)
        return [back, {"label": "实施", "url": f"{url}apply/", "primary": True}] if is_open else [back]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.state not in (PlanState.DRAFT, PlanState.SCHEDULED):
            return {**context, "closed": True}
        found = rehearse(self.object, today=self.today, actor=self.request.user)
        steps = steps_of(self.object)
        before, after = trees(found, steps)
        unfounded = set(found.after) - set(found.before)
        return {
            **context, "found": found, "before": before, "after": after, "errors": refused(steps, found),
            "table": comparison_table(found.outcome(), unfounded), "remarks": found.remarks,
            "news": sum(remark.needs_reason for remark in found.remarks),
        }  # fmt: skip


class ApplyView(PlanFormPage):
    """实施 after a look at what would come of it; before its day the plan is put down to happen by itself."""

    template_name = "branches/restructuring_apply.html"
    form_class = ApplyForm
    states = (PlanState.DRAFT, PlanState.SCHEDULED)
    danger = True

    @property
    def waits(self) -> bool:
        return self.object.on > self.today

    @property
    def submit_label(self) -> str:  # type: ignore[override]
        return "确认，到期自动实施" if self.waits else "确认实施"

    @property
    def success_message(self) -> str:  # type: ignore[override]
        return f"已确认，将于 {self.object.on:%Y-%m-%d} 自动实施。" if self.waits else "方案已实施。"

    def get_title(self) -> str:
        return f"实施：{self.object.name}"

    def get_basis(self) -> list[Any]:
        return [APPROVAL, ADJUSTMENT]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.get_locked():
            return context
        found = rehearse(self.object, today=self.today, actor=self.request.user)
        steps = steps_of(self.object)
        errors = refused(steps, found)
        asking = [remark for remark in found.remarks if remark.needs_reason]
        if errors:
            context["locked"] = "有步骤不能执行，请先返回修改方案。"
        return {**context, "steps": len(steps), "errors": errors, "asking": asking, "waits": self.waits}

    def perform(self, form: Any) -> Any:
        return services.apply_restructuring(
            plan=self.object, today=self.today, actor=self.request.user, version=form.cleaned_data["version"],
            **form.facts(),
        )  # fmt: skip


class DiscardView(PlanPage, ActionView):
    """作废."""

    success_message = "已作废，方案仍可查看。"

    def perform(self) -> Any:
        return services.discard_restructuring(plan=self.object, actor=self.request.user)

    def get_back_url(self) -> str:
        return str(self.object.get_absolute_url())


class RecallView(DiscardView):
    """撤回 a plan that waits for its day."""

    success_message = "已撤回，恢复为草案。"

    def perform(self) -> Any:
        return services.recall_restructuring(plan=self.object, actor=self.request.user)
