"""Routes of what is counted and compared on the rosters."""

from django.urls import path

from .views import statistics

urlpatterns = [
    path("members/statistics/", statistics.StatisticsView.as_view()),
    path("members/statistics/workbook/", statistics.StatisticsWorkbook.as_view()),
]
