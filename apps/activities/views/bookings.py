"""预约阵地: what may be booked, the form, one booking and its answer, the month of the centres."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404
from django.utils import timezone
from django.utils.functional import cached_property

from apps.core.clock import day_named
from apps.core.guard import resolve_scope
from apps.core.scoping import required_scope
from apps.core.views import DetailPage, EditPage, FormPage, PageView
from apps.enterprises.views.common import can
from apps.enterprises.views.lists import RegisterList

from .. import directory, permissions
from ..forms import venues as forms
from ..kinds import BookingState
from ..ledgers.venues import BOOKING_TONES, BookingLedger
from ..models import Activity, Venue, VenueBooking
from ..querysets.venues import HOLDING
from ..rules.venues import BOOKING
from ..services import answers
from ..services import bookings as services
from ..tables import table
from .venues import DAYS_SHOWN, VENUES, own_org, span

BOOKINGS = {"label": "预约台账", "url": "/venues/bookings/"}
OFFERED = {"label": "预约阵地", "url": "/venues/offered/"}


class BookingList(RegisterList):
    """阵地预约台账."""

    ledger = BookingLedger
    offers = ((permissions.KEEP, "预约阵地", "/venues/offered/"), (permissions.VIEW, "阵地台账", "/venues/"))

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VENUES]


class OfferedVenues(PageView):
    """可预约的阵地: the own ones, and every open one of the portal."""

    permission = permissions.KEEP
    template_name = "activities/offered.html"
    title = "预约阵地"
    lead = "本组织的阵地，以及其他党组织向大家开放的阵地。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VENUES]

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "我的预约", "url": BOOKINGS["url"]}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        scope = required_scope()
        lines = [self._line(row, own=scope.covers(row.org_path)) for row in directory.venues_offered(self.today)]
        headers = ("阵地", "类别", "党组织", "园区", "面积", "座位", "开放时间", "办理")
        return super().get_context_data(table=table(headers, lines, ""), **kwargs)

    @staticmethod
    def _line(row: Venue, *, own: bool) -> list[dict[str, Any]]:
        whole = f"{row.part_of.name}·" if row.part_of else ""
        return [
            {"text": f"{whole}{row.name}", "url": f"/venues/offered/{row.pk}/"},
            {"text": row.get_kind_display(), "nowrap": True},
            {"text": "本组织" if own else str(row.org)},
            {"text": row.park.name if row.park else ""},
            {"text": f"{row.area.normalize():f}" if row.area else "", "numeric": True},
            {"text": row.seats, "numeric": True},
            {"text": row.opening_hours},
            {"text": "预约", "url": f"/venues/offered/{row.pk}/"},
        ]


class BookVenue(FormPage):
    """预约 one venue; `?on=` names the day. The taken hours of the week stand beside the form, not whose they are."""

    permission = permissions.KEEP
    template_name = "activities/book_venue.html"
    form_class = forms.BookForm
    submit_label = "提交预约"
    success_message = ""

    @cached_property
    def venue(self) -> Venue:
        found = directory.venue_offered(self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    @property
    def day(self) -> datetime.date:
        return day_named(self.request.GET.get("on", "")) or self.today

    def get_title(self) -> str:
        return f"预约：{self.venue.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VENUES, OFFERED]

    def get_cancel_url(self) -> str:
        return OFFERED["url"]

    def get_basis(self) -> list[Any]:
        return [] if self.is_own else [BOOKING]

    @property
    def is_own(self) -> bool:
        """Who asks runs the venue: the booking needs no answer."""
        return can(self.request.user, permissions.KEEP_VENUES, self.venue)

    def get_initial(self) -> dict[str, Any]:
        return {"org": own_org(), "on": self.day, "contact_name": self.request.user.display_name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(venue=self.venue, is_own=self.is_own, week=self._week(), **kwargs)

    def _week(self) -> list[dict[str, Any]]:
        """The taken hours of seven days from the day that was asked for."""
        first = max(self.day, self.today)
        begin = timezone.make_aware(datetime.datetime.combine(first, datetime.time()))
        days = [first + datetime.timedelta(days=n) for n in range(DAYS_SHOWN)]
        hours = directory.taken_hours(self.venue, begin, begin + datetime.timedelta(days=DAYS_SHOWN))
        local = [(timezone.localtime(b), timezone.localtime(e)) for b, e in hours]
        return [
            {"day": day, "hours": [f"{b:%H:%M}–{e:%H:%M}" for b, e in local if b.date() <= day <= e.date()]}
            for day in days
        ]

    def perform(self, form: Any) -> str:
        booking = services.book_venue(
            venue=self.venue, granted=self.is_own, now=timezone.now(), actor=self.request.user, **form.facts()
        )
        return f"/venues/bookings/{booking.pk}/"


def bookings() -> Any:
    return VenueBooking.objects.select_related("venue", "org", "other_org")


class BookingPage(DetailPage):
    """One booking, for both sides: the answer, and the activity that came of it."""

    permission = permissions.VIEW
    object: VenueBooking

    def get_queryset(self) -> Any:
        return bookings()

    def get_title(self) -> str:
        return f"{self.object.venue.name} {span(self.object)}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VENUES, BOOKINGS]

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        return [{"text": row.get_state_display(), "tone": BOOKING_TONES.get(BookingState(row.state), "neutral")}]

    def get_actions(self) -> list[dict[str, Any]]:
        row, user = self.object, self.request.user
        here, found = f"/venues/bookings/{row.pk}/", []
        if row.state == BookingState.REQUESTED and can(user, permissions.KEEP_VENUES, row):
            found.append({"label": "答复", "url": f"{here}answer/", "primary": True})
        if row.state == BookingState.ACCEPTED and self.asks and self.activity is None:
            day = timezone.localtime(row.starts_at)
            url = f"/activities/new/?venue={row.venue_id}&on={day:%Y-%m-%d}"
            found.append({"label": "转为活动", "url": url, "primary": True})
        if row.state in HOLDING and (self.asks or can(user, permissions.KEEP_VENUES, row)):
            found.append({"label": "取消预约", "url": f"{here}cancel/", "danger": True})
        return found

    @property
    def asks(self) -> bool:
        """Whether the reader acts for whoever booked."""
        scope = resolve_scope(self.request.user, permissions.KEEP)
        return bool(self.object.other_path) and scope.covers(self.object.other_path)

    @cached_property
    def activity(self) -> Activity | None:
        """The plan or the record of this branch at this place on this day."""
        row = self.object
        day = timezone.localtime(row.starts_at).date()
        return Activity.objects.filter(venue=row.venue_id, held_on=day, org=row.other_org).first()

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        seen = required_scope().covers(row.org_path)
        venue = row.venue.get_absolute_url() if seen else f"/venues/offered/{row.venue_id}/"
        made = self.activity
        return [
            {"label": "阵地", "value": row.venue.name, "url": venue if seen or row.venue.open_to_others else ""},
            {"label": "管理党组织", "value": row.org.name},
            {"label": "预约党组织", "value": row.other_org.name if row.other_org else ""},
            {"label": "时间", "value": services.said(row.starts_at, row.ends_at), "wide": True},
            {"label": "用途", "value": row.purpose},
            {"label": "人数", "value": row.people},
            {"label": "预约人", "value": row.contact_name},
            *([{"label": "答复", "value": row.answer, "wide": True}] if row.answer else []),
            *([{"label": "活动", "value": made.title, "url": made.get_absolute_url()}] if made else []),
        ]


class PartOfBooking(EditPage):
    """A form about one booking, for the side that may answer it."""

    object: VenueBooking

    def get_queryset(self) -> Any:
        return bookings()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.venue.name} {span(self.object)}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [VENUES, BOOKINGS]

    def get_cancel_url(self) -> str:
        return f"/venues/bookings/{self.object.pk}/"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def common(self, form: Any) -> dict[str, Any]:
        return {"booking": self.object, "actor": self.request.user, "version": form.cleaned_data["version"]}


class AnswerBooking(PartOfBooking):
    """答复, by whoever runs the venue."""

    permission = permissions.KEEP_VENUES
    form_class = forms.AnswerForm
    title = "答复预约"
    submit_label = "答复"
    success_message = "已答复，对方能看到。"

    def get_locked(self) -> str:
        return (
            "" if can(self.request.user, permissions.KEEP_VENUES, self.object) else "预约由管理这处阵地的党组织答复。"
        )

    def perform(self, form: Any) -> str:
        answers.answer_booking(**form.facts(), **self.common(form))
        return self.get_cancel_url()


class CancelBooking(PartOfBooking):
    """取消, by either side."""

    permission = permissions.KEEP
    form_class = forms.CancelForm
    title = "取消预约"
    submit_label = "取消预约"
    success_message = "已取消，时间已让出。"
    danger = True

    def get_locked(self) -> str:
        row = self.object
        asked = bool(row.other_path) and required_scope().covers(row.other_path)
        keeps = can(self.request.user, permissions.KEEP_VENUES, row)
        return "" if asked or keeps else "预约由提出的党组织或管理阵地的书记取消。"

    def perform(self, form: Any) -> str:
        answers.cancel_booking(**form.facts(), **self.common(form))
        return self.get_cancel_url()
