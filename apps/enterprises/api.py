"""Writing to the register by program: the services of the pages, the same rights and refusals.

Reading whole books is `/api/v1/ledgers/…`; here one enterprise is answered as its line in 一户一表.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.branches.api import OrgCodeField
from apps.core.api import GuardedAPI, RefusalSerializer
from apps.core.guard import resolve_scope
from apps.core.scoping import use_scope

from . import services
from .kinds import Attitude, ContactMethod, Form, PoliticalStatus, Scale, Status, UnbuiltReason, UnitKind
from .ledgers import EnterpriseSheets
from .models import Building, Condition, Enterprise, Establishment, Instructor, Park, Visit
from .permissions import CHANGE, ESTABLISH, INSTRUCT, KEEP, VIEW, VISIT
from .rules import Industry
from .services.enterprises import CONTACTS


@extend_schema_field(serializers.IntegerField())
class ScopedId(serializers.Field):
    """The id of a row of the active scope; any other is unknown."""

    def __init__(self, model: Any, **kwargs: Any) -> None:
        self.model = model
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        found = self.model.objects.filter(pk=data).first() if isinstance(data, int) else None
        if found is None:
            raise serializers.ValidationError(f"没有找到这个{self.model._meta.verbose_name}。")
        return found

    def to_representation(self, value: Any) -> int:
        return int(value.pk)


class PeopleSerializer(serializers.Serializer):
    """What a branch keeps of its own enterprise."""

    leader_name = serializers.CharField(max_length=50, required=False, allow_blank=True)
    leader_status = serializers.ChoiceField(choices=PoliticalStatus.choices(), required=False, allow_blank=True)
    contact_name = serializers.CharField(max_length=50, required=False, allow_blank=True)
    contact_phone = serializers.CharField(max_length=20, required=False, allow_blank=True)
    attitude = serializers.ChoiceField(choices=Attitude.choices(), required=False, allow_blank=True)


class EnterpriseFacts(PeopleSerializer):
    """Who it is and where; `org` follows from establishments and place and is never given."""

    kind = serializers.ChoiceField(choices=UnitKind.choices(), required=False)
    name = serializers.CharField(max_length=120)
    credit_code = serializers.CharField(max_length=40, required=False, allow_blank=True)
    park = ScopedId(Park, required=False, allow_null=True)
    building = ScopedId(Building, required=False, allow_null=True)
    room = serializers.CharField(max_length=30, required=False, allow_blank=True)
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    registered_on = serializers.DateField(required=False, allow_null=True)
    arrived_on = serializers.DateField(required=False, allow_null=True)
    ownership = serializers.CharField(max_length=60, required=False, allow_blank=True)
    industry = serializers.ChoiceField(choices=Industry.choices(), required=False, allow_blank=True)
    scale = serializers.ChoiceField(choices=Scale.choices(), required=False, allow_blank=True)
    above_scale = serializers.BooleanField(required=False)
    capital = serializers.DecimalField(max_digits=16, decimal_places=4, min_value=0, required=False, allow_null=True)
    business_scope = serializers.CharField(required=False, allow_blank=True)
    remark = serializers.CharField(max_length=300, required=False, allow_blank=True)


class ConditionFacts(serializers.Serializer):
    """What can be counted; only what is given changes."""

    status = serializers.ChoiceField(choices=Status.choices(), required=False)
    has_premises = serializers.BooleanField(required=False)
    has_operations = serializers.BooleanField(required=False)
    staff = serializers.IntegerField(min_value=0, required=False)
    staff_under_35 = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    staff_college = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    formal_members = serializers.IntegerField(min_value=0, required=False)
    probationary_members = serializers.IntegerField(min_value=0, required=False)
    members_elsewhere = serializers.IntegerField(min_value=0, required=False)
    applicants = serializers.IntegerField(min_value=0, required=False)
    unbuilt_reason = serializers.ChoiceField(choices=UnbuiltReason.choices(), required=False, allow_blank=True)
    unbuilt_note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class RegisterSerializer(EnterpriseFacts):
    """登记: the enterprise and its first condition, known from `on` on."""

    on = serializers.DateField()
    org = OrgCodeField(required=False)
    condition = ConditionFacts(required=False)


class EnterpriseChangeSerializer(EnterpriseFacts):
    name = serializers.CharField(max_length=120, required=False)
    version = serializers.IntegerField(required=False)


class ConditionChange(ConditionFacts):
    """更新情况 from `on` on."""

    on = serializers.DateField()
    version = serializers.IntegerField(required=False)


class ConditionSlice(serializers.ModelSerializer):
    class Meta:
        model = Condition
        fields = ("since", "until", *ConditionFacts().fields, "checked_on", "source")


class VisitSerializer(serializers.Serializer):
    on = serializers.DateField()
    method = serializers.ChoiceField(choices=ContactMethod.choices(), required=False)
    visitor = serializers.CharField(max_length=50)
    instructor = ScopedId(Instructor, required=False, allow_null=True)
    met = serializers.CharField(max_length=50, required=False, allow_blank=True)
    summary = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    attitude = serializers.ChoiceField(choices=Attitude.choices(), required=False, allow_blank=True)
    need = serializers.CharField(max_length=300, required=False, allow_blank=True)


class EstablishSerializer(serializers.Serializer):
    """组建; `reason` where a rule asks for one (一般)."""

    org = OrgCodeField()
    form = serializers.ChoiceField(choices=Form.choices())
    since = serializers.DateField()
    document = serializers.CharField(max_length=60, required=False, allow_blank=True)
    note = serializers.CharField(max_length=100, required=False, allow_blank=True)
    reason = serializers.CharField(max_length=90, required=False, allow_blank=True)


class EndSerializer(serializers.Serializer):
    until = serializers.DateField()
    reason = serializers.CharField(max_length=90, required=False, allow_blank=True)
    version = serializers.IntegerField(required=False)


class SendSerializer(serializers.Serializer):
    instructor = ScopedId(Instructor)
    since = serializers.DateField()
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)


class CreatedSerializer(serializers.Serializer):
    """The id of what was made."""

    id = serializers.IntegerField()


class EnterpriseRow(serializers.Serializer):
    """One enterprise: its line in 一户一表 with its id and version (all columns of that book)."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    name = serializers.CharField()
    credit_code = serializers.CharField(allow_null=True)


