"""Pages about one node of the tree: which node is asked for, and the nodes around it to go to."""

from __future__ import annotations

import datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.core.scoping import required_scope


class AboutNode:
    """`org` in the address names a node of the scope by its code; without it the first of the reader's own.

    404 for a code outside the scope, and where the reader answers for no organisation at all.
    """

    request: HttpRequest
    today: datetime.date

    @cached_property
    def org(self) -> PartyOrg:
        if code := self.request.GET.get("org", ""):
            found = PartyOrg.objects.filter(code__iexact=code).first()
        else:
            found = PartyOrg.objects.filter(path__in=required_scope().roots()).order_by("path").first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def around(self) -> list[PartyOrg]:
        """The nodes of the scope above and directly below, in tree order. One query."""
        near = PartyOrg.objects.above(self.org) | PartyOrg.objects.filter(parent=self.org).living(self.today)
        return list(near.order_by("path"))

    @property
    def above(self) -> list[PartyOrg]:
        return [org for org in self.around if len(org.path) < len(self.org.path)]

    @property
    def below(self) -> list[PartyOrg]:
        return [org for org in self.around if len(org.path) > len(self.org.path)]

    def node_context(self) -> dict[str, Any]:
        """What `activities/_node_picker.html` shows."""
        return {"org": self.org, "above": self.above, "below": self.below}
