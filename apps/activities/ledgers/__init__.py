"""The ledgers; importing the package registers them."""

from . import records as records
from . import venues as venues
