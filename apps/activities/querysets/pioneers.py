"""Pioneer posts, pledges, suggestions."""

from __future__ import annotations

import datetime
from typing import Any

from django.apps import apps
from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from apps.core.dated import DatedQuerySet, in_force
from apps.core.scoping import ScopedQuerySet
from apps.members.kinds import Relation

from ..rules.pioneers import OPEN_PLEDGES, TAKEN_UP


class PioneerPostQuerySet(DatedQuerySet):
    """Posts, each from a date until a date."""

    def with_vacancy(self, on: datetime.date) -> Any:
        """Posts at which somebody has a seat on the day who is no longer on the roster of the branch."""
        seats = apps.get_model("activities", "PostMember").objects.as_of(on).with_holding(on)
        return self.filter(Exists(seats.filter(post=OuterRef("pk"), held=False)))


class PostMemberQuerySet(DatedQuerySet):
    """Seats at pioneer posts."""

    def crews(self, on: datetime.date) -> Any:
        """Who is at the posts on the day; of a post that has ended by then, who was at it to the end."""
        return self.filter(in_force(on) | Q(until__lte=on, until=F("post__until")))

    def with_holding(self, on: datetime.date) -> Any:
        """Annotate `held`: whether the member is, on the day, still of the organisation of the post.

        On its roster, or of the roster of a branch below it; or somebody whose relation is elsewhere and whom it looks
        after today (of whom no dated roster is kept).
        """
        rosters = apps.get_model("members", "Membership").objects.as_of(on).filter(member=OuterRef("member"))
        looked_after = Q(member__relation=Relation.ELSEWHERE, member__org_path__startswith=F("post__org_path"))
        return self.annotate(
            held=Exists(rosters.filter(org_path__startswith=OuterRef("post__org_path"))) | Q(looked_after)
        )


class PledgeQuerySet(ScopedQuerySet):
    """Public promises."""

    def open(self) -> Any:
        """Not verified yet."""
        return self.filter(state__in=OPEN_PLEDGES)

    def overdue(self, on: datetime.date) -> Any:
        """Open beyond the day by which they were to be kept."""
        return self.open().filter(due_on__lt=on)


class SuggestionQuerySet(ScopedQuerySet):
    """Suggestions to enterprises."""

    def counted(self) -> dict[str, Any]:
        """条数, 采纳 (with or without an effect), 见效 and 效益 in 万元 of these rows. One query."""
        found: dict[str, Any] = self.order_by().aggregate(
            proposed=Count("pk"), adopted=Count("pk", filter=Q(state__in=TAKEN_UP)), benefit=Sum("benefit")
        )
        return found
