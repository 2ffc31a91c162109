"""What a password must be, and the random one that an administrator hands over."""

from __future__ import annotations

import datetime
import secrets
import string
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from apps.core import parameters

from .models import UsedPassword, User
from .parameters import PASSWORD_CLASSES, PASSWORD_DAYS, PASSWORD_HISTORY, PASSWORD_LENGTH
from .rules import PasswordRule, password_is_due, password_problems

INITIAL_LENGTH = 14
READABLE = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lI")


def rule_on(today: datetime.date) -> PasswordRule:
    """The password rule in force on a day."""
    found = parameters.values([PASSWORD_LENGTH, PASSWORD_CLASSES, PASSWORD_HISTORY, PASSWORD_DAYS], on=today)
    return PasswordRule(
        length=found[PASSWORD_LENGTH], classes=found[PASSWORD_CLASSES], history=found[PASSWORD_HISTORY],
        days=found[PASSWORD_DAYS],
    )  # fmt: skip


class HouseRule:
    """The password rule of this portal as a Django validator, so that every way to set a password asks it."""

    def validate(self, password: str, user: User | None = None) -> None:
        rule = rule_on(timezone.localdate())
        problems = password_problems(password, user.username if user else "", rule)
        if user is not None and user.pk and _was_used(user, password, rule.history):
            problems.append(f"不能与最近 {rule.history} 次用过的密码相同。")
        if problems:
            raise ValidationError(problems)

    def get_help_text(self) -> str:
        rule = rule_on(timezone.localdate())
        kept = f"；不能与最近 {rule.history} 次用过的相同" if rule.history else ""
        classes = f"含大写字母、小写字母、数字、符号中的 {rule.classes} 类"
        return f"至少 {rule.length} 个字符，{classes}{kept}，且不含账号名。"


def _was_used(user: User, password: str, history: int) -> bool:
    """Whether it is one of the last `history` passwords, the present one among them."""
    if not history:
        return False
    hashes = [user.password, *user.used_passwords.values_list("password", flat=True)[: history - 1]]
    return any(check_password(password, each) for each in hashes if each)


def remember(user: User, *, keep: int) -> None:
    """Note the present password as used before it is replaced; keep no more than the rule asks for."""
    if user.has_usable_password():
        UsedPassword.objects.create(user=user, password=user.password)
    newest = list(user.used_passwords.values_list("pk", flat=True)[: max(keep - 1, 0)])
    user.used_passwords.exclude(pk__in=newest).delete()


def initial_password() -> str:
    """A random password that satisfies the rule and can be read out: no 0/O, 1/l/I."""
    while True:
        text = "".join(secrets.choice(READABLE) for _ in range(INITIAL_LENGTH - 1))
        if not password_problems(f"{text}-", "", PasswordRule(INITIAL_LENGTH, 4, 0, 0)):
            position = 1 + secrets.randbelow(INITIAL_LENGTH - 2)
            return f"{text[:position]}-{text[position:]}"


def is_due(user: Any, today: datetime.date) -> bool:
    """Whether the password of a user has come of age."""
    changed = timezone.localtime(user.password_changed_at).date() if user.password_changed_at else None
    return password_is_due(changed, rule_on(today), today=today)
