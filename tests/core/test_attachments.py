"""Uploaded files: the content decides, pictures lose what they tell of places, nothing leaves unchecked."""

import hashlib
import io
import struct
import zipfile
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from apps.core import attachments
from apps.core.attachments import attach, attachments_of, follow, path_of, remove, shown_name
from apps.core.errors import DomainError
from apps.core.models import Attachment, AuditEntry
from apps.core.scoping import ScopeViolation

GPS_TAG = 0x8825
ORIENTATION = 0x0112


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def upload(data, name="批复.pdf"):
    return SimpleUploadedFile(name, data)


def picture(kind="JPEG", size=(40, 20), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **options)
    return out.getvalue()


def office(part="word/document.xml", **extra):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(part, "<document/>")
        for name, content in extra.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def refused_code(data):
    with pytest.raises(DomainError) as refused:
        attachments.checked_content(data)
    return refused.value.code


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (PDF, ".pdf"),
        (picture("JPEG"), ".jpg"),
        (picture("PNG", mode="RGBA"), ".png"),
        (picture("WEBP"), ".webp"),
        (office(), ".docx"),
        (office("xl/workbook.xml"), ".xlsx"),
    ],
)
def test_pictures_pdf_and_office_files_are_taken(data, suffix):
    assert attachments.checked_content(data).suffix == suffix


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"MZ\x90\x00" + b"\x00" * 200, "not_allowed"),
        (b"<html><script>alert(1)</script></html>", "not_allowed"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not_allowed"),
        (picture("GIF"), "not_allowed"),
        (picture("BMP"), "not_allowed"),
        (office("anything.xml"), "not_allowed"),
        (office(word__vbaProject_bin="x").replace(b"vbaProject_bin", b"vbaProject.bin"), "macro"),
        (b"", "empty"),
        (PDF[:-7], "unreadable"),
        (office()[:60], "unreadable"),
        (picture("JPEG", size=(400, 400))[:300], "unreadable"),
    ],
)
def test_everything_else_is_refused_whatever_its_name(data, code):
    assert refused_code(data) == code


def test_a_renamed_program_is_refused_and_leaves_no_file(cast, media):
    with cast.within(cast.park_org), pytest.raises(DomainError, match="只能上传"):
        attach(
            file=upload(b"MZ\x90\x00" + b"\x00" * 500, "现场照片.jpg"), target=cast.enterprise_a,
            actor=cast.users.park_officer,
        )  # fmt: skip
    assert not [path for path in media.rglob("*") if path.is_file()]


def with_gps():
    image = Image.new("RGB", (60, 30), "green")
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(GPS_TAG).update({1: "N", 2: (40.0, 7.0, 1.0), 3: "E", 4: (124.0, 23.0, 1.0)})
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"taken at home")
    return out.getvalue()


def test_a_photo_loses_the_place_it_was_taken_at_and_stands_upright():
    taken = with_gps()
    assert Image.open(io.BytesIO(taken)).getexif().get_ifd(GPS_TAG)  # the control: it was there
    kept = attachments.checked_content(taken).data
    image = Image.open(io.BytesIO(kept))
    assert dict(image.getexif()) == {}
    assert b"SecretCamera" not in kept
    assert b"at home" not in kept
    assert image.size == (30, 60)


