"""Who may hold a Party post, and what has to be filed about it. Pure functions."""

from __future__ import annotations

import datetime
from typing import Final

from apps.branches.rules import BRANCH_KINDS, BRANCH_RULES, ELECTION_RULES, OrgKind
from apps.core.choices import Choice
from apps.core.periods import add_months
from apps.core.regulations import Citation, Finding

from ..kinds import PostRole

SECRETARY: Final = Citation(BRANCH_RULES, "第二十三条", "ZW-10")
ROLES: Final = Citation(BRANCH_RULES, "第二十条", "ZW-03", "V-sec")
APPROVAL: Final = Citation(BRANCH_RULES, "第二十一条", "ZW-06", "V-sec")
VACANCY: Final = Citation(BRANCH_RULES, "第二十一条", "ZW-07", "V-sec")
ELECTED: Final = Citation(ELECTION_RULES, "第五条", "XJ-04")
GROUP_LEADERS: Final = Citation(BRANCH_RULES, "第十三条", "HY-03")
TALENT: Final = Citation("党务工作者资质认证的做法", "（证书有效期）", "", "local")

SECRETARY_PARTY_AGE_YEARS: Final = 1  # ZW-10: 书记一般应当具有1年以上党龄
MAX_DEPUTIES: Final = 1  # ZW-03: 必要时可以设1名副书记

APPROVED_ROLES: Final = frozenset({PostRole.SECRETARY, PostRole.DEPUTY})
"""ZW-06: 书记、副书记 are approved by the organisation above, 委员 put on file with it."""


class CertificateState(Choice):
    """Where the certificate of a talent stands on a day."""

    NONE = "none", "没有证书"
    VALID = "valid", "有效"
    EXPIRING = "expiring", "即将到期"
    EXPIRED = "expired", "已过期"


def filing(role: PostRole) -> str:
    """批准, 备案, or nothing: what the organisation above does about somebody in this post. Source: ZW-06."""
    if role in APPROVED_ROLES:
        return "批准"
    return "" if role in (PostRole.GROUP_LEADER, PostRole.WORKER) else "备案"


def party_age_finding(role: PostRole, formal_on: datetime.date | None, *, since: datetime.date) -> Finding | None:
    """Question a secretary of less than a year of Party age, which runs from the 转正日期. Source: ZW-10, FZ-02."""
    if role is not PostRole.SECRETARY:
        return None
    if formal_on is not None and add_months(formal_on, 12 * SECRETARY_PARTY_AGE_YEARS) <= since:
        return None
    message = f"书记一般应有{SECRETARY_PARTY_AGE_YEARS}年以上党龄（自转正之日起算），请说明原因。"
    return Finding("young_secretary", message, SECRETARY, "ask")


def probationary_finding(role: PostRole, *, formal: bool) -> Finding | None:
    """Refuse an elected post to 预备党员, who cannot be elected. Source: 选举工作条例 第五条."""
    if formal or role is PostRole.WORKER:
        return None
    return Finding("cannot_be_elected", f"预备党员没有被选举权，不能担任{role.label}。", ELECTED, "block")


def place_finding(role: PostRole, kind: OrgKind) -> Finding | None:
    """Refuse a seat of a committee in a 党小组, which has only a 组长, and a 组长 above the branch. Source: HY-03."""
    if kind is OrgKind.GROUP:
        fits = role is PostRole.GROUP_LEADER
    else:
        fits = role is not PostRole.GROUP_LEADER or kind in BRANCH_KINDS
    return None if fits else Finding("wrong_place", f"{kind.label}不设{role.label}。", GROUP_LEADERS, "block")


def deputies_finding(deputies: int) -> Finding | None:
    """Question more deputy secretaries than one, counted with the new one. Source: ZW-03."""
    if deputies <= MAX_DEPUTIES:
        return None
    message = f"副书记{deputies}名，党支部必要时设{MAX_DEPUTIES}名，请说明原因。"
    return Finding("too_many_deputies", message, ROLES, "ask")


def document_finding(role: PostRole, document: str) -> Finding | None:
    """Remind of the paper that is still missing: 批准 for 书记、副书记. Source: ZW-06."""
    if document.strip() or role not in APPROVED_ROLES:
        return None
    return Finding("not_approved", f"{role.label}须报上级党组织批准，请补登批准文号。", APPROVAL, "warn")


def certificate_state(
    expires_on: datetime.date | None, certificate: str, *, on: datetime.date, notice_days: int
) -> CertificateState:
    """Return where a certificate stands; one without an expiry is valid for good."""
    if not certificate:
        return CertificateState.NONE
    if expires_on is None or on + datetime.timedelta(days=notice_days) < expires_on:
        return CertificateState.VALID
    return CertificateState.EXPIRING if on < expires_on else CertificateState.EXPIRED
