"""Transfers and departures by program: the services of the pages, the same rights and refusals (409).

Reading whole books is `/api/v1/ledgers/members.transfers/`; here one transfer is answered as its line in it.
"""

from __future__ import annotations

from typing import Any, ClassVar

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
from apps.enterprises.api import ScopedId
from apps.enterprises.models import Enterprise

from .directory import branch
from .kinds import DepartureReason
from .ledgers.transfers import DepartureLedger, TransferLedger
from .models import Departure, Member, Transfer
from .permissions import APPROVE_TRANSFER, KEEP, TRANSFER, VIEW
from .services import acceptance, departures
from .services import transfers as services


@extend_schema_field(serializers.IntegerField())
class BranchIdField(serializers.Field):
    """A living branch of the whole portal, by the id that the directory gives."""

    def to_internal_value(self, data: Any) -> Any:
        found = branch(data) if isinstance(data, int) else []
        if not found:
            raise serializers.ValidationError("没有找到这个党支部。")
        return found[0]

    def to_representation(self, value: Any) -> int:
        return int(value.pk)


class RequestBody(serializers.Serializer):
    """申请转出: to `receiver`, or to the organisation `outside` the portal; one of the two."""

    member = ScopedId(Member)
    requested_on = serializers.DateField()
    receiver = BranchIdField(required=False)
    outside = serializers.CharField(max_length=100, required=False)
    reason = serializers.CharField(max_length=200, required=False)
    note = serializers.CharField(max_length=200, required=False)


class StepBody(serializers.Serializer):
    """The day of a step; `version` guards against a concurrent one."""

    on = serializers.DateField()
    version = serializers.IntegerField(required=False)


class CheckBody(StepBody):
    """支部核实; `dues_paid_until` is any day of the last paid month."""

    dues_paid_until = serializers.DateField()
    papers = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=100, required=False)


class LetterBody(StepBody):
    number = serializers.CharField(max_length=40)
    valid_until = serializers.DateField(required=False)


class AcceptBody(StepBody):
    """接收; `stays` for a transfer to the outside of somebody who goes on working here."""

    enterprise = ScopedId(Enterprise, required=False)
    group = OrgCodeField(required=False)
    stays = serializers.BooleanField(required=False)


class ReturnBody(StepBody):
    reason = serializers.CharField(max_length=200)


class CancelBody(serializers.Serializer):
    reason = serializers.CharField(max_length=200)
    version = serializers.IntegerField(required=False)


class DepartureBody(serializers.Serializer):
    """登记离职."""

    member = ScopedId(Member)
    left_post_on = serializers.DateField()
    reason = serializers.ChoiceField(choices=DepartureReason.choices())
    destination = serializers.CharField(max_length=100, required=False)
    note = serializers.CharField(max_length=200, required=False)


class PlaceBody(StepBody):
    """落实去向; `note` names the document."""

    destination = serializers.CharField(max_length=100)
    note = serializers.CharField(max_length=150)


class TransferRow(serializers.Serializer):
    """One transfer: its line in the ledger with its id and version (all columns of that book)."""

    id = serializers.IntegerField()
    version = serializers.IntegerField()
    state = serializers.CharField()


class TransfersAPI(GuardedAPI):
    """Shared: reading the body, finding the row in the scope, answering its line in the book."""

    book: ClassVar[Any] = TransferLedger
    model: ClassVar[Any] = Transfer

    def given(self, request: Request, shape: type[serializers.Serializer]) -> dict[str, Any]:
        body = shape(data=request.data)
        body.is_valid(raise_exception=True)
        return {**body.validated_data, "today": timezone.localdate(), "actor": request.user}

    def found(self, pk: int) -> Any:
        rows = self.model.objects
        row = (rows.told() if self.model is Transfer else rows).filter(pk=pk).first()
        if row is None:
            raise Http404
        return row

    def answered(self, pk: int, code: int = status.HTTP_200_OK) -> Response:
        """The row as the caller may read it."""
        with use_scope(resolve_scope(self.request.user, VIEW)):
            book = self.book({}, today=timezone.localdate(), user=self.request.user)
            row = book.rows().filter(pk=pk).first()
            body = {"id": pk} if row is None else {"id": pk, "version": row.version, **book.as_json(row)}
        return Response(body, status=code)


class RequestAPI(TransfersAPI):
    """发起转出."""

    permission = TRANSFER

    @extend_schema(request=RequestBody, responses={201: TransferRow, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        row = services.request_transfer(**self.given(request, RequestBody))
        return self.answered(row.pk, status.HTTP_201_CREATED)


class TransferAPI(TransfersAPI):
    """One transfer, for either side."""

    permission = VIEW

    @extend_schema(responses=TransferRow)
    def get(self, request: Request, pk: int) -> Response:
        return self.answered(self.found(pk).pk)


class CheckAPI(TransfersAPI):
    """支部核实."""

    permission = TRANSFER

    @extend_schema(request=CheckBody, responses={200: TransferRow, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = services.check_transfer(transfer=self.found(pk), **self.given(request, CheckBody))
        return self.answered(row.pk)


class ApproveAPI(TransfersAPI):
    """党委批准."""

    permission = APPROVE_TRANSFER

    @extend_schema(request=StepBody, responses={200: TransferRow, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = services.approve_transfer(transfer=self.found(pk), **self.given(request, StepBody))
        return self.answered(row.pk)


class LetterAPI(TransfersAPI):
    """开具介绍信."""

    permission = APPROVE_TRANSFER

    @extend_schema(request=LetterBody, responses={200: TransferRow, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = services.issue_letter(transfer=self.found(pk), **self.given(request, LetterBody))
        return self.answered(row.pk)


class AcceptAPI(TransfersAPI):
    """接收."""

    permission = TRANSFER

    @extend_schema(request=AcceptBody, responses={200: TransferRow, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = acceptance.accept_transfer(transfer=self.found(pk), **self.given(request, AcceptBody))
        return self.answered(row.pk)


class ReturnAPI(TransfersAPI):
    """退回."""

    permission = TRANSFER

    @extend_schema(request=ReturnBody, responses={200: TransferRow, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = services.return_transfer(transfer=self.found(pk), **self.given(request, ReturnBody))
        return self.answered(row.pk)


class CancelAPI(TransfersAPI):
    """撤销."""

    permission = TRANSFER

    @extend_schema(request=CancelBody, responses={200: TransferRow, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = services.cancel_transfer(transfer=self.found(pk), **self.given(request, CancelBody))
        return self.answered(row.pk)


class DepartureAPI(TransfersAPI):
    """登记离职."""

    permission = KEEP
    book, model = DepartureLedger, Departure

    @extend_schema(request=DepartureBody, responses={201: TransferRow, 409: RefusalSerializer})
    def post(self, request: Request) -> Response:
        facts = self.given(request, DepartureBody)
        facts["reason"] = DepartureReason(facts["reason"])
        return self.answered(departures.record_departure(**facts).pk, status.HTTP_201_CREATED)


class PlaceAPI(TransfersAPI):
    """落实去向."""

    permission = TRANSFER
    book, model = DepartureLedger, Departure

    @extend_schema(request=PlaceBody, responses={200: TransferRow, 409: RefusalSerializer})
    def post(self, request: Request, pk: int) -> Response:
        row = departures.place_departure(departure=self.found(pk), **self.given(request, PlaceBody))
        return self.answered(row.pk)
