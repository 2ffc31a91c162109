"""Forms that begin with a branch: the only one of the user, the one that the address names, or the one picked first."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.branches.rules import CAPABILITIES, OrgKind
from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import FormPage
from apps.members.kinds import Relation
from apps.members.models import Member

from ..forms.pioneers import CREW_LISTED, PickOrgForm

BRANCHES = frozenset(kind for kind in OrgKind if CAPABILITIES[kind].holds_members)


def own_branch() -> PartyOrg | None:
    """The branch of somebody who answers for one only."""
    roots = required_scope().roots()
    org = PartyOrg.objects.filter(path=roots[0], ended_on=None).first() if len(roots) == 1 else None
    return org if org is not None and org.kind in BRANCHES else None


def org_named(text: str) -> PartyOrg:
    """The organisation of the scope that an address names by code, name or id. Raises Http404."""
    living = PartyOrg.objects.filter(ended_on=None)
    found = list(living.called(text)) or list(living.filter(pk=row_id(text)))
    if len(found) != 1:
        raise Http404
    return found[0]


def people_of(org: PartyOrg) -> list[Member]:
    """Whom the organisation keeps or looks after today, as far as a form lists them. One query."""
    rows = Member.objects.filter(org_path__startswith=org.path).exclude(relation=Relation.LEFT)
    return list(rows.select_related("org").order_by("org_path", "initials", "pk")[:CREW_LISTED])


class OfBranch(FormPage):
    """A form about `org`. Whoever answers for several and names none is asked for it first.

    `kinds` are the kinds of organisation that may be chosen.
    """

    template_name = "activities/of_branch.html"
    kinds: frozenset[OrgKind] = BRANCHES
    pick_lead = "先选择党支部。"

    @cached_property
    def org(self) -> PartyOrg | None:
        text = self.request.GET.get("org", "").strip()
        found = org_named(text) if text else own_branch()
        if found is not None and found.kind not in self.kinds:
            raise Http404
        return found

    @cached_property
    def people(self) -> list[Member]:
        return people_of(self.org) if self.org is not None else []

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.org is None:
            field = PickOrgForm()
            field.fields["org"].kinds = self.kinds  # type: ignore[attr-defined]
            return self.render_to_response(
                self.get_context_data(form=None, pick=field["org"], pick_lead=self.pick_lead)
            )
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.org is None:
            raise Http404
        return super().post(request, *args, **kwargs)

    def get_title(self) -> str:
        return f"{self.title}：{self.org}" if self.org else self.title
