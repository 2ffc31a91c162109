"""What a round found about one member: the page, more than the table asks, the talk, the help."""

from __future__ import annotations

from typing import Any

from apps.core.views import DetailPage, EditPage
from apps.enterprises.views.common import buttons
from apps.enterprises.views.tables import section, table

from .. import permissions
from ..forms import reviews as forms
from ..kinds import OpinionSource, ReviewKind, ReviewState
from ..ledgers.pledges import member_link
from ..ledgers.reviews import SECRECY, ballots, opinion
from ..models import ReviewResult
from ..rules.reviews import HELP, SIDES, THREE_SIDED, calls_for_talk
from ..services import reviews as services
from .review_tables import grade_cell, help_cell, talk_cell
from .reviews import ROUNDS


def results() -> Any:
    return ReviewResult.objects.select_related("org", "member", "round", "round__org")


def crumbs(row: ReviewResult) -> list[dict[str, str]]:
    return [ROUNDS, {"label": str(row.round), "url": row.round.get_absolute_url()}]


class ResultPage(DetailPage):
    """One member in one round."""

    permission = permissions.VIEW_REVIEWS
    object: ReviewResult
    lead = SECRECY

    def get_queryset(self) -> Any:
        return results()

    def get_title(self) -> str:
        return f"{self.object.member.name}：{self.object.round.year}年{self.object.round.get_kind_display()}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return crumbs(self.object)

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        state = {"text": row.round.get_state_display(), "tone": "neutral"}
        shown = [help_cell(row), talk_cell(row)]
        if row.round.kind == ReviewKind.DEMOCRATIC:
            shown.insert(0, grade_cell(row))
        return [*({"text": c["text"], "tone": c.get("badge", "neutral")} for c in shown if c["text"]), state]

    def get_actions(self) -> list[dict[str, Any]]:
        row, here, keep = self.object, self.object.get_absolute_url(), permissions.KEEP_REVIEWS
        wanted = []
        if row.round.state == ReviewState.OPEN:
            wanted.append(("修改", "edit/"))
            if row.round.kind == ReviewKind.THREE_SIDED:
                wanted.append(("登记谈话", "talk/"))
                undecided = row.talk_needed or (calls_for_talk(row.opinions) and not row.talk_note)
                wanted += [("不谈话", "waive/")] if undecided and not row.talked_on else []
        if row.follow_up and not row.follow_up_done_on:
            wanted.insert(0, ("帮教完成", "finish/"))
        return buttons(self.request.user, row, *((keep, label, here + way) for label, way in wanted))

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        democratic = row.round.kind == ReviewKind.DEMOCRATIC
        talk: list[dict[str, Any]] = [
            {"label": "谈话日期", "value": row.talked_on},
            {"label": "谈话人", "value": row.talked_by},
            {"label": "谈话内容", "value": row.talk_note, "wide": True},
        ]
        helped: list[dict[str, Any]] = [
            {"label": "帮教（处置）措施", "value": row.follow_up, "wide": True},
            {"label": "帮教期限", "value": row.follow_up_due},
            {"label": "完成日期", "value": row.follow_up_done_on},
            {"label": "帮教结果", "value": row.follow_up_result, "wide": True},
        ]
        return [
            {"label": "党员", "value": row.member.name, "hint": row.member.code, "url": member_link(row)},
            {"label": "党组织", "value": row.org.name, "url": row.org.get_absolute_url()},
            *([{"label": "等次", "value": grade_cell(row)["text"]}] if democratic else []),
            {"label": "评语", "value": row.comment, "wide": True},
            *([{"label": "代为评议的党组织", "value": row.assessor}] if row.assessor else []),
            *(talk if row.talk_note or row.talked_on else []),
            *(helped if row.follow_up else []),
        ]

    def get_sections(self) -> list[dict[str, Any]]:
        row, kind = self.object, ReviewKind(self.object.round.kind)
        cells = [[{"text": side.label, "nowrap": True}, {"text": opinion(row, side)}] for side in SIDES[kind]]
        if kind is ReviewKind.DEMOCRATIC:
            cells.append([{"text": OpinionSource.BALLOT.label, "nowrap": True}, {"text": ballots(row)}])
        return [section("opinions", "各方意见", table(("来源", "意见"), cells, ""), None)]


class PartOfResult(EditPage):
    """A form about one member in one round."""

    permission = permissions.KEEP_REVIEWS
    object: ReviewResult

    def get_queryset(self) -> Any:
        return results()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        row = self.object
        return [*crumbs(row), {"label": row.member.name, "url": row.get_absolute_url()}]

    def get_locked(self) -> str:
        found = self.object.round
        return f"已于 {found.closed_on:%Y-%m-%d} 办结，不能再改。" if found.state == ReviewState.CLOSED else ""

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today}

    def common(self) -> dict[str, Any]:
        return {"result": self.object, "actor": self.request.user}


class EditResult(PartOfResult):
    form_class = forms.ResultForm
    title = "修改评议结果"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "result": self.object}

    def get_basis(self) -> list[Any]:
        return [HELP] if self.object.round.kind == ReviewKind.DEMOCRATIC else [THREE_SIDED]

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        names = ("grade", "comment", "assessor", "talk_needed", "follow_up", "follow_up_due")
        return {"version": row.round.version, **{name: getattr(row, name) for name in names}}

    def perform(self, form: Any) -> ReviewResult:
        services.enter_results(
            review=self.object.round, entries={self.object.pk: form.facts()}, actor=self.request.user,
            version=form.cleaned_data["version"],
        )  # fmt: skip
        return self.object


class RecordTalk(PartOfResult):
    form_class = forms.TalkForm
    title = "登记警示谈话"
    submit_label = "登记"
    success_message = "已登记谈话。"

    def get_basis(self) -> list[Any]:
        return [THREE_SIDED]

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.object.talked_on or self.today, "by": self.object.talked_by}

    def perform(self, form: Any) -> ReviewResult:
        return services.record_talk(today=self.today, **form.facts(), **self.common())


class WaiveTalk(PartOfResult):
    form_class = forms.WaiveForm
    title = "不谈话"
    submit_label = "确认"
    success_message = "已登记原因。"

    def get_basis(self) -> list[Any]:
        return [THREE_SIDED]

    def perform(self, form: Any) -> ReviewResult:
        return services.waive_talk(**form.facts(), **self.common())


class FinishHelp(PartOfResult):
    form_class = forms.FinishForm
    title = "帮教完成"
    submit_label = "登记"
    success_message = "已登记帮教结果。"

    def get_locked(self) -> str:
        return ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lead=f"措施：{self.object.follow_up}", **kwargs)

    def perform(self, form: Any) -> ReviewResult:
        return services.finish_follow_up(today=self.today, **form.facts(), **self.common())
