"""Venues and lecturers by program: register, check, ask for, answer, cancel; the services and rights of the pages.

Reading whole books is `/api/v1/ledgers/activities.venues/` and its neighbours; here one row is answered.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.branches.api import OrgCodeField
from apps.core.api import GuardedAPI, RefusalSerializer
from apps.core.guard import resolve_scope
from apps.core.scoping import required_scope, use_scope
from apps.enterprises.api import ScopedId
from apps.enterprises.models import Park
from apps.members.api_posts import text

from .. import directory
from ..kinds import VenueKind
from ..models import LecturerBooking, Venue, VenueBooking
from ..permissions import KEEP, KEEP_VENUES, RUN_TRAINING, VIEW
from ..rules.venues import LABELS
from ..services import answers, bookings, lecturers, venues


class VenueBody(serializers.Serializer):
    """What is known about a venue; only what is given changes."""

    name = serializers.CharField(max_length=60, required=False)
    kind = serializers.ChoiceField(choices=VenueKind.choices(), required=False)
    since = serializers.DateField(required=False)
    park = ScopedId(Park, required=False, allow_null=True)
    address = text(120)
    area = serializers.DecimalField(max_digits=8, decimal_places=1, min_value=0, required=False, allow_null=True)
    seats = serializers.IntegerField(min_value=1, max_value=9999, required=False, allow_null=True)
    layout = text(200)
    open_to_others = serializers.BooleanField(required=False)
    opening_hours = text(100)
    contact_name = text(50)
    note = text(200)
    version = serializers.IntegerField(required=False, write_only=True)


class RegisterVenueBody(VenueBody):
    org = OrgCodeField()
    name = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(choices=VenueKind.choices())
    since = serializers.DateField()
    version = None  # type: ignore[assignment]


class VenueSerializer(VenueBody):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    org = OrgCodeField()
    until = serializers.DateField(allow_null=True)
    checklist = serializers.DictField(child=serializers.BooleanField())
    checked_on = serializers.DateField(allow_null=True)


class VenueCheckBody(serializers.Serializer):
    """The codes of the standard list that were found there; what is not named is missing."""

    there = serializers.ListField(child=serializers.ChoiceField(choices=list(LABELS.items())))
    on = serializers.DateField()
    version = serializers.IntegerField(required=False)


class BookVenueBody(serializers.Serializer):
    org = OrgCodeField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    purpose = serializers.CharField(max_length=100)
    people = serializers.IntegerField(min_value=1, max_value=9999, required=False, allow_null=True)
    contact_name = text(50)


class InviteBody(serializers.Serializer):
    org = OrgCodeField()
    on = serializers.DateField()
    topic = serializers.CharField(max_length=100)
    place = text(100)
    contact_name = text(50)


class BookingAnswerBody(serializers.Serializer):
    accept = serializers.BooleanField()
    answer = text(200)
    version = serializers.IntegerField(required=False)


class BookingCancelBody(serializers.Serializer):
    reason = text(200)
    version = serializers.IntegerField(required=False)


class _Booking(serializers.Serializer):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    org = serializers.CharField(source="org.name")
    other_org = serializers.CharField(source="other_org.name", default="")
    contact_name = serializers.CharField()
    state = serializers.CharField()
    answer = serializers.CharField()


class VenueBookingSerializer(_Booking):
    venue = serializers.IntegerField(source="venue_id")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    purpose = serializers.CharField()
    people = serializers.IntegerField(allow_null=True)


class LecturerBookingSerializer(_Booking):
    lecturer = serializers.IntegerField(source="lecturer_id")
    on = serializers.DateField()
    topic = serializers.CharField()
    place = serializers.CharField()


class RowAPI(GuardedAPI):
    """Finds a row of the scope, reads the body, answers the row as whoever may view it sees it."""

    model: ClassVar[type[Any]]
    shown: ClassVar[type[serializers.Serializer]]

    def found(self, pk: int, *, own: bool = False) -> Any:
        """The row; `own` only from the side that keeps it."""
        rows = self.model.objects.select_related("org").filter(pk=pk)
        row = (rows.filter(required_scope().as_q("org_path")) if own else rows).first()
        if row is None:
            raise Http404
        return row

    def given(self, request: Request, shape: type[serializers.Serializer]) -> dict[str, Any]:
        body = shape(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def answered(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        with use_scope(resolve_scope(self.request.user, VIEW)):
            return Response(self.shown(self.found(pk)).data, status=code)


class RegisterVenueAPI(RowAPI):
    """登记阵地."""

    permission = KEEP_VENUES
    model, shown = Venue, VenueSerializer

    @extend_schema(request=RegisterVenueBody, responses={201: VenueSerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        facts = self.given(request, RegisterVenueBody)
        today = timezone.localdate()
        row = venues.register_venue(org=facts.pop("org"), facts=facts, today=today, actor=request.user)
        return self.answered(row.pk, status.HTTP_201_CREATED)


class VenueItemAPI(RowAPI):
    """One venue: read it, or correct it."""

    permission = {"GET": VIEW, "PATCH": KEEP_VENUES}
    model, shown = Venue, VenueSerializer

    @extend_schema(responses=VenueSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)

    @extend_schema(request=VenueBody, responses={200: VenueSerializer, 409: RefusalSerializer})
    def patch(self, request: Request, pk: int) -> Response:
        row, facts = self.found(pk), self.given(request, VenueBody)
        version = facts.pop("version", None)
        venues.change_venue(venue=row, facts=facts, version=version, today=timezone.localdate(), actor=request.user)
        return self.answered(pk)


class CheckVenueAPI(RowAPI):
    """核查标准配置."""

    permission = KEEP_VENUES
    model, shown = Venue, VenueSerializer

    @extend_schema(request=VenueCheckBody, responses={200: VenueSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        facts = self.given(request, VenueCheckBody)
        venues.check_venue(venue=self.found(pk), today=timezone.localdate(), actor=request.user, **facts)
        return self.answered(pk)


class BookVenueAPI(RowAPI):
    """预约 a venue of the scope, or one that is open to everybody; granted at once for whoever runs it."""

    permission = KEEP
    model, shown = VenueBooking, VenueBookingSerializer

    @extend_schema(request=BookVenueBody, responses={201: VenueBookingSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        venue = directory.venue_offered(pk)
        if venue is None:
            raise Http404
        granted = resolve_scope(request.user, KEEP_VENUES).covers(venue.org_path)
        facts = self.given(request, BookVenueBody)
        row = bookings.book_venue(venue=venue, granted=granted, now=timezone.now(), actor=request.user, **facts)
        return self.answered(row.pk, status.HTTP_201_CREATED)


class InviteLecturerAPI(RowAPI):
    """邀请 a lecturer of the own pool or of one above; granted at once for whoever keeps it."""

    permission = KEEP
    model, shown = LecturerBooking, LecturerBookingSerializer

    @extend_schema(request=InviteBody, responses={201: LecturerBookingSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        today = timezone.localdate()
        lecturer = directory.lecturer(pk, today)
        if lecturer is None:
            raise Http404
        granted = resolve_scope(request.user, RUN_TRAINING).covers(lecturer.org_path)
        facts = self.given(request, InviteBody)
        row = lecturers.book_lecturer(lecturer=lecturer, granted=granted, today=today, actor=request.user, **facts)
        return self.answered(row.pk, status.HTTP_201_CREATED)


class _AnswerAPI(RowAPI):
    def answer(self, request: Request, pk: int) -> Response:
        row = self.found(pk, own=True)
        answers.answer_booking(booking=row, actor=request.user, **self.given(request, BookingAnswerBody))
        return self.answered(pk)


class AnswerVenueAPI(_AnswerAPI):
    """答复, by whoever runs the venue."""

    permission = KEEP_VENUES
    model, shown = VenueBooking, VenueBookingSerializer

    @extend_schema(request=BookingAnswerBody, responses={200: VenueBookingSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        return self.answer(request, pk)


class AnswerInvitationAPI(_AnswerAPI):
    """答复, by whoever keeps the pool."""

    permission = RUN_TRAINING
    model, shown = LecturerBooking, LecturerBookingSerializer

    @extend_schema(request=BookingAnswerBody, responses={200: LecturerBookingSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        return self.answer(request, pk)


class _CancelAPI(RowAPI):
    """取消, by either side: whoever asked, or whoever may answer."""

    permission = KEEP
    answering: ClassVar[str]

    def cancel(self, request: Request, pk: int) -> Response:
        row = self.found(pk)
        asked = bool(row.other_path) and required_scope().covers(row.other_path)
        if not asked and not resolve_scope(request.user, self.answering).covers(row.org_path):
            raise Http404
        answers.cancel_booking(booking=row, actor=request.user, **self.given(request, BookingCancelBody))
        return self.answered(pk)


class CancelVenueAPI(_CancelAPI):
    """取消 the booking of a venue, by either side."""

    answering = KEEP_VENUES
    model, shown = VenueBooking, VenueBookingSerializer

    @extend_schema(request=BookingCancelBody, responses={200: VenueBookingSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        return self.cancel(request, pk)


class CancelInvitationAPI(_CancelAPI):
    """取消 an invitation, by either side."""

    answering = RUN_TRAINING
    model, shown = LecturerBooking, LecturerBookingSerializer

    @extend_schema(request=BookingCancelBody, responses={200: LecturerBookingSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        return self.cancel(request, pk)
