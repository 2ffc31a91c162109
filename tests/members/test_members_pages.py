"""The pages of the roster: what is shown, what is hidden, and that a second look finds the first person."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.attachments import attach
from apps.core.codes import make_id_number
from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.members.kinds import Entry, Relation
from apps.members.models import Honour, Member, Membership

DAY = datetime.date.fromisoformat
NUMBER = make_id_number("210602", DAY("1993-04-05"), 33)
FOREIGN = make_id_number("210602", DAY("1985-01-02"), 44)
STEPS = ("edit", "contacts", "regroup", "formal", "extend", "dates", "leave", "lost", "honours/new", "reveal", "attach")


@pytest.fixture
def page(cast: Any, roster: Any, client: Any) -> Any:
    def get(url: str, username: str = "secretary_a", **data: Any) -> Any:
        client.force_login(getattr(cast.users, username))
        return client.post(url, data) if data else client.get(url)

    return get


def text(answer: Any) -> str:
    return answer.content.decode()


def filled(answer: Any, **changes: Any) -> dict[str, Any]:
    """The form of a page as a browser would send it."""
    form = answer.context["form"]
    values = {name: form[name].value() for name in form.fields}
    flat = {name: getattr(value, "pk", value) for name, value in values.items() if value not in (None, "")}
    return {**{name: value for name, value in flat.items() if value is not False}, **changes}


def test_the_page_shows_masks_and_the_whole_story(page, roster):
    answer = page(f"/members/{roster.worker_a1.pk}/")
    shown = text(answer)
    assert roster.worker_a1.name in shown
    assert f"210***********{roster.worker_a1.id_number[-4:]}" in shown
    assert roster.worker_a1.id_number not in shown
    assert roster.worker_a1.phone not in shown
    titles = [event.title for event in answer.context["story"]]
    assert titles == ["登记在「中共子公司支部委员会」名册", "转为正式党员", "入党"]
    assert [badge["text"] for badge in answer.context["badges"]] == ["正式党员", "在职规范管理"]


@pytest.mark.parametrize("username", ["instructor", "auditor", "system_admin", "visitor"])
def test_who_has_no_business_with_members_sees_none_anywhere(username, cast, page, roster):
    assert page("/members/", username).status_code == 403
    assert page(f"/members/{roster.worker_a1.pk}/", username).status_code == 403
    for url in ("/search/?q=陈一鸣", f"/orgs/{cast.branch_a.pk}/", f"/enterprises/{cast.enterprise_a.pk}/", "/"):
        assert f"/members/{roster.worker_a1.pk}/" not in text(page(url, username))


def test_a_row_outside_the_scope_is_the_same_404_as_one_that_is_not_there(page, roster):
    missing = page("/members/999999999/")
    for member in (roster.worker_b1, roster.sibling_1, roster.worker_elsewhere):
        answer = page(f"/members/{member.pk}/")
        assert (answer.status_code, answer.content) == (404, missing.content)


@pytest.mark.parametrize("step", STEPS)
def test_every_form_opens_for_who_keeps_the_roster_and_for_nobody_else(step, page, roster):
    own, foreign = (f"/members/{member.pk}/{step}/" for member in (roster.probationary_a, roster.worker_b1))
    assert page(own).status_code == 200
    assert page(foreign).status_code == 404
    if step != "reveal":
        assert page(own, "authority_officer").status_code == 403


def test_the_officer_of_the_department_reads_without_a_button_to_write(page, roster):
    answer = page(f"/members/{roster.worker_a1.pk}/", "authority_officer")
    assert answer.status_code == 200
    assert answer.context["actions"] == answer.context["more"] == []


def find(page: Any, name: str, number: str = "", **more: Any) -> Any:
    return page("/members/new/", name=name, id_number=number, **more)


def test_registering_begins_with_a_look_that_keeps_the_number_out_of_the_address(page):
    assert "查一下" in text(page("/members/new/"))
    answer = find(page, "沈新", NUMBER)
    assert answer.request["QUERY_STRING"] == ""
    assert answer.context["form"]["id_number"].value() == NUMBER
    data = filled(answer, joined_on="2018-07-01", formal_on="2019-07-01", phone="13811112222")
    done = page("/members/new/", **data)
    with unscoped("a test looks"):
        member = Member.objects.with_id_number(NUMBER).get()
        assert Membership.objects.get(member=member).entry == Entry.INITIAL
    assert (done.status_code, done.url) == (302, f"/members/{member.pk}/")
    assert page("/members/new/", **data).url == done.url  # a second press of the button does its work once


def test_somebody_registered_is_found_and_linked(page, roster):
    answer = find(page, "随便写", roster.worker_a1.id_number)
    assert f"/members/{roster.worker_a1.pk}/" in text(answer)
    assert "form-section" not in text(answer)


def test_somebody_of_another_branch_is_only_said_to_need_a_transfer(cast, page, roster):
    shown = text(find(page, "冯涛", roster.sibling_1.id_number))
    assert "请办理组织关系转接" in shown
    for hidden in (cast.sibling_branch.name, "丁公司党支部", roster.sibling_1.code, f"/members/{roster.sibling_1.pk}/"):
        assert hidden not in shown


def test_people_of_the_same_name_are_shown_before_anything_is_typed(page, roster):
    answer = find(page, roster.worker_a1.name, NUMBER)
    assert [member.pk for member in answer.context["alike"]] == [roster.worker_a1.pk]
    assert find(page, roster.sibling_1.name, NUMBER).context["alike"] == []


def test_a_number_that_cannot_be_right_is_said_beside_its_field(page):
    answer = find(page, "沈新", NUMBER[:17])
    assert answer.status_code == 422
    assert "身份证号应为18位" in text(answer)


def test_a_15_digit_number_shows_the_box_that_confirms_it(page):
    answer = find(page, "沈新", "210602" + "930405" + "033")
    assert not answer.context["form"]["confirmed"].is_hidden
    assert find(page, "沈新", NUMBER).context["form"]["confirmed"].is_hidden
    data = filled(answer, joined_on="2018-07-01")
    refused = page("/members/new/", **data)
    assert refused.status_code == 422
    assert "换算为 210***********" in text(refused)
    assert page("/members/new/", **{**data, "confirmed": "on"}).status_code == 302


def test_an_edit_that_leaves_the_masks_keeps_what_is_behind_them(page, roster):
    url = f"/members/{roster.worker_a1.pk}/edit/"
    with unscoped("a test prepares"):
        Member.objects.filter(pk=roster.worker_a1.pk).update(address="辽宁省丹东市振兴区锦山大街8号")
    form = page(url)
    assert "锦山大街" not in text(form)
    assert page(url, **filled(form, position="车间主任")).status_code == 302
    with unscoped("a test looks"):
        found = Member.objects.get(pk=roster.worker_a1.pk)
    assert (found.position, found.address) == ("车间主任", "辽宁省丹东市振兴区锦山大街8号")
    assert (found.id_number, found.phone) == (roster.worker_a1.id_number, roster.worker_a1.phone)


def test_the_later_of_two_editors_sees_both_values(page, roster):
    url = f"/members/{roster.worker_a1.pk}/edit/"
    first, second = (filled(page(url), position=what) for what in ("班组长", "车间主任"))
    second["submission"] = "0e0e0e0e-0000-4000-8000-000000000001"
    assert page(url, **first).status_code == 302
    late = page(url, **second)
    assert late.status_code == 409
    assert late.context["conflict"]["rows"] == [{"label": "工作岗位（职务）", "current": "班组长", "yours": "车间主任"}]


def test_an_original_is_shown_once_for_a_reason(page, roster):
    url = f"/members/{roster.worker_a1.pk}/reveal/"
    form = page(f"{url}?field=phone")
    assert form.context["form"]["field"].value() == "phone"
    assert roster.worker_a1.phone not in text(form)
    assert page(url, **filled(form, reason="")).status_code == 422
    shown = page(url, **filled(form, reason="通知开会"))
    assert roster.worker_a1.phone in text(shown)
    assert "no-store" in shown["Cache-Control"]
    assert AuditEntry.objects.get(action="member.viewed").data == {"reason": "通知开会", "field": "phone"}
    assert page(url, "clerk_a1").status_code == 403


def test_a_closed_quarter_answers_409_and_nothing_typed_is_lost(page, roster, closed_until):
    url = f"/members/{roster.worker_a1.pk}/leave/"
    data = filled(page(url), reason="deceased", on="2026-09-30", note="家属来电")
    closed_until(DAY("2026-10-01"))
    answer = page(url, **data)
    assert answer.status_code == 409
    assert "家属来电" in text(answer)


def test_only_somebody_on_probation_loses_that_standing(page, roster):
    formal, probationary = (
        dict(page(f"/members/{member.pk}/leave/").context["form"].fields["reason"].choices)
        for member in (roster.worker_a1, roster.probationary_a)
    )
    assert "cancelled" not in formal
    assert "cancelled" in probationary
    assert "transferred" not in formal


def test_ticked_members_go_into_a_group_and_one_foreign_id_refuses_the_whole(cast, page, roster):
    own = [member.pk for member in roster.of_a[:2]]
    assert page("/members/group/", pk=[*own, roster.worker_b1.pk]).status_code == 404
    asked = page("/members/group/", pk=own)
    assert roster.worker_a1.name in text(asked)
    done = page("/members/group/", pk=own, **filled(asked, group=cast.group_a.pk))
    assert done.url == "/members/?group=JYA1"
    with unscoped("a test counts"):
        assert Member.objects.filter(group=cast.group_a).count() == 2


def test_a_member_whose_firm_the_branch_does_not_answer_for_keeps_it_when_only_the_group_changes(cast, page, roster):
    with unscoped("a test prepares"):
        Member.objects.filter(pk=roster.worker_a1.pk).update(employer=cast.enterprise_uncovered)
        Membership.objects.filter(member=roster.worker_a1).update(enterprise=cast.enterprise_uncovered)
    url = f"/members/{roster.worker_a1.pk}/regroup/"
    form = page(url)
    data = filled(form, group=cast.group_a.pk)
    data.pop("enterprise", None)
    assert page(url, **data).status_code == 302
    with unscoped("a test looks"):
        found = Member.objects.get(pk=roster.worker_a1.pk)
    assert (found.group, found.employer) == (cast.group_a, cast.enterprise_uncovered)


def test_the_roster_of_another_day_offers_no_ticking(page):
    assert page("/members/").context["bulk_actions"]
    assert page("/members/?on=2026-06-30").context["bulk_actions"] == []


def test_search_finds_members_of_the_scope_only(page, roster):
    assert f"/members/{roster.worker_a1.pk}/" in text(page("/search/?q=cym"))
    assert f"/members/{roster.sibling_1.pk}/" not in text(page("/search/?q=冯涛"))
    assert f"/members/{roster.sibling_1.pk}/" in text(page("/search/?q=冯涛", "authority_officer"))


def test_the_page_of_a_branch_counts_its_members_and_groups(cast, page, roster):
    sections = {section["id"]: section for section in page(f"/orgs/{cast.branch_a.pk}/").context["sections"]}
    rows = [(row[0]["text"], row[1]["text"]) for row in sections["members"]["table"]["rows"]]
    assert rows == [("正式党员", 5), ("预备党员", 1), ("党小组：第一党小组", 0)]
    park = {s["id"]: s for s in page(f"/orgs/{cast.park_org.pk}/", "park_officer").context["sections"]}
    assert park["members"]["note"] == "连同下级共 8 名"


def test_the_page_of_an_enterprise_names_its_members_in_the_scope(cast, page, roster):
    sections = {section["id"]: section for section in page(f"/enterprises/{cast.enterprise_a.pk}/").context["sections"]}
    names = {row[0]["text"] for row in sections["members"]["table"]["rows"]}
    assert names == {member.name for member in roster.of_a}
    assert sections["members"]["link"] == f"/members/new/?enterprise={cast.enterprise_a.pk}"


def test_who_awaits_a_place_is_a_thing_to_do_until_somebody_settles_it(page, roster):
    assert "待安置" not in text(page("/todo/"))
    with unscoped("a test prepares"):
        Member.objects.filter(pk=roster.worker_a1.pk).update(placement_since=DAY("2026-11-10"))
    for username in ("secretary_a", "park_officer"):
        assert "1 名党员待安置" in text(page("/todo/", username))
    assert "待安置" not in text(page("/todo/", "secretary_b"))
    listed = page("/members/?placement=1").context["rows"]
    assert [row["pk"] for row in listed] == [roster.worker_a1.pk]
    url = f"/members/{roster.worker_a1.pk}/placed/"
    assert page(url, **filled(page(url), reason="已退休")).status_code == 302
    assert "待安置" not in text(page("/todo/"))


def test_honours_are_entered_and_taken_back_on_the_page(page, roster):
    url = f"/members/{roster.worker_a1.pk}/honours/new/"
    page(url, **filled(page(url), kind="honour", title="市优秀共产党员"))
    with unscoped("a test looks"):
        honour = Honour.objects.get()
    assert "市优秀共产党员" in text(page(f"/members/{roster.worker_a1.pk}/"))
    remove = f"/honours/{honour.pk}/remove/"
    assert page(remove, "secretary_b").status_code == 404
    assert page(remove, **filled(page(remove), reason="重复登记")).status_code == 302
    assert "市优秀共产党员" not in text(page(f"/members/{roster.worker_a1.pk}/"))


def test_files_of_a_member_are_for_who_may_see_members(cast, page, roster, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    pdf = SimpleUploadedFile("志愿书.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF")
    with cast.within(cast.branch_a):
        file = attach(file=pdf, target=roster.worker_a1, actor=cast.users.secretary_a)
    opened = page(f"/attachments/{file.pk}/")
    assert b"".join(opened.streaming_content).startswith(b"%PDF")
    assert page(f"/attachments/{file.pk}/", "secretary_b").status_code == 404
    assert page(f"/attachments/{file.pk}/", "instructor").status_code == 404  # sees the files of enterprises here
    assert page(f"/attachments/{file.pk}/delete/", "instructor", confirm="1").status_code == 404
    assert "志愿书.pdf" in text(page(f"/members/{roster.worker_a1.pk}/"))


def test_the_page_asks_as_often_for_a_long_story_as_for_a_short_one(page, roster, cast):
    url = f"/members/{roster.worker_a1.pk}/"
    page(url)
    with CaptureQueriesContext(connection) as short:
        page(url)
    with unscoped("a test prepares"):
        for year in range(2000, 2015):
            Honour(
                member=roster.worker_a1,
                org=cast.branch_a,
                kind="honour",
                title=f"{year}年先进",
                on=DAY(f"{year}-07-01"),
            ).save()
    with CaptureQueriesContext(connection) as long:
        page(url)
    assert len(long) == len(short)


def test_somebody_with_the_relation_elsewhere_is_looked_after_and_let_go(cast, page, roster):
    found = find(page, "乔远")
    data = filled(found, relation="elsewhere", home_text="中共某县某村支部", enterprise=cast.enterprise_a.pk)
    member_url = page("/members/new/", **data).url
    shown = page(member_url)
    assert [badge["text"] for badge in shown.context["badges"]] == ["关系在外", "流入双重管理"]
    leave = f"{member_url}leave/"
    assert page(leave, **filled(page(leave), reason="transferred")).status_code == 302
    with unscoped("a test looks"):
        assert Member.objects.get(name="乔远").relation == Relation.LEFT
