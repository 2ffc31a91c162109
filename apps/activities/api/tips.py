"""Tip sheets by program: the services of the pages, the same rights and refusals.

Reading whole books is `/api/v1/ledgers/activities.tip_sheets/`; here one row is answered.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from apps.branches.api import OrgCodeField
from apps.core.api import GuardedAPI, RefusalSerializer

from ..ledgers.tip_sheets import state_of
from ..models import Participation, TipSheet, TipSheetLink, TipSheetReceipt
from ..permissions import ISSUE, KEEP, VIEW
from ..rules.tips import ReceiptState
from ..services import tips as services


class SheetBody(serializers.Serializer):
    """提示单草稿."""

    org = OrgCodeField()
    number = serializers.CharField(max_length=30)
    title = serializers.CharField(max_length=100)
    quarter = serializers.CharField(max_length=6)
    content = serializers.CharField(max_length=5000)
    due_on = serializers.DateField()


class SheetSerializer(SheetBody):
    id = serializers.IntegerField()
    version = serializers.IntegerField()
    state = serializers.CharField()
    issued_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)


class ReceiptSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    org = OrgCodeField()
    number = serializers.CharField(source="sheet.number")
    title = serializers.CharField(source="sheet.title")
    quarter = serializers.CharField(source="sheet.quarter")
    content = serializers.CharField(source="sheet.content")
    due_on = serializers.DateField(source="sheet.due_on")
    state = serializers.SerializerMethodField()
    signed_at = serializers.DateTimeField(allow_null=True)
    signed_by = serializers.CharField(source="signed_by_name")
    done_on = serializers.DateField(allow_null=True)
    activities = serializers.SerializerMethodField()

    def get_state(self, row: TipSheetReceipt) -> ReceiptState:
        return state_of(row, timezone.localdate())

    def get_activities(self, row: TipSheetReceipt) -> list[int]:
        links = TipSheetLink.objects.filter(receipt=row).order_by("pk")
        return list(links.values_list("activity_id", flat=True))


class LinkBody(serializers.Serializer):
    activities = serializers.ListField(child=serializers.IntegerField(), allow_empty=False, max_length=50)


class SheetAPI(GuardedAPI):
    """Shared by what is done about one sheet."""

    permission = ISSUE

    def found(self, pk: int) -> TipSheet:
        sheet: TipSheet | None = TipSheet.objects.select_related("org").filter(pk=pk).first()
        if sheet is None:
            raise Http404
        return sheet

    def answered(self, sheet: TipSheet, code: int = status.HTTP_200_OK) -> Response:
        return Response(SheetSerializer(self.found(sheet.pk)).data, status=code)


class DraftAPI(SheetAPI):
    """起草提示单."""

    @extend_schema(request=SheetBody, responses={201: SheetSerializer, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        body = SheetBody(data=request.data)
        body.is_valid(raise_exception=True)
        facts = dict(body.validated_data)
        sheet = services.draft_sheet(org=facts.pop("org"), facts=facts, actor=request.user)
        return self.answered(sheet, status.HTTP_201_CREATED)


class IssueAPI(SheetAPI):
    """下发."""

    @extend_schema(request=None, responses={200: SheetSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        sheet = services.issue_sheet(sheet=self.found(pk), today=timezone.localdate(), actor=request.user)
        return self.answered(sheet)


class CloseAPI(SheetAPI):
    """办结."""

    @extend_schema(request=None, responses={200: SheetSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        sheet = services.close_sheet(sheet=self.found(pk), today=timezone.localdate(), actor=request.user)
        return self.answered(sheet)


class ReceiptAPI(GuardedAPI):
    """One sheet at one branch."""

    permission: Any = VIEW

    def found(self, pk: int) -> TipSheetReceipt:
        row: TipSheetReceipt | None = TipSheetReceipt.objects.select_related("sheet", "org").filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def answered(self, row: TipSheetReceipt) -> Response:
        return Response(ReceiptSerializer(self.found(row.pk)).data)

    @extend_schema(responses=ReceiptSerializer)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk))


class SignAPI(ReceiptAPI):
    """签收."""

    permission = KEEP
    http_method_names = ["post", "options"]

    @extend_schema(request=None, responses={200: ReceiptSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        return self.answered(services.sign_receipt(receipt=self.found(pk), now=timezone.now(), actor=request.user))


class LinkAPI(ReceiptAPI):
    """关联活动记录."""

    permission = KEEP
    http_method_names = ["post", "options"]

    @extend_schema(request=LinkBody, responses={200: ReceiptSerializer, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row, body = self.found(pk), LinkBody(data=request.data)
        body.is_valid(raise_exception=True)
        wanted = set(body.validated_data["activities"])
        held = Participation.objects.filter(org=row.org_id, activity__in=wanted).select_related("activity")
        found = [each.activity for each in held]
        if len(found) != len(wanted):
            raise serializers.ValidationError({"activities": "其中有不属于本支部的活动记录。"})
        return self.answered(
            services.link_records(receipt=row, activities=found, now=timezone.now(), actor=request.user)
        )
