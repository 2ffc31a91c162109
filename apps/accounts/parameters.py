"""What the place decides about sign-in: proposals for the security level that it has to meet."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare

from .permissions import MANAGE

SINCE = datetime.date(2026, 1, 1)
GROUP = "账号与登录"
SOURCE = "等级保护通行做法，本系统建议值"


def _number(code: str, label: str, default: int, unit: str, minimum: int, maximum: int) -> str:
    declare(
        ParameterSpec(
            code=f"accounts.{code}", label=label, kind="int", default=default, unit=unit, source=SOURCE, since=SINCE,
            group=GROUP, minimum=minimum, maximum=maximum, permission=MANAGE, whole=True,
        )
    )  # fmt: skip
    return f"accounts.{code}"


MAX_FAILURES = _number("max_failures", "登录最多连续输错次数", 5, "次", 1, 20)
PAUSE_MINUTES = _number("pause_minutes", "输错超限后暂停登录", 15, "分钟", 1, 1440)
PASSWORD_LENGTH = _number("password_length", "密码最少字符数", 10, "个", 8, 64)
PASSWORD_CLASSES = _number("password_classes", "密码至少包含字符类别数", 3, "类", 1, 4)
PASSWORD_HISTORY = _number("password_history", "不得与最近用过的密码相同", 5, "个", 0, 24)
PASSWORD_DAYS = _number("password_days", "密码更换周期（0 表示不要求）", 90, "天", 0, 730)

SEPARATE_DUTIES = "accounts.separate_duties"
declare(
    ParameterSpec(
        code=SEPARATE_DUTIES, label="系统管理、审计、业务三类角色分设", kind="bool", default=True, unit="",
        source="GB/T 22239-2019 管理用户权限分离（条款待核）", since=SINCE, confidence="K", group=GROUP,
        permission=MANAGE, whole=True,
    )
)  # fmt: skip
