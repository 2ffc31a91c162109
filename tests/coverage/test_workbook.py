"""The workbook says what the screen says, by formulas that a reader can follow."""

from __future__ import annotations

import datetime
import io
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook

from apps.core.errors import DomainError
from apps.core.periods import Period
from apps.coverage import figures, services
from apps.coverage.reading import read
from apps.coverage.rules import EnterpriseFacts
from apps.coverage.workbook import build, write_workbook
from apps.coverage.workbook.summary import figures_of, rates_of, value_of
from apps.enterprises.kinds import Form, Status
from apps.enterprises.models import Condition, Enterprise, Establishment

from . import park

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 22)
NOW = datetime.datetime(2026, 11, 22, 9, 30, tzinfo=datetime.UTC)
SHEETS = ["汇总", "明细", "口径说明", "剔除名单", "变更说明", "环比"]


@pytest.fixture
def settled(cast) -> Any:
    """The cast and a few enterprises of every sort."""
    known = [
        EnterpriseFacts(staff=20, formal_members=1),
        EnterpriseFacts(staff=200, formal_members=8, forms=frozenset({Form.AFFILIATED})),
        EnterpriseFacts(staff=8, formal_members=0),
        EnterpriseFacts(staff=0, has_operations=False),
        EnterpriseFacts(status=Status.SUSPENDED, staff=30),
        EnterpriseFacts(staff=15, has_instructor=True),
        EnterpriseFacts(staff=15, has_premises=False),
    ]
    with cast.within(cast.authority):
        park.settle([(cast.park_org, facts) for facts in known], park=cast.park)
    return cast


def written(cast: Any, **params: str) -> bytes:
    target = io.BytesIO()
    with cast.within(cast.authority):
        reading = read(params, today=TODAY)
        write_workbook(target, reading, user_name="李明", now=NOW)
    return target.getvalue()


def sheet(data: bytes, title: str, *, values: bool = True) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(data), data_only=values)
    return [list(row) for row in book[title].iter_rows(values_only=True)]


def counted(rows: list[list[Any]], formula: str) -> int:
    """An independent reading of a COUNTIFS over 明细: for the formulas of the summary."""
    total = 0
    criteria = re.findall(r"明细!\$([A-Z]+)\$(\d+):\$[A-Z]+\$(\d+),([^,)]+)", formula)
    first, last = int(criteria[0][1]), int(criteria[0][2])
    for number in range(first, last + 1):
        total += all(_meets(rows[number - 1][_index(letters)], wanted) for letters, _, _, wanted in criteria)
    return total


