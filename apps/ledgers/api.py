"""Every ledger as an API endpoint: made from its columns and filters, never written by hand."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import GuardedAPI
from apps.core.guard import may
from apps.core.ledger import Kind, Ledger, registry
from apps.core.rights import OWN_WORK

_FIELDS = {
    Kind.TEXT: serializers.CharField, Kind.DATE: serializers.DateField, Kind.DATETIME: serializers.DateTimeField,
    Kind.INTEGER: serializers.IntegerField, Kind.BOOL: serializers.BooleanField,
}  # fmt: skip
_PARAMETER_TYPES = {"date": OpenApiTypes.DATE, "number": OpenApiTypes.INT}


def _field(kind: Kind, label: str) -> serializers.Field:
    if kind in (Kind.MONEY, Kind.PERCENT):
        return serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True, label=label)
    return _FIELDS[kind](allow_null=True, label=label)


class LedgerAPI(GuardedAPI):
    """One page of a ledger: the rows that the caller may see, filtered, masked and ordered as on screen."""

    ledger: ClassVar[type[Ledger]]

    def get(self, request: Request) -> Response:
        ledger = self.ledger(request.query_params.dict(), today=timezone.localdate(), user=request.user)
        page = ledger.page()
        return Response({
            "results": [{"id": row.pk, **ledger.as_json(row)} for row in page.rows],
            "next": page.next or None,
            "previous": page.previous or None,
        })  # fmt: skip


def _endpoint(ledger: type[Ledger]) -> Any:
    """The documented endpoint class of one ledger."""
    name = "".join(part.title() for part in ledger.code.replace(".", "_").split("_"))
    row = inline_serializer(
        f"{name}Row", {"id": serializers.IntegerField(), **{c.name: _field(c.kind, c.label) for c in ledger.columns}}
    )
    page = inline_serializer(f"{name}Page", {
        "results": serializers.ListSerializer(child=row),
        "next": serializers.CharField(allow_null=True, help_text="作为 after 参数取下一页"),
        "previous": serializers.CharField(allow_null=True, help_text="作为 before 参数取上一页"),
    })  # fmt: skip
    query = [OpenApiParameter("after", str), OpenApiParameter("before", str)]
    if ledger.search_hint:
        query.append(OpenApiParameter("q", str, description=ledger.search_hint))
    if len(ledger.orderings) > 1:
        query.append(OpenApiParameter("order", str, enum=[key for key in ledger.orderings if key]))
    query += [
        OpenApiParameter(f.name, _PARAMETER_TYPES.get(f.kind, OpenApiTypes.STR), description=f.label)
        for f in ledger.filters
    ]
    schema = extend_schema(summary=ledger.title, operation_id=f"ledger_{name}", parameters=query, responses=page,
                           tags=["台账"])  # fmt: skip
    # A lead that depends on what is asked for is no text of the class.
    lead = ledger.lead if isinstance(ledger.lead, str) else ""
    attributes = {"ledger": ledger, "permission": ledger.permission, "__doc__": lead or ledger.title}
    return extend_schema(tags=["台账"])(type(f"{name}API", (LedgerAPI,), {**attributes, "get": schema(_own_get())}))


def _own_get() -> Any:
    def get(self: LedgerAPI, request: Request) -> Response:
        return LedgerAPI.get(self, request)

    return get


def endpoints() -> list[tuple[str, Any]]:
    """(ledger code, endpoint class) of every registered ledger."""
    return [(code, _endpoint(ledger)) for code, ledger in sorted(registry.items())]


class LedgerListAPI(GuardedAPI):
    """The ledgers that the caller may read, with their columns."""

    permission = OWN_WORK

    @extend_schema(
        summary="台账目录", tags=["台账"],
        responses=inline_serializer("LedgerIndex", {
            "code": serializers.CharField(), "title": serializers.CharField(), "url": serializers.CharField(),
            "columns": serializers.DictField(child=serializers.CharField()),
        }, many=True),
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return Response([
            {"code": code, "title": ledger.title, "url": f"/api/v1/ledgers/{code}/",
             "columns": {c.name: c.label for c in ledger.columns}}
            for code, ledger in sorted(registry.items()) if may(request.user, ledger.permission)
        ])  # fmt: skip
