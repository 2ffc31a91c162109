"""教育培训: the book of classes, one class with its roster, who came; 书记轮训; 党员学时."""

from __future__ import annotations

from typing import Any

from apps.core.views import DetailPage, EditPage, FormPage
from apps.enterprises.views.common import buttons
from apps.enterprises.views.lists import RegisterList
from apps.enterprises.views.tables import section

from .. import permissions
from ..forms import education as forms
from ..kinds import Presence, State
from ..ledgers.hours import HoursLedger, SecretaryTrainingLedger, lacking, secretaries
from ..ledgers.training import TONES, TrainingLedger, days_of
from ..models import Activity
from ..rules.education import NEW_SECRETARY, YEARLY_TRAINING
from ..rules.hours import CONVERSION, LEADER_STUDY, MEMBER_STUDY, MIDYEAR
from ..services import training as services
from ..services.training import Circle, ClassFacts, circle_of, people_named, roster
from ..study_figures import TRAINING as KIND
from ..tables import table
from .venues import own_org

TRAINING = {"label": "教育培训台账", "url": "/training/"}
OPEN = (State.PLANNED, State.DRAFT, State.RETURNED)


class TrainingList(RegisterList):
    """教育培训台账, under the figure of the secretaries."""

    ledger = TrainingLedger
    template_name = "activities/training.html"
    offers = (
        (permissions.RUN_TRAINING, "新办培训班", "/training/new/"),
        (permissions.VIEW, "书记轮训", "/training/secretaries/"),
        (permissions.VIEW, "党员学时", "/training/hours/"),
        (permissions.VIEW, "讲师台账", "/lecturers/"),
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = secretaries(self.today)
        total, lack = rows.count(), lacking(rows, True).count()
        return super().get_context_data(total=total, trained=total - lack, lack=lack, **kwargs)


class SecretaryTrainingList(RegisterList):
    """书记轮训."""

    ledger = SecretaryTrainingLedger
    template_name = "activities/with_basis.html"
    offers = ((permissions.RUN_TRAINING, "新办培训班", "/training/new/"),)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRAINING]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(basis=[YEARLY_TRAINING, NEW_SECRETARY], **kwargs)


class HoursList(RegisterList):
    """党员学时."""

    ledger = HoursLedger
    template_name = "activities/with_basis.html"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRAINING]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(basis=[MEMBER_STUDY, LEADER_STUDY, MIDYEAR], **kwargs)


def classes() -> Any:
    return (
        Activity.objects.filter(kind__code=KIND)
        .exclude(state=State.CANCELLED)
        .select_related("org", "lecturer", "kind")
    )


class ClassPage(DetailPage):
    """One class: what, when, for how many hours, and its roster with who came."""

    permission = permissions.VIEW
    object: Activity

    def get_queryset(self) -> Any:
        return classes()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRAINING]

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        return [{"text": row.get_state_display(), "tone": TONES.get(State(row.state), "neutral")}]

    def get_actions(self) -> list[dict[str, Any]]:
        row, run = self.object, permissions.RUN_TRAINING
        here = f"/training/{row.pk}/"
        wanted = []
        if row.held_on <= self.today and row.state != State.CORRECTION:
            wanted.append((run, "登记到课", f"{here}mark/"))
        if row.state in OPEN:
            wanted.append((run, "调整名单", f"{here}roster/"))
        return [*buttons(self.request.user, row, *wanted), {"label": "活动记录", "url": row.get_absolute_url()}]

    def get_facts(self) -> list[dict[str, Any]]:
        row, people = self.object, self.people
        return [
            {"label": "举办单位", "value": row.org.name, "url": row.org.get_absolute_url()},
            {"label": "开班日期", "value": row.held_on, "hint": f"{days_of(row)} 天"},
            {"label": "学时", "value": f"{row.study_hours.normalize():f}", "hint": str(CONVERSION)},
            {"label": "地点", "value": row.place},
            {"label": "主讲", "value": row.lecturer.name if row.lecturer else row.speaker},
            {"label": "名单", "value": f"{len(people)} 人"},
            {"label": "参训", "value": f"{row.present} 人" if row.state not in OPEN else ""},
            {"label": "其中书记", "value": services.present_secretaries(people, row.held_on)},
            *([{"label": "课程安排", "value": row.agenda, "wide": True}] if row.agenda else []),
        ]

    @property
    def people(self) -> list[Any]:
        if not hasattr(self, "_people"):
            self._people = roster(self.object)
        return self._people

    def get_sections(self) -> list[dict[str, Any]]:
        planned = self.object.state in OPEN
        lines = [
            [
                {"text": row.member.name, "url": row.member.get_absolute_url(), "nowrap": True},
                {"text": str(row.member.org)},
                *([] if planned else [_presence(row), {"text": f"{row.hours.normalize():f}", "numeric": True}]),
            ]
            for row in self.people
        ]
        headers = ("姓名", "党支部") if planned else ("姓名", "党支部", "到课", "学时")
        return [section("roster", "名单", table(headers, lines, "名单上还没有人。点「调整名单」增加。"), None)]


