"""Routes of posts, talents and the united front."""

from __future__ import annotations

from typing import Any

from django.urls import path

from . import api_posts as api
from .views import posts, talents, united_front

urlpatterns: list[Any] = [
    path("posts/", posts.PostList.as_view()),
    path("posts/new/", posts.Appoint.as_view()),
    path("posts/vacant/", posts.VacancyList.as_view()),
    path("posts/elected/<int:pk>/", posts.SeatCommittee.as_view()),
    path("posts/<int:pk>/", posts.PostPage.as_view()),
    path("posts/<int:pk>/edit/", posts.EditPost.as_view()),
    path("posts/<int:pk>/end/", posts.EndPost.as_view()),
    path("posts/<int:pk>/withdraw/", posts.WithdrawPost.as_view()),
    path("posts/<int:pk>/attach/", posts.AttachToPost.as_view()),
    path("talents/", talents.TalentList.as_view()),
    path("talents/new/", talents.AddTalent.as_view()),
    path("talents/<int:pk>/", talents.TalentPage.as_view()),
    path("talents/<int:pk>/edit/", talents.EditTalent.as_view()),
    path("talents/<int:pk>/release/", talents.ReleaseTalent.as_view()),
    path("talents/<int:pk>/attach/", talents.AttachToTalent.as_view()),
    path("united-front/", united_front.UnitedFrontList.as_view()),
    path("united-front/new/", united_front.RegisterPerson.as_view()),
    path("united-front/<int:pk>/", united_front.PersonPage.as_view()),
    path("united-front/<int:pk>/edit/", united_front.EditPerson.as_view()),
    path("united-front/<int:pk>/leave/", united_front.PartWithPerson.as_view()),
    path("united-front/<int:pk>/reveal/", united_front.RevealPhone.as_view()),
    path("united-front/<int:pk>/attach/", united_front.AttachToPerson.as_view()),
    path("api/v1/posts/", api.AppointAPI.as_view()),
    path("api/v1/posts/<int:pk>/", api.PostItemAPI.as_view()),
    path("api/v1/posts/<int:pk>/end/", api.EndPostAPI.as_view()),
    path("api/v1/posts/<int:pk>/withdraw/", api.WithdrawPostAPI.as_view()),
    path("api/v1/talents/", api.AddTalentAPI.as_view()),
    path("api/v1/talents/<int:pk>/", api.TalentItemAPI.as_view()),
    path("api/v1/talents/<int:pk>/release/", api.ReleaseTalentAPI.as_view()),
    path("api/v1/united-front/", api.RegisterPersonAPI.as_view()),
    path("api/v1/united-front/<int:pk>/", api.PersonItemAPI.as_view()),
    path("api/v1/united-front/<int:pk>/leave/", api.PartWithPersonAPI.as_view()),
    path("api/v1/united-front/<int:pk>/reveal/", api.RevealPhoneAPI.as_view()),
]
