"""我还差什么: what a branch still has to do, with date, reason and one button; and how each of its members stands."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.utils.functional import cached_property

from apps.branches.rules import BRANCH_KINDS, OrgKind
from apps.core.panels import TodoItem
from apps.core.periods import Period
from apps.core.urgency import as_rows, in_order
from apps.core.views import PageView
from apps.enterprises.views.common import can

from .. import permissions, showing_due
from ..compliance.cells import Duty, duties_of, members_without
from ..compliance.due import standing
from ..compliance.due_lines import due_lines
from ..kinds import AbsenceReason, Presence
from ..ledgers.hours import HoursLedger
from ..models import Attendance
from ..rules.hours import hours_missing
from .nodes import AboutNode

PAGE = "/activities/due/"
CRUMB = {"label": "我还差什么", "url": PAGE}
MEMBERS_SHOWN = 300
"""How many members the page lists (appearance only)."""


class DuePage(AboutNode, PageView):
    """What is due of one organisation: `?org=CODE`."""

    permission = permissions.VIEW
    template_name = "activities/due.html"
    title = "我还差什么"

    @cached_property
    def may_keep(self) -> bool:
        return self.org.ended_on is None and can(self.request.user, permissions.KEEP, self.org)

    @cached_property
    def standing(self) -> tuple[list[Duty], list[Duty]]:
        """What is asked now, met and unmet, and what was missed before."""
        return standing(self.org, today=self.today)

    @property
    def duties(self) -> list[Duty]:
        return self.standing[0]

    @property
    def is_branch(self) -> bool:
        return OrgKind(self.org.kind) in BRANCH_KINDS

    def get_actions(self) -> list[dict[str, Any]]:
        code = self.org.code
        found = [
            {"label": "记一次", "url": f"/activities/new/?org={code}", "primary": True, "shown": self.may_keep},
            {"label": "每名党员", "url": showing_due.members_url(self.org), "shown": self.is_branch},
            {"label": "月历", "url": f"/activities/calendar/?org={code}", "shown": True},
            {"label": "完成情况", "url": f"/activities/board/?org={code}", "shown": True},
        ]
        return [each for each in found if each["shown"]]

    def groups(self) -> list[dict[str, Any]]:
        """What is missing by its period, what other modules add, and what was missed before."""
        open_ = [duty for duty in self.duties if not duty.is_met]
        by_period = [
            (rhythm, label, [showing_due.as_item(duty, self.org) for duty in open_ if duty.period.kind == rhythm])
            for rhythm, label in showing_due.PERIODS.items()
        ]
        others = in_order(due_lines(self.org, user=self.request.user, today=self.today))
        missed = [showing_due.as_item(duty, self.org) for duty in self.standing[1]]
        found = [("others", "等着办的", others), *by_period, ("missed", "以前缺的，可以补记", missed)]
        return [
            {"id": code, "title": label, "rows": self._rows(items)}
            for code, label, items in found if items
        ]  # fmt: skip

    def _rows(self, items: list[TodoItem]) -> list[dict[str, Any]]:
        """The lines of a group; who may only look gets no button."""
        rows = as_rows(items, self.today)
        return rows if self.may_keep else [{**row, "url": ""} for row in rows]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            groups=self.groups(), progress=showing_due.progress(self.duties),
            done=[duty for duty in self.duties if duty.is_met], asked=bool(self.duties), is_branch=self.is_branch,
            **self.node_context(), **kwargs,
        )  # fmt: skip


class MembersDue(AboutNode, PageView):
    """每名党员: hours of the year so far and needed, talks, absences."""

    permission = permissions.VIEW
    template_name = "activities/due_members.html"

    def get_title(self) -> str:
        return f"{self.org}：每名党员"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{**CRUMB, "url": f"{PAGE}?org={self.org.code}"}]

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "党员学时台账", "url": f"/ledgers/activities.hours/?org={self.org.code}"}]

    @cached_property
    def rows(self) -> list[Any]:
        """The roster of today with the hours of the year. One query."""
        found = HoursLedger({}, today=self.today, user=self.request.user).rows().filter(org=self.org)
        return list(found.order_by("member__initials", "member_id")[:MEMBERS_SHOWN])

    def _attendances(self) -> dict[int, dict[str, Any]]:
        """Presences and absences of the year by member, at whatever branch. One query."""
        ids = [row.member_id for row in self.rows]
        counted = Attendance.objects.counted().in_year(self.today.year).filter(member__in=ids)
        found: dict[int, dict[str, Any]] = {pk: {"present": 0, "absent": 0, "reasons": {}} for pk in ids}
        for pk, presence, reason, number in (
            counted.order_by().values_list("member", "presence", "reason").annotate(Count("pk"))
        ):
            mine = found[pk]
            if presence == Presence.PRESENT:
                mine["present"] += number
            else:
                mine["absent"] += number
                mine["reasons"][reason] = mine["reasons"].get(reason, 0) + number
        return found

    def _lacking(self) -> list[tuple[Duty, set[int]]]:
        """What is asked of each member, with who has not taken part yet."""
        duties = [
            duty for duty in duties_of(self.org, today=self.today) if duty.of_members and duty.org.pk == self.org.pk
        ]
        return [
            (duty, {pk for pk, _ in members_without(self.org, duty.kind, duty.period, duty.requirement.times)})
            for duty in duties
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        attended, asked = self._attendances(), self._lacking()
        lines = []
        for row in self.rows:
            mine = attended[row.member_id]
            reasons = "、".join(f"{AbsenceReason(code).label} {n}" for code, n in sorted(mine["reasons"].items()))
            missing = hours_missing(row.hours, is_leader=row.leader)
            lines.append({
                "member": row.member, "leader": row.leader, "hours": row.hours, "needed": row.needed, "missing": missing,
                "bar": [{"label": "学时", "tone": "warning" if missing else "success",
                         "share": min(100, 100 * float(row.hours) / row.needed)}],
                "asked": [{"duty": duty, "lacks": row.member_id in lacking} for duty, lacking in asked],
                "absent": mine["absent"], "reasons": reasons, "present": mine["present"],
            })  # fmt: skip
        return super().get_context_data(
            lines=lines,
            duties=[duty for duty, _ in asked],
            year=Period.year_of(self.today),
            **self.node_context(),
            **kwargs,
        )
