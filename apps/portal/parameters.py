"""What the portal says about itself."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare

ENVIRONMENT_NOTE = declare(
    ParameterSpec(
        "portal.environment_note", "环境说明（显示在每页顶部，修改后下次登录生效；留空不显示）", "text", "", "",
        "本系统建议：培训和演示环境须在每页标明", datetime.date(2026, 1, 1), "P", group="门户", whole=True,
    )
)  # fmt: skip
