"""The permissions around accounts. Which roles one may give, and to whom, is decided by `rules.GRANTABLE`."""

from __future__ import annotations

from apps.core.permissions import OFFICERS, SYSTEM_ADMIN, declare

GRANT = declare("accounts.grant", "查看用户、建立下级账号和授权", roles=(SYSTEM_ADMIN, *OFFICERS))
MANAGE = declare("accounts.manage", "管理全部账号和登录规则", roles=(SYSTEM_ADMIN,))
