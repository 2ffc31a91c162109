"""党员名册: whose relation is here on a day, found by whatever a person remembers, and never more than may be seen."""

from __future__ import annotations

import datetime
import io
import logging

import pytest
from openpyxl import load_workbook

from apps.core import sealing
from apps.core.errors import DomainError
from apps.ledgers.exporting import write_ledger
from apps.members.kinds import LeavingReason, Relation
from apps.members.ledgers.roster import MemberRoster
from apps.members.models import Departure, Member, Membership, MobileRecord, Post

from .conftest import MORNING, TODAY

PAGE = "/ledgers/members.roster/"


def book(**params):
    return MemberRoster(params, today=TODAY)


def names(**params):
    found = book(**params)
    return [found.columns[1].value(row) for row in found.queryset()]


def cells(row, *columns):
    found = {column.name: column for column in MemberRoster.columns}
    return [found[name].value(row) for name in columns]


def transfer(member, org, on):
    """As an accepted transfer leaves the rows."""
    Membership.objects.filter(member=member, until=None).update(until=on, exit=LeavingReason.TRANSFERRED)
    member.org = org
    member.save()
    Membership.objects.create(member=member, org=org, since=on)


@pytest.fixture
def moved(cast, roster):
    """陈一鸣 went from branch A to the sibling branch on 1 June 2026, and got a new phone there."""
    with cast.within(cast.authority):
        member = roster.worker_a1
        member.phone, member.address, member.position = "13700000001", "辽宁省丹东市元宝区金山大街1号", "厂长"
        transfer(member, cast.sibling_branch, datetime.date(2026, 6, 1))
    return member


# which rows


def test_the_roster_of_today_is_who_is_here_today(secretary):
    assert names() == ["陈一鸣", "孙·阿依古丽", "王建国", "李秀英", "赵敏", "周小满"]


def test_the_roster_of_a_past_day_is_who_was_here_then(moved, cast):
    with cast.within(cast.branch_a):
        assert "陈一鸣" not in names()
        assert "陈一鸣" not in names(on="2026-06-01")
        assert "陈一鸣" in names(on="2026-05-31")
        assert "周小满" not in names(on="2026-03-09")


def test_who_has_left_for_good_is_on_no_roster_of_today(cast, roster, secretary):
    Member.objects.filter(pk=roster.worker_a5.pk).update(
        relation=Relation.LEFT, left_on=TODAY, leaving_reason=LeavingReason.REMOVED
    )
    assert "赵敏" not in names()


def test_a_day_to_come_is_refused(secretary):
    with pytest.raises(DomainError, match="只到今天"):
        names(on="2026-11-23")


@pytest.mark.parametrize(("params", "expected"), [
    ({"stage": "probationary"}, ["周小满"]),
    ({"stage": "formal", "on": "2018-06-29"}, []),  # nobody was registered here before 2020
    ({"stage": "probationary", "on": "2026-04-01"}, ["周小满"]),
    ({"sex": "2"}, ["孙·阿依古丽", "李秀英", "周小满"]),
    ({"nation": "minority"}, ["孙·阿依古丽"]),
    ({"nation": "none"}, ["赵敏"]),
    ({"nation": "31"}, []),
    ({"education": "college_up"}, ["陈一鸣", "孙·阿依古丽", "王建国", "李秀英", "周小满"]),
    ({"education": "61"}, ["赵敏"]),
    ({"age": "36-40"}, ["周小满"]),
    ({"age": "41-45"}, ["陈一鸣", "孙·阿依古丽", "王建国", "李秀英", "赵敏"]),
    ({"joined": "1978_2012"}, ["陈一鸣", "孙·阿依古丽", "王建国"]),
    ({"joined": "since_2012"}, ["李秀英", "赵敏", "周小满"]),
    ({"occupation": "technician"}, ["王建国"]),
    ({"group": "第一党小组"}, ["陈一鸣"]),
    ({"group": "JYA1", "on": "2026-11-01"}, ["陈一鸣"]),
    ({"employer": "子精密"}, ["陈一鸣", "孙·阿依古丽", "王建国", "李秀英", "赵敏", "周小满"]),
    ({"employer": "子精密", "on": "2025-01-01"}, ["陈一鸣", "孙·阿依古丽", "王建国", "李秀英", "赵敏"]),
    ({"employer": "丑电子"}, []),
    ({"mode": "mobile_network"}, ["孙·阿依古丽"]),
    ({"mode": "departed_local"}, ["王建国"]),
    ({"mode": "in_post"}, ["陈一鸣", "李秀英", "赵敏", "周小满"]),
    ({"mobile": "1"}, ["孙·阿依古丽"]),
    ({"mobile": "1", "on": "2025-12-31"}, []),
    ({"placement": "1"}, ["王建国"]),
    ({"lost": "1"}, ["李秀英"]),
    ({"standing": "suspended"}, ["李秀英"]),
    ({"order": "joined", "sex": "2"}, ["孙·阿依古丽", "李秀英", "周小满"]),
    ({"order": "name", "stage": "formal"}, ["陈一鸣", "李秀英", "孙·阿依古丽", "王建国", "赵敏"]),
    ({"q": "孙"}, ["孙·阿依古丽"]),
    ({"q": "建国"}, ["王建国"]),
    ({"q": "zxm"}, ["周小满"]),
    ({"q": "建国", "on": "2024-01-01"}, ["王建国"]),
    ({"q": "DY90000003"}, ["王建国"]),
])  # fmt: skip
def test_filters_and_search_narrow_today_and_any_day(cast, roster, secretary, params, expected):
    chen, sun, wang, li, zhao, _ = roster.of_a
    Member.objects.filter(pk=chen.pk).update(group=cast.group_a)
    Membership.objects.filter(member=chen).update(group=cast.group_a)
    Member.objects.filter(pk=sun.pk).update(nation="05")
    Member.objects.filter(pk=wang.pk).update(occupation="technician", placement_since=TODAY)
    Member.objects.filter(pk=li.pk).update(lost_since="2026-01-01", standing="suspended")
    Member.objects.filter(pk=zhao.pk).update(nation="", education="61")
    MobileRecord.objects.create(member=sun, org=cast.branch_a, direction="out", reason="work", since="2026-01-01")
    assert names(**params) == expected


