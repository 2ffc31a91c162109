"""Members whose work and relation are in different places: 流动党员, 双重管理, 季度联系, 失联. Pure functions.

What the published texts fix is a constant beside its Citation; how long an agreement holds and how early its expiry
is told are the place's own (`AgreementTerms`). Findings only speak or ask: nobody loses anything by a date alone.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Final

from apps.core.choices import Choice
from apps.core.periods import add_months
from apps.core.regulations import Citation, Finding

from ..kinds import LostStage, MobileReason, Standing

MOBILE_OPINION: Final = "关于流动党员教育管理工作的意见（2024年）"
EDUCATION_RULES: Final = "中国共产党党员教育管理工作条例"
PARK_MEMBERS: Final = "园区党员分类管理的做法"

MOBILE: Final = Citation(MOBILE_OPINION, "（流动党员的范围）", "LD-01", "V-sec")
DOUBLE_REGISTRATION: Final = Citation(MOBILE_OPINION, "（流出地和流入地登记）", "LD-02", "V-sec")
SHOULD_TRANSFER: Final = Citation(MOBILE_OPINION, "（应转尽转）", "LD-03", "V-sec")
DAILY_CONTACT: Final = Citation(EDUCATION_RULES, "（流动党员管理）", "LD-04")
GRADUATES: Final = Citation(EDUCATION_RULES, "（毕业生组织关系保留）", "LD-07")
LEFT_ABROAD: Final = Citation(EDUCATION_RULES, "第二十四条", "DJ-02")
LOST: Final = Citation(EDUCATION_RULES, "第二十四条", "DJ-03")
LONG_LOST: Final = Citation(EDUCATION_RULES, "第二十四条", "DJ-04")
RESTORED: Final = Citation(EDUCATION_RULES, "第二十四条", "DJ-05")
QUARTERLY_CONTACT: Final = Citation(PARK_MEMBERS, "（指定专人每季度联系）", "", "local")
DUAL_AGREEMENT: Final = Citation(PARK_MEMBERS, "（双重管理协议）", "", "local")
FOUR_MODES: Final = Citation(PARK_MEMBERS, "（四种管理模式）", "", "local")
HIDDEN_MEMBERS: Final = Citation("“隐形党员”“口袋党员”排查", "（组织找党员、党员找组织）", "", "local")

MIN_MOBILE_MONTHS: Final = 6  # LD-01: 连续6个月以上无法正常参加组织生活
ABROAD_YEARS: Final = 5  # DJ-02: 出国（境）超过5年仍未返回
GRADUATE_YEARS: Final = 2  # LD-07: 毕业生组织关系一般保留不超过2年
LOST_MONTHS: Final = 6  # DJ-03: 失去联系6个月以上
REMOVAL_YEARS: Final = 2  # DJ-04: 停止党籍2年后仍然失去联系


class Lack(Choice):
    """What the management of a person still lacks on a day."""

    PHONE = "phone", "缺联系电话"
    ID_NUMBER = "id_number", "缺身份证号"
    GROUP = "group", "未编入党小组"
    EMPLOYER = "employer", "缺所在企业"
    AGREEMENT = "agreement", "没有有效协议"
    EXPIRING = "expiring", "协议即将到期"
    REPORT = "report", "未报到"
    CONTACT_PERSON = "contact_person", "没有联系人"
    CONTACT = "contact", "本季未联系"
    PLACEMENT = "placement", "去向未落实"


class AgreementState(Choice):
    """Where an agreement stands on a day."""

    COMING = "coming", "未生效"
    IN_FORCE = "in_force", "有效"
    EXPIRING = "expiring", "即将到期"
    EXPIRED = "expired", "已到期"
    ENDED = "ended", "提前终止"


@dataclass(frozen=True)
class AgreementTerms:
    """The place's own numbers: for how many months an agreement holds, how many days ahead its expiry is told."""

    agreement_months: int
    agreement_notice_days: int


def usual_until(since: datetime.date, terms: AgreementTerms) -> datetime.date:
    """The first day on which an agreement of the usual length no longer holds."""
    return add_months(since, terms.agreement_months)


def agreement_state(
    *, since: datetime.date, until: datetime.date, ended_early: bool, on: datetime.date, terms: AgreementTerms
) -> AgreementState:
    """The state on a day; it is 即将到期 from the notice on, up to the last day on which it holds."""
    if on < since:
        return AgreementState.COMING
    if until <= on:
        return AgreementState.ENDED if ended_early else AgreementState.EXPIRED
    soon = on >= until - datetime.timedelta(days=terms.agreement_notice_days)
    return AgreementState.EXPIRING if soon else AgreementState.IN_FORCE


def short_stay_finding(since: datetime.date, expected_return_on: datetime.date | None) -> Finding | None:
    """Ask why somebody who means to be back within six months is registered as 流动党员."""
    if expected_return_on is None or expected_return_on >= add_months(since, MIN_MOBILE_MONTHS):
        return None
    message = f"流动党员指连续{MIN_MOBILE_MONTHS}个月以上不能正常参加所在支部组织生活的党员，预计返回日期不足{MIN_MOBILE_MONTHS}个月。"
    return Finding("short_stay", message, MOBILE, "ask")


def long_absence_finding(reason: MobileReason, since: datetime.date, on: datetime.date) -> Finding | None:
    """Tell of an absence that the rules limit: abroad for years, or graduated long ago. What follows, people decide."""
    if reason is MobileReason.ABROAD and on > add_months(since, 12 * ABROAD_YEARS):
        message = f"出国（境）已超过{ABROAD_YEARS}年，请核实是否仍未返回，并按规定研究党籍。"
        return Finding("long_abroad", message, LEFT_ABROAD)
    if reason is MobileReason.GRADUATED and on > add_months(since, 12 * GRADUATE_YEARS):
        message = f"毕业生组织关系一般保留不超过{GRADUATE_YEARS}年，请督促转出组织关系。"
        return Finding("long_graduated", message, GRADUATES)
    return None


def suspension_due_on(lost_since: datetime.date) -> datetime.date:
    """The day from which 停止党籍 has to be studied for somebody lost since a day."""
    return add_months(lost_since, LOST_MONTHS)


def removal_due_on(suspended_on: datetime.date) -> datetime.date:
    """The day from which 自行脱党除名 has to be studied for somebody whose 党籍 was suspended on a day."""
    return add_months(suspended_on, 12 * REMOVAL_YEARS)


def lost_stage(
    *, lost_since: datetime.date, standing: Standing, suspended_on: datetime.date | None, on: datetime.date
) -> LostStage:
    """What has to be studied about somebody who is lost. A suspended member waits for the two years."""
    if standing is Standing.SUSPENDED:
        due = suspended_on is not None and on >= removal_due_on(suspended_on)
        return LostStage.REMOVAL_DUE if due else LostStage.SEARCHING
    return LostStage.SUSPENSION_DUE if on >= suspension_due_on(lost_since) else LostStage.SEARCHING
