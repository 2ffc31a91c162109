"""Who looks at the generated park in the bench."""

from __future__ import annotations

import datetime
from typing import Any

SINCE = datetime.date(2024, 1, 1)


def officer(username: str = "bench", *, roots: tuple[str, ...] = ("GM", "DL")) -> Any:
    """A user with every business role at these organisations, made when needed."""
    from apps.accounts.models import RoleAssignment, User
    from apps.branches.models import PartyOrg
    from apps.core.permissions import ROLE_LABELS
    from apps.core.scoping import unscoped

    user, _ = User.objects.get_or_create(
        username=username, defaults={"display_name": "测速", "must_change_password": False, "password": "!"}
    )
    with unscoped("the bench makes its own officer"):
        RoleAssignment.objects.filter(user=user).delete()
        RoleAssignment.objects.bulk_create(
            RoleAssignment(user=user, role=role, org=org, since=SINCE)
            for org in PartyOrg.objects.filter(code__in=roots) for role in ROLE_LABELS
        )  # fmt: skip
    return user


def signed_in(user: Any) -> Any:
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    client.force_login(user)
    return client
