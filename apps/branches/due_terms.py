"""Which terms of office ask for an election, as report SQL for the reminders.

Two notices ahead (the second by a parameter), then the term is over; whoever has begun an election is told no more
until the day comes. Sees every row, since what is due does not depend on who looks.
"""

from __future__ import annotations

from typing import Final

from apps.core.parameters import sql_value

from .parameters import TERM_SECOND_NOTICE
from .rules.elections import FINISHED
from .rules.terms import TERM_NOTICE_MONTHS

_OVER: Final = ", ".join(f"'{state.value}'" for state in sorted(FINISHED))


def terms_due(title: str) -> str:
    """The SQL of a reminder rule; `title` is an SQL expression over `o` (organisation) and `t` (term)."""
    return f"""
SELECT t.id AS subject_id, t.org_path,
       CASE WHEN t.expires_on <= %(today)s THEN 'over' WHEN t.second_on <= %(today)s THEN 'second' ELSE 'first' END
           AS period,
       CASE WHEN t.expires_on <= %(today)s THEN t.expires_on WHEN t.second_on <= %(today)s THEN t.second_on
            ELSE t.first_on END AS opens_on,
       t.expires_on AS due_on, {title} AS title, '/orgs/' || t.org_id || '/#terms' AS url, NULL::bigint AS recipient_id
FROM (
    SELECT term.*, (term.expires_on - interval '{TERM_NOTICE_MONTHS} months')::date AS first_on,
           (term.expires_on - make_interval(months => {sql_value(TERM_SECOND_NOTICE.code)}))::date AS second_on
    FROM branches_term term WHERE term.until IS NULL
) t
JOIN branches_partyorg o ON o.id = t.org_id AND (o.ended_on IS NULL OR o.ended_on > %(today)s)
WHERE t.first_on <= %(today)s
  AND (t.expires_on <= %(today)s
       OR NOT EXISTS (SELECT 1 FROM branches_election e WHERE e.org_id = t.org_id AND e.state NOT IN ({_OVER})))
"""  # noqa: S608 - codes and numbers of this app
