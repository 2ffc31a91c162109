"""Rights around reminders: one's own inbox is everybody's, robots are the officers'."""

from __future__ import annotations

from apps.core.permissions import EVERYONE, PARK_OFFICER, declare

INBOX = declare("reminders.inbox", "查看站内消息", roles=EVERYONE)
CHANNELS = declare("reminders.channels", "管理提醒渠道", roles=(PARK_OFFICER,))
