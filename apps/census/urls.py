from django.urls import path

from . import views, views_fill, views_returns
from .ledgers import ReturnLedger

urlpatterns = [
    path("census/", views.RoundsView.as_view()),
    path("census/open/", views.OpenRoundView.as_view()),
    path("census/mine/", views_fill.MineView.as_view()),
    path("census/returns/", views_returns.ReturnsView.as_view(ledger=ReturnLedger)),
    path("census/returns/approve/", views_returns.ApproveManyView.as_view()),
    path("census/returns/<int:pk>/", views_returns.ReturnPage.as_view()),
    path("census/returns/<int:pk>/unchanged/", views_fill.UnchangedView.as_view()),
    path("census/returns/<int:pk>/fill/", views_fill.FillView.as_view()),
    path("census/returns/<int:pk>/withdraw/", views_fill.WithdrawView.as_view()),
    path("census/returns/<int:pk>/sheet/", views_fill.SheetView.as_view()),
    path("census/returns/<int:pk>/approve/", views_returns.ApproveView.as_view()),
    path("census/returns/<int:pk>/send-back/", views_returns.SendBackView.as_view()),
    path("census/returns/<int:pk>/reopen/", views_returns.ReopenView.as_view()),
    path("census/<int:pk>/", views.CockpitView.as_view()),
    path("census/<int:pk>/arrivals/", views.AddArrivalsView.as_view()),
    path("census/<int:pk>/close/", views.CloseView.as_view()),
]
