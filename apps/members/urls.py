"""Routes of the roster."""

from typing import Any

urlpatterns: list[Any] = []
