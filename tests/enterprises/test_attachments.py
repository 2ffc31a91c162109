"""附件 of an enterprise: added on its page, seen by whoever answers for it, moved with it."""

from __future__ import annotations

import datetime
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.core.models import Attachment
from apps.core.scoping import unscoped
from apps.enterprises.models import Enterprise
from apps.enterprises.services import end_establishment

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 22)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "JPEG")
    return SimpleUploadedFile("批复.jpg", out.getvalue(), content_type="image/jpeg")


def kept() -> list[Attachment]:
    with unscoped("test"):
        return list(Attachment.objects.all())


def downloaded(client, attachment: Attachment) -> bytes:
    answer = client.get(f"/attachments/{attachment.pk}/")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


@pytest.fixture
def uploaded(cast, client):
    """secretary_a adds a scan to the branch's enterprise."""
    client.force_login(cast.users.secretary_a)
    answer = client.post(f"/enterprises/{cast.enterprise_a.pk}/attach/", {"file": picture()})
    assert answer.url == f"/enterprises/{cast.enterprise_a.pk}/#files"
    return kept()[0]


def test_a_file_is_added_on_the_page_and_shown_there(cast, client, uploaded):
    page = client.get(f"/enterprises/{cast.enterprise_a.pk}/").content.decode()
    assert "批复.jpg" in page
    assert downloaded(client, uploaded)[:2] == b"\xff\xd8"


def test_the_file_of_another_branch_is_not_there(cast, client, uploaded):
    client.force_login(cast.users.secretary_b)
    assert client.get(f"/attachments/{uploaded.pk}/").status_code == 404
    assert client.post(f"/enterprises/{cast.enterprise_a.pk}/attach/", {"file": picture()}).status_code == 404


def test_the_department_sees_the_file_and_cannot_change_it(cast, client, uploaded):
    client.force_login(cast.users.authority_officer)
    assert "上传附件" not in client.get(f"/enterprises/{cast.enterprise_a.pk}/").content.decode()
    assert downloaded(client, uploaded)[:2] == b"\xff\xd8"
    assert client.post(f"/attachments/{uploaded.pk}/delete/").status_code == 403


def test_what_is_not_an_allowed_file_is_refused_in_a_sentence(cast, client):
    client.force_login(cast.users.secretary_a)
    answer = client.post(
        f"/enterprises/{cast.enterprise_a.pk}/attach/", {"file": SimpleUploadedFile("批复.jpg", b"MZ\x90\x00not a picture")}
    )
    assert answer.status_code == 422
    assert "只能上传" in answer.content.decode()
    assert kept() == []


def test_files_go_with_an_enterprise_that_another_organisation_takes_over(cast, uploaded):
    with cast.within(cast.park_org):
        row = Enterprise.objects.get(pk=cast.enterprise_a.pk)
        end_establishment(
            establishment=row.establishments.get(), until=TODAY, today=TODAY, actor=cast.users.park_officer
        )
        row.refresh_from_db()
        assert row.org_path != uploaded.org_path
        assert [file.org_path for file in kept()] == [row.org_path]
