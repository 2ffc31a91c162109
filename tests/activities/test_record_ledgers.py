"""The books of records as tables: what a line says, in which book it stands, how it is found."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from apps.activities.ledgers.records import SHOWN_OF_TEXT, MeetingLedger, OtherRecordLedger, ThemeDayLedger
from apps.activities.models import Activity, Participation, Vote
from apps.core.excel.text import LONGEST_CELL
from apps.core.models import Parameter

from .record_desk import Desk

D = datetime.date


@pytest.fixture
def desk(cast, roster, officer, today):
    return Desk(cast, officer, today)


def titles(ledger) -> list[str]:
    return [row.activity.title for row in ledger.queryset()]


@pytest.fixture
def shown(today, officer):
    """The one line of a ledger as {column: value}."""

    def read(cls=MeetingLedger, **params):
        (row,) = cls(params, today=today, user=officer).queryset()
        return {column.name: column.value(row) for column in cls.columns}

    return read


def test_a_line_says_what_the_published_columns_ask(logbook, cast, roster, shown):
    absent = [(roster.worker_a1, "illness"), (roster.worker_a2, "other")]
    record = logbook.log(
        "assembly", day=D(2026, 10, 12), absent=absent, visitors=[roster.sibling_1], place="三楼", chair="王书记",
        recorder="孙委员", guests="积极分子二人", agenda="一、学习", minutes="讨论。", resolution="同意。", title="大会",
    )  # fmt: skip
    Vote.objects.create(org=record.org, activity=record, kind="ordinary", matter="同意计划", expected=5, present=4, yes=3,
                        no=1, is_secret=True, is_passed=True)  # fmt: skip
    line = shown()
    assert (line["kind"], line["held_on"], line["org"], line["title"]) == (
        "支部党员大会",
        D(2026, 10, 12),
        "子公司党支部",
        "大会",
    )
    assert (line["hours"], line["place"], line["chair"], line["recorder"]) == ("14:00", "三楼", "王书记", "孙委员")
    assert (line["expected"], line["present"], line["rate"]) == (6, 4, Decimal(4) / 6)
    assert set(line["absent"].split("、")) == {"陈一鸣（病假）", "孙·阿依古丽（其他）"}
    assert (line["visitors"], line["guests"]) == ("冯涛", "积极分子二人")
    assert line["votes"] == "同意计划：应到5、实到4、赞成3、反对1、弃权0（无记名），通过"
    assert (line["agenda"], line["minutes"], line["resolution"]) == ("一、学习", "讨论。", "同意。")
    assert (line["state"], line["reported_on"], line["late"], line["files"]) == ("已提交", D(2026, 10, 12), "按时", 0)


@pytest.mark.parametrize(("days", "said"), [(6, "按时"), (7, "按时"), (8, "迟报 1 天"), (30, "迟报 23 天")])
def test_seven_days_after_the_activity_are_in_time(logbook, roster, shown, days, said):
    day = D(2026, 10, 12)
    logbook.log("assembly", day=day, reported=day + datetime.timedelta(days=days))
    assert shown()["late"] == said
    assert shown(late="1" if said != "按时" else "0")["late"] == said


def test_what_the_place_allows_decides_what_is_late(logbook, cast, roster, shown):
    """The nearest node speaks, as it was on the day of the activity."""
    common = {"code": "activities.entry_days", "source": "区里的办法"}
    Parameter.objects.create(**common, org_path=cast.park_org.path, since=D(2026, 10, 1), value=10)
    Parameter.objects.create(**common, org_path=cast.branch_b.path, since=D(2020, 1, 1), value=0)
    Parameter.objects.create(**common, org_path=cast.branch_a.path, since=D(2026, 11, 1), value=0)
    logbook.log("assembly", day=D(2026, 10, 12), reported=D(2026, 10, 22))
    assert shown()["late"] == "按时"


def test_a_record_of_two_kinds_stands_in_both_books_and_a_joint_one_in_the_book_of_each_branch(
    logbook, cast, roster, officer, today
):
    logbook.log("theme_day", day=D(2026, 10, 15), second_kind="lecture", title="党日里的党课")
    logbook.log("theme_day", day=D(2026, 9, 15), co_hosts=[cast.branch_b], title="联合党日")
    logbook.log("talk", day=D(2026, 9, 16), chosen=[roster.worker_a1], title="谈心")
    found = {
        cls.code: titles(cls(today=today, user=officer)) for cls in (MeetingLedger, ThemeDayLedger, OtherRecordLedger)
    }
    assert found == {
        "activities.meetings": ["党日里的党课"], "activities.theme_days": ["党日里的党课", "联合党日", "联合党日"],
        "activities.records": ["谈心"],
    }  # fmt: skip
    joint = ThemeDayLedger({"q": "联合"}, today=today, user=officer).queryset()
    assert {(str(row.org), row.expected) for row in joint} == {("子公司党支部", 6), ("丑寅联合党支部", 2)}
    with cast.within(cast.branch_b):
        assert titles(ThemeDayLedger(today=today, user=officer)) == ["联合党日"]


def test_plans_and_drafts_stand_in_no_book(logbook, roster, officer, today):
    logbook.log("assembly", day=D(2026, 12, 1), submit=False)
    logbook.log("assembly", day=D(2026, 11, 1), submit=False)
    assert titles(MeetingLedger(today=today, user=officer)) == []


def test_it_is_found_by_kind_form_period_state_branch_and_words(logbook, cast, roster, officer, today):
    logbook.log("lecture", day=D(2026, 3, 31), form="workshop_lecture", title="三月党课")
    logbook.log("assembly", day=D(2026, 4, 1), title="四月大会")
    logbook.log("assembly", org=cast.branch_b, day=D(2025, 12, 31), title="年末大会")
    Participation.objects.filter(held_on=D(2026, 4, 1)).update(state="confirmed")

    def listed(**params):
        return set(titles(MeetingLedger(params, today=today, user=officer)))

    assert listed(kind=str(logbook.kind("lecture").pk)) == {"三月党课"}
    assert listed(form=str(logbook.form("workshop_lecture").pk)) == {"三月党课"}
    assert listed(quarter="2026Q1") == {"三月党课"}
    assert listed(quarter="2026Q2") == {"四月大会"}
    assert listed(year="2025") == {"年末大会"}
    assert listed(held_from="2026-03-31", held_to="2026-03-31") == {"三月党课"}
    assert listed(state="confirmed") == {"四月大会"}
    assert listed(org="JYB") == {"年末大会"}
    assert listed(q="大会") == {"四月大会", "年末大会"}
    assert listed(q="丑寅") == {"年末大会"}


def test_the_page_counts_what_counts(logbook, cast, roster, officer, today, client):
    logbook.log("assembly", day=D(2026, 10, 12), absent=[roster.worker_a1])
    returned = logbook.log("assembly", day=D(2026, 10, 13))
    for model in (Activity, Participation):
        pk = {"pk": returned.pk} if model is Activity else {"activity": returned}
        model.objects.filter(**pk).update(state="returned")
    ledger = MeetingLedger(today=today, user=officer)
    assert ledger.figures == "所列计入 1 次，应到 6 人次，实到 5 人次，到会率 83.3%。"
    assert MeetingLedger({"year": "1066"}, today=today, user=officer).figures == ""
    client.force_login(officer)
    assert ledger.figures in client.get("/ledgers/activities.meetings/").content.decode()
    assert MeetingLedger.about in client.get("/ledgers/").content.decode()
    assert client.get("/ledgers/activities.meetings/?year=1066").status_code == 200


def test_long_minutes_are_short_on_the_page_and_whole_in_the_file(desk, logbook, roster, client, officer):
    text = "会" * 20_000
    logbook.log("assembly", day=D(2026, 10, 12), minutes=text, title="=SUM(1)")
    logbook.log("assembly", day=D(2026, 10, 13), minutes="议" * 40_000)
    client.force_login(officer)
    page = client.get("/ledgers/activities.meetings/?columns=minutes&columns=title").content.decode()
    assert "会" * SHOWN_OF_TEXT + "…" in page
    assert "会" * (SHOWN_OF_TEXT + 1) not in page
    sheet = load_workbook(io.BytesIO(desk.export())).worksheets[0]
    header = [cell.value for cell in sheet[1]]
    rows = [
        dict(zip(header, [cell.value for cell in row], strict=True)) for row in sheet.iter_rows(min_row=2, max_row=3)
    ]
    assert [row["主题"] for row in rows] == ["学习新修订的党章", "'=SUM(1)"]
    assert rows[1]["内容"] == text
    assert LONGEST_CELL - 1 <= len(rows[0]["内容"]) <= LONGEST_CELL
    assert rows[0]["内容"].endswith("议…（未显示完）")


def test_a_record_beyond_midnight_says_on_which_day_it_ended(logbook, roster, shown):
    start = datetime.datetime(2026, 10, 12, 22, 0, tzinfo=datetime.UTC)
    logbook.log("assembly", day=D(2026, 10, 12), hour=22, ends_at=start - datetime.timedelta(hours=6))
    assert shown()["hours"] == "22:00—次日00:00"
