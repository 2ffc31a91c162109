from importlib.util import find_spec

from django.urls import include, path

from . import views_own

PARTS = ("urls_imports", "urls_admin")

urlpatterns = [
    path("jobs/", views_own.JobListView.as_view()),
    path("jobs/<int:pk>/", views_own.JobView.as_view()),
    path("jobs/<int:pk>/file/", views_own.JobFileView.as_view()),
    path("filters/<str:code>/", views_own.SaveFilterView.as_view()),
    path("filters/delete/<int:pk>/", views_own.DeleteFilterView.as_view()),
    *(path("", include(f"apps.core.{part}")) for part in PARTS if find_spec(f"apps.core.{part}")),
]
