"""Citations and findings, as people see them."""

from __future__ import annotations

import pytest

from apps.core.choices import Choice
from apps.core.regulations import Citation, Finding

ARTICLE = Citation("中国共产党支部工作条例（试行）", "第四条", "ZB-01")
PRACTICE = Citation("园区的通行做法", "（季度更新）", "", "local")


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


class Colour(Choice):
    RED = "red", "红"
    BLUE = "blue", "蓝"


def test_a_choice_is_its_code_and_knows_its_label():
    assert (Colour.RED == "red", str(Colour.RED), Colour.RED.label) == (True, "red", "红")
    assert Colour.choices() == [("red", "红"), ("blue", "蓝")]
    assert Colour("blue") is Colour.BLUE
