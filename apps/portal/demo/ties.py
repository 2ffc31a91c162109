"""What happens to the members of the demo: agreements and contacts, departures, transfers, posts, talents."""

from __future__ import annotations

import datetime
import random
import re
from dataclasses import dataclass
from typing import Final

from apps.accounts.models import User
from apps.branches.models import PartyOrg, Term
from apps.branches.rules import OrgKind, needs_committee
from apps.branches.rules.terms import term_expiry
from apps.core.periods import add_months
from apps.enterprises.models import Enterprise
from apps.members.kinds import (
    ContactMethod,
    DepartureReason,
    Direction,
    HonourKind,
    LeavingReason,
    MobileReason,
    PostBasis,
    PostRole,
    PostSource,
    Relation,
    TalentKind,
    TransferKind,
    TransferState,
    UnitedFrontKind,
)
from apps.members.models import (
    ContactNote,
    Departure,
    DualAgreement,
    Honour,
    Member,
    Membership,
    MobileRecord,
    Post,
    Talent,
    Transfer,
    UnitedFrontPerson,
)

from .days import Days, between
from .parks import AGREEMENTS, DEPARTURES
from .rosters import HOMES, Rosters

THOUGHTS: Final = ("思想稳定，关心企业发展", "情绪积极，愿意参加支部活动", "对岗位调整有些顾虑，已谈心", "思想稳定")
STUDY: Final = ("按月自学，参加网络党课", "参加了本季主题党日", "自学为主，笔记已看", "学习材料已送达")
CONDUCT: Final = ("工作表现良好", "带头完成生产任务", "遵纪守法，邻里和睦", "志愿服务两次")
SEATS: Final = (PostRole.ORGANISATION, PostRole.PUBLICITY, PostRole.DISCIPLINE, PostRole.COMMITTEE)
VACANT: Final = "joint.1.0"
"""The branch whose secretary has just left."""
WITHOUT_COMMITTEE: Final = "single.2.1"
"""A branch of seven and more whose committee has not been elected."""
OVERDUE: Final = ("single.3.0", "single.4.1")
"""Branches whose election is late."""
BORROWED: Final = ("市工商联", "科学技术协会", "侨联", "统战工作站")


def approval(org: PartyOrg, on: datetime.date) -> str:
    """The document of that day by which the body that founded the organisation approved its leaders."""
    return re.sub(r"〔\d{4}〕\d+号", f"〔{on.year}〕{on.timetuple().tm_yday}号", org.approval_document)


