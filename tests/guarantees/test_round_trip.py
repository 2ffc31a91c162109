"""What is exported for a node comes in again for that node without a change, also what points beyond the node."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from apps.branches.models import PartyOrg
from apps.core.scoping import unscoped
from apps.enterprises.models import Establishment, Instructor, Visit
from tests.cast import SINCE

BOOKS = ("enterprises.roster", "enterprises.establishments", "enterprises.instructors", "enterprises.visits")


@pytest.fixture
def book(cast, tmp_path):
    """Export a ledger of a node as the park officer; `change` edits the sheet; import it again."""

    def run(code, org, *, change=None, commit=False):
        file = tmp_path / "台账.xlsx"
        call_command("export_ledger", code, "--org", org, "--as", "park_officer", "--out", str(file), stdout=StringIO())
        if change:
            workbook = load_workbook(file)
            change(workbook.active)
            workbook.save(file)
        said = StringIO()
        options = ["--mode", "update", "--json", *(["--commit"] if commit else [])]
        try:
            call_command("import_ledger", code, str(file), "--org", org, "--as", "park_officer", *options, stdout=said)
        except SystemExit:
            assert commit
        return json.loads(said.getvalue())

    return run


@pytest.fixture
def beyond(cast):
    """Rows of branch A that point at what lies outside it."""
    with unscoped("fixture"):
        first, second = (
            Instructor.objects.create(name="钱伟", unit=unit, org=cast.park_org, org_path=cast.park_org.path, since=SINCE)
            for unit in ("市科技局", "市发改委")
        )
        for instructor in (first, second):
            Visit.objects.create(
                enterprise=cast.enterprise_a, on=SINCE, visitor=instructor.unit, instructor=instructor, summary="了解情况"
            )
        Establishment.objects.create(
            enterprise=cast.enterprise_a, org=cast.sibling_branch, form="industry", since=SINCE
        )
        PartyOrg.objects.filter(pk=cast.group_a.pk).update(ended_on="2025-01-01")
    return second


@pytest.mark.parametrize("code", BOOKS)
@pytest.mark.parametrize("org", ["JY", "JYA"])
def test_an_export_of_any_node_comes_in_again_unchanged(beyond, book, code, org):
    answer = book(code, org)
    assert [error["code"] for error in answer["errors"]] == ([] if answer["rows"] else ["no_rows"])
    assert answer["unchanged"] == answer["rows"]


@pytest.mark.parametrize("org", ["JY", "JYA"])
def test_a_dissolved_organisation_comes_in_again_unchanged_and_only_so(beyond, book, org):
    answer = book("branches.organisations", org)
    assert (answer["errors"], answer["unchanged"]) == ([], answer["rows"])

    def rename(sheet):
        for row in sheet.iter_rows(min_row=2):
            if row[0].value == "JYA1":
                cells = {sheet.cell(1, cell.column).value: cell for cell in row}
                cells["联系人"].value = "新联系人"

    assert [e["code"] for e in book("branches.organisations", org, change=rename)["errors"]] == ["ended"]


def test_what_lies_beyond_the_node_may_be_kept_and_not_taken_up(cast, beyond, book):
    def steal(sheet):
        headers = {cell.value: cell.column for cell in sheet[1]}
        for row in range(2, sheet.max_row):
            if sheet.cell(row, headers["党组织代码"]).value == "YYZ1":
                sheet.cell(row, headers["组建日期"]).value = "2021-05-01"

    answer = book("enterprises.establishments", "JYA", change=steal, commit=True)
    assert [e["code"] for e in answer["errors"]] == ["unknown_reference"]
    assert not answer["committed"]


def test_another_instructor_of_the_same_name_keeps_the_visit(beyond, book):
    def correct(sheet):
        headers = {cell.value: cell.column for cell in sheet[1]}
        for row in range(2, sheet.max_row):
            sheet.cell(row, headers["走访情况"]).value = "补记"

    answer = book("enterprises.visits", "JYA", change=correct, commit=True)
    assert (answer["updated"], answer["committed"]) == (2, True)
    with unscoped("test"):
        assert Visit.objects.get(visitor=beyond.unit).instructor == beyond
