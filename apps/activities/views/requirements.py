"""What the office sets about organisational life: how often what is required, kinds, forms, and the place's numbers."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.rules import OrgKind
from apps.core.guard import resolve_scope
from apps.core.nodes import is_whole, node_names, own_nodes
from apps.core.parameters import registry as parameters
from apps.core.parameters import rows_in_force
from apps.core.scoping import required_scope
from apps.core.views import EditPage, FormPage, PageView
from apps.core.views_admin import CONFIDENCE, CONFIDENCE_TONES, SEEDED_BY, WHOLE, value_text

from .. import permissions
from ..forms import requirements as forms
from ..kinds import DutySubject
from ..models import ActivityForm, ActivityKind, Requirement
from ..parameters import GROUP
from ..services import kinds as services
from ..services.requirements import end_requirement, set_requirement

PAGE = "/activities/settings/"
CRUMB = {"label": "组织生活设置", "url": PAGE}


def visible_requirements() -> Any:
    """The rows for the whole portal, for the nodes above one's own and for those within one's scope."""
    scope = required_scope()
    above = {root[:n] for root in scope.roots() for n in range(0, len(root) + 1, 4)}
    rows = Requirement.objects.filter(Q(org_path__in=above) | scope.as_q("org_path"))
    return rows.select_related("kind").order_by("kind__order", "kind", "subject", "org_path", "-since", "-pk")


def requirement_row(row: Requirement, names: dict[str, str], today: Any) -> dict[str, Any]:
    """One requirement as the tables show it: what, of whom, where, since when, on what basis."""
    label = "本地设置" if row.author_name != SEEDED_BY else CONFIDENCE.get(row.confidence, (row.confidence, ""))[0]
    tone = "" if row.author_name != SEEDED_BY else CONFIDENCE_TONES.get(row.confidence, "")
    text = f"{row.get_rhythm_display()} {row.times} 次" if row.times else "不作要求"
    if row.subject == DutySubject.MEMBER and row.times:
        text = f"每名党员{text}"
    return {
        "row": row, "text": text, "where": names.get(row.org_path, row.org_name) if row.org_path else WHOLE,
        "org_kinds": "、".join(OrgKind(code).label for code in row.org_kinds),
        "confidence": {"text": label, "tone": tone}, "is_coming": row.since > today, "holds": row.holds_on(today),
        "url": f"{PAGE}requirements/{row.kind_id}/",
    }  # fmt: skip


def may_end(row: Requirement, scope: Any) -> bool:
    """Whether the reader answers for the node of a requirement; for one of the whole portal, for all of it."""
    return bool(scope.covers(row.org_path)) if row.org_path else is_whole(scope)


class SettingsPage(PageView):
    """Everything on one page: requirements in force, kinds, forms, parameters."""

    permission = permissions.CONFIGURE
    template_name = "activities/settings.html"
    title = "组织生活设置"
    lead = "有关规定的要求已预置，并注明依据和核实程度；本地另有要求的，从生效日期起另设，以前的统计仍按当时的要求。"

    @cached_property
    def may_change_lists(self) -> bool:
        """Kinds and forms are the same for everybody: whoever speaks for the whole portal keeps them."""
        return is_whole(required_scope())

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "设置频次要求", "url": f"{PAGE}requirements/new/", "primary": True}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = [row for row in visible_requirements() if row.holds_on(self.today) or row.since > self.today]
        names = node_names(row.org_path for row in rows if row.org_path)
        forms_of = list(ActivityForm.objects.select_related("kind"))
        return super().get_context_data(
            requirements=[requirement_row(row, names, self.today) for row in rows],
            kinds=list(ActivityKind.objects.all()), forms=forms_of, may_change_lists=self.may_change_lists,
            parameters=self._parameters(), legend=_legend(rows), **kwargs,
        )  # fmt: skip

    def _parameters(self) -> list[dict[str, Any]]:
        """The numbers of the place as they hold at the reader's own node today."""
        specs = [spec for spec in parameters.values() if spec.group == GROUP]
        roots = required_scope().roots()
        found = rows_in_force([spec.code for spec in specs], on=self.today, org_path=roots[0] if roots else "")
        return [
            {"label": spec.label, "url": f"/settings/parameters/{spec.code}/", "source": found[spec.code].source
             if spec.code in found else spec.source,
             "value": value_text(spec, found[spec.code].value if spec.code in found else spec.default)}
            for spec in sorted(specs, key=lambda spec: spec.code)
        ]  # fmt: skip


def _legend(rows: list[Requirement]) -> list[dict[str, str]]:
    used = {row.confidence for row in rows if row.author_name == SEEDED_BY}
    return [
        {"text": label, "tone": CONFIDENCE_TONES[code], "meaning": meaning}
        for code, (label, meaning) in CONFIDENCE.items() if code in used
    ]  # fmt: skip


