"""Workbooks in and out. Kept empty: the reading child process imports this package and must start fast."""
