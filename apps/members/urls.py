"""Routes of the roster, one module for each group of nouns."""

from .urls_books import urlpatterns as books
from .urls_mobile import urlpatterns as mobile
from .urls_posts import urlpatterns as posts
from .urls_roster import urlpatterns as roster
from .urls_transfers import urlpatterns as transfers

urlpatterns = [
    *mobile,
    *books,
    *posts,
    *transfers,
    *roster,
]
