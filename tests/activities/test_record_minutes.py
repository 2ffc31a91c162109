"""内容记录: what of a paste is kept, and that nothing of it runs in a page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.activities.rules.minutes import TAGS, as_html, as_text, clean_plain, clean_rich, cleaned

WORD = (
    '<p class="MsoNormal" style="margin:0cm"><b>一、</b><span lang="EN-US">学习</span>内容<o:p></o:p></p>'
    "<h1>讨论</h1><ul><li>甲</li><li>乙</li></ul><div>形成一致意见</div>"
)


def test_a_paste_from_word_keeps_paragraphs_headings_lists_and_bold_type():
    assert clean_rich(WORD) == (
        "<p><strong>一、</strong>学习内容</p><h3>讨论</h3><ul><li>甲</li><li>乙</li></ul><p>形成一致意见</p>"
    )


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        '<a href="javascript:alert(1)">点我</a>',
        '<p onclick="alert(1)" style="background:url(x)">甲</p>',
        "<style>p{color:red}</style>",
        '<iframe src="//example.com"></iframe>',
        "<svg><script>alert(1)</script></svg>",
        "<scr<script>ipt>alert(1)</script>",
        "<b\n onmouseover=alert(1)>甲</b>",
        "<div/onclick=alert(1)>甲",
    ],
)
def test_what_could_run_is_gone_when_written_and_when_shown(attack):
    for found in (clean_rich(attack), as_html(attack, rich=True), as_html(cleaned(attack, rich=True), rich=True)):
        assert "alert" not in found or "<" not in found.replace("<p>", "").replace("</p>", "")
        for forbidden in ("<script", "onerror", "onclick", "onmouseover", "href", "style", "<img", "<iframe", "<svg"):
            assert forbidden not in found


def test_plain_text_is_shown_as_it_was_typed_and_runs_nothing():
    assert as_html("一、<b>甲</b>\n\n二、a & b", rich=False) == "<p>一、&lt;b&gt;甲&lt;/b&gt;</p><p>二、a &amp; b</p>"


def test_lines_of_plain_text_stay_and_empty_ones_do_not_pile_up():
    assert clean_plain("甲 \r\n\r\n\r\n\r\n乙\r丙\n") == "甲\n\n乙\n丙"


def test_rich_minutes_can_be_read_as_plain_lines():
    assert as_text(clean_rich(WORD), rich=True) == "一、学习内容\n讨论\n甲\n乙\n形成一致意见"


@given(st.text(alphabet="<>/bpdiv scrt=\"'&;甲h1ul", max_size=60))
def test_cleaning_twice_changes_nothing_and_leaves_only_the_allowed_tags(text):
    once = clean_rich(text)
    assert clean_rich(once) == once
    for opened in once.split("<")[1:]:
        assert opened.lstrip("/").split(">")[0] in TAGS
