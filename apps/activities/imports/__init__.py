"""The importers; importing the package registers them."""

from . import lecturers as lecturers
from . import pledges as pledges
from . import points as points
from . import posts as posts
from . import records as records
from . import reviews as reviews
from . import suggestions as suggestions
from . import venues as venues
