"""The nouns of coverage: definitions, frozen quarters, summaries."""

from .definitions import DefinitionVersion
from .facts import Fact
from .snapshots import Correction, Snapshot, SnapshotOrg, SnapshotRow
from .summaries import NodeSummary, PendingChange

__all__ = [
    "Correction",
    "DefinitionVersion",
    "Fact",
    "NodeSummary",
    "PendingChange",
    "Snapshot",
    "SnapshotOrg",
    "SnapshotRow",
]
