"""Who may give whom which role, which roles exclude each other, and what a password must be. Pure functions.

Numbers of the place arrive as `PasswordRule`, read from dated parameters by the caller.
"""

from __future__ import annotations

import datetime
import string
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from apps.core import permissions as p
from apps.core.regulations import Citation, Finding

PROTECTION = "信息安全技术 网络安全等级保护基本要求（GB/T 22239-2019）"
IDENTITY = Citation(PROTECTION, "身份鉴别（条款待核）", "AQ-06", "K")
SEPARATION = Citation(PROTECTION, "访问控制：管理用户权限分离（条款待核）", "AQ-07", "K")

_GIVEN_IN_A_PARK: Final = frozenset({p.BRANCH_SECRETARY, p.BRANCH_CLERK, p.INSTRUCTOR, p.UNITED_FRONT_OFFICER})

GRANTABLE: Final[Mapping[str, frozenset[str]]] = {
    p.SYSTEM_ADMIN: frozenset(p.ROLE_LABELS),
    p.AUTHORITY_OFFICER: frozenset({p.PARK_OFFICER, *_GIVEN_IN_A_PARK}),
    p.PARK_OFFICER: _GIVEN_IN_A_PARK,
}
"""The roles that a role may give, always inside its own subtree: what lies below it, never its own level or above."""

_DUTIES: Final = {p.SYSTEM_ADMIN: "系统管理", p.AUDITOR: "审计"}
_BUSINESS: Final = "业务办理"


def grantable_roles(held: Iterable[tuple[str, str]], path: str) -> frozenset[str]:
    """Return the roles that somebody who holds these (role, path) may give at the node `path`."""
    reach = [GRANTABLE.get(role, frozenset()) for role, root in held if path.startswith(root)]
    return frozenset().union(*reach)


def may_administer(held: Collection[tuple[str, str]], target: Iterable[tuple[str, str]]) -> bool:
    """Tell whether the holder of `held` may change the account of somebody who holds `target`.

    Everything that the other holds must be something that one could give; else a new password for the other
    would be a way up.
    """
    return all(role in grantable_roles(held, path) for role, path in target)


def duty(role: str) -> str:
    """Return which of the three separated duties a role belongs to."""
    return _DUTIES.get(role, _BUSINESS)


def separation_finding(role: str, others: Iterable[str]) -> Finding | None:
    """Refuse a role beside roles of another duty (系统管理, 审计, 业务办理) of the same person. Source: AQ-07."""
    clashing = sorted({duty(other) for other in others} - {duty(role)})
    if not clashing:
        return None
    message = f"该用户已承担{'、'.join(clashing)}职责，不能再授予{duty(role)}类角色，请另建账号。"
    return Finding("duties_not_separate", message, SEPARATION, "block")


@dataclass(frozen=True)
class PasswordRule:
    """The numbers of the password rule on the day in question. `days` 0 means that passwords do not age."""

    length: int
    classes: int
    history: int
    days: int


def character_classes(text: str) -> int:
    """Count which of the four classes occur: lower case, upper case, digits, everything else."""
    known = string.ascii_letters + string.digits
    return sum((
        any(c in string.ascii_lowercase for c in text),
        any(c in string.ascii_uppercase for c in text),
        any(c in string.digits for c in text),
        any(c not in known for c in text),
    ))  # fmt: skip


def password_problems(password: str, username: str, rule: PasswordRule) -> list[str]:
    """Return what is wrong with a new password, in sentences. Source: AQ-06; the numbers are parameters."""
    problems = []
    if len(password) < rule.length:
        problems.append(f"密码至少 {rule.length} 个字符。")
    if character_classes(password) < rule.classes:
        problems.append(f"密码须包含大写字母、小写字母、数字、符号中的至少 {rule.classes} 类。")
    if username and username.lower() in password.lower():
        problems.append("密码不能包含账号名。")
    return problems


def password_is_due(changed_on: datetime.date | None, rule: PasswordRule, *, today: datetime.date) -> bool:
    """Tell whether a password has come of age. One whose age is not known has not. Source: AQ-06."""
    if changed_on is None or rule.days == 0:
        return False
    return today >= changed_on + datetime.timedelta(days=rule.days)
