"""The API of the organisation tree: the ledger's rows to read, the services to write."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import GuardedAPI, RefusalSerializer
from apps.core.guard import resolve_scope
from apps.core.scoping import use_scope

from . import services
from .ledgers import OrganisationLedger
from .models import PartyOrg
from .permissions import CHANGE, MANAGE, VIEW
from .rules import OrgKind, Staffing


@extend_schema_field(serializers.CharField(max_length=20))
class OrgCodeField(serializers.Field):
    """An organisation of the active scope, named by its code."""

    def to_internal_value(self, data: Any) -> PartyOrg:
        org = PartyOrg.objects.filter(code__iexact=str(data).strip()).first()
        if org is None:
            raise serializers.ValidationError("没有找到这个组织代码。")
        return org

    def to_representation(self, value: PartyOrg) -> str:
        return value.code


class EventSerializer(serializers.Serializer):
    """When, by which document; `version` guards against a concurrent edit."""

    on = serializers.DateField()
    document = serializers.CharField(max_length=60, required=False)
    note = serializers.CharField(max_length=300, required=False)
    version = serializers.IntegerField(required=False)


class FactsSerializer(serializers.Serializer):
    staffing = serializers.ChoiceField(choices=Staffing.choices(), required=False, allow_blank=True)
    can_approve_probationary = serializers.BooleanField(required=False)
    national_code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    contact_name = serializers.CharField(max_length=50, required=False, allow_blank=True)
    contact_phone = serializers.CharField(max_length=20, required=False, allow_blank=True)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)


class FoundSerializer(FactsSerializer):
    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=OrgKind.choices())
    parent = OrgCodeField()  # type: ignore[assignment]
    founded_on = serializers.DateField()
    code = serializers.CharField(max_length=20, required=False)
    short_name = serializers.CharField(max_length=40, required=False)
    document = serializers.CharField(max_length=60, required=False)
    note = serializers.CharField(max_length=300, required=False)


class ChangeSerializer(FactsSerializer):
    founded_on = serializers.DateField(required=False, allow_null=True)
    approval_document = serializers.CharField(max_length=60, required=False, allow_blank=True)
    version = serializers.IntegerField(required=False)


class RenameSerializer(EventSerializer):
    name = serializers.CharField(max_length=100)
    short_name = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class UpgradeSerializer(EventSerializer):
    kind = serializers.ChoiceField(choices=OrgKind.choices())
    name = serializers.CharField(max_length=100, required=False)
    short_name = serializers.CharField(max_length=40, required=False, allow_blank=True)


class MoveSerializer(EventSerializer):
    parent = OrgCodeField()  # type: ignore[assignment]


class DissolveSerializer(EventSerializer):
    hand_over_to = OrgCodeField(required=False)


class OrgSerializer(serializers.Serializer):
    """A row of the ledger with its id and version."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    parent_code = serializers.CharField(allow_null=True)


def found_org(pk: int) -> PartyOrg:
    org = PartyOrg.objects.filter(pk=pk).first()
    if org is None:
        raise Http404
    return org


class OrgAPI(GuardedAPI):
    """Shared: how one organisation is answered."""

    def answered(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        """The row as the caller may read it, which a move may have taken out of reach."""
        with use_scope(resolve_scope(self.request.user, VIEW)):
            ledger = OrganisationLedger(today=timezone.localdate(), user=self.request.user)
            row = ledger.rows().filter(pk=pk).first()
            body = {"id": pk} if row is None else {"id": pk, "version": row.version, **ledger.as_json(row)}
        return Response(body, status=code)


class OrgListAPI(OrgAPI):
    """党组织: the ledger page by page, and founding."""

    permission = {"GET": VIEW, "POST": MANAGE}

    @extend_schema(
        parameters=[OpenApiParameter(name) for name in ("q", "kind", "state", "below", "after")],
        responses=OrgSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        ledger = OrganisationLedger(request.query_params.dict(), today=timezone.localdate(), user=request.user)
        page = ledger.page()
        rows = [{"id": row.pk, "version": row.version, **ledger.as_json(row)} for row in page.rows]
        return Response({"results": rows, "next": page.next, "previous": page.previous})

    @extend_schema(request=FoundSerializer, responses={201: OrgSerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        given = FoundSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        org = services.found_organization(**given.validated_data, today=timezone.localdate(), actor=request.user)
        return self.answered(org.pk, status.HTTP_201_CREATED)


class OrgItemAPI(OrgAPI):
    """One organisation: read it, or correct its facts (a secretary: the contacts)."""

    permission = {"GET": VIEW, "PATCH": CHANGE}

    @extend_schema(responses=OrgSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(found_org(pk).pk)

    @extend_schema(request=ChangeSerializer, responses={200: OrgSerializer, 409: RefusalSerializer})
    def patch(self, request: Request, pk: int) -> Response:
        org = found_org(pk)
        given = ChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        changes = dict(given.validated_data)
        version = changes.pop("version", None)
        if not resolve_scope(request.user, MANAGE).covers(org.path) and set(changes) - set(services.CONTACTS):
            self.permission_denied(request, message="您只能修改本组织的联系方式。")
        services.change_organization(org=org, changes=changes, version=version, actor=request.user)
        return self.answered(org.pk)


class OrgActionAPI(OrgAPI):
    """One dated event of one organisation, by one service."""

    permission = MANAGE
    serializer_class: type[EventSerializer] = EventSerializer
    service: Any = None

    @extend_schema(responses={200: OrgSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        org = found_org(pk)
        given = self.serializer_class(data=request.data)
        given.is_valid(raise_exception=True)
        self.service(org=org, **given.validated_data, today=timezone.localdate(), actor=request.user)
        return self.answered(org.pk)


class RenameAPI(OrgActionAPI):
    """更名."""

    serializer_class = RenameSerializer
    service = staticmethod(services.rename_organization)


class UpgradeAPI(OrgActionAPI):
    """升格."""

    serializer_class = UpgradeSerializer
    service = staticmethod(services.upgrade_organization)


class MoveAPI(OrgActionAPI):
    """划转."""

    serializer_class = MoveSerializer
    service = staticmethod(services.move_organization)


class DissolveAPI(OrgActionAPI):
    """撤销; with `hand_over_to` everything that is left goes to that organisation first."""

    serializer_class = DissolveSerializer

    @staticmethod
    def service(**given: Any) -> PartyOrg:
        target = given.pop("hand_over_to", None)
        if target is None:
            return services.dissolve_organization(**given)
        return services.dissolve_into(target=target, **given)


class RestoreAPI(OrgActionAPI):
    """恢复."""

    service = staticmethod(services.restore_organization)
