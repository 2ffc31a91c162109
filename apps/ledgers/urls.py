from django.urls import path

from . import api, views

urlpatterns = [
    path("ledgers/", views.LedgerIndexView.as_view()),
    path("ledgers/<str:code>/", views.AnyLedgerView.as_view()),
    path("ledgers/<str:code>/export/", views.ExportView.as_view()),
    path("api/v1/ledgers/", api.LedgerListAPI.as_view()),
    *(path(f"api/v1/ledgers/{code}/", endpoint.as_view()) for code, endpoint in api.endpoints()),
]
