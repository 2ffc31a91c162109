"""记一次活动: the one page, and the same page for a plan or a draft. A secretary's minute on a phone."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any, Final

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.core.attachments import attach
from apps.core.clock import day_named
from apps.core.errors import DomainError
from apps.core.views import EditPage, FormPage

from .. import people, permissions
from ..forms.records import RecordForm, Setting, pairs
from ..forms.roll import Answers
from ..kinds import AbsenceReason, State
from ..models import Activity, ActivityKind
from ..rules.minutes import as_text
from ..services.records import amend_activity, log_activity
from ..services.records_facts import Facts, Roll, facts_of, roll_of
from ..services.sign_in import signed_in
from ..services.tips import answer_sheets
from ..services.visitors import find_visitors, visitors_named
from . import records_setting as known
from .records_common import RECORDS, own_record
from .records_kinds import ChooseKind

SAID: Final = {
    "submit": "已提交。",
    "draft": "已存为草稿，提交后才计入。",
    "plan": "已存为计划，活动结束后在这里记录。",
}
PLAIN: Final = (
    "title", "place", "link", "chair", "recorder", "speaker", "guests", "units", "agenda", "minutes", "minutes_rich",
    "resolution", "study_hours",
)  # fmt: skip
BESIDE: Final = {"starts_at": "on", "ends_at": "ends", "absent": "roll"}
"""Beside which field of the form a refusal of the service stands."""
PICKED: Final = ("second_kind", "form", "theme", "lecturer", "venue")


class RecordPage(FormPage):
    """The form. A press on 查找 or a new day shows the page again with everything that was typed, and saves nothing."""

    permission = permissions.KEEP
    form_class = RecordForm
    template_name = "activities/record_form.html"
    success_message = ""
    ahead = False

    # ---- what it is about

    @cached_property
    def kinds(self) -> list[ActivityKind]:
        return known.active_kinds()

    @cached_property
    def kind(self) -> ActivityKind:
        raise NotImplementedError

    @cached_property
    def orgs(self) -> list[Any]:
        return known.own_organisations(self.today)

    @cached_property
    def org(self) -> PartyOrg:
        raise NotImplementedError

    def usual_day(self) -> datetime.date:
        raise NotImplementedError

    def asked(self, name: str) -> str:
        return str(self.request.POST.get(name, "")).replace("\x00", "").strip()

    @cached_property
    def day(self) -> datetime.date:
        """The day on the form; the usual one while there is none, or none that can be read."""
        if self.request.method == "POST":
            try:
                return RecordForm.base_fields["on"].clean(self.asked("on"))  # type: ignore[no-any-return]
            except django_forms.ValidationError:
                return self.today
        return self.usual_day()

    @property
    def looked_for(self) -> str:
        return self.asked("look")

    @cached_property
    def setting(self) -> Setting:
        second = next((kind for kind in self.kinds if str(kind.pk) == self.asked("second_kind")), self.first_second())
        picks = any(self.asked(name) for name in ("lecturer", "venue", "form"))
        return known.setting_for(
            kinds=self.kinds, kind=self.kind, org=self.org, orgs=self.orgs, day=self.day, second=second,
            visitors=self._visitors(), co_hosts=self._co_hosts(),
            with_offers=picks or self.looked_for == "offers" or self.has_offers(),
        )  # fmt: skip

    def first_second(self) -> ActivityKind | None:
        """The second kind that the form begins with."""
        return None

    def has_offers(self) -> bool:
        """Whether the form begins with a lecturer or a room chosen."""
        return False

    def _visitors(self) -> list[tuple[Any, bool]]:
        """Those already chosen, and those whom 查找 found; without a name whom the branch looks after."""
        chosen = known.as_found(_still(visitors_named, pairs(self.request.POST.getlist("visitors"))))
        if self.looked_for != "visitors":
            return _together(chosen, [])
        name = self.asked("visitor_name")
        return _together(chosen, find_visitors(name) if name else known.near(self.org, self.day))

    def _co_hosts(self) -> list[tuple[Any, bool]]:
        chosen = people.branches([pk for pk, _ in pairs(self.request.POST.getlist("co_hosts"))])
        found = people.branches_named(self.asked("host_name")) if self.looked_for == "hosts" else []
        return _together(chosen, [org for org in found if org.pk != self.org.pk])

    # ---- the page

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS]

    def get_cancel_url(self) -> str:
        return RECORDS["url"]

    def get_form_kwargs(self) -> dict[str, Any]:
        self.setting.address = self.request.get_full_path()
        return {**super().get_form_kwargs(), "setting": self.setting}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.looked_for:
            form = self.get_form()
            form._errors = django_forms.utils.ErrorDict()  # nothing is judged while somebody is still looking
            return self.render_to_response(self.get_context_data(form=form))
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            setting=self.setting, reasons=AbsenceReason.choices(), ahead=self.ahead or self.day > self.today,
            draft_key=f"{self.request.path}?kind={self.kind.code}", wants_choice=len(self.orgs) > known.LISTED,
            looked_for=self.looked_for, rich=self.rich(), **kwargs,
        )  # fmt: skip

    def rich(self) -> str:
        """Formatted minutes for the editor of a desk; the textarea holds their text."""
        return ""

    # ---- saving

    @property
    def wanted(self) -> str:
        """What the pressed button asks for: submit, draft or plan."""
        found = self.asked("save")
        return found if found in SAID else "submit"

    def perform(self, form: RecordForm) -> Any:
        if self.wanted == "submit" and form.cleaned_data["on"] > self.today:
            self.ahead = True
            raise DomainError(
                "这一天还没有到，只能存为计划：日期无误的，请按“存为计划”；填错的，请改正日期。", field="on"
            )
        activity = self.save(form)
        messages.success(self.request, SAID[self.wanted if activity.state != State.PLANNED else "plan"])
        self._answer_sheets(form, activity)
        self._keep_files(form, activity)
        return activity

    def save(self, form: RecordForm) -> Activity:
        raise NotImplementedError

    def _refused(self, form: Any, error: DomainError) -> HttpResponse:
        error.field = BESIDE.get(error.field, error.field)
        return super()._refused(form, error)

    def _answer_sheets(self, form: RecordForm, activity: Activity) -> None:
        """The ticked 提示单 are answered by this record, and no others."""
        if "sheets" not in form.fields:
            return
        try:
            answer_sheets(
                activity=activity, receipts=form.cleaned_data["sheets"], now=timezone.now(), actor=self.request.user
            )
        except DomainError as error:
            messages.error(self.request, f"记录已保存，但提示单没有关联：{error.message}")

    def _keep_files(self, form: RecordForm, activity: Activity) -> None:
        """Each file by itself: one that cannot be kept is named, the record and the other files stay."""
        for file in form.cleaned_data["attachments"]:
            try:
                attach(file=file, target=activity, actor=self.request.user)
            except DomainError as error:
                messages.error(self.request, f"记录已保存，但附件「{file.name}」没有保存：{error.message}")

    def facts(self, form: RecordForm) -> Facts:
        data = form.cleaned_data
        return Facts(
            kind=self.kind, starts_at=form.starts_at(), ends_at=form.ends_at(),
            others_present=data["others_present"] or 0, **{name: data[name] for name in PLAIN},
            **{name: data.get(name) for name in PICKED},
        )  # fmt: skip

    def roll(self, form: RecordForm) -> Roll:
        """Who was absent and why, who was chosen, who came besides. Raises DomainError for an id that is nobody's."""
        visitors = visitors_named(form.cleaned_data["visitors"])
        co_hosts = people.branches([pk for pk, _ in form.cleaned_data["co_hosts"]])
        if len(co_hosts) != len(form.cleaned_data["co_hosts"]):
            raise DomainError("有共同举办的党支部已经撤销，请重新查找。", field="co_hosts")
        return Roll(absent=form.absences(), chosen=form.chosen(), visitors=tuple(visitors), co_hosts=tuple(co_hosts))


