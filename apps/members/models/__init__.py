"""The nouns of the roster."""

from .member import Honour, Member, Membership
from .mobile import ContactNote, DualAgreement, LostContact, MobileRecord, Visitor
from .posts import Post, Talent, UnitedFrontPerson
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
    "Talent",
    "Transfer",
    "UnitedFrontPerson",
    "Visitor",
]
