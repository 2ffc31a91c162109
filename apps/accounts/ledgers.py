"""The book of users: who, with which roles today, seen when."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import cached_property

from apps.core.codes import mask_phone
from apps.core.dated import in_force
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.core.permissions import ROLE_LABELS
from apps.core.scoping import required_scope

from .models import User
from .permissions import GRANT
from .querysets import grants_in, users_visible_to, with_roles

STATES = {"active": "正常", "first": "待首次登录", "disabled": "已停用"}
TONES = {"active": "success", "first": "warning", "disabled": "neutral"}


def state_of(user: User) -> str:
    if not user.is_active:
        return "disabled"
    return "first" if user.last_login is None else "active"


def roles_text(user: Any) -> str:
    return "；".join(f"{ROLE_LABELS[g.role]}（{g.org}）" for g in user.roles_now)


def _in_state(rows: Any, value: str, ledger: Ledger) -> Any:
    conditions = {
        "active": Q(is_active=True, last_login__isnull=False),
        "first": Q(is_active=True, last_login__isnull=True),
        "disabled": Q(is_active=False),
    }
    return rows.filter(conditions[value])


def _with_role(rows: Any, value: str, ledger: Ledger) -> Any:
    """Users who hold the role today, inside the scope; `none` finds those who hold none there."""
    grants = grants_in(required_scope()).filter(in_force(ledger.today), user=OuterRef("pk"))
    return rows.filter(~Exists(grants)) if value == "none" else rows.filter(Exists(grants.filter(role=value)))


@register
class Users(Ledger):
    """Accounts. A park sees those of its own subtree, the system administrator all."""

    code = "accounts.users"
    title = "用户与授权"
    lead = "谁能登录、在哪个党组织担任什么角色。角色有起止日期，收回后对方下一次操作即失效。"
    permission = GRANT
    search_hint = "姓名、账号"
    empty_text = "还没有下级用户。新建账号后，在这里授予角色、重置密码。"
    orderings = {"": Ordering("按账号", ("username", "pk")), "new": Ordering("新建的在前", ("-pk",))}
    columns = (
        Column("username", "账号", link=lambda user: user.get_absolute_url()),
        Column("display_name", "姓名"),
        Column("roles", "现任角色", source=roles_text),
        Column("state", "状态", source=state_of, choices=STATES, tone=lambda user: TONES[state_of(user)]),
        Column("last_login", "最近登录", kind=Kind.DATETIME),
        Column("phone", "手机号", mask=mask_phone, default=False),
        Column("created_at", "建立时间", kind=Kind.DATETIME, default=False),
    )
    filters = (
        Filter("role", "现任角色", apply=_with_role, choices=[*ROLE_LABELS.items(), ("none", "没有角色")]),
        Filter("state", "状态", apply=_in_state, choices=list(STATES.items())),
    )

    @cached_property
    def visible(self) -> QuerySet[User]:
        return users_visible_to(self.user)

    def rows(self) -> QuerySet[User]:
        return with_roles(self.visible.all(), self.today)

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(Q(username__icontains=text) | Q(display_name__icontains=text))
