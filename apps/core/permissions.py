"""What a person may do, declared beside the code that asks for it.

Each app's `permissions.py` declares its permissions with the roles that hold them; `accounts` turns a
user's dated roles into a scope for one permission. A law test compares declarations and uses.
"""

from __future__ import annotations

from dataclasses import dataclass

AUTHORITY_OFFICER = "authority_officer"
PARK_OFFICER = "park_officer"
BRANCH_SECRETARY = "branch_secretary"
BRANCH_CLERK = "branch_clerk"
INSTRUCTOR = "instructor"
UNITED_FRONT_OFFICER = "united_front_officer"
AUDITOR = "auditor"
SYSTEM_ADMIN = "system_admin"

ROLE_LABELS = {
    AUTHORITY_OFFICER: "组织部（社会工作部）人员",
    PARK_OFFICER: "园区党工委工作人员",
    BRANCH_SECRETARY: "党支部书记",
    BRANCH_CLERK: "支部委员",
    INSTRUCTOR: "党建指导员",
    UNITED_FRONT_OFFICER: "统战工作联络员",
    AUDITOR: "审计员",
    SYSTEM_ADMIN: "系统管理员",
}
OFFICERS = (AUTHORITY_OFFICER, PARK_OFFICER)
BRANCH = (BRANCH_SECRETARY, BRANCH_CLERK)
EVERYONE = (*OFFICERS, *BRANCH, INSTRUCTOR)


@dataclass(frozen=True)
class Permission:
    """One right: `code` is what a view asks for, `roles` are the role codes that carry it."""

    code: str
    label: str
    roles: tuple[str, ...]


registry: dict[str, Permission] = {}


def declare(code: str, label: str, *, roles: tuple[str, ...]) -> str:
    """Register a permission and return its code, so that views name a constant and not a string."""
    if code in registry:
        raise ValueError(f"permission {code} is declared twice")
    unknown = set(roles) - set(ROLE_LABELS)
    if unknown:
        raise ValueError(f"permission {code} names unknown roles {sorted(unknown)}")
    registry[code] = Permission(code, label, roles)
    return code


def roles_with(code: str) -> tuple[str, ...]:
    """The roles that hold a permission. Raises KeyError for a permission nobody declared."""
    return registry[code].roles


def permissions_of(role: str) -> list[Permission]:
    return [p for p in registry.values() if role in p.roles]
