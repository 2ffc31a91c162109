"""What the patrol looks for among posts, and whose probation has ended.

Report SQL: sees every row, since what is found does not depend on who looks.
"""

from __future__ import annotations

from apps.branches.rules import (
    COMMITTEE,
    COMMITTEE_MIN_FORMAL_MEMBERS,
    COMMITTEE_MIN_SEATS,
    COMMITTEE_SIZE,
    COMMITTEE_USUAL_MAX_SEATS,
)
from apps.patrol.registry import PatrolRule, register
from apps.patrol.rules import PatrolLevel

from ..kinds import PostRole, Relation
from ..permissions import VIEW
from ..rules.membership import PROBATION, PROBATION_MONTHS
from ..rules.posts import SECRETARY, SECRETARY_PARTY_AGE_YEARS, VACANCY
from ..secretaries import VACANT as WITHOUT_SECRETARY
from .counts import BRANCHES, HEADS, ORG, SEATS

# Nobody is registered as 书记 of an organisation that elects one.
VACANT = f"""
SELECT 'branches.partyorg' AS subject_type, v.id AS subject_id, v.path AS org_path, v.name AS title,
       '/orgs/' || v.id || '/#posts' AS url,
       CASE WHEN v.vacant_since IS NULL THEN '没有登记现任书记'
            ELSE to_char(v.vacant_since, 'YYYY-MM-DD') || '起书记空缺，已' || (%(today)s - v.vacant_since) || '天' END AS value,
       '应有书记1名，空缺及时补选' AS "limit"
FROM ({WITHOUT_SECRETARY}) v
"""  # noqa: S608 - pieces of this module

# A secretary of the roster who is no 正式党员 yet, or for less than the rule asks.
YOUNG = f"""
SELECT 'members.post' AS subject_type, p.id AS subject_id, p.org_path,
       m.name || '（' || coalesce(nullif(o.short_name, ''), o.name) || '书记）' AS title,
       '/posts/' || p.id || '/' AS url,
       CASE WHEN m.formal_on IS NULL OR m.formal_on > %(today)s THEN '预备党员'
            ELSE to_char(m.formal_on, 'YYYY-MM-DD') || '转正，党龄不足{SECRETARY_PARTY_AGE_YEARS}年' END AS value,
       '一般应有{SECRETARY_PARTY_AGE_YEARS}年以上党龄' AS "limit"
FROM members_post p JOIN members_member m ON m.id = p.member_id JOIN branches_partyorg o ON o.id = p.org_id
WHERE p.role = '{PostRole.SECRETARY.value}' AND p.since <= %(today)s AND (p.until IS NULL OR p.until > %(today)s)
  AND (m.formal_on IS NULL OR m.formal_on + interval '{SECRETARY_PARTY_AGE_YEARS} years' > %(today)s)
"""  # noqa: S608 - pieces of this module

NO_COMMITTEE = f"""
SELECT {ORG}, '正式党员' || h.formal || '人，没有登记支委会' AS value,
       '{COMMITTEE_MIN_FORMAL_MEMBERS}人以上应设支部委员会' AS "limit"
FROM ({HEADS}) h JOIN branches_partyorg o ON o.id = h.org_id LEFT JOIN ({SEATS}) s ON s.org_id = h.org_id
WHERE {BRANCHES} AND h.formal >= {COMMITTEE_MIN_FORMAL_MEMBERS} AND s.org_id IS NULL
"""  # noqa: S608 - pieces of this module

COMMITTEE_SIZES = f"""
SELECT {ORG},
       '支部委员会' || s.seats || '人（' || CASE WHEN s.by_name THEN '按登记的任职' ELSE '按本届届期' END || '）' AS value,
       CASE WHEN s.seats < {COMMITTEE_MIN_SEATS} THEN '不少于{COMMITTEE_MIN_SEATS}人'
            ELSE '一般不超过{COMMITTEE_USUAL_MAX_SEATS}人' END AS "limit"
FROM ({SEATS}) s JOIN branches_partyorg o ON o.id = s.org_id
WHERE {BRANCHES} AND NOT s.seats BETWEEN {COMMITTEE_MIN_SEATS} AND {COMMITTEE_USUAL_MAX_SEATS}
"""  # noqa: S608 - pieces of this module

_PROBATION_END = f"coalesce(m.probation_until, (m.joined_on + interval '{PROBATION_MONTHS} months')::date)"

# The year of probation is over and nothing has been noted: neither 转正, nor an extension, nor a cancellation.
PROBATION_OVER = f"""
SELECT 'members.member' AS subject_type, w.id AS subject_id, w.org_path, w.name AS title,
       '/members/' || w.id || '/' AS url,
       '预备期' || to_char(w.ended_on, 'YYYY-MM-DD') || '届满，已' || (%(today)s - w.ended_on) || '天未登记结果' AS value,
       '预备期{PROBATION_MONTHS}个月，届满及时讨论' AS "limit"
FROM (
    SELECT m.id, m.org_path, m.name, {_PROBATION_END} AS ended_on FROM members_member m
    WHERE m.relation = '{Relation.HERE.value}' AND m.formal_on IS NULL AND m.joined_on IS NOT NULL
) w WHERE w.ended_on <= %(today)s
"""  # noqa: S608 - pieces of this module

register(PatrolRule(
    "members.secretary_vacant", "书记空缺", VACANT, VACANCY, PatrolLevel.MUST,
    "及时补选，必要时上级可以指派；已有书记的，登记任职。",
))  # fmt: skip
register(PatrolRule(
    "members.young_secretary", "书记党龄不足", YOUNG, SECRETARY, PatrolLevel.USUAL,
    "核对转正日期；确属特殊情况的，写明原因暂缓。", VIEW,
))  # fmt: skip
register(PatrolRule(
    "members.committee_missing", "应设支委会", NO_COMMITTEE, COMMITTEE, PatrolLevel.MUST,
    "报上级同意后召开党员大会选举支部委员会；已有的，登记委员任职。",
))  # fmt: skip
register(PatrolRule(
    "members.committee_size", "支委会人数不符", COMMITTEE_SIZES, COMMITTEE_SIZE, PatrolLevel.USUAL,
    "缺额的补选，超出的在换届时调整；登记不全的，补登记任职。",
))  # fmt: skip
register(PatrolRule(
    "members.probation_over", "预备期届满未登记结果", PROBATION_OVER, PROBATION, PatrolLevel.AHEAD,
    "支部大会讨论转正后登记转正日期；延长或取消的，登记相应结果。", VIEW,
))  # fmt: skip
