"""Routes of 民主评议 and 三评议."""

from __future__ import annotations

from typing import Any

from django.urls import path

from .api import reviews as api
from .views import review_results as results
from .views import reviews

urlpatterns: list[Any] = [
    path("reviews/", reviews.RoundList.as_view()),
    path("reviews/new/", reviews.OpenReview.as_view()),
    path("reviews/results/", reviews.ResultList.as_view()),
    path("reviews/results/<int:pk>/", results.ResultPage.as_view()),
    path("reviews/results/<int:pk>/edit/", results.EditResult.as_view()),
    path("reviews/results/<int:pk>/talk/", results.RecordTalk.as_view()),
    path("reviews/results/<int:pk>/waive/", results.WaiveTalk.as_view()),
    path("reviews/results/<int:pk>/finish/", results.FinishHelp.as_view()),
    path("reviews/<int:pk>/", reviews.RoundPage.as_view()),
    path("reviews/<int:pk>/edit/", reviews.EditRound.as_view()),
    path("reviews/<int:pk>/enter/", reviews.EnterResults.as_view()),
    path("reviews/<int:pk>/roster/", reviews.RefreshRoster.as_view()),
    path("reviews/<int:pk>/close/", reviews.CloseRound.as_view()),
    path("reviews/<int:pk>/reopen/", reviews.ReopenRound.as_view()),
    path("reviews/<int:pk>/withdraw/", reviews.WithdrawRound.as_view()),
    path("api/v1/reviews/", api.OpenReviewAPI.as_view()),
    path("api/v1/reviews/<int:pk>/", api.ReviewItemAPI.as_view()),
    path("api/v1/reviews/<int:pk>/enter/", api.EnterResultsAPI.as_view()),
    path("api/v1/reviews/<int:pk>/close/", api.CloseReviewAPI.as_view()),
    path("api/v1/reviews/<int:pk>/reopen/", api.ReopenReviewAPI.as_view()),
    path("api/v1/reviews/results/<int:pk>/talk/", api.TalkAPI.as_view()),
    path("api/v1/reviews/results/<int:pk>/waive/", api.WaiveTalkAPI.as_view()),
    path("api/v1/reviews/results/<int:pk>/finish/", api.FinishHelpAPI.as_view()),
]
