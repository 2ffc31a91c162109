"""Signing in and out: counting, checking, beginning the session."""

from __future__ import annotations

from typing import Final

from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest
from django.utils import timezone

from apps.core import audit
from apps.core.context import circumstances
from apps.core.errors import DomainError

from .access import home_path
from .attempts import Try, count_try, forget_tries
from .models import User
from .passwords import is_due

PASSWORD_URL: Final = "/password/"
SIGN_OUT_URL: Final = "/signout/"
SIGNED_IN_AT: Final = "signed_in_at"

WRONG = "账号或密码不正确，或账号已停用。"
"""One answer for every reason, so that it does not tell which accounts exist."""

PAUSED = "paused"


def checked_user(request: HttpRequest, username: str, password: str) -> User:
    """The user whose password this is. Raises DomainError: one sentence for wrong, one (`paused`) for too often.

    An unknown account costs a hash like a known one, so time does not tell them apart either.
    """
    address, now = circumstances().address, timezone.now()
    attempt = count_try(username, address, now=now, today=timezone.localdate(now))
    if not attempt.allowed:
        raise DomainError(attempt.sentence, code=PAUSED)
    user = authenticate(request, username=username, password=password)
    if isinstance(user, User):
        forget_tries(username, address)
        return user
    if attempt.is_last:
        _note_pause(username, attempt)
        raise DomainError(attempt.sentence, code=PAUSED)
    raise DomainError(WRONG)


def _note_pause(username: str, attempt: Try) -> None:
    """An entry for the trail. A name that is no account is not kept: it may be a password in the wrong field."""
    user = User.objects.filter(username=username).first()
    name = user.username if user else "（不存在的账号）"
    audit.record(
        None, "signin.paused", user, org_path=home_path(user),
        summary=f"账号 {name} 连续输错 {attempt.most} 次，该来源暂停登录 {attempt.pause_minutes} 分钟",
    )  # fmt: skip


def after_password(user: User, request: HttpRequest) -> None:
    """What follows a right password: today the session begins.

    This is the place of the second factor (AQ-06) and of single sign-on: a factor notes the half-signed-in user
    in `request.session`, sends the browser to its own page, and that page calls `begin_session` in its turn; an
    OIDC callback calls `begin_session` with the user it was told.
    """
    begin_session(user, request)


def begin_session(user: User, request: HttpRequest) -> None:
    """Sign in under a new session id. A password that has come of age must be changed before anything else."""
    now = timezone.now()
    login(request, user)
    request.session[SIGNED_IN_AT] = now.timestamp()
    if not user.must_change_password and is_due(user, timezone.localdate(now)):
        user.must_change_password = True
        user.save(update_fields=["must_change_password"])
    audit.record(user, "signin.succeeded", user, org_path=home_path(user), summary=f"{user.display_name} 登录")


def end_session(request: HttpRequest) -> None:
    """Sign out; the session is gone on the server too."""
    user = request.user
    if user.is_authenticated:
        audit.record(user, "signin.ended", user, org_path=home_path(user), summary=f"{user.display_name} 退出")
    logout(request)
