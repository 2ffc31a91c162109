"""The books of the register: each is a page, a workbook, a csv and an API from the same columns."""

from .cover import EstablishmentLedger, InstructorLedger, VisitLedger
from .places import BuildingLedger, ParkLedger
from .roster import EnterpriseRoster, EnterpriseSheets

__all__ = [
    "BuildingLedger",
    "EnterpriseRoster",
    "EnterpriseSheets",
    "EstablishmentLedger",
    "InstructorLedger",
    "ParkLedger",
    "VisitLedger",
]
