"""Routes of the record books and of the 签到表."""

from django.urls import path

from .views import books, sheets

urlpatterns = [
    path("books/", books.BookList.as_view()),
    path("books/<int:pk>/", books.BooksOfOrg.as_view()),
    path("books/<int:pk>/<str:book>/print/", books.PrintBook.as_view()),
    path("books/<int:pk>/<str:book>/make/", books.MakeBook.as_view()),
    path("activities/<int:pk>/sheet/", sheets.AttendanceSheet.as_view()),
]
