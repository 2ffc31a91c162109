"""The books of the tree: each is a page, a workbook, a csv and an API from the same columns."""

from .organisations import (
    GROUPS,
    OrganisationLedger,
)
from .restructurings import RestructuringLedger
from .terms import ElectionLedger, MissingTermLedger, TermLedger

__all__ = [
    "GROUPS",
    "ElectionLedger",
    "MissingTermLedger",
    "OrganisationLedger",
    "RestructuringLedger",
    "TermLedger",
]
