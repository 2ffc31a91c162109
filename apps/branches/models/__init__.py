"""The nouns of the organisation tree, one module for each group of them."""

from .organisations import Grams, OrgEvent, OrgOwned, PartyOrg, Shared

__all__ = ["Grams", "OrgEvent", "OrgOwned", "PartyOrg", "Shared"]
