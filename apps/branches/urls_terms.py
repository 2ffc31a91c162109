"""Pages of terms and elections, and their API."""

from django.urls import path

from . import api_elections, views_election_steps, views_elections, views_terms

urlpatterns = [
    path("terms/", views_terms.TermListView.as_view()),
    path("terms/missing/", views_terms.MissingTermView.as_view()),
    path("terms/<int:pk>/edit/", views_terms.TermEditView.as_view()),
    path("orgs/<int:pk>/terms/new/", views_terms.TermNewView.as_view()),
    path("orgs/<int:pk>/elections/new/", views_election_steps.PlanView.as_view()),
    path("elections/", views_elections.ElectionListView.as_view()),
    path("elections/<int:pk>/", views_elections.ElectionView.as_view()),
    path("elections/<int:pk>/record/", views_elections.RecordSheetView.as_view()),
    path("elections/<int:pk>/plan/", views_election_steps.ChangePlanView.as_view()),
    path("elections/<int:pk>/request/", views_election_steps.RequestView.as_view()),
    path("elections/<int:pk>/consent/", views_election_steps.ConsentView.as_view()),
    path("elections/<int:pk>/notify/", views_election_steps.NotifyView.as_view()),
    path("elections/<int:pk>/vote/", views_election_steps.VoteView.as_view()),
    path("elections/<int:pk>/report/", views_election_steps.ReportView.as_view()),
    path("elections/<int:pk>/approve/", views_election_steps.ApproveView.as_view()),
    path("elections/<int:pk>/return/", views_election_steps.SendBackView.as_view()),
    path("elections/<int:pk>/cancel/", views_election_steps.CancelView.as_view()),
    path("api/v1/elections/", api_elections.ElectionListAPI.as_view()),
    path("api/v1/elections/<int:pk>/", api_elections.ElectionItemAPI.as_view()),
    path("api/v1/elections/<int:pk>/request/", api_elections.RequestAPI.as_view()),
    path("api/v1/elections/<int:pk>/consent/", api_elections.ConsentAPI.as_view()),
    path("api/v1/elections/<int:pk>/notify/", api_elections.NotifyAPI.as_view()),
    path("api/v1/elections/<int:pk>/vote/", api_elections.VoteAPI.as_view()),
    path("api/v1/elections/<int:pk>/report/", api_elections.ReportAPI.as_view()),
    path("api/v1/elections/<int:pk>/approve/", api_elections.ApproveAPI.as_view()),
    path("api/v1/elections/<int:pk>/return/", api_elections.SendBackAPI.as_view()),
    path("api/v1/elections/<int:pk>/cancel/", api_elections.CancelAPI.as_view()),
    path("api/v1/orgs/<int:pk>/elections/", api_elections.PlanAPI.as_view()),
    path("api/v1/orgs/<int:pk>/terms/", api_elections.TermNewAPI.as_view()),
]
