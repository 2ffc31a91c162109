"""Pages of tip sheets, points, votes and follow-ups through the browser's eyes, and the API beside them."""

from __future__ import annotations

import datetime

import pytest

from apps.activities.kinds import PointState
from apps.activities.models import FollowUp, PointEntry, PointPublication, PointRule, TipSheet, TipSheetReceipt, Vote
from apps.activities.services.point_years import publish_points
from apps.core.scoping import unscoped
from tests.activities.conftest import TODAY
from tests.activities.test_tips import FACTS, issued, receipt


@pytest.fixture
def at(client, cast):
    """Sign in as somebody of the cast."""

    def sign_in(name):
        client.force_login(getattr(cast.users, name))
        return client

    return sign_in


def text(answer):
    return answer.content.decode()


def test_the_office_drafts_issues_watches_and_closes(cast, roster, at):
    officer = at("park_officer")
    page = officer.get("/tip-sheets/new/")
    assert page.context["form"].initial["number"] == "2026Q4-01"
    officer.post("/tip-sheets/new/", {**FACTS, "org": cast.park_org.pk})
    with unscoped("the test looks"):
        sheet = TipSheet.objects.get()
    here = sheet.get_absolute_url()
    assert "2 个党支部" in text(officer.get(f"{here}issue/"))
    assert officer.post(f"{here}issue/", {"version": 1}).url == here
    page = text(officer.get(here))
    assert "子公司党支部" in page
    assert "/tip-sheets/?sheet=2026Q4-01&amp;org=JY&amp;signed=0" in page
    assert "下发" in text(officer.get("/tip-sheets/issued/"))
    assert officer.get(f"{here}print/").status_code == 200
    officer.post(f"{here}close/", {"version": 2})
    assert "已办结" in text(officer.get(here))


def test_the_department_sees_progress_by_park_with_the_names_behind_it(cast, roster, at):
    from apps.activities.services import tips

    with cast.within(cast.authority):
        sheet = tips.draft_sheet(org=cast.authority, facts=FACTS, actor=cast.users.authority_officer)
        tips.issue_sheet(sheet=sheet, today=TODAY, actor=cast.users.authority_officer)
    page = at("authority_officer").get(sheet.get_absolute_url())
    rows = next(each for each in page.context["sections"] if each["id"] == "progress")["table"]["rows"]
    assert [(row[0]["text"], row[1]["text"]) for row in rows] == [("甲园区党工委", 2), ("乙园区党工委", 1)]
    listed = at("authority_officer").get(rows[1][1]["url"])
    assert [row["cells"][0]["text"] for row in listed.context["rows"]] == [FACTS["title"]]
    assert at("secretary_a").get(sheet.get_absolute_url()).status_code == 403
    assert at("park_officer").get(sheet.get_absolute_url()).status_code == 404


def test_the_secretary_reads_signs_and_answers_on_one_page(cast, roster, at, logbook):
    sheet = issued(cast)
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    secretary, row = at("secretary_a"), receipt(sheet, cast.branch_a)
    here = row.get_absolute_url()
    page = text(secretary.get(here))
    assert "组织一次专题学习" in page
    assert page.count(f"{here}sign/") == 1
    assert secretary.post(f"{here}sign/").url == here
    assert f"{here}sign/" not in text(secretary.get(here))
    secretary.post(f"{here}link/", {"activity": record.pk})
    assert receipt(sheet, cast.branch_a).done_on == record.held_on
    with unscoped("the test looks"):
        link = TipSheetReceipt.objects.get(pk=row.pk).links.get()
    secretary.post(f"/tip-sheets/links/{link.pk}/unlink/")
    assert receipt(sheet, cast.branch_a).done_on is None
    assert secretary.get(f"{here}print/").status_code == 200


def test_another_branch_neither_sees_nor_signs_it(cast, roster, at, logbook):
    row = receipt(issued(cast), cast.branch_a)
    other, here = at("secretary_b"), row.get_absolute_url()
    assert other.get(here).status_code == 404
    assert other.post(f"{here}sign/").status_code == 404
    strange = logbook.log("theme_day", org=cast.branch_b, day=datetime.date(2026, 11, 15), actor=cast.users.secretary_b)
    at("secretary_a").post(f"{here}link/", {"activity": strange.pk})
    assert receipt(row.sheet, cast.branch_a).done_on is None


