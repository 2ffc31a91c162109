from django.urls import path

from . import views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("todo/", views.TodoView.as_view()),
    path("search/", views.SearchView.as_view()),
    path("help/", views.HelpView.as_view()),
    path("menu/", views.MenuView.as_view()),
]
