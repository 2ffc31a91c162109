"""The enterprise itself: who it is and where. What can be counted about it is in `conditions`."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.audit import record, write
from apps.core.codes import check_credit_code, check_phone
from apps.core.errors import DomainError
from apps.core.period_guard import guard_period
from apps.core.text import clean_name, pinyin_initials
from apps.core.versions import check_version

from ..kinds import Status
from ..models import Building, Condition, Enterprise
from .common import assign, check_not_future, labels, locked, locked_all, store
from .conditions import FACTS as CONDITION_FACTS
from .responsibility import settle

PLACE: Final = ("park", "building", "room")
CONTACTS: Final = ("contact_name", "contact_phone", "leader_name", "leader_status", "attitude")
FACTS: Final = (
    "kind", "name", "initials", "credit_code", *PLACE, "address", "province", "city", "registered_on",
    "registered_precision", "arrived_on", "ownership", "industry", "scale", "above_scale", "capital", "capital_text",
    "business_scope", *CONTACTS, "venue_area", "party_funds", "sync_planned_on", "sync_recruited_on",
    "sync_founded_on", "remark",
)  # fmt: skip
"""What `change_enterprise` may change; `org` follows from establishments and place, never from input."""


@write
def register_enterprise(
    *, facts: Mapping[str, Any], condition: Mapping[str, Any], on: datetime.date, today: datetime.date, actor: Any,
    org: PartyOrg | None = None, source: str = "登记",
) -> Enterprise:  # fmt: skip
    """登记: a new enterprise with its first condition, known from `on` on.

    `org` answers for it while it has no park. Raises DomainError for a code that is taken or wrong, a
    building of another park, a day to come; Conflict for a closed period.
    """
    enterprise = Enterprise()
    _set(enterprise, facts)
    check_not_future(on, today)
    home = enterprise.park.org if enterprise.park else org
    if home is None:
        raise DomainError("请选择所在园区，或指定责任党组织。", field="park")
    enterprise.org = home
    guard_period(home.path, on)
    store(enterprise)
    first = Condition(enterprise=enterprise, since=on, source=source, checked_on=condition.get("checked_on") or on)
    assign(first, {k: v for k, v in condition.items() if k != "checked_on"}, CONDITION_FACTS)
    store(first)
    settle([enterprise], today=today)
    record(actor, "enterprise.registered", enterprise,
           summary=f"登记企业「{enterprise.name}」，{Status(first.status).label}，自 {on:%Y-%m-%d} 起")  # fmt: skip
    return enterprise


@write
def change_enterprise(
    *, enterprise: Enterprise, facts: Mapping[str, Any], today: datetime.date, actor: Any, version: int | None = None
) -> Enterprise:
    """修改: correct who it is or where it is. `facts` names columns of FACTS.

    A changed place may change the responsible organisation. Raises Conflict when somebody was faster.
    """
    enterprise = locked(enterprise)
    check_version(enterprise, version, dict(facts))
    changed = _set(enterprise, facts)
    if not changed:
        return enterprise
    store(enterprise)
    if changed.keys() & set(PLACE):
        settle([enterprise], today=today)
    record(actor, "enterprise.changed", enterprise, data={"fields": sorted(changed)},
           summary=f"修改「{enterprise.name}」的{labels(enterprise, changed)}")  # fmt: skip
    return enterprise


@write
def place_enterprises(
    *, enterprises: Sequence[Enterprise], building: Building, today: datetime.date, actor: Any
) -> list[Enterprise]:
    """入驻楼栋: put several enterprises into a building, all or none. Their park becomes the building's."""
    building = locked(building)
    rows = locked_all(enterprises)
    for enterprise in rows:
        if enterprise.building_id != building.pk:
            enterprise.room = ""
        enterprise.building, enterprise.park = building, building.park
        store(enterprise)
    settle(rows, today=today)
    for enterprise in rows:
        record(actor, "enterprise.placed", enterprise, data={"building": building.pk},
               summary=f"将「{enterprise.name}」放入{building.park}{building}")  # fmt: skip
    return rows


@write
def reveal_phone(*, row: Any, field: str, reason: str, actor: Any) -> str:
    """查看原文: the number behind a mask, for a stated reason that stays in the trail."""
    if not reason.strip():
        raise DomainError("请填写查看理由。", field="reason")
    record(actor, "phone.viewed", row, data={"reason": clean_name(reason), "field": field},
           summary=f"查看「{row}」的{row._meta.get_field(field).verbose_name}原文")  # fmt: skip
    return str(getattr(row, field))


def _set(enterprise: Enterprise, facts: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Normalise and assign: codes are checked, a new name brings new initials, a building brings its park."""
    facts = dict(facts)
    if "name" in facts and clean_name(facts["name"]) != enterprise.name and not facts.get("initials"):
        facts["initials"] = pinyin_initials(clean_name(facts["name"]))
    if "credit_code" in facts:
        facts["credit_code"] = _checked(check_credit_code, facts["credit_code"], "credit_code") or None
    if "contact_phone" in facts:
        facts["contact_phone"] = _checked(check_phone, facts["contact_phone"], "contact_phone")
    changed = assign(enterprise, facts, FACTS)
    if enterprise.building is not None and enterprise.building.park_id != enterprise.park_id:
        if enterprise.park is not None and "park" in facts:
            raise DomainError(f"楼栋“{enterprise.building}”不在{enterprise.park}，请重新选择。", field="building")
        changed["park"] = (enterprise.park, enterprise.building.park)
        enterprise.park = enterprise.building.park
    return changed


def _checked(check: Any, text: str | None, field: str) -> str:
    if not text or not text.strip():
        return ""
    try:
        return str(check(text))
    except DomainError as error:
        error.field = field
        raise
