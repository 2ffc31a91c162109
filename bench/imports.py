"""The import of a registry extract, check and commit, against reading the same workbook with openpyxl read-only.

The workbook is invented: as many rows as the real extract of 丹东 has, with texts as long as its texts. The import is
rolled back each time.
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


def measure() -> Result:
    """The command's own path: read in a child process, check, write, audit; then take it back."""
    from apps.core.imports.oneshot import import_file
    from apps.core.imports.spec import importer_class

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.xlsx"
        invented(path)

        def read() -> None:
            for _ in load_workbook(path, read_only=True).worksheets[0].iter_rows(values_only=True):
                pass

        def act(org: Any, actor: Any) -> None:
            outcome = import_file(
                importer=importer_class("enterprises.registry"), path=path, org=org, actor=actor, mode="create",
                commit=True, today=TODAY,
            )  # fmt: skip
            if outcome.report.created != ROWS:
                raise RuntimeError(f"the bench imported {outcome.report.created} rows: {outcome.report.errors[:3]}")

        yardstick = best_of(3, read)
        work = min(_taken_back(act) for _ in range(3))
    return ratio(f"import of {ROWS} rows, check and commit / openpyxl read", work, yardstick, LIMIT)


def _taken_back(act: Any) -> float:
    """Seconds of one import by an officer made for it, all of it rolled back."""
    from django.db import transaction

    from apps.accounts.models import RoleAssignment, User
    from apps.branches.models import PartyOrg
    from apps.core.scoping import unscoped

    with transaction.atomic():
        with unscoped("the bench makes its own officer"):
            org = PartyOrg.objects.filter(parent=None).order_by("path")[0]
            actor = User.objects.create(username="bench-officer", display_name="bench")
            RoleAssignment.objects.create(user=actor, role="park_officer", org=org, since=datetime.date(2020, 1, 1))
        seconds = best_of(1, lambda: act(org, actor))
        transaction.set_rollback(True)
    return seconds
