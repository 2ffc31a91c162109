"""The API passes the same guard as the pages and answers the same refusals."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from django.http import Http404
from rest_framework import serializers, status
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.exceptions import PermissionDenied as ApiDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.views import exception_handler as default_handler

from .errors import Conflict, DomainError
from .guard import Guarded, scope_or_denied
from .scoping import use_scope


class GuardedAPI(Guarded, APIView):
    """Base of every endpoint: its permission becomes the scope of the whole request. A read-only token may only read."""

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        with ExitStack() as self.scope_stack:
            response = super().dispatch(request, *args, **kwargs)
            return response.render() if hasattr(response, "render") else response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = request.method or "GET"
        if method not in ("GET", "HEAD", "OPTIONS") and request.auth is not None and not request.auth.can_write:
            raise ApiDenied("这个访问令牌只能读取，不能修改。")
        self.scope_stack.enter_context(use_scope(scope_or_denied(request.user, self.needed(method))))


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's handler plus ours: a domain refusal is 409 (400 for a bad filter) with code, sentence and basis."""
    if isinstance(error, DomainError):
        body: dict[str, Any] = {"code": error.code, "detail": error.message}
        if error.basis:
            body["basis"] = str(error.basis)
        if error.field:
            body["field"] = error.field
        if isinstance(error, Conflict):
            body["rows"] = [{"label": label, "current": now, "yours": yours} for label, now, yours in error.rows]
        code = status.HTTP_400_BAD_REQUEST if error.code == "bad_filter" else status.HTTP_409_CONFLICT
        return Response(body, status=code)
    if isinstance(error, Http404):
        return Response({"code": "not_found", "detail": "没有这条记录。"}, status=404)
    if isinstance(error, ParseError):
        return Response({"code": "bad_json", "detail": "请求的内容不是正确的 JSON。"}, status=400)
    if isinstance(error, ValidationError) and context["request"].data is None:
        return Response({"code": "bad_json", "detail": "请求没有内容。"}, status=400)
    return default_handler(error, context)


class RefusalSerializer(serializers.Serializer):
    """The body of every refusal, for the OpenAPI document."""

    code = serializers.CharField()
    detail = serializers.CharField()
