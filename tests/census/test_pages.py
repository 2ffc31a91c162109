"""The pages of the census as people of different roles meet them."""

from __future__ import annotations

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.census import services
from apps.census.models import CensusReturn
from apps.core.scoping import unscoped
from apps.enterprises.models import Condition, Enterprise, Instructor, InstructorAssignment
from tests.census.conftest import TODAY

MAX_QUERIES = 12
CLEAR = {"operations_clear": "True", "staff_clear": "True", "members_clear": "True", "owner_clear": "True"}
FORM = {
    **CLEAR, "method": "visit", "checked_on": "2026-11-22", "status": "operating", "has_premises": "True",
    "has_operations": "True", "staff": "120", "formal_members": "5", "probationary_members": "0",
    "members_elsewhere": "0", "applicants": "0",
}  # fmt: skip


@pytest.fixture
def as_officer(cast, client):
    client.force_login(cast.users.park_officer)
    return client


@pytest.fixture
def as_secretary(cast, client):
    client.force_login(cast.users.secretary_a)
    return client


def text_of(response):
    assert response.status_code == 200, response
    return response.content.decode()


def more_enterprises(cast, count):
    with unscoped("test"):
        made = Enterprise.objects.bulk_create(
            Enterprise(name=f"丹东第{n}公司", org=cast.branch_a, park=cast.park, building=cast.building)
            for n in range(count)
        )
        Condition.objects.bulk_create(Condition(enterprise=e, since=datetime.date(2026, 1, 1), staff=9) for e in made)


def queries_of(client, url):
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return len([q for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])


def test_the_officer_opens_a_round_and_sees_its_cockpit(cast, as_officer):
    page = text_of(as_officer.get("/census/open/"))
    assert "2026年第四季度（季度摸底）" in page
    answer = as_officer.post("/census/open/", {
        "org": cast.park_org.pk, "period": "2026Q4", "opens_on": "2026-11-22", "due_on": "2026-12-20",
    }, follow=True)  # fmt: skip
    page = text_of(answer)
    assert "已发起：2026年第四季度摸底，生成 3 张摸底表。" in page
    assert "还有 28 天" in page


def test_every_figure_of_the_cockpit_opens_to_as_many_returns(cast, census_round, unchanged, as_officer):
    import re

    unchanged(cast.enterprise_a)
    for by in ("park", "building", "org"):
        page = text_of(as_officer.get(f"/census/{census_round.pk}/?by={by}"))
        links = re.findall(r'<td class="number"><a href="(/census/returns/[^"]+)">(\d+)</a>', page)
        assert links
        for url, figure in links:
            assert f"共 {figure} 条" in text_of(as_officer.get(url.replace("&amp;", "&")))


def test_a_park_sees_the_round_of_the_city_with_its_own_part(cast, as_officer):
    with unscoped("test"):
        from apps.core.periods import Period

        row = services.open_round(
            org=cast.authority, period=Period.parse("2026Q4"), today=TODAY, actor=cast.users.authority_officer
        ).round
    page = text_of(as_officer.get(f"/census/{row.pk}/"))
    assert "关闭摸底" not in page
    assert "乙园区" not in page
    assert as_officer.post(f"/census/{row.pk}/close/", {"confirmed": "on"}).status_code == 404


def test_a_round_of_another_park_is_the_same_404_as_none(cast, census_round, client):
    from apps.accounts.models import RoleAssignment

    with unscoped("test"):
        RoleAssignment.objects.create(
            user=cast.users.visitor, role="park_officer", org=cast.sibling_org, since=datetime.date(2026, 1, 1)
        )
    client.force_login(cast.users.visitor)
    outside, missing = client.get(f"/census/{census_round.pk}/"), client.get("/census/999999/")
    assert outside.status_code == missing.status_code == 404
    assert outside.content == missing.content


@pytest.mark.parametrize("part", ["", "unchanged/", "fill/", "sheet/"])
def test_a_return_of_another_branch_is_the_same_404_as_none(cast, return_of, as_secretary, part):
    outside = as_secretary.get(f"/census/returns/{return_of(cast.enterprise_b).pk}/{part}")
    missing = as_secretary.get(f"/census/returns/999999/{part}")
    assert outside.status_code == missing.status_code == 404
    assert outside.content == missing.content


