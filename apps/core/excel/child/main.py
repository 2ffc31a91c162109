"""Entry point of the child process: reads the file on standard input, answers on standard output."""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
from typing import Any

from .collector import Collector
from .csv_table import read_csv
from .refusal import Refused
from .sheet import SheetScan
from .workbook import date_styles, first_sheet, shared_strings
from .zip_check import open_package


def main(argument: str) -> None:
    """`argument` is JSON: the kind (xlsx or csv) and the limits. Any failure to read is an answer as well."""
    options = json.loads(argument)
    bound(options["max_memory"], options["seconds"])
    gc.disable()  # one short reading, nothing in cycles
    try:
        answer = read(sys.stdin.buffer.read(), options)
    except Refused as refused:
        answer = {"refused": [[refused.code, refused.where]]}
    except Exception:
        answer = {"refused": [["unreadable", ""]]}
    text = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))
    sys.stdout.flush()
    os._exit(0)  # nothing is left to tidy up, and taking a large table apart takes time


def bound(memory: int, seconds: float, file_bytes: int = 0) -> None:
    """Lower this process's own limits on memory, processor time and the size of files; no core dump is left."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, file_bytes))


def read(data: bytes, options: dict[str, Any]) -> dict[str, Any]:
    collector = Collector(
        max_rows=options["max_rows"], max_columns=options["max_columns"], max_characters=options["max_unpacked"]
    )
    if options["kind"] == "csv":
        return collector.result("", read_csv(data, collector))
    package = open_package(data, max_parts=options["max_parts"], max_unpacked=options["max_unpacked"])
    sheet, epoch_1904 = first_sheet(package)
    scan = SheetScan(collector, shared_strings(package), date_styles(package), epoch_1904=epoch_1904)
    scan.read(package, sheet.part)
    warnings = [["other_sheets", "、".join(sheet.others)]] if sheet.others else []
    return collector.result(sheet.title, warnings)
