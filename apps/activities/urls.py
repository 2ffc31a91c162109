"""Routes of organisational life, one module for each group of nouns."""

from .urls_board import urlpatterns as board
from .urls_books import urlpatterns as books
from .urls_compliance import urlpatterns as compliance
from .urls_education import urlpatterns as education
from .urls_pioneers import urlpatterns as pioneers
from .urls_points import urlpatterns as points
from .urls_records import urlpatterns as records
from .urls_records_api import urlpatterns as records_api
from .urls_reviews import urlpatterns as reviews
from .urls_tips import urlpatterns as tips
from .urls_venues import urlpatterns as venues
from .urls_votes import urlpatterns as votes

urlpatterns = [
    *board,
    *books,
    *compliance,
    *education,
    *pioneers,
    *points,
    *records,
    *records_api,
    *reviews,
    *tips,
    *venues,
    *votes,
]
