"""Organisational life of the demo: what every branch held in the quarters that the demo looks back on.

Most branches do what is asked, some forget a month, some enter it late; so the board has something to show. The
published figures (车间微党课 235 次, 情景互动式党课 90 余次) come out of the records.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from apps.accounts.models import User
from apps.activities.kinds import COUNTED, AbsenceReason, Presence, State
from apps.activities.models import Activity, ActivityForm, ActivityKind, Attendance, Participation, Theme
from apps.activities.services.records import log_activity
from apps.activities.services.records_facts import Facts, Roll
from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.periods import Period
from apps.core.sql import Sql, execute
from apps.members.kinds import PostRole
from apps.members.models import Member, Post

from .days import QUARTERS, Days, moment
from .rosters import Rosters
from .words import ABOUT, MINUTES, RESOLUTIONS, TITLES

WORKSHOP_LECTURES: Final = 235
SCENE_LECTURES: Final = 93
IDLE: Final = 9
"""One branch of so many is slack: it forgets every third thing and enters late."""
JOINT: Final = ((("single.0.1", "joint.0.0"), 40), (("single.1.1", "single.1.2"), 70))
"""Branches that held a theme day together, and how many days ago."""

Kinds = Mapping[str, ActivityKind]


@dataclass
class Logbook:
    """Writes the records in bulk, as facts of the past; who was there follows from the rosters of each day."""

    days: Days
    rng: random.Random
    rosters: Rosters
    secretaries: dict[int, User]
    officers: list[User]
    themes: Mapping[tuple[str, datetime.date], Theme]
    _rows: list[Activity] = field(default_factory=list)
    _chosen: dict[int, list[Member]] = field(default_factory=dict)

    def tell(self) -> None:
        self.kinds: Kinds = {kind.code: kind for kind in ActivityKind.objects.all()}
        self.committees = self._committees()
        for number, org in enumerate(self._branches()):
            self._rows += self._life_of(org, slack=number % IDLE == IDLE - 1)
        self._rows += self._life_of_groups()
        self._hold_jointly()
        self._name_forms()
        Activity.objects.bulk_create(self._rows)
        self._write_participations()
        execute(Sql("ANALYZE activities_activity, activities_participation"))
        self._write_attendances()
        self._write_visitors()
        execute(Sql(SUMS))

    def remember_late(self) -> None:
        """A theme day of a closed quarter that one branch remembers now: a correction that waits for the committee."""
        org, day = self.rosters.orgs["single.0.1"], self.days.period(1).start + datetime.timedelta(days=27)
        facts = Facts(
            kind=self.kinds["volunteering"], title="志愿服务：清洁滨河路（补记）", starts_at=moment(day, 15), place="滨河路",
            minutes="党员清洁滨河路两小时，当时的记录本遗失，按照片和签到表补记。",
        )  # fmt: skip
        log_activity(
            org=org, facts=facts, roll=Roll(chosen=tuple(self.rosters.here[org.pk][:4])), submit=True,
            late_reason="记录本遗失后找到签到表，补记。", actor=self.secretaries[org.pk], today=self.days.today,
        )  # fmt: skip

    def _branches(self) -> list[PartyOrg]:
        by_pk = {org.pk: org for org in self.rosters.orgs.values()}
        return [by_pk[pk] for pk in sorted(self.rosters.here) if by_pk[pk].kind != OrgKind.GROUP]

    def _committees(self) -> dict[int, datetime.date]:
        """Branches in which more than a secretary holds a post, and since when."""
        held = Post.objects.open().exclude(role=PostRole.SECRETARY).order_by("-since")
        return dict(held.values_list("org_id", "since"))

    def _months(self, org: PartyOrg) -> Iterator[Period]:
        first = max(self.days.period(QUARTERS).start, org.founded_on or datetime.date.min)
        month = Period.month_of(first)
        while month.start <= self.days.today:
            yield month
            month = month.next()

    def _life_of(self, org: PartyOrg, *, slack: bool) -> Iterator[Activity]:
        for month in self._months(org):
            for kind, second, day in self._month_of(org, month):
                if day < (org.founded_on or day) or self.rng.random() < (0.34 if slack else 0.04):
                    continue
                if day <= self.days.today or kind == "theme_day":
                    yield self._record(org, kind, second, day, slack=slack)

    def _month_of(self, org: PartyOrg, month: Period) -> Iterator[tuple[str, str, datetime.date]]:
        """What a diligent branch holds in a month: kind, second kind, day."""
        turn, start = month.start.month, month.start
        lecture = "lecture" if turn % 3 == 2 else ""
        yield "theme_day", lecture, start.replace(day=15)
        if self.committees.get(org.pk, self.days.today) < start:
            yield "committee_meeting", "", start.replace(day=6 + org.pk % 4)
        if turn % 3 == 0:
            yield "assembly", "", start.replace(day=19 + org.pk % 6)
        if turn == 12:
            yield "life_meeting", "appraisal", start.replace(day=26)
        if turn % 3 == 1:
            yield "talk", "", start.replace(day=22)
            yield "study", "", start.replace(day=25)
        if turn in (3, 9):
            yield "volunteering", "", start.replace(day=5)

    def _life_of_groups(self) -> Iterator[Activity]:
        for org in self.rosters.orgs.values():
            if org.kind == OrgKind.GROUP:
                for month in self._months(org):
                    day = month.start.replace(day=11)
                    if day <= self.days.today and self.rng.random() > 0.05:
                        yield self._record(org, "group_meeting", "", day, slack=False)

    def _record(self, org: PartyOrg, kind: str, second: str, day: datetime.date, *, slack: bool) -> Activity:
        rng, today = self.rng, self.days.today
        starts = moment(day, 17 if kind in ("theme_day", "talk") else 15, 30)
        entered = day + datetime.timedelta(
            days=rng.randrange(5) + (rng.randrange(6, 24) if rng.random() < (0.4 if slack else 0.05) else 0)
        )
        theme = self._theme(org, day) if kind in ("theme_day", "study") else None
        about = theme.title if theme else rng.choice(ABOUT[kind])
        row = Activity(
            org=org, org_path=org.path, kind=self.kinds[kind], second_kind=self.kinds.get(second), title=TITLES[kind].format(
                year=day.year, month=day.month, about=about), starts_at=starts, held_on=day,
            ends_at=starts + datetime.timedelta(minutes=90), place=self._place(org), chair=self._leader(org), theme=theme,
            recorder=self.rosters.names.anybody(), study_hours=self._hours(kind, second),
        )  # fmt: skip
        if day > today:
            row.state = State.PLANNED
            return row
        row.agenda, row.minutes = about, rng.choice(MINUTES[kind]).format(about=about)
        row.resolution = (
            rng.choice(RESOLUTIONS).format(about=about) if kind in ("assembly", "committee_meeting") else ""
        )
        self._settle(row, entered)
        if kind in ("talk", "volunteering"):
            self._choose(row)
        return row

    def _settle(self, row: Activity, entered: datetime.date) -> None:
        """Where the record stands today: confirmed after a while, returned or still a draft now and then."""
        user, officer = self.secretaries.get(row.org_id), self._officer(row.org)
        row.recorded_by_name = user.display_name if user else row.chair
        row.author = user
        if entered > self.days.today:
            row.state = State.DRAFT
            return
        row.reported_on, row.state = entered, State.SUBMITTED
        row.recorded_at = self.days.at(entered, 18, 20)
        if (self.days.today - entered).days > 9:
            row.state = State.CONFIRMED
            row.reviewed_at, row.reviewed_by_name = (
                self.days.at(entered + datetime.timedelta(days=2), 10, 5),
                officer.display_name,
            )
        elif self.rng.random() < 0.12:
            row.state, row.review_note = State.RETURNED, "请补充会议内容和缺席原因。"
            row.reviewed_at, row.reviewed_by_name = self.days.at(entered, 10, 5), officer.display_name

    def _choose(self, row: Activity) -> None:
        members = self.rosters.here[row.org_id]
        quarter = (row.held_on.month - 1) // 3
        picked = (members[quarter::4] or members[:1]) if row.kind.code == "talk" else members[:: 2 + row.held_on.year % 2]
        self._chosen[id(row)] = picked
        row.others_present = 0 if row.kind.code == "talk" else self.rng.randrange(8)

    def _hold_jointly(self) -> None:
        """Two theme days were held by two branches together: one record, in the book of each."""
        self.partners: dict[int, PartyOrg] = {}
        for keys, ago in JOINT:
            host, partner = (self.rosters.orgs.get(key) for key in keys)
            if host and partner:
                row = self._record(host, "theme_day", "", self.days.ago(ago), slack=False)
                row.title = f"{row.title}（联合开展）"
                self._rows.append(row)
                self.partners[id(row)] = partner

    def _name_forms(self) -> None:
        forms = {form.code: form for form in ActivityForm.objects.all()}
        lectures = [
            row
            for row in self._rows
            if row.second_kind_id and row.second_kind.code == "lecture" and row.state in COUNTED
        ]
        self.rng.shuffle(lectures)
        lectures += self._more_lectures(WORKSHOP_LECTURES + SCENE_LECTURES - len(lectures))
        for number, row in enumerate(lectures):
            if number < WORKSHOP_LECTURES + SCENE_LECTURES:
                row.form = forms["workshop_lecture" if number < WORKSHOP_LECTURES else "scene_lecture"]
            else:
                row.form = forms[self.rng.choice(("shift_lecture", "online_lecture", "grand_lecture"))]
            row.speaker = row.chair

    def _more_lectures(self, missing: int) -> list[Activity]:
        """Theme days that were a 党课 as well, where the quarters alone do not give as many as are published."""
        rows = [row for row in self._rows if row.kind.code == "theme_day" and not row.second_kind_id and row.state in COUNTED]
        chosen = rows[:: max(1, len(rows) // missing)][:missing] if missing > 0 else []
        for row in chosen:
            row.second_kind = self.kinds["lecture"]
        return chosen

    def _write_participations(self) -> None:
        rows = [self._participation(row, row.org) for row in self._rows]
        rows += [self._participation(row, self.partners[id(row)]) for row in self._rows if id(row) in self.partners]
        Participation.objects.bulk_create(rows)

    def _participation(self, row: Activity, org: PartyOrg) -> Participation:
        return Participation(
            activity=row, org=org, org_path=org.path, is_host=org is row.org, kind=row.kind, second_kind=row.second_kind,
            held_on=row.held_on, state=row.state, reported_on=row.reported_on,
        )  # fmt: skip

    def _write_attendances(self) -> None:
        """Who stood on the roster of that day was expected; the chosen were there."""
        execute(Sql(ATTENDANCES))
        Attendance.objects.bulk_create(
            Attendance(activity=row, member=member, org=row.org, org_path=row.org_path, held_on=row.held_on,
                       presence=Presence.PRESENT, hours=row.study_hours, counted=row.state in COUNTED)
            for row in self._rows for member in self._chosen.get(id(row), ())
        )  # fmt: skip

    def _write_visitors(self) -> None:
        """People who are looked after here take part here; and now and then a member of another branch."""
        guests: dict[int, list[Member]] = {}
        for member in self.rosters.guests:
            guests.setdefault(member.org_id, []).append(member)
        rows = []
        for row in self._rows:
            if row.state in COUNTED and row.kind.code == "theme_day":
                rows += [self._visit(row, member) for member in guests.get(row.org_id, ())[row.held_on.month % 2 :: 2]]
        others = self.rosters.here[self.rosters.orgs["single.0.0"].pk][-2:]
        joint = next(
            (row for row in reversed(self._rows) if row.org is self.rosters.orgs["joint.0.0"] and row.state in COUNTED),
            None,
        )
        if joint is not None:
            rows += [self._visit(joint, member, member.org) for member in others]
        Attendance.objects.bulk_create(rows)

    def _visit(self, row: Activity, member: Member, home: PartyOrg | None = None) -> Attendance:
        return Attendance(
            activity=row, member=member, org=row.org, org_path=row.org_path, other_org=home,
            other_path=home.path if home else "", held_on=row.held_on, is_visitor=True, presence=Presence.PRESENT,
            hours=row.study_hours, counted=True,
        )  # fmt: skip

    def _hours(self, kind: str, second: str) -> Any:
        """What the kinds usually give; a 集中学习 takes most of half a day."""
        return 3 if kind == "study" else max(self.kinds[code].study_hours for code in (kind, second) if code)

    def _theme(self, org: PartyOrg, day: datetime.date) -> Theme | None:
        return next((theme for (path, month), theme in self.themes.items()
                     if org.path.startswith(path) and month == day.replace(day=1)), None)  # fmt: skip

    def _leader(self, org: PartyOrg) -> str:
        user = self.secretaries.get(org.pk)
        members = self.rosters.here.get(org.pk)
        return user.display_name if user else members[0].name if members else self.rosters.names.anybody()

    def _place(self, org: PartyOrg) -> str:
        return ("党员活动室", "三楼会议室", "二车间休息区", "园区党群服务中心")[org.pk % 4]

    def _officer(self, org: PartyOrg) -> User:
        parks = (self.rosters.orgs[f"park.{number}"].path for number in range(len(self.officers)))
        return next(
            (user for user, path in zip(self.officers, parks, strict=True) if org.path.startswith(path)),
            self.officers[0],
        )


_REASONS: Final = ", ".join(f"'{reason.value}'" for reason in list(AbsenceReason)[:6])
_IN: Final = ", ".join(f"'{state.value}'" for state in COUNTED)

ATTENDANCES: Final = f"""
WITH expected AS (
    SELECT p.activity_id, p.org_id, p.org_path, p.held_on, p.state, m.member_id
    FROM activities_participation p JOIN activities_activitykind k ON k.id = p.kind_id AND k.audience = 'members'
    JOIN members_membership m ON m.org_id = p.org_id AND m.since <= p.held_on AND (m.until IS NULL OR m.until > p.held_on)
    UNION ALL
    SELECT p.activity_id, p.org_id, p.org_path, p.held_on, p.state, m.member_id
    FROM activities_participation p JOIN activities_activitykind k ON k.id = p.kind_id AND k.audience = 'group'
    JOIN members_membership m ON m.group_id = p.org_id AND m.since <= p.held_on AND (m.until IS NULL OR m.until > p.held_on)
    UNION ALL
    SELECT p.activity_id, p.org_id, p.org_path, p.held_on, p.state, s.member_id
    FROM activities_participation p JOIN activities_activitykind k ON k.id = p.kind_id AND k.audience = 'committee'
    JOIN members_post s ON s.org_id = p.org_id AND s.since <= p.held_on AND (s.until IS NULL OR s.until > p.held_on)
    WHERE s.member_id IS NOT NULL
), dice AS (
    SELECT e.*, (hashtext(e.activity_id || ':' || e.member_id) & 2147483647) AS die, a.study_hours
    FROM expected e JOIN activities_activity a ON a.id = e.activity_id
    WHERE e.state <> 'planned'
)
INSERT INTO activities_attendance (activity_id, member_id, org_id, org_path, other_path, held_on, is_visitor, presence,
                                   reason, note, hours, counted)
