"""Named places where a test may kill the process, to prove that nothing is lost or doubled there.

`PARKPARTY_FAILPOINT=name` makes the process die at that place as a power cut would. Without it, nothing.
"""

from __future__ import annotations

import os

NAMES = frozenset({"reminders.claimed", "reminders.channel_called", "jobs.claimed", "jobs.file_written"})


def reach(name: str) -> None:
    """Die here when the environment asks for it. `name` must be one of `NAMES`."""
    if name not in NAMES:
        raise KeyError(name)
    if os.environ.get("PARKPARTY_FAILPOINT") == name:
        os._exit(137)
