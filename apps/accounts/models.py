"""Users, the dated roles that give them a scope, what guards their passwords, and their API tokens."""

from __future__ import annotations

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import UserManager
from django.db import models
from django.db.models.functions import Now

from apps.branches.models import OrgOwned, PartyOrg
from apps.core.dated import Dated, dates_in_order
from apps.core.permissions import ROLE_LABELS
from apps.core.scoping import ScopedManager
from apps.core.versions import Versioned


class AccountManager(UserManager):
    """Creates accounts; Django's permission flags are not used, roles are."""

    def _create_user(self, username: str, email: str | None, password: str | None, **extra: object) -> User:
        user = self.model(username=username, email=self.normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(
        self, username: str, email: str | None = None, password: str | None = None, **extra: object
    ) -> User:
        return self._create_user(username, email, password, **extra)


@pghistory.track(exclude=["password", "last_login"])
class User(Versioned, AbstractBaseUser):
    """A person who signs in. What they may see comes from their role assignments alone."""

    username = models.CharField("账号", max_length=50, unique=True,
                                error_messages={"unique": "这个账号已经存在。"})  # fmt: skip
    display_name = models.CharField("姓名", max_length=50)
    email = models.EmailField("电子邮箱", blank=True)
    phone = models.CharField("手机号", max_length=20, blank=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("下次登录须改密码", default=True)
    password_changed_at = models.DateTimeField("密码修改时间", null=True)
    created_at = models.DateTimeField("创建时间", db_default=Now())

    objects = AccountManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = ["display_name"]

    class Meta:
        verbose_name = "用户"
        ordering = ["username"]

    def __str__(self) -> str:
        return f"{self.display_name}（{self.username}）"

    def get_absolute_url(self) -> str:
        return f"/accounts/{self.pk}/"


class UsedPassword(models.Model):
    """The hash of a password that a user has had, so that the last few are not taken again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="used_passwords")
    password = models.CharField(max_length=128)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "用过的密码"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.since:%Y-%m-%d}"


@pghistory.track()
class RoleAssignment(Dated):
    """A role that a user holds at a node, from a date until a date. Several may hold at once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="assignments", verbose_name="用户")
    role = models.CharField("角色", max_length=20, choices=list(ROLE_LABELS.items()))
    org = models.ForeignKey(PartyOrg, models.PROTECT, related_name="+", verbose_name="党组织")
    granted_by_name = models.CharField("授权人", max_length=50, blank=True)

    class Meta:
        verbose_name = "角色授权"
        ordering = ["-since", "-id"]
        constraints = [
            dates_in_order("role_assignment_dates"),
            models.UniqueConstraint(
                fields=["user", "role", "org"], condition=models.Q(until__isnull=True),
                name="one_open_assignment", violation_error_message="该用户在这个组织已有这个角色。",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"


class SignInAttempt(models.Model):
    """Tries of one account name from one address since the last success; the colleague next door has another row.

    Written by one statement in `accounts.attempts`, before the password is looked at.
    """

    username = models.CharField(max_length=50)
    address = models.CharField(max_length=45)
    tries = models.PositiveSmallIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = "登录尝试"
        constraints = [
            models.UniqueConstraint(fields=["username", "address"], name="one_counter_per_account_and_address")
        ]

    def __str__(self) -> str:
        return f"{self.username} @ {self.address}: {self.tries}"


class ApiToken(models.Model):
    """A named key for programs. Only the hash is kept; the key is shown once.

    `can_write` False makes every unsafe method 403. A token carries its owner's roles, never more.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField("用途", max_length=50)
    prefix = models.CharField("开头", max_length=8)
    key_hash = models.CharField(max_length=64, unique=True)
    can_write = models.BooleanField("可写", default=False)
    created_at = models.DateTimeField("创建时间", db_default=Now())
    expires_on = models.DateField("有效期至", null=True, blank=True)
    last_used_at = models.DateTimeField("最近使用", null=True)
    revoked_at = models.DateTimeField("吊销时间", null=True)

    class Meta:
        verbose_name = "访问令牌"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name}（{self.prefix}…）"

    def get_absolute_url(self) -> str:
        return "/tokens/"


@pghistory.track()
class Handover(OrgOwned):
    """岗位交接: whoever leads an organisation changes. The role goes over on the day; the names stay with the row."""

    role = models.CharField("岗位", max_length=20, choices=list(ROLE_LABELS.items()))
    on = models.DateField("交接日期")
    outgoing = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="交出人")
    outgoing_name = models.CharField("交出人", max_length=50)
    incoming = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="接手人")
    incoming_name = models.CharField("接手人", max_length=50, blank=True)
    note = models.CharField("交接说明", max_length=300, blank=True)
    handled_by_name = models.CharField("经办人", max_length=50)
    recorded_at = models.DateTimeField("办理时间", db_default=Now())

    objects = ScopedManager()

    class Meta:
        verbose_name = "岗位交接"
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.org} {self.get_role_display()}交接"

    def get_absolute_url(self) -> str:
        return f"/handovers/{self.pk}/"
