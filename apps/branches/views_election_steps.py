"""Forms that take the steps of an election: one service each."""

from __future__ import annotations

from typing import Any

from apps.core.periods import add_months
from apps.core.views import EditPage

from .access_elections import DECIDED_ABOVE, may_decide
from .forms.terms import (
    ApproveForm,
    CancelForm,
    ConsentForm,
    NotifyForm,
    PlanForm,
    ReportForm,
    RequestForm,
    SendBackForm,
    VoteForm,
)
from .headcount import voters_of
from .models import Election, PartyOrg, Term
from .parameters import election_thresholds
from .permissions import DECIDE_ELECTIONS, ELECT
from .rules import COMMITTEE_SIZE, TERM_DELAY, min_candidates
from .rules.elections import (
    ELECTED_BY,
    FINISHED,
    REQUEST,
    SENT_BACK,
    VOTERS,
    ElectionState,
    Meeting,
    may_step,
    timing_finding,
)
from .rules.voting import BALLOTS, CANDIDATE_MARGIN, ELECTION_VOTE
from .services import elections, votes
from .services.election_steps import open_term
from .showing_elections import seats_text
from .views_elections import ELECTIONS
from .views_terms import TERMS, not_electing

State = ElectionState


class PlanView(EditPage):
    """发起换届 of one organisation: `pk` names the organisation."""

    permission = ELECT
    form_class = PlanForm
    submit_label = "发起换届"
    success_message = "已发起换届，下一步向上级请示。"

    def get_queryset(self) -> Any:
        return PartyOrg.objects.all()

    def get_title(self) -> str:
        return f"发起换届：{self.object}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TERMS, {"label": str(self.object), "url": self.object.get_absolute_url()}]

    def get_initial(self) -> dict[str, Any]:
        last = Term.objects.filter(org=self.object).order_by("-number").first()
        asked = election_thresholds(on=self.today, org_path=self.object.path).request_months
        soonest = add_months(self.today, asked)
        day = max(last.expires_on, soonest) if last else soonest
        return {"number": last.number + 1 if last else 1, "planned_on": day, "meeting": Meeting.ASSEMBLY.value,
                "seats": last.seats if last else None, "deputies": 0}  # fmt: skip

    def get_locked(self) -> str:
        if self.object.ended_on:
            return f"「{self.object}」已于 {self.object.ended_on:%Y-%m-%d} 撤销，不再换届。"
        return not_electing(self.object)

    def get_basis(self) -> list[Any]:
        return [ELECTED_BY, COMMITTEE_SIZE]

    def perform(self, form: Any) -> Any:
        facts = {**form.facts(), "meeting": Meeting(form.cleaned_data["meeting"])}
        return elections.plan_election(org=self.object, **facts, today=self.today, actor=self.request.user)


class StepPage(EditPage):
    """A form that takes one step of an election. Two who press at once: the second gets 409 from the service."""

    permission = ELECT
    to: State | None = None
    by_officer = False

    def get_queryset(self) -> Any:
        return Election.objects.select_related("org")

    def get_title(self) -> str:
        return f"{self.title}：{self.object}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TERMS, ELECTIONS, {"label": str(self.object), "url": self.object.get_absolute_url()}]

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "on": self.today}

    def fits(self, state: State) -> bool:
        """Whether the step can be taken from this state."""
        return self.to is not None and may_step(state, self.to)

    def get_locked(self) -> str:
        if self.by_officer and not may_decide(self.request.user, self.object.org):
            return DECIDED_ABOVE
        if self.request.method != "POST" and not self.fits(State(self.object.state)):
            return f"这次换届现在是「{self.object.get_state_display()}」，不能{self.title}。"
        return ""

    def common(self, form: Any) -> dict[str, Any]:
        """What every service of an election takes."""
        return {"election": self.object, "actor": self.request.user, "version": form.cleaned_data["version"]}

    def run(self, service: Any, form: Any) -> Any:
        return service(**form.facts(), today=self.today, **self.common(form))


class ChangePlanView(StepPage):
    """修改计划."""

    form_class = PlanForm
    title = "修改计划"

    def fits(self, state: State) -> bool:
        return state is State.PLANNED

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "reason": ""}

    def get_basis(self) -> list[Any]:
        return [ELECTED_BY, COMMITTEE_SIZE]

    def perform(self, form: Any) -> Any:
        facts = {**form.facts(), "meeting": Meeting(form.cleaned_data["meeting"])}
        return elections.change_plan(**facts, today=self.today, **self.common(form))


class RequestView(StepPage):
    """向上级请示."""

    form_class = RequestForm
    title = "登记请示"
    to = State.REQUESTED
    success_message = "已登记请示，等上级批复。"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "reason": "", "document": self.object.request_document}

    def get_basis(self) -> list[Any]:
        return [REQUEST]

    def perform(self, form: Any) -> Any:
        return self.run(elections.request_election, form)


