"""What the roster contributes, one module for each group of nouns."""

from . import agreements as agreements
from . import mobile as mobile
from . import roster as roster
from . import transfers as transfers
