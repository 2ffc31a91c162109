"""The importers; importing the package registers them."""

from . import lecturers as lecturers
from . import points as points
from . import records as records
from . import venues as venues
