"""Routes of venues and their bookings."""

from __future__ import annotations

from typing import Any

from django.urls import path

from .api import venues as api
from .views import bookings, venue_events, venues

urlpatterns: list[Any] = [
    path("venues/", venues.VenueList.as_view()),
    path("venues/new/", venues.RegisterVenue.as_view()),
    path("venues/offered/", bookings.OfferedVenues.as_view()),
    path("venues/offered/<int:pk>/", bookings.BookVenue.as_view()),
    path("venues/events/", venue_events.CentreEvents.as_view()),
    path("venues/bookings/", bookings.BookingList.as_view()),
    path("venues/bookings/<int:pk>/", bookings.BookingPage.as_view()),
    path("venues/bookings/<int:pk>/answer/", bookings.AnswerBooking.as_view()),
    path("venues/bookings/<int:pk>/cancel/", bookings.CancelBooking.as_view()),
    path("venues/<int:pk>/", venues.VenuePage.as_view()),
    path("venues/<int:pk>/edit/", venues.EditVenue.as_view()),
    path("venues/<int:pk>/check/", venues.CheckVenue.as_view()),
    path("venues/<int:pk>/close/", venues.CloseVenue.as_view()),
    path("venues/<int:pk>/attach/", venues.AttachToVenue.as_view()),
    path("api/v1/venues/", api.RegisterVenueAPI.as_view()),
    path("api/v1/venues/<int:pk>/", api.VenueItemAPI.as_view()),
    path("api/v1/venues/<int:pk>/check/", api.CheckVenueAPI.as_view()),
    path("api/v1/venues/<int:pk>/bookings/", api.BookVenueAPI.as_view()),
    path("api/v1/venue-bookings/<int:pk>/answer/", api.AnswerVenueAPI.as_view()),
    path("api/v1/venue-bookings/<int:pk>/cancel/", api.CancelVenueAPI.as_view()),
    path("api/v1/lecturers/<int:pk>/bookings/", api.InviteLecturerAPI.as_view()),
    path("api/v1/lecturer-bookings/<int:pk>/answer/", api.AnswerInvitationAPI.as_view()),
    path("api/v1/lecturer-bookings/<int:pk>/cancel/", api.CancelInvitationAPI.as_view()),
]
