"""Access keys for programs: made and revoked by their owner, checked on every API request."""

from __future__ import annotations

import datetime
import hashlib
import secrets
from typing import Any

from django.db.models import Q
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps.core.audit import record, write
from apps.core.errors import DomainError

from .access import home_path
from .models import ApiToken, User

MARK = "pp_"
PREFIX_LENGTH = 8
MOST_TOKENS = 20
USE_NOTED_EVERY = datetime.timedelta(minutes=1)


def new_key() -> str:
    """A key of 256 random bits; only its hash is kept."""
    return MARK + secrets.token_urlsafe(32)


def hashed(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def usable(today: datetime.date) -> Q:
    """Tokens that are neither revoked nor expired; the day of expiry is the last good one."""
    return Q(revoked_at__isnull=True) & (Q(expires_on__isnull=True) | Q(expires_on__gte=today))


@write
def create_token(
    *, key: str, name: str, can_write: bool, expires_on: datetime.date | None, today: datetime.date, actor: User
) -> ApiToken:
    """Keep a new key of the actor. Raises DomainError for a date that has passed and for too many keys."""
    if expires_on is not None and expires_on < today:
        raise DomainError("有效期不能早于今天。", field="expires_on")
    if ApiToken.objects.filter(usable(today), user=actor).count() >= MOST_TOKENS:
        raise DomainError(f"每人最多保留 {MOST_TOKENS} 个有效的访问令牌，请先吊销不用的。")
    token = ApiToken.objects.create(
        user=actor, name=name, prefix=key[:PREFIX_LENGTH], key_hash=hashed(key), can_write=can_write,
        expires_on=expires_on,
    )  # fmt: skip
    kind = "读写" if can_write else "只读"
    record(actor, "token.created", token, org_path=home_path(actor), summary=f"新建{kind}访问令牌「{name}」")
    return token


@write
def revoke_token(*, token: ApiToken, actor: User) -> ApiToken:
    """Make a key worthless from the next request on. Revoking twice changes nothing."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        summary = f"吊销{token.user.display_name}的访问令牌「{token.name}」"
        record(actor, "token.revoked", token, org_path=home_path(token.user), summary=summary)
    return token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer KEY` (or `Token KEY`). A key that does not serve is 401, whatever the reason.

    What a read-only key may not do is refused by `core.api.GuardedAPI`, which sees the method.
    """

    keywords = (b"bearer", b"token")

    def authenticate(self, request: Request) -> tuple[Any, ApiToken] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() not in self.keywords:
            return None
        key = parts[1].decode("ascii", "replace") if len(parts) == 2 else ""
        now = timezone.now()
        wanted = ApiToken.objects.filter(usable(timezone.localdate(now)), key_hash=hashed(key), user__is_active=True)
        token = wanted.select_related("user").first()
        if token is None:
            raise AuthenticationFailed("访问令牌无效、已过期或已吊销。")
        self._note_use(token, now)
        return token.user, token

    def _note_use(self, token: ApiToken, now: datetime.datetime) -> None:
        """Write the time of the last use, at most once a minute."""
        edge = now - USE_NOTED_EVERY
        if token.last_used_at is None or token.last_used_at <= edge:
            unnoted = Q(last_used_at__isnull=True) | Q(last_used_at__lte=edge)
            ApiToken.objects.filter(unnoted, pk=token.pk).update(last_used_at=now)

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="parkparty"'
