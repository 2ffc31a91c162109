"""Report SQL: how many members an enterprise has by the rosters, and of which enterprises a roster tells.

A roster tells of an enterprise when an organisation that covers it keeps one, or when a member belongs to a branch
through it. Of the others only the census knows. A member of a branch that covers one enterprise alone belongs to
that enterprise where nothing else is written.
"""

from __future__ import annotations

import datetime

from apps.core.sql import Sql

_IN_FORCE = "{0}.since <= %s AND ({0}.until IS NULL OR {0}.until > %s)"


def enterprise_headcounts(on: datetime.date, within: Sql | None = None) -> Sql:
    """The relation (enterprise_id, formal, probationary) of the enterprises that a roster tells of on the day.

    `within` selects the ids of the enterprises that are asked about; without it all are.
    """
    days = (on, on)
    asked = within.params if within else ()
    formal = "(m.formal_on IS NOT NULL AND m.formal_on <= %s)"
    text = f"""
    SELECT c.enterprise_id, sum(c.formal)::int AS formal, (sum(c.present) - sum(c.formal))::int AS probationary
    FROM (
        SELECT b.enterprise_id, 0 AS formal, 0 AS present
        FROM enterprises_establishment b
        WHERE {_IN_FORCE.format("b")} {_asked("b", within)}
          AND EXISTS (SELECT 1 FROM members_membership s WHERE s.org_id = b.org_id AND {_IN_FORCE.format("s")})
        UNION ALL
        SELECT s.enterprise_id, {formal}::int, 1
        FROM members_membership s JOIN members_member m ON m.id = s.member_id
        WHERE s.enterprise_id IS NOT NULL AND {_IN_FORCE.format("s")} {_asked("s", within)}
        UNION ALL
        SELECT b.enterprise_id, {formal}::int, 1
        FROM (SELECT b.org_id, min(b.enterprise_id) AS enterprise_id FROM enterprises_establishment b
              WHERE {_IN_FORCE.format("b")} GROUP BY b.org_id HAVING count(*) = 1) b
        JOIN members_membership s ON s.org_id = b.org_id AND s.enterprise_id IS NULL AND {_IN_FORCE.format("s")}
        JOIN members_member m ON m.id = s.member_id
        WHERE true {_asked("b", within)}
    ) c GROUP BY c.enterprise_id
    """  # noqa: S608 - pieces of this module
    return Sql(text, (*days, *asked, *days, on, *days, *asked, on, *days, *days, *asked))


def _asked(table: str, within: Sql | None) -> str:
    return f"AND {table}.enterprise_id IN ({within.text})" if within else ""
