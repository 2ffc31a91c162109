"""What the roster contributes, one module for each group of nouns."""

from . import books as books
from . import mobile as mobile
from . import posts as posts
from . import roster as roster
from . import transfers as transfers
