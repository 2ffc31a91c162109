"""会议签到表: before an activity the roster with blank lines to sign on, afterwards who was there."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from django.utils.functional import cached_property

from apps.core.clock import local
from apps.core.scoping import required_scope
from apps.core.views import PageView

from .. import permissions
from ..books.reading import when
from ..kinds import AbsenceReason, Presence, State
from ..models import Activity
from ..services.records_joint import lines_of, sides_of
from ..services.roll import expected_on
from .records_common import readable_record, stands_close

BLANK_LINES = 6
"""Lines for those who sit in and are not known beforehand."""

AHEAD = (State.PLANNED, State.DRAFT)


class AttendanceSheet(PageView):
    """The sheet of one activity, for whoever answers for a branch that takes part."""

    permission = permissions.VIEW
    template_name = "activities/sheet.html"

    @cached_property
    def activity(self) -> Activity:
        return readable_record(self.kwargs["pk"])

    def get_title(self) -> str:
        return f"签到表：{self.activity.title}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": self.activity.title, "url": self.activity.get_absolute_url()}]

    @property
    def is_ahead(self) -> bool:
        return self.activity.state in AHEAD

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.activity
        hidden = row.state == State.DRAFT and not stands_close(row.org, required_scope().paths)
        people = [] if hidden else self._expected() if self.is_ahead else self._there()
        half = (len(people) + 1) // 2
        numbered = [{**person, "number": number} for number, person in enumerate(people, start=1)]
        return super().get_context_data(
            activity=row, ahead=self.is_ahead, hidden=hidden, when=when(row), start=local(row.starts_at),
            lines=list(zip_longest(numbered[:half], numbered[half:], fillvalue={})), blanks=range(BLANK_LINES) if self.is_ahead else (),
            sides=sides_of(row), **kwargs,
        )  # fmt: skip

    def _expected(self) -> list[dict[str, str]]:
        """The rosters of the day of every side that the reader answers for, and who was named already."""
        row, scope = self.activity, required_scope()
        people: dict[int, dict[str, str]] = {}
        for side in sides_of(row):
            if scope.covers(side.org_path):
                for each in expected_on(side.org, row.kind, row.held_on, row.second_kind):
                    people.setdefault(each.member.pk, {"name": each.name, "group": str(each.group or "")})
        for line in lines_of(row):
            people.setdefault(line.member_id, {"name": line.member.name, "group": "来访" if line.is_visitor else ""})
        return list(people.values())

    def _there(self) -> list[dict[str, str]]:
        return [
            {"name": line.member.name, "group": "来访" if line.is_visitor else "", "said": _said(line),
             "absent": "1" if line.presence == Presence.ABSENT else ""}
            for line in lines_of(self.activity)
        ]  # fmt: skip


def _said(line: Any) -> str:
    """到会, or why not."""
    if line.presence == Presence.PRESENT:
        return "到会"
    return f"缺席（{AbsenceReason(line.reason).label}{f'：{line.note}' if line.note else ''}）"
