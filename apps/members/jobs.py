"""Work of the rosters outside the request."""

from __future__ import annotations

from apps.core.jobs import JobRun, job_handler

from . import reconciliation


@job_handler(reconciliation.KIND)
def reconcile(run: JobRun) -> None:
    reconciliation.run(run)
