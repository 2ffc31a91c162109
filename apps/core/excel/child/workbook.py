"""What the workbook says about its sheets: which one is read, its epoch, its date formats, its strings."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import NamedTuple
from xml.parsers import expat

from .refusal import refuse
from .zip_check import Package, strict_parser

Attributes = dict[str, str]

_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
"""Built-in number formats that show a date or a time, the Chinese ones included (ECMA-376 18.8.30)."""

_DECORATION = re.compile(r'"[^"]*"|\[(?!h+\]|m+\]|s+\])[^\]]*\]|\\.|_.|\*.', re.IGNORECASE)
_DATE_LETTERS = re.compile(r"[ymdhs年月日]", re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Sheet(NamedTuple):
    title: str
    part: str
    others: tuple[str, ...]


def walk(package: Package, part: str, on_start: Callable[[str, Attributes], None]) -> None:
    """Run the start tags of a part through `on_start`, names without their namespace prefix."""
    parser = strict_parser()

    def start(name: str, flat: list[str]) -> None:
        pairs = zip(flat[::2], flat[1::2], strict=True)
        on_start(name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in pairs})

    parser.StartElementHandler = start  # type: ignore[assignment]
    feed(parser, package, part)


def feed(parser: expat.XMLParserType, package: Package, part: str) -> None:
    for chunk in package.chunks(part):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)


def relationships(package: Package, part: str) -> dict[str, str]:
    """Relationship id → part name, for the relations of one part that stay inside the package."""
    folder, name = posixpath.split(part)
    rels = f"{folder}/_rels/{name}.rels"
    found: dict[str, str] = {}

    def start(tag: str, attributes: Attributes) -> None:
        if tag == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            whole = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[attributes.get("Id", "")] = whole

    if rels in package:
        walk(package, rels, start)
    return found


def first_sheet(package: Package) -> tuple[Sheet, bool]:
    """The first visible worksheet (else the first), and whether the workbook counts days from 1904."""
    targets = relationships(package, "xl/workbook.xml")
    sheets: list[tuple[str, str, bool]] = []
    epoch_1904 = False

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal epoch_1904
        if tag == "workbookPr":
            epoch_1904 = attributes.get("date1904", "0") in ("1", "true", "on")
        elif tag == "sheet":
            part = targets.get(attributes.get("id", ""), "")
            if part in package and "chartsheet" not in part:
                visible = attributes.get("state", "visible") == "visible"
                sheets.append((attributes.get("name", ""), part, visible))

    walk(package, "xl/workbook.xml", start)
    if not sheets:
        refuse("unreadable")
    chosen = next((sheet for sheet in sheets if sheet[2]), sheets[0])
    others = tuple(title for title, part, _ in sheets if part != chosen[1])
    return Sheet(chosen[0], chosen[1], others), epoch_1904


def date_styles(package: Package) -> frozenset[str]:
    """The cell style numbers (as written in `s`) whose number format shows a date."""
    custom: dict[int, str] = {}
    styles: set[str] = set()
    section = ""
    count = 0

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal section, count
        if tag == "numFmt":
            custom[int(attributes.get("numFmtId", "0"))] = attributes.get("formatCode", "")
        elif tag in ("cellXfs", "cellStyleXfs", "dxfs"):
            section = tag
        elif tag == "xf" and section == "cellXfs":
            number = int(attributes.get("numFmtId", "0"))
            if _shows_date(custom[number]) if number in custom else number in _DATE_FORMATS:
                styles.add(str(count))
            count += 1

    part = next((p for p in relationships(package, "xl/workbook.xml").values() if p.endswith("styles.xml")), "")
    if part in package:
        walk(package, part, start)
    return frozenset(styles)


def _shows_date(code: str) -> bool:
    return bool(_DATE_LETTERS.search(_DECORATION.sub("", code.split(";")[0])))


def shared_strings(package: Package) -> list[str]:
    """The shared strings: runs of rich text joined, phonetic guides left out."""
    part = next((p for p in relationships(package, "xl/workbook.xml").values() if p.endswith("sharedStrings.xml")), "")
    strings: list[str] = []
    runs: list[str] = []
    phonetic = False
    parser = strict_parser()

    def start(name: str, _: list[str]) -> None:
        nonlocal phonetic
        if name == "t" or name.endswith(":t"):
            parser.CharacterDataHandler = None if phonetic else runs.append
        elif name.endswith("rPh"):
            phonetic = True

    def end(name: str) -> None:
        nonlocal phonetic
        parser.CharacterDataHandler = None
        if name == "si" or name.endswith(":si"):
            strings.append(unescaped("".join(runs)))
            runs.clear()
        elif name.endswith("rPh"):
            phonetic = False

    parser.StartElementHandler = start  # type: ignore[assignment]
    parser.EndElementHandler = end
    if part in package:
        feed(parser, package, part)
    return strings


def unescaped(text: str) -> str:
    """Undo `_xHHHH_`, the way Excel writes characters that XML does not allow."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text
