from django.urls import path

from . import api, views, views_handover

urlpatterns = [
    path("", views.HomeView.as_view(), name="home"),
    path("todo/", views.TodoView.as_view()),
    path("search/", views.SearchView.as_view()),
    path("help/", views.HelpView.as_view()),
    path("orgs/<int:pk>/handover/", views_handover.HandOver.as_view()),
    path("handovers/<int:pk>/", views_handover.HandoverPage.as_view()),
    path("handovers/<int:pk>/package/", views_handover.PackHandover.as_view()),
    path("menu/", views.MenuView.as_view()),
    path("api/v1/schema/", api.SchemaView.as_view(), name="api-schema"),
    path("api/v1/docs/", api.SwaggerView.as_view(), name="api-docs"),
]