def test_several_are_signed_at_once_or_none(cast, roster, at):
    first, second = issued(cast), issued(cast, number="2026Q4-02", title="警示教育")
    mine = [receipt(sheet, cast.branch_a).pk for sheet in (first, second)]
    foreign = receipt(first, cast.branch_b).pk
    secretary = at("secretary_a")
    assert secretary.post("/tip-sheets/sign/", {"pk": [*mine, foreign]}).status_code == 404
    assert receipt(first, cast.branch_a).signed_at is None
    secretary.post("/tip-sheets/sign/", {"pk": mine})
    assert all(receipt(sheet, cast.branch_a).signed_at for sheet in (first, second))


def test_a_program_signs_and_links_like_the_page(cast, roster, at, logbook):
    sheet = issued(cast)
    record = logbook.log("theme_day", day=datetime.date(2026, 11, 15))
    row, secretary = receipt(sheet, cast.branch_a), at("secretary_a")
    here = f"/api/v1/tip-sheets/receipts/{row.pk}/"
    assert secretary.get(here).json()["state"] == "unsigned"
    assert secretary.post(f"{here}sign/").json()["state"] == "signed"
    found = secretary.post(f"{here}link/", {"activities": [record.pk]}, content_type="application/json").json()
    assert (found["state"], found["activities"]) == ("done", [record.pk])
    assert at("secretary_b").get(here).status_code == 404


def test_a_branch_enters_points_and_the_park_confirms_them(cast, roster, at):
    rule = PointRule.objects.get(name="讲党课")
    secretary = at("secretary_a")
    assert "陈一鸣" in text(secretary.get("/points/new/"))
    people = [roster.worker_a1.pk, roster.worker_a2.pk]
    answer = secretary.post("/points/new/", {"rule": rule.pk, "on": "2026-11-20", "members": people})
    assert answer.url == "/points/?org=JYA&year=2026"
    assert "1 条" in text(secretary.get(answer.url))
    with unscoped("the test looks"):
        entries = list(PointEntry.objects.values_list("pk", flat=True))
    assert secretary.post("/points/entries/confirm/", {"pk": entries}).status_code == 403
    officer = at("park_officer")
    officer.post("/points/entries/confirm/", {"pk": entries[:1]})
    officer.post("/points/entries/refuse/", {"pk": entries[1:], "submission": "", "note": "没有记录"})
    with unscoped("the test looks"):
        assert set(PointEntry.objects.values_list("state", flat=True)) == {PointState.CONFIRMED, PointState.REFUSED}
    assert officer.get(f"/points/entries/{entries[0]}/").status_code == 200


def test_the_park_publishes_a_year_and_the_branch_reads_the_list(cast, roster, at):
    with unscoped("a year that was decided"):
        PointEntry.objects.create(member=roster.worker_a1, org=cast.branch_a, rule=PointRule.objects.get(name="讲党课"),
                                  on=datetime.date(2025, 5, 4), points=5, state=PointState.CONFIRMED,
                                  author=cast.users.secretary_a)  # fmt: skip
    officer = at("park_officer")
    assert "公布2025年积分" in text(officer.get("/points/?year=2025&org=JYA"))
    officer.post("/points/publish/?year=2025&org=JYA", {})
    with unscoped("the test looks"):
        found = PointPublication.objects.get()
    page = text(at("secretary_a").get(found.get_absolute_url()))
    assert "不排名" in page
    assert page.index("陈一鸣") < page.index("王建国")
    assert at("secretary_b").get(found.get_absolute_url()).status_code == 404


def test_a_publication_cannot_be_made_while_the_year_runs(cast, roster, at):
    assert at("park_officer").get("/points/publish/?year=2026&org=JYA").status_code == 302
    with cast.within(cast.park_org), pytest.raises(Exception, match="还没有结束"):
        publish_points(org=cast.branch_a, year=2026, today=TODAY, actor=cast.users.park_officer)


def test_rules_of_points_are_set_by_the_office_and_read_by_the_branch(cast, roster, at):
    assert "讲党课" in text(at("secretary_a").get("/points/rules/"))
    assert at("secretary_a").get("/points/rules/new/").status_code == 403
    officer = at("park_officer")
    given = {"org": cast.park_org.pk, "name": "每日签到", "points": 1, "source": "园区办法", "since": "2026-11-22"}
    assert "不得为“签到”计分" in text(officer.post("/points/rules/new/", given))
    assert officer.post("/points/rules/new/", {**given, "name": "帮扶"}).status_code == 302
    with unscoped("the test looks"):
        rule = PointRule.objects.get(name="帮扶")
    assert officer.get(f"/points/rules/{rule.pk}/end/").status_code == 200
    assert officer.get(f"/points/rules/{PointRule.objects.get(name='讲党课').pk}/end/").status_code == 404


