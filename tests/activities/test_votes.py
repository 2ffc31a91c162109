"""表决 at a record: who has a vote follows from the roster of the day; who voted how is kept nowhere."""

from __future__ import annotations

import datetime

import pytest
from django.apps import apps
from django.db import connection

from apps.activities.models import Vote
from apps.activities.services import votes
from apps.activities.services.records_review import confirm_activities
from apps.activities.services.votes import Ballot, electorate, record_vote
from apps.branches.rules.voting import VoteKind
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.members.models import Post
from tests.activities.conftest import TODAY

DAY = datetime.date(2026, 11, 20)


@pytest.fixture
def meeting(cast, roster, logbook):
    """A 党员大会 of branch_a at which one of five full members was absent; the sixth is on probation."""
    return logbook.log("assembly", day=DAY, absent=[roster.worker_a5])


def ballot(voters, kind="ordinary", **facts):
    given = {
        "kind": kind,
        "matter": "通过工作计划",
        "member": None,
        "is_secret": kind == "admission",
        "yes": len(voters),
        **facts,
    }
    person, unfiled = given.pop("person", ""), given.pop("unfiled", 0)
    return Ballot(facts=given, voters=[member.pk for member in voters], person=person, unfiled=unfiled)


def four(roster):
    return [roster.worker_a1, roster.worker_a2, roster.worker_a3, roster.worker_a4]


def vote(cast, meeting, *args, org=None, **more):
    with cast.within(cast.branch_a):
        return record_vote(
            activity=meeting, org=org or cast.branch_a, ballot=ballot(*args, **more), actor=cast.users.secretary_a
        )


def refused(cast, meeting, *args, **more):
    with pytest.raises(DomainError) as found:
        vote(cast, meeting, *args, **more)
    return found.value


def test_full_members_of_the_day_have_a_vote_and_probationary_ones_never(cast, roster, meeting):
    with cast.within(cast.branch_a):
        found = electorate(meeting, cast.branch_a, VoteKind.ORDINARY)
    assert {member.name for member in found.members} == {"陈一鸣", "孙·阿依古丽", "王建国", "李秀英", "赵敏"}
    assert len(found.there) == 4


def test_a_vote_is_kept_with_what_it_was_reckoned_from(cast, roster, meeting):
    row = vote(cast, meeting, four(roster), yes=3, abstained=1)
    assert (row.expected, row.present, row.is_passed) == (5, 4, True)
    assert sorted(row.voters) == sorted(member.pk for member in four(roster))


@pytest.mark.parametrize(("yes", "passed"), [(2, False), (3, True), (4, True)])
def test_more_than_half_of_those_who_should_attend_must_agree(cast, roster, meeting, yes, passed):
    assert vote(cast, meeting, four(roster), yes=yes, no=4 - yes).is_passed is passed


def test_who_was_absent_or_has_no_vote_did_not_vote(cast, roster, meeting):
    assert refused(cast, meeting, [*four(roster), roster.worker_a5]).code == "absent"
    assert refused(cast, meeting, [*four(roster), roster.probationary_a]).code == "no_vote"
    assert refused(cast, meeting, [*four(roster), roster.worker_b1]).code == "no_vote"


def test_without_a_quorum_there_is_no_vote_and_the_rule_says_so(cast, roster, meeting):
    found = refused(cast, meeting, four(roster)[:2])
    assert found.code == "no_quorum"
    assert "第十一条" in found.sentence


def test_votes_that_cannot_be_are_refused(cast, roster, meeting):
    assert refused(cast, meeting, four(roster), yes=4, no=1).code == "more_votes_than_present"
    assert refused(cast, meeting, four(roster), written_yes=1).code == "written_not_counted"
    with unscoped("the test looks"):
        assert not Vote.objects.exists()


def test_an_admission_is_secret_names_one_person_and_counts_written_opinions(cast, roster, meeting):
    admit = {"kind": "admission", "matter": "接收为中共预备党员"}
    assert refused(cast, meeting, four(roster), **admit, person="钱多", is_secret=False).code == "must_be_secret"
    assert refused(cast, meeting, four(roster), **admit).code == "one_by_one"
    assert refused(cast, meeting, four(roster), **admit, person="钱多、孙少").code == "one_by_one"
    assert (
        refused(cast, meeting, four(roster), **admit, person="钱多", written_yes=2).code == "more_written_than_absent"
    )
    row = vote(cast, meeting, four(roster), **admit, person="钱多", yes=2, no=2, written_yes=1)
    assert (row.is_passed, row.is_secret, row.matter) == (True, True, "接收为中共预备党员（钱多）")
    assert vote(cast, meeting, four(roster), **admit, member=roster.probationary_a).matter.endswith("（周小满）")


