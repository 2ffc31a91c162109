"""What study in the demo is fed from: themes, lecturers, classes, tip sheets, rooms."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass
from typing import Final

from apps.accounts.models import User
from apps.activities.kinds import COUNTED, BookingState, Presence, State, TipSheetState, VenueKind
from apps.activities.models import (
    Activity,
    ActivityKind,
    Attendance,
    Lecturer,
    LecturerBooking,
    Participation,
    Theme,
    TipSheet,
    TipSheetLink,
    TipSheetReceipt,
    Venue,
    VenueBooking,
)
from apps.activities.rules.venues import LABELS
from apps.branches.models import PartyOrg
from apps.core.periods import Period
from apps.enterprises.models import Park
from apps.members.kinds import PostRole
from apps.members.models import Post

from .days import QUARTERS, Days, moment
from .parks import PARKS
from .rosters import Rosters
from .words import THEMES

Themes = dict[tuple[str, datetime.date], Theme]

TIPS: Final = ("学习党章和创新理论", "安全生产和党员责任区", "向先进学习、为企业献策", "总结全年、组织生活会准备")
"""学习教育提示单 of the four quarters."""
LECTURERS: Final = (
    ("市委党校副教授", "党的创新理论、党章"), ("园区劳动模范", "劳动精神、工匠精神"), ("退休老书记", "支部工作方法"),
    ("驻区企业技术总监", "技术革新和党员攻坚"),
)  # fmt: skip
LAYOUT: Final = "一廊两站七室一基地"
CENTRE_AREA: Final = 680
"""680 ㎡: the centre of the first park, as published."""


@dataclass
class Teaching:
    """Writes the themes first, since the records name them, and what refers to records afterwards."""

    days: Days
    rng: random.Random
    rosters: Rosters
    officers: list[User]

    def write_themes(self) -> Themes:
        rows = []
        for number in range(len(PARKS)):
            park, month = self.rosters.orgs[f"park.{number}"], Period.month_of(self.days.period(QUARTERS).start)
            while month.start <= self.days.ahead(40):
                title = THEMES[month.start.month - 1]
                rows.append(
                    Theme(
                        org=park,
                        org_path=park.path,
                        month=month.start,
                        title=title,
                        outline=f"围绕“{title}”开展一次学习、一次讨论。",
                    )
                )
                month = month.next()
        Theme.objects.bulk_create(rows)
        return {(theme.org_path, theme.month): theme for theme in rows}

    def tell(self) -> None:
        self._write_venues()
        self._write_lecturers()
        self._write_classes()
        self._write_tips()

    def _park(self, number: int) -> PartyOrg:
        return self.rosters.orgs[f"park.{number}"]

    def _write_venues(self) -> None:
        """8 个园区全部建立党群服务中心; a room in the larger branches, two of them open to others."""
        rows = []
        parks = {park.code: park for park in Park.objects.all()}
        for number, spec in enumerate(PARKS):
            org = self._park(number)
            rows.append(Venue(
                org=org, org_path=org.path, name=f"{spec.short}党群服务中心", kind=VenueKind.CENTRE, park=parks.get(spec.code),
                address=f"{spec.street} 1 号", area=CENTRE_AREA if number == 0 else 180 + 40 * number, seats=60 + number * 10,
                layout=LAYOUT if number == 0 else "一所两平台三长廊四室", open_to_others=True, opening_hours="工作日 8:30–17:30，周六上午",
                contact_name=self.rosters.names.anybody(), since=spec.founded + datetime.timedelta(days=400),
                checked_on=self.days.ago(70 + number), checklist=dict.fromkeys(LABELS, True),
            ))  # fmt: skip
        for turn, (pk, members) in enumerate(sorted(self.rosters.here.items())):
            if len(members) >= 12:
                org = next(o for o in self.rosters.orgs.values() if o.pk == pk)
                rows.append(Venue(
                    org=org, org_path=org.path, name=f"{org.short_name}党员活动室", kind=VenueKind.ACTIVITY_ROOM,
                    enterprise=members[0].employer, area=18 + turn % 5 * 6, seats=20 + turn % 4 * 5, open_to_others=turn % 6 == 0,
                    contact_name=members[0].name, since=org.founded_on or self.days.ago(900), checked_on=self.days.ago(30 + turn),
                    checklist={code: place >= turn % 3 for place, code in enumerate(LABELS)},
                ))  # fmt: skip
        self.venues = Venue.objects.bulk_create(rows)
        self._hold_events()
        self._book_rooms()

    def _hold_events(self) -> None:
        """The centres' monthly events: theme days that were held there; one centre has none this month."""
        for number, venue in enumerate(self.venues[: len(PARKS)]):
            held = Activity.objects.filter(
                org_path__startswith=venue.org_path, kind__code="theme_day", state__in=[*COUNTED, State.PLANNED]
            )
            seen = set()
            for activity in held.order_by("held_on", "id"):
                month = activity.held_on.replace(day=1)
                if month not in seen and not (number == 3 and month == self.days.today.replace(day=1)):
                    seen.add(month)
                    activity.venue, activity.place = venue, venue.name
                    activity.save(update_fields=["venue", "place"])

    def _book_rooms(self) -> None:
        centre, guests = self.venues[0], [self.rosters.orgs[key] for key in ("single.0.0", "joint.0.0", "single.0.1")]
        VenueBooking.objects.bulk_create(
            VenueBooking(
                venue=centre, org=centre.org, org_path=centre.org_path, other_org=org, other_path=org.path, purpose=purpose, people=12 + turn,
                starts_at=moment(self.days.ahead(2 + turn), 14 + turn), ends_at=moment(self.days.ahead(2 + turn), 16 + turn),
                state=(BookingState.ACCEPTED, BookingState.REQUESTED, BookingState.ACCEPTED)[turn], contact_name=self.rosters.names.anybody(),
            )
            for turn, (org, purpose) in enumerate(zip(guests, ("主题党日", "支部党员大会", "党课"), strict=True))
        )  # fmt: skip

    def _write_lecturers(self) -> None:
        rows = []
        for number in range(3):
            park = self._park(number)
            rows += [
                Lecturer(
                    org=park,
                    org_path=park.path,
                    name=self.rosters.names.anybody(),
                    unit=unit,
                    topics=topics,
                    since=self.days.ago(700),
                )
                for unit, topics in LECTURERS
            ]
        self.lecturers = Lecturer.objects.bulk_create(rows)
        for number in range(3):
            pool = self.lecturers[number * len(LECTURERS) : (number + 1) * len(LECTURERS)]
            taught = Activity.objects.filter(
                org_path__startswith=self._park(number).path, second_kind__code="lecture", state__in=COUNTED
            )
            for turn, activity in enumerate(taught.order_by("held_on", "id")[::5]):
                activity.lecturer = pool[turn % len(pool)]
                activity.speaker = activity.lecturer.name
                activity.save(update_fields=["lecturer", "speaker"])
        branch, lecturer = self.rosters.orgs["single.0.0"], self.lecturers[0]
        LecturerBooking.objects.create(
            lecturer=lecturer, org=lecturer.org, other_org=branch, on=self.days.ahead(9), topic="党章里的权利和义务",
            place="三楼会议室", contact_name=self.rosters.names.anybody(),
        )  # fmt: skip

    def _write_classes(self) -> None:
        """One class for secretaries in each park and year; two secretaries were missing."""
        kind = ActivityKind.objects.get(code="training")
        for number in range(len(PARKS)):
            park = self._park(number)
            posts = list(Post.objects.open().filter(
                org_path__startswith=park.path, role=PostRole.SECRETARY, member__isnull=False).select_related("member__org"))  # fmt: skip
            for ago in (150 + number, 520 + number):
                held = self.days.ago(ago)
                roll = [post for post in posts if post.since <= held][2 if number == 1 else 0 :]
                if roll:
                    self._write_class(kind, park, held, roll)

    def _write_class(self, kind: ActivityKind, park: PartyOrg, held: datetime.date, roll: list[Post]) -> None:
        starts, hours = moment(held, 9), 56
        activity = Activity.objects.create(
            org=park, kind=kind, title=f"{held.year}年党支部书记培训班", starts_at=starts, ends_at=starts + datetime.timedelta(days=6, hours=8),
            held_on=held, place="园区党群服务中心", state=State.CONFIRMED, reported_on=held + datetime.timedelta(days=7), study_hours=hours,
            expected=len(roll), present=len(roll), minutes="按计划完成授课、研讨和结业测试。",
        )  # fmt: skip
        Participation.objects.create(
            activity=activity, org=park, kind=kind, held_on=held, state=State.CONFIRMED, reported_on=activity.reported_on,
            expected=len(roll), present=len(roll),
        )  # fmt: skip
        Attendance.objects.bulk_create(
            Attendance(activity=activity, member=post.member, org=post.member.org, org_path=post.member.org_path, held_on=held,
                       presence=Presence.PRESENT, hours=hours, counted=True)
            for post in roll
        )  # fmt: skip

    def _write_tips(self) -> None:
        """每季度下发: the sheets of the last quarters are done, this quarter's is under way."""
        branches = [org for org in self.rosters.orgs.values() if org.pk in self.rosters.here]
        for number in range(len(PARKS)):
            park = self._park(number)
            below = [org for org in branches if org.path.startswith(park.path)]
            for back in range(QUARTERS - 1, -1, -1):
                begun = self.days.in_quarter(back, 0.05)
                self._write_tip(
                    park,
                    self.days.period(back),
                    [o for o in below if (o.founded_on or self.days.today) <= begun],
                )

    def _write_tip(self, park: PartyOrg, quarter: Period, branches: list[PartyOrg]) -> None:
        issued = min(quarter.start + datetime.timedelta(days=8), self.days.today)
        past = quarter.end <= self.days.today
        about = TIPS[quarter.number - 1]
        sheet = TipSheet.objects.create(
            org=park, number=f"{quarter}-1", title=f"{quarter.label}学习教育提示单：{about}", quarter=str(quarter),
            content=f"一、学习：{about}。\n二、开展一次主题党日和一次党课。\n三、党员结合岗位谈体会。", due_on=quarter.last_day,
            state=TipSheetState.CLOSED if past else TipSheetState.ISSUED, issued_on=issued, closed_on=quarter.end if past else None,
        )  # fmt: skip
        records = self._first_records(quarter, issued, branches)
        receipts, links = [], []
        for turn, org in enumerate(branches):
            signed = past or turn % 7 != 3
            activity = records.get(org.pk) if signed and (past or turn % 2) else None
            receipt = TipSheetReceipt(
                sheet=sheet, org=org, org_path=org.path, other_org=park, other_path=park.path,
                signed_at=self.days.at(min(issued + datetime.timedelta(days=1 + turn % 5), self.days.today), 9, turn % 60) if signed else None,
                signed_by_name=self.rosters.here[org.pk][0].name if signed else "", done_on=activity.held_on if activity else None,
            )  # fmt: skip
            receipts.append(receipt)
            if activity:
                links.append(TipSheetLink(receipt=receipt, activity=activity, org=org, org_path=org.path))
        TipSheetReceipt.objects.bulk_create(receipts)
        TipSheetLink.objects.bulk_create(links)

    def _first_records(self, quarter: Period, issued: datetime.date, branches: list[PartyOrg]) -> dict[int, Activity]:
        """The first theme day of each branch after the sheet was issued."""
        held = Activity.objects.held_in(quarter).counted().filter(
            org__in=branches, kind__code="theme_day", held_on__gte=issued).order_by("-held_on", "-id")  # fmt: skip
        return {activity.org_id: activity for activity in held}
