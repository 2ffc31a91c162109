"""Routes of lecturers, training, hours, forms, themes and materials."""

from __future__ import annotations

from typing import Any

from django.urls import path

from .views import forms_counts, held, lecturers, materials, themes, training

urlpatterns: list[Any] = [
    path("activities/forms/", forms_counts.FormsPage.as_view()),
    path("activities/held/", held.HeldList.as_view()),
    path("lecturers/", lecturers.LecturerList.as_view()),
    path("lecturers/new/", lecturers.AddLecturer.as_view()),
    path("lecturers/offered/", lecturers.OfferedLecturers.as_view()),
    path("lecturers/offered/<int:pk>/", lecturers.InviteLecturer.as_view()),
    path("lecturers/bookings/", lecturers.LecturerBookingList.as_view()),
    path("lecturers/bookings/<int:pk>/", lecturers.LecturerBookingPage.as_view()),
    path("lecturers/bookings/<int:pk>/answer/", lecturers.AnswerInvitation.as_view()),
    path("lecturers/bookings/<int:pk>/cancel/", lecturers.CancelInvitation.as_view()),
    path("lecturers/<int:pk>/", lecturers.LecturerPage.as_view()),
    path("lecturers/<int:pk>/edit/", lecturers.EditLecturer.as_view()),
    path("lecturers/<int:pk>/release/", lecturers.ReleaseLecturer.as_view()),
    path("training/", training.TrainingList.as_view()),
    path("training/new/", training.PlanClass.as_view()),
    path("training/secretaries/", training.SecretaryTrainingList.as_view()),
    path("training/hours/", training.HoursList.as_view()),
    path("training/<int:pk>/", training.ClassPage.as_view()),
    path("training/<int:pk>/roster/", training.EditRoster.as_view()),
    path("training/<int:pk>/mark/", training.MarkClass.as_view()),
    path("themes/", themes.ThemesPage.as_view()),
    path("themes/new/", themes.SetTheme.as_view()),
    path("themes/<int:pk>/", themes.ThemePage.as_view()),
    path("themes/<int:pk>/edit/", themes.EditTheme.as_view()),
    path("themes/<int:pk>/withdraw/", themes.WithdrawTheme.as_view()),
    path("materials/", materials.MaterialsPage.as_view()),
    path("materials/new/", materials.PublishMaterial.as_view()),
    path("materials/<int:pk>/", materials.MaterialPage.as_view()),
    path("materials/<int:pk>/edit/", materials.EditMaterial.as_view()),
    path("materials/<int:pk>/attach/", materials.AttachToMaterial.as_view()),
    path("materials/<int:pk>/withdraw/", materials.WithdrawMaterial.as_view()),
    path("materials/<int:pk>/files/<int:file>/", materials.MaterialFile.as_view()),
]
