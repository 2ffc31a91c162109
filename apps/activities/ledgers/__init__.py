"""The ledgers; importing the package registers them."""

from . import books as books
from . import follow_ups as follow_ups
from . import held as held
from . import hours as hours
from . import lecturers as lecturers
from . import pledges as pledges
from . import points as points
from . import posts as posts
from . import records as records
from . import reviews as reviews
from . import suggestions as suggestions
from . import tip_sheets as tip_sheets
from . import training as training
from . import venues as venues
