"""Report SQL of a round: one statement for all its enterprises, however many.

Raw SQL past the scoped managers: callers pass a round that they found in their scope; a return of an
enterprise that has moved out of the round's subtree since is locked with the others.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.db import connection

from apps.enterprises.rules import LEAVING

from .models import CensusReturn, CensusRound
from .rules import State

_OUTSTANDING = [State.NOT_STARTED.value, State.DRAFT.value, State.RETURNED.value]

# The register as of the day, and what only a return keeps, from the last one that was submitted.
_PREFILLED = {
    "status": "c.status", "has_premises": "c.has_premises", "has_operations": "c.has_operations", "staff": "c.staff",
    "staff_under_35": "c.staff_under_35", "staff_college": "c.staff_college", "formal_members": "c.formal_members",
    "probationary_members": "c.probationary_members", "members_elsewhere": "c.members_elsewhere",
    "applicants": "c.applicants", "leader_name": "e.leader_name", "leader_status": "e.leader_status",
    "attitude": "e.attitude", "technologists": "p.technologists", "minor_party_members": "p.minor_party_members",
    "foreigners": "p.foreigners", "unbuilt_reason": "CASE WHEN b.id IS NULL THEN c.unbuilt_reason ELSE '' END",
    "unbuilt_note": "CASE WHEN b.id IS NULL THEN c.unbuilt_note ELSE '' END",
    "planned_on": "CASE WHEN b.id IS NULL THEN p.planned_on END",
}  # fmt: skip

_WITHOUT_RETURN = """
NOT EXISTS (SELECT 1 FROM census_censusreturn r WHERE r.round_id = %(round)s AND r.enterprise_id = e.id)
"""

_ENTERPRISES = f"""
FROM enterprises_enterprise e
JOIN enterprises_condition c ON c.enterprise_id = e.id AND c.since <= %(day)s AND (c.until IS NULL OR c.until > %(day)s)
WHERE e.org_path LIKE %(below)s AND c.status <> ALL(%(left)s) AND {_WITHOUT_RETURN}
"""

_PREFILL = """
SELECT e.id AS enterprise_id, {values}
FROM enterprises_enterprise e
JOIN enterprises_condition c ON c.enterprise_id = e.id AND c.since <= %(day)s AND (c.until IS NULL OR c.until > %(day)s)
LEFT JOIN (
    SELECT DISTINCT b.enterprise_id AS id
    FROM enterprises_establishment b JOIN branches_partyorg o ON o.id = b.org_id
    WHERE b.since <= %(day)s AND (b.until IS NULL OR b.until > %(day)s) AND (o.ended_on IS NULL OR o.ended_on > %(day)s)
) b ON b.id = e.id
LEFT JOIN (
    SELECT DISTINCT ON (r.enterprise_id) r.*
    FROM census_censusreturn r JOIN census_censusround o ON o.id = r.round_id
    WHERE r.submitted_on IS NOT NULL AND o.starts_on <= %(starts_on)s AND o.id <> %(round)s
    ORDER BY r.enterprise_id, o.starts_on DESC, r.id DESC
) p ON p.enterprise_id = e.id
WHERE e.org_path LIKE %(below)s
"""


def insert_returns(census_round: CensusRound, day: datetime.date) -> int:
    """Give every enterprise that is there on the day, and has none yet, its pre-filled return; returns how many."""
    columns = {
        "round_id": "%(round)s", "enterprise_id": "k.enterprise_id", "state": "%(state)s", "version": "1",
        "no_change": "false", "locked_from": "''", **{name: f"k.{name}" for name in _PREFILLED},
        **dict.fromkeys(
            ("method", "answered_by_name", "change_reason", "comment", "reviewed_by_name"), "''"
        ),
    }  # fmt: skip
    prefill = f"{_prefill()} AND c.status <> ALL(%(left)s) AND {_WITHOUT_RETURN}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO census_censusreturn ({', '.join(columns)})"  # noqa: S608 - columns of this module
            f" SELECT {', '.join(columns.values())} FROM ({prefill}) k"
            " ON CONFLICT (round_id, enterprise_id) DO NOTHING",
            {**_params(census_round, day), "state": State.NOT_STARTED.value},
        )
        return int(cursor.rowcount)


def count_arrivals(census_round: CensusRound, day: datetime.date) -> int:
    """How many enterprises below the round are there on the day and have no return yet."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_ENTERPRISES}", _params(census_round, day))
        return int(cursor.fetchone()[0])


def register_says(row: CensusReturn, census_round: CensusRound, day: datetime.date) -> dict[str, object]:
    """What a fresh return of this enterprise would be pre-filled with on the day; empty when it is not there."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_prefill()} AND e.id = %(enterprise)s",
            {**_params(census_round, day), "enterprise": row.enterprise_id},
        )
        found = cursor.fetchone()
        return dict(zip(_PREFILLED, found[1:], strict=True)) if found else {}


def lock_returns(census_round: CensusRound, day: datetime.date) -> dict[int, str]:
    """Lock every return of a closing round and keep the state it had; returns that state by enterprise id.

    Who had left by the day without an answer is not asked any more: no state is kept.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE census_censusreturn r SET state = %(locked)s, version = r.version + 1, locked_from = CASE
                WHEN r.state = ANY(%(outstanding)s) AND EXISTS (
                    SELECT 1 FROM enterprises_condition c
                    WHERE c.enterprise_id = r.enterprise_id AND c.status = ANY(%(left)s)
                      AND c.since <= %(day)s AND (c.until IS NULL OR c.until > %(day)s)
                ) THEN '' ELSE r.state END
            WHERE r.round_id = %(round)s AND r.state <> %(locked)s
            RETURNING r.enterprise_id, r.locked_from
            """,
            {**_params(census_round, day), "locked": State.LOCKED.value, "outstanding": _OUTSTANDING},
        )
        return {enterprise: state for enterprise, state in cursor.fetchall() if state}


def lock_expired(today: datetime.date) -> int:
    """Lock the reopened returns of closed rounds whose time is over; returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE census_censusreturn r
            SET locked_from = r.state, state = %(locked)s, reopened_until = NULL, version = r.version + 1
            FROM census_censusround o
            WHERE o.id = r.round_id AND o.closed_at IS NOT NULL AND r.state <> %(locked)s
              AND r.reopened_until < %(today)s
            """,
            {"locked": State.LOCKED.value, "today": today},
        )
        return int(cursor.rowcount)


def _prefill() -> str:
    return _PREFILL.format(values=", ".join(f"{source} AS {name}" for name, source in _PREFILLED.items()))


def _params(census_round: CensusRound, day: datetime.date) -> dict[str, Any]:
    return {
        "round": census_round.pk, "below": census_round.org_path + "%", "day": day,
        "starts_on": census_round.starts_on, "left": [status.value for status in LEAVING],
    }  # fmt: skip
