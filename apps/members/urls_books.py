"""Routes of what is counted and compared on the rosters."""

from django.urls import path

from .views import reconciliation, statistics

urlpatterns = [
    path("members/statistics/", statistics.StatisticsView.as_view()),
    path("members/statistics/workbook/", statistics.StatisticsWorkbook.as_view()),
    path("members/reconciliation/", reconciliation.ReconciliationStart.as_view()),
    path("members/reconciliation/<int:pk>/", reconciliation.ReconciliationPage.as_view()),
    path("members/reconciliation/<int:pk>/map/", reconciliation.ReconciliationMap.as_view()),
    path("members/reconciliation/<int:pk>/workbook/", reconciliation.ReconciliationWorkbook.as_view()),
    path("members/reconciliation/<int:pk>/discard/", reconciliation.ReconciliationDiscard.as_view()),
]
