"""The tree: places, moves, circles, depth."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.apps import apps
from django.db import connection, transaction

from apps.branches import tree
from apps.branches.models import OrgOwned, PartyOrg
from apps.branches.owned_paths import owned_tables
from apps.branches.services import found_organization, move_organization
from apps.core.errors import DomainError
from apps.core.models import AuditEntry, Parameter
from apps.core.scoping import EVERYTHING, ScopeViolation, unscoped, use_scope
from apps.enterprises.models import Building, Enterprise
from tests.racing import at_once

TODAY = datetime.date(2026, 11, 22)


@pytest.fixture
def whole_park(cast):
    with unscoped("a test of the tree"):
        yield cast


def founded(parent, name, kind="branch", **facts):
    return found_organization(
        name=name, kind=kind, parent=parent, founded_on=TODAY, today=TODAY, actor=None, **facts
    )  # fmt: skip


def moved(org, parent, actor=None):
    return move_organization(org=org, parent=parent, on=TODAY, today=TODAY, actor=actor)


@pytest.mark.parametrize(("number", "text"), [(1, "0001"), (35, "000Z"), (36, "0010"), (36**4 - 1, "ZZZZ")])
def test_a_place_is_four_base_36_characters(number, text):
    assert tree.segment(number) == text


def test_the_place_after_the_last_is_refused_in_a_sentence():
    with pytest.raises(DomainError, match="过多"):
        tree.segment(36**4)


def test_new_children_stand_behind_the_last_one(whole_park):
    first, second = founded(whole_park.station, "甲支部"), founded(whole_park.station, "乙支部")
    assert first.path == whole_park.station.path + "0003"
    assert second.path == whole_park.station.path + "0004"


def test_a_place_is_not_given_again_after_its_holder_has_moved_away(whole_park):
    last = founded(whole_park.station, "甲支部")
    old = last.path
    moved(last, whole_park.committee)
    assert founded(whole_park.station, "乙支部").path > old


def test_a_move_takes_the_whole_subtree_and_every_row_under_it(whole_park):
    Parameter.objects.create(
        code="branches.committee_members", org_path=whole_park.branch_a.path, since=TODAY, value=80
    )
    moved(whole_park.branch_a, whole_park.sibling_org)
    branch, group = PartyOrg.objects.get(code="JYA"), PartyOrg.objects.get(code="JYA1")
    assert branch.path == whole_park.sibling_org.path + "0002"
    assert group.path == branch.path + "0001"
    assert Enterprise.objects.get(pk=whole_park.enterprise_a.pk).org_path == branch.path
    assert Parameter.objects.get(since=TODAY).org_path == branch.path


def test_the_audit_trail_keeps_the_old_path(whole_park):
    branch = founded(whole_park.station, "甲支部")
    old = branch.path
    moved(branch, whole_park.committee)
    assert AuditEntry.objects.get(action="org.founded").org_path == old


def test_every_table_that_repeats_a_path_moves_with_it():
    columns = tree.path_columns()
    owned = {model for model in apps.get_models() if issubclass(model, OrgOwned)}
    assert owned
    assert owned <= {model for model, _ in columns}
    assert {"core.ImportBatch", "core.Attachment", "core.Parameter"} <= {model._meta.label for model, _ in columns}
    assert AuditEntry not in {model for model, _ in columns}


def test_after_any_move_each_row_repeats_the_path_of_its_organisation(whole_park):
    moved(whole_park.station, whole_park.sibling_org)
    for model in (Enterprise, Building):
        for row in model.objects.select_related("org"):
            assert row.org_path == row.org.path
    for org in PartyOrg.objects.exclude(parent=None).select_related("parent"):
        assert org.path.startswith(org.parent.path)
        assert len(org.path) == len(org.parent.path) + tree.WIDTH


def test_an_organisation_cannot_hang_under_itself_or_below(whole_park):
    with pytest.raises(DomainError, match="不能作为它的上级"):
        moved(whole_park.committee, whole_park.committee)
    with pytest.raises(DomainError, match="不能作为它的上级"):
        moved(whole_park.committee, whole_park.station)


def test_a_move_out_of_the_scope_is_refused(cast):
    with cast.within(cast.park_org):
        with pytest.raises(DomainError, match="不在您的范围"):
            moved(cast.branch_a, cast.sibling_org)
        with pytest.raises(ScopeViolation):
            tree.move(cast.branch_a, cast.sibling_org)


def committees(parent, count):
    for number in range(count):
        parent = founded(parent, f"第{number}级党委", "committee")
    return parent


def test_the_sixteenth_level_is_the_last(whole_park):
    last = committees(whole_park.park_org, tree.MAX_DEPTH - 2)
    assert last.depth == tree.MAX_DEPTH
    with pytest.raises(DomainError, match="不能超过 16 级"):
        founded(last, "第十七级", "committee")


def test_a_move_that_would_make_the_tree_too_deep_is_refused(whole_park):
    deep = committees(whole_park.park_org, tree.MAX_DEPTH - 5)
    assert moved(whole_park.committee, deep.parent).depth == tree.MAX_DEPTH - 3
    with pytest.raises(DomainError, match="不能超过 16 级"):
        moved(PartyOrg.objects.get(code="JYW"), deep)


@pytest.mark.django_db(transaction=True)
def test_of_two_moves_that_would_make_a_circle_one_is_refused(cast):
    with unscoped("a test of the tree"):
        left, right = founded(cast.park_org, "左党委", "committee"), founded(cast.park_org, "右党委", "committee")
    results = at_once(lambda: moved(left, right), lambda: moved(right, left))
    assert [each.code for each in results if isinstance(each, DomainError)] == ["cycle"]


@pytest.mark.django_db(transaction=True)
def test_children_founded_at_once_stand_in_different_places(cast):
    children = at_once(*(partial(founded, cast.station, f"第{n}支部") for n in range(4)))
    assert len({child.path for child in children}) == 4


def test_a_failed_service_leaves_the_tree_as_it_was(whole_park):
    with pytest.raises(DomainError), transaction.atomic():
        founded(whole_park.station, "重码支部", code="JYA")
    assert not PartyOrg.objects.filter(name="重码支部").exists()


def test_every_table_of_owned_rows_follows_its_organisation(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'follow_org'")
        assert {name for (name,) in cursor.fetchall()} == set(owned_tables())


def test_no_write_gives_a_row_a_path_that_is_not_its_organisations(whole_park):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE enterprises_enterprise SET org_path = '0009'")
    row = Enterprise.objects.get(pk=whole_park.enterprise_a.pk)
    assert row.org_path == whole_park.branch_a.path


def somebody_waits():
    """Somebody stands before a lock of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_a_row_that_arrives_during_a_move_stands_where_the_move_leads(cast):
    def arrive():
        try:
            with use_scope(EVERYTHING):
                Enterprise.objects.create(name="新来的公司", org=cast.branch_a)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        with use_scope(EVERYTHING), transaction.atomic():
            moved(cast.branch_a, cast.sibling_org)
            arriving = thread.submit(arrive)
            while not somebody_waits():
                assert not arriving.done()
        arriving.result()
    with unscoped("test"):
        row = Enterprise.objects.select_related("org").get(name="新来的公司")
    assert row.org.path.startswith(cast.sibling_org.path)
    assert row.org_path == row.org.path
