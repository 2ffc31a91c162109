"""Somebody looked at many enterprises and found them as the register says."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from apps.core.audit import write
from apps.core.period_guard import Span, guard_spans

from ..kinds import ContactMethod
from ..models import Condition, Enterprise, InstructorAssignment, Visit

IN_PERSON = (ContactMethod.VISIT, ContactMethod.ON_SITE)


class Look(NamedTuple):
    """One look at an enterprise that was noted elsewhere: on which day, how, by whom, and where it was noted."""

    enterprise: Enterprise
    on: datetime.date
    method: str
    visitor: str
    user_id: int | None
    source: str


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


@write
def record_looks(looks: Sequence[Look]) -> int:
    """A look in person is a 走访 and need not be entered again: adds the visits that are not there yet.

    One visit for an enterprise and day; it is the instructor's when the one who looked is assigned there.
    Constant queries however many. Raises Conflict when the day lies in a closed period.
    """
    looks = [look for look in looks if look.method in IN_PERSON]
    enterprises = [look.enterprise.pk for look in looks]
    known = set(Visit.objects.filter(enterprise__in=enterprises).values_list("enterprise_id", "on"))
    new = {(look.enterprise.pk, look.on): look for look in looks if (look.enterprise.pk, look.on) not in known}
    if not new:
        return 0
    day = datetime.timedelta(days=1)
    guard_spans(Span(look.enterprise.org_path, look.on, look.on + day) for look in new.values())
    assigned = list(InstructorAssignment.objects.filter(enterprise__in=enterprises).select_related("instructor"))
    Visit.objects.bulk_create([
        Visit(
            enterprise=look.enterprise, on=look.on, method=look.method, visitor=look.visitor, summary=look.source,
            recorded_by_id=look.user_id, instructor_id=next((
                a.instructor_id for a in assigned
                if a.enterprise_id == look.enterprise.pk and a.instructor.user_id == look.user_id is not None
                and a.holds_on(look.on)
            ), None),
        )
        for look in new.values()
    ])  # fmt: skip
    return len(new)
