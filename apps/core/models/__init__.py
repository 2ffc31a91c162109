"""The rows of the mechanism: nothing here knows an enterprise or a branch."""

from .attachments import Attachment
from .audit import AuditEntry
from .calendar import WorkCalendarDay
from .imports import ImportBatch, ImportContent, ImportMapping
from .jobs import Job
from .parameters import Parameter
from .saved_filters import SavedFilter
from .submissions import Submission

__all__ = [
    "Attachment",
    "AuditEntry",
    "ImportBatch",
    "ImportContent",
    "ImportContent",
    "ImportMapping",
    "Job",
    "Parameter",
    "SavedFilter",
    "Submission",
    "WorkCalendarDay",
]
