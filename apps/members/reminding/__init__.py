"""What the roster contributes, one module for each group of nouns."""

from . import mobile as mobile
from . import posts as posts
from . import transfers as transfers
