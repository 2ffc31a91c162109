"""Plan every reminder that is due at a moment. Running it again plans nothing new."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from apps.reminders import planning

from ._at import MomentCommand


class Command(MomentCommand):
    help = "生成到期提醒（可重复执行）"

    def do(self, at: datetime.datetime) -> Mapping[str, int]:
        counts = planning.plan(at)
        return {**counts, "planned": sum(counts.values())}
