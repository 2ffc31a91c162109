"""One class for each shape of request; forms check shapes, services decide."""

from .organisations import (
    EditForm,
    EndForm,
    EventFields,
    FactFields,
    FoundForm,
    MoveForm,
    NameFields,
    RenameForm,
    UpgradeForm,
)

__all__ = [
    "EditForm",
    "EndForm",
    "EventFields",
    "FactFields",
    "FoundForm",
    "MoveForm",
    "NameFields",
    "RenameForm",
    "UpgradeForm",
]
