"""活动明细, as a page."""

from __future__ import annotations

from apps.enterprises.views.lists import RegisterList

from .. import permissions
from ..ledgers.held import HeldLedger


class HeldList(RegisterList):
    """活动明细."""

    ledger = HeldLedger
    offers = ((permissions.VIEW, "活动形式统计", "/activities/forms/"),)
