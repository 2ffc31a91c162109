"""The list of records, what waits for a decision, and the decisions: 通过, 退回, 批准更正, 取消."""

from __future__ import annotations

import datetime
from typing import Any, Final

from django import forms
from django.db.models import Q
from django.http import Http404

from apps.branches.rules import OrgKind
from apps.core.attachments import attach
from apps.core.errors import DomainError
from apps.core.forms import BaseForm, ReasonForm
from apps.core.guard import resolve_scope
from apps.core.scoping import required_scope
from apps.core.views import ActionView, EditPage, PageView, may
from apps.enterprises.views.attachments import FileForm

from .. import permissions
from ..kinds import COUNTED, State
from ..ledgers.record_texts import entry_days
from ..models import Activity, Participation
from ..rules.records import is_late
from ..services import records_review as services
from .records_common import RECORDS, TONES, reviews

OWN_STATES: Final = (State.PLANNED, State.DRAFT, State.RETURNED, State.CORRECTION)
RECENT: Final = 30
WAITING_SHOWN: Final = 200
"""How many records the pages list at once; the books have all of them (appearance only)."""
BOOKS: Final = (
    ("三会一课台账", "/ledgers/activities.meetings/"),
    ("主题党日台账", "/ledgers/activities.theme_days/"),
    ("党员活动台账", "/ledgers/activities.records/"),
)


def waiting(user: Any) -> Any:
    """Records that wait for this reader's decision: submitted or corrections, never the reader's own. Oldest first."""
    scope = resolve_scope(user, permissions.REVIEW)
    rows = Activity.objects.filter(scope.as_q("org_path"), state__in=(State.SUBMITTED, State.CORRECTION))
    return rows.exclude(author=user.pk).order_by("reported_on", "pk")


class RecordList(PageView):
    """组织生活记录: what the branch has still open, then what was recorded last."""

    permission = permissions.VIEW
    template_name = "activities/records.html"
    title = "组织生活记录"

    def get_actions(self) -> list[dict[str, Any]]:
        user = self.request.user
        wanted = (
            (permissions.KEEP, "记一次活动", "/activities/new/"), (permissions.REVIEW, "待审核", "/activities/review/"),
        )  # fmt: skip
        found = [{"label": label, "url": url} for permission, label, url in wanted if may(user, permission)]
        return [{**action, "primary": action["url"].endswith("/new/")} for action in found]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        paths = required_scope().paths
        close = Q(org_path__in=paths) | Q(org__kind=OrgKind.GROUP, org__parent__path__in=paths)
        own = (
            Activity.objects.filter(close, state__in=OWN_STATES).select_related("org", "kind").order_by("held_on", "pk")
        )
        held = Participation.objects.filter(state__in=(*COUNTED, State.RETURNED, State.CORRECTION))
        rows = held.select_related("activity", "kind", "org").order_by("-held_on", "-pk")
        return super().get_context_data(
            own=[line(row, row) for row in own[:WAITING_SHOWN]], recent=[line(row.activity, row) for row in rows[:RECENT]],
            books=BOOKS, **kwargs,
        )  # fmt: skip


def line(activity: Activity, side: Any) -> dict[str, Any]:
    """One record on a list; `side` is the branch's own view of it."""
    state = State(activity.state)
    return {
        "pk": activity.pk, "url": activity.get_absolute_url(), "title": activity.title, "kind": side.kind.name,
        "org": str(side.org), "on": activity.held_on, "state": state.label, "tone": TONES[state],
        "present": side.present, "expected": side.expected, "is_plan": state is State.PLANNED,
    }  # fmt: skip


def days_late(row: Any, today: datetime.date) -> int:
    """How many days after the activity a row with `entry_days` was submitted, where that was too late; else 0."""
    reported = row.reported_on or today
    return (reported - row.held_on).days if is_late(row.held_on, reported, row.entry_days) else 0


