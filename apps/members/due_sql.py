"""Report SQL: whom each organisation has to contact in a quarter, the same people as `due` finds under a scope.

Sees every row, since what is due does not depend on who looks.
"""

from __future__ import annotations

from .kinds import Direction, Relation


def in_force(row: str, day: str) -> str:
    return f"{row}.since <= {day} AND ({row}.until IS NULL OR {row}.until > {day})"


def _departed(member: str, day: str) -> str:
    """Left the post and not placed on the day."""
    return f"""({member}.relation <> '{Relation.LEFT.value}' AND (coalesce({member}.placement_since <= {day}, false) OR EXISTS (
        SELECT FROM members_departure d WHERE d.member_id = {member}.id AND d.left_post_on <= {day}
          AND (d.placed_on IS NULL OR d.placed_on > {day}))))"""


def contact_duties(day: str) -> str:
    """The relation (member_id, org_id, name) of who has to be contacted, and by whom, on a day (an SQL expression)."""
    home = f"CASE WHEN r.direction = '{Direction.OUT.value}' THEN r.org_id ELSE r.other_org_id END"
    return f"""
    SELECT m.id AS member_id, m.org_id, m.name FROM members_member m WHERE {_departed("m", day)}
    UNION
    SELECT a.member_id, a.org_id, m.name
    FROM members_dualagreement a JOIN members_member m ON m.id = a.member_id
    WHERE {in_force("a", day)} AND NOT (m.org_id = a.org_id AND {_departed("m", day)})
    UNION
    SELECT r.member_id, {home}, m.name
    FROM members_mobilerecord r JOIN members_member m ON m.id = r.member_id
    WHERE {in_force("r", day)} AND {home} IS NOT NULL AND NOT (m.org_id = {home} AND {_departed("m", day)})
    """  # noqa: S608 - pieces of this module


def no_contact(duty: str, since: str, until: str) -> str:
    """The condition that the organisation of a duty made no contact in [since, until), SQL expressions."""
    return f"""NOT EXISTS (SELECT FROM members_contactnote n WHERE n.member_id = {duty}.member_id
        AND n.org_id = {duty}.org_id AND n."on" >= {since} AND n."on" < {until})"""
