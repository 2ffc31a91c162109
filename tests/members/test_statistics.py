"""党员统计: every figure is the number of names that it opens, on any day and at any level."""

from __future__ import annotations

import datetime
import io
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.branches.models import PartyOrg
from apps.core.models import AuditEntry
from apps.members.ledgers.roster import MemberRoster
from apps.members.models import Member, Membership
from apps.members.statistics import Report, count
from tests.cast import Cast

from .conftest import TODAY

PAGE = "/members/statistics/"
D = datetime.date


def counted(org: PartyOrg, on: datetime.date = TODAY) -> Report:
    return count(org, on=on, today=TODAY)


def dimension(report: Report, code: str):
    return next(each for each in report.dimensions if each.code == code)


def numbers(report: Report, code: str) -> dict[str, int]:
    """{label: number} of a dimension, without the bands that nobody is in."""
    found = dimension(report, code)
    return {line.label: n for line in found.lines if (n := report.whole.of(found, line))}


def names_behind(url: str) -> int:
    params = dict(parse_qsl(urlsplit(url).query))
    return MemberRoster(params, today=TODAY).queryset().count()


def figures(report: Report):
    """(figure, address) of every number that a page shows."""
    yield report.whole.total, report.names_url()
    for row in report.rows:
        yield row.counts.total, report.names_url(row)
    for each in report.dimensions:
        for line in each.lines:
            yield report.whole.of(each, line), report.names_url(None, each, line)
            for row in report.rows:
                yield row.counts.of(each, line), report.names_url(row, each, line)


@pytest.fixture
def varied(cast: Cast, roster):
    """The members of the cast with every sort of fact, also with none."""
    with cast.within(cast.authority):
        facts = [
            {"nation": "01", "education": "14", "occupation": "manager", "born_on": "1960-11-22"},
            {"nation": "05", "education": "21", "occupation": "technician", "born_on": "1996-11-21"},
            {"nation": "11", "education": "61", "occupation": "worker", "born_on": "1996-11-22"},
            {"nation": "97", "education": "", "occupation": "", "born_on": None, "sex": "0"},
            {
                "nation": "",
                "education": "90",
                "occupation": "other",
                "born_on": "1930-01-01",
                "joined_on": "1949-09-30",
            },
            {"nation": "01", "education": "31", "occupation": "student", "born_on": "2003-01-01"},
        ]
        for member, changes in zip(roster.of_a, facts, strict=True):
            Member.objects.filter(pk=member.pk).update(**changes)
        Member.objects.filter(pk=roster.worker_b1.pk).update(joined_on=None, formal_on=None)
        Member.objects.create(code="DY1", name="外人", relation="elsewhere", org=cast.branch_b)
    return roster


def test_the_bands_are_counted_as_the_bulletin_draws_them(cast, varied):
    with cast.within(cast.park_org):
        report = counted(cast.park_org)
        assert report.whole.total == 8
        assert numbers(report, "stage") == {"正式党员": 6, "预备党员": 2}
        assert numbers(report, "sex") == {"女": 3, "男": 4, "未知": 1}
        assert numbers(report, "nation") == {
            "汉族": 4, "少数民族": 2, "维吾尔族": 1, "满族": 1, "其他": 1, "未填写": 1
        }  # fmt: skip
        assert numbers(report, "education") == {
            "大专及以上": 5, "硕士研究生": 1, "大学本科": 3, "大学专科": 1, "高中": 1, "其他": 1, "未填写": 1
        }  # fmt: skip
        assert numbers(report, "age") == {
            "30岁及以下": 3, "36至40岁": 2, "61岁及以上": 2, "未填写": 1
        }  # fmt: skip
        assert numbers(report, "joined") == {
            "新中国成立前": 1, "党的十一届三中全会后至党的十八大前": 3, "党的十八大以来": 3, "未填写": 1
        }  # fmt: skip
        assert numbers(report, "occupation")["未填写"] == 3


def test_a_birthday_moves_somebody_into_the_next_band_on_the_day_itself(cast, varied):
    with cast.within(cast.park_org):
        Member.objects.exclude(pk=varied.worker_a2.pk).update(born_on=None)
        Member.objects.filter(pk=varied.worker_a2.pk).update(born_on="1995-11-22")
        before, after = (numbers(counted(cast.park_org, on), "age") for on in (D(2026, 11, 21), TODAY))
    assert (before["30岁及以下"], after["31至35岁"]) == (1, 1)


@pytest.mark.parametrize("on", [TODAY, D(2026, 3, 9), D(2020, 1, 1), D(2019, 12, 31)])
@pytest.mark.parametrize("org", ["authority", "park_org", "station", "branch_a", "group_a"])
def test_every_figure_is_the_number_of_names_that_it_opens(cast, varied, org, on):
    with cast.within(cast.authority):
        wrong = [(n, url) for n, url in figures(counted(getattr(cast, org), on)) if n != names_behind(url)]
    assert wrong == []


