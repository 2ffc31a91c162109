"""What the patrol rules about sizes share: the roster of today counted by organisation, as report SQL."""

from __future__ import annotations

from typing import Final

from apps.branches.rules import OrgKind

from ..kinds import COMMITTEE_ROLES, PostRole, Relation
from ..secretaries import LIVING

# Read from the index `member_headcount` alone: no row of the roster is touched.
HEADS: Final = f"""
SELECT m.org_id, count(*) AS members, count(*) FILTER (WHERE m.formal_on <= %(today)s) AS formal
FROM members_member m WHERE m.relation = '{Relation.HERE.value}' GROUP BY m.org_id
"""  # noqa: S608 - pieces of this module
"""(org_id, members, formal) of every organisation with a roster that is not empty."""

BRANCHES: Final = f"o.kind IN ('{OrgKind.BRANCH.value}', '{OrgKind.JOINT_BRANCH.value}') AND {LIVING}"
"""党支部 and 联合党支部 that exist on the day: what the rules on size are about."""

ORG: Final = """'branches.partyorg' AS subject_type, o.id AS subject_id, o.path AS org_path, o.name AS title,
       '/orgs/' || o.id || '/' AS url"""

_SEATS = ", ".join(f"'{role.value}'" for role in COMMITTEE_ROLES)
_LEADING = f"'{PostRole.SECRETARY.value}', '{PostRole.DEPUTY.value}'"

# A secretary, and perhaps a deputy, without 委员 is no committee. Where nobody has registered 委员, the term may tell.
SEATS: Final = f"""
SELECT coalesce(p.org_id, t.org_id) AS org_id, p.org_id IS NOT NULL AS by_name, coalesce(p.seats, t.seats) AS seats
FROM (
    SELECT p.org_id, count(*) AS seats FROM members_post p
    WHERE p.role IN ({_SEATS}) AND p.since <= %(today)s AND (p.until IS NULL OR p.until > %(today)s)
    GROUP BY p.org_id HAVING count(*) FILTER (WHERE p.role NOT IN ({_LEADING})) > 0
) p FULL JOIN (
    SELECT t.org_id, t.seats FROM branches_term t
    WHERE t.seats > 0 AND t.since <= %(today)s AND (t.until IS NULL OR t.until > %(today)s)
) t ON t.org_id = p.org_id
"""  # noqa: S608 - pieces of this module
"""(org_id, by_name, seats) of organisations with a committee, from the posts in force, else from the term."""
