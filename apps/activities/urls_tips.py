"""Routes of tip sheets."""

from __future__ import annotations

from typing import Any

from django.urls import path

from .api import tips as api
from .views import tip_receipts, tips

urlpatterns: list[Any] = [
    path("tip-sheets/", tips.ReceiptList.as_view()),
    path("tip-sheets/issued/", tips.IssuedList.as_view()),
    path("tip-sheets/new/", tips.NewSheet.as_view()),
    path("tip-sheets/sign/", tip_receipts.SignMany.as_view()),
    path("tip-sheets/<int:pk>/", tips.SheetPage.as_view()),
    path("tip-sheets/<int:pk>/edit/", tips.EditSheet.as_view()),
    path("tip-sheets/<int:pk>/issue/", tips.IssueSheet.as_view()),
    path("tip-sheets/<int:pk>/close/", tips.CloseSheet.as_view()),
    path("tip-sheets/<int:pk>/discard/", tips.DiscardSheet.as_view()),
    path("tip-sheets/<int:pk>/print/", tips.PrintSheet.as_view()),
    path("tip-sheets/receipts/<int:pk>/", tip_receipts.ReceiptPage.as_view()),
    path("tip-sheets/receipts/<int:pk>/print/", tip_receipts.PrintReceipt.as_view()),
    path("tip-sheets/receipts/<int:pk>/sign/", tip_receipts.SignReceipt.as_view()),
    path("tip-sheets/receipts/<int:pk>/link/", tip_receipts.LinkRecords.as_view()),
    path("tip-sheets/links/<int:pk>/unlink/", tip_receipts.UnlinkRecord.as_view()),
    path("api/v1/tip-sheets/", api.DraftAPI.as_view()),
    path("api/v1/tip-sheets/<int:pk>/issue/", api.IssueAPI.as_view()),
    path("api/v1/tip-sheets/<int:pk>/close/", api.CloseAPI.as_view()),
    path("api/v1/tip-sheets/receipts/<int:pk>/", api.ReceiptAPI.as_view()),
    path("api/v1/tip-sheets/receipts/<int:pk>/sign/", api.SignAPI.as_view()),
    path("api/v1/tip-sheets/receipts/<int:pk>/link/", api.LinkAPI.as_view()),
]
