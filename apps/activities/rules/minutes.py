"""内容记录 as it is kept and shown: plain text, or the little HTML that a record book can print.

What comes in is cleaned when it is written, and once more when it is shown: a row may be older than a rule.
"""

from __future__ import annotations

import html
import re
from typing import Final

import nh3

TAGS: Final = frozenset({"p", "br", "h3", "h4", "strong", "em", "ul", "ol", "li"})
"""Everything that rich minutes may hold; no attribute of any of them is kept."""

_RENAMED: Final = (("b", "strong"), ("i", "em"), ("div", "p"), ("h1", "h3"), ("h2", "h3"), ("h5", "h4"), ("h6", "h4"))
_DROPPED_WHOLE: Final = frozenset({"script", "style", "title", "noscript", "iframe", "template", "svg", "math", "head"})
_BREAK: Final = re.compile(r"<br\s*/?>|</(?:p|h3|h4|li)>")
_TAG: Final = re.compile(r"<[^>]+>")
_EMPTY: Final = re.compile(r"<(p|h3|h4|strong|em|li)>(?:\s|&nbsp;|<br>)*</\1>")
_MANY_LINES: Final = re.compile(r"\n{3,}")


def clean_rich(text: str) -> str:
    """The minutes that a rich editor, or a paste from Word, sent: only `TAGS`, without attributes and empty shells."""
    for old, new in _RENAMED:
        text = re.sub(rf"<(/?){old}(?=[\s/>])", rf"<\g<1>{new}", text, flags=re.IGNORECASE)
    kept = nh3.clean(text, tags=set(TAGS), attributes={}, clean_content_tags=set(_DROPPED_WHOLE), strip_comments=True)
    found = ""
    while found != kept:
        found, kept = kept, _EMPTY.sub("", kept)
    return kept.strip()


def clean_plain(text: str) -> str:
    """Plain minutes: lines as they were typed, never more than one empty line between two, no tail of spaces."""
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return _MANY_LINES.sub("\n\n", "\n".join(lines)).strip()


def cleaned(text: str, *, rich: bool) -> str:
    """Minutes as they are written to the database."""
    return clean_rich(text) if rich else clean_plain(text)


def as_html(text: str, *, rich: bool) -> str:
    """Minutes as a page or a book shows them: safe HTML, a paragraph for each line of plain text."""
    if rich:
        return clean_rich(text)
    return "".join(f"<p>{html.escape(line)}</p>" for line in clean_plain(text).split("\n") if line)


def as_text(text: str, *, rich: bool) -> str:
    """Minutes as plain text, for phones, Excel and search: a line for each paragraph."""
    if not rich:
        return clean_plain(text)
    return clean_plain(html.unescape(_TAG.sub("", _BREAK.sub("\n", clean_rich(text)))))
