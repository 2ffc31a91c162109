"""The page on which a branch marks its own members in a record that another branch keeps."""

from __future__ import annotations

from typing import Any

import pytest

from apps.activities.models import Activity, Attendance
from apps.core.scoping import unscoped

from .test_record_pages import page, sent, text  # noqa: F401 - a fixture and its helpers


@pytest.fixture
def joint(logbook: Any, cast: Any, roster: Any) -> Activity:
    """branch_a held a theme day together with branch_b."""
    with cast.within(cast.branch_a):
        found: Activity = logbook.log(co_hosts=[cast.branch_b])
        return found


def address(joint: Activity) -> str:
    return f"/activities/{joint.pk}/attendance/"


def answers(form: Any, absent: Any = None, reason: str = "shift") -> dict[str, Any]:
    data = {"version": form["version"].value(), "submission": form["submission"].value(), "listed": form.listed()}
    gone = str(absent.pk) if absent else ""
    return {**data, "present": [str(x.pk) for x in form.lines() if str(x.pk) != gone], f"reason_{gone}": reason}


def test_the_co_host_finds_the_way_on_the_page_of_the_record_and_the_host_does_not(joint, page):  # noqa: F811
    assert address(joint) in text(page(joint.get_absolute_url(), "secretary_b"))
    assert address(joint) not in text(page(joint.get_absolute_url(), "secretary_a"))


def test_the_co_host_marks_who_of_its_own_was_absent(joint, page, roster):  # noqa: F811
    form = page(address(joint), "secretary_b").context["form"]
    assert {line.name for line in form.lines()} == {"吴刚", "郑爽"}
    assert all(line.ticked for line in form.lines())
    sent_back = page(address(joint), "secretary_b", **answers(form, roster.worker_b1))
    assert sent_back.status_code == 302
    with unscoped("test"):
        assert Attendance.objects.get(presence="absent").member == roster.worker_b1
        assert Activity.objects.get().present == 7
    again = page(address(joint), "secretary_b").context["form"]
    assert [(line.name, line.reason) for line in again.lines() if not line.ticked] == [(roster.worker_b1.name, "shift")]


def test_an_absence_without_a_reason_is_refused_by_name(joint, page, roster):  # noqa: F811
    form = page(address(joint), "secretary_b").context["form"]
    refused = page(address(joint), "secretary_b", **answers(form, roster.worker_b1, reason=""))
    assert refused.status_code == 422
    assert f"请选择缺席原因：{roster.worker_b1.name}" in text(refused)


def test_a_record_that_the_host_changed_meanwhile_is_a_conflict(joint, page, roster):  # noqa: F811
    form = page(address(joint), "secretary_b").context["form"]
    with unscoped("test"):
        Activity.objects.update(version=joint.version + 1)
    assert page(address(joint), "secretary_b", **answers(form, roster.worker_b1)).status_code == 409


@pytest.mark.parametrize("username", ["secretary_a", "clerk_a1", "authority_officer"])
def test_nobody_else_marks_for_the_branch(joint, page, username):  # noqa: F811
    assert page(address(joint), username).status_code in (403, 404)