@dataclass
class Ties:
    """Tells it for rosters that are written; everything in bulk, as facts of the past."""

    days: Days
    rng: random.Random
    rosters: Rosters
    secretaries: dict[int, User]

    def tell(self) -> None:
        self.branches = {org.pk: org for org in self.rosters.orgs.values()}
        self._write_terms()
        self._write_posts()
        self._write_groups()
        agreements = self._write_agreements()
        away = self._write_mobile()
        self._write_departures()
        self._write_transfers()
        self._write_contacts([*agreements, *away])
        self._write_talents()
        self._write_united_front()
        self._write_honours()

    def _write_terms(self) -> None:
        """The last election of every organisation that elects; the rhythm follows from the founding."""
        late = {self.rosters.orgs[key].pk for key in OVERDUE if key in self.rosters.orgs}
        terms = []
        for org in self.rosters.orgs.values():
            years = 5 if org.kind == OrgKind.COMMITTEE else 3
            if org.ended_on or org.founded_on is None or term_expiry(OrgKind(org.kind), org.founded_on) is None:
                continue
            held = max(0, (self.days.today - org.founded_on).days // (years * 366 - years))
            number = max(0, held - 1) if org.pk in late and held else held
            since = add_months(org.founded_on, 12 * years * number)
            terms.append(Term(
                org=org, number=number + 1, since=since, expires_on=add_months(since, 12 * years),
                approval_document=approval(org, since),
            ))  # fmt: skip
        self.terms = {term.org_id: term for term in Term.objects.bulk_create(terms)}

    def _write_posts(self) -> None:
        posts, renamed = [], []
        vacant = self.rosters.orgs.get(VACANT)
        bare = self.rosters.orgs.get(WITHOUT_COMMITTEE)
        for org_id, members in self.rosters.here.items():
            org, term = self.branches[org_id], self.terms.get(org_id)
            formal = [member for member in members if member.formal_on]
            user = self.secretaries.get(org_id)
            if not formal or (vacant is not None and org_id == vacant.pk):
                continue
            if user is not None:
                formal[0].name = user.display_name
                renamed.append(formal[0])
            seats = [PostRole.SECRETARY]
            if needs_committee(len(formal)) and not (bare and org_id == bare.pk):
                seats += SEATS[: self.rng.choice((2, 4))]
            posts += [self._post(org, term, member, role) for role, member in zip(seats, formal, strict=False)]
        Member.objects.bulk_update(renamed, ["name"])
        Post.objects.bulk_create([*posts, *self._officers_posts()])

    def _post(self, org: PartyOrg, term: Term | None, member: Member, role: PostRole) -> Post:
        begun = Membership.objects.filter(member=member, org=org).values_list("since", flat=True)[0]
        since = max(begun, term.since if term else begun)
        return Post(
            org=org, member=member, name=member.name, role=role.value, term=term, since=since,
            basis=PostBasis.ELECTED.value, source=PostSource.INTERNAL.value,
            source_unit=member.employer.name if member.employer else "",
            document=approval(org, since) if role is PostRole.SECRETARY else "",
        )  # fmt: skip

    def _officers_posts(self) -> list[Post]:
        """书记由街道党工委副书记兼任、副书记由公司部门负责人担任: who leads the committees of the parks."""
        posts = []
        for key, org in self.rosters.orgs.items():
            if key.startswith(("committee.", "park.")):
                term = self.terms.get(org.pk)
                since = max(
                    self.days.ago(900), org.founded_on or self.days.ago(900), term.since if term else self.days.ago(900)
                )
                posts += [
                    Post(org=org, name=self.rosters.names.anybody(), role=PostRole.SECRETARY.value, term=term, since=since,
                         basis=PostBasis.APPOINTED.value, source=PostSource.STREET.value, source_unit="街道党工委",
                         concurrent="街道党工委副书记", document=approval(org, since)),
                    Post(org=org, name=self.rosters.names.anybody(), role=PostRole.DEPUTY.value, term=term, since=since,
                         basis=PostBasis.APPOINTED.value, source=PostSource.PARK.value, source_unit="园区开发公司",
                         full_time=key.startswith("committee."), document=approval(org, since)),
                ]  # fmt: skip
        return posts

    def _write_groups(self) -> None:
        """The largest branch of the first park has two 党小组."""
        groups = [self.rosters.orgs[key] for key in ("group.0", "group.1")]
        members = self.rosters.here[self.rosters.orgs["single.0.0"].pk]
        for turn, member in enumerate(members):
            member.group = groups[turn % 2]
        Member.objects.bulk_update(members, ["group"])
        rows = list(Membership.objects.open().filter(member__in=members))
        chosen = {member.pk: member.group for member in members}
        for row in rows:
            row.group = chosen[row.member_id]
        Membership.objects.bulk_update(rows, ["group"])

    def _write_agreements(self) -> list[Member]:
        """384 名未转入党组织关系的党员签订了“双重”管理协议; a few have not yet."""
        signed = self.rosters.guests[:AGREEMENTS]
        rows = []
        for turn, member in enumerate(signed):
            since = max(self.days.ago(350 - turn * 7 % 330), member.org.founded_on or self.days.ago(350))
            rows.append(DualAgreement(
                member=member, org=member.org, enterprise=member.employer, home_text=member.home_text,
                number=f"双管〔{since.year}〕{turn + 1:03d}", signed_on=since, since=since, until=add_months(since, 12),
                contact_name=self.rosters.names.anybody(),
            ))  # fmt: skip
        DualAgreement.objects.bulk_create(rows)
        return signed

    def _some(self, count: int, skip: int) -> list[Member]:
        """Full members of different branches who hold no post."""
        branches = sorted(self.rosters.here.items())
        found = [m[-1 - skip] for _, m in branches if len(m) > 7 + skip and m[-1 - skip].formal_on]
        return found[:count]

    def _write_mobile(self) -> list[Member]:
        members = self._some(9, 1)
        MobileRecord.objects.bulk_create(
            MobileRecord(
                member=member, org=member.org, direction=Direction.OUT.value, counterpart="务工所在地流动党员党支部" if turn % 3 else "",
                place=("大连", "沈阳", "青岛", "天津")[turn % 4], reason=(MobileReason.WORK, MobileReason.RESIDENCE)[turn % 2].value,
                since=self.days.ago(200 + turn * 31), reported_on=self.days.ago(180 + turn * 31) if turn % 3 else None,
                contact_name=self.rosters.names.anybody(), card_number=f"流{turn + 1:04d}",
            )
            for turn, member in enumerate(members) if self._since(member) <= self.days.ago(200 + turn * 31)
        )  # fmt: skip
        return [row.member for row in MobileRecord.objects.select_related("member__org")]

    def _since(self, member: Member) -> datetime.date:
        since: datetime.date = (
            Membership.objects.filter(member=member).order_by("since").values_list("since", flat=True)[0]
        )
        return since

    def _write_departures(self) -> None:
        """79名因离职、退休、企业停产等离开的党员，组织关系已转往属地: before the history of the demo begins."""
        first = self.days.period(6).start
        hosts = [org for pk, org in sorted(self.branches.items())
                 if pk in self.rosters.here and org.founded_on and org.founded_on < first - datetime.timedelta(days=500)]  # fmt: skip
        firms: dict[int, Enterprise] = {
            pk: next(m.employer for m in self.rosters.here[pk] if m.employer) for pk in (org.pk for org in hosts)
        }
        reasons = [DepartureReason.RESIGNED] * 5 + [DepartureReason.RETIRED] * 2 + [DepartureReason.SUSPENDED]
        left = []
        for turn in range(DEPARTURES):
            org = hosts[turn % len(hosts)]
            left.append(self._departed(org, firms[org.pk], reasons[turn % len(reasons)], first, turn))
        Member.objects.bulk_create([member for member, *_ in left])
        Membership.objects.bulk_create([row for _, row, _, _ in left])
        Departure.objects.bulk_create([row for *_, row, _ in left])
        for _, _, departure, transfer in left:
            transfer.departure = departure
        Transfer.objects.bulk_create([row for *_, row in left])
        self._write_open_departures()

    def _departed(
        self, org: PartyOrg, firm: Enterprise, reason: DepartureReason, first: datetime.date, turn: int
    ) -> tuple[Member, Membership, Departure, Transfer]:
        since = (org.founded_on or first) + datetime.timedelta(days=30)
        left = between(
            since + datetime.timedelta(days=120), first - datetime.timedelta(days=60), self.rng.uniform(0.2, 0.95)
        )
        placed = left + datetime.timedelta(days=20 + turn % 30)
        joined = since - datetime.timedelta(days=self.rng.randrange(700, 7000))
        member = self.rosters.person(org, firm, "210603", joined)
        member.formal_on, member.relation = joined + datetime.timedelta(days=366), Relation.LEFT.value
        member.left_on, member.leaving_reason = placed, LeavingReason.TRANSFERRED.value
        member.destination = HOMES[turn % len(HOMES)]
        membership = Membership(
            member=member, org=org, enterprise=firm, since=since, until=placed, exit=LeavingReason.TRANSFERRED.value
        )
        departure = Departure(
            member=member, org=org, enterprise=firm, left_post_on=left, reason=reason.value,
            destination=member.destination, placed_on=placed,
        )  # fmt: skip
        transfer = Transfer(
            member=member, org=org, kind=TransferKind.OUT.value, state=TransferState.ACCEPTED.value, outside=member.destination,
            reason=f"{reason.label}，转往属地", requested_on=left, checked_on=left, approved_on=left + datetime.timedelta(days=5),
            letter_number=f"{left.year}-{turn + 1:03d}", letter_on=left + datetime.timedelta(days=6),
            valid_until=placed + datetime.timedelta(days=10), dues_paid_until=left, ended_on=placed,
        )  # fmt: skip
        return member, membership, departure, transfer

    def _write_open_departures(self) -> None:
        Departure.objects.bulk_create(
            Departure(member=member, org=member.org, enterprise=member.employer, left_post_on=self.days.ago(12 + 80 * turn),
                      reason=DepartureReason.RESIGNED.value, destination=HOMES[turn])
            for turn, member in enumerate(self._some(3, 2))
        )  # fmt: skip

    def _write_transfers(self) -> None:
        """Under way: one at each step, one letter about to expire."""
        states = (
            TransferState.DRAFT,
            TransferState.BRANCH_CHECKED,
            TransferState.APPROVED,
            TransferState.LETTER_ISSUED,
        )
        rows = []
        for turn, (state, member) in enumerate(zip(states, self._some(4, 3), strict=False)):
            asked = self.days.ago(4 + 7 * turn)
            row = Transfer(member=member, org=member.org, kind=TransferKind.OUT.value, state=state.value, requested_on=asked,
                           outside=HOMES[turn], reason="居住地变更")  # fmt: skip
            if state is not TransferState.DRAFT:
                row.checked_on, row.dues_paid_until = asked, asked
            if state in (TransferState.APPROVED, TransferState.LETTER_ISSUED):
                row.approved_on = asked + datetime.timedelta(days=2)
            if state is TransferState.LETTER_ISSUED:
                row.letter_number, row.letter_on, row.valid_until = "介字第 027 号", asked, self.days.ahead(5)
            rows.append(row)
        Transfer.objects.bulk_create(rows)

    def _write_contacts(self, members: list[Member]) -> None:
        """Every quarter of the last year; of this quarter two of three so far."""
        notes = []
        for turn, member in enumerate(members):
            for back in range(3):
                if back == 0 and turn % 3 == 0:
                    continue
                on = self.days.in_quarter(back, self.rng.uniform(0.1, 0.9))
                notes.append(ContactNote(
                    member=member, org=member.org, on=on, method=self.rng.choice(list(ContactMethod)).value,
                    contact_name=self.rosters.names.anybody(), thoughts=self.rng.choice(THOUGHTS),
                    study=self.rng.choice(STUDY), conduct=self.rng.choice(CONDUCT),
                ))  # fmt: skip
        ContactNote.objects.bulk_create(notes)

    def _write_talents(self) -> None:
        rows = []
        for turn, member in enumerate(self._some(14, 4)):
            issued, certified = self.days.ago(1200 - turn * 40), turn % 4 > 0
            rows.append(Talent(
                org=member.org, member=member, name=member.name, unit=member.employer.name if member.employer else "",
                kind=list(TalentKind)[turn % 4].value, joined_on=self.days.ago(900 - turn * 20),
                certificate="党务工作者资质证书" if certified else "",
                certificate_number=f"DW{issued.year}{turn + 1:03d}" if certified else "",
                issued_on=issued if certified else None, expires_on=add_months(issued, 36) if certified else None,
                in_management=turn % 3 == 0,
                placed_on=self.days.ago(100) if turn % 5 == 0 else None, placed_as="驻区企业党委组织员" if turn % 5 == 0 else "",
            ))  # fmt: skip
        Talent.objects.bulk_create(rows)

    def _write_united_front(self) -> None:
        kinds = (
            UnitedFrontKind.SCIENTIST,
            UnitedFrontKind.MINOR_PARTY,
            UnitedFrontKind.FOREIGNER,
            UnitedFrontKind.NO_PARTY,
        )
        firms = [row for place, row in sorted(self.rosters.rows.items()) if place[1] == "single"][::6]
        for turn, firm in enumerate(firms):
            kind = kinds[turn % len(kinds)]
            person = UnitedFrontPerson(
                org=firm.org, enterprise=firm, name=self.rosters.names.anybody(), kind=kind.value,
                party="民盟" if kind is UnitedFrontKind.MINOR_PARTY else "",
                nationality="韩国" if kind is UnitedFrontKind.FOREIGNER else "中国", position="技术总监",
                speciality="工业自动化", contact_name=BORROWED[turn % 4], registered_on=self.days.ago(400 - turn * 9),
            )  # fmt: skip
            person.phone = self.rosters.names.phone()
            person.save()

    def _write_honours(self) -> None:
        """3名党员被推荐为“两代表一委员”, and some who were commended."""
        kinds = [HonourKind.DELEGATE] * 3 + [HonourKind.HONOUR] * 6
        titles = ("市第十四届人大代表", "区政协委员候选人", "市党代会代表", *["园区优秀共产党员"] * 6)
        Honour.objects.bulk_create(
            Honour(member=member, org=member.org, kind=kind.value, title=title, level="市委", on=self.days.ago(150 + turn * 20))
            for turn, (kind, title, member) in enumerate(zip(kinds, titles, self._some(9, 5), strict=False))
        )  # fmt: skip
