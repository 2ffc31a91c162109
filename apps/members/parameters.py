"""What the rules on members leave to the place."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare, filled, value

from .rules.membership import PROBATION
from .rules.mobile import DUAL_AGREEMENT, QUARTERLY_CONTACT, AgreementTerms
from .rules.posts import TALENT, VACANCY
from .rules.transfers import APPROVAL_DELAY, LETTER, TRANSFER, WITHIN, TransferThresholds

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
LETTER_DAYS = _number("letter_days", "组织关系介绍信默认有效期", 30, "天", LETTER, "V-sec", 90)
LETTER_SOON = _number("letter_soon_days", "介绍信到期前提醒", 7, "天", LETTER, "P", 30)
TRANSFER_APPROVAL = _number("transfer_approval_days", "组织关系转接待批提醒", 3, "天", APPROVAL_DELAY, "P", 30)
TRANSFER_ACCEPT = _number("transfer_accept_days", "同一党委内转接的接收期限", 30, "天", WITHIN, "P", 180)
CERTIFICATE_NOTICE = _number("certificate_notice_days", "资质证书到期前提醒", 60, "天", TALENT, "P", 365)
VACANCY_DAYS = _number("vacancy_days", "书记空缺多久后提醒", 30, "天", VACANCY, "P", 365)
PROBATION_NOTICE = _number("probation_notice_days", "预备期届满前提示", 30, "天", PROBATION, "P", 180)
DEPARTURE_MONTHS = _number("departure_months", "离职党员落实去向的期限", 6, "个月", TRANSFER, "P", 24)


def agreement_terms(on: datetime.date, org_path: str = "") -> AgreementTerms:
    """How long an agreement holds and how early its expiry is told, at the node on the day. One query."""
    fields = {"agreement_months": AGREEMENT_MONTHS, "agreement_notice_days": AGREEMENT_NOTICE}
    return filled(AgreementTerms, fields, on=on, org_path=org_path)


def transfer_terms(on: datetime.date, org_path: str = "") -> TransferThresholds:
    """The numbers about transfers and departures at the node on the day. One query."""
    fields = {
        "letter_days": LETTER_DAYS, "letter_soon_days": LETTER_SOON, "transfer_approval_days": TRANSFER_APPROVAL,
        "transfer_accept_days": TRANSFER_ACCEPT, "departure_months": DEPARTURE_MONTHS,
    }  # fmt: skip
    return filled(TransferThresholds, fields, on=on, org_path=org_path)


def certificate_notice(on: datetime.date) -> int:
    """How many days before its expiry a certificate counts as running out."""
    return int(value(CERTIFICATE_NOTICE, on=on))


def vacancy_days(on: datetime.date) -> int:
    """For how many days an organisation may be without a secretary before it is reminded."""
    return int(value(VACANCY_DAYS, on=on))


def probation_notice(on: datetime.date) -> int:
    """How many days before its end a probation is told of."""
    return int(value(PROBATION_NOTICE, on=on))
