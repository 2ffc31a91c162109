"""Rosters: who belongs to which branch on which day."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from apps.branches.querysets import matching_name
from apps.core.dated import DatedQuerySet
from apps.core.periods import add_months
from apps.core.scoping import ScopedQuerySet
from apps.core.sealing import fingerprint

from ..kinds import Relation
from ..rules.membership import PROBATION_MONTHS

LONG_AGO = datetime.date(1900, 1, 1)


def joining_key(prefix: str = "") -> Coalesce:
    """入党日期 as something to sort by, long ago for whom it is not known of; `prefix` leads to the member."""
    return Coalesce(f"{prefix}joined_on", Value(LONG_AGO))


def called(text: str) -> Q:
    """Whose name or pinyin initials hold the text, or who has it as code; both by an index."""
    return matching_name(text) | Q(code=text.strip().upper())


class MemberQuerySet(ScopedQuerySet):
    def on_roster(self) -> Any:
        """Those whose relation is in a branch of the portal today."""
        return self.filter(relation=Relation.HERE)

    def formal(self, on: datetime.date) -> Any:
        """正式党员 on the day."""
        return self.filter(formal_on__lte=on)

    def probationary(self, on: datetime.date) -> Any:
        """预备党员 on the day."""
        return self.filter(Q(formal_on__isnull=True) | Q(formal_on__gt=on))

    def probation_ending(self, by: datetime.date) -> Any:
        """预备党员 on a roster whose probation ends by the day, as `rules.membership.probation_end` has it."""
        admitted = Q(probation_until__isnull=True, joined_on__lte=add_months(by, -PROBATION_MONTHS))
        ends = admitted | Q(probation_until__lte=by)
        return self.on_roster().filter(ends, formal_on__isnull=True, joined_on__isnull=False)

    def with_id_number(self, number: str) -> Any:
        """The person of an ID number, by its keyed hash."""
        return self.filter(id_number_index=fingerprint(number, "id_number"))

    def with_phone(self, number: str) -> Any:
        return self.filter(phone_index=fingerprint(number, "phone"))

    def matching(self, text: str) -> Any:
        """By name or pinyin initials, or by the exact code."""
        return self.filter(called(text))


class MembershipQuerySet(DatedQuerySet):
    def formal(self, on: datetime.date) -> Any:
        """Memberships of those who were 正式党员 on the day."""
        return self.filter(member__formal_on__lte=on)
