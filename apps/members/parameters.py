"""What the rules on members leave to the place."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare, filled

from .rules.mobile import DUAL_AGREEMENT, QUARTERLY_CONTACT, AgreementTerms

GROUP = "党员"
SINCE = datetime.date(2012, 1, 1)


def _number(name: str, label: str, default: int, unit: str, basis: object, confidence: str, maximum: int) -> str:
    """Declare a whole number of the place, at least 1."""
    spec = ParameterSpec(
        code=f"members.{name}", label=label, kind="int", default=default, unit=unit, source=str(basis), since=SINCE,
        confidence=confidence, group=GROUP, minimum=1, maximum=maximum,
    )  # fmt: skip
    return declare(spec).code


AGREEMENT_MONTHS = _number("agreement_months", "双重管理协议期限", 12, "个月", DUAL_AGREEMENT, "P", 60)
AGREEMENT_NOTICE = _number("agreement_notice_days", "双重管理协议到期前提醒", 30, "天", DUAL_AGREEMENT, "P", 180)
CONTACT_CHASE = _number("contact_chase_days", "季度联系逾期后继续提醒", 15, "天", QUARTERLY_CONTACT, "P", 90)


def agreement_terms(on: datetime.date, org_path: str = "") -> AgreementTerms:
    """How long an agreement holds and how early its expiry is told, at the node on the day. One query."""
    fields = {"agreement_months": AGREEMENT_MONTHS, "agreement_notice_days": AGREEMENT_NOTICE}
    return filled(AgreementTerms, fields, on=on, org_path=org_path)
