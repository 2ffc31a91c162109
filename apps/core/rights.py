"""The permissions of the mechanism itself: what everybody with a role may do with their own things."""

from __future__ import annotations

from .permissions import ROLE_LABELS, declare

OWN_WORK = declare("core.own_work", "我的任务和常用筛选", roles=tuple(ROLE_LABELS))
