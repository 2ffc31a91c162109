"""Post holders, talents, and the register of the united front."""

from __future__ import annotations

from typing import Any

from apps.branches.querysets import matching_name
from apps.core.dated import DatedQuerySet
from apps.core.scoping import ScopedQuerySet

from ..kinds import COMMITTEE_ROLES, PostRole


class PostQuerySet(DatedQuerySet):
    def secretaries(self) -> Any:
        return self.filter(role=PostRole.SECRETARY)

    def committee(self) -> Any:
        """Seats of the committee: 书记、副书记 and 委员."""
        return self.filter(role__in=COMMITTEE_ROLES)


class TalentQuerySet(ScopedQuerySet):
    def available(self) -> Any:
        """Those who are in the pool."""
        return self.filter(left_on__isnull=True)


class UnitedFrontQuerySet(ScopedQuerySet):
    def present(self) -> Any:
        """Those who have not left the park."""
        return self.filter(left_on__isnull=True)

    def matching(self, text: str) -> Any:
        return self.filter(matching_name(text))
