"""Every write about users, their passwords and their dated roles."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.core import parameters
from apps.core.audit import record, write
from apps.core.dated import in_force
from apps.core.errors import DomainError
from apps.core.permissions import ROLE_LABELS, SYSTEM_ADMIN
from apps.core.text import clean_name, has_control_characters
from apps.core.versions import check_version

from .access import grants_from, held_roles, home_path
from .attempts import forget_tries
from .models import RoleAssignment, User
from .parameters import SEPARATE_DUTIES
from .passwords import remember, rule_on
from .rules import IDENTITY, grantable_roles, may_administer, separation_finding
from .tokens import revoke_token, usable

USERNAME = re.compile(r"[\w.@-]{2,50}")


@write
def create_user(
    *, username: str, display_name: str, password: str, role: str, org: PartyOrg, since: datetime.date,
    until: datetime.date | None = None, email: str = "", phone: str = "", today: datetime.date, actor: User,
) -> User:  # fmt: skip
    """Open an account with its first role. `password` is handed over once and must be changed at first sign-in."""
    user = _opened(username, display_name, password, email=email, phone=phone)
    record(actor, "user.created", user, org_path=org.path, summary=f"新建账号 {user}")
    grant_role(user=user, role=role, org=org, since=since, until=until, today=today, actor=actor)
    return user


@write
def appoint_first_administrator(
    *, username: str, display_name: str, password: str, org: PartyOrg, today: datetime.date, actor: None
) -> User:
    """Open the account with which a new portal begins. Only the system does it, and only while there is nobody."""
    if _administrators(RoleAssignment.objects.all(), today).exists():
        raise DomainError("已有在用的系统管理员，请由其在「用户与授权」中办理。", code="administrator_exists")
    user = _opened(username, display_name, password)
    RoleAssignment.objects.create(user=user, role=SYSTEM_ADMIN, org=org, since=today)
    record(actor, "user.created", user, org_path=org.path, summary=f"新建首位系统管理员 {user}")
    return user


def _opened(username: str, display_name: str, password: str, **facts: str) -> User:
    username = clean_name(username)
    if not USERNAME.fullmatch(username):
        raise DomainError("账号为 2 至 50 个字符，只能用文字、字母、数字和 . _ @ -。", field="username")
    if User.objects.filter(username__iexact=username).exists():
        raise DomainError("这个账号已经存在，请换一个。", field="username", code="username_taken")
    user = User(username=username, display_name=_person_name(display_name), **facts)
    user.set_password(password)
    user.save()
    return user


@write
def update_user(
    *, user: User, display_name: str, email: str, phone: str, version: int | None, today: datetime.date, actor: User
) -> User:
    """Correct a name or an address. Raises Conflict when somebody else was faster."""
    user = _locked(user)
    _check_may_administer(actor, user, today)
    changes = {"display_name": _person_name(display_name), "email": email, "phone": phone}
    check_version(user, version, changes)
    for name, value in changes.items():
        setattr(user, name, value)
    user.version += 1
    user.save(update_fields=[*changes, "version"])
    record(actor, "user.changed", user, org_path=home_path(user), summary=f"修改账号 {user} 的资料")
    return user


def _person_name(text: str) -> str:
    name = clean_name(text)
    if not name or has_control_characters(name):
        raise DomainError("请填写姓名。", field="display_name")
    return name


@write
def grant_role(
    *, user: User, role: str, org: PartyOrg, since: datetime.date, until: datetime.date | None = None,
    today: datetime.date, actor: User,
) -> RoleAssignment:  # fmt: skip
    """Give a role at an organisation from a day until a day. Nobody gives more than is theirs to give."""
    user = _locked(user)
    _check_may_grant(actor, user, role, org, today)
    if until is not None and until <= since:
        raise DomainError("终止日期须晚于起始日期。", field="until")
    if org.ended_on is not None and org.ended_on <= since:
        raise DomainError(f"{org}已于 {org.ended_on:%Y-%m-%d} 撤销，不能授权。", field="org")
    meeting = RoleAssignment.objects.filter(_overlapping(since, until), user=user)
    if meeting.filter(role=role, org=org).exists():
        raise DomainError("该用户在这个组织的这段时间已有这个角色。", field="role", code="already_granted")
    if parameters.value(SEPARATE_DUTIES, on=since):
        finding = separation_finding(role, meeting.values_list("role", flat=True))
        if finding is not None:
            raise DomainError(finding.message, basis=finding.basis, code=finding.code, field="role")
    grant = RoleAssignment.objects.create(
        user=user, role=role, org=org, since=since, until=until, granted_by_name=actor.display_name
    )
    term = f"{since:%Y-%m-%d} 起" + (f"，至 {until:%Y-%m-%d} 止" if until else "")
    summary = f"授予 {user} 在{org}的{ROLE_LABELS[role]}角色，{term}"
    record(actor, "grant.given", grant, org_path=org.path, summary=summary, data={"user": user.pk, "role": role})
    return grant


def _overlapping(since: datetime.date, until: datetime.date | None) -> Q:
    later = Q(until__isnull=True) | Q(until__gt=since)
    return later & Q(since__lt=until) if until else later


def _check_may_grant(actor: User, user: User, role: str, org: PartyOrg, today: datetime.date) -> None:
    if actor.pk == user.pk:
        raise DomainError("不能给自己授权，请由另一位管理人员办理。", code="own_grant")
    if role not in grantable_roles(held_roles(actor, today), org.path):
        raise DomainError(f"您不能在{org}授予{ROLE_LABELS[role]}角色。", field="role", code="not_grantable")


@write
def end_grant(*, grant: RoleAssignment, until: datetime.date, today: datetime.date, actor: User) -> User:
    """Let a role end: `until` is the first day on which it no longer holds. A role not begun yet is withdrawn."""
    user = _locked(grant.user)
    grant = RoleAssignment.objects.select_for_update(of=("self",)).select_related("org").get(pk=grant.pk)
    if grant.role not in grantable_roles(held_roles(actor, today), grant.org.path):
        raise DomainError(f"您不能收回{ROLE_LABELS[grant.role]}角色。", code="not_grantable")
    if grant.until is not None and grant.until <= today:
        raise DomainError(f"这个角色已于 {grant.until:%Y-%m-%d} 终止。")
    if until < today:
        raise DomainError("终止日期不能早于今天。", field="until")
    if grant.role == SYSTEM_ADMIN:
        others = RoleAssignment.objects.exclude(pk=grant.pk)
        _keep_an_administrator(others, on=until)
        if actor.pk == user.pk and not _administrators(others, until).filter(user=actor).exists():
            raise DomainError("不能收回自己最后一个系统管理员角色，请由另一位系统管理员办理。", code="own_last_grant")
    summary = f"收回 {user} 在{grant.org}的{ROLE_LABELS[grant.role]}角色，{until:%Y-%m-%d} 起失效"
    record(actor, "grant.ended", grant, org_path=grant.org.path, summary=summary, data={"user": user.pk})
    if until <= grant.since:
        grant.delete()
    else:
        grant.until = until
        grant.save(update_fields=["until"])
    return user


@write
def end_grants_at(*, org: PartyOrg, on: datetime.date, today: datetime.date, actor: Any) -> int:
    """Let every role at an organisation end with it, on `on`; returns how many roles ended.

    Whoever held one there loses write with the next request. A role that began later never held. Raises
    DomainError when the portal would stay without a system administrator.
    """
    open_grants = Q(until__isnull=True) | Q(until__gt=on)
    grants = list(
        RoleAssignment.objects.filter(open_grants, org=org).select_related("user").select_for_update(of=("self",))
    )
    if any(grant.role == SYSTEM_ADMIN for grant in grants):
        _keep_an_administrator(RoleAssignment.objects.exclude(org=org), on=today)
    for grant in grants:
        summary = f"{org}已撤并，{grant.user} 在该组织的{ROLE_LABELS[grant.role]}角色自 {on:%Y-%m-%d} 起失效"
        record(actor, "grant.ended", grant, org_path=org.path, summary=summary, data={"user": grant.user_id})
        if on <= grant.since:
            grant.delete()
        else:
            grant.until = on
            grant.save(update_fields=["until"])
    return len(grants)


def _administrators(grants: Any, on: datetime.date) -> Any:
    return grants.filter(in_force(on), role=SYSTEM_ADMIN, user__is_active=True)


def _keep_an_administrator(others: Any, *, on: datetime.date) -> None:
    """Refuse to leave the portal without a system administrator; two who end each other wait for one another."""
    list(RoleAssignment.objects.filter(role=SYSTEM_ADMIN).order_by("pk").select_for_update())
    if not _administrators(others, on).exists():
        raise DomainError("至少要保留一名在用的系统管理员。", code="last_administrator")


@write
def reset_password(*, user: User, password: str, today: datetime.date, actor: User) -> User:
    """Hand out a new first password: sessions and access keys of the user end, a pause of sign-in is lifted."""
    user = _locked(user)
    if actor.pk == user.pk:
        raise DomainError("自己的密码请在「修改密码」中更换。", code="own_password")
    _check_may_administer(actor, user, today)
    _set_password(user, password, today, must_change=True)
    forget_tries(user.username)
    _revoke_tokens(user, today, actor)
    record(actor, "user.password_reset", user, org_path=home_path(user), summary=f"重置 {user} 的密码")
    return user


@write
def change_password(*, user: User, password: str, today: datetime.date, actor: User) -> User:
    """Take a password of one's own choice. Raises DomainError with every reason against it."""
    user = _locked(user)
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise DomainError("".join(error.messages), basis=IDENTITY, field="new_password") from None
    _set_password(user, password, today, must_change=False)
    record(actor, "user.password_changed", user, org_path=home_path(user), summary=f"{user.display_name} 修改密码")
    return user


