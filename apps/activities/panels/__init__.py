"""What the app shows on the pages of others; importing the package registers it."""

from . import education as education
from . import pioneers as pioneers
from . import reviews as reviews
