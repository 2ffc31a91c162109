"""What holds for every signed-in request: the session's end, the password that must be changed, no copies kept."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils import timezone

from .signin import PASSWORD_URL, SIGN_OUT_URL, SIGNED_IN_AT

Handler = Callable[[HttpRequest], HttpResponse]
SEEN_AT = "seen_at"
SEEN_EVERY = 60
"""Seconds for which a request does not write the session again: the idle limit is exact to this much."""
OPEN_WHILE_DUE = (PASSWORD_URL, SIGN_OUT_URL, settings.STATIC_URL)


class SessionRules:
    """Ends a session `SESSION_LIFETIME` after sign-in however busy it is; the idle limit is the session's own.

    Whoever must change the password first reaches nothing else. Answers to a signed-in user are not stored by
    the browser or anything between.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and self._is_over(request):
            logout(request)
        signed_in = request.user.is_authenticated
        response = self._password_first(request) or self.get_response(request)
        if (signed_in or request.path.startswith("/api/")) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store, private"
        return self._for_htmx(request, response)

    def _is_over(self, request: HttpRequest) -> bool:
        now = timezone.now().timestamp()
        if now - request.session.get(SEEN_AT, 0) >= SEEN_EVERY:
            request.session[SEEN_AT] = now  # saving it starts the idle time anew
        return now - request.session.setdefault(SIGNED_IN_AT, now) >= settings.SESSION_LIFETIME

    def _password_first(self, request: HttpRequest) -> HttpResponse | None:
        if not request.user.is_authenticated or not request.user.must_change_password:
            return None
        if request.path.startswith(OPEN_WHILE_DUE) or request.path == "/healthz":
            return None
        if request.path.startswith("/api/"):
            sentence = "请先在网页上修改密码，再使用接口。"
            return JsonResponse({"code": "password_change_required", "detail": sentence}, status=403)
        wanted = request.get_full_path() if request.method == "GET" else "/"
        return HttpResponseRedirect(f"{PASSWORD_URL}?{urlencode({'next': wanted})}")

    def _for_htmx(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """A fragment must not become the sign-in page: htmx is told to go there with the whole window."""
        if not request.headers.get("HX-Request") or not isinstance(response, HttpResponseRedirect):
            return response
        if not response.url.startswith((settings.LOGIN_URL, PASSWORD_URL)):
            return response
        redirect = HttpResponse(status=204)
        redirect["HX-Redirect"] = response.url
        return redirect
