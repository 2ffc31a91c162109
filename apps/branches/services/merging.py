"""合并, 拆分 and 撤销 with everything taken along: organisations end, what they hold goes on elsewhere.

One transaction each, under the lock of the tree. What hangs under an organisation moves by its registration
(`branches.relocation`), so that nobody and nothing stays with an organisation that has ended.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.core.audit import record, write
from apps.core.errors import DomainError
from apps.core.versions import check_version

from .. import tree
from ..models import PartyOrg
from ..relocation import Picks, Relocation, end_with, relocate
from ..rules import OrgEventKind, OrgKind
from ..rules.restructuring import merge_refusal
from .common import check_living, check_next_event, check_nothing_left, locked, note_event, save
from .organisations import dissolve_organization, found_organization, move_organization


@dataclass(frozen=True)
class Part:
    """What a split founds: its name, kind and parent (None: that of the split organisation), and what it takes."""

    name: str
    kind: str
    picks: Picks = field(default_factory=dict)
    parent: PartyOrg | None = None
    short_name: str = ""


@write
def merge_organizations(
    *, sources: Sequence[PartyOrg], target: PartyOrg, on: datetime.date, today: datetime.date, actor: Any,
    document: str = "", note: str = "", version: int | None = None,
) -> PartyOrg:  # fmt: skip
    """合并: the sources go over into `target` on `on`; they end and keep their history and past reports.

    Returns the target. `version` is that of the target. Raises DomainError for kinds that do not merge, a day
    before the last event of one of them, a target below a source, and for what cannot be taken along.
    """
    tree.lock()
    if len({org.pk for org in sources}) != len(sources) or not sources:
        raise DomainError("请选择要并入的党组织，每个只选一次。", field="sources")
    target = _ready(target, on, today)
    check_version(target, version)
    merged = []
    for each in sources:
        source = _ready(each, on, today)
        if refusal := merge_refusal(OrgKind(source.kind), OrgKind(target.kind)):
            raise DomainError(refusal.message, basis=refusal.basis, code=refusal.code, field="target")
        target = _take_everything(source, target, on, today, actor, document)
        into = {"into": target.pk, "into_name": target.name}
        _end(source, OrgEventKind.MERGED, on, today, actor, document, note, into)
        merged.append(source)
        record(actor, "org.merged", source, summary=f"「{source.name}」并入「{target.name}」，自 {on:%Y-%m-%d} 起",
               data={"into": target.pk})  # fmt: skip
    save(target)
    after = {"sources": [org.pk for org in merged], "source_names": [org.name for org in merged]}
    note_event(target, OrgEventKind.MERGED, on, document, note, {}, after)
    return target


@write
def split_organization(
    *, org: PartyOrg, parts: Sequence[Part], on: datetime.date, today: datetime.date, actor: Any, document: str = "",
    note: str = "", ends: bool = False, version: int | None = None,
) -> list[PartyOrg]:  # fmt: skip
    """拆分: found new organisations that take what was picked of `org`; returns them in the order of `parts`.

    `ends` lets the old organisation end the same day; nothing may be left with it then. Raises DomainError for
    a part that takes nothing, for what has left the organisation since it was picked, and as founding does.
    """
    tree.lock()
    org = _ready(org, on, today)
    check_version(org, version)
    if not parts:
        raise DomainError("请至少写明一个拆分后新设的党组织。", field="name")
    founded = [_found_part(org, part, on, today, actor, document) for part in parts]
    names = [each.name for each in founded]
    after = {"parts": [each.pk for each in founded], "part_names": names}
    org = locked(org)
    if ends:
        _end(org, OrgEventKind.SPLIT, on, today, actor, document, note, after)
    else:
        save(org)
        note_event(org, OrgEventKind.SPLIT, on, document, note, {}, after)
    said = "，原组织撤销" if ends else ""
    record(actor, "org.split", org, summary=f"「{org.name}」拆分出{'、'.join(f'「{name}」' for name in names)}{said}"[:500],
           data={"parts": after["parts"], "ends": ends})  # fmt: skip
    return founded


def _found_part(
    org: PartyOrg, part: Part, on: datetime.date, today: datetime.date, actor: Any, document: str
) -> PartyOrg:
    picks = {code: frozenset(ids) for code, ids in part.picks.items() if ids}
    if not picks:
        raise DomainError(
            f"「{part.name}」没有从「{org}」划入任何内容，请先选择；不划入内容的请用“新设”。", field="picks"
        )
    new = found_organization(
        name=part.name, short_name=part.short_name, kind=part.kind, parent=part.parent or org.parent, founded_on=on,
        today=today, actor=actor, document=document, note=f"由「{org}」拆分设立",
    )  # fmt: skip
    relocate(Relocation(locked(org), new, on, today, actor, picks, document))
    return new


@write
def dissolve_into(
    *, org: PartyOrg, target: PartyOrg, on: datetime.date, today: datetime.date, actor: Any, document: str = "",
    note: str = "", version: int | None = None,
) -> PartyOrg:  # fmt: skip
    """撤销 with everything that is left handed over to `target` first (全部转到), in one transaction."""
    tree.lock()
    org, target = _ready(org, on, today), _ready(target, on, today)
    check_version(org, version)
    _take_everything(org, target, on, today, actor, document)
    return dissolve_organization(org=org, on=on, today=today, actor=actor, document=document, note=note)


def move_children(relocation: Relocation) -> int:
    """Hang the living children of the source under the target, each with an event of its own."""
    rows = PartyOrg.objects.filter(parent=relocation.source, ended_on=None).exclude(pk=relocation.target.pk)
    children = list(relocation.picked("branches.children", rows))
    for child in children:
        move_organization(
            org=child, parent=relocation.target, on=relocation.on, today=relocation.today, actor=relocation.actor,
            document=relocation.document, note=f"随「{relocation.source}」调整",
        )  # fmt: skip
    return len(children)


def children_of(org: PartyOrg, today: datetime.date) -> list[tuple[int, str]]:
    return [(child.pk, child.name) for child in PartyOrg.objects.filter(parent=org, ended_on=None)]


def _ready(org: PartyOrg, on: datetime.date, today: datetime.date) -> PartyOrg:
    """The organisation locked, living, and with a history that ends before the day."""
    org = locked(org)
    check_living(org)
    check_next_event(org, on, today)
    return org


def _take_everything(
    source: PartyOrg, target: PartyOrg, on: datetime.date, today: datetime.date, actor: Any, document: str
) -> PartyOrg:
    """Move everything from source to target; returns the target as it stands afterwards."""
    if source.pk == target.pk:
        raise DomainError(f"「{source}」不能转到它自己，请选择别的党组织。", field="target", code="cycle")
    if target.path.startswith(source.path):
        message = f"「{target}」在「{source}」之下，请先把它划转到别的上级。"
        raise DomainError(message, field="target", code="cycle")
    relocate(Relocation(source, target, on, today, actor, None, document))
    return locked(target)


def _end(
    org: PartyOrg, kind: OrgEventKind, on: datetime.date, today: datetime.date, actor: Any, document: str, note: str,
    after: Mapping[str, Any],
) -> None:  # fmt: skip
    """End an organisation that holds nothing any more, with the event that ended it."""
    check_nothing_left(org, today, kind.label)
    org.ended_on = on
    save(org)
    note_event(org, kind, on, document, note, {"ended_on": None}, {"ended_on": on.isoformat(), **after})
    end_with(org, on, today, actor)
