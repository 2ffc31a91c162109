"""Routes of transfers and departures."""

from __future__ import annotations

from typing import Any

from django.urls import path

from . import api_transfers as api
from .views import departures, transfer_steps, transfers

urlpatterns: list[Any] = [
    path("members/options/", transfers.MemberOptions.as_view()),
    path("transfers/", transfers.TransferList.as_view()),
    path("transfers/branches/", transfers.BranchOptions.as_view()),
    path("transfers/new/", transfer_steps.RequestTransfer.as_view()),
    path("transfers/arrive/", transfer_steps.RequestArrival.as_view()),
    path("transfers/approve/", transfer_steps.ApproveTransfers.as_view()),
    path("transfers/<int:pk>/", transfers.TransferPage.as_view()),
    path("transfers/<int:pk>/print/", transfers.LetterPage.as_view()),
    path("transfers/<int:pk>/check/", transfer_steps.CheckTransfer.as_view()),
    path("transfers/<int:pk>/approve/", transfer_steps.ApproveTransfer.as_view()),
    path("transfers/<int:pk>/letter/", transfer_steps.IssueLetter.as_view()),
    path("transfers/<int:pk>/accept/", transfer_steps.AcceptTransfer.as_view()),
    path("transfers/<int:pk>/return/", transfer_steps.ReturnTransfer.as_view()),
    path("transfers/<int:pk>/cancel/", transfer_steps.CancelTransfer.as_view()),
    path("departures/", departures.DepartureList.as_view()),
    path("departures/new/", departures.RecordDeparture.as_view()),
    path("departures/<int:pk>/", departures.DeparturePage.as_view()),
    path("departures/<int:pk>/place/", departures.PlaceDeparture.as_view()),
    path("departures/<int:pk>/withdraw/", departures.WithdrawDeparture.as_view()),
    path("departures/<int:pk>/edit/", departures.ChangeDeparture.as_view()),
    path("api/v1/transfers/", api.RequestAPI.as_view()),
    path("api/v1/transfers/<int:pk>/", api.TransferAPI.as_view()),
    path("api/v1/transfers/<int:pk>/check/", api.CheckAPI.as_view()),
    path("api/v1/transfers/<int:pk>/approve/", api.ApproveAPI.as_view()),
    path("api/v1/transfers/<int:pk>/letter/", api.LetterAPI.as_view()),
    path("api/v1/transfers/<int:pk>/accept/", api.AcceptAPI.as_view()),
    path("api/v1/transfers/<int:pk>/return/", api.ReturnAPI.as_view()),
    path("api/v1/transfers/<int:pk>/cancel/", api.CancelAPI.as_view()),
    path("api/v1/departures/", api.DepartureAPI.as_view()),
    path("api/v1/departures/<int:pk>/place/", api.PlaceAPI.as_view()),
]
