"""What the rules say of a record before it is saved: what blocks, what asks for a reason, what only warns."""

from __future__ import annotations

import datetime

from django.db.models import TextField

from apps.branches.models import PartyOrg
from apps.core.errors import DomainError
from apps.core.regulations import Finding

from ..kinds import COUNTED, Audience, State
from ..models import Activity, Participation
from ..parameters import entry_days
from ..rules.catalogue import COMMITTEE_MEETING, PRACTICE
from ..rules.records import duration_finding, future_finding, is_late, pair_finding, turnout_findings
from .records_facts import Facts, Roll
from .records_sheet import Sheet, check_alive, draw_sheet
from .roll import audience_at, holders_without_file


def check_activity(
    *, org: PartyOrg, facts: Facts, roll: Roll, today: datetime.date, activity: Activity | None = None
) -> list[Finding]:
    """Everything that the rules have to say about submitting this, for a page to show before it is submitted.

    Raises DomainError for what cannot even be saved.
    """
    check_facts(org, facts, activity)
    return findings_of(org, facts, draw_sheet(org, facts, roll, activity), today=today, activity=activity)


def check_facts(org: PartyOrg, facts: Facts, activity: Activity | None) -> None:
    """Refuse what contradicts itself, in a draft and in a plan as well."""
    if not facts.title.strip():
        raise DomainError("请填写主题。", field="title", code="required")
    for field in Activity._meta.get_fields():
        if isinstance(field, TextField) and len(getattr(facts, field.name)) > (field.max_length or 0):
            raise DomainError(f"{field.verbose_name}最多 {field.max_length} 个字。", field=field.name, code="too_long")
    check_alive(org, facts.held_on, field="starts_at")
    kept = {activity.kind_id, activity.second_kind_id} if activity else set()
    for kind in facts.kinds:
        if not kind.active and kind.pk not in kept:
            raise DomainError(f"活动类别“{kind}”已停用，请选择别的类别。", field="kind", code="kind_inactive")
    if facts.second_kind is not None:
        names = (facts.kind.name, facts.second_kind.name)
        _refuse(pair_finding(facts.kind.code, facts.second_kind.code, names=names), field="second_kind")
    if facts.hours < 0:
        raise DomainError("学时不能是负数。", field="study_hours", code="negative")
    _refuse(duration_finding(facts.starts_at, facts.ends_at), field="ends_at")
    kinds = {kind.pk for kind in facts.kinds}
    if facts.form is not None and facts.form.kind_id is not None and facts.form.kind_id not in kinds:
        raise DomainError(f"形式“{facts.form}”不用于“{facts.kind}”。", field="form", code="form_of_other_kind")


def _refuse(finding: Finding | None, *, field: str) -> None:
    if finding is not None and finding.blocks:
        raise DomainError(finding.message, basis=finding.basis, code=finding.code, field=field)


def findings_of(
    org: PartyOrg, facts: Facts, sheet: Sheet, *, today: datetime.date, activity: Activity | None = None
) -> list[Finding]:
    """Return what speaks about submitting the record with this sheet. Four queries."""
    host = sheet.sides[0]
    codes = [kind.code for kind in facts.kinds]
    found = [
        future_finding(facts.held_on, today),
        duration_finding(facts.starts_at, facts.ends_at),
        _nobody(org, facts, sheet),
        *turnout_findings(codes, expected=host.expected, present=host.present),
        _twice(org, facts, activity),
        _late(org, facts, today, activity),
        _unfiled(org, facts),
    ]
    return [finding for finding in found if finding is not None]


def _nobody(org: PartyOrg, facts: Facts, sheet: Sheet) -> Finding | None:
    """Nobody is named: people have to be chosen, or the branch has nobody on its roster."""
    if sheet.expected or sheet.visitors or facts.others_present or facts.guests or facts.units:
        return None
    if audience_at(org, facts.kind, facts.second_kind) is Audience.CHOSEN:
        return Finding("nobody_chosen", "请选择参加人员，或填写其他参加人数、参加单位。", PRACTICE, "block")
    message = f"{facts.held_on:%Y-%m-%d} 「{org}」的应到名册上没有人，应到按0人记；请核对党员名册和班子任职。"
    return Finding("nobody_expected", message, PRACTICE, "warn")


def _twice(org: PartyOrg, facts: Facts, activity: Activity | None) -> Finding | None:
    """The same kind on the same day again may be right (two talks a day), or the same activity entered twice."""
    rows = Participation.objects.filter(org=org, held_on=facts.held_on, state__in=[*COUNTED, State.CORRECTION])
    same = {pk for pk in (activity.pk, activity.replaces_id) if pk} if activity else set()
    others = rows.of_kind(facts.kind).exclude(activity__in=same).count()
    if not others or audience_at(org, facts.kind, facts.second_kind) is Audience.CHOSEN:
        return None
    message = (
        f"{facts.held_on:%Y-%m-%d} 已有{others}次“{facts.kind}”的记录，请核对是否重复登记；确是另一次的，请说明原因。"
    )
    return Finding("twice_a_day", message, PRACTICE, "ask")


def _late(org: PartyOrg, facts: Facts, today: datetime.date, activity: Activity | None) -> Finding | None:
    if activity is not None and activity.reported_on is not None:
        return None
    days = entry_days(facts.held_on, org.path)
    if not is_late(facts.held_on, today, days):
        return None
    message = f"活动已过去{(today - facts.held_on).days}天，超过{days}天的按时提交期限，将显示为补记。"
    return Finding("late", message, PRACTICE, "info")


def _unfiled(org: PartyOrg, facts: Facts) -> Finding | None:
    """Committee members whom the portal does not keep as members stand on no sheet."""
    if audience_at(org, facts.kind, facts.second_kind) is not Audience.COMMITTEE:
        return None
    names = holders_without_file(org, facts.held_on)
    if not names:
        return None
    message = f"{'、'.join(names)}在班子任职中没有对应的党员，不计入应到；到会的请写在列席人员中。"
    return Finding("holders_without_file", message, COMMITTEE_MEETING, "info")