def test_nobody_writes_to_a_return_of_another_branch(cast, return_of, as_secretary):
    row = return_of(cast.enterprise_b)
    url = f"/census/returns/{row.pk}/"
    assert as_secretary.post(f"{url}unchanged/", {"method": "visit", "checked_on": "2026-11-22"}).status_code == 404
    assert as_secretary.post(f"{url}withdraw/").status_code == 404
    assert as_secretary.post(f"{url}approve/").status_code == 403
    assert return_of(cast.enterprise_b).state == "not_started"


def test_the_secretary_answers_with_one_press(cast, return_of, as_secretary):
    page = text_of(as_secretary.get("/census/mine/"))
    assert "丹东子精密机械有限公司" in page
    assert "丹东丑电子" not in page
    assert "正式党员 5 名" in page
    row = return_of(cast.enterprise_a)
    data = {"method": "visit", "checked_on": "2026-11-22", "version": row.version}
    page = text_of(as_secretary.post(f"/census/returns/{row.pk}/unchanged/", data, follow=True))
    assert "已上报：本季无变化" in page
    assert return_of(cast.enterprise_a).state == "submitted"


def test_one_press_that_lacks_something_leads_to_a_page_that_asks_for_it(cast, return_of, as_officer):
    row = return_of(cast.enterprise_uncovered)
    url = f"/census/returns/{row.pk}/unchanged/"
    answer = as_officer.post(url, {"method": "visit", "checked_on": "2026-11-22"})
    assert answer.status_code == 422
    assert "未建党组织原因" in answer.content.decode()
    answer = as_officer.post(url, {"method": "visit", "checked_on": "2026-11-22", "unbuilt_reason": "no_candidate"})
    assert answer.status_code == 302


def test_the_form_counts_what_is_filled_in_and_what_is_left(cast, return_of, as_secretary):
    page = text_of(as_secretary.get(f"/census/returns/{return_of(cast.enterprise_a).pk}/fill/"))
    assert "已带出 8 项，需要您填 1 项：摸排方式" in page
    assert 'value="120"' in page
    assert "未建党组织原因" not in page


def test_the_uncovered_are_asked_for_the_reason(cast, return_of, as_officer):
    url = f"/census/returns/{return_of(cast.enterprise_uncovered).pk}/fill/"
    assert "需要您填 2 项：摸排方式、未建党组织原因" in text_of(as_officer.get(url))
    assert as_officer.post(url, {**FORM, "staff": "60", "formal_members": "4"}).status_code == 422


def test_a_draft_may_lack_anything_and_is_found_again(cast, return_of, as_secretary):
    row = return_of(cast.enterprise_a)
    url = f"/census/returns/{row.pk}/fill/"
    assert as_secretary.post(url, {"staff": "131", "draft": "1", "version": row.version}).status_code == 302
    kept = return_of(cast.enterprise_a)
    assert (kept.state, kept.staff, kept.formal_members, kept.status) == ("draft", 131, 5, "operating")
    assert 'value="131"' in text_of(as_secretary.get(url))
    assert "继续填写草稿" in text_of(as_secretary.get("/census/mine/"))


