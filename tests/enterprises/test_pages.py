"""Pages of the register: what people reach, type and see; what others do not."""

from __future__ import annotations

import datetime
import re

import pytest
from django.utils import timezone

from apps.core.models import AuditEntry
from apps.core.scoping import unscoped
from apps.enterprises import services
from apps.enterprises.kinds import Form, MassKind
from apps.enterprises.models import Building, Condition, Enterprise, Establishment, Instructor, Need, Visit
from apps.enterprises.views.places import floor_of
from tests.cast import SINCE

D = datetime.date


@pytest.fixture
def now():
    return timezone.localdate()


@pytest.fixture
def signed_in(cast, client):
    def sign_in(username="park_officer"):
        client.force_login(getattr(cast.users, username))
        return client

    return sign_in


@pytest.fixture
def desk(signed_in):
    return signed_in()


def typed(client, url, **data):
    """The form of a page sent back with what it was filled with, changed by `data`."""
    page = client.get(url)
    assert page.status_code == 200, url
    form = page.context["form"]
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value is not None and value is not False}
    return client.post(url, {**sent, **data})


def lived_in(cast, today):
    """enterprise_a with something of everything."""
    officer = cast.users.park_officer
    common = {"today": today, "actor": officer}
    with cast.within(cast.park_org):
        services.record_condition(
            enterprise=cast.enterprise_a, on=D(2026, 3, 1), changes={"staff": 130, "status": "suspended"},
            source="2026年第一季度摸底", **common,
        )  # fmt: skip
        instructor = services.register_instructor(
            facts={"org": cast.park_org, "name": "钱学", "since": SINCE}, actor=officer
        )
        services.send_instructor(
            instructor=instructor, enterprises=[cast.enterprise_a], since=D(2026, 4, 1), **common
        )
        services.record_mass_organization(
            enterprise=cast.enterprise_a, kind=MassKind.UNION, since=D(2026, 5, 1), **common
        )
        services.record_visit(
            enterprise=cast.enterprise_a, need="招工难", **common,
            facts={"on": D(2026, 6, 1), "method": "phone", "visitor": "李明", "summary": "看望职工"},
        )  # fmt: skip
        services.change_enterprise(enterprise=cast.enterprise_a, facts={"contact_phone": "13804151234"}, **common)
    return instructor


def test_the_story_of_an_enterprise_is_one_line_of_time(cast, desk, now):
    lived_in(cast, now)
    page = desk.get(f"/enterprises/{cast.enterprise_a.pk}/")
    story = [(event.on, event.title) for event in page.context["story"]]
    assert story == sorted(story, key=lambda event: event[0], reverse=True)
    assert story[0][1].startswith("电话：李明")
    assert [title for _, title in story[1:]] == [
        "提出诉求：招工难", "成立工会", "选派指导员 钱学", "由在营变为停产", "注册成立", "入驻A1 栋", "首次登记情况：在营",
        "单独组建：中共子公司支部委员会",
    ]  # fmt: skip
    changed = next(event for event in page.context["story"] if event.title == "由在营变为停产")
    assert changed.text == "职工数 120 → 130，来源：2026年第一季度摸底"


def test_the_page_says_what_the_rules_ask_for(cast, desk):
    page = desk.get(f"/enterprises/{cast.enterprise_uncovered.pk}/").content.decode()
    assert "应单独建立党组织（应建未建）" in page
    assert "中国共产党支部工作条例" in page


def test_a_phone_is_masked_and_shown_once_for_a_reason(cast, desk, now):
    lived_in(cast, now)
    here = f"/enterprises/{cast.enterprise_a.pk}/"
    for url in (here, f"{here}edit/", f"{here}sheet/", "/enterprises/?columns=contact_phone"):
        body = desk.get(url).content.decode()
        assert "138****1234" in body
        assert "13804151234" not in body
    assert desk.post(f"{here}phone/", {"reason": ""}).status_code == 422
    shown = desk.post(f"{here}phone/", {"reason": "约走访时间"})
    assert "13804151234" in shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    assert AuditEntry.objects.filter(action="phone.viewed").count() == 1


