from django.urls import path

from . import api, views, views_corrections, views_definitions

urlpatterns = [
    path("coverage/", views.CoverageView.as_view()),
    path("coverage/names/", views.NamesView.as_view()),
    path("coverage/gap/", views.GapView.as_view()),
    path("coverage/workbook/", views.WorkbookView.as_view()),
    path("coverage/snapshots/<int:pk>/correct/", views_corrections.CorrectionCreateView.as_view()),
    path("coverage/corrections/<int:pk>/", views_corrections.CorrectionView.as_view()),
    path("coverage/corrections/<int:pk>/approve/", views_corrections.CorrectionApproveView.as_view()),
    path("coverage/definitions/", views_definitions.DefinitionListView.as_view()),
    path("coverage/definitions/new/", views_definitions.DefinitionCreateView.as_view()),
    path("coverage/definitions/<int:pk>/end/", views_definitions.DefinitionEndView.as_view()),
    path("api/v1/coverage/", api.CoverageAPI.as_view()),
]