def test_a_large_change_comes_back_with_its_basis_and_keeps_what_was_typed(cast, return_of, as_secretary):
    url = f"/census/returns/{return_of(cast.enterprise_a).pk}/fill/"
    answer = as_secretary.post(url, {**FORM, "staff": "30"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "职工由120人变为30人，变化较大，请说明原因" in page
    assert 'value="30"' in page
    assert as_secretary.post(url, {**FORM, "staff": "30", "change_reason": "订单减少裁员"}).status_code == 302


def test_the_second_writer_gets_both_values(cast, return_of, as_secretary):
    row = return_of(cast.enterprise_a)
    url = f"/census/returns/{row.pk}/fill/"
    as_secretary.post(url, {**FORM, "staff": "121", "draft": "1", "version": row.version})
    answer = as_secretary.post(url, {**FORM, "staff": "122", "draft": "1", "version": row.version})
    assert answer.status_code == 409
    assert "121" in answer.content.decode()


def test_an_instructor_sees_the_assigned_enterprises_first(cast, census_round, client):
    with unscoped("test"):
        person = Instructor(name="钱指导员", org=cast.station, user=cast.users.instructor, since=datetime.date(2026, 1, 1))
        person.save()
        InstructorAssignment.objects.create(
            instructor=person, enterprise=cast.enterprise_b, since=datetime.date(2026, 1, 1)
        )
    client.force_login(cast.users.instructor)
    page = text_of(client.get("/census/mine/"))
    assert page.index("丹东丑电子有限公司") < page.index("丹东子精密机械有限公司")


def test_the_officer_sees_what_changed_and_sends_back_or_approves(cast, return_of, as_officer, officer):
    row = return_of(cast.enterprise_a)
    services.submit(
        census_return=row, today=TODAY, actor=cast.users.secretary_a,
        facts={"staff": 118, "method": "visit", "checked_on": TODAY, **dict.fromkeys(CLEAR, True)},
    )  # fmt: skip
    url = f"/census/returns/{row.pk}/"
    page = text_of(as_officer.get(url))
    assert "有 1 项变化" in page
    assert page.count("有变化</span>") == 1
    assert as_officer.post(f"{url}send-back/", {"comment": ""}).status_code == 422
    assert as_officer.post(f"{url}send-back/", {"comment": "请附花名册"}).status_code == 302
    assert "退回意见：请附花名册" in text_of(as_officer.get(f"{url}fill/"))
    services.submit(census_return=row, today=TODAY, actor=cast.users.secretary_a, facts={})
    page = text_of(as_officer.post(f"{url}approve/", follow=True))
    assert "已审核通过，并写入企业台账" in page
    assert return_of(cast.enterprise_a).state == "approved"


def test_what_changed_after_the_officer_looked_is_not_approved_unseen(cast, return_of, unchanged, as_officer, officer):
    unchanged(cast.enterprise_a)
    row = return_of(cast.enterprise_a)
    services.withdraw(census_return=row, today=TODAY, actor=cast.users.secretary_a)
    unchanged(cast.enterprise_a)
    url = f"/census/returns/{row.pk}/"
    page = text_of(as_officer.post(f"{url}approve/", {"version": row.version}, follow=True))
    assert "已被他人修改" in page
    assert as_officer.post(f"{url}send-back/", {"version": row.version, "comment": "核对"}).status_code == 409
    assert return_of(cast.enterprise_a).state == "submitted"


def test_whoever_sees_everything_sees_every_round(cast, census_round):
    from apps.census import rounds

    with unscoped("test"):
        assert [row.pk for row in rounds.seen(None)] == [census_round.pk]


def test_bulk_approval_refuses_the_whole_for_one_foreign_row(cast, return_of, unchanged, as_officer):
    unchanged(cast.enterprise_a)
    with unscoped("test"):
        from apps.core.periods import Period

        services.open_round(org=cast.sibling_org, period=Period.parse("2026Q4"), today=TODAY, actor=None)
        foreign = CensusReturn.objects.get(enterprise=cast.enterprise_sibling)
    mine = return_of(cast.enterprise_a)
    answer = as_officer.post("/census/returns/approve/", {"pk": [mine.pk, foreign.pk]})
    assert answer.status_code == 404
    assert return_of(cast.enterprise_a).state == "submitted"
    page = text_of(as_officer.post("/census/returns/approve/", {"pk": [mine.pk]}, follow=True))
    assert "已审核通过 1 份摸底表" in page


def test_closing_lists_what_is_left_and_asks(cast, census_round, unchanged, as_officer):
    unchanged(cast.enterprise_a)
    url = f"/census/{census_round.pk}/close/"
    assert "未开始 2 份、待审核 1 份" in text_of(as_officer.get(url))
    assert as_officer.post(url, {}).status_code == 422
    page = text_of(as_officer.post(url, {"confirmed": "on"}, follow=True))
    assert "2026年第四季度已于2026年11月22日由李明关闭" in page
    assert as_officer.post(url, {"confirmed": "on"}).status_code in (409, 422)


def test_a_locked_page_says_which_rule_locked_it_when_and_who_opens_it(cast, census_round, return_of, as_secretary, officer):
    services.close_round(census_round=census_round, today=TODAY, actor=officer, confirmed=True)
    page = text_of(as_secretary.get(f"/census/returns/{return_of(cast.enterprise_a).pk}/fill/"))
    assert "2026年第四季度已于2026年11月22日由李明关闭" in page
    assert "甲园区党工委工作人员限期重新开放" in page
    assert "存草稿" not in page


def test_reopening_a_branch_opens_all_of_its_returns(cast, census_round, return_of, as_officer, officer):
    services.close_round(census_round=census_round, today=TODAY, actor=officer, confirmed=True)
    url = f"/census/returns/{return_of(cast.enterprise_a).pk}/reopen/"
    data = {"extent": "org", "until": "2026-11-30", "reason": "漏报"}
    assert as_officer.post(url, data).status_code == 302
    assert return_of(cast.enterprise_a).state == "returned"
    assert return_of(cast.enterprise_b).state == "locked"


def test_the_blank_sheet_names_the_enterprise_and_what_is_known(cast, return_of, as_secretary):
    page = text_of(as_secretary.get(f"/census/returns/{return_of(cast.enterprise_a).pk}/sheet/"))
    assert "园区企业摸底调查表" in page
    assert "□走访 □电话 □实地" in page
    assert "120" in page


@pytest.mark.parametrize("user", ["auditor", "system_admin", "visitor"])
def test_who_has_no_part_in_it_is_refused(cast, census_round, client, user):
    client.force_login(getattr(cast.users, user))
    for url in ("/census/", "/census/mine/", "/census/returns/", f"/census/{census_round.pk}/"):
        assert client.get(url).status_code == 403


PAGES = ["/census/", "/census/mine/", "/census/returns/", "/census/{round}/", "/census/{round}/?by=building",
         "/census/{round}/?by=org", "/census/returns/{pk}/", "/census/returns/{pk}/fill/",
         "/census/returns/{pk}/unchanged/", "/census/{round}/close/", "/census/open/"]  # fmt: skip


@pytest.mark.parametrize("url", PAGES)
def test_each_page_asks_few_queries_however_many_rows(cast, census_round, return_of, as_officer, url):
    url = url.format(round=census_round.pk, pk=return_of(cast.enterprise_uncovered).pk)
    more_enterprises(cast, 10)
    services.tend_rounds(today=TODAY)
    few = queries_of(as_officer, url)
    more_enterprises(cast, 490)
    services.tend_rounds(today=TODAY)
    assert queries_of(as_officer, url) == few <= MAX_QUERIES


def test_home_tells_the_secretary_what_is_due_and_the_officer_what_waits(cast, census_round, unchanged, client):
    client.force_login(cast.users.secretary_a)
    page = text_of(client.get("/"))
    assert "丹东子精密机械有限公司 季度摸底" in page
    assert "上期正式党员 5 名、职工 120 人" in page
    assert "我的摸底" in page
    unchanged(cast.enterprise_a)
    client.force_login(cast.users.park_officer)
    page = text_of(client.get("/"))
    assert "审核摸底表 1 份" in page
    assert "本季摸底进度" in page
    assert "下次催报 2026年11月23日" in page
    assert "进行中" in page


def test_rounds_are_listed_with_how_far_they_are(cast, census_round, as_officer):
    page = text_of(as_officer.get("/census/"))
    assert "2026年第四季度摸底" in page


def test_every_figure_of_the_list_of_rounds_opens_to_its_returns(cast, client, census_round):
    client.force_login(cast.users.park_officer)
    page = client.get("/census/").content.decode()
    for query in ("", "&amp;state=reported", "&amp;on_time=1", "&amp;state=approved"):
        assert f'href="/census/returns/?round={census_round.pk}{query}"' in page
        assert client.get(f"/census/returns/?round={census_round.pk}{query.replace('&amp;', '&')}").status_code == 200