def test_a_form_sent_back_with_the_masked_phone_keeps_the_number(cast, desk, now):
    lived_in(cast, now)
    answer = typed(desk, f"/enterprises/{cast.enterprise_a.pk}/edit/", scale="medium")
    assert answer.status_code == 302
    with cast.within(cast.park_org):
        found = Enterprise.objects.get(pk=cast.enterprise_a.pk)
    assert (found.scale, found.contact_phone) == ("medium", "13804151234")


def test_registering_an_enterprise_leads_to_its_page(cast, desk):
    answer = typed(desk, "/enterprises/new/", name="丹东辰科技有限公司", staff="15", building=cast.building.pk)
    with cast.within(cast.park_org):
        found = Enterprise.objects.get(name="丹东辰科技有限公司")
    assert answer["Location"] == f"/enterprises/{found.pk}/"
    assert (found.park, found.building) == (cast.park, cast.building)


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(desk):
    answer = typed(desk, "/enterprises/new/", name="丹东辰科技有限公司", credit_code="123")
    assert answer.status_code == 422
    assert "应为18位" in answer.context["form"].errors["credit_code"][0]
    assert "丹东辰科技有限公司" in answer.content.decode()


def test_the_second_of_two_editors_sees_both_values_on_the_page(cast, desk):
    url = f"/enterprises/{cast.enterprise_a.pk}/condition/"
    stale = desk.get(url).context["form"]["version"].value()
    assert typed(desk, url, staff="130").status_code == 302
    answer = typed(desk, url, staff="140", version=stale)
    assert answer.status_code == 409
    assert {"label": "职工数", "current": "130", "yours": "140"} in answer.context["conflict"]["rows"]


def test_a_visit_is_logged_with_two_things_typed(cast, signed_in, now):
    client = signed_in("secretary_a")
    answer = typed(client, f"/visits/new/?enterprise={cast.enterprise_a.pk}", summary="了解党员情况", need="办证慢")
    assert answer["Location"] == f"/enterprises/{cast.enterprise_a.pk}/"
    with cast.within(cast.park_org):
        visit = Visit.objects.get()
        assert (visit.on, visit.visitor, visit.method) == (now, "王书记", "visit")
        assert Need.objects.get().visit == visit


def test_the_form_knows_the_instructor_who_signs_in(cast, signed_in):
    with cast.within(cast.park_org):
        Instructor(name="钱学", org=cast.station, since=SINCE, user=cast.users.instructor).save()
    page = signed_in("instructor").get("/visits/new/")
    assert page.context["form"]["visitor"].value() == "钱学"
    assert page.context["form"].initial["instructor"].name == "钱学"


@pytest.mark.parametrize("action", ["place", "send", "join"])
def test_a_foreign_id_among_ticked_ones_refuses_the_whole(cast, desk, action):
    url = f"/enterprises/{action}/"
    assert desk.post(url, {"pk": [cast.enterprise_a.pk]}).status_code == 200
    assert desk.post(url, {"pk": [cast.enterprise_a.pk, cast.enterprise_sibling.pk]}).status_code == 404
    assert desk.post(url, {"pk": ["x"]}).status_code == 404
    assert desk.post(url, {})["Location"] == "/enterprises/"


def ticked(client, url, enterprises, **data):
    """Tick rows of the list, then answer the form."""
    keys = [enterprise.pk for enterprise in enterprises]
    form = client.post(url, {"pk": keys}).context["form"]
    sent = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "")}
    return client.post(url, {**sent, "pk": keys, **data})


def test_ticked_enterprises_go_into_a_building_together(cast, desk):
    rows = [cast.enterprise_uncovered, cast.enterprise_b]
    answer = ticked(desk, "/enterprises/place/", rows, building=cast.building.pk)
    assert answer["Location"] == f"/buildings/{cast.building.pk}/"
    with cast.within(cast.park_org):
        assert Enterprise.objects.filter(building=cast.building).count() == 3


