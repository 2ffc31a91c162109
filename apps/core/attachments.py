"""Files that belong to a row: what is accepted, how it is kept, how it goes.

The content decides, not the name: pictures are drawn anew (no EXIF, no place where they were taken), PDF and
office files are looked into. The file is on disk under its final name before its row is written, so a row never
points to a file that is not whole.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import uuid
import warnings
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import models, transaction
from PIL import Image, ImageOps

from .audit import record, write
from .bulk import update_rows
from .errors import DomainError
from .guard import resolve_scope
from .models import Attachment
from .text import clean_name, has_control_characters

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 10 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
LONGEST_SIDE: Final = 4096
MAX_PARTS: Final = 2000
MAX_UNPACKED: Final = 100 * 1024 * 1024
NAME_WIDTH: Final = 200

ALLOWED = "只能上传 JPEG、PNG、WebP 图片和 PDF、docx、xlsx 文件"
PICTURES: Final = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "WEBP": ("image/webp", ".webp")}
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
OFFICE: Final = {
    "word/document.xml": (f"{_OFFICE}.wordprocessingml.document", ".docx"),
    "xl/workbook.xml": (f"{_OFFICE}.spreadsheetml.sheet", ".xlsx"),
}


@dataclass(frozen=True)
class Content:
    """What is kept of an upload: the bytes, their type, and the suffix that tells it."""

    data: bytes
    content_type: str
    suffix: str


def checked_content(data: bytes) -> Content:
    """What may be kept of the uploaded bytes. Raises DomainError in one sentence."""
    if not data:
        raise DomainError("文件是空的，请重新选择。", code="empty", field="file")
    if len(data) > MAX_BYTES:
        raise DomainError("文件超过 10 MB，请压缩后再上传。", code="too_large", field="file")
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    return _picture(data)


def _pdf(data: bytes) -> Content:
    if b"%%EOF" not in data[-2048:]:
        raise DomainError("PDF 文件不完整，请重新导出后上传。", code="unreadable", field="file")
    return Content(data, "application/pdf", ".pdf")


def _office(data: bytes) -> Content:
    """A docx or xlsx without macros and without a bomb in it; the sizes are counted while inflating."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.lower() for name in archive.namelist()}
            found = next((kind for part, kind in OFFICE.items() if part in names), None)
            if found is None or "[content_types].xml" not in names:
                raise DomainError(f"{ALLOWED}。", code="not_allowed", field="file")
            if any(name.endswith("vbaproject.bin") for name in names):
                raise DomainError("文件含有宏，请另存为不含宏的文件后上传。", code="macro", field="file")
            _inflate(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as error:
        raise DomainError("文件已损坏或加了密码，无法读取。", code="unreadable", field="file") from error
    return Content(data, *found)


def _inflate(archive: zipfile.ZipFile) -> None:
    left = MAX_UNPACKED
    too_far = DomainError("文件解压后过大，不能上传。", code="expands_too_far", field="file")
    if len(archive.infolist()) > MAX_PARTS:
        raise too_far
    for entry in archive.infolist():
        with archive.open(entry) as part:
            while chunk := part.read(1024 * 1024):
                left -= len(chunk)
                if left < 0:
                    raise too_far


def _picture(data: bytes) -> Content:
    """The picture drawn anew: upright, at most 4096 pixels long, with nothing but its pixels."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=list(PICTURES)) as picture:
                return _redrawn(picture)
    except DomainError:
        raise
    except Image.UnidentifiedImageError:
        raise DomainError(f"{ALLOWED}，以文件内容为准。", code="not_allowed", field="file") from None
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except Exception as error:
        raise DomainError("图片已损坏，无法读取。", code="unreadable", field="file") from error


def _too_many_pixels() -> DomainError:
    return DomainError("图片超过 5000 万像素，请缩小后上传。", code="too_many_pixels", field="file")


def _redrawn(picture: Any) -> Content:
    kind = picture.format
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels()
    if kind == "JPEG":
        picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    mode = "RGB" if kind == "JPEG" else "RGBA" if picture.has_transparency_data else "RGB"
    upright = ImageOps.exif_transpose(picture).convert(mode)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain = Image.new(mode, upright.size)
    plain.paste(upright)
    out = io.BytesIO()
    plain.save(out, kind, **({"quality": 88, "optimize": True} if kind == "JPEG" else {}))
    return Content(out.getvalue(), *PICTURES[kind])


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "attachments"


def path_of(attachment: Attachment) -> Path:
    return folder() / attachment.stored_name[:2] / attachment.stored_name


def _store(content: Content) -> str:
    """Write under a temporary name, flush to disk, rename. Raises DomainError when the disk does not take it."""
    stored = f"{uuid.uuid4().hex}{content.suffix}"
    place = folder() / stored[:2]
    temporary = place / f".{stored}.part"
    try:
        place.mkdir(parents=True, exist_ok=True)
        with open(temporary, "xb") as target:
            target.write(content.data)
            target.flush()
            os.fsync(target.fileno())
        os.replace(temporary, place / stored)
        directory = os.open(place, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        logger.exception("attachment was not written")
        raise DomainError("服务器磁盘写入失败，文件没有保存，请联系系统管理员。", code="disk") from error
    return stored


def shown_name(name: str, suffix: str) -> str:
    """The name of the upload without its directories, with the suffix that its content deserves."""
    plain = clean_name(name.replace("\\", "/").rpartition("/")[2])
    if has_control_characters(plain):
        raise DomainError("文件名含有不可见字符，请改名后上传。", code="bad_name", field="file")
    stem = plain.rpartition(".")[0] or plain or "附件"
    return stem[: NAME_WIDTH - len(suffix)] + suffix


@write
def attach(*, file: Any, target: models.Model, actor: Any) -> Attachment:
    """Keep an uploaded file with a saved row. `file` is Django's upload; `target` knows its `scope_path()`."""
    data = file.read(MAX_BYTES + 1)
    content = checked_content(data)
    name = shown_name(file.name or "", content.suffix)
    attachment = Attachment(
        org_path=target.scope_path(), target_type=target._meta.label_lower, target_id=target.pk, name=name,  # type: ignore[attr-defined]
        content_type=content.content_type, size=len(content.data), sha256=hashlib.sha256(content.data).hexdigest(),
        uploaded_by_id=actor.pk, uploaded_by_name=actor.display_name,
    )  # fmt: skip
    attachment.check_scope()
    attachment.stored_name = _store(content)
    try:
        attachment.save()
    except BaseException:
        path_of(attachment).unlink(missing_ok=True)
        raise
    record(actor, "attachment.added", attachment, summary=f"上传附件「{name}」", data=_target(attachment))
    return attachment


@write
def remove(*, attachment: Attachment, actor: Any) -> None:
    """Delete a file; the bytes go once the row is gone for good."""
    path = path_of(attachment)
    record(actor, "attachment.removed", attachment, summary=f"删除附件「{attachment.name}」", data=_target(attachment))
    attachment.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


_guards: dict[str, dict[str, str]] = {}


def guard_attachments(target: str, *, view: str, change: str) -> None:
    """Files of these rows (a model's label in lower case) are only for who holds these permissions there as well."""
    _guards[target] = {"view": view, "change": change}


def within_guards(rows: Any, user: Any, act: str) -> Any:
    """The files among `rows` on whose target the user may `act` (view, change)."""
    for target, permissions in _guards.items():
        rows = rows.exclude(~resolve_scope(user, permissions[act]).as_q("org_path"), target_type=target)
    return rows


def attachments_of(target: models.Model) -> Any:
    """The files of one row, oldest first, inside the active scope."""
    return Attachment.objects.filter(target_type=target._meta.label_lower, target_id=target.pk)


def follow(targets: Sequence[models.Model]) -> None:
    """Bring the files of rows of one model to the nodes that the rows now belong to; services that move rows call it.

    Two statements, however many rows.
    """
    if not targets:
        return
    paths = {target.pk: target.scope_path() for target in targets}  # type: ignore[attr-defined]
    label = targets[0]._meta.label_lower
    files = Attachment.objects.filter(target_type=label, target_id__in=list(paths)).values_list("pk", "target_id")
    update_rows(Attachment, {pk: {"org_path": paths[target]} for pk, target in files}, stamp=False)


def hand_on(model: type[models.Model], successors: Mapping[int, int], org_path: str) -> None:
    """Let the files of rows belong to the rows that follow them (or to themselves), at the node `org_path`.

    Two statements, however many rows.
    """
    files = Attachment.objects.filter(target_type=model._meta.label_lower, target_id__in=list(successors))
    changes = {pk: {"target_id": successors[target], "org_path": org_path} for pk, target in files.values_list("pk", "target_id")}
    update_rows(Attachment, changes, stamp=False)


def _target(attachment: Attachment) -> dict[str, Any]:
    return {"target": attachment.target_type, "id": attachment.target_id, "sha256": attachment.sha256}
