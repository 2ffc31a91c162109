"""The rows of a roster import into the tables: COPY for new people, one UPDATE for each table that changes."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.bulk import insert_rows, update_rows
from apps.core.codes import IdNumber
from apps.core.errors import Conflict
from apps.core.imports import Change, Row
from apps.core.period_guard import Span, guard_spans
from apps.core.sealing import new_ids, seal, sealed_columns
from apps.core.text import pinyin_initials

from ..kinds import Entry, LeavingReason, Sex
from ..models import Member, Membership
from ..services.common import member_code, rosters_of

PLAIN = (
    "name", "sex", "nation", "native_place", "born_on", "education", "degree", "school", "work_since", "joined_on",
    "formal_on", "position", "occupation", "address", "household", "card_number", "remark",
)  # fmt: skip
NULLABLE = {"born_on", "work_since", "joined_on", "formal_on"}
PLACES = {"group": "group_id", "employer": "employer_id"}


def insert_members(rows: Sequence[Row], orgs: Mapping[int, PartyOrg], prints: Mapping[str, str]) -> None:
    """Put new people onto the rosters of their branches, each from the day that the row says."""
    members, memberships, spans = [], [], set()
    for pk, row in zip(new_ids(Member, len(rows)), rows, strict=True):
        org, since = orgs[row.values["org"]], row.values["since"]
        members.append(_member(pk, row.values, org, prints))
        memberships.append({
            "member_id": pk, "org_id": org.pk, "org_path": org.path, "group_id": row.values.get("group"),
            "enterprise_id": row.values.get("employer"), "since": since,
        })  # fmt: skip
        spans.add(Span(org.path, since))
    guard_spans(spans)
    insert_rows(Member, members, {"focus": "{}"})
    insert_rows(Membership, memberships, {"entry": Entry.INITIAL.value})


def _member(pk: int, values: Mapping[str, Any], org: PartyOrg, prints: Mapping[str, str]) -> dict[str, Any]:
    number: str = values["id_number"].number
    plain = {name: values.get(name) if name in NULLABLE else values.get(name) or "" for name in PLAIN}
    return {
        "id": pk, "code": member_code(pk), **plain, "sex": plain["sex"] or Sex.UNKNOWN.value,
        "initials": pinyin_initials(plain["name"]), "org_id": org.pk, "org_path": org.path,
        "group_id": values.get("group"), "employer_id": values.get("employer"),
        "id_number_sealed": seal(number, f"{Member._meta.db_table}.id_number_sealed.{pk}"),
        "id_number_index": prints[number], **sealed_columns(Member, "phone", pk, values.get("phone") or ""),
    }  # fmt: skip


def update_members(changes: Sequence[Change], today: datetime.date) -> None:
    """Change facts, and open a new slice of the roster where the 党小组 or the employer is another one."""
    _guard_becoming_formal(changes)
    update_rows(Member, {change.pk: _facts(change) for change in changes})
    moved = [change for change in changes if change.after.keys() & PLACES.keys()]
    if moved:
        _move_in_branch(moved, today)


def _facts(change: Change) -> dict[str, Any]:
    after = change.after
    facts = {name: value for name, value in after.items() if name in PLAIN}
    facts |= {column: after[name] for name, column in PLACES.items() if name in after}
    if "name" in after:
        facts["initials"] = pinyin_initials(after["name"])
    for name in ("id_number", "phone"):
        if name in after:
            number = after[name].number if isinstance(after[name], IdNumber) else after[name]
            facts |= sealed_columns(Member, name, change.pk, number)
    return facts


def _guard_becoming_formal(changes: Iterable[Change]) -> None:
    """From the day of 转正 on somebody counts as a full member, wherever the roster was then."""
    days = {change.pk: change.after["formal_on"] for change in changes if "formal_on" in change.after}
    guard_spans(
        Span(path, max(since, days[pk]), until)
        for pk, path, since, until in rosters_of(days)
        if until is None or until > days[pk]
    )


def _move_in_branch(changes: Sequence[Change], today: datetime.date) -> None:
    """支部内调整 from today on; a slice that began today is corrected in place. 待安置 ends with another employer."""
    open_rows = Membership.objects.open().filter(member__in=[change.pk for change in changes])
    slices = {row.member_id: row for row in open_rows.select_for_update(of=("self",), no_key=True)}
    if len(slices) < len(changes):
        raise Conflict("导入期间有人修改了名册，没有导入任何数据。请重新检查后再导入。")
    guard_spans({Span(row.org_path, today) for row in slices.values()})
    corrected, closed, opened = {}, {}, []
    for change in changes:
        now = slices[change.pk]
        places = {name: change.after[name] for name in PLACES if name in change.after}
        facts = {
            "group_id": places.get("group", now.group_id),
            "enterprise_id": places.get("employer", now.enterprise_id),
        }
        if now.since >= today:
            corrected[now.pk] = facts
        else:
            closed[now.pk] = {"until": today, "exit": LeavingReason.REGROUPED.value}
            opened.append(
                {"member_id": change.pk, "org_id": now.org_id, "org_path": now.org_path, "since": today, **facts}
            )
    update_rows(Membership, corrected)
    update_rows(Membership, closed)
    insert_rows(Membership, opened, {"entry": Entry.REGROUPED.value})
    settled = [change.pk for change in changes if "employer" in change.after]
    Member.objects.filter(pk__in=settled, placement_since__isnull=False).update(placement_since=None)
