"""The numbers about enterprises that are local or unconfirmed: rows with an effective date, never constants."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare, filled, value
from apps.core.periods import Period

from .rules import (
    ARRIVAL_VISIT,
    INSTRUCTOR_LOAD,
    INSTRUCTOR_TERM,
    INSTRUCTOR_VISITS,
    STAFF_FOCUS,
    THREE_HAVE,
    EnterpriseThresholds,
)

GROUP = "企业与指导员"
SINCE = datetime.date(2012, 1, 1)


def _number(
    name: str, label: str, default: int, unit: str, basis: object, confidence: str, maximum: int = 10_000
) -> str:
    spec = ParameterSpec(
        code=f"enterprises.{name}", label=label, kind="int", default=default, unit=unit, source=str(basis),
        since=SINCE, confidence=confidence, group=GROUP, minimum=0, maximum=maximum,
    )  # fmt: skip
    return declare(spec).code


THREE_HAVE_STAFF = _number("three_have_staff", "“三有”企业职工人数下限", 10, "人", THREE_HAVE, "V-sec")
ATTENTION_STAFF = _number("attention_staff", "应有党员的企业职工人数", 50, "人", STAFF_FOCUS, "K")
FOCUS_STAFF = _number("focus_staff", "应单独组建的企业职工人数", 100, "人", STAFF_FOCUS, "K")
LOAD = _number("instructor_load", "指导员联系企业数上限", 3, "家", INSTRUCTOR_LOAD, "local", 1000)
VISITS = _number("instructor_visits_per_quarter", "指导员每季度走访次数下限", 1, "次", INSTRUCTOR_VISITS, "local", 100)
QUIET = _number("instructor_quiet_days", "季度开始后多少天起巡查指导员走访", 30, "天", INSTRUCTOR_VISITS, "P", 90)
TERM = _number("instructor_term_years", "指导员任期", 2, "年", INSTRUCTOR_TERM, "local", 50)
ONSITE = _number("instructor_onsite_days", "指导员每月驻企天数下限", 10, "天", INSTRUCTOR_VISITS, "local", 31)
CHASE = _number("arrival_visit_chase_months", "入驻走访逾期后继续提醒", 3, "个月", ARRIVAL_VISIT, "P", 12)

CODES = (THREE_HAVE_STAFF, ATTENTION_STAFF, FOCUS_STAFF, LOAD, VISITS, TERM, ONSITE)


def arrivals_since(on: datetime.date) -> datetime.date:
    """The first arrival that is still asked about: older ones came before anybody kept this book."""
    return Period.month_of(on).shift(-int(value(CHASE, on=on))).start


def thresholds(on: datetime.date, org_path: str = "") -> EnterpriseThresholds:
    """The local numbers in force on `on` at the node. One query."""
    fields = {code.removeprefix("enterprises."): code for code in CODES}
    return filled(EnterpriseThresholds, fields, on=on, org_path=org_path)
