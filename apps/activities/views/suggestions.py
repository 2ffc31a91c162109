"""合理化建议: the book with its counters, one suggestion, proposing, answering, telling the effect."""

from __future__ import annotations

from typing import Any

from apps.core.errors import DomainError
from apps.core.ledger_page import ledger_for
from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import DetailPage, EditPage, FormPage
from apps.enterprises.views.common import buttons
from apps.enterprises.views.lists import RegisterList
from apps.members.kinds import Relation
from apps.members.models import Member

from .. import permissions
from ..forms import pioneers as forms
from ..kinds import SuggestionState
from ..ledgers.pledges import member_link
from ..ledgers.suggestions import TONES, SuggestionLedger
from ..models import Suggestion
from ..rules.pioneers import SUGGESTIONS, adoption_rate
from ..services import suggestions as services
from .of_branch import own_branch

BOOK = {"label": "合理化建议台账", "url": "/suggestions/"}


class SuggestionList(RegisterList):
    """合理化建议台账, with 条数, 采纳率 and 效益 of what is filtered."""

    ledger = SuggestionLedger
    template_name = "activities/suggestions.html"
    offers = (
        (permissions.KEEP, "登记建议", "/suggestions/new/"),
        (permissions.IMPORT, "导入", "/imports/activities.suggestions/"),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            counted = ledger_for(self.ledger, self.request, self.today).queryset().counted()  # type: ignore[attr-defined]
        except DomainError:  # said beside the filter that makes no sense
            counted = {"proposed": 0, "adopted": 0, "benefit": None}
        rate = adoption_rate(counted["proposed"], counted["adopted"])
        figures = [
            {"label": "建议", "value": counted["proposed"], "hint": "条，按当前筛选"},
            {"label": "采纳率", "value": f"{rate:.1%}" if rate is not None else None,
             "hint": f"采纳 {counted['adopted']:,} 条（含已见效）"},
            {"label": "效益（万元）", "value": counted["benefit"], "hint": "只计已核算的"},
        ]  # fmt: skip
        return super().get_context_data(figures=figures, **kwargs)


def suggestions() -> Any:
    return Suggestion.objects.select_related("org", "member", "enterprise")


class SuggestionPage(DetailPage):
    """One suggestion: who, to whom, what was answered, what it brought."""

    permission = permissions.VIEW
    object: Suggestion

    def get_queryset(self) -> Any:
        return suggestions()

    def get_title(self) -> str:
        return f"{self.object.proposer}的合理化建议"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOK]

    def get_badges(self) -> list[dict[str, str]]:
        return [{"text": self.object.get_state_display(), "tone": TONES[SuggestionState(self.object.state)]}]

    def get_actions(self) -> list[dict[str, Any]]:
        wanted = {
            SuggestionState.PROPOSED: [("答复", "answer/"), ("修改", "edit/")],
            SuggestionState.DECLINED: [("改为采纳", "answer/")],
            SuggestionState.ADOPTED: [("记效果", "effect/")],
            SuggestionState.EFFECTIVE: [("更新效果", "effect/")],
        }[SuggestionState(self.object.state)]
        here = self.object.get_absolute_url()
        return buttons(
            self.request.user, self.object, *((permissions.KEEP, label, here + way) for label, way in wanted)
        )

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        firm = row.enterprise
        seen = firm is not None and required_scope().covers(firm.org_path)
        answered: list[dict[str, Any]] = [
            {"label": "答复日期", "value": row.decided_on},
            {"label": "答复意见", "value": row.answer, "wide": True},
        ]
        told: list[dict[str, Any]] = [
            {"label": "效果", "value": row.effect, "wide": True},
            {"label": "效益（万元）", "value": row.benefit},
        ]
        return [
            {"label": "建议内容", "value": row.content, "wide": True},
            {"label": "提出人", "value": row.proposer, "url": member_link(row)},
            {"label": "党组织", "value": row.org.name, "url": row.org.get_absolute_url()},
            {"label": "企业", "value": firm and firm.name, "url": firm.get_absolute_url() if firm and seen else ""},
            {"label": "提出日期", "value": row.proposed_on},
            *(answered if row.decided_on else []),
            *(told if row.effect else []),
        ]


class Propose(FormPage):
    """登记建议; `?member=` brings somebody of the roster along."""

    permission = permissions.KEEP
    form_class = forms.ProposeForm
    title = "登记合理化建议"
    submit_label = "登记"
    success_message = "已登记建议。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOK]

    def get_cancel_url(self) -> str:
        return BOOK["url"]

    def get_basis(self) -> list[Any]:
        return [SUGGESTIONS]

    def get_initial(self) -> dict[str, Any]:
        rows = Member.objects.filter(relation=Relation.HERE).select_related("org", "employer")
        member = rows.filter(pk=row_id(self.request.GET.get("member"))).first()
        org = member.org if member else own_branch()
        return {"org": org, "member": member, "enterprise": member and member.employer, "proposed_on": self.today}

    def perform(self, form: Any) -> Suggestion:
        facts = form.facts()
        who = {name: facts.pop(name) for name in ("org", "member", "proposer")}
        return services.propose(**who, facts=facts, today=self.today, actor=self.request.user)


class PartOfSuggestion(EditPage):
    """A form about one suggestion."""

    permission = permissions.KEEP
    object: Suggestion

    def get_queryset(self) -> Any:
        return suggestions()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.proposer}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOK, {"label": self.object.proposer, "url": self.object.get_absolute_url()}]

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "version": self.object.version, "on": self.today}

    def common(self, form: Any) -> dict[str, Any]:
        return {"suggestion": self.object, "actor": self.request.user, "version": form.cleaned_data["version"]}


class EditSuggestion(PartOfSuggestion):
    form_class = forms.SuggestionForm
    title = "修改建议"

    def perform(self, form: Any) -> Suggestion:
        return services.change_suggestion(facts=form.facts(), today=self.today, **self.common(form))


class AboutContent(PartOfSuggestion):
    """A form that shows what was proposed above it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lead=f"建议：{self.object.content}", **kwargs)


class AnswerSuggestion(AboutContent):
    form_class = forms.AnswerForm
    title = "答复建议"
    submit_label = "答复"
    success_message = "已答复。"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "adopted": "1"}

    def perform(self, form: Any) -> Suggestion:
        return services.answer_suggestion(today=self.today, **form.facts(), **self.common(form))


class TellEffect(AboutContent):
    form_class = forms.EffectForm
    title = "记录效果"
    success_message = "已记录效果。"

    def perform(self, form: Any) -> Suggestion:
        return services.tell_effect(**form.facts(), **self.common(form))
