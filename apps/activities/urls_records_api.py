"""Routes of the records of activities for programs."""

from typing import Any

from django.urls import path

from .api import records as api

urlpatterns: list[Any] = [
    path("api/v1/activities/", api.ActivityListAPI.as_view()),
    path("api/v1/activities/confirm/", api.ConfirmAPI.as_view()),
    path("api/v1/activities/visitors/", api.VisitorsAPI.as_view()),
    path("api/v1/activities/<int:pk>/", api.ActivityItemAPI.as_view()),
    path("api/v1/activities/<int:pk>/submit/", api.SubmitAPI.as_view()),
    path("api/v1/activities/<int:pk>/return/", api.ReturnAPI.as_view()),
    path("api/v1/activities/<int:pk>/cancel/", api.CancelAPI.as_view()),
    path("api/v1/activities/<int:pk>/approve/", api.ApproveAPI.as_view()),
    path("api/v1/activities/<int:pk>/refuse/", api.RefuseAPI.as_view()),
    path("api/v1/activities/<int:pk>/attendance/", api.AttendanceAPI.as_view()),
]
