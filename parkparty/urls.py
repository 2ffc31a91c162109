"""Routes. Each app's `urls.py` is mounted at the root and names its own paths, its API under `api/v1/` too."""

from django.urls import include, path

from apps.core.health import healthz

APPS = [
    "core", "branches", "accounts", "reminders", "patrol", "enterprises", "members", "activities", "census", "coverage", "ledgers",
    "portal",
]  # fmt: skip

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    *(path("", include(f"apps.{app}.urls")) for app in APPS),
]

handler400 = "parkparty.middleware.bad_request"
handler500 = "parkparty.middleware.server_error"
