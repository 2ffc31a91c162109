"""The list pages: each is its ledger on screen, with what can be done from there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views import View

from apps.core.guard import GuardedView, may
from apps.core.views import LedgerView

from .. import ledgers, permissions
from ..models import Enterprise
from .common import ENTERPRISES

OPTIONS_SHOWN = 30
SEARCH_LENGTH = 60


class RegisterList(LedgerView):
    """A list of the register: `offers` are (permission, label, url) of its buttons, the first one in front."""

    offers: tuple[tuple[str, str, str], ...] = ()

    def get_actions(self) -> list[dict[str, Any]]:
        allowed = [(label, url) for permission, label, url in self.offers if may(self.request.user, permission)]
        return [{"label": label, "url": url, "primary": n == 0 and url.endswith("/new/")}
                for n, (label, url) in enumerate(allowed)]  # fmt: skip

    def get_empty(self) -> dict[str, str]:
        """The first thing to do, where the user may do it."""
        found = super().get_empty()
        first = next((action for action in self.get_actions() if action["primary"]), None)
        return {**found, "label": first["label"], "url": first["url"]} if first else found


class EnterpriseList(RegisterList):
    """企业台账."""

    ledger = ledgers.EnterpriseRoster
    offers = (
        (permissions.CHANGE, "登记企业", "/enterprises/new/"),
        (permissions.IMPORT, "导入工商登记", "/imports/enterprises.registry/"),
        (permissions.IMPORT, "导入台账", "/imports/enterprises.roster/"),
        (permissions.VIEW, "一户一表", "/enterprises/sheets/"),
        (permissions.VIEW, "组建台账", "/establishments/"),
    )

    def get_bulk_actions(self) -> list[dict[str, str]]:
        wanted = (
            (permissions.CHANGE, "放入楼栋", "/enterprises/place/"),
            (permissions.INSTRUCT, "选派指导员", "/enterprises/send/"),
            (permissions.ESTABLISH, "联合组建", "/enterprises/join/"),
        )
        return [
            {"label": label, "url": url, "tone": ""}
            for permission, label, url in wanted
            if may(self.request.user, permission)
        ]


class SheetList(RegisterList):
    """一户一表."""

    ledger = ledgers.EnterpriseSheets

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTERPRISES]


class EstablishmentList(RegisterList):
    """组建台账."""

    ledger = ledgers.EstablishmentLedger
    offers = ((permissions.IMPORT, "导入", "/imports/enterprises.establishments/"),)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTERPRISES]


class InstructorList(RegisterList):
    """指导员台账."""

    ledger = ledgers.InstructorLedger
    offers = (
        (permissions.INSTRUCT, "登记指导员", "/instructors/new/"),
        (permissions.IMPORT, "导入", "/imports/enterprises.instructors/"),
    )


class VisitList(RegisterList):
    """走访台账."""

    ledger = ledgers.VisitLedger
    offers = (
        (permissions.VISIT, "登记走访", "/visits/new/"),
        (permissions.IMPORT, "导入", "/imports/enterprises.visits/"),
    )


class BuildingList(RegisterList):
    """楼栋台账."""

    ledger = ledgers.BuildingLedger
    offers = ((permissions.PLACES, "登记楼栋", "/buildings/new/"), (permissions.VIEW, "园区", "/parks/"))


class ParkList(RegisterList):
    """园区台账."""

    ledger = ledgers.ParkLedger
    offers = ((permissions.PLACES, "登记园区", "/parks/new/"), (permissions.VIEW, "楼栋", "/buildings/"))


class EnterpriseOptions(GuardedView, View):
    """What a select offers while somebody types: the enterprises of the scope that match `q`."""

    permission = permissions.VIEW
    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> JsonResponse:
        text = request.GET.get("q", "").replace("\x00", "").strip()[:SEARCH_LENGTH]
        rows = Enterprise.objects.select_related("park").order_by("org_path", "pk")
        found = (rows.matching(text) if text else rows)[:OPTIONS_SHOWN]
        return JsonResponse({"results": [self.option(enterprise) for enterprise in found]})

    @staticmethod
    def option(enterprise: Enterprise) -> dict[str, Any]:
        where = f"（{enterprise.park.name}）" if enterprise.park else ""
        keywords = f"{enterprise.name} {enterprise.initials} {enterprise.credit_code or ''}"
        return {"value": enterprise.pk, "text": f"{enterprise.name}{where}", "keywords": keywords}
