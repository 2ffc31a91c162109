"""Which accounts a person may see. Accounts have no node of their own: their roles place them in the tree."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from apps.core.dated import in_force
from apps.core.guard import resolve_scope
from apps.core.nodes import is_whole
from apps.core.scoping import Scope, required_scope

from .models import RoleAssignment, User
from .permissions import MANAGE


def grants_in(scope: Scope) -> QuerySet[RoleAssignment]:
    """The assignments at organisations inside the scope, with user and organisation, newest first."""
    return RoleAssignment.objects.filter(scope.as_q("org__path")).select_related("org", "user")


def users_visible_to(actor: Any) -> QuerySet[User]:
    """The users who hold or held a role inside the active scope; to whoever manages the whole portal, all."""
    if is_whole(resolve_scope(actor, MANAGE)):
        return User.objects.all()
    return User.objects.filter(Exists(grants_in(required_scope()).filter(user=OuterRef("pk"))))


def with_roles(users: QuerySet[User], on: datetime.date) -> QuerySet[User]:
    """The users with the list `roles_now`: the assignments in force on the day inside the active scope."""
    now = grants_in(required_scope()).filter(in_force(on)).order_by("org__path", "pk")
    return users.prefetch_related(Prefetch("assignments", queryset=now, to_attr="roles_now"))
