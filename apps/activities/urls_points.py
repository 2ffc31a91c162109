"""Routes of points."""

from __future__ import annotations

from typing import Any

from django.urls import path

from .api import points as api
from .views import point_entries, point_rules, points

urlpatterns: list[Any] = [
    path("points/", points.PointsPage.as_view()),
    path("points/new/", point_entries.EnterPoints.as_view()),
    path("points/publish/", points.Publish.as_view()),
    path("points/publications/<int:pk>/", points.PublicationPage.as_view()),
    path("points/entries/", point_entries.PointList.as_view()),
    path("points/entries/confirm/", point_entries.ConfirmMany.as_view()),
    path("points/entries/refuse/", point_entries.RefuseMany.as_view()),
    path("points/entries/<int:pk>/", point_entries.PointPage.as_view()),
    path("points/entries/<int:pk>/withdraw/", point_entries.WithdrawEntry.as_view()),
    path("points/entries/<int:pk>/correct/", point_entries.CorrectEntry.as_view()),
    path("points/rules/", point_rules.PointRules.as_view()),
    path("points/rules/new/", point_rules.SetRule.as_view()),
    path("points/rules/<int:pk>/end/", point_rules.EndRule.as_view()),
    path("api/v1/points/", api.EnterPointsAPI.as_view()),
    path("api/v1/points/decide/", api.DecidePointsAPI.as_view()),
    path("api/v1/points/<int:pk>/", api.PointEntryAPI.as_view()),
]
