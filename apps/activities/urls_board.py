"""Routes of what is due, what was done, the calendar, and what the office sets."""

from django.urls import path

from .views import calendar

urlpatterns = [
    path("activities/calendar/", calendar.CalendarPage.as_view()),
]
