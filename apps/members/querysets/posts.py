"""Post holders, talents, and the register of the united front."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q

from apps.branches.querysets import matching_name
from apps.core.dated import DatedQuerySet
from apps.core.scoping import ScopedQuerySet

from ..kinds import COMMITTEE_ROLES, PostRole
from ..rules.posts import CertificateState


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

    def with_certificate(self, state: str, on: datetime.date, notice_days: int) -> Any:
        """Those whose certificate is in this state on the day, as `rules.posts.certificate_state` has it."""
        if state == CertificateState.NONE:
            return self.filter(certificate="")
        soon = on + datetime.timedelta(days=notice_days)
        conditions = {
            CertificateState.VALID: Q(expires_on__isnull=True) | Q(expires_on__gt=soon),
            CertificateState.EXPIRING: Q(expires_on__gt=on, expires_on__lte=soon),
            CertificateState.EXPIRED: Q(expires_on__lte=on),
        }
        return self.exclude(certificate="").filter(conditions[CertificateState(state)])


class UnitedFrontQuerySet(ScopedQuerySet):
    def present(self) -> Any:
        """Those who have not left the park."""
        return self.filter(left_on__isnull=True)

    def matching(self, text: str) -> Any:
        return self.filter(matching_name(text))
