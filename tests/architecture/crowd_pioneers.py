"""Posts, promises, suggestions and reviews of many branches, for the laws that count queries and for the matrices."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from apps.activities.models import PioneerPost, Pledge, PostMember, ReviewResult, ReviewRound, Suggestion
from apps.members.models import Member

DAY = datetime.date(2026, 9, 10)
DUE = datetime.date(2026, 12, 31)


def crowd_pioneers(people: Sequence[Member]) -> None:
    """Everybody mans a post, promises, proposes, and is reviewed, each in the own branch and enterprise."""
    posts = PioneerPost.objects.bulk_create(
        PioneerPost(org=each.org, kind="post", name=f"{each.name}岗", since=DAY, enterprise=each.employer)
        for each in people
    )
    PostMember.objects.bulk_create(
        PostMember(post=post, member=each, org=each.org, leads=True, since=DAY)
        for post, each in zip(posts, people, strict=True)
    )
    Pledge.objects.bulk_create(
        Pledge(member=each, post=post, org=each.org, content="带徒弟", made_on=DAY, due_on=DUE)
        for post, each in zip(posts, people, strict=True)
    )
    Suggestion.objects.bulk_create(
        Suggestion(
            member=each, org=each.org, proposer=each.name, enterprise=each.employer, content="改进", proposed_on=DAY
        )
        for each in people
    )
    rounds = ReviewRound.objects.bulk_create(
        ReviewRound(org=each.org, kind="democratic", year=2026, held_on=DAY) for each in people
    )
    ReviewResult.objects.bulk_create(
        ReviewResult(round=found, member=each, org=each.org, grade="qualified")
        for found, each in zip(rounds, people, strict=True)
    )


def lay_pioneers(roster: Any) -> None:
    """The same for a member of each branch of the cast, own, beside and sibling."""
    crowd_pioneers([roster.worker_a1, roster.worker_b1, roster.sibling_1])
