"""Questions about organisational life, each with its date; one module for each group of nouns."""

from .duties import RequirementQuerySet
from .education import LecturerBookingQuerySet, LecturerQuerySet, ThemeQuerySet
from .pioneers import PioneerPostQuerySet, PledgeQuerySet, PostMemberQuerySet, SuggestionQuerySet
from .records import ActivityQuerySet, AttendanceQuerySet, ParticipationQuerySet
from .reviews import ReviewQuerySet, ReviewResultQuerySet
from .tips import PointQuerySet, ReceiptQuerySet, TipSheetQuerySet
from .venues import BookingQuerySet, VenueQuerySet

__all__ = [
    "ActivityQuerySet",
    "AttendanceQuerySet",
    "BookingQuerySet",
    "LecturerBookingQuerySet",
    "LecturerQuerySet",
    "ParticipationQuerySet",
    "PioneerPostQuerySet",
    "PledgeQuerySet",
    "PointQuerySet",
    "PostMemberQuerySet",
    "ReceiptQuerySet",
    "RequirementQuerySet",
    "ReviewQuerySet",
    "ReviewResultQuerySet",
    "SuggestionQuerySet",
    "ThemeQuerySet",
    "TipSheetQuerySet",
    "VenueQuerySet",
]
