"""落实事项台账: what meetings have decided, who does it until when, and what came of it."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, Value

from apps.branches.ledgers.common import organization_filter
from apps.core.choices import Choice
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.enterprises.ledgers.common import link_to

from .. import permissions
from ..models import FollowUp


class Progress(Choice):
    """How far it is on a day."""

    OPEN = "open", "办理中"
    OVERDUE = "overdue", "逾期"
    DONE = "done", "已办结"
    DONE_LATE = "done_late", "逾期办结"


TONES = {Progress.OPEN: "info", Progress.OVERDUE: "danger", Progress.DONE: "success", Progress.DONE_LATE: "warning"}


def progress(row: Any) -> Progress:
    """Where it stands on the day of the ledger (`asked_on` is an annotation)."""
    if row.done_on is not None:
        return Progress.DONE if row.done_on <= row.due_on else Progress.DONE_LATE
    return Progress.OPEN if row.asked_on <= row.due_on else Progress.OVERDUE


def in_progress(rows: Any, value: str, ledger: Ledger) -> Any:
    """Rows in the state on the day, as `progress` has it."""
    conditions = {
        Progress.DONE: Q(done_on__lte=F("due_on")),
        Progress.DONE_LATE: Q(done_on__gt=F("due_on")),
        Progress.OPEN: Q(done_on__isnull=True, due_on__gte=ledger.today),
        Progress.OVERDUE: Q(done_on__isnull=True, due_on__lt=ledger.today),
    }
    return rows.filter(conditions[Progress(value)])


@register
class FollowUpLedger(Ledger):
    """落实事项台账."""

    code, title, permission = "activities.follow_ups", "落实事项台账", permissions.VIEW
    lead = "会议议定事项的落实：责任人、期限、进展。"
    columns = (
        Column("content", "事项", link=lambda row: row.activity.get_absolute_url() + "#follow-ups"),
        Column("meeting", "会议", "activity.title", link=lambda row: row.activity.get_absolute_url()),
        Column("kind", "类别", "activity.kind.name", default=False),
        Column("held_on", "会议日期", "activity.held_on", kind=Kind.DATE),
        Column("org", "党组织", lambda row: str(row.org), link=link_to("org")),
        Column("owner_name", "责任人"),
        Column("due_on", "完成期限", kind=Kind.DATE),
        Column("progress", "状态", progress, choices=dict(Progress.choices()), tone=lambda row: TONES[progress(row)]),
        Column("done_on", "完成日期", kind=Kind.DATE),
        Column("result", "落实情况"),
    )  # fmt: skip
    filters = (
        Filter("progress", "状态", choices=Progress.choices(), apply=in_progress),
        organization_filter(),
        Filter("owner", "责任人", kind="text", lookup="owner_name__icontains"),
    )
    orderings = {
        "": Ordering("期限近的在前", ("due_on", "pk")),
        "newest": Ordering("最近登记在前", ("-pk",)),
    }
    search_hint = "事项或会议"
    empty_text = "还没有落实事项。在会议记录的页面上登记。"

    def rows(self) -> Any:
        rows = FollowUp.objects.select_related("activity__kind", "org")
        return rows.annotate(asked_on=Value(self.today))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(Q(content__icontains=text) | Q(activity__title__icontains=text))