class ConsentView(StepPage):
    """上级批复."""

    permission = DECIDE_ELECTIONS
    by_officer = True
    form_class = ConsentForm
    title = "批复"
    to = State.CONSENTED
    success_message = "已批复同意。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "timing": self.timing()}

    def timing(self) -> str:
        """Why the planned day is early or late; empty when it is on time."""
        row = self.object
        last = open_term(row.org)
        if last is None:
            return ""
        thresholds = election_thresholds(on=row.planned_on, org_path=row.org_path)
        finding = timing_finding(expires_on=last.expires_on, held_on=row.planned_on, thresholds=thresholds)
        return finding.message if finding else ""

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "reason": ""}

    def get_basis(self) -> list[Any]:
        return [ELECTED_BY, TERM_DELAY] if self.timing() else [ELECTED_BY]

    def perform(self, form: Any) -> Any:
        return self.run(elections.consent_election, form)


class NotifyView(StepPage):
    """确定候选人，通知党员."""

    form_class = NotifyForm
    title = "确定候选人并通知"
    to = State.NOTIFIED
    success_message = "已登记候选人和通知。"

    def get_form_kwargs(self) -> dict[str, Any]:
        thresholds = election_thresholds(on=self.today, org_path=self.object.org_path)
        least = min_candidates(self.object.seats, thresholds)
        return {**super().get_form_kwargs(), "election": self.object, "least": least}

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "reason": ""}

    def get_basis(self) -> list[Any]:
        return [CANDIDATE_MARGIN, VOTERS] if self.object.seats else [ELECTED_BY, VOTERS]

    def perform(self, form: Any) -> Any:
        return self.run(elections.notify_election, form)


class VoteView(StepPage):
    """填写选举记录."""

    template_name = "branches/vote.html"
    form_class = VoteForm
    title = "填写选举记录"
    to = State.HELD
    success_message = "已登记选举记录。"

    def get_form_kwargs(self) -> dict[str, Any]:
        known = voters_of(self.object.org, self.object.held_on or self.object.planned_on)
        return {**super().get_form_kwargs(), "election": self.object, "known": known}

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        found = {**super().get_initial(), "reason": "", "held_on": row.held_on or min(row.planned_on, self.today)}
        if found["voters"] is None and row.meeting == Meeting.ASSEMBLY:
            found["voters"] = voters_of(row.org, row.planned_on).formal
        return found

    def get_basis(self) -> list[Any]:
        return [VOTERS, ELECTION_VOTE, BALLOTS]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(seats=seats_text(self.object), **kwargs)

    def perform(self, form: Any) -> Any:
        return votes.record_vote(
            vote=form.vote(), timing_document=form.cleaned_data.get("timing_document", ""),
            reason=form.cleaned_data["reason"], today=self.today, **self.common(form),
        )  # fmt: skip


class ReportView(StepPage):
    """报告选举结果."""

    form_class = ReportForm
    title = "报告选举结果"
    to = State.REPORTED
    success_message = "已报告结果，等上级批准。"

    def get_form_kwargs(self) -> dict[str, Any]:
        won = list(self.object.candidates.filter(is_elected=True).values_list("name", flat=True))
        return {**super().get_form_kwargs(), "election": self.object, "won": won}

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        return {**super().get_initial(), "reason": "", "document": row.result_document, "secretary": row.secretary,
                "deputies": row.deputy.split("、")}  # fmt: skip

    def get_basis(self) -> list[Any]:
        return [ELECTED_BY]

    def perform(self, form: Any) -> Any:
        return self.run(elections.report_election, form)


class ApproveView(StepPage):
    """上级批准."""

    permission = DECIDE_ELECTIONS
    by_officer = True
    form_class = ApproveForm
    title = "批准选举结果"
    submit_label = "批准"
    to = State.APPROVED
    success_message = "已批准，新一届开始，上一届同日终止。"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "since": self.object.held_on}

    def get_basis(self) -> list[Any]:
        return [ELECTED_BY]

    def perform(self, form: Any) -> Any:
        return self.run(elections.approve_election, form)


class SendBackView(StepPage):
    """退回."""

    permission = DECIDE_ELECTIONS
    by_officer = True
    form_class = SendBackForm
    title = "退回"
    submit_label = "退回"
    success_message = "已退回。"

    def fits(self, state: State) -> bool:
        return state in SENT_BACK

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "reason": ""}

    def perform(self, form: Any) -> Any:
        return elections.send_back_election(reason=form.cleaned_data["reason"], **self.common(form))


class CancelView(StepPage):
    """取消."""

    form_class = CancelForm
    title = "取消换届"
    submit_label = "确认取消"
    success_message = "已取消，可以重新发起换届。"
    danger = True

    def fits(self, state: State) -> bool:
        return state not in FINISHED

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "reason": ""}

    def perform(self, form: Any) -> Any:
        return self.run(elections.cancel_election, form)
