"""What the patrol looks for in the number of members: of branches by their rosters, of enterprises by roster or census.

Report SQL: sees every row, since what is found does not depend on who looks.
"""

from __future__ import annotations

import datetime

from apps.branches.parameters import COMMITTEE_MEMBERS, GENERAL_BRANCH_MEMBERS
from apps.branches.rules import (
    BRANCH_SIZE,
    JOINT_BRANCH,
    MIN_FORMAL_MEMBERS,
    SETUP,
    UPGRADE,
    USUAL_MAX_MEMBERS,
    OrgKind,
)
from apps.core.parameters import sql_value
from apps.core.sql import Sql
from apps.enterprises.kinds import Form
from apps.enterprises.rules import LEAVING
from apps.patrol.registry import PatrolRule, register
from apps.patrol.rules import PatrolLevel

from ..headcounts import enterprise_headcounts
from ..secretaries import LIVING
from .counts import BRANCHES, HEADS, ORG

# More members than a branch usually has.
TOO_LARGE = f"""
SELECT {ORG}, '党员' || h.members || '人' AS value, '一般不超过{USUAL_MAX_MEMBERS}人' AS "limit"
FROM ({HEADS}) h JOIN branches_partyorg o ON o.id = h.org_id
WHERE {BRANCHES} AND h.members > {USUAL_MAX_MEMBERS}
"""  # noqa: S608 - pieces of this module

# A branch that keeps a roster, or has kept one, with fewer full members than it takes to be one.
TOO_SMALL = f"""
SELECT {ORG}, '正式党员' || coalesce(h.formal, 0) || '人，党员' || coalesce(h.members, 0) || '人' AS value,
       '正式党员不少于{MIN_FORMAL_MEMBERS}人' AS "limit"
FROM branches_partyorg o LEFT JOIN ({HEADS}) h ON h.org_id = o.id
WHERE {BRANCHES} AND coalesce(h.formal, 0) < {MIN_FORMAL_MEMBERS}
  AND (h.org_id IS NOT NULL OR EXISTS (SELECT FROM members_membership s WHERE s.org_id = o.id))
"""  # noqa: S608 - pieces of this module

_GENERAL_BRANCH = OrgKind.GENERAL_BRANCH.value
_NUMBERS = f"""CROSS JOIN LATERAL (SELECT {sql_value(GENERAL_BRANCH_MEMBERS.code, org_path="o.path")} AS general_branch,
                           {sql_value(COMMITTEE_MEMBERS.code, org_path="o.path")} AS committee) n"""

TO_GENERAL_BRANCH = f"""
SELECT {ORG}, '正式党员' || h.formal || '人' AS value, n.general_branch || '人以上可设党总支' AS "limit"
FROM ({HEADS}) h JOIN branches_partyorg o ON o.id = h.org_id
{_NUMBERS}
WHERE {BRANCHES} AND h.formal >= n.general_branch AND h.formal < n.committee
"""  # noqa: S608 - pieces of this module

# A branch by its own roster, a 总支 by the rosters of its branches.
TO_COMMITTEE = f"""
WITH heads AS MATERIALIZED ({HEADS}),
sized AS (
    SELECT h.org_id, h.formal FROM heads h
    UNION ALL
    SELECT g.id, sum(h.formal) FROM heads h JOIN branches_partyorg b ON b.id = h.org_id
    CROSS JOIN LATERAL generate_series(4, length(b.path) - 4, 4) AS cut
    JOIN branches_partyorg g ON g.path = left(b.path, cut) AND g.kind = '{_GENERAL_BRANCH}' GROUP BY g.id
)
SELECT {ORG}, '正式党员' || h.formal || '人' AS value, n.committee || '人以上可设党委' AS "limit"
FROM sized h JOIN branches_partyorg o ON o.id = h.org_id
{_NUMBERS}
WHERE (({BRANCHES}) OR (o.kind = '{_GENERAL_BRANCH}' AND {LIVING})) AND h.formal >= n.committee
"""  # noqa: S608 - pieces of this module

_LEFT = ", ".join(f"'{status.value}'" for status in sorted(LEAVING))


def _in_force(row: str) -> str:
    return f"{row}.since <= %(today)s AND ({row}.until IS NULL OR {row}.until > %(today)s)"


def _covered(form: Form, enterprise: str) -> str:
    return f"""SELECT s.enterprise_id FROM enterprises_establishment s
               WHERE s.enterprise_id = {enterprise} AND s.form = '{form.value}' AND {_in_force("s")}"""  # noqa: S608 - pieces of this module