def _index(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _meets(value: Any, wanted: str) -> bool:
    if wanted == '">0"':
        return isinstance(value, int) and value > 0
    return value == int(wanted)


def test_the_summary_has_the_numbers_of_the_screen(settled) -> None:
    data = written(settled, org="DD")
    rows = sheet(data, "汇总")
    with settled.within(settled.authority):
        reading = read({"org": "DD"}, today=TODAY)
        levels = [figures.level(reading.basis, d) for d in (reading.definition, reading.other)]
    totals = [row for row in rows if row[1] == "合计"]
    for found, level, definition in zip(totals, levels, (reading.definition, reading.other), strict=True):
        expected: list[Any] = [value_of(level.total, name) for _, name, _ in figures_of(definition)]
        expected += [getattr(level.total, name) for _, name, *_ in rates_of(definition)]
        assert found[2:20] == [v if isinstance(v, int) else float(v) if v is not None else "—" for v in expected]
    nodes = [row[1] for row in rows if row[0] in (1, 2)]
    assert nodes == ["甲园区党工委", "乙园区党工委"] * 2


def test_every_formula_counts_what_is_stored_beside_it(settled) -> None:
    data = written(settled, org="DD")
    formulas, values = sheet(data, "汇总", values=False), sheet(data, "汇总")
    detail = sheet(data, "明细")
    checked = 0
    for formula_row, value_row in zip(formulas, values, strict=True):
        for formula, value in zip(formula_row, value_row, strict=True):
            if isinstance(formula, str) and formula.startswith("=COUNTIFS"):
                assert counted(detail, re.sub(r"\$A\d+", str(value_row[0]), formula)) == value
                checked += 1
            elif isinstance(formula, str) and formula.startswith("="):
                assert value is not None
    assert checked == (2 + 1) * 12 * 2


def test_an_independent_count_of_the_rows_gives_the_rates(settled) -> None:
    data = written(settled, org="DD")
    heads, *rows = sheet(data, "明细")[2:]
    for mark in "甲乙":
        column = {name: heads.index(f"口径{mark}：{name}") for name in ("计入分母", "组织覆盖", "工作覆盖", "剔除原因")}
        base = [row for row in rows if row[column["计入分母"]] == 1]
        assert len(base) + sum(bool(row[column["剔除原因"]]) for row in rows) == len(rows) == 11
        summary = [row for row in sheet(data, "汇总") if row[1] == "合计"]["甲乙".index(mark)]
        assert summary[4] == len(base)
        assert summary[15] == round(sum(row[column["组织覆盖"]] for row in base) / len(base) + 1e-9, 4)


def test_both_definitions_stand_side_by_side(settled) -> None:
    rows = sheet(written(settled, org="DD"), "汇总")
    start = next(n for n, row in enumerate(rows) if row[0] == "两种口径对照")
    compared = {row[1]: row[2:5] for row in rows[start + 2 :] if row[1]}
    assert compared["组织覆盖"] == [3, 4, 1]
    assert compared["应计企业（分母）"] == [7, 7, 0]
    assert compared["组织覆盖率"] == [0.4286, 0.5714, 14.28]


def test_a_denominator_of_zero_is_a_dash(cast) -> None:
    rows = sheet(written(cast, org="JYA1"), "汇总")
    total = next(row for row in rows if row[1] == "合计")
    assert total[2:15] == [0] * 13
    assert total[15:20] == ["—"] * 5


def test_the_excluded_are_named_with_their_reason(settled) -> None:
    rows = sheet(written(settled, org="DD"), "剔除名单")
    reasons = [row[7] for row in rows[3:]]
    assert sorted(reasons) == [
        "不足三有：无固定经营场所",
        "不足三有：职工人数不足",
        "停产",
        "空挂或僵尸企业（无职工且无经营）",
    ]


def test_every_sheet_says_who_took_it_out_and_when(settled) -> None:
    data = written(settled, org="DD")
    book = load_workbook(io.BytesIO(data))
    assert book.sheetnames == SHEETS
    for title in SHEETS:
        assert book[title]["A2"].value == "※ 本表由 李明 于 2026-11-22 17:30 导出，仅限党务工作使用，请勿外传"
        assert "李明" in book[title].oddFooter.left.text


def test_a_name_that_looks_like_a_formula_stays_a_name(settled) -> None:
    with settled.within(settled.authority):
        Enterprise.objects.filter(pk=settled.enterprise_a.pk).update(name='=HYPERLINK("http://x","y")')
        type(settled.branch_a).objects.filter(pk=settled.park_org.pk).update(short_name="@园区", name="+园区")
    book = load_workbook(io.BytesIO(written(settled, org="DD")))
    formulas = [c for ws in book for row in ws.iter_rows() for c in row if c.data_type == "f"]
    assert {cell.parent.title for cell in formulas} == {"汇总"}
    assert all(re.match(r"=(COUNTIFS\(|IF\(|\$?[A-Z]+\$?\d+)", cell.value) for cell in formulas)


def test_the_changes_since_the_last_quarter_are_written_out(settled) -> None:
    with settled.within(settled.authority):
        services.take_snapshot(
            org=settled.authority, period=Period.parse("2026Q3"), as_of=datetime.date(2026, 9, 30),
            actor=settled.users.authority_officer,
        )  # fmt: skip
        when = datetime.date(2026, 10, 15)
        change(settled.enterprise_b, when, staff=30, formal_members=3)
        change(settled.enterprise_sibling, when, status="moved_out", staff=40, formal_members=3)
        Establishment.objects.create(
            enterprise=settled.enterprise_uncovered, org=settled.branch_b, form="joint", since=when
        )
        park.settle([(settled.park_org, EnterpriseFacts(staff=12))], since=when, prefix="新")
    data = written(settled, org="DD")
    rows = sheet(data, "变更说明")
    lines = {row[1]: row[2:9] for row in rows if isinstance(row[0], int)}
    assert lines["新增企业"][0] == "新0号"
    assert lines["退出企业"][:1] == ["丹东丁仪表有限公司"]
    assert lines["正式党员增减"][4:6] == ["2", "3"]
    assert lines["组建方式变化"][4:6] == ["未组建", "联合组建"]
    assert (
        rows[2][0]
        == "与2026年第三季度相比：新增企业1家，退出企业1家，组建方式变化1家，覆盖党组织变化1家，正式党员增减1家。"
    )
    compared = {row[0]: row for row in sheet(data, "环比")}
    assert compared["组织覆盖"][1:4] == [3, 3, 0]
    assert compared["应计企业（分母）"][1:4] == [7, 7, 0]


def test_a_jump_of_the_rate_asks_for_an_explanation(settled) -> None:
    with settled.within(settled.authority):
        services.take_snapshot(
            org=settled.authority, period=Period.parse("2026Q3"), as_of=datetime.date(2026, 9, 30),
            actor=settled.users.authority_officer,
        )  # fmt: skip
        Establishment.objects.create(
            enterprise=settled.enterprise_uncovered,
            org=settled.branch_b,
            form="joint",
            since=datetime.date(2026, 10, 1),
        )
    compared = {row[0]: row for row in sheet(written(settled, org="DD"), "环比")}
    assert compared["组织覆盖率"][1:4] == [0.5714, 0.4286, 14.28]
    assert compared["组织覆盖率"][6] == "变化超过5个百分点，请说明原因："
    assert not compared["组织覆盖"][6]


def test_the_workbook_of_a_closed_quarter_names_its_seal(settled) -> None:
    with settled.within(settled.authority):
        snapshot = services.take_snapshot(
            org=settled.authority, period=Period.parse("2026Q3"), as_of=datetime.date(2026, 9, 30),
            actor=settled.users.authority_officer,
        )  # fmt: skip
        Condition.objects.all().update(staff=1)
    first, second = (written(settled, org="DD", period="2026Q3") for _ in range(2))
    assert [sheet(first, title) for title in SHEETS] == [sheet(second, title) for title in SHEETS]
    assert any(snapshot.sha256 in str(row[1]) for row in sheet(first, "口径说明"))


def test_a_park_too_large_for_a_workbook_is_told_so(settled, monkeypatch) -> None:
    monkeypatch.setattr(build, "MAX_ENTERPRISES", 10)
    with pytest.raises(DomainError, match="共11家企业，超过一个工作簿的上限10家"):
        written(settled, org="DD")


@pytest.mark.slow
def test_libreoffice_recalculates_the_same_numbers(settled, tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice is not installed: the formulas are checked by the independent count alone")
    stored = written(settled, org="DD")
    (tmp_path / "in.xlsx").write_bytes(without_values(stored))
    command = [office, f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
               "--outdir", str(tmp_path / "out"), str(tmp_path / "in.xlsx")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    recalculated = (tmp_path / "out" / "in.xlsx").read_bytes()
    ours, theirs = sheet(stored, "汇总"), sheet(recalculated, "汇总")
    for own, other in zip(ours, theirs, strict=False):
        for mine, calculated in zip(own, other, strict=False):
            if isinstance(mine, (int, float)):
                assert calculated == pytest.approx(mine)
            elif mine == "—":
                assert calculated == "—"


def without_values(data: bytes) -> bytes:
    """The workbook as a program without spreadsheet would have written it: formulas that nobody has worked out."""
    target = io.BytesIO()
    load_workbook(io.BytesIO(data)).save(target)
    return target.getvalue()


def change(enterprise: Enterprise, when: datetime.date, **facts: Any) -> None:
    Condition.objects.filter(enterprise=enterprise, until__isnull=True).update(until=when)
    Condition.objects.create(enterprise=enterprise, since=when, **facts)


def test_the_clock_of_the_watermark_is_local() -> None:
    assert timezone.localtime(NOW).hour == 17
