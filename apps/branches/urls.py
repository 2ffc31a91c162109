"""Pages under /orgs/ and the API under /api/v1/orgs/."""

from django.urls import path

from . import api, views, views_changes

urlpatterns = [
    path("orgs/", views.OrgTreeView.as_view()),
    path("orgs/list/", views.OrgListView.as_view()),
    path("orgs/options/", views.OrgOptionsView.as_view()),
    path("orgs/<int:pk>/", views.OrgView.as_view()),
    path("orgs/<int:pk>/found/", views_changes.FoundView.as_view()),
    path("orgs/<int:pk>/edit/", views_changes.OrgEditView.as_view()),
    path("orgs/<int:pk>/rename/", views_changes.RenameView.as_view()),
    path("orgs/<int:pk>/upgrade/", views_changes.UpgradeView.as_view()),
    path("orgs/<int:pk>/move/", views_changes.MoveView.as_view()),
    path("orgs/<int:pk>/dissolve/", views_changes.DissolveView.as_view()),
    path("orgs/<int:pk>/restore/", views_changes.RestoreView.as_view()),
    path("api/v1/orgs/", api.OrgListAPI.as_view()),
    path("api/v1/orgs/<int:pk>/", api.OrgItemAPI.as_view()),
    path("api/v1/orgs/<int:pk>/rename/", api.RenameAPI.as_view()),
    path("api/v1/orgs/<int:pk>/upgrade/", api.UpgradeAPI.as_view()),
    path("api/v1/orgs/<int:pk>/move/", api.MoveAPI.as_view()),
    path("api/v1/orgs/<int:pk>/dissolve/", api.DissolveAPI.as_view()),
    path("api/v1/orgs/<int:pk>/restore/", api.RestoreAPI.as_view()),
]
