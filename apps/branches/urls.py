"""Pages under /orgs/, /terms/ and /elections/, and the API beside them."""

from django.urls import path

from . import api, api_restructuring, views, views_changes, views_merging
from . import views_restructuring as plans
from . import views_restructuring_steps as steps
from .urls_terms import urlpatterns as terms

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
    path("orgs/<int:pk>/merge/", views_merging.MergeView.as_view()),
    path("orgs/<int:pk>/split/", views_merging.SplitView.as_view()),
    path("orgs/<int:pk>/dissolve/", views_changes.DissolveView.as_view()),
    path("orgs/<int:pk>/restore/", views_changes.RestoreView.as_view()),
    path("restructurings/", plans.RestructuringListView.as_view()),
    path("restructurings/new/", plans.DraftView.as_view()),
    path("restructurings/<int:pk>/", plans.RestructuringView.as_view()),
    path("restructurings/<int:pk>/edit/", plans.PlanEditView.as_view()),
    path("restructurings/<int:pk>/preview/", plans.PreviewView.as_view()),
    path("restructurings/<int:pk>/apply/", plans.ApplyView.as_view()),
    path("restructurings/<int:pk>/discard/", plans.DiscardView.as_view()),
    path("restructurings/<int:pk>/recall/", plans.RecallView.as_view()),
    path("restructurings/<int:pk>/steps/new/<str:kind>/", steps.StepCreateView.as_view()),
    path("restructurings/<int:pk>/steps/<int:step>/", steps.StepEditView.as_view()),
    path("restructurings/<int:pk>/steps/<int:step>/remove/", steps.StepRemoveView.as_view()),
    path("restructurings/<int:pk>/steps/<int:step>/raise/", steps.StepRaiseView.as_view()),
    path("api/v1/orgs/", api.OrgListAPI.as_view()),
    path("api/v1/orgs/<int:pk>/", api.OrgItemAPI.as_view()),
    path("api/v1/orgs/<int:pk>/rename/", api.RenameAPI.as_view()),
    path("api/v1/orgs/<int:pk>/upgrade/", api.UpgradeAPI.as_view()),
    path("api/v1/orgs/<int:pk>/move/", api.MoveAPI.as_view()),
    path("api/v1/orgs/<int:pk>/merge/", api_restructuring.MergeAPI.as_view()),
    path("api/v1/orgs/<int:pk>/split/", api_restructuring.SplitAPI.as_view()),
    path("api/v1/orgs/<int:pk>/dissolve/", api.DissolveAPI.as_view()),
    path("api/v1/orgs/<int:pk>/restore/", api.RestoreAPI.as_view()),
    path("api/v1/restructurings/", api_restructuring.RestructuringListAPI.as_view()),
    path("api/v1/restructurings/<int:pk>/", api_restructuring.RestructuringItemAPI.as_view()),
    path("api/v1/restructurings/<int:pk>/steps/", api_restructuring.StepListAPI.as_view()),
    path("api/v1/restructurings/<int:pk>/preview/", api_restructuring.PreviewAPI.as_view()),
    path("api/v1/restructurings/<int:pk>/apply/", api_restructuring.ApplyAPI.as_view()),
    path("api/v1/restructurings/<int:pk>/discard/", api_restructuring.DiscardAPI.as_view()),
    path("api/v1/restructurings/<int:pk>/recall/", api_restructuring.RecallAPI.as_view()),
    *terms,
]
