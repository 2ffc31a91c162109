"""What a visitor gets instead of a 500 page: 503 with Retry-After while PostgreSQL is away, 400 for what no database
can hold."""

import logging
import sys
from collections.abc import Callable

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
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


def cannot_be_stored(error: BaseException | None) -> bool:
    """Whether the database refused a value as such: a NUL, half of a character, a number beyond its range.

    Forms say so beside the field; this is for what reaches a query without one, from an address or a program.
    """
    if isinstance(error, ValueError) and "NUL (0x00)" in str(error):
        return True
    return isinstance(error, DataError | UnicodeEncodeError)


def refused(request: HttpRequest) -> HttpResponse:
    """The answer to a request that cannot be read, in the words of pages or programs."""
    message = "地址或提交的内容不正确，没有办理。请返回上一页，检查填写的内容后再试。"
    if request.path.startswith("/api/"):
        return JsonResponse({"code": "bad_request", "detail": message}, status=400)
    return HttpResponse(render_to_string("400.html", {"message": message}), status=400)


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
    """Turns a lost database inside a view into 503, and an impossible value into 400.

    `server_error` does the first for the middlewares around the view.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if cannot_be_stored(error):
            logger.warning("refused: %s", type(error).__name__)
            return refused(request)
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
    return refused(request)
