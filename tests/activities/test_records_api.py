"""Records by program: the services of the pages, their rights and refusals, and nothing outside the scope."""

from __future__ import annotations

import datetime
import uuid

import pytest

from apps.accounts.models import RoleAssignment
from apps.activities.kinds import State
from apps.activities.models import Activity, Participation
from apps.activities.services.records_review import return_activity
from apps.core.scoping import EVERYTHING, use_scope

from .conftest import TODAY

pytestmark = pytest.mark.django_db

WRITERS = {"secretary_a", "clerk_a1", "park_officer"}
READERS = WRITERS | {"authority_officer"}


@pytest.fixture
def send(cast, roster, client):
    def run(url="", method="post", username="secretary_a", **data):
        client.force_login(getattr(cast.users, username))
        body = {"data": data} if method == "get" else {"data": data, "content_type": "application/json"}
        return getattr(client, method)(f"/api/v1/activities/{url}", **body)

    return run


def new(**more):
    return {"org": "JYA", "kind": "theme_day", "title": "重温入党誓词", "starts_at": "2026-11-20T14:00:00", **more}


def kept(pk):
    with use_scope(EVERYTHING):
        return Activity.objects.get(pk=pk)


class TestLogging:
    def test_a_record_is_answered_with_its_sides_and_its_sheet(self, send, roster):
        answer = send(
            **new(absent=[{"member": roster.worker_a2.pk, "reason": "shift"}], minutes="一、重温誓词\n二、讨论")
        )
        body = answer.json()
        assert answer.status_code == 201
        assert (body["state"], body["held_on"], body["expected"], body["present"]) == ("submitted", "2026-11-20", 6, 5)
        assert (body["kind"], body["version"], body["study_hours"]) == ("theme_day", 1, "2.0")
        assert body["sides"] == [{"org": "JYA", "name": "子公司党支部", "is_host": True, "expected": 6, "present": 5}]
        assert [line["name"] for line in body["sheet"] if line["presence"] == "absent"] == ["孙·阿依古丽"]
        assert body["minutes"] == "一、重温誓词\n二、讨论"

    def test_the_same_key_answers_the_same_record(self, send):
        key = str(uuid.uuid4())
        first, again = (send(**new(key=key)).json()["id"] for _ in range(2))
        assert first == again
        with use_scope(EVERYTHING):
            assert Activity.objects.count() == 1

    def test_a_moment_without_an_offset_is_by_the_clock_of_the_place(self, send):
        assert send(**new(starts_at="2026-11-20T00:30:00")).json()["held_on"] == "2026-11-20"
        assert send(**new(starts_at="2026-11-20T16:30:00Z")).json()["held_on"] == "2026-11-21"

    def test_a_refusal_says_code_sentence_field_and_basis(self, send):
        answer = send(**new(second_kind="talk"))
        assert answer.status_code == 409
        body = answer.json()
        assert (body["code"], body["field"]) == ("kinds_apart", "second_kind")
        assert "第十六条" in body["basis"]

    @pytest.mark.parametrize(("given", "field"), [
        ({"kind": "picnic"}, "kind"), ({"org": "YYZ1"}, "org"), ({"starts_at": "gestern"}, "starts_at"),
        ({"absent": [{"member": 0, "reason": "shift"}]}, "absent"), ({"absent": [{"member": 1, "reason": "x"}]}, "absent"),
        ({"co_hosts": [0]}, "co_hosts"), ({"venue": 999999}, "venue"), ({"lecturer": 999999}, "lecturer"),
    ])  # fmt: skip
    def test_what_is_unknown_is_400_at_its_field(self, send, given, field):
        answer = send(**new(**given))
        assert (answer.status_code, list(answer.json())) == (400, [field])

    def test_a_member_of_another_branch_is_as_unknown_as_any(self, send, roster):
        outside, missing = (
            send(**new(absent=[{"member": pk, "reason": "shift"}])) for pk in (roster.worker_b1.pk, 999999999)
        )
        assert outside.status_code == missing.status_code == 400
        assert outside.json() == missing.json()

    def test_state_owner_and_number_are_never_taken_from_the_body(self, send, cast):
        body = send(**new(id=7, state="confirmed", version=9, correction_number=3, held_on="2020-01-01")).json()
        assert (body["state"], body["version"], body["correction_number"]) == ("submitted", 1, None)
        assert (body["id"] == 7, body["held_on"]) == (False, "2026-11-20")

    def test_visitors_are_found_by_the_whole_name_and_joined_branches_by_id(self, send, cast, roster):
        found = send("visitors/", name="冯涛").json()
        assert found == [{"id": roster.sibling_1.pk, "name": "冯涛", "branch": "丁公司党支部"}]
        visitor = {"id": found[0]["id"], "name": found[0]["name"]}
        body = send(**new(visitors=[visitor], co_hosts=[cast.branch_b.pk])).json()
        assert (body["visitors"], [side["org"] for side in body["sides"]]) == (1, ["JYA", "JYB"])
        assert {line["name"] for line in body["sheet"]}.isdisjoint({"吴刚", "郑爽"}), (
            "names of the co-host stay with it"
        )
        assert send(**new(visitors=[{**visitor, "name": "冯"}])).json()["code"] == "no_visitor"

    @pytest.mark.parametrize("username", ["authority_officer", "instructor", "auditor", "system_admin", "visitor"])
    def test_who_does_not_keep_records_is_refused(self, send, username):
        assert send(**new(), username=username).status_code == 403


