"""红色讲师团: the pool, one lecturer, invitations."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.core.clock import day_named
from apps.core.guard import resolve_scope
from apps.core.scoping import required_scope
from apps.core.views import DetailPage, EditPage, FormPage, PageView
from apps.enterprises.views.common import buttons, can
from apps.enterprises.views.lists import RegisterList
from apps.enterprises.views.tables import section
from apps.members.ledgers.posts import member_link

from .. import directory, permissions
from ..forms import education as forms
from ..forms.venues import AnswerForm, CancelForm
from ..kinds import BookingState
from ..ledgers.lecturers import LecturerBookingLedger, LecturerLedger, state_of
from ..ledgers.venues import BOOKING_TONES
from ..models import Activity, Lecturer, LecturerBooking
from ..querysets.venues import HOLDING
from ..rules.education import LECTURERS as BASIS
from ..services import answers
from ..services import lecturers as services
from ..tables import table
from .venues import own_org

LECTURERS = {"label": "讲师台账", "url": "/lecturers/"}
BOOKINGS = {"label": "讲师预约台账", "url": "/lecturers/bookings/"}
OFFERED = {"label": "邀请讲师", "url": "/lecturers/offered/"}
SHOWN = 20


class LecturerList(RegisterList):
    """讲师台账."""

    ledger = LecturerLedger
    offers = (
        (permissions.RUN_TRAINING, "登记讲师", "/lecturers/new/"),
        (permissions.RUN_TRAINING, "导入", "/imports/activities.lecturers/"),
        (permissions.KEEP, "邀请讲师", "/lecturers/offered/"),
        (permissions.VIEW, "预约台账", "/lecturers/bookings/"),
    )


class LecturerBookingList(RegisterList):
    """讲师预约台账."""

    ledger = LecturerBookingLedger
    offers = ((permissions.KEEP, "邀请讲师", "/lecturers/offered/"), (permissions.VIEW, "讲师台账", "/lecturers/"))

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [LECTURERS]


class OfferedLecturers(PageView):
    """可邀请的讲师: of the own pool and of the pools above, with topics."""

    permission = permissions.KEEP
    template_name = "activities/offered_lecturers.html"
    title = "邀请讲师"
    lead = "本组织和上级讲师团的讲师。邀请答复后，活动记录选了这位讲师即为完成。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [LECTURERS]

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "我的预约", "url": BOOKINGS["url"]}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = [
            [
                {"text": row.name, "url": f"/lecturers/offered/{row.pk}/", "nowrap": True},
                {"text": row.unit},
                {"text": row.topics},
                {"text": str(row.org)},
                {"text": "邀请", "url": f"/lecturers/offered/{row.pk}/"},
            ]
            for row in directory.lecturers_seen(self.today)
        ]
        headers = ("讲师", "单位及职务", "主讲专题", "讲师团", "办理")
        return super().get_context_data(table=table(headers, lines, ""), **kwargs)


class InviteLecturer(FormPage):
    """邀请 one lecturer; `?on=` names the day."""

    permission = permissions.KEEP
    template_name = "activities/invite.html"
    form_class = forms.InviteForm
    submit_label = "提交邀请"
    success_message = ""

    @cached_property
    def lecturer(self) -> Lecturer:
        found = directory.lecturer(self.kwargs["pk"], self.today)
        if found is None:
            raise Http404
        return found

    @property
    def is_own(self) -> bool:
        """Who asks keeps the pool: the invitation needs no answer."""
        return can(self.request.user, permissions.RUN_TRAINING, self.lecturer)

    def get_title(self) -> str:
        return f"邀请讲师：{self.lecturer.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [LECTURERS, OFFERED]

    def get_cancel_url(self) -> str:
        return OFFERED["url"]

    def get_basis(self) -> list[Any]:
        return [] if self.is_own else [BASIS]

    def get_initial(self) -> dict[str, Any]:
        day = day_named(self.request.GET.get("on", ""))
        return {"org": own_org(), "on": day, "contact_name": self.request.user.display_name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lecturer=self.lecturer, is_own=self.is_own, **kwargs)

    def perform(self, form: Any) -> str:
        booking = services.book_lecturer(
            lecturer=self.lecturer, granted=self.is_own, today=self.today, actor=self.request.user, **form.facts()
        )
        return f"/lecturers/bookings/{booking.pk}/"


def lecturers() -> Any:
    return Lecturer.objects.select_related("org", "member")


class LecturerPage(DetailPage):
    """One lecturer: topics, what was taught, who invites."""

    permission = permissions.VIEW
    object: Lecturer

    def get_queryset(self) -> Any:
        return lecturers()

    def get_title(self) -> str:
        return self.object.name

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [LECTURERS]

    def get_badges(self) -> list[dict[str, str]]:
        left = self.object.until
        return [{"text": f"{left:%Y-%m-%d} 退出", "tone": "neutral"}] if left else []

    def get_actions(self) -> list[dict[str, Any]]:
        row, keep = self.object, permissions.RUN_TRAINING
        here = row.get_absolute_url()
        if row.until:
            return []
        return buttons(self.request.user, row, (permissions.KEEP, "邀请", f"/lecturers/offered/{row.pk}/"),
                       (keep, "修改", f"{here}edit/"), (keep, "退出讲师团", f"{here}release/"))  # fmt: skip

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        code = row.member.code if row.member else "不在名册上"
        return [
            {"label": "姓名", "value": row.name, "hint": code, "url": member_link(row)},
            {"label": "讲师团", "value": row.org.name, "url": row.org.get_absolute_url()},
            {"label": "单位及职务", "value": row.unit},
            {"label": "入团日期", "value": row.since},
            {"label": "主讲专题", "value": row.topics, "wide": True},
            *([{"label": "备注", "value": row.note, "wide": True}] if row.note else []),
        ]

    def get_sections(self) -> list[dict[str, Any]]:
        return [self._taught(), self._invited()]

    def _taught(self) -> dict[str, Any]:
        rows = Activity.objects.counted().filter(lecturer=self.object).select_related("org", "kind")
        lines = [
            [
                {"text": f"{row.held_on:%Y-%m-%d}", "nowrap": True},
                {"text": row.title, "url": row.get_absolute_url()},
                {"text": str(row.org)},
                {"text": row.present + row.visitors + row.others_present, "numeric": True},
            ]
            for row in rows.order_by("-held_on", "-pk")[:SHOWN]
        ]
        year = self.today.year
        count = rows.filter(held_on__year=year).count()
        found = section("taught", "授课", table(("日期", "主题", "党组织", "人次"), lines, "还没有授课记录。"),
                        ("全部", f"/activities/held/?lecturer={self.object.pk}") if lines else None)  # fmt: skip
        return {**found, "note": f"{year} 年 {count} 次"}

    def _invited(self) -> dict[str, Any]:
        rows = LecturerBooking.objects.filter(lecturer=self.object).select_related("other_org").with_done()
        lines = [
            [
                {"text": f"{row.on:%Y-%m-%d}", "url": f"/lecturers/bookings/{row.pk}/", "nowrap": True},
                {"text": row.topic},
                {"text": str(row.other_org or "")},
                _badge(row),
            ]
            for row in rows.order_by("-on", "-pk")[:SHOWN]
        ]
        return section("bookings", "邀请", table(("日期", "题目", "党组织", "状态"), lines, "还没有邀请。"), None)


def _badge(row: LecturerBooking) -> dict[str, Any]:
    state = BookingState(state_of(row))
    return {"text": state.label, "badge": BOOKING_TONES.get(state, "neutral")}


class AddLecturer(FormPage):
    """登记讲师."""

    permission = permissions.RUN_TRAINING
    form_class = forms.AddLecturerForm
    title = "登记讲师"
    submit_label = "登记"
    success_message = "已登记。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [LECTURERS]

    def get_cancel_url(self) -> str:
        return LECTURERS["url"]

    def get_initial(self) -> dict[str, Any]:
        return {"org": own_org(), "since": self.today}

    def perform(self, form: Any) -> Lecturer:
        facts = form.facts()
        who = {name: facts.pop(name) for name in ("org", "member", "name", "since")}
        return services.add_lecturer(**who, facts=facts, today=self.today, actor=self.request.user)


class PartOfLecturer(EditPage):
    """A form about one lecturer."""

    permission = permissions.RUN_TRAINING
    object: Lecturer

    def get_queryset(self) -> Any:
        return lecturers()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [LECTURERS, {"label": self.object.name, "url": self.object.get_absolute_url()}]

    def common(self, form: Any) -> dict[str, Any]:
        return {"lecturer": self.object, "actor": self.request.user, "version": form.cleaned_data["version"]}


class EditLecturer(PartOfLecturer):
    form_class = forms.LecturerForm
    title = "修改讲师"

    def perform(self, form: Any) -> Lecturer:
        return services.change_lecturer(facts=form.facts(), **self.common(form))


class ReleaseLecturer(PartOfLecturer):
    form_class = forms.ReleaseLecturerForm
    title = "退出讲师团"
    submit_label = "退出"
    success_message = "已登记退出。"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def perform(self, form: Any) -> Lecturer:
        return services.release_lecturer(today=self.today, **form.facts(), **self.common(form))


def bookings() -> Any:
    return LecturerBooking.objects.select_related("lecturer", "org", "other_org").with_done()


class LecturerBookingPage(DetailPage):
    """One invitation, for both sides."""

    permission = permissions.VIEW
    object: LecturerBooking

    def get_queryset(self) -> Any:
        return bookings()

    def get_title(self) -> str:
        return f"{self.object.lecturer.name} {self.object.on:%Y-%m-%d}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [LECTURERS, BOOKINGS]

    def get_badges(self) -> list[dict[str, str]]:
        state = BookingState(state_of(self.object))
        return [{"text": state.label, "tone": BOOKING_TONES.get(state, "neutral")}]

    def get_actions(self) -> list[dict[str, Any]]:
        row, user, found = self.object, self.request.user, []
        here = f"/lecturers/bookings/{row.pk}/"
        keeps = can(user, permissions.RUN_TRAINING, row)
        asks = bool(row.other_path) and resolve_scope(user, permissions.KEEP).covers(row.other_path)
        if row.state == BookingState.REQUESTED and keeps:
            found.append({"label": "答复", "url": f"{here}answer/", "primary": True})
        if row.state == BookingState.ACCEPTED and asks and state_of(row) != BookingState.DONE:
            url = f"/activities/new/?kind=lecture&lecturer={row.lecturer_id}&on={row.on:%Y-%m-%d}"
            found.append({"label": "转为活动", "url": url, "primary": True})
        if state_of(row) in HOLDING and (keeps or asks):
            found.append({"label": "取消邀请", "url": f"{here}cancel/", "danger": True})
        return found

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        seen = required_scope().covers(row.org_path)
        return [
            {"label": "讲师", "value": row.lecturer.name, "url": row.lecturer.get_absolute_url() if seen else ""},
            {"label": "讲师团", "value": row.org.name},
            {"label": "邀请党组织", "value": row.other_org.name if row.other_org else ""},
            {"label": "日期", "value": row.on},
            {"label": "题目", "value": row.topic},
            {"label": "地点", "value": row.place},
            {"label": "联系人", "value": row.contact_name},
            *([{"label": "答复", "value": row.answer, "wide": True}] if row.answer else []),
        ]


class PartOfLecturerBooking(EditPage):
    """A form about one invitation."""

    object: LecturerBooking

    def get_queryset(self) -> Any:
        return bookings()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.lecturer.name} {self.object.on:%Y-%m-%d}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [LECTURERS, BOOKINGS]

    def get_cancel_url(self) -> str:
        return f"/lecturers/bookings/{self.object.pk}/"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def common(self, form: Any) -> dict[str, Any]:
        return {"booking": self.object, "actor": self.request.user, "version": form.cleaned_data["version"]}


class AnswerInvitation(PartOfLecturerBooking):
    """答复, by whoever keeps the pool."""

    permission = permissions.RUN_TRAINING
    form_class = AnswerForm
    title = "答复邀请"
    submit_label = "答复"
    success_message = "已答复，对方能看到。"

    def get_locked(self) -> str:
        return "" if can(self.request.user, permissions.RUN_TRAINING, self.object) else "邀请由讲师团所在的党组织答复。"

    def perform(self, form: Any) -> str:
        answers.answer_booking(**form.facts(), **self.common(form))
        return self.get_cancel_url()


class CancelInvitation(PartOfLecturerBooking):
    """取消, by either side."""

    permission = permissions.KEEP
    form_class = CancelForm
    title = "取消邀请"
    submit_label = "取消邀请"
    success_message = "已取消。"
    danger = True

    def get_locked(self) -> str:
        row = self.object
        asked = bool(row.other_path) and required_scope().covers(row.other_path)
        keeps = can(self.request.user, permissions.RUN_TRAINING, row)
        return "" if asked or keeps else "邀请由提出的党组织或讲师团所在的党组织取消。"

    def perform(self, form: Any) -> str:
        answers.cancel_booking(**form.facts(), **self.common(form))
        return self.get_cancel_url()
