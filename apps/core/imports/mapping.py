"""Which header of the file feeds which column. Labels and aliases map by themselves; what was confirmed is kept."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence

from ..excel.problems import Problem
from ..models import ImportBatch, ImportMapping
from .spec import Importer, Mode

VERSION = "version"
VERSION_LABEL = "版本（请勿修改）"
"""The stamp that a pre-filled template carries in its last column: who edited in between is noticed."""

_ORNAMENT = re.compile(r"[\s*＊:：_（）()【】\[\]]+|必填|选填")


def signature(headers: Sequence[str]) -> str:
    """What recognises a file with the same headers, in the same order."""
    return hashlib.sha256(json.dumps(headers, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def guess(importer: type[Importer], headers: Sequence[str]) -> dict[str, str]:
    """Column name → header, for headers that are a label or alias apart from ornament (spaces, *, brackets)."""
    by_text = {header: header for header in headers if header}
    by_plain = {_plain(header): header for header in reversed(headers) if header}
    found: dict[str, str] = {}
    for column in importer.columns:
        words = (column.label, *column.aliases)
        header = next((by_text[word] for word in words if word in by_text), None)
        header = header or next((by_plain[_plain(word)] for word in words if _plain(word) in by_plain), None)
        if header is not None and header not in found.values():
            found[column.name] = header
    if VERSION_LABEL in by_text:
        found[VERSION] = VERSION_LABEL
    return found


def remembered(importer: type[Importer], headers: Sequence[str], org_id: int) -> dict[str, str] | None:
    """The mapping that was confirmed for these headers in this organisation."""
    row = ImportMapping.objects.filter(
        importer=importer.code, org_id=org_id, header_signature=signature(headers)
    ).first()
    return None if row is None else usable(importer, headers, row.mapping)


def remember(batch: ImportBatch, mapping: Mapping[str, str]) -> None:
    """Keep a confirmed mapping for the next file with the headers of this batch."""
    ImportMapping.objects.update_or_create(
        importer=batch.importer,
        org_id=batch.org_id,
        header_signature=batch.header_signature,
        defaults={"mapping": dict(mapping), "org_path": batch.org_path},
    )


def usable(importer: type[Importer], headers: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """The part of a mapping that names known columns and headers of this file, each header once."""
    names = {column.name for column in importer.columns} | {VERSION}
    found: dict[str, str] = {}
    for name, header in mapping.items():
        if name in names and header in headers and header and header not in found.values():
            found[name] = header
    return found


def missing(importer: type[Importer], mapping: Mapping[str, str], mode: str) -> list[Problem]:
    """Columns without which nothing can be imported: the keys, and for new rows everything required."""
    required = [
        column.label
        for column in importer.columns
        if column.required and (column.key or mode == Mode.CREATE) and column.name not in mapping
    ]
    if not required:
        return []
    labels = "」「".join(required)
    text = f"文件里没有「{labels}」这{'一列' if len(required) == 1 else '几列'}，请补上，或在“对应列”一步指明是哪一列。"
    return [Problem(0, required[0], "header_missing", text)]


def _plain(text: str) -> str:
    return _ORNAMENT.sub("", unicodedata.normalize("NFKC", text)).lower()
