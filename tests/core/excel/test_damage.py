"""Whatever happens to a file on its way: it is read, or refused with a published code."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.excel.problems import MESSAGES, WorkbookRefused
from apps.core.excel.reader import read_table

from .workbooks import book

SOUND = book([["甲", "C1", 1], ["乙", "C2", 2]])


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_damage_is_a_refusal_or_a_table(data: st.DataObject) -> None:
    """Bytes changed, cut out or added anywhere: a table or a published code, never an exception of a parser."""
    content = bytearray(SOUND)
    position = data.draw(st.integers(0, len(content) - 1))
    damage = data.draw(st.binary(min_size=1, max_size=20))
    if data.draw(st.booleans()):
        content[position : position + len(damage)] = damage
    else:
        del content[position : position + len(damage)]
    try:
        read_table(bytes(content))
    except WorkbookRefused as refused:
        codes = {problem.code for problem in refused.problems}
        assert codes <= set(MESSAGES)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["名册.xlsx", "名册.csv"]))
def test_any_bytes_are_a_refusal_or_a_table(content: bytes, name: str) -> None:
    try:
        read_table(content, name=name)
    except WorkbookRefused as refused:
        codes = {problem.code for problem in refused.problems}
        assert codes <= set(MESSAGES)
