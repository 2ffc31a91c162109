"""The figures of a report over the API; the names behind them are the ledgers `coverage.names` and `coverage.gaps`."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import GuardedAPI, RefusalSerializer

from . import figures, permissions
from .reading import read
from .report import as_json


class CoverageSerializer(serializers.Serializer):
    """The body of a report: counts, and rates with four decimal places or null where the denominator is 0."""

    definition = serializers.CharField()
    as_of = serializers.DateField()
    org = serializers.CharField()
    enterprises = serializers.IntegerField()
    excluded = serializers.DictField(child=serializers.IntegerField())
    organisation_covered = serializers.IntegerField()
    work_covered = serializers.IntegerField()
    organisation_rate = serializers.FloatField(allow_null=True)
    work_rate = serializers.FloatField(allow_null=True)
    single_rate = serializers.FloatField(allow_null=True)
    single_rate_100 = serializers.FloatField(allow_null=True)
    should_build = serializers.IntegerField()
    should_join = serializers.IntegerField()
    uncovered = serializers.IntegerField()


class CoverageAPI(GuardedAPI):
    """两个覆盖 of one organisation, of a period or a day."""

    permission = permissions.VIEW

    @extend_schema(
        operation_id="coverage",
        summary="两个覆盖",
        parameters=[
            OpenApiParameter("org", str, description="组织代码；缺省为本人负责的组织"),
            OpenApiParameter("period", str, description="期间，如 2026Q3；已封存的取封存数据"),
            OpenApiParameter("day", str, description="截至日期，如 2026-09-30；缺省为今天"),
            OpenApiParameter("definition", str, description="口径代码；缺省为默认口径"),
        ],
        responses={200: CoverageSerializer, 409: RefusalSerializer},
    )
    def get(self, request: Request) -> Response:
        reading = read(request.query_params.dict(), today=timezone.localdate())
        return Response(as_json(reading, figures.total(reading.basis, reading.definition)))
