"""Routes of organisational life, one module for each group of nouns."""

from .urls_board import urlpatterns as board

urlpatterns = [
    *board,
]