@pytest.mark.parametrize("on", [TODAY, D(2025, 6, 30)])
def test_the_rows_add_up_to_the_whole_and_the_bands_to_the_row(cast, varied, on):
    with cast.within(cast.authority):
        report = counted(cast.authority, on)
        parts = [counted(row.org, on) for row in report.rows if not row.own]
    assert report.whole.total == sum(row.counts.total for row in report.rows)
    assert sum(part.whole.total for part in parts) == report.whole.total
    for each in report.dimensions:
        for row in report.rows:
            assert sum(row.counts.of(each, line) for line in each.lines if not line.among) == row.counts.total


def test_the_members_whom_a_node_keeps_itself_have_a_row_of_their_own(cast, varied):
    with cast.within(cast.authority):
        for member, org in ((varied.worker_b2, cast.branch_a), (varied.worker_a1, cast.group_a)):
            member.org = org
            member.save()
        rows = [(str(row.org), row.own, row.counts.total) for row in counted(cast.branch_a).rows]
    assert rows == [("子公司党支部", True, 6), ("第一党小组", False, 1)]


def test_the_organisations_are_those_at_which_the_members_part(cast, varied):
    with cast.within(cast.authority):
        assert [str(row.org) for row in counted(cast.authority).rows] == ["甲园区党工委", "乙园区党工委"]
        assert [str(row.org) for row in counted(cast.park_org).rows] == ["子公司党支部", "丑寅联合党支部"]


def test_one_scan_counts_all_of_it(cast, varied):
    with cast.within(cast.authority), CaptureQueriesContext(connection) as captured:
        counted(cast.authority)
    assert len(captured) == 3  # where they part, the counts, the names of the organisations


def test_a_past_day_counts_who_was_there_then(cast, varied):
    with cast.within(cast.park_org):
        Membership.objects.filter(member=varied.worker_b2).update(until="2026-07-01")
        Member.objects.filter(pk=varied.worker_b2.pk).update(relation="left", left_on="2026-07-01")
        totals = [counted(cast.park_org, on).whole.total for on in (D(2026, 6, 30), D(2026, 7, 1), TODAY)]
    assert totals == [8, 7, 7]


# the page


def test_the_page_opens_every_figure_and_the_organisations_below(cast, varied, client):
    client.force_login(cast.users.park_officer)
    page = client.get(PAGE)
    assert page.status_code == 200
    text = page.content.decode()
    assert "甲园区党工委：党员统计" in text
    assert 'href="/members/?org=JY&amp;age=u30"' in text
    assert 'href="/members/?org=JYA&amp;age=u30"' in text
    assert 'href="/members/statistics/?org=JYA"' in text
    assert "《中国共产党党内统计公报》" in text
    past = client.get(PAGE, {"org": "JY", "on": "2026-01-01", "by": "sex"}).content.decode()
    assert 'href="/members/?org=JYA&amp;on=2026-01-01&amp;sex=2"' in past


@pytest.mark.parametrize("params", [
    {"org": "YYZ1"}, {"org": "nobody"}, {"on": "2026-11-23"}, {"on": "x"}, {"on": "0001-01-01"}, {"by": "name"},
])  # fmt: skip
def test_what_makes_no_sense_or_lies_outside_is_not_there(cast, varied, client, params):
    client.force_login(cast.users.park_officer)
    assert client.get(PAGE, params).status_code == 404


def test_who_may_not_see_rosters_sees_no_numbers_either(cast, client):
    client.force_login(cast.users.auditor)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE + "workbook/").status_code == 403


def test_a_branch_without_members_says_what_to_do(cast, client):
    client.force_login(cast.users.secretary_a)
    assert "名册上没有党员" in client.get(PAGE).content.decode()


def test_the_workbook_holds_the_numbers_of_the_page_and_leaves_an_entry(cast, varied, client):
    client.force_login(cast.users.park_officer)
    answer = client.post(PAGE + "workbook/", {"org": "JYZ", "on": "2026-11-22"})
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["党员统计", "按党员类别", "按性别", "按民族", "按学历", "按年龄", "按入党时间", "按职业"]
    whole = {(row[0], row[1]): row[2] for row in book["党员统计"].iter_rows(values_only=True)}
    assert (whole["党员", "合计"], whole["性别", "女"], whole["民族", "少数民族"]) == (8, 3, 2)
    head, *rows, mark = book["按性别"].iter_rows(values_only=True)
    assert head == ("党组织", "合计", "女", "男", "未知")
    assert rows == [("子公司党支部", 6, 2, 3, 1), ("丑寅联合党支部", 2, 1, 1, 0)]
    assert "李明" in mark[0]
    assert AuditEntry.objects.filter(action="members.counted", org_path=cast.station.path).exists()
