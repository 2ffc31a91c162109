"""The nouns of the organisation tree, one module for each group of them."""

from .organisations import Grams, OrgEvent, OrgOwned, PartyOrg, Shared
from .terms import Election, ElectionCandidate, Term, VoterExclusion

__all__ = [
    "Election",
    "ElectionCandidate",
    "Grams",
    "OrgEvent",
    "OrgOwned",
    "PartyOrg",
    "Shared",
    "Term",
    "VoterExclusion",
]