class ReviewList(PageView):
    """待审核: one press passes what is ticked; anything else is decided on the page of the record."""

    permission = permissions.REVIEW
    template_name = "activities/records_review.html"
    title = "待审核的组织生活记录"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        corrections = self.request.GET.get("state") == "correction"
        state = State.CORRECTION if corrections else State.SUBMITTED
        rows = waiting(self.request.user).filter(state=state).select_related("org", "kind")
        rows = rows.annotate(entry_days=entry_days(self))
        found = list(rows[: WAITING_SHOWN + 1])
        lines = [
            {**line(row, row), "late": days_late(row, self.today), "has_minutes": bool(row.minutes),
             "reason": row.correction_reason}
            for row in found[:WAITING_SHOWN]
        ]  # fmt: skip
        return super().get_context_data(
            rows=lines, more=len(found) > WAITING_SHOWN, corrections=corrections, shown=WAITING_SHOWN, **kwargs
        )


class ConfirmRecords(ActionView):
    """通过 of every ticked record, all or none."""

    permission = permissions.REVIEW

    def get_back_url(self) -> str:
        return "/activities/review/"

    def perform(self) -> str:
        rows = self.ticked(waiting(self.request.user).filter(state=State.SUBMITTED))
        count = services.confirm_activities(activities=rows, actor=self.request.user, today=self.today)
        self.success_message = f"已通过 {count} 条记录。"
        return self.get_back_url()


class ReviewForm(BaseForm):
    """通过 needs nothing, 退回 a reason."""

    note = forms.CharField(
        label="审核意见",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="退回时必填",
    )


class AboutRecord(EditPage):
    """A form about one record of the scope."""

    object: Activity

    def get_queryset(self) -> Any:
        return Activity.objects.select_related("org", "kind")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS, {"label": self.object.title, "url": self.object.get_absolute_url()}]

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def common(self, form: Any) -> dict[str, Any]:
        return {
            "activity": self.object, "seen": form.cleaned_data["version"], "actor": self.request.user, "today": self.today,
        }  # fmt: skip


class ReviewRecord(AboutRecord):
    """通过 or 退回; of a correction 批准 or 不批准."""

    permission = permissions.REVIEW
    form_class = ReviewForm
    template_name = "activities/record_review.html"
    title = "审核"
    success_message = "已办理。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(corrects=self.object.state == State.CORRECTION, **kwargs)

    def perform(self, form: Any) -> Any:
        row, note, user = self.object, form.cleaned_data["note"], self.request.user
        if not reviews(user, row):
            raise DomainError("审核须由提交人以外的上级工作人员办理。", code="own_record")
        passes = self.request.POST.get("decision") == "pass"
        if not passes and not note.strip():
            raise DomainError("退回时请写明原因，让支部知道要改什么。", field="note")
        if row.state == State.CORRECTION:
            decide = services.approve_correction if passes else services.refuse_correction
            return decide(**self.common(form), **{"note" if passes else "reason": note})
        if not passes:
            return services.return_activity(reason=note, **self.common(form))
        if form.cleaned_data["version"] != row.version:
            raise DomainError("这条记录在您打开之后已被修改，请重新查看后再审核。", code="conflict")
        services.confirm_activities(activities=[row], note=note, actor=user, today=self.today)
        return row


class CancelRecord(AboutRecord):
    """取消 a plan, 撤回 a record that was entered by mistake."""

    permission = permissions.KEEP
    form_class = ReasonForm
    submit_label = "确定"
    success_message = "已取消，不再计入。"
    danger = True

    def get_title(self) -> str:
        return f"{'取消' if self.object.state in OWN_STATES else '撤回'}：{self.object.title}"

    def perform(self, form: Any) -> Any:
        return services.cancel_activity(reason=form.cleaned_data["reason"], **self.common(form))


class AttachToRecord(AboutRecord):
    """上传附件 to a record that is kept already."""

    permission = permissions.KEEP
    form_class = FileForm
    title = "上传附件"
    submit_label = "上传"
    success_message = "附件已保存。"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        if self.object.state == State.CANCELLED:
            raise Http404
        attach(file=form.cleaned_data["file"], target=self.object, actor=self.request.user)
        return f"{self.object.get_absolute_url()}#files"
