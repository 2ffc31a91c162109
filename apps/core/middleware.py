"""Who asks, seen from outside: every request gets an id and the address of the client, for the audit trail."""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware

from .context import under

Handler = Callable[[HttpRequest], HttpResponse]


def client_address(request: HttpRequest) -> str:
    """The client's address behind `TRUSTED_PROXIES` proxies of ours; what it claims itself is not believed.

    Each proxy appends whom it talked to, so the client stands that far from the end of X-Forwarded-For. A header
    with fewer entries did not come through our proxies: then the connection is believed. A unix socket has no
    address.
    """
    candidates = [request.META.get("REMOTE_ADDR", "")]
    if settings.TRUSTED_PROXIES:
        passed = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
        if len(passed) >= settings.TRUSTED_PROXIES:
            candidates.insert(0, passed[-settings.TRUSTED_PROXIES])
    for text in candidates:
        try:
            return str(ipaddress.ip_address(text))
        except ValueError:
            continue
    return ""


class RequestCircumstances:
    """Sets `core.context` for the request and answers with its id, which a user can read out to an operator."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = str(uuid.uuid4())
        with under(request_id=request_id, address=client_address(request)):
            response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class CompressPages(GZipMiddleware):
    """Compresses pages where no front door does; files, exports and the JSON of the API leave as they are.

    Django pads what it compresses, so that its length tells nothing of a token in it.
    """

    def process_response(self, request: HttpRequest, response: Any) -> Any:
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)
