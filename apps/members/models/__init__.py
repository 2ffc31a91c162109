"""The nouns of the roster."""

from .member import Honour, Member, Membership
from .mobile import ContactNote, DualAgreement, LostContact, MobileRecord, Visitor
from .posts import Post, Talent, UnitedFrontPerson
from .reconciliation import Reconciliation
from .transfers import Departure, Transfer

__all__ = [
    "ContactNote",
    "Departure",
    "DualAgreement",
    "Honour",
    "LostContact",
    "Member",
    "Membership",
    "MobileRecord",
    "Post",
    "Reconciliation",
    "Talent",
    "Transfer",
    "UnitedFrontPerson",
    "Visitor",
]