def voted(roster, **more):
    people = [roster.worker_a1, roster.worker_a2, roster.worker_a3]
    return {
        "kind": "ordinary",
        "matter": "通过工作计划",
        "ballot": "open",
        "voters": [m.pk for m in people],
        "yes": 3,
        **more,
    }


def test_a_vote_is_registered_with_its_result_shown_beside_it(cast, roster, at, logbook):
    record = logbook.log("assembly", day=datetime.date(2026, 11, 20))
    secretary, here = at("secretary_a"), f"{record.get_absolute_url()}votes/"
    assert "有表决权 5 人，到会 5 人" in text(secretary.get(f"{here}new/"))
    shown = text(secretary.post(f"{here}preview/", voted(roster)))
    assert "赞成至少 3 票通过" in shown
    assert ">通过<" in shown
    assert "不能登记" in text(secretary.post(f"{here}preview/", voted(roster, yes=9)))
    refused = secretary.post(f"{here}new/", voted(roster, yes=9))
    assert refused.status_code == 422
    assert "多于实到" in text(refused)
    secretary.post(f"{here}new/", voted(roster))
    with unscoped("the test looks"):
        vote = Vote.objects.get()
    assert "通过工作计划" in text(secretary.get(record.get_absolute_url()))
    secretary.post(f"/votes/{vote.pk}/edit/", voted(roster, yes=2, no=1, version=1))
    vote.refresh_from_db()
    assert not vote.is_passed
    secretary.post(f"/votes/{vote.pk}/remove/", {"reason": "登记有误"})
    with unscoped("the test looks"):
        assert not Vote.objects.exists()


def test_an_admission_is_edited_with_its_person(cast, roster, at, logbook):
    record = logbook.log("assembly", day=datetime.date(2026, 11, 20))
    secretary = at("secretary_a")
    given = voted(roster, kind="admission", matter="接收为中共预备党员", ballot="secret", person="钱多")
    secretary.post(f"{record.get_absolute_url()}votes/new/", given)
    with unscoped("the test looks"):
        vote = Vote.objects.get()
    page = secretary.get(f"/votes/{vote.pk}/edit/")
    assert page.context["form"].initial["person"] == "钱多"
    assert "无记名" in text(secretary.get(record.get_absolute_url()))


def test_a_vote_elsewhere_or_at_a_theme_day_is_refused(cast, roster, at, logbook):
    theme_day = logbook.log("theme_day", day=datetime.date(2026, 11, 20))
    assert "不表决" in text(at("secretary_a").get(f"{theme_day.get_absolute_url()}votes/new/"))
    assembly = logbook.log("assembly", day=datetime.date(2026, 11, 20))
    assert at("secretary_b").get(f"{assembly.get_absolute_url()}votes/new/").status_code == 404
    assert at("secretary_b").post(f"{assembly.get_absolute_url()}votes/preview/", voted(roster)).status_code == 404


def test_follow_ups_are_added_at_the_record_and_found_in_the_book(cast, roster, at, logbook):
    record = logbook.log("joint_conference", day=datetime.date(2026, 11, 10), chosen=[roster.worker_a1])
    secretary, given = at("secretary_a"), {"content": "共享活动室", "owner_name": "王书记", "due_on": "2026-11-15"}
    secretary.post(f"{record.get_absolute_url()}follow-ups/new/", given)
    assert "逾期 7 天" in text(secretary.get(record.get_absolute_url()))
    assert "共享活动室" in text(secretary.get("/follow-ups/?progress=overdue"))
    assert "落实事项：共享活动室" in text(secretary.get("/activities/due/"))
    with unscoped("the test looks"):
        item = FollowUp.objects.get()
    secretary.post(f"/follow-ups/{item.pk}/done/", {"on": "2026-11-20", "result": "已开放", "version": 1})
    assert "共享活动室" not in text(secretary.get("/follow-ups/?progress=overdue"))
    assert "落实事项：共享活动室" not in text(secretary.get("/activities/due/"))


def test_what_a_branch_still_has_to_do_names_its_sheets(cast, roster, at):
    issued(cast)
    page = text(at("secretary_a").get("/activities/due/"))
    assert "待签收" in page
    assert "学习二十届四中全会精神" in page


def test_the_page_of_a_member_shows_the_years_and_compares_with_nobody(cast, roster, at):
    with unscoped("some points"):
        PointEntry.objects.create(member=roster.worker_a1, org=cast.branch_a, rule=PointRule.objects.get(name="讲党课"),
                                  on=TODAY, points=5, state=PointState.CONFIRMED, author=cast.users.secretary_a)  # fmt: skip
    page = text(at("secretary_a").get(roster.worker_a1.get_absolute_url()))
    assert "党员积分" in page
    assert "2026年" in page
