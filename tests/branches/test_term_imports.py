"""换届台账 comes in: terms of many organisations and years, the open ends settled, mistakes at their cells."""

import datetime
from types import SimpleNamespace

import pytest

from apps.branches.imports import TermImport
from apps.branches.ledgers import TermLedger
from apps.branches.models import Term
from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import ChecksFailed, commit_batch
from apps.core.imports.undo import undo_batch
from tests.core.excel.workbooks import book

from .electing import TODAY, began

HEADERS = ("党组织代码", "届次", "起始日期")


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.fixture
def desk(cast):
    """The park officer's desk."""
    actor = cast.users.park_officer

    def upload(rows, headers=HEADERS, mode="create"):
        return upload_file(
            importer=TermImport,
            org=cast.park_org,
            file_name="换届.xlsx",
            data=book(rows, headers),
            mode=mode,
            actor=actor,
        )

    def problems(rows, headers=HEADERS, mode="create"):
        report = check_batch(batch=upload(rows, headers, mode), actor=actor, today=TODAY)
        return [(problem.row, problem.column, problem.code) for problem in report.errors]

    def commit(rows, headers=HEADERS, mode="create"):
        return commit_batch(batch=upload(rows, headers, mode), actor=actor, today=TODAY)

    with cast.within(cast.park_org):
        yield SimpleNamespace(
            cast=cast, problems=problems, commit=commit, undo=lambda batch: undo_batch(batch=batch, actor=actor)
        )


def spans():
    return [(term.org.code, term.number, term.since, term.until, term.expires_on)
            for term in Term.objects.select_related("org").order_by("org_path", "number")]  # fmt: skip


def test_open_ends_are_the_beginnings_of_the_next_in_any_order_of_rows(desk):
    batch = desk.commit([
        ("JYA", 3, "2024-06-01"), ("jya", 2, "2021.6.1"), ("JYW", 1, "2022-03-01"),
    ])  # fmt: skip
    assert batch.created == 3
    assert spans() == [
        ("JYW", 1, day("2022-03-01"), None, day("2027-03-01")),
        ("JYA", 2, day("2021-06-01"), day("2024-06-01"), day("2024-06-01")),
        ("JYA", 3, day("2024-06-01"), None, day("2027-06-01")),
    ]


def test_a_registered_term_ends_where_the_imported_one_begins_and_undo_gives_it_back(desk):
    term = began(desk.cast.branch_a, desk.cast.users.park_officer, number=2, since=day("2021-06-01"))
    batch = desk.commit([("JYA", 3, "2024-06-01")])
    term.refresh_from_db()
    assert term.until == day("2024-06-01")
    desk.undo(batch)
    term.refresh_from_db()
    assert (term.until, Term.objects.count()) == (None, 1)


def test_every_mistake_is_told_at_its_cell(desk):
    desk.cast.branch_b.ended_on = day("2025-01-01")
    desk.cast.branch_b.save()
    headers = (*HEADERS, "届满日期", "终止日期", "届满日期调整原因")
    rows = [
        ("JYZ", 1, "2024-06-01", None, None, None),
        ("JYB", 1, "2025-06-01", None, None, None),
        ("JYW", 1, "2024-06-01", "2027-06-01", None, None),
        ("JYW", 2, "2025-06-01", "2030-06-02", None, "与上级同步"),
        ("YYZ1", 1, "2024-06-01", None, None, None),
        ("JYA", 0, "2024-06-01", None, None, None),
        ("JYA", 2, "2024-06-01", None, "2024-05-01", None),
    ]
    assert desk.problems(rows, headers) == [
        (2, "党组织代码", "does_not_elect"), (3, "起始日期", "ended"), (4, "届满日期", "reason_needed"),
        (6, "党组织代码", "unknown_reference"), (7, "届次", "out_of_bounds"), (8, "终止日期", "out_of_order"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("JYA", 2, "2021-06-01", "2025-01-01"), ("JYA", 3, "2024-06-01", None)], [(3, "overlap")]),
        ([("JYA", 3, "2021-06-01", None), ("JYA", 2, "2024-06-01", None)], [(3, "out_of_order")]),
        ([("JYA", 2, "2024-06-01", None), ("JYA", 3, "2024-06-01", None)], [(3, "overlap")]),
        ([("JYA", 2, "2024-06-01", None), ("JYA", 2, "2024-06-01", None)], [(3, "repeated")]),
    ],
)
def test_terms_of_one_organisation_follow_each_other(desk, rows, found):
    problems = desk.problems(rows, (*HEADERS, "终止日期"))
    assert [(row, code) for row, _, code in problems] == found


def test_a_file_with_a_mistake_changes_nothing(desk):
    with pytest.raises(ChecksFailed):
        desk.commit([("JYA", 3, "2024-06-01"), ("JYZ", 1, "2024-06-01")])
    assert not Term.objects.exists()


def test_what_the_book_exports_comes_in_again_without_a_change(desk):
    began(desk.cast.branch_a, desk.cast.users.park_officer, number=2, since=day("2021-06-01"), seats=5)
    began(desk.cast.branch_a, desk.cast.users.park_officer, number=3, since=day("2024-06-01"), note="补登")
    ledger = TermLedger(today=TODAY)
    rows = [[value.isoformat() if isinstance(value, datetime.date) else value for value in record]
            for record in ledger.records()]  # fmt: skip
    batch = desk.commit(rows, tuple(ledger.headers), "update")
    assert (batch.created, batch.updated, batch.unchanged) == (0, 0, 2)


def test_several_terms_of_one_organisation_move_together(desk):
    """The day between two terms is corrected in both rows at once: no moment in between overlaps."""
    began(desk.cast.branch_a, desk.cast.users.park_officer, number=2, since=day("2021-06-01"))
    began(desk.cast.branch_a, desk.cast.users.park_officer, number=3, since=day("2024-06-01"))
    rows = [("JYA", 2, "2021-06-01", "2024-06-20", None), ("JYA", 3, "2024-06-20", None, "按实际选举日期")]
    batch = desk.commit(rows, (*HEADERS, "终止日期", "届满日期调整原因"), "update")
    assert batch.updated == 2
    assert [row[2:4] for row in spans()] == [
        (day("2021-06-01"), day("2024-06-20")), (day("2024-06-20"), None)
    ]  # fmt: skip
