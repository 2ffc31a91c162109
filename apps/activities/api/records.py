"""Records of activities by program: the services of the pages, the same rights and refusals (409).

Lists name what each branch held; whole books are `/api/v1/ledgers/activities.meetings/` and its like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar, Final

from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import GuardedAPI, RefusalSerializer
from apps.core.clock import day_named
from apps.core.guard import resolve_scope
from apps.core.keyset import page_of
from apps.core.scoping import use_scope

from ..kinds import State
from ..models import Activity, Participation
from ..permissions import KEEP, REVIEW, VIEW
from ..services import records, records_joint, records_review
from ..services.records import Absence, Facts, Roll, facts_of, roll_of
from ..services.visitors import find_visitors, visitors_named
from . import records_shapes as shapes

PAGE: Final = 100
"""Rows on one page of the list."""


def roll_given(given: dict[str, Any], kept: Roll | None = None) -> Roll:
    """The roll of a body, over the one that is kept; takes its parts out of the body."""
    parts: dict[str, Any] = {}
    if "absent" in given:
        parts["absent"] = tuple(Absence(**each) for each in given.pop("absent"))
    if "visitors" in given:
        parts["visitors"] = tuple(visitors_named((each["id"], each["name"]) for each in given.pop("visitors")))
    parts |= {name: tuple(given.pop(name)) for name in ("chosen", "co_hosts") if name in given}
    return replace(kept or Roll(), **parts)


class ActivitiesAPI(GuardedAPI):
    """Shared: reading the body, finding the record in the scope, answering it as the caller may read it."""

    def given(self, request: Request, shape: type[serializers.Serializer]) -> dict[str, Any]:
        body = shape(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def common(self, request: Request) -> dict[str, Any]:
        return {"today": timezone.localdate(), "actor": request.user}

    def found(self, pk: int) -> Activity:
        row = Activity.objects.filter(pk=pk).first()
        if row is None:
            raise Http404
        return row  # type: ignore[no-any-return]

    def answered(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        with use_scope(resolve_scope(self.request.user, VIEW)):
            row = records_joint.find_activity(pk)
            if row is None:
                raise Http404
            context = {"sides": records_joint.sides_of(row), "lines": records_joint.lines_of(row)}
            return Response(shapes.ActivitySerializer(row, context=context).data, status=code)


class ActivityListAPI(ActivitiesAPI):
    """What branches held, the newest first; and 登记."""

    permission: ClassVar[dict[str, str]] = {"GET": VIEW, "POST": KEEP}

    @extend_schema(
        parameters=[OpenApiParameter(name) for name in ("since", "until", "kind", "state", "org", "after", "before")],
        operation_id="activities_list",
        responses=shapes.ActivityPage,
    )
    def get(self, request: Request) -> Response:
        rows = Participation.objects.filter(self._asked(request.query_params)).order_by("-held_on", "-id")
        rows = rows.select_related("org", "kind", "second_kind", "activity")
        page = page_of(rows, ["-held_on", "-id"], request.query_params, PAGE)
        body = {"results": page.rows, "next": page.next, "previous": page.previous}
        return Response(shapes.ActivityPage(body).data)

    def _asked(self, params: Any) -> Q:
        """The filters, `until` being the first day that is not asked for. ParseError for one that cannot be read."""
        asked = Q()
        for name, lookup in (("since", "held_on__gte"), ("until", "held_on__lt")):
            if text := params.get(name):
                day = day_named(text)
                if day is None:
                    raise ParseError
                asked &= Q(**{lookup: day})
        if code := params.get("kind"):
            asked &= Q(kind__code=code) | Q(second_kind__code=code)
        if state := params.get("state"):
            if state not in set(State):
                raise ParseError
            asked &= Q(state=state)
        return asked & Q(org__code__iexact=params["org"]) if params.get("org") else asked

    @extend_schema(request=shapes.RecordLogBody, responses={201: shapes.ActivitySerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        given = self.given(request, shapes.RecordLogBody)
        roll = roll_given(given)
        how = {"submit": given.pop("submit"), "key": given.pop("key", None), "late_reason": given.pop("reason")}
        org = given.pop("org")
        row = records.log_activity(org=org, facts=Facts(**given), roll=roll, **how, **self.common(request))
        return self.answered(row.pk, status.HTTP_201_CREATED)


class ActivityItemAPI(ActivitiesAPI):
    """One record, for each of its branches; changed by its host."""

    permission: ClassVar[dict[str, str]] = {"GET": VIEW, "PATCH": KEEP}

    @extend_schema(responses=shapes.ActivitySerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(pk)

    @extend_schema(request=shapes.RecordAmendBody, responses={200: shapes.ActivitySerializer, 409: RefusalSerializer})
    def patch(self, request: Request, pk: int) -> Response:
        row, given = self.found(pk), self.given(request, shapes.RecordAmendBody)
        roll = roll_given(given, roll_of(row))
        how = {"submit": given.pop("submit"), "seen": given.pop("version", None), "reason": given.pop("reason")}
        given |= {"minutes_rich": False} if "minutes" in given else {}
        facts = replace(facts_of(row), **given)
        amended = records.amend_activity(activity=row, facts=facts, roll=roll, **how, **self.common(request))
        return self.answered(amended.pk)


class ActivityStepAPI(ActivitiesAPI):
    """One thing that is done to one record, by one service."""

    permission = KEEP
    serializer_class: ClassVar[type[serializers.Serializer]] = shapes.RecordReasonBody
    service: Callable[..., Activity]

    @extend_schema(responses={200: shapes.ActivitySerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row, given = self.found(pk), self.given(request, self.serializer_class)
        seen = given.pop("version", None)
        return self.answered(self.service(activity=row, seen=seen, **given, **self.common(request)).pk)


class SubmitAPI(ActivityStepAPI):
    """提交."""

    serializer_class = shapes.RecordStepBody
    service = staticmethod(records.submit_activity)


class CancelAPI(ActivityStepAPI):
    """取消."""

    service = staticmethod(records_review.cancel_activity)


class ReturnAPI(ActivityStepAPI):
    """退回."""

    permission = REVIEW
    service = staticmethod(records_review.return_activity)


class ApproveAPI(ActivityStepAPI):
    """批准更正."""

    permission = REVIEW
    serializer_class = shapes.RecordNoteBody
    service = staticmethod(records_review.approve_correction)


class RefuseAPI(ActivityStepAPI):
    """不批准更正."""

    permission = REVIEW
    service = staticmethod(records_review.refuse_correction)


class ConfirmAPI(ActivitiesAPI):
    """通过: one id that is not in the scope refuses the whole."""

    permission = REVIEW

    @extend_schema(
        request=shapes.RecordConfirmBody, responses={200: shapes.ConfirmedSerializer, 409: RefusalSerializer}
    )
    def post(self, request: Request) -> Response:
        given = self.given(request, shapes.RecordConfirmBody)
        ids = set(given["activities"])
        rows = list(Activity.objects.filter(pk__in=ids))
        if len(rows) != len(ids):
            raise Http404
        count = records_review.confirm_activities(activities=rows, note=given["note"], **self.common(request))
        return Response({"confirmed": count})


class AttendanceAPI(ActivitiesAPI):
    """A co-host marks its own members."""

    permission = KEEP

    @extend_schema(request=shapes.RecordMarkBody, responses={200: shapes.ActivitySerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        side = Participation.objects.filter(activity=pk).first()
        if side is None:
            raise Http404
        given = self.given(request, shapes.RecordMarkBody)
        side = Participation.objects.filter(activity=pk, org=given["org"]).first()
        if side is None:
            raise Http404
        roll = roll_given(given)
        records_joint.mark_attendance(
            participation=side,
            absent=roll.absent,
            chosen=roll.chosen,
            seen=given.get("version"),
            **self.common(request),
        )
        return self.answered(pk)


class VisitorsAPI(ActivitiesAPI):
    """查找来访党员 by the whole name: nothing is told but the branch."""

    permission = KEEP

    @extend_schema(request=shapes.RecordVisitorSearchBody, responses=shapes.FoundVisitorSerializer(many=True))
    def post(self, request: Request) -> Response:
        found = find_visitors(**self.given(request, shapes.RecordVisitorSearchBody))
        return Response(shapes.FoundVisitorSerializer(found, many=True).data)