class RequirementHistory(PageView):
    """Every requirement that one kind has had, dated, the newest first."""

    permission = permissions.CONFIGURE
    template_name = "activities/requirement_history.html"

    @cached_property
    def kind(self) -> ActivityKind:
        found = ActivityKind.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get_title(self) -> str:
        return f"频次要求：{self.kind}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [CRUMB]

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "设置新的要求", "url": f"{PAGE}requirements/new/?kind={self.kind.code}", "primary": True}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = list(visible_requirements().filter(kind=self.kind).order_by("-since", "org_path", "-pk"))
        names = node_names(row.org_path for row in rows if row.org_path)
        scope = required_scope()
        history = [
            {**requirement_row(row, names, self.today), "end_url": f"{PAGE}requirements/{row.pk}/end/"
             if row.until is None and may_end(row, scope) else ""}
            for row in rows
        ]  # fmt: skip
        return super().get_context_data(history=history, legend=_legend(rows), **kwargs)


class SetRequirement(FormPage):
    """A new dated requirement, for the whole portal only by somebody whose scope is the whole tree."""

    permission = permissions.CONFIGURE
    form_class = forms.RequirementForm
    title = "设置频次要求"
    submit_label = "设置"
    success_message = "已设置，自生效日期以后的第一个周期起算。"

    @cached_property
    def nodes(self) -> list[tuple[str, str]]:
        scope = resolve_scope(self.request.user, permissions.CONFIGURE)
        return [("", WHOLE), *own_nodes(scope)] if is_whole(scope) else own_nodes(scope)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [CRUMB]

    def get_cancel_url(self) -> str:
        return PAGE

    def get_initial(self) -> dict[str, Any]:
        """What holds today for the kind of the address, to be changed."""
        kind = ActivityKind.objects.filter(code=self.request.GET.get("kind", "")).first()
        if kind is None:
            return {}
        rows = visible_requirements().filter(kind=kind).in_force(self.today)
        of_branches = OrgKind.BRANCH.value
        row = max(rows, key=lambda row: (of_branches in row.org_kinds, len(row.org_path), row.since), default=None)
        names = ("org_kinds", "rhythm", "times", "subject", "condition", "weight")
        return {"kind": kind, **({name: getattr(row, name) for name in names} if row else {})}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "nodes": self.nodes, "today": self.today}

    def perform(self, form: Any) -> str:
        facts = form.facts()
        path = facts.pop("org_path")
        name = dict(self.nodes).get(path, "") if path else ""
        set_requirement(**facts, org_path=path, org_name=name, actor=self.request.user)
        return PAGE


class EndRequirement(EditPage):
    """终止一条要求: below a node the requirement from above speaks again."""

    permission = permissions.CONFIGURE
    form_class = forms.EndRequirementForm
    submit_label = "终止"
    danger = True
    object: Requirement

    def get_queryset(self) -> Any:
        scope = required_scope()
        found = Requirement.objects.select_related("kind").filter(until=None)
        return found if is_whole(scope) else found.filter(scope.as_q("org_path"))

    def get_title(self) -> str:
        return f"终止要求：{self.object}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [CRUMB, {"label": str(self.object.kind), "url": self.get_cancel_url()}]

    def get_cancel_url(self) -> str:
        return f"{PAGE}requirements/{self.object.kind_id}/"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "until": self.today}

    def perform(self, form: Any) -> str:
        end_requirement(
            requirement=self.object, until=form.cleaned_data["until"], version=form.cleaned_data["version"],
            actor=self.request.user,
        )  # fmt: skip
        return self.get_cancel_url()


class ListPage(FormPage):
    """A form about a kind or a form, which are the same for the whole portal."""

    permission = permissions.CONFIGURE

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [CRUMB]

    def get_cancel_url(self) -> str:
        return PAGE

    def get_locked(self) -> str:
        whole = is_whole(resolve_scope(self.request.user, permissions.CONFIGURE))
        return "" if whole else "类别和形式全平台通用，由负责整个平台的人员设置；本园区的要求可以在“频次要求”里另设。"


class AddKind(ListPage):
    """新增活动类别. One called like another is asked about first."""

    form_class = forms.NewKindForm
    title = "新增活动类别"

    def perform(self, form: Any) -> str:
        facts = form.facts()
        confirmed = facts.pop("confirmed")
        services.add_kind(facts=facts, confirmed=confirmed, actor=self.request.user)
        return f"{PAGE}#kinds"


class EditKind(ListPage, EditPage):
    """修改或停用活动类别."""

    form_class = forms.EditKindForm
    object: ActivityKind

    def get_queryset(self) -> Any:
        return ActivityKind.objects.all()

    def get_title(self) -> str:
        return f"活动类别：{self.object}"

    def perform(self, form: Any) -> str:
        services.change_kind(
            kind=self.object, facts=form.facts(), version=form.cleaned_data["version"], actor=self.request.user
        )
        return f"{PAGE}#kinds"


class AddForm(ListPage):
    """新增活动形式."""

    form_class = forms.NewFormForm
    title = "新增活动形式"

    def perform(self, form: Any) -> str:
        facts = form.facts()
        confirmed = facts.pop("confirmed")
        services.add_form(facts=facts, confirmed=confirmed, actor=self.request.user)
        return f"{PAGE}#forms"


class EditForm(ListPage, EditPage):
    """修改或停用活动形式."""

    form_class = forms.EditFormForm
    object: ActivityForm

    def get_queryset(self) -> Any:
        return ActivityForm.objects.all()

    def get_title(self) -> str:
        return f"活动形式：{self.object}"

    def perform(self, form: Any) -> str:
        services.change_form(
            form=self.object, facts=form.facts(), version=form.cleaned_data["version"], actor=self.request.user
        )
        return f"{PAGE}#forms"
