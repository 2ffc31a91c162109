"""The demo park reproduces the published figures, by the program's own count and by a plain count of the rows."""

from __future__ import annotations

import datetime
import json
import random
from collections import Counter
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from openpyxl import load_workbook

from apps.accounts.models import User
from apps.activities.kinds import COUNTED, State
from apps.activities.models import Activity, Attendance, PioneerPost, ReviewRound, TipSheet
from apps.branches.models import PartyOrg
from apps.census.models import CensusReturn, CensusRound, ReturnEvent
from apps.core import audit
from apps.core.codes import check_credit_code, check_id_number, check_phone
from apps.core.periods import Period
from apps.core.regions import region_name
from apps.core.scoping import unscoped
from apps.coverage import figures
from apps.coverage.ledgers import NamesLedger
from apps.coverage.reading import read
from apps.coverage.summaries import trend
from apps.enterprises.models import (
    Condition,
    Enterprise,
    Establishment,
    Instructor,
    InstructorAssignment,
    MassOrganization,
    Park,
    Visit,
)
from apps.members.ledgers.roster import MemberRoster
from apps.members.models import Departure, DualAgreement, Member, Membership, Transfer
from apps.members.rules.mobile import AgreementState
from apps.portal.demo.days import Days
from apps.portal.demo.firms import Firm, invent
from apps.portal.demo.load import SEED
from apps.portal.demo.names import Names
from apps.portal.demo.people import ACCOUNTS, PASSWORD

pytestmark = pytest.mark.django_db  # the module's own transaction lies around those of its tests
REGISTRY = Path(settings.BASE_DIR).parent / "shared" / "data" / "registry_dandong.xlsx"

PUBLISHED = {  # quarters ago: (covered, counted)
    0: (116, 143), 1: (114, 143), 2: (110, 141), 3: (105, 139), 4: (99, 137), 5: (93, 135),
}  # fmt: skip
DAYS = [datetime.date(2026, 8, 19), datetime.date(2026, 10, 1)]
"""In the middle of a quarter, and on the first day of one."""


