"""What somebody says about an activity: its facts, and who was not there or came besides."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.core.scoping import required_scope, unscoped
from apps.members.models import Member
from apps.members.services.common import tidied

from ..kinds import Audience, Presence
from ..models import Activity, ActivityForm, ActivityKind, Attendance, Lecturer, Participation, Theme, Venue
from ..rules.minutes import cleaned
from .roll import audience_at


@dataclass(frozen=True)
class Facts:
    """What was held, when, where, by whom, about what. `study_hours` None: as usual for the kind."""

    kind: ActivityKind
    title: str
    starts_at: datetime.datetime
    second_kind: ActivityKind | None = None
    form: ActivityForm | None = None
    ends_at: datetime.datetime | None = None
    place: str = ""
    venue: Venue | None = None
    link: str = ""
    chair: str = ""
    recorder: str = ""
    lecturer: Lecturer | None = None
    speaker: str = ""
    theme: Theme | None = None
    guests: str = ""
    units: str = ""
    agenda: str = ""
    minutes: str = ""
    minutes_rich: bool = False
    resolution: str = ""
    study_hours: Decimal | None = None
    others_present: int = 0

    @property
    def held_on(self) -> datetime.date:
        """The day on which it began, by the clock of the place."""
        return timezone.localdate(self.starts_at)

    @property
    def kinds(self) -> list[ActivityKind]:
        return [self.kind] if self.second_kind is None else [self.kind, self.second_kind]

    @property
    def hours(self) -> Decimal:
        """The 学时 that everybody present is credited with."""
        if self.study_hours is not None:
            return self.study_hours
        return max(Decimal(kind.study_hours) for kind in self.kinds)

    def as_columns(self) -> dict[str, Any]:
        """The facts as columns of the record, texts tidied. Raises DomainError for control characters."""
        given = {name: getattr(self, name) for name in FACTS}
        given = {name: tidied(name, value) if isinstance(value, str) else value for name, value in given.items()}
        given["minutes"] = cleaned(self.minutes, rich=self.minutes_rich)
        return {**given, "study_hours": self.hours}


FACTS: Final = tuple(field.name for field in fields(Facts))


@dataclass(frozen=True)
class Absence:
    """Somebody who was expected and not there; `reason` is an `AbsenceReason`."""

    member: Member
    reason: str
    note: str = ""


@dataclass(frozen=True)
class Roll:
    """Who was there: everybody on the roster but the absent.

    `chosen` took part in an activity for which people are chosen, and says nothing for another one. `visitors` are
    members of other branches, `co_hosts` the other branches of a joint activity; what a co-host outside the scope of
    whoever writes has marked itself stays as it is. `credited` are the 学时 of members (ids) who took part in less than
    the whole; None leaves them as they are.
    """

    absent: tuple[Absence, ...] = ()
    chosen: tuple[Member, ...] = ()
    visitors: tuple[Member, ...] = ()
    co_hosts: tuple[PartyOrg, ...] = ()
    credited: Mapping[int, Decimal] | None = None


def facts_of(activity: Activity) -> Facts:
    """The facts of a record as they are kept."""
    return Facts(**{name: getattr(activity, name) for name in FACTS})


def roll_of(activity: Activity) -> Roll:
    """The roll of a record in the scope as it is kept, for a form to begin with. Two queries.

    Of a co-host outside the scope nobody is named.
    """
    scope = required_scope()
    with unscoped("the whole roll of one record of the scope, joint branches and visitors with it"):
        rows = list(Attendance.objects.filter(activity=activity).select_related("member").order_by("pk"))
        sides = Participation.objects.filter(activity=activity, is_host=False).select_related("org")
        co_hosts = tuple(side.org for side in sides.order_by("org_path"))
    own = [row for row in rows if not row.is_visitor and scope.covers(row.org_path)]
    chosen = audience_at(activity.org, activity.kind, activity.second_kind) is Audience.CHOSEN
    return Roll(
        absent=tuple(Absence(row.member, row.reason, row.note) for row in own if row.presence == Presence.ABSENT),
        chosen=_people(row for row in own if chosen and row.presence == Presence.PRESENT),
        visitors=_people(row for row in rows if row.is_visitor),
        co_hosts=co_hosts,
    )


def _people(rows: Iterable[Attendance]) -> tuple[Member, ...]:
    return tuple(row.member for row in rows)
