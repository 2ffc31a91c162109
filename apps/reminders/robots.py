"""Writes around the external channels: robots, and a person's decision on an unclear digest."""

from __future__ import annotations

import datetime
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.versions import check_version

from . import sending
from .models import Digest, Robot


@write
def save_robot(*, robot: Robot | None, org: Any, actor: Any, version: int | None = None, **facts: Any) -> Robot:
    """Register a group robot for an organisation, or change one. The address must be https, or this machine."""
    url = facts.get("url", "")
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise DomainError("Webhook 地址须以 https:// 开头。", field="url")
    row = robot or Robot()
    if robot is not None:
        row = Robot.objects.select_for_update().get(pk=robot.pk)
        check_version(row, version, facts)
        row.version += 1
    row.org = org
    for name, value in facts.items():
        setattr(row, name, value)
    row.full_clean()
    row.save()
    record(actor, "robot.saved", row, summary=f"保存群机器人「{row.name}」（{'启用' if row.is_active else '停用'}）")
    return row


def send_again(*, digest: Digest, at: datetime.datetime, actor: Any) -> bool:
    """Send a failed or unclear digest once more, because a person asked. Returns whether the channel took it."""
    record(actor, "digest.sent_again", None, summary=f"人工重发 {digest} 的提醒汇总", data={"digest": digest.pk})
    return sending.retry(digest, at)
