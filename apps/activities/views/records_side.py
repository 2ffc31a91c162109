"""登记本支部到会情况: a branch that held an activity together with others marks its own members in the one record."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.core.scoping import required_scope
from apps.core.views import FormPage

from .. import permissions
from ..forms.roll import Answers, RollForm
from ..kinds import AbsenceReason, Audience, Presence
from ..models import Activity, Attendance, Participation
from ..services.records_joint import mark_attendance
from ..services.roll import audience_at, candidates_on, expected_on
from .records_common import RECORDS, stands_close


def own_side(pk: int) -> Participation | None:
    """The part of a joint record that the reader's own branch has in it, beside the host."""
    rows = Participation.objects.filter(activity=pk, is_host=False).select_related("org", "activity__kind", "activity__second_kind")
    paths = required_scope().paths
    return next((row for row in rows if stands_close(row.org, paths)), None)


class MarkOwnSide(FormPage):
    """The list of the own branch on that day, ticked; the host's part of the record stays as it is."""

    permission = permissions.KEEP
    form_class = RollForm
    template_name = "activities/record_side.html"
    success_message = "已登记本支部的到会情况。"

    @cached_property
    def side(self) -> Participation:
        found = own_side(self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    @property
    def activity(self) -> Activity:
        return self.side.activity

    @cached_property
    def setting(self) -> SimpleNamespace:
        org, row = self.side.org, self.activity
        by_choice = audience_at(org, row.kind, row.second_kind) is Audience.CHOSEN
        expected = candidates_on(org, row.held_on) if by_choice else expected_on(org, row.kind, row.held_on, row.second_kind)
        return SimpleNamespace(org=org, day=row.held_on, expected=expected, by_choice=by_choice)

    def get_title(self) -> str:
        return f"登记本支部到会情况：{self.activity.title}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS, {"label": self.activity.title, "url": self.get_cancel_url()}]

    def get_cancel_url(self) -> str:
        return self.activity.get_absolute_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "setting": self.setting}

    def get_initial(self) -> dict[str, Any]:
        """The list as it was marked before: whoever joined it since was there."""
        rows = list(Attendance.objects.filter(activity=self.activity, org=self.side.org, is_visitor=False))
        absent = {row.member_id: row for row in rows if row.presence == Presence.ABSENT}
        answers = Answers(
            shown=frozenset(absent), ticked=frozenset(row.member_id for row in rows) - set(absent),
            reasons={pk: row.reason for pk, row in absent.items()}, notes={pk: row.note for pk, row in absent.items()},
        )  # fmt: skip
        return {"roll": answers, "version": self.activity.version}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(setting=self.setting, reasons=AbsenceReason.choices(), fixed_day=True, **kwargs)

    def perform(self, form: RollForm) -> Activity:
        mark_attendance(
            participation=self.side, absent=form.absences(), chosen=form.chosen(), seen=form.cleaned_data["version"],
            actor=self.request.user, today=self.today,
        )  # fmt: skip
        return self.activity
