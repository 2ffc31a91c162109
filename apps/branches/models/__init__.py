"""The nouns of the organisation tree, one module for each group of them."""

from .organisations import Grams, OrgEvent, OrgOwned, PartyOrg, Shared
from .restructuring import Restructuring, RestructuringStep
from .terms import Election, ElectionCandidate, Term, VoterExclusion

__all__ = [
    "Election",
    "ElectionCandidate",
    "Grams",
    "OrgEvent",
    "OrgOwned",
    "PartyOrg",
    "Restructuring",
    "RestructuringStep",
    "Shared",
    "Term",
    "VoterExclusion",
]
