from django.urls import include, path

from . import views_filters, views_jobs

urlpatterns = [
    path("jobs/", views_jobs.JobListView.as_view()),
    path("jobs/<int:pk>/", views_jobs.JobView.as_view()),
    path("jobs/<int:pk>/file/", views_jobs.JobFileView.as_view()),
    path("filters/", views_filters.FilterList.as_view()),
    path("filters/<str:code>/", views_filters.SaveFilterView.as_view()),
    path("filters/delete/<int:pk>/", views_filters.DeleteFilterView.as_view()),
    path("", include("apps.core.urls_imports")),
    path("", include("apps.core.urls_admin")),
]
