"""Reminder rules; importing the package registers them."""

from . import records as records
from . import reviews as reviews
from . import tips as tips
from . import venues as venues
