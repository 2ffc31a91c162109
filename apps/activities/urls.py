"""Routes of organisational life, one module for each group of nouns."""

from .urls_board import urlpatterns as board
from .urls_education import urlpatterns as education
from .urls_pioneers import urlpatterns as pioneers
from .urls_reviews import urlpatterns as reviews
from .urls_venues import urlpatterns as venues

urlpatterns = [
    *board,
    *education,
    *pioneers,
    *reviews,
    *venues,
]
