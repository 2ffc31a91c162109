"""What is required."""

from __future__ import annotations

import datetime
from typing import Any

from django.db import models

from apps.core.dated import in_force


class RequirementQuerySet(models.QuerySet):
    def in_force(self, day: datetime.date) -> Any:
        """The rows that speak on the day."""
        return self.filter(in_force(day))
