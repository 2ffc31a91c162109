"""The books of the tree: each is a page, a workbook, a csv and an API from the same columns."""

from .organisations import (
    GROUPS,
    OrganisationLedger,
)
from .terms import ElectionLedger, TermLedger

__all__ = [
    "GROUPS",
    "ElectionLedger",
    "OrganisationLedger",
    "TermLedger",
]
