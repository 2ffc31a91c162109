"""The scope: one choke point that fails closed."""

import pickle
import threading

import pytest
from django.db.models import Count, Exists, OuterRef

from apps.branches.models import PartyOrg
from apps.branches.tree import segment
from apps.core.scoping import (
    EVERYTHING,
    Scope,
    ScopeViolation,
    UnscopedQueryError,
    active_scope,
    required_scope,
    unscoped,
    use_scope,
)
from apps.enterprises.models import Condition, Enterprise, Establishment

QUESTIONS = {
    "list": list,
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "first": lambda rows: rows.first(),
    "get": lambda rows: rows.get(pk=1),
    "slice": lambda rows: rows[0],
    "iterator": lambda rows: list(rows.iterator()),
    "values": lambda rows: list(rows.values_list("pk")),
    "aggregate": lambda rows: rows.aggregate(Count("pk")),
    "in_bulk": lambda rows: rows.in_bulk(),
    "update": lambda rows: rows.update(remark=""),
    "delete": lambda rows: rows.delete(),
    "raw": lambda rows: list(rows.raw("SELECT * FROM enterprises_enterprise")),
    "union": lambda rows: list(rows.union(rows)),
    "or": lambda rows: list(rows | rows),
    "subquery": lambda rows: list(rows.filter(pk__in=rows.values("pk"))),
    "str": lambda rows: str(rows.query),
    "pickle": pickle.dumps,
    "contains": lambda rows: rows.contains(Enterprise(pk=1)),
    "get_or_create": lambda rows: rows.get_or_create(name="x"),
    "bulk_update": lambda rows: rows.bulk_update([Enterprise(pk=1)], ["remark"]),
}


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_no_question_reaches_the_database_without_a_scope(cast, ask, django_assert_num_queries):
    with django_assert_num_queries(0), pytest.raises(UnscopedQueryError):
        ask(Enterprise.objects.all())


def test_neither_does_a_relation_or_a_write(cast):
    with pytest.raises(UnscopedQueryError):
        list(cast.branch_a.children.all())
    with pytest.raises(UnscopedQueryError):
        cast.enterprise_a.save()
    with pytest.raises(UnscopedQueryError):
        cast.enterprise_a.delete()
    with pytest.raises(UnscopedQueryError):
        Enterprise.objects.bulk_create([Enterprise(name="x", org=cast.branch_a)])


def test_a_queryset_made_without_a_scope_takes_the_one_in_which_it_is_asked(cast):
    shared = Enterprise.objects.all()
    with cast.within(cast.branch_a):
        assert list(shared.all()) == [cast.enterprise_a]
    with cast.within(cast.branch_b):
        assert list(shared.all()) == [cast.enterprise_b]
    with pytest.raises(UnscopedQueryError):
        list(shared)


def test_a_question_inside_a_question_is_narrowed_too(cast):
    with cast.within(cast.park_org):
        covered = Exists(Establishment.objects.filter(enterprise=OuterRef("pk")))
        names = set(Enterprise.objects.filter(covered).values_list("pk", flat=True))
    assert names == {cast.enterprise_a.pk, cast.enterprise_b.pk}


def test_relations_backwards_are_narrowed(cast):
    with cast.within(cast.branch_b):
        assert list(cast.station.children.all()) == [cast.branch_b]
        assert list(cast.enterprise_a.conditions.all()) == []


def test_rows_behind_a_join_are_narrowed_by_the_path_of_their_owner(cast):
    with cast.within(cast.branch_a):
        assert {row.enterprise_id for row in Condition.objects.all()} == {cast.enterprise_a.pk}


def test_no_path_is_nothing_and_the_empty_path_is_everything(cast):
    with use_scope(Scope(frozenset())):
        assert not Enterprise.objects.exists()
    with use_scope(EVERYTHING):
        assert Enterprise.objects.count() == 4


def test_several_roots_are_seen_together(cast):
    with cast.within(cast.branch_a, cast.sibling_org):
        assert set(Enterprise.objects.all()) == {cast.enterprise_a, cast.enterprise_sibling}


