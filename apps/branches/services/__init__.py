"""Every write to the organisation tree, one module for each group of nouns."""

from .merging import Part, dissolve_into, merge_organizations, split_organization
from .organisations import (
    CONTACTS,
    FACTS,
    change_organization,
    dissolve_organization,
    found_organization,
    move_organization,
    rename_organization,
    restore_organization,
    upgrade_organization,
)

__all__ = [
    "CONTACTS",
    "FACTS",
    "Part",
    "change_organization",
    "dissolve_into",
    "dissolve_organization",
    "found_organization",
    "merge_organizations",
    "move_organization",
    "rename_organization",
    "restore_organization",
    "split_organization",
    "upgrade_organization",
]
