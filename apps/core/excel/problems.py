"""What is said about a file that is not read. Codes are public: help page, check page, `import_ledger --json`."""

from __future__ import annotations

from typing import NamedTuple

from ..errors import DomainError
from .limits import PAGE_LIMITS, Limits

MESSAGES = {
    "not_xlsx": "这不是 .xlsx 工作簿。请在 Excel 或 WPS 中另存为“Excel 工作簿（.xlsx）”或 UTF-8 编码的 .csv 后再上传。",
    "encrypted": "文件设有打开密码。请取消密码后重新保存再上传。",
    "macro": "文件带有宏。请另存为不带宏的“Excel 工作簿（.xlsx）”后再上传。",
    "unreadable": "文件已损坏或含有不支持的内容{where}，无法读取。请新建工作簿，只粘贴数据的值，保存后再上传。",
    "expands_too_far": "文件解压后超过 {unpacked} MB 或部件超过 {parts} 个。请只保留要导入的工作表，删除图片后再上传。",
    "too_many_rows": "数据超过 {rows} 行。请分成几个文件导入。",
    "out_of_range": "单元格 {where} 超出可导入的范围（{columns} 列、{rows} 行以内）。请删除或移到表内。",
    "merged_cells": "工作表里有合并单元格 {where}。请取消合并，每行每格单独填写。",
    "data_after_gap": "第 {where} 行之前有空行。请删除空行，数据须连续。",
    "header_missing": "找不到表头{where}。第一个非空行须是表头，每个有数据的列都要有列名（不能是公式）。",
    "header_duplicate": "表头“{where}”重复出现。请改名或删除多余的列。",
    "no_rows": "表头下面没有数据。请从表头的下一行开始填写。",
}

PLACE_OPTIONAL = ("unreadable", "header_missing")

WARNINGS = {
    "hidden_rows": "第 {where} 行是隐藏行，也会导入。不需要的请先删除。",
    "hidden_columns": "列“{where}”是隐藏列，也会导入。",
    "other_sheets": "只读取第一个工作表，其他工作表不导入：{where}。",
    "gbk": "文件不是 UTF-8 编码，已按 GBK 读取，请核对文字是否正确。",
}


class Problem(NamedTuple):
    """One thing to correct (or to know): Excel's row number (0 for the file), column label, code, sentence."""

    row: int
    column: str
    code: str
    message: str


class WorkbookRefused(DomainError):
    """The file as a whole cannot be imported. `problems` says everything that is wrong with it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].message, code=problems[0].code, field="file")
        self.problems = problems


def file_problems() -> list[tuple[str, str]]:
    """(code, sentence) of everything a page upload may be refused for, as the help page lists them."""
    return [(code, _sentence(code, "" if code in PLACE_OPTIONAL else "…", PAGE_LIMITS)) for code in MESSAGES]


def refused(found: list[tuple[str, str]], limits: Limits) -> WorkbookRefused:
    return WorkbookRefused([Problem(0, "", code, _sentence(code, where, limits)) for code, where in found])


def too_large(limits: Limits) -> WorkbookRefused:
    """A file over the limit before anything is unpacked: the same public code, another sentence."""
    text = f"文件超过 {limits.max_bytes // 2**20} MB。请删除图片和多余内容，或分成几个文件上传。"
    return WorkbookRefused([Problem(0, "", "expands_too_far", text)])


def warning(code: str, where: str) -> Problem:
    return Problem(0, "", code, WARNINGS[code].format(where=where))


def _sentence(code: str, where: str, limits: Limits) -> str:
    if code in PLACE_OPTIONAL and where:
        where = f"（{where}）"
    return MESSAGES[code].format(
        where=where,
        unpacked=limits.max_unpacked // 2**20,
        parts=limits.max_parts,
        rows=limits.max_rows,
        columns=limits.max_columns,
    )
