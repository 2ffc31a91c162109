"""Law 6: every number that a `rules.py` enforces has a name, and every name is tested at n-1, n and n+1."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")
WANTED = {-1, 0, 1}


def is_numeric(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Decimal"


def is_limit(value: ast.expr) -> bool:
    """Whether an assigned value holds a number that a rule may enforce; a table of flags and ranks 0, 1 does not."""
    numbers = [node for node in ast.walk(value) if is_numeric(node)]
    return bool(numbers) and (is_numeric(value) or any(getattr(n, "value", None) not in (0, 1) for n in numbers))


def numeric_constants(source: str) -> list[str]:
    """The UPPER_CASE names of a module to which an expression with a number is assigned."""
    names = []
    for statement in ast.parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        value = getattr(statement, "value", None)
        if value is None or not is_limit(value):
            continue
        names += [t.id for t in targets if isinstance(t, ast.Name) and CONSTANT.fullmatch(t.id)]
    return names


def nameless_limits(source: str) -> list[int]:
    """The lines that compare with a bare number other than 0 and 1."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Compare)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Constant) and is_numeric(side) and side.value not in (0, 1)
    ]


def boundaries_in_tests(source: str) -> dict[str, set[int]]:
    """For each name in a parametrised test: at which of n-1, n, n+1 it appears there."""
    found: dict[str, set[int]] = defaultdict(set)
    for function in ast.walk(ast.parse(source)):
        if not isinstance(function, ast.FunctionDef) or "parametrize" not in map_names(function.decorator_list):
            continue
        shifted = set()
        for node in ast.walk(function):
            if isinstance(node, ast.BinOp) and isinstance(node.right, ast.Constant) and node.right.value == 1:
                name = constant_name(node.left)
                if name and isinstance(node.op, ast.Add | ast.Sub):
                    found[name].add(1 if isinstance(node.op, ast.Add) else -1)
                    shifted.add(id(node.left))
        for node in ast.walk(function):
            name = constant_name(node)
            if name and id(node) not in shifted:
                found[name].add(0)
    return found


def map_names(nodes: list[ast.expr]) -> set[str]:
    return {node.attr for tree in nodes for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def constant_name(node: ast.AST) -> str | None:
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name if CONSTANT.fullmatch(name) else None


def untested_limits(rules: str, tests: list[str]) -> dict[str, set[int]]:
    """The constants of a rules module with the boundaries that no parametrised test of its app names."""
    seen: dict[str, set[int]] = defaultdict(set)
    for source in tests:
        for name, boundaries in boundaries_in_tests(source).items():
            seen[name] |= boundaries
    return {name: WANTED - seen[name] for name in numeric_constants(rules) if WANTED - seen[name]}


RULES = sorted([*ROOT.glob("apps/*/rules.py"), *ROOT.glob("apps/*/rules/*.py")])


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_limit_is_tested_below_at_and_above(path: Path) -> None:
    app = path.relative_to(ROOT / "apps").parts[0]
    tests = [test.read_text() for test in sorted((ROOT / "tests" / app).glob("test_rules*.py"))]
    assert untested_limits(path.read_text(), tests) == {}, f"tests/{app}/test_rules.py must name n-1, n and n+1"


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_rule_compares_with_a_nameless_number(path: Path) -> None:
    assert nameless_limits(path.read_text()) == [], f"{path.name}: name the number beside its Citation"


@pytest.mark.parametrize("path", RULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_rule_knows_django(path: Path) -> None:
    imported = [
        name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
    ]
    assert [name for name in imported if name.partition(".")[0] in {"django", "rest_framework", "celery"}] == []


def test_there_are_rules_to_look_at() -> None:
    assert {path.relative_to(ROOT / "apps").parts[0] for path in RULES} >= {
        "branches",
        "enterprises",
        "coverage",
        "census",
        "reminders",
    }


class TestTheLawItself:
    RULES = """
LIMIT: Final = 3
STEPS = (7, 1)
RANKS = {"a": 0, "b": 1}
TITLE = "x"
ALWAYS = True
RATE = Decimal("0.5")
"""

    def test_a_constant_without_a_test_is_found(self) -> None:
        assert set(untested_limits(self.RULES, [])) == {"LIMIT", "STEPS", "RATE"}

    def test_a_boundary_left_out_is_found(self) -> None:
        test = "@pytest.mark.parametrize('n', [rules.LIMIT - 1, rules.LIMIT])\ndef test_it(n): ...\n"
        assert untested_limits("LIMIT = 3", [test]) == {"LIMIT": {1}}

    def test_a_test_that_is_not_parametrised_does_not_count(self) -> None:
        test = "def test_it():\n    assert [LIMIT - 1, LIMIT, LIMIT + 1]\n"
        assert untested_limits("LIMIT = 3", [test]) == {"LIMIT": WANTED}

    def test_all_three_boundaries_satisfy_it(self) -> None:
        test = "@pytest.mark.parametrize('n', [LIMIT - 1, LIMIT, LIMIT + 1])\ndef test_it(n): ...\n"
        assert untested_limits("LIMIT = 3", [test]) == {}

    def test_a_nameless_limit_is_found(self) -> None:
        assert nameless_limits("def f(n):\n    return n > 7 or n == 0\n") == [2]
