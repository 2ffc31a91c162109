"""One record: what was held, who was there, the minutes, and what hangs on it. Read by every branch that took part."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from apps.core.attachments import attachments_of
from apps.core.clock import minute
from apps.core.guard import resolve_scope
from apps.core.panels import ACTIVITY_SECTIONS, PanelContext, StoryEvent, rendered
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.core.views import DetailPage
from apps.enterprises.views.tables import section, table

from .. import permissions
from ..kinds import COUNTED, Presence, State
from ..models import Activity, Attendance, SignInCode
from ..parameters import entry_days
from ..rules.minutes import as_html
from ..rules.records import is_late
from ..services.records_joint import lines_of, sides_of
from ..services.sign_in import may_open_sign_in
from .records_common import RECORDS, TONES, is_host, keeps, readable_record, reviews, stands_close
from .records_side import own_side
from .review_ways import review_ways

DECIDED = (State.SUBMITTED, State.CORRECTION)
"""States in which somebody above has to decide."""
OPEN = (State.PLANNED, State.DRAFT, State.RETURNED)


class RecordDetail(DetailPage):
    """组织生活记录 with its badges, its one next step, and what every participating branch may see of it."""

    permission = permissions.VIEW
    template_name = "activities/record.html"

    def get_queryset(self) -> Any:
        return Activity.objects.select_related("org", "kind")

    @cached_property
    def object(self) -> Activity:
        return readable_record(self.kwargs["pk"])

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS]

    # ---- who looks

    @cached_property
    def keeps(self) -> bool:
        return keeps(self.request.user, self.object)

    @cached_property
    def decides(self) -> bool:
        """Whether the reader is the one who passes or returns it now: then nothing else is offered."""
        return self.object.state in DECIDED and reviews(self.request.user, self.object)

    @cached_property
    def is_hidden(self) -> bool:
        """A draft is the branch's own affair: whoever stands above reads it once it was submitted."""
        close = stands_close(self.object.org, required_scope().paths)
        return self.object.state == State.DRAFT and not (close or self.object.author_id == self.request.user.pk)

    # ---- the head of the page

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        badges = [{"text": State(row.state).label, "tone": TONES[State(row.state)]}]
        if row.correction_number:
            badges.append({"text": f"第 {row.correction_number} 号更正", "tone": "warning"})
        if late := self._days_late():
            badges.append({"text": f"补记：{late} 天后提交", "tone": "warning"})
        if row.second_kind:
            badges.append({"text": f"同时作为{row.second_kind}", "tone": "info"})
        return badges

    def _days_late(self) -> int:
        """How many days after the activity it was submitted, where that was later than the place allows."""
        row = self.object
        if row.reported_on is None:
            return 0
        days = entry_days(row.held_on, row.org_path)
        return (row.reported_on - row.held_on).days if is_late(row.held_on, row.reported_on, days) else 0

    def get_actions(self) -> list[dict[str, Any]]:
        """The next step first. Whoever decides about it decides, and nothing else."""
        row, here = self.object, self.object.get_absolute_url()
        if self.decides or not self.keeps:
            return []
        again = {"label": "再记一次", "url": f"/activities/new/?kind={row.kind.code}&like={row.pk}"}
        if row.state in OPEN:
            label = "修改计划" if row.held_on > self.today else "现在记录"
            first = {
                "label": label if row.state == State.PLANNED else "修改并提交",
                "url": f"{here}edit/",
                "primary": True,
            }
            return [first, {"label": "取消这次活动", "url": f"{here}cancel/", "danger": True}]
        if row.state == State.CANCELLED:
            return [again]
        return [
            *review_ways(self.request.user, row),
            again,
            {"label": "修改", "url": f"{here}edit/"},
            {"label": "撤回", "url": f"{here}cancel/", "danger": True},
        ]

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        starts = timezone.localtime(row.starts_at)
        facts: list[dict[str, Any]] = [
            {"label": "类别", "value": row.kind.name, "hint": str(row.form or "")},
            {"label": "党组织", "value": row.org.name, "url": row.org.get_absolute_url() if is_host(row) else ""},
            {"label": "时间", "value": f"{starts:%Y-%m-%d %H:%M}{self._until(starts)}", "hint": Period.quarter_of(row.held_on).label},
        ]  # fmt: skip
        if self.is_hidden:
            return facts
        heads = f"{row.present} / {row.expected}" if row.state != State.PLANNED else f"应到 {row.expected}"
        facts += [
            {"label": "地点", "value": row.place or str(row.venue or ""), "url": row.link},
            {"label": "主持人", "value": row.chair},
            {"label": "记录人", "value": row.recorder},
            {"label": "实到 / 应到", "value": heads, "hint": f"来访党员 {row.visitors} 名" if row.visitors else ""},
        ]
        seldom: list[dict[str, Any]] = [
            {"label": "讲师", "value": str(row.lecturer or "")},
            {"label": "主讲人", "value": row.speaker},
            {"label": "专题", "value": str(row.theme or "")},
            {"label": "学时", "value": row.study_hours.normalize() if row.study_hours else ""},
            {"label": "其他参加人数", "value": row.others_present or ""},
            {"label": "列席人员", "value": row.guests, "wide": True},
            {"label": "参加单位", "value": row.units, "wide": True},
            {"label": "更正原因", "value": row.correction_reason, "wide": True},
            {"label": "审核意见", "value": row.review_note, "hint": row.reviewed_by_name, "wide": True},
        ]
        return [*facts, *(fact for fact in seldom if fact["value"] not in ("", None))]

    def _until(self, starts: datetime.datetime) -> str:
        if self.object.ends_at is None:
            return ""
        ends = timezone.localtime(self.object.ends_at)
        return f" 至 {ends:%H:%M}" if ends.date() == starts.date() else f" 至次日 {ends:%H:%M}"

    # ---- what hangs on it

    def get_sections(self) -> list[dict[str, Any]]:
        if self.is_hidden:
            return []
        found = [self._roll()]
        if len(self.sides) > 1:
            found.append(self._sides())
        found.extend(rendered(ACTIVITY_SECTIONS, PanelContext(self.request.user, self.today, self.object)))
        return [*found, self._files()]

    @cached_property
    def sides(self) -> list[tuple[str, bool, int, int]]:
        """(branch, whether it is the host, expected, present) of every branch that held it."""
        return [(row.org.name, row.is_host, row.expected, row.present) for row in sides_of(self.object)]

    @cached_property
    def attendances(self) -> list[Attendance]:
        return lines_of(self.object)

    def _roll(self) -> dict[str, Any]:
        """签到: in the scope's own words; a co-host and a home branch see their own people."""
        own = [row for row in self.attendances if not row.is_visitor]
        absent = [row for row in own if row.presence == Presence.ABSENT]
        return {
            "id": "attendance", "title": "到会情况", "template": "activities/_record_attendance.html",
            "present": [row for row in own if row.presence == Presence.PRESENT], "absent": absent,
            "visitors": [row for row in self.attendances if row.is_visitor], "planned": self.object.state == State.PLANNED,
            "partial": not is_host(self.object), "host": is_host(self.object),
        }  # fmt: skip

    def _sides(self) -> dict[str, Any]:
        rows = [
            [{"text": name}, {"text": "主办" if host else "共同举办"}, {"text": expected, "numeric": True},
             {"text": present, "numeric": True}]
            for name, host, expected, present in self.sides
        ]  # fmt: skip
        marks = self.object.state not in (State.PLANNED, State.CANCELLED) and self._marks_side()
        link = ("登记本支部到会情况", f"{self.object.get_absolute_url()}attendance/") if marks else None
        return section("sides", "联合举办", table(("党组织", "方式", "应到", "实到"), rows, ""), link)

    def _marks_side(self) -> bool:
        """Whether the reader writes for a branch that held it beside the host."""
        side = own_side(self.object.pk)
        return side is not None and resolve_scope(self.request.user, permissions.KEEP).covers(side.org_path)

    def _files(self) -> dict[str, Any]:
        return {
            "id": "files", "title": "附件", "template": "enterprises/_files.html", "may_change": self.keeps,
            "files": list(attachments_of(self.object)), "link_label": "上传附件", "empty": "没有附件。照片和附件可传可不传。",
            "link": f"{self.object.get_absolute_url()}attach/" if self.keeps else "",
        }  # fmt: skip

    def story(self) -> list[StoryEvent]:
        """What became of it, the newest first."""
        row = self.object
        events = [
            StoryEvent(
                timezone.localdate(row.recorded_at), f"登记：{row.recorded_by_name or '系统'}", minute(row.recorded_at)
            )
        ]
        if row.reported_on:
            events.append(StoryEvent(row.reported_on, "首次提交", row.author.display_name if row.author else ""))
        if row.reviewed_at:
            said = f"{row.reviewed_by_name}：{row.review_note}" if row.review_note else row.reviewed_by_name
            events.append(StoryEvent(timezone.localdate(row.reviewed_at), State(row.state).label, said))
        versions = row.history.order_by("-pgh_id")[:HISTORY_SHOWN]  # type: ignore[attr-defined]
        changed = [each for each in versions if each.pgh_label == "update" and each.state in COUNTED]
        events += [
            StoryEvent(timezone.localdate(each.pgh_created_at), "记录有改动", minute(each.pgh_created_at))
            for each in changed
        ]
        return sorted(events, key=lambda event: event.on, reverse=True)

    def long_texts(self) -> list[tuple[str, SafeString]]:
        """议题, 内容记录, 决议: each safe to show."""
        row = self.object
        plain = lambda text: format_html_join("", "<p>{}</p>", ((line,) for line in text.splitlines() if line.strip()))  # noqa: E731
        texts = (
            ("议题", plain(row.agenda)),
            ("内容记录", SafeString(as_html(row.minutes, rich=row.minutes_rich))),
            ("形成的决议", plain(row.resolution)),
        )
        return [(label, text) for label, text in texts if text]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hidden = self.is_hidden
        return super().get_context_data(
            texts=[] if hidden else self.long_texts(), story_events=[] if hidden else self.story(), hidden=hidden,
            decides=self.decides, corrects=self.object.state == State.CORRECTION,
            other=self._other_version(), sign_in=self._sign_in(), **kwargs,
        )  # fmt: skip

    def _other_version(self) -> Activity | None:
        """The record that a correction is to change, or the correction that waits beside a record."""
        row = self.object
        if row.replaces_id:
            return row.replaces
        return Activity.objects.filter(Q(replaces=row)).exclude(state=State.CANCELLED).first()

    def _sign_in(self) -> str:
        """Where the host opens or shows 扫码签到; empty where the place has not switched it on."""
        if not self.keeps or not may_open_sign_in(self.object, self.today):
            return "" if not SignInCode.objects.filter(activity=self.object).exists() else self._sign_in_url()
        return self._sign_in_url()

    def _sign_in_url(self) -> str:
        return f"{self.object.get_absolute_url()}sign-in/" if self.keeps else ""


HISTORY_SHOWN = 20
