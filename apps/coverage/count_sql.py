"""Report SQL: one classification of the facts for every definition, and the counts made from it.

It says in SQL what `rules.classify` and `rules.cheapest_step` say in Python; the tests hold the two together.
Figures and names come from the same relation, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Sequence

from apps.branches.rules import MIN_FORMAL_MEMBERS
from apps.core.sql import Sql
from apps.enterprises.kinds import Form

from .models.summaries import COUNTS
from .rules import EXCLUDED_STATUSES, Definition, Exclusion, Step

STEP_RANKS = {step: rank for rank, step in enumerate(Step, start=1)}
NO_STEP = 0

_CONDITIONS = {
    "enterprises": "k.in_denominator",
    "organisation_covered": "k.organisation_covered",
    "work_covered": "k.work_covered",
    "single_built": "k.single_built",
    "focus": "k.focus",
    "focus_single_built": "k.focus AND k.single_built",
    "attention": "k.attention",
    "attention_single_built": "k.attention AND k.single_built",
    "should_build": "k.should_build",
    "should_join": "k.should_join",
    "uncovered": "k.uncovered",
}
assert tuple(_CONDITIONS) == COUNTS

EXCLUDED_COLUMNS = {f"excluded_{reason.value}": reason for reason in Exclusion}

_STATUS_REASONS = " ".join(
    f"WHEN f.status = '{status.value}' THEN '{reason.value}'" for status, reason in EXCLUDED_STATUSES.items()
)


def classified(facts: Sql, definition: Definition) -> Sql:
    """The facts with where each enterprise counts under the definition.

    `OFFSET 0` keeps the planner from working each inner expression out once for every outer use.
    """
    three_have = definition.denominator == "three_have"
    of_three = f"""
                WHEN NOT f.surveyed THEN '{Exclusion.NOT_SURVEYED.value}'
                WHEN NOT f.has_premises THEN '{Exclusion.NO_PREMISES.value}'
                WHEN f.staff < %s THEN '{Exclusion.TOO_FEW_STAFF.value}'
                WHEN NOT f.has_operations THEN '{Exclusion.NO_OPERATIONS.value}'"""
    text = f"""
    SELECT k.*,
        CASE k.step WHEN '{Step.BUILD.value}' THEN {STEP_RANKS[Step.BUILD]}
                    WHEN '{Step.JOIN.value}' THEN {STEP_RANKS[Step.JOIN]}
                    WHEN '{Step.SEND.value}' THEN {STEP_RANKS[Step.SEND]} ELSE {NO_STEP} END AS step_rank
    FROM (
        SELECT j.*,
            j.in_denominator AND j.counted AS organisation_covered,
            j.in_denominator AND j.working AS work_covered,
            j.in_denominator AND j.single AS single_built,
            j.in_denominator AND j.staff >= %s AS focus,
            j.in_denominator AND j.staff >= %s AS attention,
            j.in_denominator AND j.formal_members >= {MIN_FORMAL_MEMBERS} AND NOT j.single AS should_build,
            j.in_denominator AND j.formal_members BETWEEN 1 AND {MIN_FORMAL_MEMBERS - 1} AND NOT j.counted AS should_join,
            j.in_denominator AND NOT j.working AS uncovered,
            CASE WHEN NOT j.in_denominator OR j.counted THEN ''
                 WHEN j.formal_members >= {MIN_FORMAL_MEMBERS} THEN '{Step.BUILD.value}'
                 WHEN j.formal_members > 0 THEN '{Step.JOIN.value}'
                 WHEN j.working THEN '' ELSE '{Step.SEND.value}' END AS step
        FROM (
            SELECT i.*, i.reason IS NULL AS in_denominator,
                   i.counted OR i.has_instructor OR i.has_mass AS working
            FROM (
                SELECT f.*,
                    CASE {_STATUS_REASONS}
                         WHEN f.staff = 0 AND NOT f.has_operations THEN '{Exclusion.SHELL.value}'
                         {of_three if three_have else ""}
                    END AS reason,
                    f.forms && %s::text[] AS counted,
                    '{Form.SINGLE.value}' = ANY(f.forms) AS single
                FROM ({facts.text}) f OFFSET 0
            ) i OFFSET 0
        ) j
    ) k
    """  # noqa: S608 - constants of the rules and pieces of the report modules
    forms = sorted(form.value for form in definition.counted_forms)
    params = [definition.focus_staff, definition.attention_staff]
    params += [definition.min_staff] if three_have else []
    return Sql(text, (*params, forms, *facts.params))


def counts(rows: Sql, keys: Sequence[str] = ()) -> Sql:
    """The figures of classified rows, for each value of `keys` (columns of the facts)."""
    figures = [f"count(*) FILTER (WHERE {condition}) AS {name}" for name, condition in _CONDITIONS.items()]
    figures += [
        f"count(*) FILTER (WHERE k.reason = '{reason.value}') AS {name}" for name, reason in EXCLUDED_COLUMNS.items()
    ]
    columns = ", ".join([*(f"k.{key}" for key in keys), *figures])
    group = f"GROUP BY {', '.join(f'k.{key}' for key in keys)}" if keys else ""
    return Sql(f"SELECT {columns} FROM ({rows.text}) k {group}", rows.params)  # noqa: S608


def rolled_up(by_path: Sql, root: str) -> Sql:
    """Figures by `org_path` summed for every node from `root` down: leaves first, then one row for each level above."""
    sums = ", ".join(f"sum(l.{name})::bigint AS {name}" for name in (*COUNTS, *EXCLUDED_COLUMNS))
    return Sql(
        f"""
        SELECT left(l.org_path, n.width) AS path, {sums}
        FROM ({by_path.text}) l CROSS JOIN LATERAL generate_series(%s, length(l.org_path), 4) AS n(width)
        GROUP BY 1
        """,  # noqa: S608 - pieces of this module
        (*by_path.params, max(len(root), 4)),
    )


def one_level_down(rows: Sql, root: str) -> Sql:
    """The classified rows with `child`: the path of the node below `root` they belong to, or `root` itself."""
    return Sql(
        f"SELECT c.*, left(c.org_path, %s) AS child FROM ({rows.text}) c",  # noqa: S608 - pieces of this module
        (len(root) + 4, *rows.params),
    )
