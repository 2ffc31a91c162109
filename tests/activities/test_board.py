"""The board: figures that open to records or to names, months, the nodes below, what is closed."""

from __future__ import annotations

import datetime
import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.activities.compliance import cells
from apps.branches.models import PartyOrg
from apps.branches.tree import segment
from apps.core.models import Job
from apps.core.periods import Period
from apps.core.scoping import unscoped
from tests.activities.conftest import TODAY
from tests.cast import SINCE

PAGE = "/activities/board/"
NAMES = "/activities/board/names/"
THEME = "theme_day-month-organisation"


def client(cast, username="park_officer"):
    found = Client()
    found.force_login(getattr(cast.users, username))
    return found


def page(cast, username="park_officer", url=PAGE, **query):
    answer = client(cast, username).get(url, query)
    assert answer.status_code == 200
    return answer


def kind(answer, name, hint="每月"):
    return next(row for row in answer.context["kinds"] if row["label"] == name and row["hint"] == hint)


def places(answer, org):
    row = next(row for row in answer.context["organisations"] if row["name"] == org)
    return {place["label"]: place for place in row["places"] if place["cell"]}


def test_the_board_says_what_was_asked_done_and_on_time(cast, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 10, 15))
    logbook.log("theme_day", org=cast.branch_b, day=datetime.date(2026, 10, 15), reported=datetime.date(2026, 10, 30),
                actor=cast.users.secretary_b)  # fmt: skip
    cell = kind(page(cast), "主题党日")["cell"]
    assert (cell.expected, cell.actual, cell.on_time, cell.late, cell.missing) == (4, 2, 1, 1, 2)


def test_every_figure_opens(cast, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 10, 15))
    row = kind(page(cast), "主题党日")
    reader = client(cast)
    for url in (row["records_url"], row["missing_url"], row["all_url"]):
        assert reader.get(url).status_code == 200, url
    records = reader.get(row["records_url"])
    assert len(records.context["rows"]) == row["cell"].actual
    assert len(reader.get(row["missing_url"]).context["lines"]) == row["cell"].missing
    assert len(reader.get(row["all_url"]).context["lines"]) == row["cell"].bound


def test_the_names_say_what_lacks_in_which_month(cast, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 10, 15))
    answer = page(cast, url=NAMES, org="JY", period="2026Q4", column=THEME)
    lacking = {line["row"].name: (line["lacking"], line["periods"]) for line in answer.context["lines"]}
    assert lacking == {"子公司党支部": (1, "2026年11月"), "丑寅联合党支部": (2, "2026年10月、2026年11月")}


def test_a_month_shows_what_is_asked_monthly(cast, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 10, 15))
    answer = page(cast, period="2026-10")
    cell = kind(answer, "主题党日")["cell"]
    assert (cell.expected, cell.actual) == (2, 1)
    assert {row["hint"] for row in answer.context["kinds"]} == {"每月"}


def test_the_tabs_are_the_quarter_and_the_months_that_have_begun(cast, roster):
    assert [part["label"] for part in page(cast).context["parts"]] == ["全季", "10月", "11月"]
    assert len(page(cast, period="2026Q3").context["parts"]) == 4


@pytest.mark.parametrize("asked", ["2027Q1", "2026", "2026-12", "soon", ""])
def test_a_period_to_come_or_without_sense_is_this_quarter(cast, roster, asked):
    assert str(page(cast, period=asked).context["period"]) == "2026Q4"


def test_nodes_below_are_lines_and_open_to_their_own_board(cast, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 10, 15))
    answer = page(cast, org="JYZ")
    rows = {row["name"]: row["url"] for row in answer.context["organisations"]}
    assert set(rows) == {"子公司党支部", "丑寅联合党支部"}
    below = client(cast).get(rows["子公司党支部"])
    assert below.context["org"].code == "JYA"
    assert [step["label"] for step in below.context["breadcrumbs"]] == [
        "甲园区党工委",
        "甲园区企业党委",
        "甲园区党建指导站",
    ]


def test_places_are_green_when_met_amber_in_time_and_red_when_over(cast, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 10, 15))
    this, month, before = (page(cast, org="JYZ", period=period) for period in ("2026Q4", "2026-10", "2026Q3"))
    assert places(this, "子公司党支部")["主题党日"]["tone"] == "warning"
    assert places(month, "子公司党支部")["主题党日"]["tone"] == "success"
    assert places(month, "丑寅联合党支部")["主题党日"]["tone"] == "danger"
    assert places(before, "子公司党支部")["主题党日"]["tone"] == "danger"


