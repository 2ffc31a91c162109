"""表决 at a record: registered where the meeting was held, worked out while somebody types."""

from __future__ import annotations

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import cached_property
from django.views import View

from apps.branches.models import PartyOrg
from apps.branches.rules.voting import BASIS, VoteKind
from apps.core.guard import GuardedView
from apps.core.text import row_id
from apps.core.views import EditPage, ObjectMixin

from .. import permissions
from ..forms.votes import BY_BALLOT, OPEN, DropForm, VoteForm
from ..models import Activity, Participation, Vote
from ..rules.votes import SECRET, kinds_of_votes
from ..services import votes as services
from .records_common import RECORDS, keeps

NAMED_AT_THE_END = re.compile(r"（([^（）]+)）$")
"""Whom a vote is about, as the service wrote it behind the matter."""


class VoteMixin(ObjectMixin):
    """What a page about a vote knows of the record: who may vote, in which branch, about what."""

    object: Any

    @property
    def activity(self) -> Activity:
        raise NotImplementedError

    @cached_property
    def kinds(self) -> list[VoteKind]:
        return services.may_vote_here(self.activity)

    @cached_property
    def orgs(self) -> list[PartyOrg]:
        """The branches of the scope that held the meeting, the host first."""
        rows = (
            Participation.objects.filter(activity=self.activity).select_related("org").order_by("-is_host", "org_path")
        )
        return [row.org for row in rows]

    @cached_property
    def org(self) -> PartyOrg:
        asked = row_id(self.request.POST.get("org"))
        return next((org for org in self.orgs if org.pk == asked), self.orgs[0] if self.orgs else self.activity.org)

    @cached_property
    def electorate(self) -> services.Electorate:
        if not self.kinds:
            return services.Electorate((), (), frozenset())
        return services.electorate(self.activity, self.org, self.kinds[0])

    def form_kwargs(self) -> dict[str, Any]:
        return {"kinds": self.kinds, "electorate": self.electorate, "orgs": self.orgs}


class AboutRecord(EditPage):
    """A form about one record of an organisation of the scope."""

    permission = permissions.KEEP
    object: Any

    def get_queryset(self) -> Any:
        return Activity.objects.select_related("org", "kind", "second_kind")

    def get_title(self) -> str:
        return f"{self.title}：{self.object.title}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS, {"label": self.object.title, "url": self.object.get_absolute_url()}]

    def get_initial(self) -> dict[str, Any]:
        return {}


class VotePage(VoteMixin, AboutRecord):
    """登记表决: the numbers of a vote, with the rule and the result beside them."""

    template_name = "activities/vote.html"
    form_class = VoteForm
    title = "登记表决"
    submit_label = "登记"
    success_message = "已登记表决。"

    @property
    def activity(self) -> Activity:
        return self.object  # type: ignore[no-any-return]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), **self.form_kwargs()}

    def get_initial(self) -> dict[str, Any]:
        first = self.kinds[0] if self.kinds else None
        return {
            "kind": first and first.value, "ballot": BY_BALLOT if first in SECRET else OPEN,
            "voters": [str(pk) for pk in self.electorate.there], "unfiled": len(self.electorate.unfiled) or None,
        }  # fmt: skip

    def get_locked(self) -> str:
        row = self.activity
        if not keeps(self.request.user, row):
            return "表决由召开会议的党支部登记。"
        if not kinds_of_votes(services.meeting_of(row)):
            return f"“{row.kind}”不表决；表决在支部党员大会或支部委员会会议上进行。"
        return "" if self.kinds else f"这次活动{row.get_state_display()}，不能登记或修改表决。"

    def get_basis(self) -> list[Any]:
        return [BASIS[kind] for kind in self.kinds]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(
            preview_url=f"{self.activity.get_absolute_url()}votes/preview/",
            lead=f"{self.activity.held_on:%Y-%m-%d} {self.activity.org}，有表决权 {self.electorate.size} 人，"
            f"到会 {len(self.electorate.there)} 人。", **kwargs,
        )  # fmt: skip
        form = context["form"]
        context["found"] = reckoned(self, form) if form.is_bound and form.is_valid() else None
        return context

    def perform(self, form: Any) -> str:
        services.record_vote(activity=self.activity, org=self.org, ballot=form.ballot_of(), actor=self.request.user)
        return f"{self.activity.get_absolute_url()}#votes"


def reckoned(page: VoteMixin, form: VoteForm) -> services.Reckoning:
    return services.reckon(page.activity, page.org, form.ballot_of(), page.electorate)


class VotePreview(VoteMixin, GuardedView, View):
    """What comes of the numbers typed so far; nothing is kept."""

    permission = permissions.KEEP
    http_method_names = ["post"]

    def get_queryset(self) -> Any:
        return Activity.objects.select_related("org", "kind", "second_kind")

    @property
    def activity(self) -> Activity:
        return self.object  # type: ignore[no-any-return]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = VoteForm(request.POST, **self.form_kwargs())
        form.is_valid()
        ready = "kind" in form.cleaned_data
        return render(request, "activities/_reckoning.html", {"found": reckoned(self, form) if ready else None})


class EditVote(VotePage):
    """修改表决."""

    title = "修改表决"
    submit_label = "保存"
    success_message = "已保存。"

    def get_queryset(self) -> Any:
        return Vote.objects.select_related("org", "member", "activity__org", "activity__kind", "activity__second_kind")

    @property
    def activity(self) -> Activity:
        return self.object.activity  # type: ignore[no-any-return]

    @cached_property
    def org(self) -> PartyOrg:
        return self.object.org  # type: ignore[no-any-return]

    @cached_property
    def orgs(self) -> list[PartyOrg]:
        return [self.object.org]

    def get_title(self) -> str:
        return f"{self.title}：{self.object.matter}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS, {"label": self.activity.title, "url": self.activity.get_absolute_url()}]

    def get_cancel_url(self) -> str:
        return f"{self.activity.get_absolute_url()}#votes"

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        there, named = len(set(row.voters)), NAMED_AT_THE_END.search(row.matter)
        return {
            **{name: getattr(row, name) for name in (*services.NUMBERS, "kind", "matter", "member", "left_out_reason", "version")},
            "ballot": BY_BALLOT if row.is_secret else OPEN, "voters": [str(pk) for pk in row.voters],
            "unfiled": row.present - there, "person": named[1] if named and row.member_id is None else "",
        }  # fmt: skip

    def perform(self, form: Any) -> str:
        services.change_vote(
            vote=self.object, ballot=form.ballot_of(), actor=self.request.user, version=form.cleaned_data["version"]
        )
        return self.get_cancel_url()


class RemoveVote(EditPage):
    permission = permissions.KEEP
    form_class = DropForm
    title = "删除表决"
    lead = "只用于登记有误。"
    submit_label = "删除"
    success_message = "已删除。"
    danger = True
    object: Vote

    def get_queryset(self) -> Any:
        return Vote.objects.select_related("org", "activity__org")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS, {"label": self.object.activity.title, "url": self.object.activity.get_absolute_url()}]

    def get_cancel_url(self) -> str:
        return f"{self.object.activity.get_absolute_url()}#votes"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def perform(self, form: Any) -> str:
        services.remove_vote(vote=self.object, reason=form.cleaned_data["reason"], actor=self.request.user)
        return self.get_cancel_url()
