"""党员积分 of a year: by branch for whoever oversees several, by name for one; and what is published."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.branches.rules import CAPABILITIES, OrgKind
from apps.core.forms import BaseForm
from apps.core.nodes import own_nodes
from apps.core.scoping import required_scope
from apps.core.views import DetailPage, FormPage, PageView, may
from apps.enterprises.views.common import can

from .. import permissions
from ..models import PointPublication
from ..rules.points import NO_FORMALISM, POINTS
from ..services import point_years as services

YEARS_BACK = 5
POINTS_HOME = {"label": "党员积分", "url": "/points/"}


class OfYear:
    """`year` in the address, this year without it; `org` names a branch of the scope, or a node above several."""

    request: HttpRequest
    today: Any

    @cached_property
    def year(self) -> int:
        text = self.request.GET.get("year", "")
        year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else self.today.year
        return year if 2000 <= year <= self.today.year else int(self.today.year)

    @cached_property
    def org(self) -> PartyOrg | None:
        """The organisation that was asked for, or the only one for which the reader answers."""
        if wanted := self.request.GET.get("org", ""):
            found = PartyOrg.objects.called(wanted)
            if len(found) != 1:
                raise Http404
            return found[0]
        roots = own_nodes(required_scope())
        return PartyOrg.objects.get(path=roots[0][0]) if roots else None

    @property
    def is_branch(self) -> bool:
        return self.org is not None and CAPABILITIES[OrgKind(self.org.kind)].holds_members


class PointsPage(OfYear, PageView):
    """One year: the members of a branch in the order of the roster, or the branches with what is still to be done."""

    permission = permissions.VIEW
    template_name = "activities/points.html"
    title = "党员积分"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POINTS_HOME] if self.request.GET.get("org") else []

    def get_actions(self) -> list[dict[str, Any]]:
        user, org = self.request.user, self.org
        found = []
        if org is not None and self.is_branch and can(user, permissions.KEEP, org):
            found.append({"label": "登记积分", "url": f"/points/new/?org={org.code}", "primary": True})
        if may(user, permissions.CONFIRM_POINTS):
            found.append({"label": "待确认", "url": "/points/entries/?state=entered"})
        return [*found, {"label": "积分台账", "url": f"/points/entries/?year={self.year}"},
                {"label": "积分规则", "url": "/points/rules/"}]  # fmt: skip

    @cached_property
    def published(self) -> PointPublication | None:
        rows = PointPublication.objects.filter(year=self.year, org=self.org).defer("lines")
        found: PointPublication | None = rows.first() if self.is_branch else None
        return found

    def may_publish(self) -> bool:
        over = self.year < self.today.year and self.org is not None and self.published is None
        return over and can(self.request.user, permissions.CONFIRM_POINTS, self.org)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        org = self.org
        people = services.totals(org, self.year, self.today) if org is not None and self.is_branch else []
        lines = [] if self.is_branch else services.branches_in(self.year)
        if org is not None:
            lines = [line for line in lines if line.org.path.startswith(org.path)]
        years = [self.today.year - back for back in range(YEARS_BACK)]
        return super().get_context_data(
            year=self.year, years=years, org=org, people=people, lines=lines, published=self.published,
            is_branch=self.is_branch, may_publish=self.may_publish(), waiting=sum(each.waiting for each in people),
            basis=[POINTS, NO_FORMALISM], **kwargs,
        )  # fmt: skip


class Publish(OfYear, FormPage):
    """公布: the totals of a year that is over, as they are now; they do not change any more."""

    permission = permissions.CONFIRM_POINTS
    form_class = BaseForm
    submit_label = "公布"
    success_message = "已公布。"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.org is None or self.year >= self.today.year:
            messages.error(request, "请选择党组织和已经结束的年度。")
            return HttpResponseRedirect(POINTS_HOME["url"])
        return super().get(request, *args, **kwargs)

    def get_title(self) -> str:
        return f"公布{self.year}年积分：{self.org}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POINTS_HOME]

    def get_cancel_url(self) -> str:
        return f"/points/?year={self.year}"

    def get_basis(self) -> list[Any]:
        return [POINTS, NO_FORMALISM]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lead = "按名册顺序公布年末在册党员的已确认积分，每个党支部一份，不排名。公布后不再变动；有差错的，在本年度登记更正。"
        return super().get_context_data(lead=lead, **kwargs)

    def perform(self, form: Any) -> str:
        if self.org is None:
            raise Http404
        lists = services.publish_points(org=self.org, year=self.year, today=self.today, actor=self.request.user)
        return lists[0].get_absolute_url() if len(lists) == 1 else f"/points/?year={self.year}&org={self.org.code}"


class PublicationPage(DetailPage):
    """The list as it was published, for the notice board."""

    permission = permissions.VIEW
    template_name = "activities/point_publication.html"
    object: PointPublication

    def get_queryset(self) -> Any:
        return PointPublication.objects.select_related("org")

    def get_title(self) -> str:
        return f"{self.object.org}{self.object.year}年党员积分公布"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POINTS_HOME]
