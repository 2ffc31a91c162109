"""The check of the zip container before any part of it is trusted.

Sizes are counted while inflating; what the headers claim plays no role. Every XML part is run through
expat once: it must be well-formed and may not declare a document type, so no entity can expand.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.parsers import expat

from .refusal import refuse

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_CHUNK = 256 * 1024
_MACRO_TYPES = (b"macroEnabled", b"vbaProject")


def check_kind(data: bytes) -> None:
    """Refuse what is not a zip: an encrypted or old workbook (OLE), a renamed text, an empty file."""
    if data.startswith(OLE):
        # A protected .xlsx is an OLE file with a stream of this name; an old .xls is one without.
        refuse("encrypted" if "EncryptedPackage".encode("utf-16-le") in data else "not_xlsx")
    if not data.startswith(ZIP):
        refuse("not_xlsx")


def open_package(data: bytes, *, max_parts: int, max_unpacked: int) -> zipfile.ZipFile:
    """The checked package. Raises Refused: not_xlsx, encrypted, macro, unreadable, expands_too_far."""
    check_kind(data)
    try:
        package = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        refuse("unreadable")
    _check_names(package, max_parts)
    left = max_unpacked
    for entry in package.infolist():
        left = _check_part(package, entry, left)
    return package


def _check_names(package: zipfile.ZipFile, max_parts: int) -> None:
    entries = package.infolist()
    names = {entry.filename.lower() for entry in entries}
    if len(entries) > max_parts:
        refuse("expands_too_far")
    if any(entry.flag_bits & 0x1 for entry in entries):
        refuse("encrypted")
    if len(names) != len(entries) or any(e.compress_type not in (0, zipfile.ZIP_DEFLATED) for e in entries):
        refuse("unreadable")
    if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in names):
        refuse("macro")
    if any(name.startswith("xl/externallinks/") for name in names):
        refuse("unreadable", "外部链接")
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        refuse("not_xlsx")


def _check_part(package: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> int:
    """Inflate one part, counting; returns how many bytes the rest of the package may still unpack to."""
    is_xml = entry.filename.lower().endswith((".xml", ".rels"))
    parser = strict_parser() if is_xml else None
    first = b""
    try:
        for chunk in chunks(package, entry):
            left -= len(chunk)
            if left < 0:
                refuse("expands_too_far", entry.filename)
            first = first or chunk
            if parser is not None:
                parser.Parse(chunk, False)
        if parser is not None:
            parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError):
        refuse("unreadable", entry.filename)
    if entry.filename.lower() == "[content_types].xml" and any(mark in first for mark in _MACRO_TYPES):
        refuse("macro")
    return left


def chunks(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with package.open(entry) as part:
        while chunk := part.read(_CHUNK):
            yield chunk


def strict_parser() -> expat.XMLParserType:
    """A parser that refuses a document type declaration: no DTD, no entities, nothing fetched."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = True

    def refuse_doctype(*_: object) -> None:
        refuse("unreadable", "DTD")

    parser.StartDoctypeDeclHandler = refuse_doctype
    return parser
