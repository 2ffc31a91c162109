"""Routes of the import pages. A ledger code has a dot in it, a batch is a number."""

from django.urls import path

from . import views_imports as views

urlpatterns = [
    path("imports/", views.BatchListView.as_view()),
    path("imports/<int:pk>/map/", views.MapView.as_view()),
    path("imports/<int:pk>/check/", views.CheckView.as_view()),
    path("imports/<int:pk>/commit/", views.CommitView.as_view()),
    path("imports/<int:pk>/undo/", views.UndoView.as_view()),
    path("imports/<int:pk>/discard/", views.DiscardView.as_view()),
    path("imports/<int:pk>/annotated/", views.AnnotatedView.as_view()),
    path("imports/<str:code>/", views.UploadView.as_view()),
    path("imports/<str:code>/template/", views.TemplateView.as_view()),
]
