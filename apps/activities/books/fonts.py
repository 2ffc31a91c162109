"""Which Chinese fonts a book is set in: those of official documents where the machine has them, else what it has."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import typst

from apps.core.errors import DomainError

TEXT_FONTS: Final = (
    "FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "STFangsong", "Noto Serif CJK SC", "Source Han Serif SC",
    "Noto Serif SC", "SimSun", "宋体", "Songti SC", "AR PL UMing CN", "Noto Sans CJK SC", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
)  # fmt: skip
"""仿宋 of 党政机关公文格式 first, then what Linux machines carry."""

HEADING_FONTS: Final = (
    "SimHei", "黑体", "STHeiti", "Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "Microsoft YaHei",
    "WenQuanYi Micro Hei", "WenQuanYi Zen Hei",
)  # fmt: skip

NO_FONT: Final = (
    "这台服务器没有中文字体，不能生成 PDF。请系统管理员安装字体（软件包 fonts-noto-cjk）后重试；"
    "现在可以先生成 Word 文档，或用打印版。"
)


@lru_cache(maxsize=1)
def machine_fonts() -> typst.Fonts:
    """The fonts of the machine, looked up once for each process."""
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True)


def chosen(wanted: tuple[str, ...], families: list[str]) -> list[str]:
    """The wanted families that are there, in order of preference."""
    there = {family.casefold(): family for family in families}
    return [there[name.casefold()] for name in wanted if name.casefold() in there]


def fonts_for_pdf() -> tuple[list[str], list[str]]:
    """(families of the text, families of the headings). Raises DomainError that names the package to install."""
    families = machine_fonts().families()
    text, heading = chosen(TEXT_FONTS, families), chosen(HEADING_FONTS, families)
    if not text and not heading:
        machine_fonts.cache_clear()  # a font that is installed now is found on the next try
        raise DomainError(NO_FONT, code="no_font")
    return text or heading, heading or text
