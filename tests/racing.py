"""Several people at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from apps.core.errors import DomainError
from apps.core.scoping import EVERYTHING, use_scope


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Let all acts begin together, each in a thread with a connection of its own and in the scope of everything.

    Returns in their order what they returned, or the DomainError that refused them; any other error is raised here.
    """
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            with use_scope(EVERYTHING):
                return act()
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))