def test_ticked_enterprises_join_one_branch_together(cast, desk):
    answer = ticked(desk, "/enterprises/join/", [cast.enterprise_uncovered], org=cast.branch_b.pk)
    assert answer.status_code == 302
    with cast.within(cast.park_org):
        assert Establishment.objects.get(enterprise=cast.enterprise_uncovered).form == Form.JOINT


def test_an_overlapping_cover_is_refused_on_the_form_in_chinese(cast, desk):
    url = f"/enterprises/{cast.enterprise_a.pk}/establish/"
    answer = typed(desk, url, form="regional", org=cast.branch_a.pk, since="2026-01-01")
    assert answer.status_code == 422
    assert "这家企业在这段时间已由同一党组织覆盖" in answer.content.decode()


def test_ending_what_covers_says_so_and_keeps_the_history(cast, desk, now):
    instructor = lived_in(cast, now)
    with cast.within(cast.park_org):
        row = Establishment.objects.get(enterprise=cast.enterprise_a)
        sent = instructor.assignments.get()
    assert typed(desk, f"/establishments/{row.pk}/end/", reason="重组").status_code == 302
    assert typed(desk, f"/assignments/{sent.pk}/recall/").status_code == 302
    page = desk.get(f"/enterprises/{cast.enterprise_a.pk}/").content.decode()
    assert page.count("已终止") == 2


def test_a_need_is_worked_on_closed_and_then_locked(cast, desk, now):
    lived_in(cast, now)
    with cast.within(cast.park_org):
        need = Need.objects.get()
    assert typed(desk, f"/needs/{need.pk}/", owner="李明").status_code == 302
    assert typed(desk, f"/needs/{need.pk}/close/", result="已协调").status_code == 302
    assert "已于" in desk.get(f"/needs/{need.pk}/").content.decode()


def test_an_enterprise_that_left_is_locked_and_says_who_can_open_it(cast, desk):
    url = f"/enterprises/{cast.enterprise_a.pk}/"
    assert typed(desk, f"{url}status/", status="moved_out").status_code == 302
    page = desk.get(f"{url}condition/")
    assert "园区党工委工作人员办理状态变更" in page.context["locked"]
    assert typed(desk, f"{url}status/", status="operating").status_code == 302


@pytest.mark.parametrize(
    ("room", "floor"),
    [("301", 3), ("301 室", 3), ("1205", 12), ("A座2103", 21), ("3层", 3), ("B1", None), ("", None), ("大厅", None)],
)
def test_a_room_number_tells_its_floor(room, floor):
    assert floor_of(room) == floor


def test_the_board_of_a_building_goes_from_the_top_floor_down(cast, desk):
    with cast.within(cast.park_org):
        for enterprise, room in ((cast.enterprise_a, "301"), (cast.enterprise_b, "1205")):
            enterprise.room = room
            enterprise.save()
    page = desk.get(f"/buildings/{cast.building.pk}/")
    assert [floor["label"] for floor in page.context["floors"]] == ["12 层", "3 层"]
    assert [figure["value"] for figure in page.context["figures"]] == [2, 2, 0]


def test_a_sheet_shows_the_values_of_the_ledger(cast, desk):
    page = desk.get(f"/enterprises/{cast.enterprise_a.pk}/sheet/")
    cells = {c["label"]: c["value"] for g in page.context["groups"] for line in g["lines"] for c in line}
    assert (cells["企业名称"], cells["正式党员"], cells["组建方式"]) == ("丹东子精密机械有限公司", "5", "单独组建")


PLACES = ("", "sheet/", "condition/", "contacts/", "plan/", "mass/", "need/")


@pytest.mark.parametrize("tail", PLACES)
def test_another_branch_is_the_same_404_as_nothing(cast, signed_in, tail):
    client = signed_in("secretary_b")
    foreign = client.get(f"/enterprises/{cast.enterprise_a.pk}/{tail}")
    missing = client.get(f"/enterprises/999999/{tail}")
    assert foreign.status_code == missing.status_code == 404
    body = [re.sub(r"<input[^>]*csrf[^>]*>", "", answer.content.decode()) for answer in (foreign, missing)]
    assert body[0] == body[1]


