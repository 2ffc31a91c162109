"""The board over the API, with the names of those that have not met what was asked."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import GuardedAPI, RefusalSerializer

from .. import permissions
from ..compliance.report import as_json, read


class MissingSerializer(serializers.Serializer):
    """An organisation that has not met a duty, with the periods that lack something."""

    org = serializers.CharField()
    name = serializers.CharField()
    expected = serializers.IntegerField()
    actual = serializers.IntegerField()
    periods = serializers.ListField(child=serializers.CharField())


class DutyFiguresSerializer(serializers.Serializer):
    """One sort of duty. Figures are times, or members where `subject` is member; `open`: its period is not over."""

    kind = serializers.CharField()
    name = serializers.CharField()
    rhythm = serializers.CharField()
    subject = serializers.CharField()
    period = serializers.CharField()
    due_on = serializers.DateField()
    open = serializers.BooleanField()
    organisations = serializers.IntegerField()
    expected = serializers.IntegerField()
    actual = serializers.IntegerField()
    on_time = serializers.IntegerField()
    late = serializers.IntegerField()
    missing = MissingSerializer(many=True)


class ComplianceSerializer(serializers.Serializer):
    """The report of one organisation and period; a closed quarter with the number of corrections since."""

    org = serializers.CharField()
    period = serializers.CharField()
    as_of = serializers.DateField()
    frozen = serializers.BooleanField()
    corrections = serializers.IntegerField()
    kinds = DutyFiguresSerializer(many=True)


class ComplianceAPI(GuardedAPI):
    """组织生活落实情况 of one organisation, for a quarter or a month of it."""

    permission = permissions.VIEW

    @extend_schema(
        operation_id="activities_compliance",
        summary="组织生活落实情况",
        parameters=[
            OpenApiParameter("org", str, description="组织代码；缺省为本人负责的组织"),
            OpenApiParameter(
                "period", str, description="季度或月份，如 2026Q3、2026-09；缺省为本季度；已封存的取封存数据"
            ),
        ],
        responses={200: ComplianceSerializer, 409: RefusalSerializer},
    )
    def get(self, request: Request) -> Response:
        return Response(as_json(read(request.query_params.dict(), today=timezone.localdate())))
