"""The fixed parts of a written workbook: styles, relationships, content types."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from ..ledger import Kind

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

_KINDS = tuple(Kind)
HEADER_STYLE = len(_KINDS) + 1
WATERMARK_STYLE = len(_KINDS) + 2
_STYLES = {kind: position for position, kind in enumerate(_KINDS, start=1)}


def style_of(kind: Kind) -> int:
    """The cell style of a kind of column. Style 0 is the default."""
    return _STYLES[kind]


def _styles() -> str:
    formats = "".join(
        f'<numFmt numFmtId="{163 + n}" formatCode={quoteattr(kind.value)}/>' for n, kind in enumerate(_KINDS, start=1)
    )
    kinds = "".join(
        f'<xf numFmtId="{163 + n}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for n in range(1, len(_KINDS) + 1)
    )
    return (
        f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="{len(_KINDS)}">{formats}</numFmts>'
        '<fonts count="3"><font><sz val="11"/><name val="等线"/></font>'
        '<font><b/><sz val="11"/><name val="等线"/></font>'
        '<font><i/><sz val="10"/><color rgb="FF8C8C8C"/><name val="等线"/></font></fonts>'
        '<fills count="3"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill>'
        '<fill><patternFill patternType="solid"><fgColor rgb="FFF0F0F0"/></patternFill></fill></fills>'
        '<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border>'
        '<border><left/><right/><top/><bottom style="thin"><color rgb="FFBFBFBF"/></bottom><diagonal/></border>'
        "</borders>"
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{len(_KINDS) + 3}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>{kinds}'
        '<xf numFmtId="49" fontId="1" fillId="2" borderId="1" xfId="0" applyFont="1" applyFill="1" applyBorder="1"/>'
        '<xf numFmtId="49" fontId="2" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    )


STYLES = _styles()


def content_types() -> str:
    """Written first, when the number of sheets is not known: every other xml part is a worksheet."""
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
    )


def root_rels() -> str:
    return _rels([("rId1", f"{_OFFICE}/officeDocument", "xl/workbook.xml")])


def workbook_rels(sheets: int) -> str:
    parts = [(f"rId{n}", f"{_OFFICE}/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, sheets + 1)]
    return _rels([*parts, (f"rId{sheets + 1}", f"{_OFFICE}/styles", "styles.xml")])


def workbook(titles: list[str]) -> str:
    """The list of sheets; each repeats its header row on every printed page."""
    sheets = "".join(
        f'<sheet name={quoteattr(title)} sheetId="{n}" r:id="rId{n}"/>' for n, title in enumerate(titles, start=1)
    )
    names = "".join(
        f"<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"{n}\">'{escape(title)}'!$1:$1</definedName>"
        for n, title in enumerate(titles)
    )
    return (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets><definedNames>{names}</definedNames></workbook>"
    )


def _rels(rows: list[tuple[str, str, str]]) -> str:
    relations = "".join(f'<Relationship Id="{rid}" Type="{kind}" Target="{target}"/>' for rid, kind, target in rows)
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'
