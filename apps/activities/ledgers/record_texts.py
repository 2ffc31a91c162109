"""What a line of the books of records tells beyond its own columns: names, votes, files, whether it came in time.

Each is one correlated subquery over an index of the activity, so that forty rows cost as many statements as three.
"""

from __future__ import annotations

import datetime
from typing import Any, Final

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import Case, CharField, Count, F, IntegerField, OuterRef, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from apps.core.clock import local
from apps.core.models import Attachment, Parameter
from apps.core.parameters import registry

from ..kinds import AbsenceReason, Presence
from ..models import Activity, Attendance, Vote
from ..parameters import ENTRY_DAYS
from ..rules.records import is_late

SEPARATOR: Final = "、"
"""Between the names of a list, in the books and in what is imported."""


def absent_names() -> Subquery:
    """缺席及原因 of the row's branch: `张三（病假）、李四（其他：家中有事）`."""
    reason = Case(*(When(reason=each, then=Value(each.label)) for each in AbsenceReason), default=Value(""))
    note = Case(When(note="", then=Value("")), default=Concat(Value("："), F("note")))
    text = Concat(F("member__name"), Value("（"), reason, note, Value("）"), output_field=CharField())
    return _listed(_of_branch().filter(presence=Presence.ABSENT), text)


def present_names() -> Subquery:
    """到会人员 of the row's branch, visitors not among them."""
    return _listed(_of_branch().filter(presence=Presence.PRESENT), F("member__name"))


def visitor_names() -> Subquery:
    """来访党员, with the branch that was visited."""
    rows = Attendance.objects.filter(activity=OuterRef("activity"), org=OuterRef("org"), is_visitor=True)
    return _listed(rows, F("member__name"))


def _of_branch() -> Any:
    return Attendance.objects.filter(activity=OuterRef("activity"), org=OuterRef("org"), is_visitor=False)


def _listed(rows: Any, text: Any) -> Subquery:
    found = rows.order_by().values("activity")
    return Subquery(found.annotate(names=StringAgg(text, SEPARATOR, order_by="pk")).values("names"))


def vote_lines() -> Subquery:
    """表决: each matter with its numbers and whether it was passed."""
    written = Case(
        When(written_yes=0, written_no=0, then=Value("")),
        default=Concat(Value("、书面赞成"), _number("written_yes"), Value("、书面反对"), _number("written_no")),
    )
    text = Concat(
        F("matter"), Value("：应到"), _number("expected"), Value("、实到"), _number("present"), Value("、赞成"),
        _number("yes"), Value("、反对"), _number("no"), Value("、弃权"), _number("abstained"), written,
        Case(When(is_secret=True, then=Value("（无记名）")), default=Value("")),
        Case(When(is_passed=True, then=Value("，通过")), default=Value("，未通过")), output_field=CharField(),
    )  # fmt: skip
    rows = Vote.objects.filter(activity=OuterRef("activity")).order_by().values("activity")
    return Subquery(rows.annotate(lines=StringAgg(text, "；", order_by="pk")).values("lines"))


def _number(name: str) -> Cast:
    return Cast(name, CharField())


def file_count() -> Coalesce:
    """附件数 of the record."""
    rows = Attachment.objects.filter(target_type=Activity._meta.label_lower, target_id=OuterRef("activity"))
    counted = rows.order_by().values("target_id").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def _entry_rows(ledger: Any) -> list[Parameter]:
    """Every value that was ever set, read once for each ledger or page object."""
    if "_entry_rows" not in ledger.__dict__:
        ledger.__dict__["_entry_rows"] = list(Parameter.objects.filter(code=ENTRY_DAYS))
    return ledger.__dict__["_entry_rows"]  # type: ignore[no-any-return]


def entry_days(ledger: Any) -> Case:
    """Within how many days the record was due: what the nearest node above asked for on the day. One query."""
    nearest = sorted(_entry_rows(ledger), key=lambda row: (len(row.org_path), row.since, row.pk), reverse=True)
    return Case(
        *(
            When(held_on__gte=row.since, org_path__startswith=row.org_path, then=Value(int(row.value)))
            for row in nearest
        ),
        default=Value(int(registry[ENTRY_DAYS].default)), output_field=IntegerField(),
    )  # fmt: skip


def lateness(row: Any) -> str:
    """按时, or how many days after the activity the record came."""
    if row.reported_on is None:
        return ""
    if not is_late(row.held_on, row.reported_on, row.entry_days):
        return "按时"
    return f"迟报 {(row.reported_on - row.held_on).days - row.entry_days} 天"


def hours_of_day(activity: Activity) -> str:
    """19:00—20:30 by the clock of the place; an end on another day says which.

    Nothing for midnight without an end: that is a record of past days which names no hour.
    """
    start = local(activity.starts_at)
    if activity.ends_at is None:
        return "" if start.time() == datetime.time() else f"{start:%H:%M}"
    end = local(activity.ends_at)
    other = "" if end.date() == start.date() else _day_beside(start.date(), end.date())
    return f"{start:%H:%M}—{other}{end:%H:%M}"


def _day_beside(first: datetime.date, last: datetime.date) -> str:
    return "次日" if last - first == datetime.timedelta(days=1) else f"{last:%Y-%m-%d} "
