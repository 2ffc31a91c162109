"""The source of the product as syntax trees, for laws that read code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Module:
    """One file: its path below the project, and its syntax tree."""

    path: str
    tree: ast.Module

    @classmethod
    def of(cls, text: str, path: str = "apps/example.py") -> Module:
        return cls(path, ast.parse(text))


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the apps, without migrations."""
    files = sorted(path for path in (ROOT / "apps").rglob("*.py") if "migrations" not in path.parts)
    return tuple(Module.of(path.read_text(), str(path.relative_to(ROOT))) for path in files)


def with_places(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Every node with the dotted name of the function or class it stands in."""

    def walk(node: ast.AST, place: str) -> Iterator[tuple[ast.AST, str]]:
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            inside = f"{place}.{child.name}".lstrip(".") if named else place  # type: ignore[attr-defined]
            yield child, inside
            yield from walk(child, inside)

    yield from walk(module.tree, "")


def name_of(node: ast.AST) -> str:
    """The last part of a name or attribute: `unscoped` of `scoping.unscoped`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