def test_a_path_covers_its_subtree_and_not_the_neighbour_with_a_like_name():
    scope = Scope(frozenset({"0001" + segment(1)}))
    assert scope.covers("00010001")
    assert scope.covers("000100010007")
    assert not scope.covers("00010002")
    assert not scope.covers("0001")
    assert not Scope(frozenset()).covers("")


def test_narrowing_a_scope_never_widens_it():
    scope = Scope(frozenset({"00010001", "00020003"}))
    assert scope.narrowed_to("000100010005") == Scope(frozenset({"000100010005"}))
    assert scope.narrowed_to("0002") == Scope(frozenset({"00020003"}))
    assert not scope.narrowed_to("0009")


def test_roots_leave_out_what_lies_inside_another():
    assert Scope(frozenset({"0001", "00010002", "0003"})).roots() == ["0001", "0003"]


class TestWriting:
    def test_outside_the_scope_is_refused(self, cast):
        with cast.within(cast.branch_a):
            for refused in (
                lambda: Enterprise(name="x", org=cast.branch_b).save(),
                lambda: Enterprise.objects.create(name="x", org=cast.park_org),
                lambda: Enterprise.objects.bulk_create([Enterprise(name="x", org=cast.sibling_org)]),
                cast.enterprise_b.save,
                cast.enterprise_b.delete,
            ):
                with pytest.raises(ScopeViolation):
                    refused()

    def test_an_update_touches_rows_of_the_scope_only(self, cast):
        with cast.within(cast.branch_a):
            assert Enterprise.objects.update(remark="改") == 1
            foreign = cast.enterprise_b
            foreign.remark = "改"
            Enterprise.objects.bulk_update([foreign], ["remark"])
        with unscoped("test"):
            assert Enterprise.objects.filter(remark="改").count() == 1

    def test_an_update_does_not_move_a_row_to_another_owner(self, cast):
        with cast.within(cast.authority):
            for changes in ({"org_path": "0009"}, {"org_path": cast.branch_b.path}):
                with pytest.raises(ScopeViolation):
                    Enterprise.objects.update(**changes)
            cast.enterprise_a.org_path = "0009"
            with pytest.raises(ScopeViolation):
                Enterprise.objects.bulk_update([cast.enterprise_a], ["org_path"])

    def test_the_path_of_a_row_is_always_that_of_its_organisation(self, cast):
        with cast.within(cast.authority):
            row = Enterprise(name="x", org=cast.branch_b, org_path="0009")
            row.save()
            assert row.org_path == cast.branch_b.path
            rows = Enterprise.objects.bulk_create([Enterprise(name="y", org=cast.branch_a, org_path="0009")])
            assert rows[0].org_path == cast.branch_a.path

    def test_one_foreign_row_among_many_refuses_all(self, cast):
        with cast.within(cast.branch_a), pytest.raises(ScopeViolation):
            Enterprise.objects.bulk_create(
                [Enterprise(name="x", org=cast.branch_a), Enterprise(name="y", org=cast.branch_b)]
            )
        with unscoped("test"):
            assert Enterprise.objects.count() == 4

    def test_uniqueness_is_asked_of_the_whole_database(self, cast):
        from django.core.exceptions import ValidationError

        with cast.within(cast.branch_a):
            twin = Enterprise(name="x", org=cast.branch_a, credit_code=cast.enterprise_b.credit_code)
            with pytest.raises(ValidationError, match="已登记"):
                twin.validate_unique()


class TestTheActiveScope:
    def test_it_ends_with_its_block_even_by_an_error(self):
        with pytest.raises(ZeroDivisionError), use_scope(EVERYTHING):
            1 / 0  # noqa: B018
        assert active_scope() is None

    def test_the_inner_one_counts(self, cast):
        with cast.within(cast.authority), cast.within(cast.branch_a):
            assert PartyOrg.objects.count() == 2

    def test_a_new_thread_starts_without_one(self, cast):
        found = []
        with use_scope(EVERYTHING):
            thread = threading.Thread(target=lambda: found.append(active_scope()))
            thread.start()
            thread.join()
        assert found == [None]

    def test_report_sql_asks_for_it_and_fails_without(self):
        with pytest.raises(UnscopedQueryError):
            required_scope()

    def test_lifting_it_needs_a_reason(self):
        with pytest.raises(ValueError, match="reason"), unscoped(""):
            pass
