"""What the apps below the reminders remind of: 换届, to the organisation itself and to the level above (ZW-08)."""

from __future__ import annotations

from apps.branches.due_terms import terms_due
from apps.branches.rules import TERM_NOTICE
from apps.core.permissions import AUTHORITY_OFFICER, BRANCH_CLERK, BRANCH_SECRETARY, PARK_OFFICER

from .registry import ReminderRule, register
from .rules import Cadence

MONTHLY = Cadence(days_ahead=(), overdue_every=30)
"""The notices ahead are steps of the SQL; a term that is over is told of once a month."""

_NAMED = "'「' || coalesce(nullif(o.short_name, ''), o.name) || '」第' || t.number || '届任期'"

register(ReminderRule(
    "branches.term", "换届（党组织）",
    terms_due(f"{_NAMED} || CASE WHEN t.expires_on <= %(today)s THEN '已满，请报上级研究换届' ELSE '将满，请筹备换届' END"),
    (BRANCH_SECRETARY, BRANCH_CLERK), TERM_NOTICE, MONTHLY,
))  # fmt: skip
register(ReminderRule(
    "branches.term_above", "换届（上级）",
    terms_due(f"{_NAMED} || CASE WHEN t.expires_on <= %(today)s THEN '已满未换届，请督促' ELSE '将满，请提醒做好换届' END"),
    (PARK_OFFICER, AUTHORITY_OFFICER), TERM_NOTICE, MONTHLY,
))  # fmt: skip
