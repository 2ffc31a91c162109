"""Every write to the organisation tree, one module for each group of nouns."""

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
    "change_organization",
    "dissolve_organization",
    "found_organization",
    "move_organization",
    "rename_organization",
    "restore_organization",
    "upgrade_organization",
]
