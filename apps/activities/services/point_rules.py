"""积分规则: dated rows of a node; the nearest node above a branch wins."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.db.models import Q

from apps.branches.models import PartyOrg
from apps.branches.querysets import ancestor_paths
from apps.core.audit import record, write
from apps.core.dated import in_force
from apps.core.errors import DomainError
from apps.core.nodes import is_whole
from apps.core.scoping import required_scope
from apps.core.versions import check_version
from apps.enterprises.services.common import assign, store, weigh

from ..models import PointRule
from ..rules.points import name_finding, nearest

FACTS: Final = ("name", "kind", "points", "yearly_limit", "source", "since")


def rules_at(org_path: str, on: datetime.date) -> list[PointRule]:
    """The rules that speak at a node on the day, one of each matter. One query."""
    line = ["", *ancestor_paths(org_path), org_path]
    rows = PointRule.objects.filter(in_force(on), org_path__in=line).select_related("kind")
    return sorted(nearest(rows), key=lambda rule: (rule.kind_id is None, rule.kind.order if rule.kind else 0, rule.pk))


def rules_of_line(paths: Iterable[str]) -> Callable[[str, datetime.date], list[PointRule]]:
    """The rules above these nodes, read once: a function of node and day that answers like `rules_at`."""
    line = {""} | {above for path in paths for above in (*ancestor_paths(path), path)}
    rows = list(PointRule.objects.filter(org_path__in=line).select_related("kind"))

    def spoken(org_path: str, on: datetime.date) -> list[PointRule]:
        return nearest(row for row in rows if org_path.startswith(row.org_path) and row.holds_on(on))

    return spoken


@write
def set_rule(*, org: PartyOrg | None, facts: Mapping[str, Any], today: datetime.date, actor: Any) -> PointRule:
    """Set a rule for a node and everything below it from a day on, or (`org` None) for the whole portal.

    The rule of the same matter at the same node ends on that day. Raises DomainError for what may not be counted, a
    day before today, and for the whole portal when the actor does not answer for all of it.
    """
    if org is None and not is_whole(required_scope()):
        raise DomainError("您不负责整个平台，请选择适用的党组织。", field="org")
    rule = PointRule(org_path=org.path if org else "", org_name=str(org) if org else "", author_name=actor.display_name)
    assign(rule, facts, FACTS)
    finding = name_finding(rule.name)
    weigh([finding] if finding else [], "")
    if rule.since < today:
        raise DomainError("积分规则从今天或以后起施行，不追溯。", field="since")
    _end_earlier(rule)
    store(rule)
    record(actor, "point_rule.set", rule, org_path=rule.org_path,
           summary=f"设置积分规则「{rule}」，自 {rule.since:%Y-%m-%d} 起")  # fmt: skip
    return rule


@write
def end_rule(
    *, rule: PointRule, on: datetime.date, today: datetime.date, actor: Any, version: int | None = None
) -> PointRule:
    """Let a rule end: from `on` on it gives nothing. Points that it gave stay."""
    row = PointRule.objects.select_for_update().get(pk=rule.pk)
    check_version(row, version)
    if not may_set(row):
        raise DomainError("这条规则由上级设置，请在本级另设规则。", code="not_yours")
    if row.until is not None:
        raise DomainError(f"这条规则到 {row.until:%Y-%m-%d} 已停止。", code="ended")
    if on < today:
        raise DomainError("停止日期不能早于今天。", field="on")
    if on <= row.since:
        raise DomainError(f"须晚于施行日期 {row.since:%Y-%m-%d}。", field="on")
    row.until = on
    store(row)
    record(actor, "point_rule.ended", row, org_path=row.org_path,
           summary=f"积分规则「{row}」自 {on:%Y-%m-%d} 起停止")  # fmt: skip
    return row


def may_set(rule: PointRule) -> bool:
    """Whether whoever asks answers for the node of the rule."""
    scope = required_scope()
    return scope.covers(rule.org_path) if rule.org_path else is_whole(scope)


def _end_earlier(rule: PointRule) -> None:
    """End the rule of the same matter at the same node where the new one begins."""
    same = Q(kind=rule.kind) if rule.kind_id else Q(kind=None, name=rule.name)
    rows = PointRule.objects.select_for_update().filter(same, org_path=rule.org_path)
    if rows.filter(since__gte=rule.since).exists():
        raise DomainError("这一事项在这一天或以后已有规则，请换一个施行日期。", field="since")
    for row in rows.filter(Q(until=None) | Q(until__gt=rule.since)):
        row.until = rule.since
        store(row)
