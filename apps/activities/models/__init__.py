"""The nouns of organisational life."""

from .books import MadeBook
from .compliance import ComplianceChange, ComplianceFrozen, ComplianceSnapshot, ComplianceSummary
from .education import Lecturer, LecturerBooking, StudyMaterial, Theme
from .kinds import ActivityForm, ActivityKind, Requirement
from .pioneers import PioneerPost, Pledge, PostMember, Suggestion
from .records import Activity, Attendance, FollowUp, Participation, SignInCode, Vote
from .reviews import ReviewResult, ReviewRound
from .tips import PointEntry, PointPublication, PointRule, TipSheet, TipSheetLink, TipSheetReceipt
from .venues import Venue, VenueBooking

__all__ = [
    "Activity",
    "ActivityForm",
    "ActivityKind",
    "Attendance",
    "ComplianceChange",
    "ComplianceFrozen",
    "ComplianceSnapshot",
    "ComplianceSummary",
    "FollowUp",
    "Lecturer",
    "LecturerBooking",
    "MadeBook",
    "Participation",
    "PioneerPost",
    "Pledge",
    "PointEntry",
    "PointPublication",
    "PointRule",
    "PostMember",
    "Requirement",
    "ReviewResult",
    "ReviewRound",
    "SignInCode",
    "StudyMaterial",
    "Suggestion",
    "Theme",
    "TipSheet",
    "TipSheetLink",
    "TipSheetReceipt",
    "Venue",
    "VenueBooking",
    "Vote",
]
