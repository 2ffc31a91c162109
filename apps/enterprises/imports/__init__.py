"""How the books of the register come in from workbooks; each pairs with the ledger of its code."""

from . import establishments, instructors, registry, roster, visits

__all__ = ["establishments", "instructors", "registry", "roster", "visits"]
