from django.urls import path

from . import api, views, views_own

urlpatterns = [
    path("coverage/", views.CoverageView.as_view()),
    path("coverage/names/", views.NamesView.as_view()),
    path("coverage/gap/", views.GapView.as_view()),
    path("coverage/workbook/", views.WorkbookView.as_view()),
    path("coverage/snapshots/<int:pk>/correct/", views_own.CorrectionCreateView.as_view()),
    path("coverage/corrections/<int:pk>/", views_own.CorrectionView.as_view()),
    path("coverage/corrections/<int:pk>/approve/", views_own.CorrectionApproveView.as_view()),
    path("coverage/definitions/", views_own.DefinitionListView.as_view()),
    path("coverage/definitions/new/", views_own.DefinitionCreateView.as_view()),
    path("api/v1/coverage/", api.CoverageAPI.as_view()),
]
