"""What the rules on Party organisations leave to the place."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare, filled

from .rules import ELECTION_RULES, BranchThresholds
from .rules.voting import ElectionThresholds, VoteBase

GROUP = "党组织设置与换届"
SINCE = datetime.date(2020, 7, 13)

GENERAL_BRANCH_MEMBERS = declare(
    ParameterSpec(
        "branches.general_branch_members", "建议设立党总支的正式党员人数", "int", 50, "人",
        f"《{ELECTION_RULES}》未定人数，各地规定和惯例为50人以上设党总支；不足的经批准也可设立", SINCE, "local",
        group=GROUP, minimum=3, maximum=1000,
    )
)  # fmt: skip
COMMITTEE_MEMBERS = declare(
    ParameterSpec(
        "branches.committee_members", "建议设立党委的正式党员人数", "int", 100, "人",
        "各地规定和惯例为100人以上设党委；不足的经批准也可设立", SINCE, "local",
        group=GROUP, minimum=3, maximum=5000,
    )
)  # fmt: skip
CANDIDATE_MARGIN = declare(
    ParameterSpec(
        "branches.candidate_margin_percent", "委员候选人差额比例", "int", 20, "%",
        f"《{ELECTION_RULES}》：委员候选人多于应选人数的20%（条文待核）", SINCE, "K",
        group=GROUP, minimum=0, maximum=100,
    )
)  # fmt: skip
ELECTION_REQUEST = declare(
    ParameterSpec(
        "branches.election_request_months", "换届请示提前时间", "int", 1, "个月",
        "换届选举前约1个月向上级请示（通行做法）", SINCE, "local",
        group=GROUP, minimum=0, maximum=12,
    )
)  # fmt: skip
ELECTION_EARLY = declare(
    ParameterSpec(
        "branches.election_early_months", "届满前多久选举算按期换届", "int", 3, "个月",
        "平台建议：届满前3个月内选举的视为按期，更早的为提前换届，须经上级批准", SINCE, "P",
        group=GROUP, minimum=0, maximum=12,
    )
)  # fmt: skip
ELECTION_QUORUM = declare(
    ParameterSpec(
        "branches.election_quorum_percent", "选举到会人数比例", "int", 80, "%",
        f"《{ELECTION_RULES}》：到会人数不少于应到会人数的五分之四（条文待核，旧规定为超过）", SINCE, "K",
        group=GROUP, minimum=50, maximum=100,
    )
)  # fmt: skip
COMMITTEE_VOTE = declare(
    ParameterSpec(
        "branches.committee_vote_base", "支部委员会表决过半数的计算基数", "choice", VoteBase.EXPECTED.value, "",
        "支部工作条例第十二条未写明基数，平台建议按应到会委员计算", SINCE, "P",
        group=GROUP, choices=tuple(VoteBase.choices()),
    )
)  # fmt: skip
TERM_SECOND_NOTICE = declare(
    ParameterSpec(
        "branches.term_second_notice_months", "换届第二次提醒", "int", 3, "个月",
        "平台建议：届满前6个月第一次提醒之后，届满前3个月再提醒一次", SINCE, "P",
        group=GROUP, minimum=1, maximum=5,
    )
)  # fmt: skip


def thresholds(*, on: datetime.date, org_path: str = "") -> BranchThresholds:
    """Read the numbers on size that were in force on a day at a node."""
    fields = {"general_branch_members": GENERAL_BRANCH_MEMBERS.code, "committee_members": COMMITTEE_MEMBERS.code}
    return filled(BranchThresholds, fields, on=on, org_path=org_path)


def election_thresholds(*, on: datetime.date, org_path: str = "") -> ElectionThresholds:
    """Read what held for votes and elections on a day at a node."""
    fields = {
        "candidate_margin_percent": CANDIDATE_MARGIN.code,
        "request_months": ELECTION_REQUEST.code,
        "early_months": ELECTION_EARLY.code,
        "quorum_percent": ELECTION_QUORUM.code,
        "committee_vote_base": COMMITTEE_VOTE.code,
    }
    return filled(ElectionThresholds, fields, on=on, org_path=org_path)
