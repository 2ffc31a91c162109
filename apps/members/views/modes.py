"""四种管理模式 on one page: how many people in each mode, what each mode still lacks, every figure open to its names."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.core.views import PageView

from .. import mode_figures as figures
from .. import permissions
from ..kinds import ManagementMode
from ..ledgers.agreements import INSIDE, HiddenMembersLedger, candidates
from ..mode_figures import Figures
from ..querysets.modes import LACKS
from ..rules.mobile import DAILY_CONTACT, DUAL_AGREEMENT, FOUR_MODES, HIDDEN_MEMBERS, SHOULD_TRANSFER, Lack

BRANCHES_SHOWN = 200
"""How many organisations the page lists, those that lack most first (appearance only)."""

ABOUT = {
    ManagementMode.IN_POST: ("在册、在岗的党员：名册信息完整，编入党小组。", FOUR_MODES),
    ManagementMode.INFLOW_DUAL: ("在园区工作、关系在外的党员：签订双重管理协议，每季度联系。", DUAL_AGREEMENT),
    ManagementMode.MOBILE_NETWORK: ("在册、外出的党员：登记流出，明确联系人，每季度联系。", DAILY_CONTACT),
    ManagementMode.DEPARTED_LOCAL: (
        "离职、退休或企业停产后关系还没有落实的党员：落实去向，落实前每季度联系。",
        SHOULD_TRANSFER,
    ),
}


class ModesPage(PageView):
    """Officers see the sums and each organisation; a secretary the own branch."""

    permission = permissions.VIEW
    template_name = "members/modes.html"
    title = "党员分类管理"

    @cached_property
    def org(self) -> PartyOrg | None:
        """The organisation that was asked for; 404 for one that the scope does not hold."""
        wanted = self.request.GET.get("org", "")
        if not wanted:
            return None
        found = PartyOrg.objects.called(wanted)
        if len(found) != 1:
            raise Http404
        return found[0]

    def get_title(self) -> str:
        return f"{self.title}：{self.org}" if self.org else self.title

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": self.title, "url": self.request.path}] if self.org else []

    def address(self, path: str, org: PartyOrg | None = None, **params: str) -> str:
        """A list narrowed to the organisation of the page or of a line."""
        where = org or self.org
        place = {"org": where.code} if where else {}
        return f"{path}?{urlencode({**params, **place, **({'own': '1'} if org else {})})}"

    def names_of(self, mode: ManagementMode, lack: Lack | None = None, org: PartyOrg | None = None) -> str:
        """Where the people behind a figure are listed."""
        if mode is not ManagementMode.INFLOW_DUAL:
            return self.address("/members/", org, mode=mode.value, **({"lacks": lack.value} if lack else {}))
        if lack is Lack.AGREEMENT:
            return self.address("/agreements/unsigned/", org)
        state = "expiring" if lack is Lack.EXPIRING else "in_force"
        contacted = {"contacted": "0"} if lack is Lack.CONTACT else {}
        return self.address("/agreements/", org, state=state, side="here", **contacted)

    def card(self, mode: ManagementMode, sums: Figures) -> dict[str, Any]:
        about, basis = ABOUT[mode]
        lines = [
            {"label": lack.label, "count": sums.lacking[mode, lack], "url": self.names_of(mode, lack)}
            for lack in LACKS[mode]
        ]
        unsigned = sums.lacking[mode, Lack.AGREEMENT]
        return {
            "label": mode.label, "about": about, "basis": basis, "count": sums.people[mode], "url": self.names_of(mode),
            "lines": lines, "beside": f"另有 {unsigned} 名没有协议" if unsigned else "",
            "complete": not any(line["count"] for line in lines),
        }  # fmt: skip

    def line(self, org: PartyOrg, own: Figures) -> dict[str, Any]:
        cells = [
            {"value": own.people[mode], "url": self.names_of(mode, org=org) if own.people[mode] else ""}
            for mode in ManagementMode
        ]
        return {
            "label": str(org),
            "url": self.address(self.request.path, org),
            "cells": cells,
            "lacking": own.all_lacking,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = figures.by_organisation(self.today, self.org.path if self.org else "")
        sums = figures.total(found.values())
        named = figures.named(found)
        if len(named) > BRANCHES_SHOWN:
            named = sorted(named, key=lambda pair: -pair[1].all_lacking)[:BRANCHES_SHOWN]
        inside = candidates(INSIDE, self.today)
        if self.org:
            inside = inside.filter(org_path__startswith=self.org.path)
        place = {"org": self.org.code} if self.org else {}
        gap = HiddenMembersLedger({"gap": "1", **place}, today=self.today, user=self.request.user).count()
        return super().get_context_data(
            cards=[self.card(mode, sums) for mode in ManagementMode], modes=[mode.label for mode in ManagementMode],
            lines=[self.line(org, own) for org, own in named] if len(named) > 1 else [], cut=len(found) - len(named),
            inside=inside.count(), inside_url=self.address("/agreements/unsigned/", where=INSIDE),
            gap=gap, gap_url=self.address("/agreements/gap/", **({"gap": "1"} if gap else {})),
            hidden_basis=HIDDEN_MEMBERS, **kwargs,
        )  # fmt: skip
