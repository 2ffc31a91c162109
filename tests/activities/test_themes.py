"""一月一专题 and 学习材料: set above, read below, done by the records."""

from __future__ import annotations

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.activities import directory
from apps.activities.models import Theme
from apps.activities.services.materials import change_material, publish_material, withdraw_material
from apps.activities.services.themes import change_theme, set_theme, withdraw_theme
from apps.activities.views.themes import asked_by, branches_of, done_with
from apps.core.attachments import attach
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from tests.activities.conftest import TODAY

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def theme(cast, officer):
    """The theme of this month for everybody below 甲园区."""
    return set_theme(org=cast.park_org, facts={"month": TODAY, "title": "安全生产与党员责任"}, actor=officer)


@pytest.fixture
def material(cast, theme, officer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    facts = {"title": "安全生产读本", "body": "第一章", "theme": theme, "published_on": TODAY, "keywords": ["安全"]}
    row = publish_material(org=cast.park_org, facts=facts, today=TODAY, actor=officer)
    attach(file=SimpleUploadedFile("读本.pdf", PDF), target=row, actor=officer)
    return row


def web(cast, username):
    client = Client()
    client.force_login(getattr(cast.users, username))
    return client


def test_a_month_is_named_by_any_day_of_it(cast, theme, officer):
    assert theme.month == datetime.date(2026, 11, 1)
    with pytest.raises(DomainError):
        set_theme(org=cast.park_org, facts={"month": datetime.date(2026, 11, 3), "title": theme.title}, actor=officer)


def test_a_branch_reads_the_themes_above_it_and_no_others(cast, theme):
    for org, seen in ((cast.branch_a, 1), (cast.group_a, 1), (cast.sibling_branch, 0), (cast.authority, 1)):
        with cast.within(org):
            assert len(directory.themes_seen(datetime.date(2026, 1, 1), datetime.date(2027, 1, 1))) == seen, org
            assert (directory.theme(theme.pk) is not None) == bool(seen)
    assert [each.pk for each in directory.themes_for(cast.branch_a.path, TODAY)] == [theme.pk]
    assert directory.themes_for(cast.sibling_branch.path, TODAY) == []
    assert directory.themes_for(cast.branch_a.path, TODAY + datetime.timedelta(days=30)) == []


def test_a_theme_is_done_by_counted_records_of_its_month(cast, logbook, theme, officer):
    logbook.log("theme_day", theme=theme, submit=False)
    assert done_with([theme]) == {}
    logbook.log("theme_day", theme=theme)
    logbook.log("study", theme=theme)
    logbook.log("theme_day", theme=theme, org=cast.branch_b, day=datetime.date(2026, 10, 31))
    assert done_with([theme]) == {theme.pk: 1}


def test_a_theme_is_asked_of_the_branches_that_exist_at_the_end_of_its_month(cast, theme, officer):
    past = set_theme(org=cast.park_org, facts={"month": datetime.date(2019, 12, 1), "title": "筹备"}, actor=officer)
    assert asked_by([theme, past]) == {theme.pk: 2, past.pk: 0}
    cast.branch_b.ended_on = datetime.date(2026, 11, 30)
    cast.branch_b.save()
    assert asked_by([theme]) == {theme.pk: 1} == {theme.pk: branches_of(theme).count()}
    with cast.within(cast.branch_a):
        assert asked_by([theme]) == {theme.pk: 1}


def test_the_page_of_a_theme_says_who_did_it(cast, logbook, theme, officer):
    logbook.log("theme_day", theme=theme)
    page = web(cast, "park_officer").get(f"/themes/{theme.pk}/").content.decode()
    assert "已开展" in page
    assert "还没有记录" in page
    own = web(cast, "secretary_b").get(f"/themes/{theme.pk}/").content.decode()
    assert "丑寅联合" in own
    assert "子公司党支部" not in own
    assert f"theme={theme.pk}" in own
    assert web(cast, "secretary_a").get("/themes/").status_code == 200


def test_a_branch_is_told_the_theme_of_the_month_until_it_has_a_record(cast, logbook, theme):
    from apps.activities.compliance.due_lines import due_lines

    with cast.within(cast.branch_a):
        titles = [line.title for line in due_lines(cast.branch_a, user=cast.users.secretary_a, today=TODAY)]
        assert "月度专题：安全生产与党员责任" in titles
        logbook.log("theme_day", theme=theme)
        titles = [line.title for line in due_lines(cast.branch_a, user=cast.users.secretary_a, today=TODAY)]
        assert "月度专题：安全生产与党员责任" not in titles


def test_a_theme_that_a_record_names_keeps_its_month(cast, logbook, theme, officer):
    change_theme(theme=theme, facts={"month": datetime.date(2026, 12, 9)}, actor=officer)
    assert Theme.objects.get().month == datetime.date(2026, 12, 1)
    logbook.log("theme_day", theme=theme)
    with pytest.raises(DomainError) as caught:
        change_theme(theme=theme, facts={"month": datetime.date(2027, 1, 1)}, actor=officer)
    assert caught.value.code == "in_use"
    with pytest.raises(DomainError):
        withdraw_theme(theme=theme, actor=officer)


def test_a_branch_does_not_set_themes(cast, theme):
    client = web(cast, "secretary_a")
    assert client.get("/themes/new/").status_code == 403
    assert client.get(f"/themes/{theme.pk}/edit/").status_code == 403
    with unscoped("test"):
        assert Theme.objects.count() == 1


def test_a_branch_reads_material_above_it_with_its_files(cast, material):
    client = web(cast, "secretary_a")
    assert "安全生产读本" in client.get("/materials/").content.decode()
    assert "安全生产读本" in client.get("/materials/?q=安全").content.decode()
    assert "安全生产读本" not in client.get("/materials/?q=财务").content.decode()
    page = client.get(f"/materials/{material.pk}/").content.decode()
    file = directory.files_of(material)[0]
    assert f"/materials/{material.pk}/files/{file.pk}/" in page
    answer = client.get(f"/materials/{material.pk}/files/{file.pk}/")
    assert b"".join(answer.streaming_content) == PDF
    assert client.get(f"/materials/{material.pk}/files/{file.pk + 1}/").status_code == 404
    assert client.get(f"/attachments/{file.pk}/").status_code == 404


def test_nobody_reads_the_material_of_another_park(cast, material):
    from apps.accounts.models import RoleAssignment

    RoleAssignment.objects.create(
        user=cast.users.visitor, role="branch_secretary", org=cast.sibling_branch, since=TODAY
    )
    client = web(cast, "visitor")
    file = directory.files_of(material)[0]
    assert "安全生产读本" not in client.get("/materials/").content.decode()
    assert client.get(f"/materials/{material.pk}/").status_code == 404
    assert client.get(f"/materials/{material.pk}/files/{file.pk}/").status_code == 404


def test_material_is_corrected_and_withdrawn_with_its_files(cast, material, officer):
    row = change_material(material=material, facts={"title": "读本（修订）"}, today=TODAY, actor=officer, version=1)
    with pytest.raises(DomainError):
        change_material(
            material=row, facts={"published_on": TODAY + datetime.timedelta(days=1)}, today=TODAY, actor=officer
        )
    withdraw_material(material=row, actor=officer)
    assert directory.materials_seen() == []
