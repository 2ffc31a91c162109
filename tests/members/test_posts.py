"""班子任职: who may hold a post, what the rules ask, and when a post ends with a membership."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.branches.models import Election, ElectionCandidate, Term
from apps.core.attachments import attach
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.members.kinds import LeavingReason, PostRole
from apps.members.models import Member, Post
from apps.members.services.leaving import leave
from apps.members.services.posts import appoint, change_post, end_all_posts, end_post, end_posts_in, withdraw_post
from apps.members.services.seating import Seat, elected_names, members_called, seat_committee
from tests.members.conftest import TODAY

D = datetime.date.fromisoformat
DAY = datetime.timedelta(days=1)
APPROVED = {"document": "甲委〔2026〕3号"}


@pytest.fixture
def png():
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(buffer, "PNG")
    return SimpleUploadedFile("批复.png", buffer.getvalue(), content_type="image/png")


@pytest.fixture
def appointed(cast, roster, today, officer):
    """Somebody of branch_a takes a post; what is given differs."""

    def now(member: Member | None = roster.worker_a1, role: str = "secretary", **more: Any) -> Post:
        given = {"org": cast.branch_a, "since": D("2026-05-20"), "facts": dict(APPROVED), "member": member, **more}
        return appoint(role=PostRole(role), today=today, actor=officer, **given)

    return now


def refused(call: Any, *args: Any, **facts: Any) -> DomainError:
    with pytest.raises(DomainError) as caught:
        call(*args, **facts)
    return caught.value


def test_a_post_is_held_from_its_day_and_the_trail_says_who_gave_it(cast, appointed, officer, roster):
    post = appointed()
    assert (post.name, post.org_path, post.until) == ("陈一鸣", cast.branch_a.path, None)
    assert not Post.objects.as_of(D("2026-05-19")).exists()
    assert Post.objects.as_of(D("2026-05-20")).secretaries().get() == post
    entry = AuditEntry.objects.filter(action="post.appointed").get()
    assert entry.summary == "陈一鸣自 2026-05-20 起任「子公司党支部」书记"


def test_somebody_sent_is_only_named(appointed):
    post = appointed(
        member=None, name="  王 镇长 ", facts={**APPROVED, "source": "street", "source_unit": "街道党工委"}
    )
    assert (post.name, post.member, post.source_unit) == ("王 镇长", None, "街道党工委")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"since": TODAY + DAY}, "future"),
        ({"role": "group_leader", "org": "committee"}, "wrong_place"),
        ({"member": "probationary_a"}, "cannot_be_elected"),
        ({"member": "probationary_a", "role": "group_leader"}, "cannot_be_elected"),
        ({"member": None, "name": "  "}, None),
    ],
)
def test_what_the_rules_refuse(cast, roster, appointed, given, code):
    if isinstance(given.get("member"), str):
        given = {**given, "member": getattr(roster, given["member"])}
    if isinstance(given.get("org"), str):
        given = {**given, "org": getattr(cast, given["org"])}
    error = refused(appointed, **given)
    assert code is None or error.code == code
    assert not Post.objects.exists()


def test_a_young_secretary_needs_a_reason_which_stays_with_the_post(roster, appointed):
    Member.objects.filter(pk=roster.worker_a2.pk).update(formal_on=D("2025-05-21"))
    error = refused(appointed, roster.worker_a2)
    assert (error.code, error.field, error.basis.article) == ("young_secretary", "reason", "第二十三条")
    assert appointed(roster.worker_a2, reason="唯一的中层干部").note == "唯一的中层干部"


def test_a_reason_that_nobody_asked_for_is_not_kept(appointed):
    assert appointed(reason="没有问").note == ""


def test_a_second_deputy_needs_a_reason(roster, appointed):
    appointed(roster.worker_a1, "deputy")
    assert refused(appointed, roster.worker_a2, "deputy").code == "too_many_deputies"
    assert appointed(roster.worker_a2, "deputy", reason="人数多").note == "人数多"


def test_two_secretaries_at_once_are_refused_and_a_successor_is_not(roster, appointed, officer, today):
    first = appointed()
    assert "已有书记" in refused(appointed, roster.worker_a2).message
    end_post(post=first, on=D("2026-08-01"), today=today, actor=officer, reason="调离")
    assert appointed(roster.worker_a2, since=D("2026-08-01")).role == "secretary"
    assert Post.objects.get(pk=first.pk).note == "调离"


def test_the_same_post_twice_is_refused_and_another_one_besides_is_not(roster, appointed):
    appointed()
    assert refused(appointed, roster.worker_a1, "secretary").code == "holds_it"
    assert appointed(roster.worker_a1, "publicity").role == "publicity"


def test_the_term_is_that_of_the_day(cast, appointed):
    with unscoped("test"):
        old = Term.objects.create(
            org=cast.branch_a, number=1, since=D("2021-03-01"), until=D("2024-03-01"), expires_on=D("2024-03-01")
        )
        new = Term.objects.create(org=cast.branch_a, number=2, since=D("2024-03-01"), expires_on=D("2027-03-01"))
    assert appointed().term == new
    assert appointed(role="publicity", since=D("2024-02-29")).term == old


def test_a_committee_of_years_ago_is_registered_whatever_quarter_is_closed(appointed, closed_until, officer, today):
    """No closed quarter counts posts; memberships, which it does count, guard themselves."""
    closed_until(D("2026-10-01"))
    post = appointed(since=D("2024-02-01"))
    assert end_post(post=post, on=D("2026-03-31"), today=today, actor=officer).until == D("2026-03-31")


class TestEnding:
    def test_a_post_ends_once_and_after_it_began(self, appointed, officer, today):
        post = appointed()
        end = {"post": post, "today": today, "actor": officer}
        assert refused(end_post, on=post.since, **end).code == "before_post"
        assert refused(end_post, on=today + DAY, **end).code == "future"
        end_post(on=post.since + DAY, **end)
        assert refused(end_post, on=today, **end).code == "ended"

    def test_a_mistake_is_withdrawn_with_a_reason_and_its_history_stays(self, appointed, officer):
        post = appointed()
        assert refused(withdraw_post, post=post, reason=" ", actor=officer).code == "reason_needed"
        withdraw_post(post=post, reason="登错了人", actor=officer)
        assert not Post.objects.exists()
        assert "登错了人" in AuditEntry.objects.filter(action="post.withdrawn").get().summary

    def test_a_post_with_a_scan_is_not_withdrawn(self, appointed, officer, png):
        post = appointed()
        attach(file=png, target=post, actor=officer)
        assert refused(withdraw_post, post=post, reason="登错", actor=officer).code == "has_files"

    def test_who_leaves_the_branch_leaves_its_posts_and_those_of_its_groups_and_no_others(
        self, cast, roster, appointed
    ):
        own, group = appointed(), appointed(role="group_leader", org=cast.group_a)
        above, other = appointed(role="committee", org=cast.committee), appointed(roster.worker_a2, "publicity")
        assert end_posts_in(cast.branch_a, roster.worker_a1, D("2026-09-01")) == 2
        assert {row.until for row in Post.objects.filter(pk__in=[own.pk, group.pk])} == {D("2026-09-01")}
        assert {row.until for row in Post.objects.filter(pk__in=[above.pk, other.pk])} == {None}

    def test_who_leaves_the_party_leaves_every_post_also_above_the_scope(self, cast, roster, appointed, today):
        above = appointed(role="committee", org=cast.committee)
        with cast.within(cast.branch_a):
            member = Member.objects.get(pk=roster.worker_a1.pk)
            leave(member=member, reason=LeavingReason.RESIGNED, on=D("2026-11-01"), document="甲委〔2026〕9号", today=today,
                  actor=cast.users.secretary_a)  # fmt: skip
        assert Post.objects.get(pk=above.pk).until == D("2026-11-01")

    def test_a_post_that_began_later_stops_the_whole_unless_the_day_came_out_late(self, cast, roster, appointed):
        post = appointed(since=D("2026-10-01"))
        with pytest.raises(Conflict):
            end_all_posts(roster.worker_a1, D("2026-10-01"))
        assert end_posts_in(cast.branch_a, roster.worker_a1, D("2026-09-01")) == 1
        assert Post.objects.get(pk=post.pk).until == D("2026-10-02")

    def test_a_post_that_has_ended_keeps_its_day(self, cast, roster, appointed, officer, today):
        post = end_post(post=appointed(), on=D("2026-06-01"), today=today, actor=officer)
        assert end_posts_in(cast.branch_a, roster.worker_a1, D("2026-09-01")) == 0
        assert Post.objects.get(pk=post.pk).until == D("2026-06-01")


def test_facts_are_corrected_and_the_second_writer_gets_both_values(appointed, officer):
    post = appointed()
    change_post(post=post, facts={"source": "park", "concurrent": "副总经理"}, actor=officer, version=post.version)
    with pytest.raises(Conflict) as caught:
        change_post(post=post, facts={"concurrent": "总经理"}, actor=officer, version=post.version)
    assert caught.value.rows == [("兼任职务", "副总经理", "总经理")]


class TestSeating:
    @pytest.fixture
    def election(self, cast, roster):
        with unscoped("test"):
            term = Term.objects.create(org=cast.branch_a, number=2, since=D("2026-09-10"), expires_on=D("2029-09-10"), seats=3,
                                       approval_document="甲委〔2026〕8号")  # fmt: skip
            row = Election.objects.create(
                org=cast.branch_a, number=2, seats=3, planned_on=D("2026-09-10"), state="approved", term=term,
                held_on=D("2026-09-10"), approved_on=D("2026-09-20"), secretary="王建国", deputy="",
            )  # fmt: skip
            for votes, (name, won) in enumerate(
                {"陈一鸣": True, "王建国": True, "外来人": True, "赵敏": False}.items()
            ):
                ElectionCandidate.objects.create(
                    election=row, post="member", name=name, votes=9 - votes, is_elected=won
                )
        return row

    def test_who_was_elected_is_offered_with_the_post_and_found_on_the_roster(self, cast, election, officer, roster):
        elected = elected_names(election)
        assert elected == [
            ("王建国", PostRole.SECRETARY),
            ("陈一鸣", PostRole.COMMITTEE),
            ("外来人", PostRole.COMMITTEE),
        ]
        known = members_called(cast.branch_a, [name for name, _ in elected])
        assert known == {"王建国": roster.worker_a3, "陈一鸣": roster.worker_a1}

    def test_the_new_committee_follows_the_old_one_on_the_first_day_of_the_term(
        self, election, appointed, roster, officer, today
    ):
        old, worker = appointed(), appointed(role="worker")
        seats = [
            Seat("王建国", PostRole.SECRETARY, roster.worker_a3),
            Seat("陈一鸣", PostRole.PUBLICITY, roster.worker_a1),
        ]
        posts = seat_committee(election=election, seats=seats, today=today, actor=officer)
        assert [(p.name, p.role, p.since, p.term, p.document) for p in posts] == [
            ("王建国", "secretary", D("2026-09-10"), election.term, "甲委〔2026〕8号"),
            ("陈一鸣", "publicity", D("2026-09-10"), election.term, "甲委〔2026〕8号"),
        ]
        assert Post.objects.get(pk=old.pk).until == D("2026-09-10")
        assert Post.objects.get(pk=worker.pk).until is None

    def test_a_committee_is_seated_once_and_all_or_nothing(self, election, appointed, roster, officer, today):
        old = appointed()
        seats = [
            Seat("赵敏", PostRole.SECRETARY, roster.worker_a5),
            Seat("王建国", PostRole.SECRETARY, roster.worker_a3),
        ]
        refused(seat_committee, election=election, seats=seats, today=today, actor=officer)
        assert [row.pk for row in Post.objects.all()] == [old.pk]
        assert Post.objects.get().until is None
        seat_committee(election=election, seats=seats[:1], today=today, actor=officer)
        assert refused(seat_committee, election=election, seats=seats[:1], today=today, actor=officer).code == "seated"

    def test_a_result_that_was_not_approved_seats_nobody(self, election, officer, today):
        election.state = "reported"
        election.save()
        seats = [Seat("王建国", PostRole.SECRETARY)]
        assert (
            refused(seat_committee, election=election, seats=seats, today=today, actor=officer).code == "not_approved"
        )
