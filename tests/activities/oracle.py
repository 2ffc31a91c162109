"""Compliance counted a second time, one organisation and one record after the other, straight from the rows.

Written apart from the report SQL and slowly, so that the two can be compared.
"""

from __future__ import annotations

import datetime
from collections import defaultdict

from apps.activities.models import Attendance, Participation, Requirement
from apps.branches.models import PartyOrg
from apps.core.periods import Period
from apps.core.scoping import EVERYTHING, use_scope
from apps.members.models import Membership, Post

SEATS = {"secretary", "deputy", "organisation", "publicity", "discipline", "committee"}
Figure = tuple[int, int, int, int]


def holds(row, day: datetime.date) -> bool:
    return row.since <= day and (row.until is None or row.until > day)


def speaking(rows, kind_id: int, org, subject: str, day: datetime.date):
    found = [
        row for row in rows
        if row.kind_id == kind_id and row.subject == subject and org.kind in row.org_kinds
        and org.path.startswith(row.org_path) and holds(row, day)
    ]  # fmt: skip
    return max(found, key=lambda row: (len(row.org_path), row.since, row.pk), default=None)


def periods(quarter: Period) -> list[Period]:
    months = [Period("month", quarter.year, 3 * quarter.number - n) for n in (2, 1, 0)]
    return [*months, quarter, Period("year", quarter.year)]


def own(quarter: Period, entry_days: int = 7) -> dict[tuple[int, str, str, Period], Figure]:
    """(organisation, kind code, subject, period): (expected, actual, on time, late), for every duty of the quarter."""
    found: dict[tuple[int, str, str, Period], Figure] = {}
    with use_scope(EVERYTHING):
        rows = list(Requirement.objects.select_related("kind"))
        memberships = list(Membership.objects.select_related("member"))
        posts = list(Post.objects.all())
        records = list(Participation.objects.filter(state__in=["submitted", "confirmed"]))
        attendances = list(Attendance.objects.filter(counted=True, presence="present").select_related("activity"))
        for org in PartyOrg.objects.all():
            for period in periods(quarter):
                cut = min(period.end, quarter.end)
                for kind in {row.kind for row in rows}:
                    for subject in ("organisation", "member"):
                        row = speaking(rows, kind.pk, org, subject, period.start)
                        if row is None or row.rhythm != period.kind or not row.times:
                            continue
                        if subject == "member":
                            figure = _of_members(org, row, period, cut, memberships, attendances, entry_days)
                        else:
                            figure = _of_organisation(org, row, period, cut, memberships, posts, records, entry_days)
                        if figure is not None:
                            found[org.pk, kind.code, subject, period] = figure
    return found


def _of_organisation(org, row, period, cut, memberships, posts, records, entry_days) -> Figure | None:
    if org.founded_on and org.founded_on > period.start:
        return None
    if org.ended_on and org.ended_on < period.end:
        return None
    here = [m for m in memberships if org.pk in (m.org_id, m.group_id) and holds(m, period.start)]
    formal = [m for m in here if m.member.formal_on and m.member.formal_on <= period.start and m.org_id == org.pk]
    seats = [p for p in posts if p.org_id == org.pk and p.role in SEATS and holds(p, period.start)]
    if row.condition == "has_members" and not here and org.kind not in ("temporary_branch", "mobile_branch"):
        return None
    if row.condition == "has_committee" and len(seats) < 3 and len(formal) < 7:
        return None
    days = [
        (r.held_on, r.reported_on) for r in records
        if r.org_id == org.pk and row.kind_id in (r.kind_id, r.second_kind_id) and period.start <= r.held_on < cut
    ]  # fmt: skip
    done = min(len(days), row.times)
    prompt = min(sum(1 for held, said in days if said and (said - held).days <= entry_days), done)
    return row.times, done, prompt, done - prompt


def _of_members(org, row, period, cut, memberships, attendances, entry_days) -> Figure | None:
    last = cut - datetime.timedelta(days=1)
    if (org.founded_on and org.founded_on > last) or (org.ended_on and org.ended_on <= last):
        return None
    here = {m.member_id for m in memberships if org.pk in (m.org_id, m.group_id) and holds(m, last)}
    if not here:
        return None
    held, prompt = defaultdict(int), defaultdict(int)
    for each in attendances:
        activity = each.activity
        if row.kind_id in (activity.kind_id, activity.second_kind_id) and period.start <= each.held_on < cut:
            held[each.member_id] += 1
            prompt[each.member_id] += bool(
                activity.reported_on and (activity.reported_on - activity.held_on).days <= entry_days
            )
    done = sum(1 for pk in here if held[pk] >= row.times)
    timely = sum(1 for pk in here if prompt[pk] >= row.times)
    return len(here), done, timely, done - timely
