"""What members do for the enterprise: the steps of a promise and of a suggestion, and what is counted of them.

No regulation asks for posts, promises or suggestions; all of it is practice of the parks (创先争优, 双强六好).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from apps.core.regulations import Citation

from ..kinds import PledgeState, SuggestionState

POSTS: Final = Citation("本地惯例：党员责任区、先锋岗、评比台、攻坚队、技术革新、互助队登记造册", "", "", "local")
PLEDGES: Final = Citation("本地惯例：党员公开承诺、践诺，由党支部验收", "", "", "local")
SUGGESTIONS: Final = Citation("本地惯例：党员为企业提合理化建议", "", "", "local")

PLEDGE_STEPS: Final[Mapping[PledgeState, tuple[PledgeState, ...]]] = {
    PledgeState.PROMISED: (PledgeState.KEEPING, PledgeState.VERIFIED, PledgeState.UNKEPT),
    PledgeState.KEEPING: (PledgeState.KEEPING, PledgeState.VERIFIED, PledgeState.UNKEPT),
    PledgeState.VERIFIED: (),
    PledgeState.UNKEPT: (),
}
"""Where a promise may go from each state; the verdict stands until it is withdrawn with a reason."""

SUGGESTION_STEPS: Final[Mapping[SuggestionState, tuple[SuggestionState, ...]]] = {
    SuggestionState.PROPOSED: (SuggestionState.ADOPTED, SuggestionState.DECLINED),
    SuggestionState.ADOPTED: (SuggestionState.EFFECTIVE,),
    SuggestionState.EFFECTIVE: (SuggestionState.EFFECTIVE,),
    SuggestionState.DECLINED: (SuggestionState.ADOPTED,),
}
"""Where a suggestion may go: what was declined may be taken up later, an effect may be told again as it grows."""

OPEN_PLEDGES: Final = (PledgeState.PROMISED, PledgeState.KEEPING)
TAKEN_UP: Final = (SuggestionState.ADOPTED, SuggestionState.EFFECTIVE)


def may_follow(state: PledgeState, target: PledgeState) -> bool:
    """Whether a promise may go from one state to the other."""
    return target in PLEDGE_STEPS[state]


def may_become(state: SuggestionState, target: SuggestionState) -> bool:
    """Whether a suggestion may go from one state to the other."""
    return target in SUGGESTION_STEPS[state]


def is_same_person(name: str, phone: str, other_name: str, other_phone: str) -> bool:
    """Whether an account and a member are taken for one person.

    Accounts are not tied to the roster, so the name decides; two of one name are told apart by their phones, where
    both are known. In doubt they are one: nobody verifies the own promise.
    """
    if name.strip() != other_name.strip():
        return False
    return not (phone and other_phone) or phone == other_phone


def adoption_rate(proposed: int, adopted: int) -> Decimal | None:
    """采纳率: adopted (with or without an effect yet) ÷ proposed; None where nothing was proposed."""
    return Decimal(adopted) / Decimal(proposed) if proposed else None
