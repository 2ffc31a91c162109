"""`import_ledger`: one JSON object, published exit codes, and never half an import."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.core.models import AuditEntry, ImportBatch
from apps.core.scoping import unscoped
from tests.core.excel.workbooks import book

from .conftest import HEADERS, ROWS


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "园区.xlsx"
    path.write_bytes(book(ROWS, HEADERS))
    return path


def run(path: Path, *options: str, org: str = "JY", user: str = "park_officer") -> tuple[int, dict[str, Any]]:
    out = StringIO()
    code = 0
    arguments = ["tests.parks", str(path), "--org", org, "--as", user, "--json", *options]
    try:
        call_command("import_ledger", *arguments, stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, json.loads(out.getvalue())


def batches() -> int:
    with unscoped("the test looks from outside"):
        return ImportBatch.objects.count()


def test_a_check_says_what_would_happen_and_leaves_nothing(desk: SimpleNamespace, sheet: Path) -> None:
    code, answer = run(sheet)
    assert code == 0
    assert set(answer) == {
        "rows", "valid", "errors", "warnings", "created", "updated", "unchanged", "committed", "batch",
    }  # fmt: skip
    assert (answer["rows"], answer["valid"], answer["created"]) == (2, 2, 2)
    assert (answer["committed"], answer["batch"]) == (False, None)
    assert desk.codes() == {"A", "B"}
    assert batches() == 0


def test_a_commit_imports_and_names_its_batch(desk: SimpleNamespace, sheet: Path) -> None:
    code, answer = run(sheet, "--commit")
    assert (code, answer["committed"], answer["created"]) == (0, True, 2)
    with unscoped("the test looks from outside"):
        assert ImportBatch.objects.get().pk == answer["batch"]
    assert desk.codes() == {"A", "B", "P1", "P2"}


def test_the_same_file_again_adds_nothing_and_exits_with_1(desk: SimpleNamespace, sheet: Path) -> None:
    run(sheet, "--commit")
    code, answer = run(sheet, "--commit")
    assert code == 1
    assert [(error["row"], error["code"]) for error in answer["errors"]] == [(0, "already_imported")]
    assert (answer["committed"], answer["batch"], answer["created"]) == (False, None, 0)
    assert batches() == 1
    assert run(sheet)[1]["errors"][0]["code"] == "already_imported"


def test_errors_change_nothing(desk: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "园区.xlsx"
    path.write_bytes(book([*ROWS, ("P3", "", "省级", "x")], HEADERS))
    code, answer = run(path, "--commit")
    assert code == 1
    assert answer["errors"] == [
        {"row": 4, "column": "园区名称", "code": "required", "message": "「园区名称」不能为空，请填写。"}
    ]
    assert (answer["valid"], answer["created"], answer["committed"]) == (2, 0, False)
    assert desk.codes() == {"A", "B"}
    assert batches() == 0
    assert not AuditEntry.objects.filter(action__startswith="import.").exists()
    assert run(path)[0] == 0, "a check alone does not fail"


def test_a_broken_file_is_an_error_of_row_0(desk: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "园区.xlsx"
    path.write_bytes(b"nothing of the kind")
    code, answer = run(path, "--commit")
    assert code == 1
    assert [(error["row"], error["column"], error["code"]) for error in answer["errors"]] == [(0, "", "not_xlsx")]
    assert answer["rows"] == 0


def test_an_update_changes_what_differs(desk: SimpleNamespace, sheet: Path, tmp_path: Path) -> None:
    run(sheet, "--commit")
    path = tmp_path / "更新.xlsx"
    path.write_bytes(book([("P1", "城东园区", "省级", "新址"), ROWS[1], ("P9", "城南", "市级", "")], HEADERS))
    answer = run(path, "--mode", "update", "--commit")[1]
    assert (answer["created"], answer["updated"], answer["unchanged"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"code": "no.such"}, "no.such"),
        ({"org": "NOWHERE"}, "NOWHERE"),
        ({"user": "nobody"}, "nobody"),
        ({"user": "visitor"}, "权限"),
        ({"org": "YY"}, "YY"),
        ({"file": "missing.xlsx"}, "missing.xlsx"),
    ],
)
def test_a_wrong_call_goes_to_stderr_with_exit_code_2(
    desk: SimpleNamespace, sheet: Path, options: dict[str, str], said: str
) -> None:
    arguments = [options.get("code", "tests.parks"), options.get("file", str(sheet))]
    arguments += ["--org", options.get("org", "JY"), "--as", options.get("user", "park_officer"), "--json"]
    with pytest.raises(CommandError, match=said) as refused:
        call_command("import_ledger", *arguments)
    assert refused.value.returncode == 2


def test_for_people_it_prints_sentences(desk: SimpleNamespace, sheet: Path) -> None:
    out = StringIO()
    call_command("import_ledger", "tests.parks", str(sheet), "--org", "JY", "--as", "park_officer", stdout=out)
    assert "2 行，2 行无误；新增 2" in out.getvalue()
    assert "没有导入" in out.getvalue()
