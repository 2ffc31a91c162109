"""What the rules on Party organisations leave to the place."""

from __future__ import annotations

import datetime

from apps.core.parameters import ParameterSpec, declare, filled

from .rules import ELECTION_RULES, BranchThresholds

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


def thresholds(*, on: datetime.date, org_path: str = "") -> BranchThresholds:
    """Read the numbers that were in force on a day at a node."""
    fields = {
        "general_branch_members": GENERAL_BRANCH_MEMBERS.code,
        "committee_members": COMMITTEE_MEMBERS.code,
        "candidate_margin_percent": CANDIDATE_MARGIN.code,
        "election_request_months": ELECTION_REQUEST.code,
    }
    return filled(BranchThresholds, fields, on=on, org_path=org_path)
