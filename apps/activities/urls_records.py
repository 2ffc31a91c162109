"""Routes of the records of activities: the list, the form, the page of one, what is decided about it."""

from django.urls import path

from .views import records, records_form, records_page, records_side, sign_in

urlpatterns = [
    path("activities/", records.RecordList.as_view()),
    path("activities/new/", records_form.NewRecord.as_view()),
    path("activities/review/", records.ReviewList.as_view()),
    path("activities/review/confirm/", records.ConfirmRecords.as_view()),
    path("activities/<int:pk>/", records_page.RecordDetail.as_view()),
    path("activities/<int:pk>/edit/", records_form.EditRecord.as_view()),
    path("activities/<int:pk>/review/", records.ReviewRecord.as_view()),
    path("activities/<int:pk>/cancel/", records.CancelRecord.as_view()),
    path("activities/<int:pk>/attendance/", records_side.MarkOwnSide.as_view()),
    path("activities/<int:pk>/attach/", records.AttachToRecord.as_view()),
    path("activities/<int:pk>/sign-in/", sign_in.SignInPage.as_view()),
    path("activities/<int:pk>/sign-in/open/", sign_in.OpenSignIn.as_view()),
    path("activities/<int:pk>/sign-in/close/", sign_in.CloseSignIn.as_view()),
    path("check-in/<str:token>/", sign_in.CheckIn.as_view()),
]