@pytest.mark.parametrize(
    ("username", "url", "status"),
    [
        ("secretary_a", "/enterprises/new/", 403),
        ("secretary_a", "/enterprises/{a}/edit/", 403),
        ("secretary_a", "/enterprises/{a}/contacts/", 200),
        ("secretary_a", "/enterprises/{a}/condition/", 200),
        ("secretary_a", "/enterprises/{a}/establish/", 403),
        ("clerk_a1", "/visits/new/", 200),
        ("instructor", "/visits/new/?enterprise={a}", 200),
        ("instructor", "/enterprises/{a}/condition/", 403),
        ("authority_officer", "/enterprises/{a}/", 200),
        ("authority_officer", "/enterprises/{a}/condition/", 403),
        ("authority_officer", "/parks/new/", 403),
        ("park_officer", "/parks/new/", 200),
        ("visitor", "/enterprises/", 403),
        ("auditor", "/enterprises/{a}/", 403),
        ("system_admin", "/enterprises/", 403),
    ],
)
def test_each_role_does_its_own_work(cast, signed_in, username, url, status):
    assert signed_in(username).get(url.format(a=cast.enterprise_a.pk)).status_code == status


def test_a_secretary_is_offered_no_link_out_of_the_branch(cast, signed_in):
    page = signed_in("secretary_a").get(f"/enterprises/{cast.enterprise_a.pk}/").content.decode()
    assert f"/parks/{cast.park.pk}/" not in page
    assert f"/buildings/{cast.building.pk}/" not in page
    assert "登记组建" not in page


@pytest.mark.parametrize(
    "url", ["/enterprises/", "/enterprises/sheets/", "/establishments/", "/instructors/", "/visits/", "/buildings/", "/parks/"]
)
def test_every_list_answers_and_is_empty_with_advice(desk, db, url):
    assert desk.get(url).status_code == 200
    with unscoped("an empty park"):
        empty = desk.get(f"{url}?q=没有这样的名称")
    assert "没有符合条件的记录" in empty.content.decode()


def test_home_names_a_new_arrival_until_somebody_has_been_there(cast, desk, now):
    with cast.within(cast.park_org):
        new = Enterprise(name="丹东新来公司", org=cast.park_org, park=cast.park, arrived_on=now.replace(day=1))
        new.save()
        Condition.objects.create(enterprise=new, since=new.arrived_on)
    titles = [item["title"] for item in desk.get("/").context["todo"]]
    assert "入驻当月走访：丹东新来公司" in titles
    typed(desk, f"/visits/new/?enterprise={new.pk}")
    titles = [item["title"] for item in desk.get("/").context["todo"]]
    assert "入驻当月走访：丹东新来公司" not in titles


def test_the_search_box_finds_enterprises_by_initials(cast, desk):
    groups = desk.get("/search/?q=ddzj").context["groups"]
    assert [hit[0] for group in groups for hit in group.hits] == ["丹东子精密机械有限公司"]


def test_a_park_and_a_building_are_registered_and_changed(cast, desk):
    assert typed(desk, "/parks/new/", code="C", name="丙园区", level="city", org=cast.committee.pk).status_code == 302
    assert typed(desk, f"/buildings/new/?park={cast.park.pk}", code="A9", name="九号楼").status_code == 302
    with cast.within(cast.park_org):
        building = Building.objects.get(code="A9")
    assert typed(desk, f"/buildings/{building.pk}/edit/", branch=cast.branch_b.pk).status_code == 302
    with cast.within(cast.park_org):
        assert Building.objects.get(code="A9").org == cast.branch_b


def test_what_an_organisation_holds_keeps_it_from_being_dissolved(cast, now):
    from apps.branches.dependents import dependents_of

    with cast.within(cast.park_org):
        assert [str(left) for left in dependents_of(cast.branch_b, now)] == ["现行组建 1 个"]
        labels = [left.label for left in dependents_of(cast.park_org, now)]
    assert labels == ["下级党组织", "责任企业", "负责的园区和楼栋"]
