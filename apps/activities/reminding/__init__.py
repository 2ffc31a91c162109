"""Reminder rules; importing the package registers them."""

from . import reviews as reviews
from . import venues as venues