def test_a_secretary_sees_the_own_branch_and_no_other(cast, roster):
    assert page(cast, "secretary_a").context["org"].code == "JYA"
    reader = client(cast, "secretary_a")
    for query in ({"org": "JYB"}, {"org": "JY"}):
        assert reader.get(PAGE, query).status_code == 404
        assert reader.get(NAMES, {**query, "column": THEME}).status_code == 404


@pytest.mark.parametrize(
    "column", ["", "theme_day", "theme_day-week-organisation", "nothing-month-organisation", "a-b-c-d"]
)
def test_a_column_that_is_none_is_404(cast, roster, column):
    assert client(cast).get(NAMES, {"org": "JY", "column": column}).status_code == 404


def test_only_who_issues_is_offered_a_tip_sheet(cast, roster):
    query = {"org": "JYA", "period": "2026Q4", "column": THEME}
    assert "下发提示单" in page(cast, url=NAMES, **query).content.decode()
    assert "下发提示单" not in page(cast, "secretary_a", url=NAMES, **query).content.decode()


def test_a_closed_quarter_says_so(cast, roster, monkeypatch):
    from dataclasses import replace

    real = cells.board

    def closed(*args, **kwargs):
        found = real(*args, **kwargs)
        return replace(found, is_frozen=True, corrections=2, as_of=datetime.date(2026, 9, 30))

    monkeypatch.setattr(cells, "board", closed)
    text = page(cast, period="2026Q3").content.decode()
    assert "封存于 2026年9月30日" in text
    assert "更正 2 条，单独编号" in text
    reader = client(cast)
    for url in re.findall(r'href="(/ledgers/[^"]*corrected=1)"', text):
        assert reader.get(html.unescape(url)).status_code == 200


def test_an_organisation_of_which_nothing_is_asked_has_an_empty_board(cast):
    text = page(cast, "authority_officer", org="YYZ1").content.decode()
    assert "没有要求完成的组织生活" in text


def test_the_home_of_the_office_and_the_page_of_an_organisation_show_the_quarter(cast, logbook):
    logbook.log("theme_day", day=datetime.date(2026, 10, 15))
    reader = client(cast)
    assert "本季组织生活" in reader.get("/").content.decode()
    text = reader.get(f"/orgs/{cast.branch_a.pk}/").content.decode()
    assert 'id="activities"' in text
    assert "主题党日（每月）" in text


def test_a_board_of_forty_branches_costs_what_one_of_two_costs(cast, roster):
    reader = client(cast)

    def cost(url, **query):
        reader.get(url, query)
        with CaptureQueriesContext(connection) as captured:
            assert reader.get(url, query).status_code == 200
        return len(captured)

    asked = {"org": "JYZ", "period": "2026Q3"}
    few = cost(PAGE, **asked), cost(NAMES, **asked, column=THEME)
    with unscoped("test"):
        PartyOrg.objects.bulk_create(
            PartyOrg(code=f"LS{n}", name=f"第{n}临时党支部", kind="temporary_branch", parent=cast.station,
                     founded_on=SINCE, path=cast.station.path + segment(100 + n)) for n in range(40)
        )  # fmt: skip
    assert (cost(PAGE, **asked), cost(NAMES, **asked, column=THEME)) == few
    assert max(few) <= 20
    with cast.within(cast.park_org):
        assert cells.board(cast.station, Period.parse("2026Q3"), today=TODAY).total.cells[THEME].bound == 42


def test_the_board_is_taken_along_as_a_workbook_of_the_same_node_and_period(cast, roster, monkeypatch):
    monkeypatch.setattr("apps.core.jobs._queue", lambda pk: None)
    answer = client(cast).post("/activities/board/workbook/", {"org": "JYZ", "period": "2026-10"})
    assert answer.status_code == 302
    job = Job.objects.latest("pk")
    assert (job.kind, job.params) == ("activities.compliance_workbook", {"org": "JYZ", "period": "2026-10"})
    assert job.title == "甲园区党建指导站组织生活完成情况（2026年10月）"


def test_nobody_takes_along_the_board_of_others(cast, roster):
    before = Job.objects.count()
    client(cast, "secretary_a").post("/activities/board/workbook/", {"org": "JYB", "period": "2026Q4"})
    assert Job.objects.count() == before
