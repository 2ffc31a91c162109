"""Questions about members, each with its date; one module for each group of nouns."""

from .member import MemberQuerySet, MembershipQuerySet
from .mobile import AgreementQuerySet, ContactQuerySet, LostContactQuerySet, MobileQuerySet
from .posts import PostQuerySet, TalentQuerySet, UnitedFrontQuerySet
from .transfers import DepartureQuerySet, TransferQuerySet

__all__ = [
    "AgreementQuerySet",
    "ContactQuerySet",
    "DepartureQuerySet",
    "LostContactQuerySet",
    "MemberQuerySet",
    "MembershipQuerySet",
    "MobileQuerySet",
    "PostQuerySet",
    "TalentQuerySet",
    "TransferQuerySet",
    "UnitedFrontQuerySet",
]
