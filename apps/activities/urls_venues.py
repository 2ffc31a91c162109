"""Routes of venues and their bookings."""

from __future__ import annotations

from typing import Any

urlpatterns: list[Any] = []