def png_claiming(width, height):
    """A PNG of a few bytes whose header claims any size."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (10_001, 5_000), (30_000, 30_000)])
def test_a_pixel_bomb_is_refused_before_it_is_unpacked(width, height):
    assert refused_code(png_claiming(width, height)) == "too_many_pixels"


@pytest.mark.parametrize(
    ("size", "kept"), [((4096, 10), (4096, 10)), ((4097, 100), (4096, 100)), ((8192, 4), (4096, 2))]
)
def test_a_long_picture_is_made_smaller(size, kept):
    content = attachments.checked_content(picture("PNG", size=size))
    assert Image.open(io.BytesIO(content.data)).size == kept


def test_a_zip_bomb_is_refused(monkeypatch):
    monkeypatch.setattr(attachments, "MAX_UNPACKED", 1_000_000)
    assert refused_code(office(word__media="0" * 2_000_000)) == "expands_too_far"


@pytest.mark.parametrize(("extra", "good"), [(-1, True), (0, True), (1, False)])
def test_a_file_may_have_ten_megabytes(extra, good):
    body = b"%PDF-1.7\n" + b" " * (attachments.MAX_BYTES - 15 + extra) + b"%%EOF\n"
    if good:
        assert attachments.checked_content(body).suffix == ".pdf"
    else:
        assert refused_code(body) == "too_large"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("..\\..\\etc\\批复.exe", "批复.pdf"),
        ("/etc/passwd", "passwd.pdf"),
        ("  会议纪要 .PDF", "会议纪要 .pdf"),
        ("", "附件.pdf"),
        ("长" * 300 + ".pdf", "长" * 196 + ".pdf"),
    ],
)
def test_the_name_keeps_no_directory_and_gets_the_suffix_of_its_content(given, shown):
    assert shown_name(given, ".pdf") == shown


def test_a_stored_file_is_whole_private_and_noted(cast, media):
    with cast.within(cast.park_org):
        kept = attach(file=upload(PDF), target=cast.enterprise_a, actor=cast.users.park_officer)
        assert kept.org_path == cast.enterprise_a.org_path
        assert path_of(kept).read_bytes() == PDF
        assert kept.sha256 == hashlib.sha256(PDF).hexdigest()
        assert list(attachments_of(cast.enterprise_a)) == [kept]
    assert not list(media.rglob("*.part"))
    assert AuditEntry.objects.get(action="attachment.added").org_path == kept.org_path


def test_a_file_is_not_attached_outside_the_scope(cast, media):
    with cast.within(cast.sibling_org), pytest.raises(ScopeViolation):
        attach(file=upload(PDF), target=cast.enterprise_a, actor=cast.users.authority_officer)
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_a_full_disk_is_said_and_leaves_no_file(cast, media, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(attachments.os, "fsync", full)
    with cast.within(cast.park_org), pytest.raises(DomainError, match="没有保存"):
        attach(file=upload(PDF), target=cast.enterprise_a, actor=cast.users.park_officer)
    assert not [path for path in media.rglob("*") if path.is_file()]
    with cast.within(cast.park_org):
        assert not Attachment.objects.exists()


@pytest.fixture
def stored(cast):
    with cast.within(cast.park_org):
        return attach(file=upload(PDF, "批复 第1号.pdf"), target=cast.enterprise_a, actor=cast.users.park_officer)


@pytest.mark.parametrize("who", ["secretary_a", "clerk_a1", "park_officer", "authority_officer", "instructor"])
def test_whoever_sees_the_row_gets_the_file_as_a_download(client, cast, stored, who):
    client.force_login(getattr(cast.users, who))
    response = client.get(f"/attachments/{stored.pk}/")
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "application/pdf"
    assert "no-store" in response["Cache-Control"]


def test_a_file_outside_the_scope_is_the_same_404_as_one_that_is_not_there(client, cast, stored):
    client.force_login(cast.users.secretary_b)
    hidden = client.get(f"/attachments/{stored.pk}/")
    missing = client.get("/attachments/999999/")
    assert hidden.status_code == missing.status_code == 404
    assert client.post(f"/attachments/{stored.pk}/delete/").status_code == 404
    client.force_login(cast.users.system_admin)
    assert client.get(f"/attachments/{stored.pk}/").status_code == 403
    client.logout()
    assert client.get(f"/attachments/{stored.pk}/").url.startswith("/signin/")


def test_a_row_whose_file_is_gone_is_404(client, cast, stored):
    path_of(stored).unlink()
    client.force_login(cast.users.secretary_a)
    assert client.get(f"/attachments/{stored.pk}/").status_code == 404


def test_a_deleted_file_is_gone_from_disk_and_stays_in_the_trail(
    client, cast, stored, django_capture_on_commit_callbacks
):
    client.force_login(cast.users.secretary_a)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"/attachments/{stored.pk}/delete/", headers={"Referer": "http://testserver/tokens/"})
    assert response.url == "http://testserver/tokens/"
    assert not path_of(stored).exists()
    assert AuditEntry.objects.get(action="attachment.removed").data["sha256"] == stored.sha256


def test_the_bytes_stay_when_the_deletion_is_rolled_back(cast, stored):
    with cast.within(cast.park_org):
        remove(attachment=stored, actor=cast.users.park_officer)  # the test's transaction never commits
    assert path_of(stored).exists()


def test_files_follow_a_row_to_its_new_node(cast, stored):
    with cast.within(cast.authority):
        cast.enterprise_a.org = cast.branch_b
        cast.enterprise_a.save()
        follow([cast.enterprise_a])
        assert Attachment.objects.get().org_path == cast.branch_b.path
