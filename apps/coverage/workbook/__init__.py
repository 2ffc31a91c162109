"""The report workbook: a summary of live formulas over the rows, and everything that explains it."""

from .build import MAX_ENTERPRISES, file_name, write_workbook

__all__ = ["MAX_ENTERPRISES", "file_name", "write_workbook"]
