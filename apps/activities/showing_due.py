"""How duties look as lines to be done: what, by when, why, and the one button."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.panels import TodoItem

from .compliance.cells import Duty
from .kinds import Rhythm

PERIODS: Final = {Rhythm.MONTH.value: "本月", Rhythm.QUARTER.value: "本季度", Rhythm.YEAR.value: "本年度"}


def members_url(org: PartyOrg) -> str:
    return f"/activities/due/members/?org={org.code}"


def _button(duty: Duty) -> tuple[str, str]:
    """What the button says and where it leads: the form of a new record, with kind, branch and day filled in."""
    if duty.of_members:
        return "看名单", members_url(duty.org)
    if duty.is_over:
        return "补记", f"{duty.url}&on={duty.period.last_day}"
    if duty.kind.code == "theme_day" and duty.due_on > duty.today:
        return "安排", f"{duty.url}&on={duty.due_on}"
    return "记一次", duty.url


def as_item(duty: Duty, org: PartyOrg) -> TodoItem:
    """A duty that is not met as something to do, on whatever page; `org` is the organisation of the page."""
    label, url = _button(duty)
    when = duty.period.label if duty.is_over else PERIODS[duty.period.kind]
    unit = "名" if duty.of_members else "次"
    whose = "" if duty.org.pk == org.pk else f"「{duty.org}」"
    return TodoItem(f"{whose}{duty.kind}：{when}还差 {duty.lacking} {unit}", duty.reason, url, label, duty.due_on)


def progress(duties: Sequence[Duty]) -> list[dict[str, Any]]:
    """For month, quarter and year: how many of the duties are met."""
    found = []
    for rhythm, label in PERIODS.items():
        own = [duty for duty in duties if duty.period.kind == rhythm]
        if own:
            met = sum(duty.is_met for duty in own)
            hint = f"{own[0].period.label}，{'都已完成' if met == len(own) else f'还差 {len(own) - met} 项'}"
            found.append(
                {
                    "label": label,
                    "value": f"{met} / {len(own)}",
                    "hint": hint,
                    "url": f"#{rhythm}" if met < len(own) else "",
                }
            )
    return found
