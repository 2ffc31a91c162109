"""What the office sets: kinds, forms and dated requirements, each for whom it may."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.activities.compliance.cells import board
from apps.activities.models import ActivityForm, ActivityKind, Requirement
from apps.core.periods import Period
from tests.activities.conftest import TODAY

PAGE = "/activities/settings/"
KIND = {"name": "读书会", "audience": "members", "book": "study", "study_hours": "1", "order": "200"}
ASK = {
    "org_path": "", "org_kinds": ["branch", "joint_branch"], "rhythm": "month", "times": "1", "subject": "organisation",
    "condition": "has_members", "weight": "local", "since": "2027-01-01", "source": "党工委会议纪要",
}  # fmt: skip


def client(cast, username="authority_officer"):
    found = Client()
    found.force_login(getattr(cast.users, username))
    return found


def ask(kind="study", **changes):
    return {"kind": ActivityKind.objects.get(code=kind).pk, **ASK, **changes}


@pytest.fixture
def office(cast):
    return client(cast)


def test_the_page_shows_requirements_with_basis_and_confidence_kinds_forms_and_numbers(office):
    text = office.get(PAGE).content.decode()
    for said in ("每季度 1 次", "中国共产党支部工作条例（试行）", "第十一条", "转引", "车间微党课", "主题党日固定日"):
        assert said in text


def test_the_office_adds_a_kind(office):
    assert office.post(f"{PAGE}kinds/new/", KIND).status_code == 302
    row = ActivityKind.objects.get(name="读书会")
    assert (row.built_in, row.active, row.audience, row.book) == (False, True, "members", "study")


def test_a_kind_called_like_another_is_asked_about_first(office):
    answer = office.post(f"{PAGE}kinds/new/", {**KIND, "name": "微党课"})
    assert answer.status_code == 422
    assert "「党课」" in answer.content.decode()
    assert not ActivityKind.objects.filter(name="微党课").exists()
    assert office.post(f"{PAGE}kinds/new/", {**KIND, "name": "微党课", "confirmed": "on"}).status_code == 302


def test_the_same_name_twice_is_refused_even_when_confirmed(office):
    assert office.post(f"{PAGE}kinds/new/", {**KIND, "name": "党课", "confirmed": "on"}).status_code == 422


def test_a_kind_is_switched_off_and_stays(office):
    kind = ActivityKind.objects.get(code="culture")
    facts = {"name": kind.name, "audience": kind.audience, "book": kind.book, "study_hours": "0", "order": kind.order}
    url = f"{PAGE}kinds/{kind.pk}/"
    assert office.post(url, {**facts, "version": kind.version}).status_code == 302
    kind.refresh_from_db()
    assert not kind.active
    assert office.post(url, {**facts, "version": kind.version - 1}).status_code == 409


def test_a_built_in_kind_keeps_its_name(office):
    kind = ActivityKind.objects.get(code="assembly")
    facts = {"audience": kind.audience, "book": kind.book, "study_hours": "1", "order": kind.order, "active": "on"}
    answer = office.post(f"{PAGE}kinds/{kind.pk}/", {**facts, "name": "全体会"})
    assert answer.status_code == 422
    assert "不能改名" in answer.content.decode()


def test_the_office_adds_and_switches_off_a_form(office):
    lecture = ActivityKind.objects.get(code="lecture")
    assert office.post(f"{PAGE}forms/new/", {"name": "田间课堂", "kind": lecture.pk, "order": "10"}).status_code == 302
    row = ActivityForm.objects.get(name="田间课堂")
    facts = {"name": "田间课堂", "kind": lecture.pk, "order": "10", "version": row.version}
    assert office.post(f"{PAGE}forms/{row.pk}/", facts).status_code == 302
    row.refresh_from_db()
    assert not row.active


def test_lists_of_the_whole_portal_are_locked_for_one_park(cast):
    officer = client(cast, "park_officer")
    assert "全平台通用" in officer.get(f"{PAGE}kinds/new/").content.decode()
    assert officer.post(f"{PAGE}kinds/new/", KIND).status_code == 422
    assert not ActivityKind.objects.filter(name="读书会").exists()


def test_a_park_asks_of_its_own_branches_only(cast, roster):
    officer = client(cast, "park_officer")
    assert officer.post(f"{PAGE}requirements/new/", ask(since="2026-10-01")).status_code == 422
    answer = officer.post(f"{PAGE}requirements/new/", ask(since="2026-10-01", org_path=cast.park_org.path))
    assert answer.status_code == 302
    with cast.within(cast.authority):
        q4 = Period.parse("2026Q4")
        own = board(cast.park_org, q4, today=TODAY).total.cells["study-month-organisation"]
        assert (own.bound, own.expected) == (2, 4)
        assert "study-month-organisation" not in board(cast.sibling_org, q4, today=TODAY).total.cells


def test_a_new_requirement_ends_the_one_before_and_both_stay_in_the_history(office):
    kind = ActivityKind.objects.get(code="lecture")
    facts = ask("lecture", rhythm="quarter", times="2", since="2027-01-01",
                org_kinds=["branch", "joint_branch", "temporary_branch", "mobile_branch"])  # fmt: skip
    assert office.post(f"{PAGE}requirements/new/", facts).status_code == 302
    text = office.get(f"{PAGE}requirements/{kind.pk}/").content.decode()
    assert "每季度 2 次" in text
    assert "未到生效日" in text
    assert "2018-10-28 至 2027-01-01" in text


def test_the_form_begins_with_what_holds_today(office):
    form = office.get(f"{PAGE}requirements/new/?kind=theme_day").context["form"]
    assert (form.initial["rhythm"], form.initial["times"]) == ("month", 1)


def test_a_requirement_is_ended_by_whoever_answers_for_its_node(cast, office):
    officer = client(cast, "park_officer")
    officer.post(f"{PAGE}requirements/new/", ask(since="2026-10-01", org_path=cast.park_org.path))
    row = Requirement.objects.get(kind__code="study")
    whole = Requirement.objects.filter(org_path="").first()
    assert officer.get(f"{PAGE}requirements/{whole.pk}/end/").status_code == 404
    assert officer.post(f"{PAGE}requirements/{row.pk}/end/", {"until": "2026-12-01"}).status_code == 302
    row.refresh_from_db()
    assert row.until == datetime.date(2026, 12, 1)


@pytest.mark.parametrize("username", ["secretary_a", "clerk_a1", "instructor"])
def test_branches_set_nothing(cast, username):
    assert client(cast, username).get(PAGE).status_code == 403


def test_the_page_costs_the_same_for_many_requirements(office):
    office.get(PAGE)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            office.get(PAGE)
        return len(captured)

    few = cost()
    kind = ActivityKind.objects.get(code="study")
    Requirement.objects.bulk_create(
        Requirement(kind=kind, org_kinds=["branch"], rhythm="month", times=n, since=f"20{n}-01-01", weight="local",
                    source="通知") for n in range(27, 67)
    )  # fmt: skip
    ActivityKind.objects.bulk_create(
        ActivityKind(code=f"k{n}", name=f"第{n}类", audience="members", book="study") for n in range(40)
    )
    assert cost() == few <= 15
