"""Imports, check and commit, against reading the same workbook with openpyxl read-only: a registry extract, a roster.

The workbooks are invented: the extract has as many rows as the real one of 丹东, with texts as long as its texts; the
roster has ten thousand members of two hundred branches. Each import is rolled back.
"""

from __future__ import annotations

import datetime
import random
import tempfile
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from .result import Result, best_of, ratio

LIMIT = 3.0
ROWS = 3143
MEMBERS, BRANCHES = 10_000, 200
MEMBER_HEADERS = (
    "姓名", "公民身份证号码", "性别", "民族", "学历", "入党日期", "转正日期", "人员类别", "工作岗位", "联系电话", "所在党支部",
)  # fmt: skip
TODAY = datetime.date(2026, 11, 1)
HEADERS = (
    "企业名称", "统一社会信用代码", "注册日期", "企业类型", "注册资金", "经营范围", "所在省份", "地区", "注册地址",
)  # fmt: skip
WORDS = "宝通联合精密机械电子仪表服装食品软件物流建材纺织轴承阀门水产柞蚕草莓温泉边贸口岸鸭绿江凤凰五龙振安元宝"
SCOPE = "生产、销售：机械配件、电子元件、仪器仪表；货物及技术进出口；普通货运；房屋租赁；技术咨询服务。"


def invented(path: Path) -> None:
    """A registry extract of invented enterprises, the same on every run."""
    from apps.core.codes import make_credit_code

    chance = random.Random(3143)
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("企业注册信息")
    sheet.append(HEADERS)
    for serial in range(ROWS):
        name = f"丹东{''.join(chance.choices(WORDS, k=4))}{serial}有限公司"
        day = datetime.date(1980, 1, 1) + datetime.timedelta(days=chance.randrange(9000))
        capital = chance.choice(["N/A", f"{chance.randrange(10, 5000)}(万元人民币)"])
        address = f"辽宁省丹东市振兴区{chance.choice(WORDS)}{chance.choice(WORDS)}路{serial}号"
        code = make_credit_code(serial=20_000 + serial)
        sheet.append((name, code, day.isoformat(), "N/A", capital, SCOPE * 2, "辽宁", "丹东", address))
    workbook.save(path)


def invented_roster(path: Path, branches: list[str]) -> None:
    """A roster of invented members, the same on every run."""
    from apps.core.codes import make_id_number

    chance = random.Random(10_000)
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("党员名册")
    sheet.append(MEMBER_HEADERS)
    for serial in range(MEMBERS):
        born = datetime.date(1960, 1, 1) + datetime.timedelta(days=serial * 13 % 12_000)
        male = serial % 5 < 3
        number = make_id_number("210681", born, 1 + serial % 499 * 2 + (not male))
        name = "赵钱孙李周吴郑王"[serial % 8] + "".join(chance.choices(WORDS, k=2))
        joined = born + datetime.timedelta(days=9000)
        sheet.append((
            name, number, "男" if male else "女", "汉族", "大学本科", joined.isoformat(),
            (joined + datetime.timedelta(days=365)).isoformat(), "正式党员", "技术员", f"139{serial:08d}",
            branches[serial % len(branches)],
        ))  # fmt: skip
    workbook.save(path)


def measure() -> list[Result]:
    return [_registry(), _roster()]


def _roster() -> Result:
    from apps.branches.models import PartyOrg
    from apps.core.scoping import unscoped

    with unscoped("the bench names branches of its own park"):
        rows = PartyOrg.objects.filter(path__startswith=PartyOrg.objects.get(code="GM").path, kind="branch")
        branches = list(rows.order_by("path").values_list("code", flat=True)[:BRANCHES])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.xlsx"
        invented_roster(path, branches)
        return _measured(path, "members.roster", MEMBERS, "members")


def _registry() -> Result:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.xlsx"
        invented(path)
        return _measured(path, "enterprises.registry", ROWS, "enterprises")


def _measured(path: Path, code: str, rows: int, noun: str) -> Result:
    """The command's own path: read in a child process, check, write, audit; then take it back."""
    from apps.core.imports.oneshot import import_file
    from apps.core.imports.spec import importer_class

    def read() -> None:
        for _ in load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True):
            pass

    def act(org: Any, actor: Any) -> None:
        outcome = import_file(
            importer=importer_class(code), path=path, org=org, actor=actor, mode="create", commit=True, today=TODAY
        )
        if outcome.report.created != rows:
            raise RuntimeError(f"the bench imported {outcome.report.created} rows: {outcome.report.errors[:3]}")

    yardstick = best_of(3, read)
    work = min(_taken_back(act) for _ in range(3))
    return ratio(f"import of {rows:,} {noun}, check and commit / openpyxl read", work, yardstick, LIMIT)


def _taken_back(act: Any) -> float:
    """Seconds of one import by an officer made for it, all of it rolled back."""
    from django.db import transaction

    from apps.accounts.models import RoleAssignment, User
    from apps.branches.models import PartyOrg
    from apps.core.scoping import unscoped

    with transaction.atomic():
        with unscoped("the bench makes its own officer"):
            org = PartyOrg.objects.get(code="GM")
            actor = User.objects.create(username="bench-officer", display_name="bench")
            RoleAssignment.objects.create(user=actor, role="park_officer", org=org, since=datetime.date(2020, 1, 1))
        seconds = best_of(1, lambda: act(org, actor))
        transaction.set_rollback(True)
    return seconds
