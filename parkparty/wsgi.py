"""The web process: gunicorn loads `parkparty.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkparty.settings")

application = get_wsgi_application()

from . import embedded  # noqa: E402  (needs the settings)

embedded.ensure()
