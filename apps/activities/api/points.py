"""Points by program: entered by the branch, decided by the committee. Reading is the ledger `activities.points`."""

from __future__ import annotations

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.branches.api import OrgCodeField
from apps.core.api import GuardedAPI, RefusalSerializer
from apps.enterprises.api import ScopedId
from apps.members.models import Member

from ..models import PointEntry, PointRule
from ..permissions import CONFIRM_POINTS, KEEP, VIEW
from ..services import points as services


@extend_schema_field(serializers.IntegerField())
class PointRuleField(serializers.Field):
    """A rule of points by its id. Whether it speaks at the branch the service decides."""

    def to_internal_value(self, data: object) -> PointRule:
        found = PointRule.objects.filter(pk=data).first() if isinstance(data, int) else None
        if found is None:
            raise serializers.ValidationError("没有找到这条积分规则。")
        return found

    def to_representation(self, value: PointRule) -> int:
        return int(value.pk)


class EnterBody(serializers.Serializer):
    """登记积分, of one member or several."""

    org = OrgCodeField()
    members = serializers.ListField(child=ScopedId(Member), allow_empty=False, max_length=500)
    rule = PointRuleField()
    on = serializers.DateField()
    points = serializers.DecimalField(max_digits=5, decimal_places=1, required=False)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class PointSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    org = OrgCodeField()
    member_code = serializers.CharField(source="member.code")
    rule = serializers.CharField(source="rule.name")
    on = serializers.DateField()
    points = serializers.DecimalField(max_digits=5, decimal_places=1)
    note = serializers.CharField()
    state = serializers.CharField()


class DecidePointsBody(serializers.Serializer):
    """Confirm or refuse, all or nothing."""

    entries = serializers.ListField(child=serializers.IntegerField(), allow_empty=False, max_length=1000)
    accepted = serializers.BooleanField()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class DecidedSerializer(serializers.Serializer):
    decided = serializers.IntegerField()


class EnterPointsAPI(GuardedAPI):
    """登记积分."""

    permission = KEEP

    @extend_schema(request=EnterBody, responses={201: PointSerializer(many=True), 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        body = EnterBody(data=request.data)
        body.is_valid(raise_exception=True)
        entries = services.enter_points(**body.validated_data, today=timezone.localdate(), actor=request.user)
        return Response(PointSerializer(entries, many=True).data, status=status.HTTP_201_CREATED)


class PointEntryAPI(GuardedAPI):
    """One entry: read it, or take it back before it is decided."""

    permission = {"GET": VIEW, "DELETE": KEEP}

    def found(self, pk: int) -> PointEntry:
        row: PointEntry | None = PointEntry.objects.select_related("org", "member", "rule").filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    @extend_schema(responses=PointSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return Response(PointSerializer(self.found(pk)).data)

    @extend_schema(responses={204: None, 409: RefusalSerializer})
    def delete(self, request: Request, pk: int) -> Response:
        services.withdraw_entry(entry=self.found(pk), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DecidePointsAPI(GuardedAPI):
    """党委确认."""

    permission = CONFIRM_POINTS

    @extend_schema(
        request=DecidePointsBody, responses={200: DecidedSerializer, 404: RefusalSerializer, 409: RefusalSerializer}
    )
    def post(self, request: Request) -> Response:
        body = DecidePointsBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = dict(body.validated_data)
        wanted = set(given.pop("entries"))
        entries = list(PointEntry.objects.filter(pk__in=wanted))
        if len(entries) != len(wanted):
            raise Http404
        count = services.decide_points(entries=entries, **given, today=timezone.localdate(), actor=request.user)
        return Response({"decided": count})
