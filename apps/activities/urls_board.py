"""Routes of what is due, what was done, the calendar, and what the office sets."""

from django.urls import path

from .views import board, calendar, due, requirements

urlpatterns = [
    path("activities/board/", board.BoardPage.as_view()),
    path("activities/board/names/", board.BoardNames.as_view()),
    path("activities/board/workbook/", board.BoardWorkbook.as_view()),
    path("activities/due/", due.DuePage.as_view()),
    path("activities/due/members/", due.MembersDue.as_view()),
    path("activities/calendar/", calendar.CalendarPage.as_view()),
    path("activities/settings/", requirements.SettingsPage.as_view()),
    path("activities/settings/requirements/new/", requirements.SetRequirement.as_view()),
    path("activities/settings/requirements/<int:pk>/", requirements.RequirementHistory.as_view()),
    path("activities/settings/requirements/<int:pk>/end/", requirements.EndRequirement.as_view()),
    path("activities/settings/kinds/new/", requirements.AddKind.as_view()),
    path("activities/settings/kinds/<int:pk>/", requirements.EditKind.as_view()),
    path("activities/settings/forms/new/", requirements.AddForm.as_view()),
    path("activities/settings/forms/<int:pk>/", requirements.EditForm.as_view()),
]
