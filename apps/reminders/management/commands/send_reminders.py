"""Send what is planned, observing quiet hours and one digest a day."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from apps.reminders import sending

from ._at import MomentCommand


class Command(MomentCommand):
    help = "发送已生成的提醒"

    def do(self, at: datetime.datetime) -> Mapping[str, int]:
        return {"retried": sending.retry_failed(at), **sending.send(at)}
