"""Posts, promises, suggestions and reviews on screen and by API: who may, what is asked, what other pages say."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.activities.compliance.due_lines import due_lines
from apps.activities.kinds import PostKind, ReviewKind
from apps.activities.models import PioneerPost, Pledge, ReviewResult, ReviewRound, Suggestion
from apps.activities.pioneer_counts import count_posts
from apps.activities.services.pioneers import NewPost, install_posts, set_up_post
from apps.activities.services.pledges import make_pledges
from apps.activities.services.reviews import enter_results, open_review
from apps.core.scoping import EVERYTHING, use_scope
from tests.activities.conftest import TODAY

D = datetime.date.fromisoformat
DAY = datetime.timedelta(days=1)
QUERIES = 12
"""Statements of one page, those of the shell (session, roles, badges of the menu) among them."""


@pytest.fixture
def web(cast, roster):
    """A browser of somebody of the cast."""

    def signed_in(username="secretary_a"):
        client = Client()
        client.force_login(getattr(cast.users, username))
        return client

    return signed_in


@pytest.fixture
def everything():
    with use_scope(EVERYTHING):
        yield


def statements(client, url):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200, url
    return len(captured)


def install(cast, roster, count, kind=PostKind.POST, org=None, since="2025-01-01"):
    org = org or cast.branch_a
    with use_scope(EVERYTHING):
        install_posts(actor=cast.users.park_officer, posts=[
            NewPost(org_id=org.pk, org_path=org.path, kind=kind.value, name=f"{kind.label}{n}", since=D(since),
                    enterprise_id=cast.enterprise_a.pk, members=(roster.worker_a1.pk,), leader_id=roster.worker_a1.pk)
            for n in range(count)
        ])  # fmt: skip


def test_a_secretary_sets_up_mans_and_ends_a_post(cast, roster, web, everything):
    desk = web()
    page = desk.get("/pioneer-posts/new/").text
    assert "子公司党支部" in page
    assert "陈一鸣" in page
    assert "吴刚" not in page
    one, two = roster.worker_a1.pk, roster.worker_a2.pk
    given = {"kind": "post", "name": "一线先锋岗", "since": "2026-03-01", "leader": one, "members": [one, two]}
    answer = desk.post("/pioneer-posts/new/", given)
    post = PioneerPost.objects.get()
    assert answer.url == post.get_absolute_url()
    assert "负责人" in desk.get(answer.url).text
    desk.post(f"{answer.url}members/", {"on": "2026-05-01", "leader": "", "members": [two], "version": post.version})
    assert [seat.member_id for seat in post.holders.filter(until=None)] == [two]
    post.refresh_from_db()
    desk.post(f"{answer.url}end/", {"on": "2026-06-01", "reason": "任务完成", "version": post.version})
    assert "已撤销" in desk.get(answer.url).text
    assert "一线先锋岗" not in desk.get("/pioneer-posts/").text
    assert "一线先锋岗" in desk.get("/pioneer-posts/?all=1").text


def test_an_officer_chooses_the_organisation_first(cast, roster, web, everything):
    desk = web("park_officer")
    assert "先选择党组织" in desk.get("/pioneer-posts/new/").text
    assert "陈一鸣" in desk.get(f"/pioneer-posts/new/?org={cast.branch_a.pk}").text
    assert desk.get(f"/pioneer-posts/new/?org={cast.sibling_branch.pk}").status_code == 404
    assert desk.post("/pioneer-posts/new/", {"kind": "post", "name": "无处", "since": "2026-03-01"}).status_code == 404


def test_figures_by_kind_and_organisation_open_the_names_behind_them(cast, roster, web, everything):
    for kind, count in ((PostKind.AREA, 3), (PostKind.POST, 2)):
        install(cast, roster, count, kind)
    install(cast, roster, 4, PostKind.POST, org=cast.branch_b, since="2026-01-01")
    install(cast, roster, 7, PostKind.POST, org=cast.sibling_branch)
    with cast.within(cast.park_org):
        found = count_posts(cast.park_org, on=TODAY, today=TODAY)
        before = count_posts(cast.park_org, on=D("2025-12-31"), today=TODAY)
    assert (found.whole["area"], found.whole["post"], found.whole["board"]) == (3, 6, 0)
    assert [(str(line.org), line.total) for line in found.lines] == [("子公司党支部", 5), ("丑寅联合党支部", 4)]
    assert before.whole["post"] == 2
    desk = web("park_officer")
    assert desk.get("/pioneer-posts/counts/").status_code == 200
    for kind in (PostKind.AREA, PostKind.POST):
        assert f"共 {found.whole[kind]} 条" in desk.get(found.url(kind)).text
        for line in found.lines:
            assert f"共 {line.numbers.get(kind, 0)} 条" in desk.get(found.url(kind, line)).text
    assert "共 2 条" in desk.get(before.url(PostKind.POST)).text


def test_the_counts_of_what_an_organisation_keeps_itself_open_only_these(cast, roster, web, everything):
    install(cast, roster, 2)
    install(cast, roster, 1, org=cast.station)
    with cast.within(cast.park_org):
        found = count_posts(cast.park_org, on=TODAY, today=TODAY)
    own = next(line for line in found.lines if line.own)
    assert own.org == cast.station
    assert "共 1 条" in web("park_officer").get(found.url(PostKind.POST, own)).text


@pytest.mark.parametrize("on", ["2026-11-23", "1899-12-31", "x"])
def test_no_figures_of_a_day_that_is_none(web, on):
    assert web("park_officer").get(f"/pioneer-posts/counts/?on={on}").status_code == 404


def test_a_branch_promises_at_once_and_one_member_alone(cast, roster, web, everything):
    desk, one, two = web(), roster.worker_a1.pk, roster.worker_a2.pk
    assert "每名党员的承诺" in desk.get("/pledges/new/").text
    days = {"made_on": "2026-03-01", "due_on": "2026-12-31"}
    given = {**days, "common": "带头遵守操作规程", f"joins_{one}": "on", f"text_{two}": "带徒弟两名"}
    assert desk.post("/pledges/new/", given).status_code == 302
    assert {(p.member.name, p.content) for p in Pledge.objects.all()} == {
        ("陈一鸣", "带头遵守操作规程"), ("孙·阿依古丽", "带徒弟两名")
    }  # fmt: skip
    assert desk.post("/pledges/new/", {**days, f"joins_{one}": "on"}).status_code == 422
    assert desk.post("/pledges/new/", days).status_code == 422
    answer = desk.post(f"/pledges/new/?member={one}", {**days, f"text_{one}": "另一项"})
    assert "另一项" in desk.get(answer.url).text
    assert desk.get(f"/pledges/new/?member={roster.worker_b1.pk}").status_code == 404


def test_a_promise_goes_its_way_on_screen(cast, roster, web, secretary):
    (row,) = make_pledges(org=cast.branch_a, promises=[(roster.worker_a1, "带徒弟")], made_on=D("2026-03-01"),
                          due_on=D("2026-06-30"), today=TODAY, actor=secretary)  # fmt: skip
    desk, here = web(), row.get_absolute_url()
    assert "逾期" in desk.get(here).text
    desk.post(f"{here}progress/", {"on": "2026-05-01", "text": "已带一名", "version": 1})
    assert (
        desk.post(f"{here}verify/", {"kept": "1", "on": "2026-11-20", "by": "陈一鸣", "version": 2}).status_code == 422
    )
    assert desk.post(f"{here}verify/", {"kept": "1", "on": "2026-11-20", "by": "赵敏", "version": 2}).status_code == 302
    page = desk.get(here).text
    assert "已带一名" in page
    assert "已验收" in page
    assert "撤回验收" in page
    assert "不能再改" in desk.get(f"{here}edit/").text


def test_the_counters_follow_the_filters(cast, roster, web, everything):
    desk = web()
    for year in ("2025", "2026"):
        given = {
            "org": cast.branch_a.pk,
            "member": roster.worker_a1.pk,
            "content": f"建议{year}",
            "proposed_on": f"{year}-03-01",
        }
        url = desk.post("/suggestions/new/", given).url
    desk.post(f"{url}answer/", {"adopted": "1", "on": "2026-04-01", "version": 1})
    desk.post(f"{url}effect/", {"effect": "省电", "benefit": "3.5", "version": 2})
    assert Suggestion.objects.get(content="建议2026").state == "effective"
    assert "50.0%" in desk.get("/suggestions/").text
    assert "100.0%" in desk.get("/suggestions/?year=2026").text
    assert desk.get("/suggestions/?year=x").status_code == 200


@pytest.fixture
def review(cast, roster, secretary):
    return open_review(org=cast.branch_a, kind=ReviewKind.DEMOCRATIC, year=2026, held_on=D("2026-11-20"), today=TODAY,
                       actor=secretary)  # fmt: skip


def test_a_whole_branch_is_graded_by_changing_only_the_exceptions(cast, roster, web, everything):
    desk = web()
    answer = desk.post("/reviews/new/", {"kind": "democratic", "year": "2026", "held_on": "2026-11-20"})
    here = answer.url
    page = desk.get(f"{here}enter/")
    form = page.context["form"]
    given = {bound.html_name: bound.value() or "" for bound in form}
    best = next(r for r in form.results if r.member.name == "陈一鸣")
    given[f"grade_{best.pk}"] = "excellent"
    assert "周小满" not in [r.member.name for r in form.results]
    assert desk.post(f"{here}enter/", given).status_code == 302
    grades = {r.member.name: r.grade for r in ReviewResult.objects.select_related("member")}
    assert grades == {
        "陈一鸣": "excellent",
        "周小满": "",
        **dict.fromkeys(("孙·阿依古丽", "王建国", "李秀英", "赵敏"), "qualified"),
    }
    for part in ("sides", "ballot"):
        again = desk.get(f"{here}enter/?part={part}").context["form"]
        values = {bound.html_name: bound.value() or "" for bound in again}
        assert desk.post(f"{here}enter/?part={part}", values).status_code == 302
    assert desk.get(here).status_code == 200
    closing = desk.get(f"{here}close/").context["form"]
    assert "reason" not in closing.fields
    assert desk.post(f"{here}close/", {"version": closing.initial["version"]}).status_code == 302
    assert "重新打开" not in desk.get(here).text
    assert "重新打开" in web("park_officer").get(here).text
    assert desk.get(f"{here}reopen/").status_code == 403
    assert "不能再改" in desk.get(f"{here}enter/").text


def test_the_reason_for_too_many_is_asked_where_it_is_needed(review, web, secretary):
    entries = {r.pk: {"grade": "excellent"} for r in review.results.filter(is_probationary=False)}
    enter_results(review=review, entries=entries, actor=secretary)
    desk, here = web(), review.get_absolute_url()
    page = desk.get(f"{here}close/")
    assert "一般不超过 1 名" in page.text
    version = page.context["form"].initial["version"]
    assert desk.post(f"{here}close/", {"version": version, "reason": ""}).status_code == 422
    assert desk.post(f"{here}close/", {"version": version, "reason": "获省级表彰"}).status_code == 302
    assert "获省级表彰" in desk.get(here).text


def test_a_review_begins_from_the_record_of_its_meeting(cast, roster, logbook, web, everything):
    record = logbook.log("appraisal", day=D("2026-11-18"))
    desk = web()
    assert f"/reviews/new/?activity={record.pk}" in desk.get(record.get_absolute_url()).text
    assert "/reviews/new/" not in web("clerk_a1").get(record.get_absolute_url()).text
    page = desk.get(f"/reviews/new/?activity={record.pk}")
    assert page.context["form"].initial["held_on"] == D("2026-11-18")
    desk.post(f"/reviews/new/?activity={record.pk}", {"kind": "democratic", "year": "2026", "held_on": "2026-11-18"})
    found = ReviewRound.objects.get()
    assert (found.activity, found.org) == (record, cast.branch_a)
    assert record.title in desk.get(found.get_absolute_url()).text
    assert found.get_absolute_url() in desk.get(record.get_absolute_url()).text
    assert web("secretary_b").get(f"/reviews/new/?activity={record.pk}").status_code == 404


def test_another_day_than_that_of_the_record_is_refused(cast, logbook, web, everything):
    record = logbook.log("appraisal", day=D("2026-11-18"))
    given = {"kind": "democratic", "year": "2026", "held_on": "2026-11-17"}
    assert web().post(f"/reviews/new/?activity={record.pk}", given).status_code == 422


def test_a_talk_is_recorded_on_screen(cast, roster, web, secretary):
    found = open_review(org=cast.branch_a, kind=ReviewKind.THREE_SIDED, year=2026, held_on=D("2026-11-20"), today=TODAY,
                        actor=secretary)  # fmt: skip
    row = found.results.get(member=roster.worker_a1)
    enter_results(review=found, entries={row.pk: {"opinions": {"staff": "unqualified"}}}, actor=secretary)
    desk, here = web(), row.get_absolute_url()
    assert "待谈话" in desk.get(here).text
    assert desk.get(f"{here}waive/").status_code == 200
    desk.post(f"{here}talk/", {"on": "2026-11-21", "by": "王书记", "note": "指出不足"})
    assert "已谈话" in desk.get(here).text
    assert desk.get(f"{here}edit/").status_code == 200


SECRET = ("基本合格", "纪律松散")


def test_results_are_seen_only_with_their_own_permission(cast, roster, review, web, secretary):
    row = review.results.get(member=roster.worker_a1)
    enter_results(review=review, entries={row.pk: {"grade": "barely", "comment": "纪律松散"}}, actor=secretary)
    member = roster.worker_a1.get_absolute_url()
    assert all(word in web().get(member).text for word in SECRET)
    clerk = web("clerk_a1")
    for url in (member, cast.branch_a.get_absolute_url(), "/", "/search/?q=陈一鸣"):
        answer = clerk.get(url)
        assert not any(word in answer.text for word in SECRET), url
    for url in (review.get_absolute_url(), row.get_absolute_url(), "/reviews/", "/ledgers/activities.reviews/",
                "/api/v1/ledgers/activities.reviews/", f"/api/v1/reviews/{review.pk}/"):  # fmt: skip
        assert clerk.get(url).status_code == 403, url
        assert web("secretary_b").get(url).status_code in (200, 404), url


@pytest.mark.parametrize("word", SECRET)
def test_no_search_and_no_title_tells_a_grade(cast, roster, review, web, secretary, word):
    row = review.results.get(member=roster.worker_a1)
    enter_results(review=review, entries={row.pk: {"grade": "barely", "comment": "纪律松散"}}, actor=secretary)
    desk = web()
    assert roster.worker_a1.get_absolute_url() not in desk.post("/search/", {"q": word}).text
    for url in (review.get_absolute_url(), row.get_absolute_url()):
        title = desk.get(url).text.split("<title>")[1].split("</title>")[0]
        assert word not in title


def test_the_branch_is_told_what_is_due_without_a_name_or_grade(cast, roster, review, secretary, officer):
    ReviewRound.objects.update(held_on=TODAY - 30 * DAY)
    row = review.results.get(member=roster.worker_a1)
    ReviewResult.objects.filter(pk=row.pk).update(talk_needed=True, follow_up="结对", follow_up_due=TODAY - DAY)
    make_pledges(org=cast.branch_a, promises=[(roster.worker_a1, "带徒弟")], made_on=D("2026-03-01"), due_on=TODAY + 7 * DAY,
                 today=TODAY, actor=secretary)  # fmt: skip
    set_up_post(org=cast.branch_a, kind=PostKind.POST, since=D("2025-01-01"), facts={"name": "一线"}, today=TODAY,
                actor=officer, members=[roster.worker_a2])  # fmt: skip
    seat = roster.worker_a2.memberships.get(until=None)
    seat.until, seat.exit = TODAY, "transferred"
    seat.save()
    told = [item.title for item in due_lines(cast.branch_a, user=cast.users.secretary_a, today=TODAY)]
    for line in (
        "办结2026年民主评议党员",
        "1 次评议后的谈话还没有登记",
        "1 项评议后续工作到期",
        "1 项公开承诺待验收",
        "1 个先锋岗有空缺",
    ):
        assert line in told
    clerk = [item.title for item in due_lines(cast.branch_a, user=cast.users.clerk_a1, today=TODAY)]
    assert "1 项公开承诺待验收" in clerk
    assert not any("评议" in line for line in clerk)


@pytest.mark.parametrize(("days", "told"), [(29, False), (30, True), (31, True)])
def test_a_round_is_told_of_when_it_has_been_open_for_thirty_days(cast, review, days, told):
    ReviewRound.objects.update(held_on=TODAY - days * DAY)
    lines = due_lines(cast.branch_a, user=cast.users.secretary_a, today=TODAY)
    assert any(line.title.startswith("办结") for line in lines) is told


@pytest.mark.parametrize(("ahead", "told"), [(6, True), (7, True), (8, False)])
def test_a_promise_is_told_of_a_week_before_its_day(cast, roster, secretary, ahead, told):
    make_pledges(org=cast.branch_a, promises=[(roster.worker_a1, "带徒弟")], made_on=D("2026-03-01"),
                 due_on=TODAY + ahead * DAY, today=TODAY, actor=secretary)  # fmt: skip
    lines = due_lines(cast.branch_a, user=cast.users.secretary_a, today=TODAY)
    assert any("公开承诺待验收" in line.title for line in lines) is told


@pytest.mark.parametrize("url", ["/pioneer-posts/", "/pledges/", "/suggestions/", "/reviews/results/", "/reviews/"])
def test_a_list_costs_as_many_statements_with_many_rows_as_with_few(cast, roster, web, url, secretary, officer):
    def fill(count, year):
        install(cast, roster, count, since=f"{year}-01-01", kind=PostKind.POST if year == 2025 else PostKind.AREA)
        with use_scope(EVERYTHING):
            people = [roster.worker_a1, roster.worker_a2][:count]
            make_pledges(org=cast.branch_a, promises=[(m, f"{year}") for m in people], made_on=D(f"{year}-03-01"),
                         due_on=D("2026-12-31"), today=TODAY, actor=officer)  # fmt: skip
            open_review(org=cast.branch_a, kind=ReviewKind.DEMOCRATIC, year=year, held_on=D(f"{year}-11-20"), today=TODAY,
                        actor=officer)  # fmt: skip

    desk = web("park_officer")
    fill(1, 2026)
    desk.get(url)
    few = statements(desk, url)
    fill(30, 2025)
    assert statements(desk, url) <= few
    assert few <= QUERIES


def test_the_page_of_a_round_costs_as_many_statements_whatever_its_size(cast, roster, review, web, secretary):
    desk, here = web(), review.get_absolute_url()
    desk.get(here)
    for url in (here, f"{here}enter/", f"{here}enter/?part=ballot"):
        assert statements(desk, url) <= QUERIES, url


def test_other_pages_tell_of_posts_and_promises(cast, roster, web, everything, secretary):
    install(cast, roster, 2)
    desk = web()
    assert "党员先锋岗0" in desk.get(roster.worker_a1.get_absolute_url()).text
    assert "先锋岗、承诺和建议" in desk.get(cast.branch_a.get_absolute_url()).text
    assert "党员先锋岗0" in desk.get(cast.enterprise_a.get_absolute_url()).text
