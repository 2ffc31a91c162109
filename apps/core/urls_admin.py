from django.urls import path

from . import views_admin, views_attachments, views_calendar

urlpatterns = [
    path("settings/parameters/", views_admin.ParameterList.as_view()),
    path("settings/parameters/<str:code>/", views_admin.ParameterPage.as_view()),
    path("settings/parameters/<str:code>/new/", views_admin.SetParameter.as_view()),
    path("settings/calendar/", views_calendar.CalendarPage.as_view()),
    path("settings/calendar/<str:day>/", views_calendar.SetDay.as_view()),
    path("settings/calendar/<str:day>/clear/", views_calendar.ClearDay.as_view()),
    path("audit/", views_admin.AuditPage.as_view()),
    path("audit/<int:pk>/", views_admin.AuditEntryPage.as_view()),
    path("attachments/<int:pk>/", views_attachments.AttachmentFile.as_view()),
    path("attachments/<int:pk>/delete/", views_attachments.RemoveAttachment.as_view()),
]
