"""Somebody looked at many enterprises and found them as the register says."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from django.db import connection

from apps.core.audit import write

from ..models import Condition


@write
def confirm_conditions(checked: Mapping[int, datetime.date]) -> int:
    """Move the day of checking of conditions, by id, forward; two statements however many. Opens no slice."""
    own = set(Condition.objects.filter(pk__in=list(checked)).values_list("pk", flat=True))
    if not own:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE enterprises_condition c SET checked_on = k.day
            FROM unnest(%s::bigint[], %s::date[]) AS k (id, day)
            WHERE c.id = k.id AND (c.checked_on IS NULL OR c.checked_on < k.day)
            """,
            [[pk for pk in checked if pk in own], [day for pk, day in checked.items() if pk in own]],
        )
        return int(cursor.rowcount)
