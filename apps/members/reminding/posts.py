"""What posts, certificates and probations remind of.

Report SQL: sees every row, since what is due does not depend on who looks.
"""

from __future__ import annotations

from apps.core.parameters import sql_value
from apps.core.permissions import AUTHORITY_OFFICER, BRANCH_CLERK, BRANCH_SECRETARY, PARK_OFFICER
from apps.reminders.registry import ReminderRule, register
from apps.reminders.rules import Cadence

from ..kinds import Relation
from ..parameters import CERTIFICATE_NOTICE, PROBATION_NOTICE, VACANCY_DAYS
from ..rules.membership import PROBATION, PROBATION_MONTHS
from ..rules.posts import TALENT, VACANCY
from ..secretaries import VACANT as WITHOUT_SECRETARY

BRANCH = (BRANCH_SECRETARY, BRANCH_CLERK, PARK_OFFICER)

CERTIFICATE_CADENCE = Cadence((30, 7), 30)
"""At the beginning of the notice of the place, a month and a week before, and each month once it has run out."""
PROBATION_CADENCE = Cadence((7,), 30)
"""At the beginning of the notice of the place, a week before, on the day, and each month while nothing is noted."""

# An organisation whose last secretary left so many days ago. Who never had one is for the patrol, not for every inbox.
VACANT = f"""
SELECT w.id AS subject_id, w.path AS org_path, to_char(w.vacant_since, 'YYYY-MM-DD') AS period,
       w.vacant_since + w.days AS opens_on, w.vacant_since + w.days AS due_on,
       '书记空缺「' || w.name || '」已' || (%(today)s - w.vacant_since) || '天，请及时补选' AS title,
       '/orgs/' || w.id || '/#posts' AS url, NULL::bigint AS recipient_id
FROM (SELECT v.*, {sql_value(VACANCY_DAYS, org_path="v.path")} AS days FROM ({WITHOUT_SECRETARY}) v) w
WHERE w.vacant_since + w.days <= %(today)s
"""  # noqa: S608 - pieces of this module

CERTIFICATES = f"""
SELECT w.id AS subject_id, w.org_path, to_char(w.expires_on, 'YYYY-MM-DD') AS period,
       w.expires_on - w.days AS opens_on, w.expires_on AS due_on,
       '「' || w.name || '」的' || w.certificate || '到期' AS title,
       '/talents/' || w.id || '/' AS url, NULL::bigint AS recipient_id
FROM (
    SELECT t.id, t.org_path, t.name, t.certificate, t.expires_on,
           {sql_value(CERTIFICATE_NOTICE, org_path="t.org_path")} AS days
    FROM members_talent t WHERE t.left_on IS NULL AND t.certificate <> '' AND t.expires_on IS NOT NULL
) w WHERE w.expires_on - w.days <= %(today)s
"""  # noqa: S608 - pieces of this module

# For information: what has to be discussed is asked for once development is followed step by step.
PROBATION_ENDS = f"""
SELECT w.id AS subject_id, w.org_path, to_char(w.ends_on, 'YYYY-MM-DD') AS period,
       w.ends_on - w.days AS opens_on, w.ends_on AS due_on, '预备期届满「' || w.name || '」' AS title,
       '/members/' || w.id || '/' AS url, NULL::bigint AS recipient_id
FROM (
    SELECT m.id, m.org_path, m.name, {sql_value(PROBATION_NOTICE, org_path="m.org_path")} AS days,
           coalesce(m.probation_until, (m.joined_on + interval '{PROBATION_MONTHS} months')::date) AS ends_on
    FROM members_member m
    WHERE m.relation = '{Relation.HERE.value}' AND m.formal_on IS NULL AND m.joined_on IS NOT NULL
) w WHERE w.ends_on - w.days <= %(today)s
"""  # noqa: S608 - pieces of this module

register(ReminderRule(
    "members.secretary_vacant", "书记空缺", VACANT, (BRANCH_CLERK, PARK_OFFICER, AUTHORITY_OFFICER), VACANCY, Cadence((), 30)
))  # fmt: skip
register(ReminderRule(
    "members.certificate_expiring", "党务人才证书到期", CERTIFICATES, BRANCH, TALENT, CERTIFICATE_CADENCE
))  # fmt: skip
register(ReminderRule(
    "members.probation_ends", "预备期届满（提示）", PROBATION_ENDS, BRANCH, PROBATION, PROBATION_CADENCE
))  # fmt: skip
