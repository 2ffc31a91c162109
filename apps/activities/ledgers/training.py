"""教育培训台账: the classes that committees held or plan, with people, hours, and how many secretaries came."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, DecimalField, Exists, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.branches.ledgers.common import organization_filter
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.enterprises.ledgers.common import link_to
from apps.members.models import Post

from .. import permissions
from ..kinds import Presence, State
from ..models import Activity, Attendance
from ..study_figures import TRAINING
from .held import in_period
from .records import STATE_TONES, recent_years

TONES = {**STATE_TONES, State.PLANNED: "neutral", State.DRAFT: "neutral"}


def there() -> Any:
    """The sheet lines of those who came to the class of a row, in the scope."""
    return Attendance.objects.filter(activity=OuterRef("pk"), presence=Presence.PRESENT).order_by()


def person_hours() -> Any:
    total = there().values("activity").annotate(n=Sum("hours")).values("n")
    return Coalesce(Subquery(total), Value(0), output_field=DecimalField(max_digits=10, decimal_places=1))


def secretaries_there() -> Any:
    """How many of those who came were 书记 of an organisation of the scope on the first day of the class."""
    posts = Post.objects.secretaries().filter(member=OuterRef("member"), since__lte=OuterRef("held_on"))
    held = posts.filter(until__isnull=True) | posts.filter(until__gt=OuterRef("held_on"))
    rows = there().filter(Exists(held)).values("activity").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(rows), 0)


def listed() -> Any:
    """How many stand on the sheet: the roster of a plan, 应到 of a class that was held."""
    rows = Attendance.objects.filter(activity=OuterRef("pk")).order_by().values("activity")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


def days_of(row: Activity) -> int:
    """On how many days the class was."""
    ends = timezone.localdate(row.ends_at) if row.ends_at else row.held_on
    return int((ends - row.held_on).days) + 1


@register
class TrainingLedger(Ledger):
    """教育培训台账."""

    code, title, permission = "activities.training", "教育培训台账", permissions.VIEW
    columns = (
        Column("title", "班次", link=lambda row: f"/training/{row.pk}/"),
        Column("org", "举办单位", lambda row: str(row.org), link=link_to("org")),
        Column("org_code", "党组织代码", "org.code", default=False),
        Column("held_on", "开班日期", kind=Kind.DATE),
        Column("days", "天数", days_of, kind=Kind.INTEGER),
        Column("place", "地点", default=False),
        Column("teacher", "主讲", lambda row: row.lecturer.name if row.lecturer else row.speaker),
        Column("listed", "名单人数", kind=Kind.INTEGER),
        Column("present", "参训人数", kind=Kind.INTEGER),
        Column("secretaries", "其中书记", kind=Kind.INTEGER),
        Column("study_hours", "学时", kind=Kind.MONEY),
        Column("person_hours", "总学时", kind=Kind.MONEY),
        Column("state", "状态", choices=dict(State.choices()), tone=lambda row: TONES.get(row.state, "neutral")),
        Column("reported_on", "提交日期", kind=Kind.DATE, default=False),
    )
    filters = (
        Filter("year", "年度", choices=recent_years, apply=in_period),
        organization_filter(),
        Filter("state", "状态", choices=[(state.value, state.label) for state in State]),
        Filter("held_from", "日期起", kind="date", lookup="held_on__gte"),
        Filter("held_to", "日期止", kind="date", lookup="held_on__lte"),
    )
    orderings = {
        "": Ordering("最近的在前", ("-held_on", "-pk")),
        "org": Ordering("按举办单位", ("org_path", "-held_on", "-pk")),
    }
    search_hint = "班次"
    empty_text = "本组织及以下还没有办培训班；上级办的班，看「党员学时」里各人的集中培训次数。"

    def rows(self) -> Any:
        rows = Activity.objects.filter(kind__code=TRAINING).exclude(state=State.CANCELLED)
        return rows.select_related("org", "lecturer").annotate(
            listed=listed(), secretaries=secretaries_there(), person_hours=person_hours()
        )

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(title__icontains=text.strip())
