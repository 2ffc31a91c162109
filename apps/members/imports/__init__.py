"""What the roster contributes, one module for each group of nouns."""

from . import agreements as agreements
from . import mobile as mobile
from . import posts as posts
from . import roster as roster
from . import talents as talents
from . import transfers as transfers
from . import united_front as united_front
