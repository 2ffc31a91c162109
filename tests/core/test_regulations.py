"""Citations and findings, as people see them."""

from __future__ import annotations

import pytest

from apps.core.choices import Choice
from apps.core.regulations import Citation, Finding, most_severe

ARTICLE = Citation("中国共产党支部工作条例（试行）", "第四条", "ZB-01")
PRACTICE = Citation("园区的通行做法", "（季度更新）", "FEATURES 15", "local")


def finding(level, code="x"):
    return Finding(code, "正式党员不足3人。", ARTICLE, level)


def test_a_published_rule_is_shown_with_its_title_and_article():
    assert str(ARTICLE) == "《中国共产党支部工作条例（试行）》第四条"


def test_a_practice_is_not_dressed_up_as_a_published_text():
    assert str(PRACTICE) == "园区的通行做法（季度更新）"


def test_a_finding_says_its_basis():
    assert str(finding("warn")) == "正式党员不足3人。（依据：《中国共产党支部工作条例（试行）》第四条）"


@pytest.mark.parametrize(
    ("level", "blocks", "asks"),
    [("block", True, False), ("ask", False, True), ("warn", False, False), ("info", False, False)],
)
def test_only_blocking_and_asking_findings_act(level, blocks, asks):
    assert (finding(level).blocks, finding(level).asks_reason) == (blocks, asks)


def test_the_most_severe_finding_comes_first_and_the_first_of_equals():
    assert most_severe([]) is None
    assert most_severe([finding("info"), finding("ask", "a"), finding("ask", "b")]) == finding("ask", "a")
    assert most_severe([finding("warn"), finding("block")]) == finding("block")


class Colour(Choice):
    RED = "red", "红"
    BLUE = "blue", "蓝"


def test_a_choice_is_its_code_and_knows_its_label():
    assert (Colour.RED == "red", str(Colour.RED), Colour.RED.label) == (True, "red", "红")
    assert Colour.choices() == [("red", "红"), ("blue", "蓝")]
    assert Colour("blue") is Colour.BLUE


@pytest.mark.parametrize("text", ["红", " 红 ", "red"])
def test_a_choice_is_found_by_label_or_code(text):
    assert Colour.from_label(text) is Colour.RED


def test_an_unknown_label_is_refused_with_those_allowed():
    with pytest.raises(ValueError, match="“绿”不在可选范围内，应为：红、蓝。"):
        Colour.from_label("绿")
