from django.urls import path

from . import api, views

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("todo/", views.TodoView.as_view()),
    path("search/", views.SearchView.as_view()),
    path("help/", views.HelpView.as_view()),
    path("menu/", views.MenuView.as_view()),
    path("api/v1/schema/", api.SchemaView.as_view(), name="api-schema"),
    path("api/v1/docs/", api.SwaggerView.as_view(), name="api-docs"),
]
