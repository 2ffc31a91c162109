"""Patrol rules: an app says in SQL which rows stand against a rule; the patrol keeps what was found, and since when.

An app's `patrols.py` registers its rules. The SQL sees every row (what is found does not depend on who looks),
takes `%(today)s` and returns one row for each subject that stands against the rule on that day:

    subject_type text      -- label_lower of its model: 'enterprises.enterprise'
    subject_id bigint      -- at most one row for each subject: a rule that repeats one fails as a whole
    org_path text          -- path of the node that answers for it
    value text             -- what was found, with its unit: '正式党员5人'
    "limit" text           -- the value of the rule or parameter it stands against: '3人以上' (quoted: a word of SQL)
    title text             -- whose matter it is: the name of the subject
    url text               -- the page of the portal where it is mended

A parameter in it is `core.parameters.sql_value(code, org_path=…)`: the dated row nearest above the subject's node.
A subject that no longer stands against the rule is simply no longer returned: that is how a finding is resolved.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.core.regulations import Citation

from .rules import PatrolLevel


@dataclass(frozen=True)
class PatrolRule:
    """One rule. `code` is app.thing, `basis` is shown as 依据, `advice` says in one sentence what to do.

    A rule that names people asks for the `permission` to see them: its findings are told there only.
    """

    code: str
    label: str
    sql: str
    basis: Citation
    level: PatrolLevel
    advice: str
    permission: str = ""


registry: dict[str, PatrolRule] = {}

_STRENGTH = list(PatrolLevel)


def register(rule: PatrolRule) -> PatrolRule:
    if rule.code in registry:
        raise ValueError(f"patrol rule {rule.code} is registered twice")
    registry[rule.code] = rule
    return rule


def in_order() -> list[PatrolRule]:
    """Every rule, the strongest first."""
    return sorted(registry.values(), key=lambda rule: (_STRENGTH.index(rule.level), rule.code))


def by_permission() -> dict[str, list[str]]:
    """The codes of the rules that ask for a permission of their own, by that permission."""
    found: dict[str, list[str]] = {}
    for rule in registry.values():
        if rule.permission:
            found.setdefault(rule.permission, []).append(rule.code)
    return found


def of_level(level: str) -> list[str]:
    """The codes of the rules that speak this strongly."""
    return [rule.code for rule in registry.values() if rule.level == level]
