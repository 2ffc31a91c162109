"""A record book as a Word document: the same cover, contents and forms as the PDF, to be edited and bound.

Page numbers of the contents are PAGEREF fields, which Word and WPS work out when the document is opened. The parts
are written as WordprocessingML, a record at a time: python-docx walks a table once for every cell that it touches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import IO, Any, Final
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from lxml import etree

from .content import BookContent, Entry, Field, Line
from .paragraphs import printable

TEXT_FONT: Final = "仿宋"
HEADING_FONT: Final = "黑体"
FALLBACKS: Final = {
    TEXT_FONT: "FangSong,仿宋_GB2312,FangSong_GB2312,STFangsong,Noto Serif CJK SC",
    HEADING_FONT: "SimHei,STHeiti,Noto Sans CJK SC",
}
"""Other names of the fonts, for machines that know them by another or do not have them."""

SIGNATURES: Final = ("主持人签字：", "记录人签字：", "党组织盖章：")
CONTENT: Final = "内容记录"
LONG_FIELDS: Final = frozenset({CONTENT, "形成的决议", "议题"})
ROOM: Final = 3800
"""What the form keeps for minutes that are short or written by hand, in twentieths of a point."""

_W: Final = nsdecls("w")
_FULL: Final = 9300
"""Width of the text on A4 with our margins, in twentieths of a point."""
_COLUMNS: Final = (1250, 3400, 1250, 3400)
_CONTENTS: Final = (650, 1450, 2200, 4200, 800)


def write_book(content: BookContent, target: IO[bytes]) -> None:
    """Write the book as docx."""
    document = Document()
    _prepare(document, content)
    _cover(document, content)
    _contents(document, content)
    body = document.element.body
    end = body.sectPr
    for entry in content.entries:
        for element in _entry(entry, content):
            end.addprevious(element)
    document.save(target)


def _prepare(document: Any, content: BookContent) -> None:
    """A4, fonts with their fallbacks, footer with page number and who took it out; the cover has no number."""
    for name, size, font in (("Normal", 12, TEXT_FONT), ("Title", 36, HEADING_FONT), ("Heading 1", 18, HEADING_FONT)):
        style = document.styles[name]
        style.font.name, style.font.size = font, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), font)
        style.font.bold, style.font.color.rgb = False, RGBColor(0, 0, 0)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    _name_fallbacks(document)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(25), Mm(24)
    section.left_margin, section.right_margin = Mm(24), Mm(22)
    section.different_first_page_header_footer = True
    number = section.footer.paragraphs[0]
    number._p.addnext(_element(_paragraph(_run(content.watermark, 7.5, color="808080"), align="center")))
    number._p.getparent().replace(
        number._p, _element(_paragraph(f"{_run('— ')}{_field('PAGE', '')}{_run(' —')}", align="center"))
    )
    first = section.first_page_footer.paragraphs[0]
    first._p.getparent().replace(
        first._p, _element(_paragraph(_run(content.watermark, 7.5, color="808080"), align="center"))
    )
    _update_fields(document.settings.element)
    facts = document.core_properties
    facts.title, facts.author = f"{content.org}{content.span}{content.title}", content.made_by
    facts.comments, facts.last_modified_by = "", content.made_by
    package = document.part.package
    for key in [key for key, rel in package.rels.items() if rel.reltype.endswith("/thumbnail")]:
        del package.rels[key]  # the preview of an empty page


def _update_fields(settings: Any) -> None:
    """Ask for the page numbers when the document is opened; the schema wants this before what follows it."""
    later = {qn(f"w:{name}") for name in ("hdrShapeDefaults", "footnotePr", "endnotePr", "compat", "docVars", "rsids")}
    element = _element('<w:updateFields w:val="true"/>')
    following = next((child for child in settings if child.tag in later), None)
    if following is None:
        settings.append(element)
    else:
        following.addprevious(element)


def _name_fallbacks(document: Any) -> None:
    part = next(rel.target_part for rel in document.part.rels.values() if rel.reltype.endswith("/fontTable"))
    table = parse_xml(part.blob)
    for name, others in FALLBACKS.items():
        table.append(_element(
            f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/>'
            '<w:family w:val="auto"/><w:pitch w:val="variable"/></w:font>'
        ))  # fmt: skip
    part._blob = etree.tostring(table, xml_declaration=True, encoding="UTF-8", standalone=True)


def _cover(document: Any, content: BookContent) -> None:
    def line(text: str, size: float, *, font: str = HEADING_FONT, before: float = 0, color: str = "") -> Paragraph:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.space_before = Pt(before)
        paragraph._p.append(_element(_run(text, size, font=font, color=color)))
        return paragraph

    line(content.org, 20, before=110)
    line(content.title, 36, before=40, color="C7000B")
    line(content.span, 20, before=30)
    for number, (label, value) in enumerate(content.cover):
        paragraph = line(f"{label}：{value}", 13, font=TEXT_FONT, before=190 if number == 0 else 8)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
        paragraph.paragraph_format.left_indent = Mm(38)


def _contents(document: Any, content: BookContent) -> None:
    """目录: a line for each record, its page a field. Until it is worked out it shows what one page each would give."""
    heading = document.add_paragraph()
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    heading.paragraph_format.page_break_before = True
    heading.paragraph_format.space_after = Pt(12)
    heading._p.append(_element(_run("目　录", 18, font=HEADING_FONT)))
    if not content.entries:
        document.add_paragraph("本年度没有归入本册的记录。").alignment = WD_ALIGN_PARAGRAPH.CENTER
        return
    head = _row([_cell(_paragraph(_run(name, 11, font=HEADING_FONT), align="center"), width)
                 for name, width in zip(("序号", "日期", "类别", "主题", "页码"), _CONTENTS, strict=True)], header=True)  # fmt: skip
    first = 3 + len(content.entries) // LINES_OF_CONTENTS
    rows = [_contents_row(entry, str(first + at)) for at, entry in enumerate(content.entries)]
    document.element.body.sectPr.addprevious(_element(_table([head, *rows], _CONTENTS)))


HYPERLINKED: Final = " \\h"
"""Switch of a PAGEREF field: the number leads to the page."""

LINES_OF_CONTENTS: Final = 35
"""Records in one page of contents, for the numbers shown before the fields are worked out."""


def _contents_row(entry: Entry, page: str) -> str:
    mark = f"entry_{entry.number}"
    texts = (str(entry.number), f"{entry.held_on:%Y-%m-%d}", entry.kinds)
    cells = [
        _cell(_paragraph(_run(text, 10.5), align="left" if at == 2 else "center"), _CONTENTS[at])
        for at, text in enumerate(texts)
    ]
    title = f'<w:hyperlink w:anchor="{mark}">{_run(entry.title, 10.5)}</w:hyperlink>'
    number = f'<w:hyperlink w:anchor="{mark}">{_field("PAGEREF " + mark + HYPERLINKED, page)}</w:hyperlink>'
    cells += [_cell(_paragraph(title), _CONTENTS[3]), _cell(_paragraph(number, align="center"), _CONTENTS[4])]
    return _row(cells)


def _entry(entry: Entry, content: BookContent) -> Iterable[Any]:
    mark = (
        f'<w:bookmarkStart w:id="{entry.number}" w:name="entry_{entry.number}"/>'
        f'{_run(content.form_title, 18, font=HEADING_FONT)}<w:bookmarkEnd w:id="{entry.number}"/>'
    )
    yield _element(_paragraph(mark, align="center", more="<w:pageBreakBefore/>", after=60))
    line = f"{_run(entry.org, 10.5)}<w:r><w:tab/></w:r>{_run(f'第 {entry.number} 号', 10.5)}"
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{_FULL}"/></w:tabs>'
    yield _element(_paragraph(line, more=tabs, after=40, last='<w:outlineLvl w:val="0"/>'))
    rows = [_pair_row(*pair) for pair in entry.pairs] + [_wide_row(one) for one in entry.wide]
    yield _element(_table(rows, _COLUMNS))
    if entry.remark:
        yield _element(_paragraph(_run(entry.remark, 9, color="595959"), before=60))
    signs = "<w:r><w:tab/></w:r>".join(_run(name) for name in SIGNATURES)
    tabs = "".join(f'<w:tab w:val="left" w:pos="{_FULL // 3 * n}"/>' for n in (1, 2))
    yield _element(_paragraph(signs, more=f"<w:tabs>{tabs}</w:tabs>", before=360))


def _pair_row(left: Field, right: Field) -> str:
    cells = []
    for at, one in ((0, left), (2, right)):
        cells.append(_name_cell(one.label, _COLUMNS[at]))
        cells.append(_cell(_paragraph(_run(one.text)), _COLUMNS[at + 1]))
    return _row(cells)


def _wide_row(one: Field) -> str:
    is_long = one.label in LONG_FIELDS
    text = "".join(_line(line, is_long) for line in one.lines) or _paragraph("")
    cell = _cell(text, sum(_COLUMNS[1:]), span=3, valign="top" if is_long else "center")
    return _row([_name_cell(one.label, _COLUMNS[0]), cell], least=ROOM if one.label == CONTENT else 0)


def _line(line: Line, is_long: bool) -> str:
    plain = line.level == 0 and not line.mark
    font = HEADING_FONT if line.level else TEXT_FONT
    return _paragraph(_run(line.mark + line.text, font=font), indent=is_long and plain)


def _name_cell(label: str, width: int) -> str:
    return _cell(_paragraph(_run(label, 11.5, font=HEADING_FONT), align="center"), width)


# the pieces of WordprocessingML


def _element(xml: str) -> Any:
    """One element of a document from its text, which names no namespace."""
    return parse_xml(re.sub(r"^<w:\w+", rf"\g<0> {_W}", xml, count=1))


def _run(text: str, size: float = 12, *, font: str = TEXT_FONT, color: str = "") -> str:
    fonts = f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}"/>'
    colour = f'<w:color w:val="{color}"/>' if color else ""
    half = round(size * 2)
    pieces = escape(printable(text)).split("\n")
    inner = "<w:br/>".join(f'<w:t xml:space="preserve">{piece}</w:t>' for piece in pieces)
    look = f'<w:rPr>{fonts}{colour}<w:sz w:val="{half}"/><w:szCs w:val="{half}"/></w:rPr>'
    return f"<w:r>{look}{inner}</w:r>"


def _field(code: str, shown: str) -> str:
    """A field that Word works out anew when it opens the document."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin" w:dirty="true"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {code} </w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{_run(shown, 10.5)}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def _paragraph(
    inner: str, *, align: str = "", indent: bool = False, before: int = 0, after: int = 0, more: str = "",
    last: str = "",
) -> str:  # fmt: skip
    """`more` and `last` are properties that the schema wants before and after the common ones."""
    spacing = f'<w:spacing w:before="{before}" w:after="{after}"/>'
    first = '<w:ind w:firstLineChars="200" w:firstLine="480"/>' if indent else ""
    justified = f'<w:jc w:val="{align}"/>' if align else ""
    properties = f"<w:pPr>{more}{spacing}{first}{justified}{last}</w:pPr>"
    return f"<w:p>{properties}{inner}</w:p>"


def _cell(inner: str, width: int, *, span: int = 1, valign: str = "center") -> str:
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    look = f'<w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}<w:vAlign w:val="{valign}"/></w:tcPr>'
    return f"<w:tc>{look}{inner}</w:tc>"


def _row(cells: Sequence[str], *, header: bool = False, least: int = 0) -> str:
    height = f'<w:trHeight w:val="{least}" w:hRule="atLeast"/>' if least else ""
    again = "<w:tblHeader/>" if header else ""
    properties = f"<w:trPr>{height}{again}</w:trPr>" if height or again else ""
    return f"<w:tr>{properties}{''.join(cells)}</w:tr>"


def _table(rows: Sequence[str], widths: Sequence[int]) -> str:
    sides = "".join(
        f'<w:{side} w:val="single" w:sz="6" w:space="0" w:color="000000"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    margins = "".join(f'<w:{side} w:w="{width}" w:type="dxa"/>' for side, width in
                      (("top", 70), ("left", 90), ("bottom", 70), ("right", 90)))  # fmt: skip
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{sides}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"
    )