def test_an_admission_needs_more_than_half_present_where_half_is_enough_for_other_matters(cast, roster, logbook):
    away = [roster.worker_a3, roster.worker_a4]
    record = logbook.log("assembly", day=DAY, absent=[roster.worker_a5, *away], reason="倒班")
    two = [roster.worker_a1, roster.worker_a2]
    how = {"left_out": 1, "left_out_reason": "留党察看，上级批准"}
    assert vote(cast, record, two, **how).expected == 4
    found = refused(cast, record, two, kind="admission", person="钱多", **how)
    assert found.code == "no_quorum"


def test_who_is_left_out_needs_a_reason_and_lowers_what_is_expected(cast, roster, meeting):
    assert refused(cast, meeting, four(roster), left_out=1).code == "left_out_unexplained"
    row = vote(cast, meeting, four(roster), left_out=1, left_out_reason="留党察看期间，上级批准")
    assert (row.expected, row.left_out) == (4, 1)


def test_the_committee_votes_at_its_meeting_with_those_who_hold_its_posts(cast, roster, logbook):
    logbook.seat(cast.branch_a, roster.worker_a1, roster.worker_a2)
    with unscoped("a secretary who was sent"):
        Post.objects.create(org=cast.branch_a, name="派驻书记", role="committee", since=datetime.date(2024, 1, 1))
    record = logbook.log("committee_meeting", day=DAY)
    assert refused(cast, record, [roster.worker_a1]).code == "wrong_meeting"
    row = vote(cast, record, [roster.worker_a1, roster.worker_a2], kind="committee", unfiled=1, yes=2, no=1)
    assert (row.expected, row.present, row.is_passed) == (3, 3, True)
    assert refused(cast, record, [roster.worker_a1], kind="committee", unfiled=2).code == "no_vote"


def test_a_theme_day_decides_nothing(cast, roster, logbook):
    record = logbook.log("theme_day", day=DAY)
    assert refused(cast, record, four(roster)).code == "wrong_meeting"


def test_a_confirmed_record_takes_no_votes_and_loses_none(cast, roster, meeting):
    row = vote(cast, meeting, four(roster))
    with cast.within(cast.park_org):
        confirm_activities(activities=[meeting], actor=cast.users.park_officer, today=TODAY)
    assert refused(cast, meeting, four(roster)).code == "not_open"
    with cast.within(cast.branch_a), pytest.raises(DomainError):
        votes.remove_vote(vote=row, reason="误记", actor=cast.users.secretary_a)


def test_a_vote_of_a_closed_quarter_stays(cast, roster, meeting, closed_until):
    closed_until(TODAY)
    with pytest.raises(DomainError, match="已关闭"):
        vote(cast, meeting, four(roster))


def test_a_vote_is_corrected_and_reckoned_anew(cast, roster, meeting):
    row = vote(cast, meeting, four(roster), yes=3, no=1)
    with cast.within(cast.branch_a):
        changed = votes.change_vote(
            vote=row, ballot=ballot(four(roster), yes=1, no=3), actor=cast.users.secretary_a, version=1
        )
        assert not changed.is_passed
        votes.remove_vote(vote=row, reason="登记有误", actor=cast.users.secretary_a)
        assert not Vote.objects.exists()


def test_no_table_links_a_voter_with_a_vote_cast():
    """The columns of the votes and of their history: totals, and who took part; nothing else points at a vote."""
    totals = {"expected", "present", "yes", "no", "abstained", "written_yes", "written_no", "left_out"}
    told = totals | {
        "id", "version", "org_id", "org_path", "activity_id", "kind", "matter", "member_id", "is_secret", "left_out_reason",
        "is_passed", "voters",
    }  # fmt: skip
    history = {"pgh_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "pgh_context_id"}
    with connection.cursor() as cursor:
        for table, extra in (("activities_vote", set()), ("activities_voteevent", history)):
            cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
            assert {name for (name,) in cursor.fetchall()} <= told | extra
            cursor.execute("SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = ANY(%s)",
                           [table, sorted(totals)])  # fmt: skip
            assert {kind for (kind,) in cursor.fetchall()} == {"integer"}
    pointing = [
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if getattr(field, "remote_field", None) and field.concrete and field.related_model is Vote
    ]
    assert set(pointing) <= {"activities.VoteEvent"}


test_no_table_links_a_voter_with_a_vote_cast = pytest.mark.django_db(test_no_table_links_a_voter_with_a_vote_cast)


def test_the_audit_trail_does_not_say_who_voted_how(cast, roster, meeting):
    from apps.core.models import AuditEntry

    vote(cast, meeting, four(roster), kind="admission", person="钱多", yes=3, no=1)
    entry = AuditEntry.objects.get(action="vote.recorded")
    assert set(entry.data) == {"activity"}
    assert not any(member.name in entry.summary for member in four(roster))
