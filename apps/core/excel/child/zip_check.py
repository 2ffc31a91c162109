"""The check of the zip container before any part of it is trusted.

Sizes are counted while inflating; what the headers claim plays no role. Every XML part is run through
expat once: it must be well-formed and may not declare a document type, so no entity can expand.
Errors of zipfile, zlib and expat are left to rise: the child process answers `unreadable` to any.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.parsers import expat

from .refusal import refuse

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
_CHUNK = 256 * 1024
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class Package:
    """An xlsx container that passed the check; part names without regard to case."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._entries = {entry.filename.lower(): entry for entry in archive.infolist()}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def chunks(self, name: str) -> Iterator[bytes]:
        with self._archive.open(self._entries[name.lower()]) as part:
            while chunk := part.read(_CHUNK):
                yield chunk

    def check(self, *, max_parts: int, max_unpacked: int) -> None:
        """Raises Refused: not_xlsx, encrypted, macro, unreadable, expands_too_far."""
        entries = self._archive.infolist()
        if len(entries) > max_parts:
            refuse("expands_too_far")
        if any(entry.flag_bits & 0x1 for entry in entries):
            refuse("encrypted")
        if len(self._entries) != len(entries) or any(entry.compress_type not in _METHODS for entry in entries):
            refuse("unreadable")
        if any(name.endswith("vbaproject.bin") or name.startswith("xl/macrosheets/") for name in self._entries):
            refuse("macro")
        if any(name.startswith("xl/externallinks/") for name in self._entries):
            refuse("unreadable", "外部链接")
        if "[content_types].xml" not in self or "xl/workbook.xml" not in self:
            refuse("not_xlsx")
        left = max_unpacked
        for name in self._entries:
            left = self._inflate(name, left)
        if b"macroEnabled" in b"".join(self.chunks("[Content_Types].xml")):
            refuse("macro")

    def _inflate(self, name: str, left: int) -> int:
        """Read one part through, counting; returns how many bytes the other parts may still unpack to."""
        parser = strict_parser() if name.endswith((".xml", ".rels")) else None
        for chunk in self.chunks(name):
            left -= len(chunk)
            if left < 0:
                refuse("expands_too_far", name)
            if parser is not None:
                parser.Parse(chunk, False)
        if parser is not None:
            parser.Parse(b"", True)
        return left


def open_package(data: bytes, *, max_parts: int, max_unpacked: int) -> Package:
    """The checked package, or Refused: also for an encrypted or old workbook (OLE), a renamed text, an empty file."""
    if data.startswith(OLE):
        # A protected .xlsx is an OLE file with a stream of this name; an old .xls is one without.
        refuse("encrypted" if "EncryptedPackage".encode("utf-16-le") in data else "not_xlsx")
    if not data.startswith(ZIP):
        refuse("not_xlsx")
    package = Package(zipfile.ZipFile(BytesIO(data)))
    package.check(max_parts=max_parts, max_unpacked=max_unpacked)
    return package


def strict_parser() -> expat.XMLParserType:
    """A parser that refuses a document type declaration: no DTD, no entities, nothing fetched."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.ordered_attributes = True

    def refuse_doctype(*_: object) -> None:
        refuse("unreadable", "DTD")

    parser.StartDoctypeDeclHandler = refuse_doctype
    return parser
