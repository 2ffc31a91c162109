"""What the app shows on the pages of others; importing the package registers it."""

from . import books as books
from . import due as due
from . import education as education
from . import menu as menu
from . import pioneers as pioneers
from . import records as records
from . import reviews as reviews
from . import tips as tips