def _still(find: Any, wanted: list[Any]) -> list[Any]:
    """Those of the rows that are still there: while somebody is looking nothing is refused."""
    try:
        return find(wanted)  # type: ignore[no-any-return]
    except DomainError:
        return []


def _together(chosen: list[Any], found: list[Any]) -> list[tuple[Any, bool]]:
    """Rows to tick: those chosen before are ticked, and one that was found alone."""
    known_ids = {row.pk for row in chosen}
    fresh = [row for row in found if row.pk not in known_ids]
    return [*((row, True) for row in chosen), *((row, len(fresh) == 1) for row in fresh)]


class NewRecord(RecordPage):
    """记一次活动. `kind` in the address; `on`, `org` and `like` (再记一次) fill in more. Without a kind, the choice."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "kind" not in request.GET:
            return ChooseKind.as_view()(request)
        return super().get(request, *args, **kwargs)

    @cached_property
    def like(self) -> Activity | None:
        wanted = self.request.GET.get("like", "")
        if not wanted:
            return None
        return own_record(wanted)

    @cached_property
    def kind(self) -> ActivityKind:
        code = self.request.GET.get("kind", "")
        found = next((kind for kind in self.kinds if kind.code == code), None)
        if found is None:
            raise Http404
        return found

    @cached_property
    def org(self) -> PartyOrg:
        of_last = str(self.like.org_id) if self.like and self.request.method == "GET" else ""
        return known.chosen_org(self.orgs, self.asked("org") or self.request.GET.get("org", "") or of_last, self.kind)

    def usual_day(self) -> datetime.date:
        return day_named(self.request.GET.get("on", "")) or known.usual_day(self.kind, self.org, self.today)

    def get_title(self) -> str:
        return self.kind.name

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS, {"label": "记一次活动", "url": "/activities/new/"}]

    def has_offers(self) -> bool:
        return any(self.request.GET.get(name) for name in ("venue", "lecturer"))

    def get_initial(self) -> dict[str, Any]:
        initial = known.usual(self.setting, self.today, self.request.user) | known.picked(
            self.setting, self.request.GET
        )
        if self.like is None:
            return initial
        again = ("place", "chair", "recorder", "units", "link")
        return {**initial, **{name: getattr(self.like, name) for name in again}, "roll": answers_of(roll_of(self.like))}

    def save(self, form: RecordForm) -> Activity:
        return log_activity(
            org=self.org, facts=self.facts(form), roll=self.roll(form), submit=self.wanted == "submit",
            key=form.cleaned_data["submission"], late_reason=form.cleaned_data["reason"],
            actor=self.request.user, today=self.today,
        )  # fmt: skip


class EditRecord(RecordPage, EditPage):
    """修改, and 现在记录 of a plan: the same page, filled with what is kept."""

    object: Activity

    def get_queryset(self) -> Any:
        return Activity.objects.select_related("kind", "second_kind", "org")

    @cached_property
    def kind(self) -> ActivityKind:
        return self.object.kind

    @cached_property
    def org(self) -> PartyOrg:
        return self.object.org

    @property
    def orgs(self) -> list[Any]:  # type: ignore[override]
        return [self.object.org]

    def usual_day(self) -> datetime.date:
        return self.object.held_on

    def first_second(self) -> ActivityKind | None:
        return self.object.second_kind

    def has_offers(self) -> bool:
        return any((self.object.lecturer_id, self.object.venue_id, self.object.form_id))

    @cached_property
    def kept(self) -> Roll:
        return roll_of(self.object)

    def _visitors(self) -> list[tuple[Any, bool]]:
        begins = () if self.request.method == "POST" else self.kept.visitors
        return [*_together(known.as_found(begins), []), *super()._visitors()]

    def _co_hosts(self) -> list[tuple[Any, bool]]:
        begins = () if self.request.method == "POST" else self.kept.co_hosts
        return [*_together(list(begins), []), *super()._co_hosts()]

    def get_title(self) -> str:
        return f"{'记录' if self.object.state == State.PLANNED else '修改'}：{self.object.title}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS, {"label": self.object.title, "url": self.object.get_absolute_url()}]

    def get_cancel_url(self) -> str:
        return self.object.get_absolute_url()

    def get_initial(self) -> dict[str, Any]:
        row, starts = self.object, timezone.localtime(self.object.starts_at)
        ends = timezone.localtime(row.ends_at).time() if row.ends_at else None
        return {
            **{name: getattr(row, name) for name in PLAIN}, **{name: getattr(row, f"{name}_id") or "" for name in PICKED},
            "org": row.org_id, "on": row.held_on, "at": starts.time(), "ends": ends, "version": row.version,
            "others_present": row.others_present, "minutes": as_text(row.minutes, rich=row.minutes_rich),
            "reason": row.correction_reason, "roll": self._answers(),
            "sheets": list(row.tip_links.values_list("receipt", flat=True)) if self.setting.sheets else [],
            "visitors": [f"{row.pk} {row.name}" for row in self.kept.visitors],
            "co_hosts": [f"{row.pk} {row.name}" for row in self.kept.co_hosts],
        }  # fmt: skip

    def _answers(self) -> Answers:
        """The kept list; after 扫码签到 those who signed in are ticked, and of the others somebody says why not."""
        kept, signed = answers_of(self.kept), signed_in(self.object)
        if not signed:
            return kept
        return replace(kept, shown=frozenset(each.member.pk for each in self.setting.expected), ticked=signed)

    def rich(self) -> str:
        return self.object.minutes if self.object.minutes_rich else ""

    def facts(self, form: RecordForm) -> Facts:
        """A phone that saves formatted minutes without touching them leaves them as they are."""
        found = super().facts(form)
        kept = facts_of(self.object)
        same = kept.minutes_rich and not found.minutes_rich and as_text(kept.minutes, rich=True) == found.minutes
        return Facts(**{**vars(found), "minutes": kept.minutes, "minutes_rich": True}) if same else found

    def save(self, form: RecordForm) -> Activity:
        return amend_activity(
            activity=self.object, facts=self.facts(form), roll=self.roll(form), submit=self.wanted == "submit",
            seen=form.cleaned_data["version"], reason=form.cleaned_data["reason"],
            actor=self.request.user, today=self.today,
        )  # fmt: skip


def answers_of(roll: Roll) -> Answers:
    """The list as it stood when it was kept: whoever joined it since is shown as present."""
    absent = {row.member.pk: row for row in roll.absent}
    return Answers(
        shown=frozenset(absent), ticked=frozenset(member.pk for member in roll.chosen),
        reasons={pk: row.reason for pk, row in absent.items()}, notes={pk: row.note for pk, row in absent.items()},
    )  # fmt: skip
