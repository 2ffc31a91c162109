"""先锋岗: set up, manned, ended; the seat of somebody who left reads as vacant; any number is installed at once."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.kinds import PostKind
from apps.activities.models import PioneerPost, PostMember
from apps.activities.services.pioneers import NewPost, change_post, end_post, install_posts, man_post, set_up_post
from apps.core.errors import Conflict, DomainError
from apps.core.models import AuditEntry
from tests.activities.conftest import TODAY

D = datetime.date.fromisoformat
DAY = datetime.timedelta(days=1)


@pytest.fixture
def set_up(cast, roster, today, officer):
    def now(
        kind=PostKind.POST, since="2025-03-01", members=(roster.worker_a1,), leader=None, org=cast.branch_a, **facts
    ):
        given = {"name": "一线先锋岗", "duty": "质量把关", **facts}
        return set_up_post(org=org, kind=kind, since=D(since), facts=given, today=today, actor=officer,
                           members=members, leader=leader)  # fmt: skip

    return now


def leaves_the_roster(member, on):
    row = member.memberships.get(until=None)
    row.until, row.exit = on, "transferred"
    row.save()


def held(post, on=TODAY):
    return {seat.member.name: seat.held for seat in PostMember.objects.as_of(on).with_holding(on).filter(post=post)}


def test_a_post_has_its_members_and_one_leader_from_the_first_day(set_up, roster):
    post = set_up(members=(roster.worker_a1, roster.worker_a2), leader=roster.worker_a2)
    seats = list(post.holders.all())
    assert [(seat.member, seat.leads, seat.since) for seat in seats] == [
        (roster.worker_a2, True, post.since), (roster.worker_a1, False, post.since)
    ]  # fmt: skip
    assert str(AuditEntry.objects.latest("id").summary) == "设立党员先锋岗「一线先锋岗」（子公司党支部）"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"since": "2026-11-23"}, "future"), ({"since": "2019-12-31"}, "org_young"), ({"name": ""}, "invalid"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(set_up, facts, code):
    with pytest.raises(DomainError) as caught:
        set_up(**facts)
    assert caught.value.code == code
    assert not PioneerPost.objects.exists()


def test_only_members_of_the_branch_man_its_posts(cast, set_up, roster):
    with pytest.raises(DomainError) as caught:
        set_up(members=(roster.worker_b1,))
    assert caught.value.code == "not_of_org"
    assert set_up(members=(roster.worker_b1, roster.worker_a1), org=cast.station).holders.count() == 2


def test_two_posts_of_one_kind_and_branch_do_not_bear_one_name(cast, set_up):
    first = set_up()
    with pytest.raises(DomainError) as caught:
        set_up()
    assert caught.value.code == "namesake"
    set_up(kind=PostKind.AREA)
    set_up(org=cast.branch_b, members=())
    assert PioneerPost.objects.filter(name=first.name).count() == 3


def test_an_enterprise_of_another_park_is_refused(cast, set_up):
    assert set_up(enterprise=cast.enterprise_a).enterprise == cast.enterprise_a
    with pytest.raises(DomainError) as caught:
        set_up(name="别处", enterprise=cast.enterprise_sibling)
    assert caught.value.field == "enterprise"


def test_who_stays_keeps_the_seat_and_who_goes_is_still_told_of_the_days_before(set_up, roster, today, officer):
    post = set_up(members=(roster.worker_a1, roster.worker_a2))
    on = D("2026-01-01")
    man_post(post=post, members=[roster.worker_a3, roster.worker_a1], leader=roster.worker_a1, on=on, today=today,
             actor=officer)  # fmt: skip
    assert set(held(post, on - DAY)) == {"陈一鸣", "孙·阿依古丽"}
    assert set(held(post, on)) == {"陈一鸣", "王建国"}
    stays = PostMember.objects.get(post=post, member=roster.worker_a1)
    assert (stays.since, stays.leads) == (D("2025-03-01"), True)


def test_a_seat_is_not_changed_before_it_began(set_up, roster, today, officer):
    post = set_up(since="2025-03-01")
    man_post(post=post, members=[roster.worker_a2], leader=None, on=D("2026-05-01"), today=today, actor=officer)
    for on, code in ((D("2025-02-28"), "before_post"), (D("2026-04-30"), "young_seat"), (today + DAY, "future")):
        with pytest.raises(DomainError) as caught:
            man_post(post=post, members=[], leader=None, on=on, today=today, actor=officer)
        assert caught.value.code == code


def test_the_seat_of_a_member_who_left_the_branch_is_vacant_from_that_day_on(set_up, roster, today, officer):
    post = set_up(members=(roster.worker_a1, roster.worker_a2))
    gone = D("2026-06-01")
    leaves_the_roster(roster.worker_a1, gone)
    assert held(post, gone - DAY) == {"陈一鸣": True, "孙·阿依古丽": True}
    assert held(post, gone) == {"陈一鸣": False, "孙·阿依古丽": True}
    assert list(PioneerPost.objects.with_vacancy(gone)) == [post]
    assert not PioneerPost.objects.with_vacancy(gone - DAY).exists()


def test_whoever_is_looked_after_with_the_relation_elsewhere_holds_a_seat(cast, set_up, roster):
    guest = roster.worker_a5
    leaves_the_roster(guest, D("2024-01-01"))
    post = set_up(members=(guest,))
    assert held(post) == {"赵敏": False}
    guest.relation, guest.home_text = "elsewhere", "外地某党支部"
    guest.save()
    assert held(post) == {"赵敏": True}


def test_an_ended_post_stays_with_its_members_and_its_reason(set_up, today, officer, roster):
    post = end_post(
        post=set_up(), on=D("2026-07-01"), reason="项目结束", result="合格率提高", today=today, actor=officer
    )
    assert PioneerPost.objects.as_of(D("2026-06-30")).exists()
    assert not PioneerPost.objects.as_of(D("2026-07-01")).exists()
    assert (post.ended_reason, post.result) == ("项目结束", "合格率提高")
    assert set(held(post, D("2026-06-30"))) == {"陈一鸣"}
    assert held(post, D("2026-07-01")) == {}
    for again in (
        lambda: end_post(post=post, on=today, reason="再次", today=today, actor=officer),
        lambda: man_post(post=post, members=[], leader=None, on=today, today=today, actor=officer),
    ):
        with pytest.raises(DomainError):
            again()


@pytest.mark.parametrize(("on", "reason"), [("2025-03-01", "早"), ("2026-11-23", "晚"), ("2026-01-01", " ")])
def test_a_post_ends_after_it_began_and_for_a_reason(set_up, today, officer, on, reason):
    with pytest.raises(DomainError):
        end_post(post=set_up(), on=D(on), reason=reason, today=today, actor=officer)


def test_the_second_writer_gets_both_values(set_up, officer):
    post = set_up()
    change_post(post=post, facts={"duty": "甲"}, actor=officer, version=post.version)
    with pytest.raises(Conflict) as caught:
        change_post(post=post, facts={"duty": "乙"}, actor=officer, version=post.version)
    assert caught.value.rows == [("职责（内容）", "甲", "乙")]


def test_any_number_of_posts_is_installed_in_a_fixed_number_of_statements(
    cast, roster, officer, django_assert_max_num_queries
):
    posts = [
        NewPost(org_id=cast.branch_a.pk, org_path=cast.branch_a.path, kind=kind.value, name=f"{kind.label}{n}",
                since=D("2024-01-01"), enterprise_id=cast.enterprise_a.pk, leader_id=roster.worker_a1.pk,
                members=(roster.worker_a1.pk, roster.worker_a2.pk))
        for kind in PostKind for n in range(50)
    ]  # fmt: skip
    with django_assert_max_num_queries(14):
        ids = install_posts(posts=posts, actor=officer)
    assert len(ids) == len(set(ids)) == 300
    first = PioneerPost.objects.get(pk=ids[0])
    assert [(s.member.name, s.leads) for s in first.holders.all()] == [("陈一鸣", True), ("孙·阿依古丽", False)]
    assert AuditEntry.objects.filter(action="pioneer_post.installed").count() == 1
