"""The importers; importing the package registers them."""

from . import venues as venues
