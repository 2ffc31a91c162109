"""The permissions around accounts. Which roles one may give, and to whom, is decided by `rules.GRANTABLE`."""

from __future__ import annotations

from apps.core.permissions import BRANCH, OFFICERS, PARK_OFFICER, SYSTEM_ADMIN, declare

GRANT = declare("accounts.grant", "查看用户、建立下级账号和授权", roles=(SYSTEM_ADMIN, *OFFICERS))
MANAGE = declare("accounts.manage", "管理全部账号和登录规则", roles=(SYSTEM_ADMIN,))
HAND_OVER = declare("accounts.hand_over", "办理岗位交接", roles=(PARK_OFFICER,))
HANDOVERS = declare("accounts.handovers", "查看岗位交接", roles=(*OFFICERS, *BRANCH))