class TestReading:
    @pytest.fixture
    def activity(self, logbook):
        return logbook.log(day=datetime.date(2026, 11, 20))

    def test_only_readers_read_it(self, send, activity, cast):
        for username in vars(cast.users):
            expected = 200 if username in READERS else 404 if username == "secretary_b" else 403
            assert send(f"{activity.pk}/", "get", username).status_code == expected, username

    def test_outside_the_scope_it_is_as_unknown_as_any(self, send, activity):
        outside, missing = (send(f"{pk}/", "get", "secretary_b") for pk in (activity.pk, 999999999))
        assert outside.json() == missing.json()
        for step in ("submit", "cancel"):
            assert send(f"{activity.pk}/{step}/", username="secretary_b", reason="x").status_code == 404
        assert send(f"{activity.pk}/", "patch", "secretary_b", title="x").status_code == 404
        for step in ("return", "refuse"):
            assert send(f"{activity.pk}/{step}/", username="secretary_a", reason="x").status_code == 403

    def test_the_list_is_narrowed_by_days_kind_state_and_branch(self, send, logbook, cast, activity):
        lecture = logbook.log("theme_day", day=TODAY, second_kind="lecture")
        other = logbook.log("assembly", org=cast.branch_b)
        foreign = logbook.log(org=cast.sibling_branch)

        def ids(**params):
            return [row["id"] for row in send("", "get", "park_officer", **params).json()["results"]]

        assert set(ids()) == {lecture.pk, other.pk, activity.pk}
        assert foreign.pk not in ids()
        assert ids(until="2026-11-22") == [activity.pk]
        assert set(ids(since="2026-11-22")) == {lecture.pk, other.pk}
        assert ids(kind="lecture") == [lecture.pk]
        assert ids(org="JYB") == [other.pk]
        assert ids(state="confirmed") == []
        for wrong in ({"since": "22.11.2026"}, {"state": "lost"}):
            assert send("", "get", "park_officer", **wrong).status_code == 400

    def test_the_list_goes_on_behind_a_full_page(self, send, logbook, monkeypatch):
        monkeypatch.setattr("apps.activities.api.records.PAGE", 2)
        for days in range(3):
            logbook.log(day=TODAY - datetime.timedelta(days=days))
        first = send("", "get").json()
        rest = send("", "get", after=first["next"]).json()
        assert [len(page["results"]) for page in (first, rest)] == [2, 1]
        assert rest["next"] == ""


