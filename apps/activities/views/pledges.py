"""公开承诺: the book, one promise with its progress, promising for one or for the whole branch, verifying."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import DetailPage, EditPage
from apps.enterprises.views.common import buttons
from apps.enterprises.views.lists import RegisterList
from apps.enterprises.views.tables import section, table
from apps.members.kinds import Relation
from apps.members.models import Member

from .. import permissions
from ..forms import pioneers as forms
from ..ledgers.pledges import PledgeLedger, member_link, tone_of
from ..models import Pledge
from ..rules.pioneers import OPEN_PLEDGES, PLEDGES
from ..services import pledges as services
from .of_branch import OfBranch

BOOK = {"label": "公开承诺台账", "url": "/pledges/"}


class PledgeList(RegisterList):
    """公开承诺台账."""

    ledger = PledgeLedger
    offers = (
        (permissions.KEEP, "登记承诺", "/pledges/new/"),
        (permissions.IMPORT, "导入", "/imports/activities.pledges/"),
    )


def pledges() -> Any:
    return Pledge.objects.select_related("org", "member", "post")


class PledgePage(DetailPage):
    """One promise: what, by when, how it went, who verified it."""

    permission = permissions.VIEW
    object: Pledge

    def get_queryset(self) -> Any:
        return pledges()

    def get_title(self) -> str:
        return f"{self.object.member.name}的公开承诺"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOK]

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        badges = [{"text": row.get_state_display(), "tone": tone_of(row, self.today)}]
        if row.state in OPEN_PLEDGES and row.due_on < self.today:
            badges.append({"text": f"逾期 {(self.today - row.due_on).days} 天", "tone": "danger"})
        return badges

    def get_actions(self) -> list[dict[str, Any]]:
        here, keep = self.object.get_absolute_url(), permissions.KEEP
        if self.object.state in OPEN_PLEDGES:
            wanted = [("验收", "verify/"), ("记进展", "progress/"), ("修改", "edit/")]
        else:
            wanted = [("撤回验收", "withdraw/")]
        return buttons(self.request.user, self.object, *((keep, label, here + way) for label, way in wanted))

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        verified: list[dict[str, Any]] = [
            {"label": "验收日期", "value": row.verified_on},
            {"label": "验收人", "value": row.verified_by_name},
            {"label": "验收意见", "value": row.verdict, "wide": True},
        ]
        return [
            {"label": "承诺事项", "value": row.content, "wide": True},
            {"label": "党员", "value": row.member.name, "url": member_link(row)},
            {"label": "党组织", "value": row.org.name, "url": row.org.get_absolute_url()},
            {"label": "承诺日期", "value": row.made_on},
            {"label": "兑现期限", "value": row.due_on},
            *([{"label": "先锋岗", "value": row.post.name, "url": self._post_url()}] if row.post else []),
            *(verified if row.verified_on else []),
        ]

    def _post_url(self) -> str:
        post = self.object.post
        return post.get_absolute_url() if post is not None and required_scope().covers(post.org_path) else ""

    def get_sections(self) -> list[dict[str, Any]]:
        cells = [
            [{"text": note["on"], "nowrap": True}, {"text": note["note"]}, {"text": note.get("by", ""), "nowrap": True}]
            for note in reversed(self.object.progress)
        ]
        return [section("progress", "进展", table(("日期", "进展", "登记人"), cells, "还没有记录进展。"), None)]


class MakePledges(OfBranch):
    """登记承诺: a line for each member of the branch; `?member=` for one only."""

    permission = permissions.KEEP
    form_class = forms.PledgesForm
    template_name = "activities/pledges_new.html"
    title = "登记公开承诺"
    submit_label = "登记"
    success_message = "已登记公开承诺。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOK]

    def get_cancel_url(self) -> str:
        return self.only.get_absolute_url() if self.only else BOOK["url"]

    def get_basis(self) -> list[Any]:
        return [PLEDGES]

    @cached_property
    def only(self) -> Member | None:
        """The one member whom the address names. Raises Http404 for somebody who is not kept in the scope."""
        if "member" not in self.request.GET:
            return None
        rows = Member.objects.exclude(relation=Relation.LEFT).select_related("org")
        found = rows.filter(pk=row_id(self.request.GET["member"])).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def org(self) -> Any:
        return self.only.org if self.only else super().org

    def get_title(self) -> str:
        return f"{self.title}：{self.only.name}" if self.only else super().get_title()

    def get_initial(self) -> dict[str, Any]:
        return {"made_on": self.today, "due_on": forms.year_end(self.today)}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "people": [] if self.only else self.people, "only": self.only}

    def perform(self, form: Any) -> str:
        given = form.cleaned_data
        made = services.make_pledges(
            org=self.org, promises=form.promises(), made_on=given["made_on"], due_on=given["due_on"], today=self.today,
            actor=self.request.user,
        )  # fmt: skip
        return made[0].get_absolute_url() if len(made) == 1 else f"{BOOK['url']}?org={self.org.code}&state=open"


class PartOfPledge(EditPage):
    """A form about one promise."""

    permission = permissions.KEEP
    object: Pledge

    def get_queryset(self) -> Any:
        return pledges()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BOOK, {"label": self.object.member.name, "url": self.object.get_absolute_url()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lead=f"承诺：{self.object.content}", **kwargs)

    def get_locked(self) -> str:
        row = self.object
        is_open = row.state in OPEN_PLEDGES
        return "" if is_open else f"这项承诺已于 {row.verified_on:%Y-%m-%d} 验收，不能再改。"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def common(self, form: Any) -> dict[str, Any]:
        return {"pledge": self.object, "actor": self.request.user, "version": form.cleaned_data["version"]}


class EditPledge(PartOfPledge):
    form_class = forms.PledgeForm
    title = "修改承诺"

    def get_initial(self) -> dict[str, Any]:
        row = self.object
        return {"version": row.version, "content": row.content, "due_on": row.due_on}

    def perform(self, form: Any) -> Pledge:
        return services.change_pledge(facts=form.facts(), **self.common(form))


class NoteProgress(PartOfPledge):
    form_class = forms.ProgressForm
    title = "记进展"
    submit_label = "登记"
    success_message = "已登记进展。"

    def perform(self, form: Any) -> Pledge:
        return services.note_progress(today=self.today, **form.facts(), **self.common(form))


class VerifyPledge(PartOfPledge):
    form_class = forms.VerifyForm
    title = "验收"
    submit_label = "验收"
    success_message = "已验收。"

    def get_initial(self) -> dict[str, Any]:
        name = self.request.user.display_name  # type: ignore[union-attr]
        return {**super().get_initial(), "kept": "1", "by": "" if name == self.object.member.name else name}

    def perform(self, form: Any) -> Pledge:
        return services.verify_pledge(today=self.today, **form.facts(), **self.common(form))


class WithdrawVerdict(PartOfPledge):
    form_class = forms.WithdrawVerdictForm
    title = "撤回验收"
    submit_label = "撤回"
    success_message = "验收已撤回。"

    def get_locked(self) -> str:
        return "" if self.object.state not in OPEN_PLEDGES else "这项承诺还没有验收。"

    def perform(self, form: Any) -> Pledge:
        return services.withdraw_verdict(**form.facts(), **self.common(form))
