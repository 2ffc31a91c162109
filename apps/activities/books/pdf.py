"""A record book as PDF, set by typst in a Chinese font of the machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import typst

from apps.core.errors import DomainError

from .content import BookContent, Entry, Field
from .fonts import fonts_for_pdf, machine_fonts

TEMPLATE: Final = Path(__file__).with_name("book.typ").read_bytes()
CONTENT: Final = "内容记录"
"""The field for which the form leaves room."""

LONG_FIELDS: Final = (CONTENT, "形成的决议", "议题")
"""Fields that are set as running text, with the indent of a paragraph."""

MOST_CHARACTERS: Final = 1_000_000
"""What typesetting holds in memory at once, about 700 bytes for each character."""

TOO_LONG: Final = "这一册共 {:,} 字，超过一次生成 PDF 的上限 100 万字。请按季度生成，或生成 Word 文档。"
SIGNATURES: Final = ("主持人签字", "记录人签字", "党组织盖章")


def pdf_of(content: BookContent) -> bytes:
    """The book as PDF. Raises DomainError when the machine has no Chinese font, or for more than can be set at once."""
    if content.characters > MOST_CHARACTERS:
        raise DomainError(TOO_LONG.format(content.characters), code="too_long")
    text, heading = fonts_for_pdf()
    data = json.dumps({**as_data(content), "text_fonts": text, "heading_fonts": heading}, ensure_ascii=False)
    compiled = typst.Compiler(TEMPLATE, font_paths=machine_fonts(), sys_inputs={"book": data}).compile(
        format="pdf", pdf_tags=False
    )
    assert isinstance(compiled, bytes)
    return compiled


def as_data(content: BookContent) -> dict[str, Any]:
    """What the template reads; strings only where people typed."""
    return {
        "title": content.title, "form_title": content.form_title, "org": content.org, "span": content.span,
        "made_by": content.made_by, "watermark": content.watermark, "long": LONG_FIELDS, "content": CONTENT, "signatures": SIGNATURES,
        "cover": [list(line) for line in content.cover], "entries": [_entry(entry) for entry in content.entries],
    }  # fmt: skip


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number, "day": f"{entry.held_on:%Y-%m-%d}", "kinds": entry.kinds, "title": entry.title,
        "org": entry.org, "remark": entry.remark, "pairs": [[_field(one) for one in pair] for pair in entry.pairs],
        "wide": [_field(one) for one in entry.wide],
    }  # fmt: skip


def _field(one: Field) -> dict[str, Any]:
    lines = [{"text": line.text, "level": line.level, "mark": line.mark} for line in one.lines]
    return {"label": one.label, "text": one.text, "lines": lines}
