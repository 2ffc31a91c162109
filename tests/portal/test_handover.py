"""岗位交接: the old account loses write at once, the successor finds duties, ledgers and whom to call."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from openpyxl import load_workbook

from apps.accounts.handovers import hand_over, holders
from apps.accounts.models import Handover, RoleAssignment, User
from apps.core.errors import Conflict, DomainError
from apps.core.guard import resolve_scope
from apps.core.jobs import run
from apps.core.models import AuditEntry, Job
from apps.members import permissions as members
from tests.cast import Cast

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 22)


@pytest.fixture
def successor(cast: Cast) -> User:
    return User.objects.create(username="successor", display_name="新书记", must_change_password=False, password="!")


def grant(cast: Cast) -> RoleAssignment:
    return next(row for row in holders(cast.branch_a, TODAY) if row.user == cast.users.secretary_a)


def done(cast: Cast, successor: User | None, **more: Any) -> Handover:
    with cast.within(cast.park_org):
        return hand_over(
            org=cast.branch_a, grant=grant(cast), incoming=successor, today=TODAY, actor=cast.users.park_officer, **more
        )


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_role_goes_from_one_to_the_other_on_the_day(cast: Cast, successor: User) -> None:
    row = done(cast, successor, note="正常调整")
    assert not resolve_scope(cast.users.secretary_a, members.KEEP)
    assert resolve_scope(successor, members.KEEP).covers(cast.branch_a.path)
    assert (row.outgoing_name, row.incoming_name, row.handled_by_name) == ("王书记", "新书记", "李明")
    assert AuditEntry.objects.filter(action="handover.done").count() == 1


def test_the_next_request_of_the_old_account_is_refused(cast: Cast, successor: User) -> None:
    old = client_of(cast.users.secretary_a)
    assert old.get("/members/new/").status_code == 200
    done(cast, successor)
    assert old.get("/members/new/").status_code == 403
    assert client_of(successor).get("/members/new/").status_code == 200


def test_without_a_successor_the_post_is_vacant_and_the_old_account_is_out_all_the_same(cast: Cast) -> None:
    done(cast, None, disable=True)
    assert [row.user for row in holders(cast.branch_a, TODAY)] == [cast.users.clerk_a1]
    assert not User.objects.get(pk=cast.users.secretary_a.pk).is_active


def test_an_account_that_holds_something_else_stays_open(cast: Cast, successor: User) -> None:
    RoleAssignment.objects.create(user=cast.users.secretary_a, role="branch_clerk", org=cast.branch_b, since=TODAY)
    done(cast, successor, disable=True)
    assert User.objects.get(pk=cast.users.secretary_a.pk).is_active


def test_a_second_officer_is_told_that_it_is_done(cast: Cast, successor: User) -> None:
    seen = grant(cast)
    done(cast, successor)
    with cast.within(cast.park_org), pytest.raises(Conflict):
        hand_over(org=cast.branch_a, grant=seen, incoming=successor, today=TODAY, actor=cast.users.park_officer)


def test_nobody_hands_over_to_himself(cast: Cast) -> None:
    with pytest.raises(DomainError, match="本人"):
        done(cast, cast.users.secretary_a)


def test_only_who_stands_above_hands_over(cast: Cast) -> None:
    assert client_of(cast.users.secretary_a).get(f"/orgs/{cast.branch_a.pk}/handover/").status_code == 403
    assert client_of(cast.users.park_officer).get(f"/orgs/{cast.sibling_branch.pk}/handover/").status_code == 404


def test_the_form_names_the_holders_and_refuses_an_unknown_account(cast: Cast, successor: User) -> None:
    officer = client_of(cast.users.park_officer)
    page = officer.get(f"/orgs/{cast.branch_a.pk}/handover/").content.decode()
    assert "王书记（党支部书记）" in page
    answer = officer.post(f"/orgs/{cast.branch_a.pk}/handover/", {"grant": grant(cast).pk, "incoming": "谁"})
    assert answer.status_code == 422
    assert "没有这个账号" in answer.content.decode()
    answer = officer.post(f"/orgs/{cast.branch_a.pk}/handover/", {"grant": grant(cast).pk, "incoming": "successor"})
    assert answer.status_code == 302
    assert officer.get(f"/orgs/{cast.branch_a.pk}/").content.decode().count("王书记 → 新书记") == 1


def test_the_page_shows_duties_ledgers_and_contacts_of_this_branch_alone(
    cast: Cast, successor: User, roster: Any
) -> None:
    row = done(cast, successor)
    page = client_of(successor).get(row.get_absolute_url()).content.decode()
    assert "党员名册" in page
    assert "企业台账" in page
    assert "李明" in page  # the officer above
    assert cast.enterprise_sibling.name not in page
    assert client_of(cast.users.secretary_b).get(row.get_absolute_url()).status_code == 404


def test_the_zip_holds_a_workbook_for_each_ledger_of_the_branch(cast: Cast, successor: User, roster: Any) -> None:
    row = done(cast, successor)
    with cast.within(cast.park_org):
        answer = client_of(cast.users.park_officer).post(f"/handovers/{row.pk}/package/")
    assert answer.status_code == 302
    job = Job.objects.get(kind="portal.handover")
    run(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    content = (Path(settings.MEDIA_ROOT) / "jobs" / job.stored_name).read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = package.namelist()
        assert names[0] == "00_待办事项和联系人.xlsx"
        roster_file = next(name for name in names if name.endswith("党员名册.xlsx"))
        sheet = load_workbook(io.BytesIO(package.read(roster_file))).worksheets[0]
        cells = {str(cell.value) for line in sheet.iter_rows() for cell in line}
    assert {roster.worker_a1.name, roster.worker_a3.name} <= cells
    assert roster.worker_b1.name not in cells
    assert not any(cast.sibling_branch.short_name in cell for cell in cells)
