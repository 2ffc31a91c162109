"""What a visitor gets while PostgreSQL is away: 503 with Retry-After, never a 500 page."""

import logging
import sys
from collections.abc import Callable

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import bad_request as django_bad_request
from django.views.defaults import server_error as django_server_error

RETRY_AFTER = 10  # seconds
logger = logging.getLogger(__name__)


def is_database_away(error: BaseException | None) -> bool:
    """Whether an error, or what it was raised from, is a lost or refused connection or a give-up of the server."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        error = error.__cause__ or error.__context__
    return False


def unavailable(request: HttpRequest) -> HttpResponse:
    """The answer while the database is away. It asks the database nothing, not even who the visitor is."""
    message = "系统正在维护或数据库暂时无法连接，本次操作没有保存，请稍后重试。"
    response: HttpResponse
    if request.path.startswith("/api/"):
        response = JsonResponse({"code": "unavailable", "detail": message}, status=503)
    else:
        content = render_to_string("503.html", {"message": message, "retry_after": RETRY_AFTER})
        response = HttpResponse(content, status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response


class OneLineForRefusals(logging.Filter):
    """No traceback for a request that was refused as it should be: an outage or a scanner must not fill the disk."""

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if is_database_away(error):
            record.msg = f"{record.msg} (database away)"
        elif not isinstance(error, PermissionDenied | SuspiciousOperation):
            return True
        record.exc_info = record.exc_text = None
        return True


class Unavailable:
    """Turns a lost database inside a view into 503. `server_error` does it for the middlewares around the view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not is_database_away(error):
            return None
        logger.error("database away: %s", str(error).strip())
        return unavailable(request)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: Django calls it while it handles the error."""
    if is_database_away(sys.exc_info()[1]):
        return unavailable(request)
    return django_server_error(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler400: a session that could not be saved because the database went away looks like one that was deleted."""
    if is_database_away(exception):
        return unavailable(request)
    return django_bad_request(request, exception)
