"""What the patrol finds, how strongly the rule speaks, and for how long a finding may be put off. Pure functions."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from apps.core.choices import Choice
from apps.core.regulations import Citation, Finding

PUT_OFF: Final = Citation("规则巡查发现的暂缓处理", "（本系统建议）", "", "P")


class PatrolLevel(Choice):
    """How strongly the text behind a rule speaks, the strongest first."""

    MUST = "must", "应当"
    USUAL = "usual", "一般"
    LOCAL = "local", "本地要求"
    AHEAD = "ahead", "提前提醒"


class HitState(Choice):
    """Where a finding stands on a day. Only the patrol itself resolves one: when it no longer finds it."""

    OPEN = "open", "待处理"
    ASIDE = "aside", "暂缓"
    RESOLVED = "resolved", "已消除"


@dataclass(frozen=True)
class PatrolThresholds:
    """The numbers of the place: how many days a finding may be put off, how many characters a real reason has."""

    aside_days: int
    reason_characters: int


def state_of(
    *, resolved_on: datetime.date | None, dismissed_until: datetime.date | None, today: datetime.date
) -> HitState:
    """Return the state on a day; `dismissed_until` is the first day on which a finding counts again."""
    if resolved_on is not None:
        return HitState.RESOLVED
    aside = dismissed_until is not None and today < dismissed_until
    return HitState.ASIDE if aside else HitState.OPEN


def characters_of_substance(text: str) -> int:
    """Count the letters, digits and Chinese characters of a text: spaces and marks say nothing."""
    return sum(character.isalnum() for character in text)


def reason_finding(reason: str, level: PatrolLevel, thresholds: PatrolThresholds) -> Finding | None:
    """Refuse to put off what is 应当 with a word or two; everything else needs some reason."""
    given = characters_of_substance(reason)
    if not given:
        return Finding("no_reason", "请说明暂缓处理的原因。", PUT_OFF, "block")
    wanted = thresholds.reason_characters
    if level is PatrolLevel.MUST and given < wanted:
        message = f"“应当”办理的事项暂缓，须写明具体原因，不少于{wanted}个字（现有{given}个）。"
        return Finding("thin_reason", message, PUT_OFF, "block")
    return None


def until_finding(until: datetime.date, *, today: datetime.date, thresholds: PatrolThresholds) -> Finding | None:
    """Refuse a day that has come, and one so far off that the matter would be forgotten."""
    if until <= today:
        return Finding("until_past", "重新列出的日期须晚于今天。", PUT_OFF, "block")
    latest = today + datetime.timedelta(days=thresholds.aside_days)
    if until > latest:
        message = f"最长暂缓{thresholds.aside_days}天，重新列出的日期不能晚于{latest:%Y-%m-%d}。"
        return Finding("until_far", message, PUT_OFF, "block")
    return None
