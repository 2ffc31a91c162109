"""How the books of the tree come in from workbooks; each pairs with the ledger of its code."""

from .organisations import (
    SHAPE,
    MaskedPhone,
    OrganisationImport,
    OrgCode,
)
from .terms import TermImport

__all__ = [
    "SHAPE",
    "MaskedPhone",
    "OrgCode",
    "OrganisationImport",
    "TermImport",
]
