"""What the patrol looks for in the register: enterprises that should have a branch, joint branches, instructors.

Report SQL: sees every row, since what is found does not depend on who looks. Facts are those in force on the day.
"""

from __future__ import annotations

from apps.branches.rules import JOINT_BRANCH_SIZE, JOINT_BRANCH_USUAL_MAX_UNITS, OrgKind
from apps.core.parameters import sql_value
from apps.patrol.registry import PatrolRule, register
from apps.patrol.rules import PatrolLevel

from .kinds import Form
from .parameters import FOCUS_STAFF, LOAD, QUIET, VISITS
from .rules import INSTRUCTOR_LOAD, INSTRUCTOR_VISITS, LEAVING, STAFF_FOCUS

_LEFT = ", ".join(f"'{status.value}'" for status in sorted(LEAVING))


def _in_force(row: str) -> str:
    return f"{row}.since <= %(today)s AND ({row}.until IS NULL OR {row}.until > %(today)s)"


# Every enterprise that is in the park, with what could be counted about it (c).
_HERE = f"""
FROM enterprises_enterprise e
JOIN enterprises_condition c ON c.enterprise_id = e.id AND {_in_force("c")} AND c.status NOT IN ({_LEFT})
"""
_ENTERPRISE = """
'enterprises.enterprise' AS subject_type, e.id AS subject_id, e.org_path, e.name AS title,
'/enterprises/' || e.id || '/' AS url
"""


def _covered_as(form: Form) -> str:
    return f"""EXISTS (SELECT FROM enterprises_establishment s
                WHERE s.enterprise_id = e.id AND s.form = '{form.value}' AND {_in_force("s")})"""


# 100人以上未单建; the number is a parameter of the place.
LARGE_WITHOUT_BRANCH = f"""
SELECT {_ENTERPRISE}, '职工' || c.staff || '人，未单独组建' AS value, n.staff || '人以上应单独组建' AS "limit"
{_HERE}
CROSS JOIN LATERAL (SELECT {sql_value(FOCUS_STAFF, org_path="e.org_path")} AS staff) n
WHERE c.staff >= n.staff AND NOT {_covered_as(Form.SINGLE)}
"""

# 联合党支部覆盖单位一般不超过5个: every enterprise that it covers in whatever form is a unit.
JOINT_TOO_LARGE = f"""
SELECT 'branches.partyorg' AS subject_type, o.id AS subject_id, o.path AS org_path, o.name AS title,
       '/orgs/' || o.id || '/' AS url, '覆盖' || u.units || '个单位' AS value,
       '一般不超过{JOINT_BRANCH_USUAL_MAX_UNITS}个' AS "limit"
FROM branches_partyorg o
JOIN (SELECT s.org_id, count(DISTINCT s.enterprise_id) AS units FROM enterprises_establishment s
      WHERE {_in_force("s")} GROUP BY s.org_id) u ON u.org_id = o.id
WHERE o.kind = '{OrgKind.JOINT_BRANCH.value}' AND (o.ended_on IS NULL OR o.ended_on > %(today)s)
  AND u.units > {JOINT_BRANCH_USUAL_MAX_UNITS}
"""  # noqa: S608 - pieces of this module

# Every instructor in office (i) with how many enterprises he or she is sent to (a.firms), the first of them when.
_INSTRUCTOR = """
'enterprises.instructor' AS subject_type, i.id AS subject_id, i.org_path, i.name AS title,
'/instructors/' || i.id || '/' AS url
"""
_SENT = f"""
FROM enterprises_instructor i
JOIN (SELECT t.instructor_id, count(*) AS firms, min(t.since) AS since FROM enterprises_instructorassignment t
      WHERE {_in_force("t")} GROUP BY t.instructor_id) a ON a.instructor_id = i.id
"""  # noqa: S608 - pieces of this module

OVERLOADED = f"""
SELECT {_INSTRUCTOR}, '联系' || a.firms || '家企业' AS value, '不超过' || n.load || '家' AS "limit"
{_SENT}
CROSS JOIN LATERAL (SELECT {sql_value(LOAD, org_path="i.org_path")} AS load) n
WHERE {_in_force("i")} AND a.firms > n.load
"""

# Nobody is late when the quarter has only begun, or who was only just sent.
SILENT = f"""
SELECT {_INSTRUCTOR}, '联系' || a.firms || '家企业，本季走访' || v.visits || '次' AS value,
       '每季度不少于' || n.visits || '次' AS "limit"
{_SENT}
CROSS JOIN (SELECT date_trunc('quarter', %(today)s::date)::date AS starts_on) q
CROSS JOIN LATERAL (SELECT {sql_value(VISITS, org_path="i.org_path")} AS visits,
                           {sql_value(QUIET, org_path="i.org_path")} AS quiet) n
CROSS JOIN LATERAL (SELECT count(*) AS visits FROM enterprises_visit w
                    WHERE w.instructor_id = i.id AND w.on >= q.starts_on AND w.on <= %(today)s) v
WHERE {_in_force("i")} AND v.visits < n.visits
  AND %(today)s::date - greatest(q.starts_on, a.since) >= n.quiet
"""  # noqa: S608 - pieces of this module

register(PatrolRule(
    "enterprises.large_without_branch", "重点规模企业未单建", LARGE_WITHOUT_BRANCH, STAFF_FOCUS, PatrolLevel.LOCAL,
    "列入攻坚名单：派指导员、培养积极分子、引进党员骨干，条件具备即单独组建。",
))  # fmt: skip
register(PatrolRule(
    "enterprises.joint_too_large", "联合党支部覆盖单位过多", JOINT_TOO_LARGE, JOINT_BRANCH_SIZE, PatrolLevel.USUAL,
    "按楼栋或行业拆分，或让已有条件的企业单独组建；确需保留的写明原因暂缓。",
))  # fmt: skip
register(PatrolRule(
    "enterprises.instructor_silent", "指导员本季未走访", SILENT, INSTRUCTOR_VISITS, PatrolLevel.LOCAL,
    "提醒指导员本季内走访联系企业并登记；长期不能到岗的改派。",
))  # fmt: skip
register(PatrolRule(
    "enterprises.instructor_overloaded", "指导员联系企业过多", OVERLOADED, INSTRUCTOR_LOAD, PatrolLevel.LOCAL,
    "把超出的企业改派给其他指导员，或增派指导员。",
))  # fmt: skip
