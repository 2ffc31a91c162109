"""Routes of votes and of what meetings have decided to be done."""

from __future__ import annotations

from typing import Any

from django.urls import path

from .views import follow_ups, votes

urlpatterns: list[Any] = [
    path("activities/<int:pk>/votes/new/", votes.VotePage.as_view()),
    path("activities/<int:pk>/votes/preview/", votes.VotePreview.as_view()),
    path("activities/<int:pk>/follow-ups/new/", follow_ups.AddFollowUp.as_view()),
    path("votes/<int:pk>/edit/", votes.EditVote.as_view()),
    path("votes/<int:pk>/remove/", votes.RemoveVote.as_view()),
    path("follow-ups/", follow_ups.FollowUpList.as_view()),
    path("follow-ups/<int:pk>/edit/", follow_ups.EditFollowUp.as_view()),
    path("follow-ups/<int:pk>/done/", follow_ups.FinishFollowUp.as_view()),
    path("follow-ups/<int:pk>/drop/", follow_ups.DropFollowUp.as_view()),
]
