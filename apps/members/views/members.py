"""党员名册 as a page, and the registration of a member: first look, then write."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.branches.models import PartyOrg
from apps.branches.rules import CAPABILITIES, OrgKind
from apps.core.codes import CodeError, check_id_number, mask_id_number
from apps.core.guard import may
from apps.core.text import clean_name, row_id
from apps.core.views import FormPage
from apps.enterprises.models import Enterprise
from apps.enterprises.views.common import BulkFormPage
from apps.enterprises.views.lists import RegisterList

from .. import permissions
from ..forms.members import FindForm, GroupForm, RegisterForm
from ..kinds import Relation
from ..ledgers.roster import MemberRoster
from ..models import Member
from ..services.facts import Known, known_person, may_come_back, refusal_of_known
from ..services.members import assign_group, register_member
from .common import MEMBERS, members

SAME_NAME_SHOWN = 8


class MemberList(RegisterList):
    """党员名册, today's or that of another day."""

    ledger = MemberRoster
    offers = (
        (permissions.KEEP, "新增党员", "/members/new/"),
        (permissions.IMPORT, "导入", "/imports/members.roster/"),
    )

    def get_bulk_actions(self) -> list[dict[str, str]]:
        """Only today's roster has members to tick; that of another day has their memberships."""
        asked = self.request.GET.get("on", "")
        if asked not in ("", self.today.isoformat()) or not may(self.request.user, permissions.KEEP):
            return []
        return [{"label": "编入小组", "url": "/members/group/", "tone": ""}]


class GroupMembers(BulkFormPage):
    """编入小组 for ticked members of one branch."""

    permission = permissions.KEEP
    form_class = GroupForm
    title = "编入小组"
    submit_label = "编入"
    back_url = "/members/"
    noun = "名党员"

    def get_queryset(self) -> Any:
        return members().order_by("org_path", "pk")

    def get_title(self) -> str:
        return f"{self.title}：{len(self.chosen)} 名党员"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MEMBERS]

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today}

    def perform(self, form: Any) -> str:
        group = form.cleaned_data["group"]
        assign_group(
            members=self.chosen, group=group, on=form.cleaned_data["on"], today=self.today, actor=self.request.user
        )
        return f"/members/?group={group.code}"


class RegisterMember(FormPage):
    """新增党员 in two steps: name and ID number are looked up, then the rest is typed.

    The number travels in the body of the form only. Somebody of another branch is answered with the sentence that
    a transfer is needed, and nothing else.
    """

    permission = permissions.KEEP
    form_class = RegisterForm
    template_name = "members/register.html"
    title = "新增党员"
    submit_label = "登记"
    success_message = "已登记。"
    find: FindForm | None = None

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MEMBERS]

    def get_cancel_url(self) -> str:
        return "/members/"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.find = FindForm()
        return self.render_to_response(self.get_context_data(asking=True))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "submission" in request.POST:
            return super().post(request, *args, **kwargs)
        self.find = FindForm(request.POST)
        if not self.find.is_valid():
            return self._asked_again()
        name, number = clean_name(self.find.cleaned_data["name"]), self.find.cleaned_data["id_number"].strip()
        known = self._known(number)
        if not self.find.is_valid():
            return self._asked_again()
        if known is not None and not may_come_back(known, admitted=True, joined_on=self.today):
            return self.render_to_response(self.get_context_data(
                asking=True, known=known if known.visible else None, refusal=refusal_of_known(known).message
            ))  # fmt: skip
        form = RegisterForm(initial={**self.get_initial(), "name": name, "id_number": number})
        alike = list(members().filter(name=name).exclude(relation=Relation.LEFT)[:SAME_NAME_SHOWN])
        return self.render_to_response(self.get_context_data(form=form, alike=alike, came_back=known is not None))

    def _known(self, number: str) -> Known | None:
        """Who has the number; a number that cannot be right is said beside its field."""
        if not number:
            return None
        try:
            return known_person(check_id_number(number, today=self.today).number)
        except CodeError as error:
            self.find.add_error("id_number", error.message)
            return None

    def _asked_again(self) -> HttpResponse:
        return self.render_to_response(self.get_context_data(asking=True), status=422)

    def get_initial(self) -> dict[str, Any]:
        """The branch where there is one only, today, and the enterprise that a page brought along."""
        kinds = [kind for kind in OrgKind if CAPABILITIES[kind].holds_members]
        branches = list(PartyOrg.objects.filter(kind__in=kinds, ended_on=None)[:2])
        enterprise = Enterprise.objects.filter(pk=row_id(self.request.GET.get("enterprise"))).first()
        org = branches[0] if len(branches) == 1 else None
        if enterprise is not None and CAPABILITIES[OrgKind(enterprise.org.kind)].holds_members:
            org = enterprise.org
        return {"on": self.today, "org": org, "enterprise": enterprise}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.find.data.get("id_number", "") if self.find is not None and self.find.is_bound else ""
        return super().get_context_data(find=self.find, masked=mask_id_number(asked) if asked else "", **kwargs)

    def perform(self, form: Any) -> Member:
        data = form.facts()
        how = {name: data.pop(name) for name in ("relation", "org", "on", "entry", "enterprise", "confirmed",
                                                 *RegisterForm.DATES)}  # fmt: skip
        return register_member(facts=data, **how, today=self.today, actor=self.request.user)
