"""The pages of coverage: whoever may see a figure opens it to its names, and nobody else learns of them."""

from __future__ import annotations

import datetime
import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from apps.core import jobs
from apps.core.models import Job
from apps.core.periods import Period
from apps.coverage import gaps, services
from apps.coverage.models import Correction, DefinitionVersion, Snapshot
from apps.coverage.rules import EnterpriseFacts
from apps.enterprises.kinds import Form

from . import park

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(cast) -> Client:
    return signed_in(cast.users.park_officer)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def closed(cast) -> Snapshot:
    with cast.within(cast.park_org):
        return services.take_snapshot(
            org=cast.park_org, period=Period.parse("2026Q3"), as_of=datetime.date(2026, 9, 30),
            actor=cast.users.park_officer,
        )  # fmt: skip


def text(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_report_shows_the_figures_and_opens_them(cast, officer) -> None:
    page = text(officer.get("/coverage/"))
    assert "甲园区党工委：两个覆盖" in page
    assert "66.7%" in page
    assert "/coverage/names/?org=JY&amp;definition=2026-1&amp;figure=organisation_covered" in page
    names = text(officer.get("/coverage/names/?org=JY&definition=2026-1&figure=organisation_covered"))
    assert cast.enterprise_a.name in names
    assert cast.enterprise_uncovered.name not in names


def test_every_node_of_the_scope_has_its_report_and_no_other(cast, officer) -> None:
    assert officer.get("/coverage/?org=JYZ").status_code == 200
    foreign, unknown = officer.get("/coverage/?org=YY"), officer.get("/coverage/?org=NOWHERE")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.content == unknown.content


@pytest.mark.parametrize("query", ["period=2026Q9", "period=2399Q1", "day=nonsense", "definition=none", "compare=none"])
@pytest.mark.parametrize("path", ["/coverage/", "/coverage/gap/"])
def test_a_question_without_sense_is_not_found(officer, path, query) -> None:
    assert officer.get(f"{path}?{query}").status_code == 404


@pytest.mark.parametrize(("user", "status"), [("auditor", 403), ("system_admin", 403), ("secretary_a", 200)])
@pytest.mark.parametrize("path", ["/coverage/", "/coverage/gap/", "/coverage/names/", "/coverage/definitions/"])
def test_the_right_decides_who_opens_the_pages(cast, user, status, path) -> None:
    assert signed_in(getattr(cast.users, user)).get(path).status_code == status


def test_a_secretary_sees_the_own_branch_only(cast) -> None:
    page = text(signed_in(cast.users.secretary_a).get("/coverage/names/"))
    assert cast.enterprise_a.name in page
    assert cast.enterprise_b.name not in page


def test_the_names_of_a_closed_quarter_are_the_old_ones(cast, closed, officer) -> None:
    with cast.within(cast.authority):
        type(cast.enterprise_a).objects.filter(pk=cast.enterprise_a.pk).update(name="改了名字的公司")
    page = text(officer.get("/coverage/names/?org=JY&period=2026Q3"))
    assert "丹东子精密机械有限公司" in page
    assert "已封存" in page


def test_the_gap_list_works_without_a_script(cast, officer) -> None:
    page = text(officer.get("/coverage/gap/"))
    assert cast.enterprise_uncovered.name in page
    assert "单独组建党支部" in page
    ticked = text(officer.get(f"/coverage/gap/?org=JY&pick={cast.enterprise_uncovered.pk}"))
    assert "已勾选 <strong data-count>1</strong> 家" in ticked
    assert '<strong class="trend-up" data-organisation>100%</strong>' in ticked


def test_the_page_suggests_whom_to_visit_first(cast, officer) -> None:
    with cast.within(cast.authority):
        park.settle(
            [(cast.park_org, EnterpriseFacts(staff=20, formal_members=m)) for m in (0, 1, 2, 3, 5, 0)], park=cast.park
        )
    page = text(officer.get("/coverage/gap/?suggest=1"))
    assert "已勾选 <strong data-count>5</strong> 家" in page
    assert page.count(" checked ") == 5


def test_ticking_a_foreign_enterprise_changes_nothing(cast, officer) -> None:
    page = text(officer.get(f"/coverage/gap/?pick={cast.enterprise_sibling.pk}&pick=99999999999999999999&pick=x"))
    assert "已勾选 <strong data-count>0</strong> 家" in page


def test_the_nearest_partner_is_in_the_same_building_first(cast) -> None:
    from apps.coverage.reading import read

    with cast.within(cast.park_org):
        lonely = EnterpriseFacts(staff=20, formal_members=1)
        (near,) = park.settle([(cast.park_org, lonely)], park=cast.park, building=cast.building, prefix="近")
        (far,) = park.settle([(cast.park_org, lonely)], park=cast.park, prefix="远")
        reading = read({}, today=park.DAY)
        rows = gaps_of(reading)
        found = gaps.partners(rows, rows_of(reading), park.DAY)
        assert found[near.pk] == gaps.Partner("并入丑寅联合党支部（现1家）", 0)
        assert (found[far.pk].distance, found[far.pk].nearness) == (1 if far.industry else 2, "同园区")


def gaps_of(reading: Any) -> list[Any]:
    return list(rows_of(reading).filter(step_rank__gt=0))


def rows_of(reading: Any) -> Any:
    from apps.coverage import figures

    return figures.names(reading.basis, reading.definition)


def test_the_workbook_is_made_in_the_background_and_waits_under_my_tasks(cast, officer, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    answer = officer.post("/coverage/workbook/", {"org": "JY"})
    job = Job.objects.get()
    assert answer.url == f"/jobs/{job.pk}/"
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.file_name[:5]) == ("done", "两个覆盖_")
    book = load_workbook(io.BytesIO((tmp_path / "jobs" / job.stored_name).read_bytes()))
    assert book["汇总"]["A1"].value.startswith(cast.park_org.name)


def test_a_correction_goes_from_one_person_to_another(cast, closed, officer) -> None:
    url = f"/coverage/snapshots/{closed.pk}/correct/"
    filled = {"enterprise": cast.enterprise_a.name, "field": "staff", "after": "98", "reason": "职工数多报22人"}
    assert "封存名单中没有这家企业" in text(officer.post(url, {**filled, "enterprise": "没有的公司"}))
    answer = officer.post(url, filled)
    correction = _correction(cast)
    assert answer.url == f"/coverage/corrections/{correction.pk}/"
    assert correction.changes[0]["before"] == "120"
    officer.post(f"/coverage/corrections/{correction.pk}/approve/")
    assert _correction(cast).number is None
    signed_in(cast.users.authority_officer).post(f"/coverage/corrections/{correction.pk}/approve/")
    assert _correction(cast).number == 1
    assert "更正说明第1号" in text(officer.get("/coverage/?org=JY&period=2026Q3"))


def _correction(cast: Any) -> Correction:
    with cast.within(cast.authority):
        return Correction.objects.get()


def test_the_department_adds_a_definition(cast) -> None:
    client = signed_in(cast.users.authority_officer)
    filled = {
        "code": "2027-1", "edition": "2027-1", "name": "只算单独和联合", "denominator": "operating",
        "counted_forms": [Form.SINGLE.value, Form.JOINT.value], "since": "2026-01-01", "source": "丹社发〔2026〕1号",
    }  # fmt: skip
    assert client.post("/coverage/definitions/new/", filled).status_code == 302
    assert DefinitionVersion.objects.get(code="2027-1").counted_forms == ["single", "joint"]
    assert "这个代码已有口径" in text(client.post("/coverage/definitions/new/", filled))
    assert "只算单独和联合" in text(client.get("/coverage/?definition=2027-1"))
    assert signed_in(cast.users.park_officer).get("/coverage/definitions/new/").status_code == 403


def test_the_department_ends_a_definition_and_keeps_at_least_one(cast) -> None:
    client = signed_in(cast.users.authority_officer)
    first, *others = DefinitionVersion.objects.all()
    page = f"/coverage/definitions/{first.pk}/end/"
    assert page in text(client.get("/coverage/definitions/"))
    assert "停用日期须晚于施行日期" in text(client.post(page, {"until": first.since.isoformat()}))
    assert client.post(page, {"until": "2027-01-01"}).status_code == 302
    assert "2027年1月1日 停用" in text(client.get("/coverage/definitions/"))
    assert client.get(page).status_code == 404
    for other in others[:-1]:
        client.post(f"/coverage/definitions/{other.pk}/end/", {"until": "2027-01-01"})
    last = f"/coverage/definitions/{others[-1].pk}/end/"
    assert "至少要保留一个可用的口径" in text(client.post(last, {"until": "2027-01-01"}))
    assert signed_in(cast.users.park_officer).get(last).status_code == 403


def test_the_api_says_what_the_command_says(cast, officer) -> None:
    found = officer.get("/api/v1/coverage/?org=JY&day=2026-09-30").json()
    assert (found["org"], found["enterprises"], found["organisation_rate"]) == ("JY", 3, 0.6667)
    assert officer.get("/api/v1/coverage/?org=YY").status_code in (400, 409)


def test_home_shows_the_officer_the_figures_and_the_gaps(cast, closed, officer) -> None:
    page = text(officer.get("/"))
    for expected in ("组织覆盖率", "工作覆盖率", "100人以上单独组建率", "较上季", "未覆盖企业与最近的路"):
        assert expected in page
    assert "未覆盖企业与最近的路" not in text(signed_in(cast.users.secretary_a).get("/"))


def test_the_page_of_an_organisation_has_its_figures(cast, officer) -> None:
    assert "组织覆盖率" in text(officer.get(f"/orgs/{cast.station.pk}/"))


@pytest.mark.parametrize("path", ["/coverage/names/", "/coverage/gap/"])
def test_a_list_of_many_costs_as_many_queries_as_a_list_of_few(cast, officer, path) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries() -> int:
        officer.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert officer.get(path).status_code == 200
        return len(seen)

    lonely = EnterpriseFacts(staff=20, formal_members=1)
    with cast.within(cast.park_org):
        park.settle([(cast.park_org, lonely)] * 3, park=cast.park)
    few = queries()
    with cast.within(cast.park_org):
        park.settle([(cast.park_org, lonely)] * 100, park=cast.park, prefix="多")
    assert queries() == few <= (12 if path == "/coverage/names/" else 20)
