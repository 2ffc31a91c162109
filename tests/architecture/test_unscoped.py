"""Law 7: the scope is lifted only at these places, and raw SQL is written only in these modules."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from .source import Module, modules, name_of, with_places

LIFTED = {
    "apps/core/scoping.py:ScopedModel.validate_unique": "uniqueness holds in the whole database",
    "apps/core/scoping.py:ScopedModel.validate_constraints": "uniqueness holds in the whole database",
    "apps/core/nodes.py:is_whole": "whether a scope is the whole portal is asked of all roots; answers yes or no",
    "apps/core/nodes.py:node_names": "names of nodes whose rows passed the scope before",
    "apps/core/imports/batches.py:forget_files": "the nightly task deletes old uploads of every organisation; a count",
    "apps/accounts/access.py:_held": "roles decide the scope, so they are read before there is one",
    "apps/accounts/access.py:grants_from": "who may change an account depends on all that its owner holds; pairs",
    "apps/accounts/management/commands/create_admin.py:Command.handle": "the first account; nobody is there to ask",
    "apps/branches/imports/organisations.py:OrganisationImport.elsewhere": "whether a code is taken; keys only",
    "apps/branches/services/restructurings.py:apply_due_restructurings": "every plan whose day has come; a count",
    "apps/enterprises/services/relocation.py:_refuse_others": "whether others are covered too, whom nobody names; yes or no",
    "apps/enterprises/imports/registry.py:RegistryImport.elsewhere": "whether a credit code is taken; keys only",
    "apps/enterprises/imports/roster.py:RosterImport.elsewhere": "whether a credit code is taken; keys only",
    "apps/members/imports/roster_checks.py:RosterChecks._taken": "who is on another roster needs a transfer; hashes only",
    "apps/members/directory.py:branches_named": "the directory of branches: ids and names only",
    "apps/members/directory.py:branch": "the receiver of a transfer, named by whoever sends the member",
    "apps/members/directory.py:committees_above": "which 基层党委 stands above a branch: its name and its right to send",
    "apps/members/services/common.py:rosters_of": "past rosters of members, for the closed periods; paths and days",
    "apps/members/services/common.py:bring_along": "files and honours follow a member into the branch that takes over",
    "apps/members/services/facts.py:known_person": "whether an ID number is registered; one row of plain values",
    "apps/members/services/members.py:_taken_up": "somebody who has left the portal comes back; one row",
    "apps/members/services/placements.py:await_placement": "whoever worked in a firm that leaves waits; a number",
    "apps/members/services/transfers.py:request_arrival": "who comes in may have been kept by another branch before; one row",
    "apps/members/services/transfers.py:person_named": "who comes in, found by name and ID number; one row",
    "apps/members/services/transfers.py:expire_letters": "the nightly task looks at the letters of everybody; a count",
    "apps/members/services/people.py:_locked_anywhere": "a guest is named by name and ID number; one row",
    "apps/members/services/people.py:_take_over": "whether an agreement binds a guest elsewhere: yes or no",
    "apps/members/services/ties.py:settle_ties": "agreements and mobile records of one member follow the relation",
    "apps/members/services/visitors.py:card_holder": "who shows the card of another branch; at most one row",
    "apps/members/services/lost.py:_suspended_on": "a former branch may have decided the suspension; one day",
    "apps/members/services/lost.py:tend_lost": "the nightly task looks at everybody who is lost; a count",
    "apps/members/imports/guests.py:Guests._read": "guests named by code or ID number; plain values of these people",
    "apps/members/services/acceptance.py:accept_transfer": "the member goes over to the branch that the sender named",
    "apps/members/services/reconciliations.py:forget_reconciliations": "comparisons expire in every organisation; a count",
    "apps/members/services/posts.py:end_all_posts": "who leaves the Party leaves posts above the branch too; a count",
    "apps/activities/directory.py:themes_seen": "themes of the offices above a branch; a list for reading",
    "apps/activities/directory.py:themes_for": "themes of the offices above an organisation; a list for reading",
    "apps/activities/directory.py:theme": "one theme of an office at, below or above the scope",
    "apps/activities/directory.py:lecturers_seen": "the pools of the offices above a branch; a list for choosing",
    "apps/activities/directory.py:lecturer": "one lecturer of a pool at, below or above the scope",
    "apps/activities/directory.py:materials_seen": "what the offices above a branch published; a list for reading",
    "apps/activities/directory.py:material": "one piece of material at, below or above the scope",
    "apps/activities/directory.py:materials_about": "what was published for a theme that the scope reads; a list",
    "apps/activities/directory.py:files_of": "the files of material that was found before; a list for downloading",
    "apps/activities/directory.py:venues_offered": "venues that their organisations opened to everybody; a list for choosing",
    "apps/activities/directory.py:venue_offered": "one venue of the scope, or one that is open to everybody",
    "apps/activities/directory.py:locked_venue": "whoever books an open venue waits for whoever books it now; one row",
    "apps/activities/directory.py:is_booked_itself": "whether an open venue has rooms: yes or no",
    "apps/activities/directory.py:taken_hours": "the taken hours of an open venue, not whose they are; pairs of moments",
    "apps/activities/study_figures.py:hours_in": "the hours of a member of the scope come from every branch; one number a row",
    "apps/activities/study_figures.py:trainings_in": "classes are held above the members of the scope; one number a row",
    "apps/activities/study_figures.py:rounds_in": "classes are held above the secretaries of the scope; one number a row",
    "apps/activities/study_figures.py:rounds_since": "classes are held above the secretaries of the scope; one number a row",
    "apps/activities/study_figures.py:is_leader": "a member of the scope may sit in a committee above it; yes or no a row",
    "apps/activities/services/records_sheet.py:_credited": "hours of those who took part in one record of the caller; plain values",
    "apps/activities/services/roll.py:looked_after": "whom a branch looks after has the relation elsewhere; a list of people",
    "apps/activities/services/roll.py:homes_on": "the home branches of people who take part elsewhere; branches by id of the person",
    "apps/activities/services/visitors.py:find_visitors": "a visitor says the whole name at the door; ids, names, branches",
    "apps/activities/services/visitors.py:visitors_named": "visitors whom the writer has found by name; these rows only",
    "apps/activities/services/records_facts.py:roll_of": "the sheet of one record of the scope; names of the scope and of visitors",
    "apps/activities/services/records_sheet.py:fill_side": "the roster of a co-host: rows are written for it, nobody is named",
    "apps/activities/services/records_sheet.py:_marked_by_others": "what co-hosts marked in one record stays; plain values",
    "apps/activities/services/records_sheet.py:sheet_of": "the kept sheet of one record of the caller; plain values",
    "apps/activities/services/records_sheet.py:write_sheet": "the rows of one record: each of its branches has its own",
    "apps/activities/services/records_review.py:_carry_state": "the rows of records of the scope follow their state; nothing is returned",
    "apps/activities/services/records_review.py:_touched": "branches and days of records of the scope; plain values",
    "apps/activities/services/records_review.py:_taken_over": "the sheet of a correction goes over to its record",
    "apps/activities/services/records_joint.py:find_activity": "one record, of which a side or a visitor lies in the scope",
    "apps/activities/services/records_joint.py:sides_of": "the branches of one record that the caller may read, with numbers",
    "apps/activities/services/records_joint.py:mark_attendance": "the record whose sheet a co-host marks; one row and its numbers",
    "apps/activities/services/restructuring.py:move_venues": "bookings go with their venue to whoever runs it now; ids only",
    "apps/activities/services/restructuring.py:_move_unfinished": "the rows of plans that go to another branch; ids only",
    "apps/activities/services/restructuring.py:end_life": "co-hosts of a plan that is over read it as over; nothing is returned",
    "apps/activities/people.py:branches": "branches that held an activity too, found by name before; names and paths",
    "apps/activities/people.py:branches_named": "the directory of branches for a joint activity; names",
    "apps/activities/services/sign_in.py:sign_in": "whoever stands before a code is nobody yet; one roster, a name at most",
    "apps/activities/services/sign_in.py:_open_code": "one code by its secret, and its activity",
    "apps/activities/services/tips.py:deliver_to_new_branches": "the nightly task hands sheets to new branches; a count",
    "apps/activities/services/tips.py:_held": "a joint record belongs to its host; the records that a branch links",
    "apps/activities/services/tips.py:follow_records": "a joint record answers the sheets of each of its branches; ids only",
    "apps/activities/services/tips.py:settle": "when receipts at hand were done follows from their records; nothing is returned",
    "apps/activities/services/points.py:published": "whether the branch of a member has published a year: yes or no",
    "apps/activities/services/points.py:had_this_year": "a yearly limit counts what a former branch gave too; sums by member",
    "apps/activities/services/point_records.py:follow_records": "a record gives points to whoever was there; counts",
    "apps/activities/services/point_years.py:_sums": "points follow the person through branches; sums by member",
    "apps/census/period_lock.py:_held": "a round binds everybody below its organisation, whoever writes",
    "apps/census/rounds.py:_read": "a round from above asks the enterprises below it; rounds of the line only",
    "apps/census/services/rounds.py:_refuse_second_round": "a round above or below asks the same enterprises",
    "apps/census/services/rounds.py:tend_rounds": "the nightly task tends every open round",
    "apps/coverage/late_facts.py:propose_corrections": "a snapshot stands above the branch that tells; labels of periods",
    "apps/coverage/tasks.py:rebuild": "the nightly task counts the whole tree",
    "apps/portal/handover_package.py:contacts": "names and posts of the instructors of the branch's own enterprises",
    "apps/portal/demo/scale.py:generate": "a generated tree is laid before anybody is there",
    "apps/portal/demo/load.py:load": "the demo park is laid before anybody is there",
    "apps/portal/management/commands/demo_accounts.py:Command._rows": "lists the demo's accounts to the operator",
    "apps/activities/imports/record_people.py:Rosters._read_seats": "the branches of people who sit in a committee of the scope; plain values",
    "apps/activities/imports/record_writes.py:take_back_records": "the sheets of records that an undone import made; nothing is returned",
}
RAW_SQL = {
    "apps/core/audit.py": "the lock of the audit chain",
    "apps/core/bulk.py": "COPY for thousands of rows, whose scope it checks",
    "apps/core/health.py": "whether the database answers",
    "apps/core/sealing.py": "ids for rows that are sealed before they are written",
    "apps/core/views.py": "the token of a form, written once",
    "apps/core/imports/commit.py": "one import of a kind and organisation at a time",
    "apps/core/imports/undo.py": "takes back exactly what a batch wrote, by the row history",
    "apps/accounts/attempts.py": "counts failed sign-ins atomically",
    "apps/branches/owned_paths.py": "the triggers that keep a row's path",
    "apps/branches/tree.py": "paths: one UPDATE for each table that repeats them",
    "apps/patrol/patrolling.py": "what is found does not depend on who looks",
    "apps/reminders/planning.py": "what is due does not depend on who looks",
    "apps/enterprises/services/checks.py": "one UPDATE for many enterprises, named by ids found in the scope",
    "apps/census/period_lock.py": "the lock of a period",
    "apps/census/round_sql.py": "one statement for all enterprises of a round found in the scope",
    "apps/census/services/rounds.py": "the lock of the rounds of a line",
    "apps/core/sql.py": "report SQL, its paths as parameters",
    "apps/coverage/snapshot_sql.py": "report SQL over frozen rows, ids and paths as parameters",
    "apps/coverage/summaries.py": "sums of every node, rebuilt as a whole",
    "apps/activities/compliance/noticing.py": "the triggers that note whose figures changed",
    "apps/activities/compliance/summary.py": "sums of every node, rebuilt as a whole or counted again by id",
    "apps/portal/demo/scale_activities.py": "generates millions of activities and attendances in a few statements",
    "apps/portal/demo/scale.py": "generates a hundred thousand enterprises in a few statements",
    "apps/portal/demo/load.py": "one loading of the demo at a time",
}
QUERYSET_METHODS = {
    "all", "filter", "exclude", "order_by", "values", "values_list", "select_related", "prefetch_related", "annotate",
    "distinct", "none", "only", "defer", "using", "union", "as_of", "open", "living", "below", "above", "with_counts",
    "get_queryset", "reverse", "select_for_update", "with_condition", "dates", "iterator",
}  # fmt: skip


def lifting_blocks(found: Iterable[Module]) -> Iterator[tuple[str, ast.With]]:
    """Every `with unscoped(…)` with its place."""
    for module in found:
        for node, place in with_places(module):
            if isinstance(node, ast.With) and any(_lifts(item.context_expr) for item in node.items):
                yield f"{module.path}:{place}", node


def _lifts(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and name_of(node.func) == "unscoped"


def calls_of(found: Iterable[Module], name: str) -> set[str]:
    """The places that call `name`, in whatever way."""
    return {
        f"{module.path}:{place}"
        for module in found
        for node, place in with_places(module)
        if isinstance(node, ast.Call) and name_of(node.func) == name
    }


def leaks(found: Iterable[Module]) -> set[str]:
    """Places where a queryset made without a scope outlives its block: returned, yielded, or kept in a name."""
    places = set()
    for place, block in lifting_blocks(found):
        for node in ast.walk(block):
            value = getattr(node, "value", None)
            if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) and value is not None and _is_queryset(value):
                places.add(place)
    for module in found:
        for function, place in with_places(module):
            if isinstance(function, ast.FunctionDef) and _keeps_a_queryset(function):
                places.add(f"{module.path}:{place}")
    return places


def _is_queryset(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in QUERYSET_METHODS


def _keeps_a_queryset(function: ast.FunctionDef) -> bool:
    for block in ast.walk(function):
        if not (isinstance(block, ast.With) and any(_lifts(item.context_expr) for item in block.items)):
            continue
        kept = {
            name_of(target)
            for node in ast.walk(block)
            if isinstance(node, ast.Assign) and _is_queryset(node.value)
            for target in node.targets
        }
        later = {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.lineno > (block.end_lineno or 0)
        }
        if kept & later:
            return True
    return False


def raw_sql(found: Iterable[Module]) -> set[str]:
    """Modules that open a cursor or hand SQL to the ORM."""
    return {
        module.path
        for module in found
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and name_of(node.func) in ("cursor", "raw", "RawSQL", "extra", "chunked_cursor")
        and not _is_argument_free_name(node)
    }  # fmt: skip


def _is_argument_free_name(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id != "RawSQL"


def test_the_scope_is_lifted_only_where_the_list_says():
    assert calls_of(modules(), "unscoped") == set(LIFTED)


def test_no_queryset_leaves_a_block_without_a_scope():
    assert leaks(modules()) == set()


def test_raw_sql_is_written_only_in_the_modules_of_the_list():
    assert raw_sql(modules()) == set(RAW_SQL)


def test_nobody_goes_around_the_managers():
    around = {"_base_manager", "objects_unscoped", "all_objects"}
    found = {
        f"{module.path}:{place}"
        for module in modules()
        for node, place in with_places(module)
        if isinstance(node, ast.Attribute) and node.attr in around
    }
    assert found == set()


def test_everything_is_seen_only_through_unscoped():
    """`Scope(frozenset({""}))` or EVERYTHING by hand would lift the scope without a reason."""
    found = {
        f"{module.path}:{place}"
        for module in modules()
        for node, place in with_places(module)
        if isinstance(node, ast.Name) and node.id == "EVERYTHING" and isinstance(node.ctx, ast.Load)
    }
    assert found == {"apps/core/scoping.py:unscoped"}


def test_the_law_notices_a_new_place_a_leak_and_raw_sql():
    example = Module.of(
        "def returned():\n"
        "    with unscoped('x'):\n"
        "        return Park.objects.filter(code='A')\n"
        "def kept():\n"
        "    with unscoped('x'):\n"
        "        rows = Park.objects.all()\n"
        "    return list(rows)\n"
        "def sound():\n"
        "    with unscoped('x'):\n"
        "        return list(Park.objects.values_list('code'))\n"
        "def sql():\n"
        "    with connection.cursor() as c:\n"
        "        c.execute('SELECT 1')\n"
    )
    assert calls_of([example], "unscoped") == {f"apps/example.py:{name}" for name in ("returned", "kept", "sound")}
    assert leaks([example]) == {"apps/example.py:returned", "apps/example.py:kept"}
    assert raw_sql([example]) == {"apps/example.py"}
