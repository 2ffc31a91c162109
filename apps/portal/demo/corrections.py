"""What turned out wrong in closed quarters: one 更正说明 that was approved, and one that waits for the department."""

from __future__ import annotations

from apps.accounts.models import User
from apps.coverage.forms import CORRECTABLE
from apps.coverage.models import Correction, Snapshot, SnapshotRow
from apps.coverage.services import approve_correction, propose_correction

from .days import Days
from .parks import Place
from .register import Enterprises
from .tree import Orgs

APPROVED: Place = (1, "joint", 2)
WAITING: Place = (2, "single", 6)


def tell_corrections(
    days: Days, orgs: Orgs, rows: Enterprises, officers: list[User], department: User
) -> None:
    """Both were proposed by the park's officer."""
    approved = _propose(
        APPROVED, 2, "staff", 3, "填报时漏计一个班组 3 人，企业来函说明，已核对工资表。", days, orgs, rows, officers
    )
    approve_correction(correction=approved, actor=department)
    _propose(
        WAITING, 1, "formal_members", -1, "1 名党员季末已转出组织关系，封存时未及时更新。", days, orgs, rows, officers
    )


def _propose(
    place: Place, back: int, field: str, by: int, reason: str, days: Days, orgs: Orgs, rows: Enterprises, officers: list[User]
) -> Correction:
    snapshot = Snapshot.objects.get(org=orgs[f"park.{place[0]}"], period=str(days.period(back)))
    frozen = SnapshotRow.objects.get(snapshot=snapshot, enterprise=rows[place])
    before = getattr(frozen, field)
    change = {
        "enterprise_id": frozen.enterprise_id, "enterprise": frozen.name, "field": CORRECTABLE[field],
        "before": str(before), "after": str(before + by),
    }  # fmt: skip
    return propose_correction(snapshot=snapshot, reason=reason, changes=[change], actor=officers[place[0]])