_ALONE = _covered(Form.SINGLE, "e.id")


def _counted(within: str) -> str:
    """The enterprises in the park with their 正式党员 (k): as a roster tells, else as the census does.

    `within` selects ids: nobody else's members are counted. What is asked of the rosters takes its day as `today`.
    """
    rosters = enterprise_headcounts(datetime.date.min, Sql(within)).text.replace("%s", "%(today)s")
    return f"""
FROM enterprises_enterprise e
JOIN enterprises_condition c ON c.enterprise_id = e.id AND {_in_force("c")} AND c.status NOT IN ({_LEFT})
LEFT JOIN ({rosters}) r ON r.enterprise_id = e.id
CROSS JOIN LATERAL (SELECT coalesce(r.formal, c.formal_members) AS formal,
                           CASE WHEN r.enterprise_id IS NULL THEN '摸底' ELSE '名册' END AS source) k
"""


_ENTERPRISE = """'enterprises.enterprise' AS subject_type, e.id AS subject_id, e.org_path, e.name AS title,
       '/enterprises/' || e.id || '/' AS url"""

# 应建未建: enough 正式党员 and no organisation of its own, whatever else covers it.
SHOULD_BUILD = f"""
SELECT {_ENTERPRISE}, '正式党员' || k.formal || '人（' || k.source || '），未单独组建' AS value,
       '{MIN_FORMAL_MEMBERS}人以上应当成立党支部' AS "limit"
{_counted(f"SELECT e.id FROM enterprises_enterprise e WHERE NOT EXISTS ({_ALONE})")}
WHERE k.formal >= {MIN_FORMAL_MEMBERS} AND NOT EXISTS ({_ALONE})
"""  # noqa: S608 - pieces of this module

# A member firm of a joint branch that has grown: the joint branch has done its work as 孵化器.
OUTGROWN = f"""
SELECT {_ENTERPRISE},
       '正式党员' || k.formal || '人（' || k.source || '），由“' || j.name || '”联合组建' AS value,
       '{MIN_FORMAL_MEMBERS}人以上应单独组建' AS "limit"
{_counted(f"SELECT f.enterprise_id FROM enterprises_establishment f WHERE f.form = '{Form.JOINT.value}' AND {_in_force('f')}")}
JOIN LATERAL (
    SELECT coalesce(nullif(o.short_name, ''), o.name) AS name
    FROM enterprises_establishment s JOIN branches_partyorg o ON o.id = s.org_id
    WHERE s.enterprise_id = e.id AND s.form = '{Form.JOINT.value}' AND {_in_force("s")}
    ORDER BY s.since DESC, s.id DESC LIMIT 1
) j ON true
WHERE k.formal >= {MIN_FORMAL_MEMBERS} AND NOT EXISTS ({_ALONE})
"""  # noqa: S608 - pieces of this module

register(PatrolRule(
    "members.branch_too_large", "党支部党员过多", TOO_LARGE, BRANCH_SIZE, PatrolLevel.USUAL,
    "按部门或区域划分党小组，或报上级研究分设支部；确需保留的写明原因暂缓。",
))  # fmt: skip
register(PatrolRule(
    "members.branch_too_small", "正式党员不足3人的党支部", TOO_SMALL, JOINT_BRANCH, PatrolLevel.MUST,
    "与邻近或同行业的单位联合组建，或转入、发展党员；人数不对的先更新名册。",
))  # fmt: skip
register(PatrolRule(
    "members.should_be_general_branch", "应升党总支", TO_GENERAL_BRANCH, UPGRADE, PatrolLevel.LOCAL,
    "报上级党组织研究设立党总支，用“组织调整”办理升格。",
))  # fmt: skip
register(PatrolRule(
    "members.should_be_committee", "应升党委", TO_COMMITTEE, UPGRADE, PatrolLevel.LOCAL,
    "报上级党组织研究设立党委，用“组织调整”办理升格。",
))  # fmt: skip
register(PatrolRule(
    "enterprises.should_build", "应建未建", SHOULD_BUILD, SETUP, PatrolLevel.MUST,
    "指导企业申请单独成立党支部，批复后登记组建；人数不对的先更新名册或企业情况。",
))  # fmt: skip
register(PatrolRule(
    "enterprises.outgrown_joint", "联合成员已达单建条件", OUTGROWN, SETUP, PatrolLevel.MUST,
    "从联合党支部中分出，单独成立党支部；原联合组建同日终止。",
))  # fmt: skip
