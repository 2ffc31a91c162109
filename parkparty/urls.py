"""Routes. Each app's `urls.py` is mounted at the root and names its own paths, its API under `api/v1/` too."""

from importlib.util import find_spec

from django.urls import include, path

from apps.core.health import healthz

APPS = ["core", "branches", "accounts", "reminders", "enterprises", "census", "coverage", "ledgers", "portal"]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    *(path("", include(f"apps.{app}.urls")) for app in APPS if find_spec(f"apps.{app}.urls")),
]

handler400 = "parkparty.middleware.bad_request"
handler500 = "parkparty.middleware.server_error"
