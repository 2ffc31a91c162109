"""Reminder rules; importing the package registers them."""

from . import venues as venues
