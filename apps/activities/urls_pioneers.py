"""Routes of pioneer posts, promises and suggestions."""

from __future__ import annotations

from typing import Any

from django.urls import path

from .api import pioneers as api
from .views import pioneers, pledges, suggestions

urlpatterns: list[Any] = [
    path("pioneer-posts/", pioneers.PostList.as_view()),
    path("pioneer-posts/new/", pioneers.SetUpPost.as_view()),
    path("pioneer-posts/counts/", pioneers.PostCounts.as_view()),
    path("pioneer-posts/<int:pk>/", pioneers.PostPage.as_view()),
    path("pioneer-posts/<int:pk>/edit/", pioneers.EditPost.as_view()),
    path("pioneer-posts/<int:pk>/members/", pioneers.ManPost.as_view()),
    path("pioneer-posts/<int:pk>/end/", pioneers.EndPost.as_view()),
    path("pioneer-posts/<int:pk>/attach/", pioneers.AttachToPost.as_view()),
    path("pledges/", pledges.PledgeList.as_view()),
    path("pledges/new/", pledges.MakePledges.as_view()),
    path("pledges/<int:pk>/", pledges.PledgePage.as_view()),
    path("pledges/<int:pk>/edit/", pledges.EditPledge.as_view()),
    path("pledges/<int:pk>/progress/", pledges.NoteProgress.as_view()),
    path("pledges/<int:pk>/verify/", pledges.VerifyPledge.as_view()),
    path("pledges/<int:pk>/withdraw/", pledges.WithdrawVerdict.as_view()),
    path("suggestions/", suggestions.SuggestionList.as_view()),
    path("suggestions/new/", suggestions.Propose.as_view()),
    path("suggestions/<int:pk>/", suggestions.SuggestionPage.as_view()),
    path("suggestions/<int:pk>/edit/", suggestions.EditSuggestion.as_view()),
    path("suggestions/<int:pk>/answer/", suggestions.AnswerSuggestion.as_view()),
    path("suggestions/<int:pk>/effect/", suggestions.TellEffect.as_view()),
    path("api/v1/pioneer-posts/", api.SetUpPostAPI.as_view()),
    path("api/v1/pioneer-posts/<int:pk>/", api.PioneerPostItemAPI.as_view()),
    path("api/v1/pioneer-posts/<int:pk>/members/", api.ManPostAPI.as_view()),
    path("api/v1/pioneer-posts/<int:pk>/end/", api.EndPioneerPostAPI.as_view()),
    path("api/v1/pledges/", api.MakePledgesAPI.as_view()),
    path("api/v1/pledges/<int:pk>/", api.PledgeItemAPI.as_view()),
    path("api/v1/pledges/<int:pk>/progress/", api.PledgeProgressAPI.as_view()),
    path("api/v1/pledges/<int:pk>/verify/", api.VerifyPledgeAPI.as_view()),
    path("api/v1/pledges/<int:pk>/withdraw/", api.WithdrawVerdictAPI.as_view()),
    path("api/v1/suggestions/", api.ProposeAPI.as_view()),
    path("api/v1/suggestions/<int:pk>/", api.SuggestionItemAPI.as_view()),
    path("api/v1/suggestions/<int:pk>/answer/", api.AnswerSuggestionAPI.as_view()),
    path("api/v1/suggestions/<int:pk>/effect/", api.SuggestionEffectAPI.as_view()),
]
