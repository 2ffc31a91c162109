"""Which names of kinds and forms resemble each other."""

from __future__ import annotations

import pytest

from apps.activities.rules.catalogue import FORMS, KINDS
from apps.activities.rules.kinds import resembling

NAMES = [kind.name for kind in KINDS] + [name for _, name, _ in FORMS]


@pytest.mark.parametrize(
    ("name", "alike"),
    [
        ("主题党日活动", "主题党日"),
        ("微党课", "党课"),
        ("支部书记讲党课", "党课"),
        ("党员志愿服务", "志愿服务"),
        ("参观考察", "学习考察"),
        ("岗位练兵", "岗位练兵（竞赛）"),
        ("党 课", "党课"),
    ],
)
def test_a_kind_that_is_there_under_another_name_is_found(name, alike):
    assert alike in resembling(name, NAMES)


@pytest.mark.parametrize("name", ["读书会", "义务植树", "困难走访", "红色观影", "支部活动", "党员会议"])
def test_everyday_words_make_no_two_names_alike(name):
    assert resembling(name, NAMES) == []


def test_what_resembles_is_named_in_the_order_of_the_list():
    assert resembling("党课论坛", ["论坛", "志愿服务", "党课"]) == ["论坛", "党课"]