def _set_password(user: User, password: str, today: datetime.date, *, must_change: bool) -> None:
    remember(user, keep=rule_on(today).history)
    user.set_password(password)
    user.must_change_password = must_change
    user.password_changed_at = timezone.now()
    user.save(update_fields=["password", "must_change_password", "password_changed_at"])


@write
def disable_user(*, user: User, today: datetime.date, actor: User) -> User:
    """Close an account: the next request is signed out, access keys are revoked. The roles stay as they are."""
    user = _locked(user)
    if actor.pk == user.pk:
        raise DomainError("不能停用自己的账号。", code="own_account")
    _check_may_administer(actor, user, today)
    if SYSTEM_ADMIN in {role for role, _ in held_roles(user, today)}:
        _keep_an_administrator(RoleAssignment.objects.exclude(user=user), on=today)
    if user.is_active:
        user.is_active = False
        user.save(update_fields=["is_active"])
        _revoke_tokens(user, today, actor)
        record(actor, "user.disabled", user, org_path=home_path(user), summary=f"停用账号 {user}")
    return user


@write
def enable_user(*, user: User, today: datetime.date, actor: User) -> User:
    """Open a closed account again."""
    user = _locked(user)
    _check_may_administer(actor, user, today)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        record(actor, "user.enabled", user, org_path=home_path(user), summary=f"启用账号 {user}")
    return user


def _revoke_tokens(user: User, today: datetime.date, actor: User) -> None:
    for token in user.tokens.filter(usable(today)).select_related("user"):
        revoke_token(token=token, actor=actor)


def _check_may_administer(actor: User, user: User, today: datetime.date) -> None:
    if not may_administer(held_roles(actor, today), grants_from(user, today)):
        raise DomainError("该用户还承担您无权授予的角色，请由上级或系统管理员办理。", code="not_administrable")


def _locked(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)
