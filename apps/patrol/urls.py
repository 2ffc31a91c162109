from django.urls import path

from . import views

urlpatterns = [
    path("patrol/", views.PatrolView.as_view()),
    path("patrol/run/", views.RunView.as_view()),
    path("patrol/<int:pk>/", views.HitView.as_view()),
    path("patrol/<int:pk>/aside/", views.AsideView.as_view()),
    path("patrol/<int:pk>/again/", views.ListAgainView.as_view()),
]
