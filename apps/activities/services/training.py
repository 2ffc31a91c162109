"""培训班: an activity of a committee with people of several branches; planned with its roster, then who came is marked.

It is a record like any other (`services.records`): hours, books and counts follow from it.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.branches.rules import BRANCH_KINDS, OrgKind
from apps.core.audit import write
from apps.core.choices import Choice
from apps.core.errors import DomainError
from apps.members.models import Member, Membership, Post

from ..kinds import Presence, State
from ..models import Activity, ActivityKind, Attendance, Lecturer
from ..parameters import training_hours
from ..rules.education import YEARLY_TRAINING
from ..rules.hours import class_hours
from ..study_figures import TRAINING
from .records import amend_activity, log_activity
from .records_facts import Absence, Facts, Roll, facts_of

BEGINS: Final = datetime.time(9)
ENDS: Final = datetime.time(17)
NOON: Final = datetime.time(12)


class Circle(Choice):
    """Whom a class is for: everybody of a kind on the rosters below an organisation."""

    SECRETARIES = "secretaries", "党组织书记"
    COMMITTEES = "committees", "班子成员"
    MEMBERS = "members", "全体党员"


@dataclass(frozen=True)
class ClassFacts:
    """What a class is: whole and half days follow each other from `on`, its hours follow from them."""

    title: str
    on: datetime.date
    full_days: int = 1
    half_days: int = 0
    place: str = ""
    lecturer: Lecturer | None = None
    speaker: str = ""
    agenda: str = ""

    @property
    def days(self) -> int:
        return self.full_days + self.half_days

    def as_record(self, hours: Decimal) -> Facts:
        """The facts of the record: from nine on the first day to the end of the last."""
        last = self.on + datetime.timedelta(days=self.days - 1)
        return Facts(
            kind=ActivityKind.objects.get(code=TRAINING), title=self.title, starts_at=_moment(self.on, BEGINS),
            ends_at=_moment(last, NOON if self.half_days else ENDS), place=self.place, lecturer=self.lecturer,
            speaker=self.speaker, agenda=self.agenda, study_hours=hours,
        )  # fmt: skip


@write
def plan_class(
    *, org: PartyOrg, facts: ClassFacts, members: Sequence[Member], today: datetime.date, actor: Any
) -> Activity:
    """新办培训班 with its roster. Raises DomainError for a branch (its study is 集中学习) and for a class of no time."""
    if OrgKind(org.kind) in BRANCH_KINDS or org.kind == OrgKind.GROUP:
        message = "培训班由党委、党工委或组织部门举办；支部组织的学习请记为集中学习。"
        raise DomainError(message, basis=YEARLY_TRAINING, code="not_a_committee", field="org")
    if facts.days < 1:
        raise DomainError("请填写天数：至少半天。", code="no_days", field="full_days")
    full, half = training_hours(facts.on, org.path)
    hours = class_hours(facts.full_days, facts.half_days, full=full, half=half)
    roll = Roll(chosen=tuple(members))
    return log_activity(  # type: ignore[no-any-return]
        org=org, facts=facts.as_record(hours), roll=roll, submit=False, today=today, actor=actor
    )


@write
def change_roster(
    *, activity: Activity, members: Sequence[Member], today: datetime.date, actor: Any, version: int | None = None
) -> Activity:
    """调整名单 of a class that has not been recorded yet."""
    if activity.state not in (State.PLANNED, State.DRAFT, State.RETURNED):
        raise DomainError("这个班已登记到课情况，请在登记到课中修改。", code="recorded")
    return amend_activity(  # type: ignore[no-any-return]
        activity=activity, facts=facts_of(activity), roll=Roll(chosen=tuple(members)), submit=False, seen=version,
        today=today, actor=actor,
    )  # fmt: skip


@write
def mark_class(
    *, activity: Activity, absent: Mapping[int, str], credited: Mapping[int, Decimal], today: datetime.date, actor: Any,
    reason: str = "", version: int | None = None,
) -> Activity:  # fmt: skip
    """登记到课: who was not there, why, and who was there for less than the whole, with the hours; the rest came.

    Raises DomainError for hours beyond those of the class, and what `amend_activity` refuses.
    """
    people = {row.member_id: row.member for row in roster(activity)}
    over = [people[pk].name for pk, hours in credited.items() if pk in people and hours > activity.study_hours]
    if over:
        message = f"学时不能超过全班的{activity.study_hours.normalize():f}学时：{'、'.join(over)}。"
        raise DomainError(message, code="too_many_hours")
    partly = {pk: h for pk, h in credited.items() if pk in people and pk not in absent and h != activity.study_hours}
    roll = Roll(
        absent=tuple(Absence(people[pk], why) for pk, why in absent.items() if pk in people),
        chosen=tuple(person for pk, person in people.items() if pk not in absent), credited=partly,
    )  # fmt: skip
    return amend_activity(  # type: ignore[no-any-return]
        activity=activity, facts=facts_of(activity), roll=roll, submit=True, seen=version, reason=reason, today=today,
        actor=actor,
    )  # fmt: skip


def roster(activity: Activity) -> list[Attendance]:
    """Everybody on the sheet of a class in the scope, by branch and name. One query."""
    rows = Attendance.objects.filter(activity=activity).select_related("member__org")
    return list(rows.order_by("member__org_path", "member__initials", "member"))


def present_secretaries(rows: Iterable[Attendance], on: datetime.date) -> int:
    """How many of those who were there are 书记 of an organisation of the scope on the day. One query."""
    there = [row.member_id for row in rows if row.presence == Presence.PRESENT]
    return Post.objects.as_of(on).secretaries().filter(member__in=there).values("member").distinct().count()  # type: ignore[no-any-return]


def circle_of(org: PartyOrg, circle: Circle, day: datetime.date) -> list[Member]:
    """Everybody of the circle on the rosters below `org` on the day. Who is not on a roster cannot be on a sheet."""
    rows = Membership.objects.as_of(day).filter(org_path__startswith=org.path)
    if circle is not Circle.MEMBERS:
        posts = Post.objects.as_of(day).filter(org_path__startswith=org.path, member__isnull=False)
        posts = posts.secretaries() if circle is Circle.SECRETARIES else posts.committee()
        rows = rows.filter(member__in=posts.values("member"))
    return [row.member for row in rows.select_related("member").order_by("org_path", "member__initials", "member")]


def people_named(org: PartyOrg, words: Collection[str], day: datetime.date) -> list[Member]:
    """The members below `org` on the day whom typed names or 党员编号 mean.

    Raises DomainError that lists who is not there, and for a name of several the branches of each.
    """
    rows = Membership.objects.as_of(day).filter(org_path__startswith=org.path).select_related("member", "org")
    wanted = dict.fromkeys(words)
    codes = {word.upper(): word for word in wanted}
    found: dict[str, list[Membership]] = defaultdict(list)
    for row in rows.filter(member__name__in=wanted) | rows.filter(member__code__in=codes):
        found[codes.get(row.member.code) or row.member.name].append(row)
    unknown = [word for word in wanted if not found[word]]
    if unknown:
        raise DomainError(f"名册上没有：{'、'.join(unknown)}。", code="unknown", field="names")
    several = [
        f"{word}（{'、'.join(f'{r.org} {r.member.code}' for r in found[word])}）"
        for word in wanted
        if len(found[word]) > 1
    ]
    if several:
        raise DomainError(f"有同名党员，请改填党员编号：{'；'.join(several)}。", code="ambiguous", field="names")
    return [found[word][0].member for word in wanted]


def _moment(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, time))
