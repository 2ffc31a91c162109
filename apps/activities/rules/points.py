"""党员教育积分: what gives points, how much a year, and what never does. Pure functions.

支部负责、党委把关: the branch enters, the committee confirms, the year's totals are published in the order of the
roster. There is no ranking, and nothing that measures presence online gives points.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Protocol

from apps.core.regulations import Citation, Finding

POINTS: Final = Citation("党员教育积分制", "（支部负责、党委把关、年底公布）", "", "local")
NO_FORMALISM: Final = Citation(
    "关于防治“指尖上的形式主义”的若干意见", "（不得强制打卡签到、积分排名、在线时长排名，条次待核）", "", "V-sec"
)

NEVER: Final = ("签到", "打卡", "登录", "登陆", "在线时长", "浏览", "点击", "点赞", "转发", "评论", "截图", "拍照")
"""Words of what the rules against 指尖上的形式主义 forbid to count."""


@dataclass(frozen=True)
class PointRuleSpec:
    """A rule as it is installed: for taking part in a `kind` of activity, or for a deed when it has none."""

    name: str
    points: str
    kind: str = ""
    yearly_limit: str = ""


DEFAULTS: Final = (
    PointRuleSpec("参加支部党员大会", "2", "assembly"),
    PointRuleSpec("参加党小组会", "1", "group_meeting", "12"),
    PointRuleSpec("参加党课", "2", "lecture"),
    PointRuleSpec("参加主题党日", "2", "theme_day"),
    PointRuleSpec("参加组织生活会", "2", "life_meeting"),
    PointRuleSpec("参加志愿服务", "2", "volunteering", "10"),
    PointRuleSpec("参加培训班", "3", "training", "9"),
    PointRuleSpec("讲党课", "5", "", "10"),
    PointRuleSpec("合理化建议被采纳", "3", "", "9"),
    PointRuleSpec("先锋岗、攻坚队任务完成", "5", "", "10"),
    PointRuleSpec("结对帮扶困难职工", "3", "", "9"),
    PointRuleSpec("受到上级党组织表彰", "10", "", "20"),
)
"""What the portal proposes (P); the office replaces each by a rule of its own from a day on."""


class Ruled(Protocol):
    """What is asked of a rule here: a row of `PointRule`, or anything like it."""

    name: str
    org_path: str
    kind_id: Any
    since: datetime.date


def nearest(rules: Iterable[Ruled]) -> list[Any]:
    """Return, of rules in force along one line of ancestors, the one of each matter that is nearest; the newest of equals.

    A matter is a kind of activity, or for a deed its name.
    """
    found: dict[tuple[Any, str], Ruled] = {}
    for rule in rules:
        key = (rule.kind_id, "" if rule.kind_id else rule.name)
        held = found.get(key)
        if held is None or (len(held.org_path), held.since) < (len(rule.org_path), rule.since):
            found[key] = rule
    return list(found.values())


def name_finding(name: str) -> Finding | None:
    """Refuse points for signing in, for time online and the like."""
    word = next((word for word in NEVER if word in name), "")
    if not word:
        return None
    return Finding("formalism", f"不得为“{word}”计分。", NO_FORMALISM, "block")


def granted(points: Decimal, *, had: Decimal, yearly_limit: Decimal | None) -> Decimal:
    """Return how many of the points the year still has room for; never less than none."""
    if yearly_limit is None:
        return points
    return max(min(points, yearly_limit - had), Decimal(0))


def limit_finding(points: Decimal, *, had: Decimal, yearly_limit: Decimal | None, whose: str) -> Finding | None:
    """Refuse points beyond the yearly limit of a rule. The limit itself may be reached."""
    if granted(points, had=had, yearly_limit=yearly_limit) == points:
        return None
    message = (
        f"「{whose}」这一事项本年已有{plain(had)}分，再登记{plain(points)}分将超过每年上限{plain(yearly_limit)}分。"
    )
    return Finding("over_the_year", message, POINTS, "block")


def amount_finding(points: Decimal, rule_points: Decimal) -> Finding | None:
    """Refuse what is nothing, and more than the rule gives."""
    if Decimal(0) < points <= rule_points:
        return None
    return Finding("wrong_amount", f"分值应大于0，不超过规则规定的{plain(rule_points)}分。", POINTS, "block")


def plain(points: Decimal | None) -> str:
    """Points as people write them: 2, 2.5; an empty text for none."""
    if points is None:
        return ""
    return f"{points.normalize():f}" if points else "0"