def test_an_organisation_is_taken_with_everything_below_it_or_alone(cast, officer):
    assert len(names(org="JYZ")) == 8
    assert names(org="JYB") == ["吴刚", "郑爽"]
    assert names(org="丑寅联合党支部", own="1") == ["吴刚", "郑爽"]
    assert names(org="JYZ", own="1") == []
    assert names(org="YYZ1") == []  # not in the scope: as if it did not exist


def test_inflow_shows_those_who_work_here_with_the_relation_elsewhere(cast, roster, officer):
    Member.objects.create(code="DY1", name="外人", relation="elsewhere", org=cast.branch_b, home_text="某市某支部")
    assert names(mode="inflow_dual") == ["外人"]
    assert "外人" not in names()


def test_modes_are_known_of_today_only(secretary):
    with pytest.raises(DomainError, match="只有今天的"):
        names(mode="in_post", on="2026-01-01")


# what the columns say


def test_the_stage_and_age_are_those_of_the_day_asked_about(cast, roster, secretary):
    Member.objects.filter(pk=roster.worker_a5.pk).update(formal_on="2026-05-01")
    (before,) = [row for row in book(on="2026-04-30").queryset() if row.member_id == roster.worker_a5.pk]
    (after,) = [row for row in book().queryset() if row.pk == roster.worker_a5.pk]
    assert cells(before, "stage", "age") == ["预备党员", 41]
    assert cells(after, "stage", "age") == ["正式党员", 41]


def test_posts_of_the_day_stand_beside_the_name(cast, roster, secretary):
    for role, since, until in (("secretary", "2024-01-01", None), ("publicity", "2020-01-01", "2024-01-01")):
        Post.objects.create(
            member=roster.worker_a1, name="陈一鸣", org=cast.branch_a, role=role, since=since, until=until
        )
    assert [cells(row, "posts") for row in book(q="陈").queryset()] == [["书记"]]
    assert [cells(row, "posts") for row in book(q="陈", on="2022-01-01").queryset()] == [["宣传委员"]]


def test_numbers_and_addresses_are_masked_in_every_output(cast, roster, secretary):
    Member.objects.filter(pk=roster.worker_a1.pk).update(address="辽宁省丹东市振兴区锦山大街一号")
    target = io.BytesIO()
    write_ledger(book(q="陈"), target, format="xlsx", at=MORNING, actor=secretary)
    head, row, _ = load_workbook(target).worksheets[0].values
    shown = dict(zip(head, row, strict=True))
    assert shown["身份证号"] == f"210{'*' * 11}{roster.worker_a1.id_number[-4:]}"
    assert shown["联系电话"] == "139****0001"
    assert shown["住址"] == "辽宁省丹东市******"