class TestChanging:
    @pytest.fixture
    def activity(self, logbook, roster):
        return logbook.log(day=datetime.date(2026, 11, 20), absent=[roster.worker_a1], title="原题")

    def test_only_what_is_given_changes(self, send, activity):
        body = send(f"{activity.pk}/", "patch", title="新题", version=1).json()
        assert (body["title"], body["version"], body["present"], body["state"]) == ("新题", 2, 5, "submitted")
        assert send(f"{activity.pk}/", "patch", absent=[]).json()["present"] == 6

    def test_the_second_writer_gets_both_values(self, send, activity):
        send(f"{activity.pk}/", "patch", title="第一人", version=1)
        answer = send(f"{activity.pk}/", "patch", title="第二人", version=1)
        assert answer.status_code == 409
        assert {"label": "主题", "current": "第一人", "yours": "第二人"} in answer.json()["rows"]

    def test_a_draft_is_submitted_and_confirmed(self, send, cast):
        pk = send(**new(submit=False)).json()["id"]
        assert send(f"{pk}/submit/").json()["state"] == "submitted"
        assert send("confirm/", activities=[pk]).status_code == 403
        assert send("confirm/", username="park_officer", activities=[pk]).json() == {"confirmed": 1}
        assert kept(pk).state == State.CONFIRMED

    def test_one_foreign_id_among_many_refuses_the_whole(self, send, logbook, cast, activity):
        foreign = logbook.log(org=cast.sibling_branch)
        assert send("confirm/", username="park_officer", activities=[activity.pk, foreign.pk]).status_code == 404
        assert kept(activity.pk).state == State.SUBMITTED

    def test_a_returned_record_says_why(self, send, activity):
        body = send(f"{activity.pk}/return/", username="park_officer", reason="缺少会议记录", version=1).json()
        assert (body["state"], body["review_note"]) == ("returned", "缺少会议记录")
        assert send(f"{activity.pk}/return/", username="park_officer", reason="x", version=1).status_code == 409

    def test_a_right_that_was_lost_between_is_403_and_nothing_is_saved(self, send, cast, activity):
        RoleAssignment.objects.filter(user=cast.users.secretary_a).update(until=TODAY)
        assert send(f"{activity.pk}/", "patch", title="新题").status_code == 403
        assert send(**new()).status_code == 403
        assert kept(activity.pk).title == "原题"

    def test_a_correction_is_approved_by_somebody_else(self, send, logbook, closed_until):
        closed_until(datetime.date(2026, 10, 1))
        asked = send(**new(starts_at="2026-09-15T14:00:00"))
        assert (asked.status_code, asked.json()["code"]) == (409, "period_closed")
        pk = send(**new(starts_at="2026-09-15T14:00:00", reason="住院补记")).json()["id"]
        assert send(f"{pk}/approve/").status_code == 403
        body = send(f"{pk}/approve/", username="park_officer").json()
        assert (body["state"], body["correction_number"]) == ("confirmed", 1)

    def test_a_co_host_marks_its_own(self, send, logbook, cast, roster):
        joint = logbook.log(day=datetime.date(2026, 11, 20), co_hosts=[cast.branch_b])
        absent = [{"member": roster.worker_b1.pk, "reason": "illness"}]
        body = send(f"{joint.pk}/attendance/", username="secretary_b", org="JYB", absent=absent, version=1).json()
        assert [(side["org"], side["present"]) for side in body["sides"]] == [("JYA", 6), ("JYB", 1)]
        assert [line["name"] for line in body["sheet"] if line["presence"] == "absent"] == ["吴刚"]
        assert send(f"{joint.pk}/attendance/", username="secretary_b", org="JYA").status_code == 400

    def test_it_cannot_change_the_record_itself(self, send, logbook, cast):
        joint = logbook.log(day=datetime.date(2026, 11, 20), co_hosts=[cast.branch_b])
        assert send(f"{joint.pk}/", "get", "secretary_b").status_code == 200
        assert send(f"{joint.pk}/", "patch", "secretary_b", title="x").status_code == 404


def test_a_returned_record_is_submitted_anew(send, logbook, cast, officer, today):
    activity = logbook.log(day=datetime.date(2026, 11, 20))
    return_activity(activity=activity, reason="补充", actor=officer, today=today)
    assert send(f"{activity.pk}/", "patch", minutes="已补", submit=True).json()["state"] == "submitted"
    assert Participation.objects.counted().count() == 1
