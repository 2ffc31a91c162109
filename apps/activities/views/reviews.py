"""评议: the rounds, one round with everybody in it, entering, closing, opening again."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import ActionView, DetailPage, EditPage, ObjectMixin
from apps.enterprises.views.common import buttons, can
from apps.enterprises.views.lists import RegisterList

from .. import permissions
from ..forms import reviews as forms
from ..kinds import COUNTED, OpinionSource, ReviewKind, ReviewState
from ..ledgers.reviews import SECRECY, STATE_TONES, ReviewLedger, RoundLedger
from ..models import Activity, Participation, ReviewResult, ReviewRound
from ..rules.reviews import APPRAISAL, QUOTA, THREE_SIDED, closing_findings, excellent_limit
from ..services import reviews as services
from .of_branch import OfBranch, own_branch
from .review_tables import results_table

ROUNDS = {"label": "评议工作", "url": "/reviews/"}
RECORDS_OFFERED = ("appraisal", "life_meeting", "assembly")
RECORDS_SHOWN = 40
EARLY_MONTHS = 3
"""Until the end of which month a new round is taken for the review of the year before (appearance only)."""


class RoundList(RegisterList):
    """评议工作: every round of the scope."""

    ledger = RoundLedger
    offers = (
        (permissions.KEEP_REVIEWS, "开展评议", "/reviews/new/"),
        (permissions.VIEW_REVIEWS, "民主评议台账", "/reviews/results/"),
    )


class ResultList(RegisterList):
    """民主评议台账: a line for each member."""

    ledger = ReviewLedger
    offers = ((permissions.KEEP_REVIEWS, "导入", "/imports/activities.reviews/"),)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ROUNDS]


def rounds() -> Any:
    return ReviewRound.objects.select_related("org", "activity")


def basis_of(kind: str) -> list[Any]:
    return [THREE_SIDED] if kind == ReviewKind.THREE_SIDED else [APPRAISAL, QUOTA]


class RoundPage(DetailPage):
    """One round: how far it is, what stands against closing it, everybody in it."""

    permission = permissions.VIEW_REVIEWS
    template_name = "activities/review.html"
    object: ReviewRound

    def get_queryset(self) -> Any:
        return rounds()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ROUNDS]

    @property
    def is_open(self) -> bool:
        return self.object.state == ReviewState.OPEN

    @cached_property
    def keeps(self) -> bool:
        return can(self.request.user, permissions.KEEP_REVIEWS, self.object)

    @cached_property
    def results(self) -> list[ReviewResult]:
        return list(self.object.results.select_related("member").order_by("is_probationary", "pk"))

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        return [{"text": row.get_state_display(), "tone": STATE_TONES[ReviewState(row.state)]}]

    def get_actions(self) -> list[dict[str, Any]]:
        here, keep, row = self.object.get_absolute_url(), permissions.KEEP_REVIEWS, self.object
        if not self.is_open:
            return buttons(self.request.user, row, (permissions.REVIEW, "重新打开", f"{here}reopen/"))
        entered = [r for r in self.results if r.grade or r.opinions or r.comment]
        wanted = [("登记结果", "enter/"), ("办结", "close/"), ("修改", "edit/")]
        wanted += [] if entered else [("撤销", "withdraw/")]
        return buttons(self.request.user, row, *((keep, label, here + way) for label, way in wanted))

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        probationary = sum(r.is_probationary for r in self.results)
        taking = f"其中预备党员 {probationary} 名，不评定等次" if probationary else ""
        facts: list[dict[str, Any]] = [
            {"label": "党组织", "value": row.org.name, "url": row.org.get_absolute_url()},
            {"label": "评议年度", "value": f"{row.year}年"},
            {"label": "评议日期", "value": row.held_on},
            {"label": "参加评议", "value": f"{len(self.results)} 名", "hint": taking},
            {"label": "会议记录", "value": row.activity.title if row.activity else "未关联", "url": self._record_url()},
        ]
        if row.kind == ReviewKind.DEMOCRATIC:
            graded = [r.grade for r in self.results if r.grade]
            said = f"{len(graded)} 名评定等次，一般不超过 {excellent_limit(len(graded))} 名"
            facts.append({"label": "优秀", "value": f"{graded.count('excellent')} 名", "hint": said})
        if row.closed_on:
            facts.append({"label": "办结日期", "value": row.closed_on})
        if row.excess_reason:
            facts.append({"label": "优秀超出比例的原因", "value": row.excess_reason, "wide": True})
        return facts

    def _record_url(self) -> str:
        found = self.object.activity
        return found.get_absolute_url() if found and required_scope().covers(found.org_path) else ""

    def get_steps(self) -> list[dict[str, str]]:
        """个人自评 → 党员互评 → 民主测评 → 评定等次 → 办结, or the three sides and the end."""
        here, kind = self.object.get_absolute_url(), ReviewKind(self.object.kind)

        def step(label: str, part: str, is_done: bool) -> dict[str, str]:
            url = f"{here}enter/?part={part}" if self.keeps and self.is_open else ""
            return {"label": label, "url": url, "state": "done" if is_done else ""}

        def all_said(side: OpinionSource) -> bool:
            return bool(self.results) and all(r.opinions.get(side.value) or r.comment for r in self.results)

        if kind is ReviewKind.THREE_SIDED:
            sides = (OpinionSource.EMPLOYER, OpinionSource.STAFF, OpinionSource.BRANCH)
            found = [step(side.label, "sides", all_said(side)) for side in sides]
        else:
            graded = bool(self.results) and all(r.grade or r.comment or r.is_probationary for r in self.results)
            found = [
                step("个人自评", "sides", all_said(OpinionSource.SELF)),
                step("党员互评", "sides", all_said(OpinionSource.PEERS)),
                step("民主测评", "ballot", all_said(OpinionSource.BALLOT)),
                step("评定等次", "grade", graded),
            ]
        return [*found, {"label": "办结", "url": "", "state": "" if self.is_open else "done"}]

    def get_sections(self) -> list[dict[str, Any]]:
        return [results_table(self.object, self.results, keeps=self.keeps and self.is_open)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        found = closing_findings(ReviewKind(row.kind), services.judged_of(self.results)) if self.is_open else []
        return super().get_context_data(
            steps=self.get_steps(), findings=found, basis=basis_of(row.kind), secrecy=SECRECY,
            may_refresh=self.keeps and self.is_open, **kwargs,
        )  # fmt: skip


class OpenReview(OfBranch):
    """开展评议; `?activity=` takes branch, day and record from the meeting at which it is held."""

    permission = permissions.KEEP_REVIEWS
    form_class = forms.OpenReviewForm
    title = "开展评议"
    submit_label = "开展"
    success_message = "已按名册带出参加评议的党员。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ROUNDS]

    def get_cancel_url(self) -> str:
        return ROUNDS["url"]

    def get_basis(self) -> list[Any]:
        return [APPRAISAL, THREE_SIDED]

    @cached_property
    def activity(self) -> Activity | None:
        """The record that the address names, which a branch of the scope held. Raises Http404."""
        if "activity" not in self.request.GET:
            return None
        held = Participation.objects.filter(activity=row_id(self.request.GET["activity"]), state__in=COUNTED)
        mine = own_branch()
        side = (held.filter(org=mine) if mine else held.order_by("-is_host")).select_related("activity", "org").first()
        if side is None:
            raise Http404
        self.side = side
        return side.activity

    @cached_property
    def org(self) -> Any:
        return self.side.org if self.activity else super().org

    def get_initial(self) -> dict[str, Any]:
        held_on: datetime.date = self.activity.held_on if self.activity else self.today
        year = held_on.year - 1 if held_on.month <= EARLY_MONTHS else held_on.year
        return {"kind": ReviewKind.DEMOCRATIC.value, "year": year, "held_on": held_on}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "today": self.today}

    def perform(self, form: Any) -> ReviewRound:
        return services.open_review(
            org=self.org, today=self.today, actor=self.request.user, activity=self.activity, **form.facts()
        )


class PartOfRound(EditPage):
    """A form about one round."""

    permission = permissions.KEEP_REVIEWS
    object: ReviewRound

    def get_queryset(self) -> Any:
        return rounds()

    def get_title(self) -> str:
        return f"{self.title}：{self.object}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ROUNDS, {"label": str(self.object), "url": self.object.get_absolute_url()}]

    def get_locked(self) -> str:
        row = self.object
        return f"已于 {row.closed_on:%Y-%m-%d} 办结，不能再改。" if row.state == ReviewState.CLOSED else ""

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def common(self, form: Any) -> dict[str, Any]:
        return {"review": self.object, "actor": self.request.user, "version": form.cleaned_data["version"]}


class EditRound(PartOfRound):
    form_class = forms.ReviewForm
    title = "修改评议"

    @cached_property
    def records(self) -> dict[int, Activity]:
        """The meetings of the branch that may be the one, the newest first."""
        row = self.object
        held = Participation.objects.filter(org=row.org, state__in=COUNTED, held_on__year__in=(row.year, row.year + 1))
        asked = held.filter(kind__code__in=RECORDS_OFFERED) | held.filter(second_kind__code__in=RECORDS_OFFERED)
        found = asked.select_related("activity").order_by("-held_on", "-pk")[:RECORDS_SHOWN]
        return {side.activity_id: side.activity for side in found}

    def get_form_kwargs(self) -> dict[str, Any]:
        records = [(pk, f"{found.held_on:%Y-%m-%d} {found.title}") for pk, found in self.records.items()]
        return {**super().get_form_kwargs(), "records": records}

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "held_on": self.object.held_on, "activity": self.object.activity_id}

    def perform(self, form: Any) -> ReviewRound:
        facts = form.facts()
        record = self.records.get(facts["activity"])
        return services.change_review(held_on=facts["held_on"], activity=record, today=self.today, **self.common(form))


class EnterResults(PartOfRound):
    """登记结果: everybody in one table, part by part; after the first part the next one follows."""

    form_class = forms.EntryForm
    template_name = "activities/review_enter.html"
    title = "登记评议结果"
    success_message = "已登记。"

    @cached_property
    def part(self) -> str:
        parts = [code for code, _ in forms.PARTS[ReviewKind(self.object.kind)]]
        wanted = self.request.GET.get("part", parts[0])
        if wanted not in parts:
            raise Http404
        return wanted

    @cached_property
    def results(self) -> list[ReviewResult]:
        return list(self.object.results.select_related("member", "org").order_by("is_probationary", "pk"))

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "review": self.object, "results": self.results, "part": self.part}

    def get_basis(self) -> list[Any]:
        return basis_of(self.object.kind)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        graded = sum(not r.is_probationary for r in self.results)
        return super().get_context_data(
            parts=[{"code": code, "label": label, "active": code == self.part}
                   for code, label in forms.PARTS[ReviewKind(self.object.kind)]],
            limit=excellent_limit(graded), graded=graded, part=self.part, **kwargs,
        )  # fmt: skip

    def perform(self, form: Any) -> ReviewRound:
        services.enter_results(entries=form.entries(), **self.common(form))
        return self.object


class CloseRound(PartOfRound):
    form_class = forms.CloseForm
    template_name = "activities/review_close.html"
    title = "办结"
    submit_label = "办结"
    success_message = "已办结，结果不能再改。"

    @cached_property
    def findings(self) -> list[Any]:
        return closing_findings(ReviewKind(self.object.kind), services.judged(self.object))

    def get_locked(self) -> str:
        blocked = next((found.message for found in self.findings if found.blocks), "")
        return super().get_locked() or blocked

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if not any(found.asks_reason for found in self.findings):
            del form.fields["reason"]
        return form

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(findings=self.findings, **kwargs)

    def perform(self, form: Any) -> ReviewRound:
        reason = form.cleaned_data.get("reason", "")
        return services.close_review(reason=reason, today=self.today, **self.common(form))


class ReopenRound(PartOfRound):
    permission = permissions.REVIEW
    form_class = forms.ReopenForm
    title = "重新打开"
    submit_label = "重新打开"
    success_message = "已重新打开，请通知党支部更正后再办结。"
    lead = "办结后的评议结果不能修改。确需更正的，说明原因后重新打开，原因会记入审计。"

    def get_locked(self) -> str:
        return "" if self.object.state == ReviewState.CLOSED else "这次评议还没有办结。"

    def perform(self, form: Any) -> ReviewRound:
        return services.reopen_review(**form.facts(), **self.common(form))


class WithdrawRound(PartOfRound):
    form_class = forms.WithdrawForm
    title = "撤销评议"
    submit_label = "撤销"
    success_message = "已撤销。"
    danger = True
    lead = "只能撤销还没有登记任何结果的评议。"

    def perform(self, form: Any) -> str:
        services.withdraw_review(**self.common(form))
        return ROUNDS["url"]


class RefreshRoster(ObjectMixin, ActionView):
    """按名册更新: whoever was registered late comes in, who was not there goes."""

    permission = permissions.KEEP_REVIEWS
    object: ReviewRound

    def get_queryset(self) -> Any:
        return rounds()

    def get_back_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self) -> str:
        came, gone = services.refresh_roster(review=self.object, actor=self.request.user)
        self.success_message = (
            f"已按名册更新：增 {came} 名，减 {gone} 名。" if came or gone else "与名册一致，没有变化。"
        )
        return self.get_back_url()