class EnterpriseAPI(GuardedAPI):
    """Shared: finding one enterprise of the scope, reading the body, answering the row."""

    def given(self, request: Request, shape: type[serializers.Serializer]) -> dict[str, Any]:
        body = shape(data=request.data)
        body.is_valid(raise_exception=True)
        return dict(body.validated_data)

    def found(self, pk: int, model: Any = Enterprise) -> Any:
        row = model.objects.filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def common(self, request: Request) -> dict[str, Any]:
        return {"today": timezone.localdate(), "actor": request.user}

    def answered(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        """The row as the caller may read it, which a change may have taken out of reach."""
        with use_scope(resolve_scope(self.request.user, VIEW)):
            ledger = EnterpriseSheets({}, today=timezone.localdate(), user=self.request.user)
            row = ledger.rows().filter(pk=pk).first()
            body = {"id": pk} if row is None else {"id": pk, "version": row.version, **ledger.as_json(row)}
        return Response(body, status=code)


class RegisterAPI(EnterpriseAPI):
    """登记企业."""

    permission = CHANGE

    @extend_schema(request=RegisterSerializer, responses={201: EnterpriseRow, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        facts = self.given(request, RegisterSerializer)
        on, org, condition = facts.pop("on"), facts.pop("org", None), facts.pop("condition", {})
        row = services.register_enterprise(
            facts=facts, condition=condition, on=on, org=org, source="接口登记", **self.common(request)
        )
        return self.answered(row.pk, status.HTTP_201_CREATED)


class EnterpriseItemAPI(EnterpriseAPI):
    """One enterprise: read it, or correct who it is and where (a branch: its people)."""

    permission = {"GET": VIEW, "PATCH": KEEP}

    @extend_schema(responses=EnterpriseRow)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)

    @extend_schema(request=EnterpriseChangeSerializer, responses={200: EnterpriseRow, 409: RefusalSerializer})
    def patch(self, request: Request, pk: int) -> Response:
        enterprise = self.found(pk)
        facts = self.given(request, EnterpriseChangeSerializer)
        version = facts.pop("version", None)
        if not resolve_scope(request.user, CHANGE).covers(enterprise.org_path) and set(facts) - set(CONTACTS):
            self.permission_denied(request, message="您只能修改负责人、联系人和认同度。")
        services.change_enterprise(enterprise=enterprise, facts=facts, version=version, **self.common(request))
        return self.answered(pk)


class ConditionAPI(EnterpriseAPI):
    """What can be counted: all slices to read, a change to write."""

    permission = {"GET": VIEW, "POST": KEEP}

    @extend_schema(responses=ConditionSlice(many=True))
    def get(self, request: Request, pk: int) -> Response:
        rows = Condition.objects.filter(enterprise=self.found(pk)).order_by("since")
        return Response(ConditionSlice(rows, many=True).data)

    @extend_schema(request=ConditionChange, responses={200: EnterpriseRow, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        enterprise = self.found(pk)
        changes = self.given(request, ConditionChange)
        on, version = changes.pop("on"), changes.pop("version", None)
        services.record_condition(
            enterprise=enterprise, on=on, changes=changes, source="接口更新", version=version, **self.common(request)
        )
        return self.answered(pk)


class VisitAPI(EnterpriseAPI):
    """登记走访."""

    permission = VISIT

    @extend_schema(request=VisitSerializer, responses={201: CreatedSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        facts = self.given(request, VisitSerializer)
        need = facts.pop("need", "")
        visit: Visit = services.record_visit(
            enterprise=self.found(pk), facts=facts, need=need, **self.common(request)
        )
        return Response({"id": visit.pk}, status=status.HTTP_201_CREATED)


class EstablishAPI(EnterpriseAPI):
    """登记组建."""

    permission = ESTABLISH

    @extend_schema(request=EstablishSerializer, responses={201: CreatedSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        facts = self.given(request, EstablishSerializer)
        form = Form(facts.pop("form"))
        (row,) = services.establish(enterprises=[self.found(pk)], form=form, **facts, **self.common(request))
        return Response({"id": row.pk}, status=status.HTTP_201_CREATED)


class EndEstablishmentAPI(EnterpriseAPI):
    """终止组建."""

    permission = ESTABLISH

    @extend_schema(request=EndSerializer, responses={200: EnterpriseRow, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = services.end_establishment(
            establishment=self.found(pk, Establishment), **self.given(request, EndSerializer), **self.common(request)
        )
        return self.answered(row.enterprise_id)


class SendInstructorAPI(EnterpriseAPI):
    """选派指导员."""

    permission = INSTRUCT

    @extend_schema(request=SendSerializer, responses={201: CreatedSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        (row,) = services.send_instructor(
            enterprises=[self.found(pk)], **self.given(request, SendSerializer), **self.common(request)
        )
        return Response({"id": row.pk}, status=status.HTTP_201_CREATED)
