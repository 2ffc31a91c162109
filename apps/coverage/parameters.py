"""Which definition of coverage a place reports by."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare, value
from apps.enterprises.rules import NON_PUBLIC

from .rules import DEFINITION_NAMES

DEFAULT_DEFINITION = declare(
    ParameterSpec(
        "coverage.default_definition", "覆盖率的默认口径", "choice", next(iter(DEFINITION_NAMES)), "",
        f"《{NON_PUBLIC}》：组织覆盖率=（单独建+联合覆盖）÷实体运营的非公企业总数；"
        "挂靠是否计入尚无定论，可在各口径间对照",
        datetime.date(2026, 1, 1), "V-sec", group="覆盖率", choices=tuple(DEFINITION_NAMES.items()),
    )
)  # fmt: skip

CHANGE_POINTS = declare(
    ParameterSpec(
        "coverage.change_points", "覆盖率变化须说明的百分点", "int", 5, "个百分点",
        "本系统建议：覆盖率与上期相比变化超过5个百分点的，变化异常须说明", datetime.date(2026, 1, 1), "P",
        group="覆盖率", minimum=0, maximum=100,
    )
)  # fmt: skip


def default_definition(*, on: datetime.date, org_path: str = "") -> str:
    """Read the code of the definition that was in force on a day at a node."""
    return str(value(DEFAULT_DEFINITION.code, on=on, org_path=org_path))