SELECT activity_id, member_id, org_id, org_path, '', held_on, false,
       CASE WHEN mod(die, 100) < 9 THEN 'absent' ELSE 'present' END,
       CASE WHEN mod(die, 100) < 9 THEN (ARRAY[{_REASONS}])[1 + mod(die, 6)] ELSE '' END, '',
       CASE WHEN mod(die, 100) < 9 THEN 0 ELSE study_hours END, state IN ({_IN})
FROM dice
"""  # noqa: S608 - pieces of this module

SUMS: Final = """
WITH heads AS (
    SELECT activity_id, org_id, count(*) FILTER (WHERE NOT is_visitor) AS expected,
           count(*) FILTER (WHERE NOT is_visitor AND presence = 'present') AS present,
           count(*) FILTER (WHERE is_visitor) AS visitors
    FROM activities_attendance GROUP BY 1, 2
), parts AS (
    UPDATE activities_participation p SET expected = h.expected, present = h.present
    FROM heads h WHERE h.activity_id = p.activity_id AND h.org_id = p.org_id
)
UPDATE activities_activity a SET expected = t.expected, present = t.present, visitors = t.visitors
FROM (SELECT activity_id, sum(expected) AS expected, sum(present) AS present, sum(visitors) AS visitors
      FROM heads GROUP BY 1) t
WHERE t.activity_id = a.id
"""