def test_what_is_kept_current_elsewhere_is_not_shown_to_the_branch_that_was_left(moved, cast):
    with cast.within(cast.branch_a):
        (row,) = (row for row in book(on="2026-05-31").queryset() if row.member_id == moved.pk)
        hidden = ("id_number", "phone", "address", "household", "position", "remark", "card_number", "focus")
        assert cells(row, *hidden) == [""] * len(hidden)
        assert cells(row, "name", "joined_on", "org") == ["陈一鸣", datetime.date(2005, 6, 30), "子公司党支部"]
        assert MemberRoster.columns[1].link(row) == ""
    with cast.within(cast.authority):  # who sees both branches sees the person
        (row,) = (row for row in book(on="2026-05-31", org="JYA").queryset() if row.member_id == moved.pk)
        assert cells(row, "phone") == ["137****0001"]
        assert MemberRoster.columns[1].link(row) == f"/members/{moved.pk}/"


def test_a_list_opens_no_seal_for_what_it_does_not_show(cast, roster, client, monkeypatch):
    client.force_login(cast.users.secretary_a)
    opened = []
    unseal = sealing.unseal
    monkeypatch.setattr(sealing, "unseal", lambda *args: opened.append(args) or unseal(*args))
    assert client.get(PAGE).status_code == 200
    assert opened == []
    client.get(PAGE, {"columns": ["name", "phone"]})
    assert len(opened) == 6


def test_the_page_of_a_past_day_keeps_its_pages_in_order(cast, roster, officer, monkeypatch):
    monkeypatch.setattr(MemberRoster, "page_size", 3)
    for order in ("", "name", "joined"):
        seen, after = [], ""
        while True:
            page = book(on="2026-10-01", order=order, after=after).page()
            seen += [row.member.name for row in page.rows]
            after = page.next
            if not after:
                break
        assert seen == names(on="2026-10-01", order=order)


# finding by a whole number


@pytest.mark.parametrize("typed", ["{id}", " {id} ", "'{id}", "{phone}", "{phone:.3}-{rest}", "+86 {phone}"])
def test_a_whole_number_finds_its_person_and_reaches_no_address_and_no_log(cast, roster, client, caplog, typed):
    member = roster.worker_a3
    text = typed.format(id=member.id_number, phone=member.phone, rest=member.phone[3:])
    client.force_login(cast.users.park_officer)
    with caplog.at_level(logging.DEBUG):
        answer = client.post(PAGE, {"q": text, "org": "JY", "sex": ""})
        page = client.get(answer.url)
    assert [row["pk"] for row in page.context["rows"]] == [member.pk]
    assert page.context["ledger"].params["org"] == "JY"
    for number in (member.id_number, member.phone):
        assert number not in answer.url + page.content.decode() + caplog.text
    again = client.post(PAGE, {"q": page.context["search"]["value"], "sex": "1"})  # the word stays in the box
    assert [row["pk"] for row in client.get(again.url).context["rows"]] == [member.pk]


def test_a_number_of_somebody_out_of_scope_finds_nobody(cast, roster, client):
    client.force_login(cast.users.secretary_a)
    answer = client.get(client.post(PAGE, {"q": roster.worker_b1.id_number}).url)
    assert answer.context["rows"] == []


@pytest.mark.parametrize("typed", ["210602198103150", "139000000010000000", "1390000000", "21060219810315001X"])
def test_a_wrong_number_finds_nobody_and_is_not_kept_either(cast, roster, client, typed):
    client.force_login(cast.users.secretary_a)
    answer = client.post(PAGE, {"q": typed})
    assert typed not in answer.url
    assert client.get(answer.url).context["rows"] == []


def test_a_number_written_into_the_address_is_not_searched(cast, roster, client):
    client.force_login(cast.users.secretary_a)
    answer = client.get(PAGE, {"q": roster.worker_a3.id_number})
    assert "不能写在网址里" in answer.context["problem"]
    assert client.get("/api/v1/ledgers/members.roster/", {"q": roster.worker_a3.phone}).status_code >= 400


def test_the_other_books_are_still_asked_by_their_address_only(cast, client):
    client.force_login(cast.users.park_officer)
    assert client.post("/ledgers/enterprises.roster/", {"q": "子"}).status_code == 405


def test_a_departure_waiting_for_its_place_is_local_management(cast, roster, secretary):
    Departure.objects.create(
        member=roster.worker_a2, org=cast.branch_a, left_post_on=TODAY, reason="resigned", destination="某街道"
    )
    assert names(mode="departed_local") == ["孙·阿依古丽"]
    assert cells(book(q="孙").queryset()[0], "mode") == ["离职属地管理"]
