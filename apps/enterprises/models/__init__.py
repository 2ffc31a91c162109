"""The nouns of the enterprise register."""

from .contacts import ActionPlan, Need, Visit
from .coverage_facts import Establishment, Instructor, InstructorAssignment, MassOrganization
from .enterprise import Condition, Enterprise
from .places import Building, Park

__all__ = [
    "ActionPlan",
    "Building",
    "Condition",
    "Enterprise",
    "Establishment",
    "Instructor",
    "InstructorAssignment",
    "MassOrganization",
    "Need",
    "Park",
    "Visit",
]
