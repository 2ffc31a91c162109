"""Neutralising is exact: whatever text goes into a file, the same text comes back."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.excel.text import is_watermark, neutralise, strip_neutralised, watermark

LEADERS = "=+-@\t\r＝＋－＠"


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_the_import_strips_exactly_what_the_export_added(text: str) -> None:
    assert strip_neutralised(neutralise(text)) == text


@given(st.text(alphabet="'=+-@ab甲", max_size=6))
def test_also_for_texts_made_of_apostrophes_and_leaders(text: str) -> None:
    assert strip_neutralised(neutralise(text)) == text


@pytest.mark.parametrize("leader", LEADERS)
def test_no_text_begins_with_what_a_spreadsheet_would_run(leader: str) -> None:
    assert neutralise(f"{leader}cmd|' /C calc'!A0") == f"'{leader}cmd|' /C calc'!A0"
    assert neutralise(f"'{leader}1") == f"''{leader}1"


@pytest.mark.parametrize("text", ["", "甲公司", "12-3", "a=b", "'引号'", "(+86)13800000000"])
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert neutralise(text) == text
    assert strip_neutralised(text) == text


def test_the_watermark_says_who_and_when_and_is_recognised() -> None:
    line = watermark("李明", datetime.datetime.fromisoformat("2026-11-22T10:30"))
    assert "李明" in line
    assert "2026-11-22 10:30" in line
    assert is_watermark(line)
    assert not is_watermark("丹东甲公司")