@pytest.fixture(scope="module", params=[pytest.param(day, id=str(day), marks=pytest.mark.slow) for day in DAYS])
def today(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Any:
    """The demo, loaded once for the tests of this module as of one day, and taken out again."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", on=request.param, stdout=StringIO())
        with unscoped("the demo is counted as a whole"):
            yield request.param
        transaction.set_rollback(True)


def in_force(rows: Any, day: datetime.date) -> list[Any]:
    return [row for row in rows if row.since <= day and (row.until is None or day < row.until)]


def plain_count(day: datetime.date) -> dict[str, Any]:
    """The figures of a day by loops over rows: nothing of coverage is used here."""
    conditions = {row.enterprise_id: row for row in in_force(Condition.objects.all(), day)}
    covers: dict[int, set[str]] = {}
    for row in in_force(Establishment.objects.all(), day):
        covers.setdefault(row.enterprise_id, set()).add(row.form)
    workers = {
        row.enterprise_id
        for model in (InstructorAssignment, MassOrganization)
        for row in in_force(model.objects.all(), day)
    }
    excluded: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for pk, c in conditions.items():
        if c.status != "operating":
            excluded[{"revoked": "cancelled"}.get(c.status, c.status)] += 1
        elif c.staff == 0 and not c.has_operations:
            excluded["shell"] += 1
        elif not c.has_premises:
            excluded["no_premises"] += 1
        elif c.staff < 10:
            excluded["too_few_staff"] += 1
        elif not c.has_operations:
            excluded["no_operations"] += 1
        else:
            forms = covers.get(pk, set())
            covered = bool(forms - {"affiliated"})
            found.update({
                "enterprises": 1, "organisation_covered": covered, "work_covered": covered or pk in workers,
                "single_built": "single" in forms, "focus": c.staff >= 100,
                "focus_single_built": c.staff >= 100 and "single" in forms,
                "should_build": c.formal_members >= 3 and "single" not in forms,
                "should_join": 0 < c.formal_members < 3 and not covered,
            })  # fmt: skip
    return {**found, "excluded": dict(excluded)}


def test_published_figures_come_out_of_a_plain_count(today: datetime.date) -> None:
    found = plain_count(today)
    assert (found["organisation_covered"], found["enterprises"]) == (116, 143)
    assert round(100 * found["organisation_covered"] / found["enterprises"], 1) == 81.1
    assert found["work_covered"] == 143
    assert found["focus"] == found["focus_single_built"] == 18
    assert sum(found["excluded"].values()) == 22
    assert set(found["excluded"]) == {
        "moved_out", "cancelled", "suspended", "preparing", "shell", "no_premises", "too_few_staff", "no_operations",
    }  # fmt: skip
    assert Enterprise.objects.count() == 165
    assert Enterprise.objects.filter(sync_founded_on__isnull=False).count() == 67
    assert len(in_force(Instructor.objects.all(), today)) == 12
    assert Counter(Park.objects.values_list("level", flat=True)) == {"provincial": 3, "city": 5}


def test_the_program_counts_the_same(today: datetime.date) -> None:
    plain = plain_count(today)
    reading = read({}, today=today)
    totals = figures.total(reading.basis, reading.definition)
    assert totals.organisation_rate == Decimal("0.8112")
    assert totals.work_rate == totals.focus_single_rate == 1
    assert {reason.value: count for reason, count in totals.excluded.items()} == plain.pop("excluded")
    assert {name: getattr(totals, name) for name in plain} == plain


def test_closed_quarters_are_frozen_and_rise(today: datetime.date) -> None:
    for back in range(1, 6):
        period = Period.quarter_of(today).shift(-back)
        reading = read({"period": str(period)}, today=today)
        totals = figures.total(reading.basis, reading.definition)
        plain = plain_count(period.last_day)
        assert reading.basis.frozen
        assert (totals.organisation_covered, totals.enterprises) == PUBLISHED[back]
        assert (plain["organisation_covered"], plain["enterprises"]) == PUBLISHED[back]
    reading = read({}, today=today)
    rates = [totals.organisation_rate for _, totals in trend(reading.basis, reading.definition)]
    assert rates == sorted(rates)
    assert len(rates) == 5


def test_an_instructor_contacts_at_most_three_enterprises_and_all_uncovered_ones_are_contacted(
    today: datetime.date,
) -> None:
    covered = {r.enterprise_id for r in in_force(Establishment.objects.exclude(form="affiliated"), today)}
    loads = Counter(r.instructor_id for r in in_force(InstructorAssignment.objects.all(), today))
    contacted = {r.enterprise_id for r in in_force(InstructorAssignment.objects.all(), today)}
    assert max(loads.values()) <= 3
    assert len(loads) == 12
    assert len(contacted - covered) == 27


def test_the_first_parks_committee_has_19_branches_of_which_two_are_joint_and_253_members(today: datetime.date) -> None:
    committee = PartyOrg.objects.get(code="DL01W")
    below = PartyOrg.objects.filter(path__startswith=committee.path, kind__in=["branch", "joint_branch"])
    assert Counter(below.values_list("kind", flat=True)) == {"branch": 17, "joint_branch": 2}
    assert len({m.member_id for m in in_force(Membership.objects.filter(org__in=below), today)}) == 253
    ledger = MemberRoster({"org": "DL01W"}, today=today)
    assert ledger.queryset().count() == 253


def test_384_members_are_under_an_agreement_and_79_departures_are_placed(today: datetime.date) -> None:
    agreements = in_force(DualAgreement.objects.select_related("member"), today)
    assert len(agreements) == len({row.member_id for row in agreements}) == 384
    assert {row.member.relation for row in agreements} == {"elsewhere"}
    assert DualAgreement.objects.in_state(AgreementState.EXPIRED, today, notice_days=0).count() == 0
    placed = [row for row in Departure.objects.all() if row.placed_on]
    assert len(placed) == len({row.member_id for row in placed}) == 79
    assert Transfer.objects.filter(departure__in=placed, state="accepted").count() == 79
    assert not in_force(Membership.objects.filter(member__in=[row.member_id for row in placed]), today)


def test_rosters_and_census_agree_on_every_closed_quarter_and_today(today: datetime.date) -> None:
    for day in [today, *(Period.quarter_of(today).shift(-back).last_day for back in range(1, 6))]:
        names = NamesLedger({"figure": "disagreement", "day": day.isoformat()}, today=today).queryset()
        assert [(row.name, row.formal_members, row.census_members) for row in names] == []


def test_every_number_of_a_member_is_valid_and_no_two_are_the_same(today: datetime.date) -> None:
    numbers = [check_id_number(member.id_number, today=today) for member in Member.objects.all()]
    assert len({number.number for number in numbers}) == len(numbers) > 1400
    assert not any(number.warnings for number in numbers)
    assert all(member.born_on == number.birth for member, number in zip(Member.objects.all(), numbers, strict=True))


def test_this_quarters_census_is_half_way(today: datetime.date) -> None:
    rounds = CensusRound.objects.filter(period=str(Period.quarter_of(today)))
    assert rounds.count() == 7
    assert not rounds.filter(closed_at__isnull=False).exists()
    states = Counter(CensusReturn.objects.filter(round__in=rounds).values_list("state", flat=True))
    assert set(states) == {"not_started", "draft", "submitted", "returned", "approved"}
    assert 0.3 < (states["submitted"] + states["approved"]) / sum(states.values()) < 0.7
    assert CensusReturn.objects.filter(round__in=rounds, state="returned").exclude(comment="").exists()
    past = CensusReturn.objects.exclude(round__in=rounds)
    assert past.filter(is_on_time=False).exists()
    assert past.filter(no_change=False, submitted_on__isnull=False).exists()


def test_arrivals_of_this_month_are_partly_visited(today: datetime.date) -> None:
    arrived = Enterprise.objects.filter(arrived_on__gte=today.replace(day=1))
    visited = arrived.filter(visits__on__gte=today.replace(day=1)).distinct()
    assert arrived.count() == 4
    assert visited.count() == 2


def test_nothing_happens_after_today(today: datetime.date) -> None:
    end = today + datetime.timedelta(days=1)
    assert not Visit.objects.filter(on__gt=today).exists()
    assert not Condition.objects.filter(since__gt=today).exists()
    assert not ReturnEvent.objects.filter(at__date__gte=end, census_return__round__closed_at__isnull=True).exists()
    assert not Enterprise.objects.filter(arrived_on__gt=today).exists()
    assert not PartyOrg.objects.filter(founded_on__gt=today).exists()


def test_every_code_is_valid_and_no_name_is_real(today: datetime.date) -> None:
    rows = list(Enterprise.objects.values_list("name", "credit_code", "contact_phone"))
    for _, code, phone in rows:
        assert check_credit_code(code) == code
        assert (region_name(code[2:8]) or "").startswith("辽宁省")
        assert check_phone(phone) == phone
    assert len({name for name, _, _ in rows}) == 165
    if REGISTRY.exists():
        sheet = load_workbook(REGISTRY, read_only=True).worksheets[0]
        real = {str(cell).strip() for row in sheet.iter_rows(values_only=True) for cell in row if cell}
        assert not real & {name for name, _, _ in rows}
        assert not real & {code for _, code, _ in rows}


def test_the_audit_trail_is_whole(today: datetime.date) -> None:
    checked, broken = audit.verify()
    assert broken is None
    assert checked > 400


def test_loading_again_changes_nothing(today: datetime.date) -> None:
    before = (User.objects.count(), Enterprise.objects.count(), CensusReturn.objects.count())
    said = StringIO()
    call_command("load_demo", stdout=said)
    assert "已经载入" in said.getvalue()
    assert (User.objects.count(), Enterprise.objects.count(), CensusReturn.objects.count()) == before


def test_demo_accounts_sign_in_and_every_page_says_that_it_is_a_demo(today: datetime.date) -> None:
    said = StringIO()
    call_command("demo_accounts", json=True, stdout=said)
    rows = json.loads(said.getvalue())
    assert [row["username"] for row in rows] == [*(account.username for account in ACCOUNTS), "admin"]
    assert {row["role"] for row in rows} == {
        "authority_officer", "park_officer", "branch_secretary", "branch_clerk", "instructor", "auditor", "system_admin",
    }  # fmt: skip
    for row in rows:
        client = Client()
        answer = client.post("/signin/", {"username": row["username"], "password": row["password"]})
        assert answer.status_code == 302, row["username"]
        page = client.get("/")
        assert page.status_code == 200, row["username"]
        assert "演示环境，数据均为虚构" in page.content.decode(), row["username"]
    assert User.objects.get(username="city").check_password(PASSWORD)


def test_the_story_holds_on_any_day() -> None:
    """Dates stay in order, whatever day of a quarter the demo is loaded on."""
    for offset in range(0, 800, 11):
        day = datetime.date(2026, 1, 1) + datetime.timedelta(days=offset)
        days = Days(day)
        rng = random.Random(SEED)
        for firm in invent(days, rng, Names(rng)):
            assert_in_order(firm, day)
        assert days.round_opens(0) <= day < days.round_due(0)
        assert days.round_closes(1) <= day


def assert_in_order(firm: Firm, day: datetime.date) -> None:
    dates = [since for since, _ in firm.slices]
    assert dates == sorted(set(dates)), firm.place
    assert firm.arrived == dates[0]
    assert dates[-1] <= day
    for cover in firm.covers:
        assert firm.arrived <= cover.since <= day, firm.place
        assert cover.until is None or cover.since < cover.until <= day, firm.place


PIONEER_POSTS = {"area": 458, "post": 836, "board": 380, "task_force": 132, "innovation": 310}


def test_the_pioneer_posts_are_the_published_numbers(today: datetime.date) -> None:
    standing = Counter(post.kind for post in in_force(PioneerPost.objects.all(), today))
    assert {kind: standing[kind] for kind in PIONEER_POSTS} == PIONEER_POSTS


def test_lectures_by_form_are_the_published_numbers(today: datetime.date) -> None:
    held = [a.form.name for a in Activity.objects.select_related("form") if a.form and a.state in COUNTED]
    assert Counter(held)["车间微党课"] == 235
    assert Counter(held)["情景互动式党课"] == 93


def test_every_park_asks_for_a_tip_sheet_each_quarter(today: datetime.date) -> None:
    sheets = Counter((sheet.org_id, sheet.quarter) for sheet in TipSheet.objects.all())
    assert set(sheets.values()) == {1}
    assert len({org for org, _ in sheets}) == 8


def test_nobody_is_at_a_meeting_of_a_branch_to_which_he_did_not_belong_that_day(today: datetime.date) -> None:
    belonging = {(m.member_id, m.org_id): (m.since, m.until) for m in Membership.objects.order_by("since")}
    checked = 0
    for row in Attendance.objects.filter(is_visitor=False, activity__kind__audience="members").order_by("id")[::29]:
        since, until = belonging[row.member_id, row.org_id]
        assert since <= row.held_on < (until or datetime.date.max)
        checked += 1
    assert checked > 500


def test_the_heads_of_a_record_are_those_of_its_attendances(today: datetime.date) -> None:
    heads: Counter[int] = Counter()
    for activity, presence in Attendance.objects.filter(is_visitor=False).values_list("activity", "presence"):
        heads[activity] += presence == "present"
    assert {a.pk: a.present for a in Activity.objects.all() if a.present} == {pk: n for pk, n in heads.items() if n}


def test_a_record_of_the_demo_is_a_plan_exactly_when_it_lies_ahead(today: datetime.date) -> None:
    states = {(a.state == State.PLANNED, a.held_on > today) for a in Activity.objects.all()}
    assert states <= {(True, True), (False, False)}


def test_a_review_calls_at_most_a_third_excellent(today: datetime.date) -> None:
    for review in ReviewRound.objects.prefetch_related("results"):
        grades = [result.grade for result in review.results.all() if result.grade]
        assert grades.count("excellent") <= len(grades) // 3
