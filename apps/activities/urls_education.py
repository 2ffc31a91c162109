"""Routes of lecturers, training, hours, forms, themes and materials."""

from __future__ import annotations

from typing import Any

urlpatterns: list[Any] = []
