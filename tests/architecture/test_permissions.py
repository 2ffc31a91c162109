"""Law 5: every permission that is declared is asked for somewhere, and every one that is asked for is declared."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from apps.core.permissions import ROLE_LABELS, permissions_of, registry

from .source import Module, modules, name_of

DECLARING = ("permissions.py", "rights.py")


def declared_names(found: Iterable[Module]) -> dict[str, str]:
    """Constant → code of every `NAME = declare("code", …)`, the constant with its module."""
    names = {}
    for module in found:
        if not module.path.endswith(DECLARING):
            continue
        for node in module.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and name_of(node.value.func) == "declare":
                names[f"{dotted(module)}.{name_of(node.targets[0])}"] = ast.literal_eval(node.value.args[0])
    return names


def dotted(module: Module) -> str:
    return module.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def used_names(found: Iterable[Module]) -> set[str]:
    """Every declared constant that another module names after importing it."""
    used = set()
    for module in found:
        bound = imported_names(module)
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Name) and node.id in bound and isinstance(node.ctx, ast.Load):
                used.add(bound[node.id])
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in bound:
                used.add(f"{bound[node.value.id]}.{node.attr}")
    return used


def imported_names(module: Module) -> dict[str, str]:
    """Local name → dotted origin, for `from x import y` with the relative dots resolved."""
    bound = {}
    package = dotted(module).split(".")
    is_package = module.path.endswith("__init__.py")
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + is_package] if node.level else []
            origin = ".".join([*above, *([node.module] if node.module else [])])
            bound.update({alias.asname or alias.name: f"{origin}.{alias.name}" for alias in node.names})
    return bound


def literal_permissions(found: Iterable[Module]) -> set[str]:
    """Codes written as strings where a permission is asked for."""
    codes = set()
    for module in found:
        for node in ast.walk(module.tree):
            asked = isinstance(node, ast.keyword) and node.arg == "permission"
            set_here = isinstance(node, ast.Assign) and any(name_of(target) == "permission" for target in node.targets)
            value = node.value if asked or set_here else None  # type: ignore[attr-defined]
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                codes.add(value.value)
    return codes


def test_every_permission_is_asked_for_somewhere():
    names = declared_names(modules())
    assert set(names.values()) == set(registry)
    assert {names[name] for name in set(names) - used_names(modules())} == set()


def test_a_permission_is_named_by_its_constant_and_not_by_a_string():
    assert literal_permissions(modules()) == set()


def test_every_role_holds_something():
    assert [role for role in ROLE_LABELS if not permissions_of(role)] == []


def test_the_system_admin_and_the_auditor_see_no_business_rows():
    from apps.core.ledger import registry as ledgers

    open_to_them = {"accounts.users", "core.audit"}
    for role in ("system_admin", "auditor"):
        held = {permission.code for permission in permissions_of(role)}
        assert {ledger.code for ledger in ledgers.values() if ledger.permission in held} <= open_to_them


def test_the_law_notices_an_unused_permission_and_a_string():
    declaring = Module.of('SEE = declare("x.see", "看")\nDO = declare("x.do", "做")', "apps/x/permissions.py")
    using = Module.of("from .permissions import SEE\nclass V:\n    permission = SEE", "apps/x/views.py")
    by_string = Module.of('class V:\n    permission = "x.do"', "apps/x/api.py")
    names = declared_names([declaring])
    assert {names[name] for name in set(names) - used_names([using])} == {"x.do"}
    assert literal_permissions([by_string]) == {"x.do"}
