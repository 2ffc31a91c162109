"""Plans of restructuring for tests: 和丰 with its four old branches and the eight that a joint branch becomes."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from typing import Any

from apps.branches.models import PartyOrg, Restructuring, RestructuringStep
from apps.branches.rules.restructuring import StepKind
from apps.branches.services import found_organization
from apps.branches.services import restructurings as plans
from apps.core.codes import make_credit_code
from apps.enterprises.models import Condition, Enterprise, Establishment
from tests.cast import SINCE

TODAY = datetime.date(2026, 11, 22)
DAY = datetime.date(2026, 11, 1)
EVE = DAY - datetime.timedelta(days=1)
COVERS = "enterprises.establishments"


def drafted(
    cast: Any, *, on: datetime.date = DAY, org: PartyOrg | None = None, name: str = "重组方案"
) -> Restructuring:
    return plans.draft_restructuring(org=org or cast.park_org, name=name, on=on, actor=cast.users.park_officer)


def put(cast: Any, plan: Restructuring, kind: str, **facts: Any) -> RestructuringStep:
    return plans.put_step(plan=plan, kind=StepKind(kind), facts=facts, actor=cast.users.park_officer)


def applied(cast: Any, plan: Restructuring, *, today: datetime.date = TODAY, **given: Any) -> Restructuring:
    facts = {"document": "园党发〔2026〕9号", "reason": "按规划分步达到规模", "actor": cast.users.park_officer, **given}
    return plans.apply_restructuring(plan=plan, today=today, **facts)


def covered_enterprise(cast: Any, name: str, org: PartyOrg, *, form: str, formal: int, serial: int) -> Enterprise:
    enterprise = Enterprise.objects.create(
        name=name, org=org, park=cast.park, arrived_on=SINCE, credit_code=make_credit_code(serial=serial)
    )
    Condition.objects.create(enterprise=enterprise, since=SINCE, staff=60, formal_members=formal)
    Establishment.objects.create(enterprise=enterprise, org=org, form=form, since=SINCE)
    return enterprise


def hefeng(cast: Any) -> SimpleNamespace:
    """和丰: four branches here and there, and one joint branch of eight firms. Under the scope of the park."""

    def found(name: str, kind: str) -> PartyOrg:
        return found_organization(
            name=name, kind=kind, parent=cast.station, founded_on=SINCE, today=TODAY, actor=cast.users.park_officer
        )  # fmt: skip

    old = [found(f"中共和丰老{n}公司支部委员会", "branch") for n in range(1, 5)]
    joint = found("中共和丰综合联合支部委员会", "joint_branch")
    own = [
        covered_enterprise(cast, f"和丰老{n}公司", org, form="single", formal=4, serial=600 + n)
        for n, org in enumerate(old, 1)
    ]
    shared = [
        covered_enterprise(cast, f"和丰新{n}公司", joint, form="joint", formal=3 + n, serial=700 + n)
        for n in range(1, 9)
    ]
    return SimpleNamespace(old=old, joint=joint, own=own, shared=shared)


def hefeng_plan(cast: Any, there: SimpleNamespace, **given: Any) -> Restructuring:
    """工业党总支下设12个支部 = 划入已建 4 个 + 新成立 8 个."""
    plan = drafted(cast, name="和丰工业党总支组建方案", **given)
    top = put(cast, plan, "found", target=cast.committee, name="中共和丰工业总支部委员会", short_name="和丰工业党总支",
              org_kind="general_branch")  # fmt: skip
    for org in there.old:
        put(cast, plan, "move", org=org, target_step=top)
    for n, enterprise in enumerate(there.shared, 1):
        put(cast, plan, "split", org=there.joint, target_step=top, name=f"中共和丰新{n}公司支部委员会", org_kind="branch",
            picks={COVERS: [enterprise.pk]}, ends=False)  # fmt: skip
    return plan