def _presence(row: Any) -> dict[str, Any]:
    if row.presence == Presence.PRESENT:
        return {"text": "到课", "badge": "success"}
    return {"text": row.get_reason_display(), "badge": "neutral"}


def picked(given: dict[str, Any], org: Any, day: Any) -> list[Any]:
    """The people whom the form means: the circle below the organisation, then those by name."""
    circle, among, names = (given.pop(name) for name in ("circle", "among", "names"))
    found = circle_of(among or org, Circle(circle), day) if circle else []
    named = people_named(org, names, day) if names else []
    return list({member.pk: member for member in (*found, *named)}.values())


class PlanClass(FormPage):
    """新办培训班."""

    permission = permissions.RUN_TRAINING
    form_class = forms.PlanClassForm
    title = "新办培训班"
    success_message = "已保存。开班后在这里登记到课。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRAINING]

    def get_cancel_url(self) -> str:
        return TRAINING["url"]

    def get_basis(self) -> list[Any]:
        return [CONVERSION]

    def get_initial(self) -> dict[str, Any]:
        return {"org": own_org(), "on": self.today, "full_days": 1, "half_days": 0, "circle": "secretaries"}

    def perform(self, form: Any) -> str:
        facts = form.facts()
        org = facts.pop("org")
        members = picked(facts, org, facts["on"])
        row = services.plan_class(
            org=org, facts=ClassFacts(**facts), members=members, today=self.today, actor=self.request.user
        )
        return f"/training/{row.pk}/"


class PartOfClass(EditPage):
    """A form about one class and its roster."""

    permission = permissions.RUN_TRAINING
    object: Activity

    def get_queryset(self) -> Any:
        return classes()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.title}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRAINING, {"label": self.object.title, "url": self.get_cancel_url()}]

    def get_cancel_url(self) -> str:
        return f"/training/{self.object.pk}/"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "rows": roster(self.object)}

    def common(self, form: Any) -> dict[str, Any]:
        version = form.cleaned_data["version"]
        return {"activity": self.object, "today": self.today, "actor": self.request.user, "version": version}


class EditRoster(PartOfClass):
    form_class = forms.RosterForm
    title = "调整名单"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "kept": [str(row.member_id) for row in roster(self.object)]}

    def perform(self, form: Any) -> str:
        facts = form.facts()
        kept = set(facts.pop("kept"))
        here = [row.member for row in roster(self.object) if str(row.member_id) in kept]
        added = picked(facts, self.object.org, self.object.held_on)
        members = {member.pk: member for member in (*here, *added)}.values()
        services.change_roster(members=list(members), **self.common(form))
        return self.get_cancel_url()


class MarkClass(PartOfClass):
    form_class = forms.MarkForm
    template_name = "activities/training_mark.html"
    title = "登记到课"
    submit_label = "提交"
    success_message = "已登记，学时已记入每名党员。"

    def get_basis(self) -> list[Any]:
        return [CONVERSION]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "hours": self.object.study_hours}

    def perform(self, form: Any) -> str:
        services.mark_class(**form.facts(), **self.common(form))
        return self.get_cancel_url()
