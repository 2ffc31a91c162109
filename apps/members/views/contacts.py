"""季度联系: who is due, one contact in under a minute, the book of contacts."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.core.clock import minute
from apps.core.errors import Conflict
from apps.core.period_guard import guard_day
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.core.views import DetailPage, EditPage, FormPage, PageView, may
from apps.enterprises.views.lists import RegisterList

from .. import due, permissions
from ..forms.mobile import ContactForm
from ..kinds import ContactMethod
from ..ledgers.mobile import ContactLedger
from ..ledgers.sides import keeps
from ..models import ContactNote, DualAgreement, Member, MobileRecord
from ..rules.mobile import QUARTERLY_CONTACT
from ..services import contacts as services
from .common import buttons

DUE = {"label": "季度联系", "url": "/contacts/due/"}
QUARTERS_OFFERED = 4
BRANCHES_SHOWN = 200
"""How many branches the page lists, those with most people missing first (appearance only)."""


class ContactList(RegisterList):
    """季度联系台账."""

    ledger = ContactLedger
    offers = ((permissions.VIEW, "本季联系情况", DUE["url"]),)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [DUE]


class ContactsDue(PageView):
    """本季已联系 x/y: by branch for whoever oversees several, by name for one; each with its button."""

    permission = permissions.VIEW
    template_name = "members/contacts_due.html"
    title = "季度联系"

    @cached_property
    def quarter(self) -> Period:
        try:
            found = Period.parse(self.request.GET.get("quarter", ""))
        except ValueError:
            return Period.quarter_of(self.today)
        return found if found.kind == "quarter" and found.start <= self.today else Period.quarter_of(self.today)

    @cached_property
    def lines(self) -> list[due.Progress]:
        return due.progress(due.day_of(self.quarter, self.today))

    @cached_property
    def org(self) -> PartyOrg | None:
        """The organisation whose people are listed: the one that was asked for, or the only one."""
        wanted = self.request.GET.get("org", "")
        if wanted:
            found = PartyOrg.objects.called(wanted)
            if len(found) != 1:
                raise Http404
            return found[0]
        return self.lines[0].org if len(self.lines) == 1 else None

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "联系台账", "url": f"/contacts/?quarter={self.quarter}"}]

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [DUE] if self.request.GET.get("org") else []

    def closed(self, org: PartyOrg) -> str:
        """The sentence that says why nothing can be added to the quarter any more; empty while it is open."""
        try:
            guard_day(org.path, due.day_of(self.quarter, self.today))
        except Conflict as conflict:
            return conflict.message
        return ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        org, now = self.org, Period.quarter_of(self.today)
        lines = [line for line in self.lines if org is None or line.org.path.startswith(org.path)]
        total = sum(line.due for line in lines)
        done = sum(line.done for line in lines)
        people = due.people(org, due.day_of(self.quarter, self.today)) if org else []
        closed = self.closed(org) if org else ""
        shown = sorted(lines, key=lambda line: -line.missing)[:BRANCHES_SHOWN] if len(lines) > BRANCHES_SHOWN else lines
        return super().get_context_data(
            quarter=self.quarter, is_now=self.quarter == now, org=org, total=total, done=done, missing=total - done,
            people=people, closed=closed, lines=shown if org is None or not people else [],
            cut=len(lines) - len(shown), basis=[QUARTERLY_CONTACT],
            quarters=[now.shift(-back) for back in range(QUARTERS_OFFERED)],
            may_keep=may(self.request.user, permissions.KEEP) and not closed, **kwargs,
        )  # fmt: skip


class RecordContact(FormPage):
    """登记联系: what the person says in three short fields; how, when and who are filled in."""

    permission = permissions.KEEP
    form_class = ContactForm
    title = "登记联系"
    submit_label = "登记"
    success_message = "已登记联系。"

    def person(self) -> tuple[Member, PartyOrg, str]:
        """Whom, which organisation's duty it is, and who makes the contact usually. 404 outside the scope."""
        raise NotImplementedError

    @cached_property
    def about(self) -> tuple[Member, PartyOrg, str]:
        return self.person()

    def get_title(self) -> str:
        return f"{self.title}：{self.about[0].name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [DUE]

    def get_cancel_url(self) -> str:
        return DUE["url"]

    @cached_property
    def last(self) -> ContactNote | None:
        return ContactNote.objects.filter(member=self.about[0], org=self.about[1]).first()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        last = self.last
        said = (
            f"上次联系 {last.on:%Y-%m-%d}（{last.contact_name}，{last.get_method_display()}）"
            if last
            else "还没有联系记录"
        )
        return super().get_context_data(lead=f"{self.about[1]} · {said}", **kwargs)

    def get_initial(self) -> dict[str, Any]:
        usual = self.about[2] or (self.last.contact_name if self.last else "")
        return {"on": self.today, "contact_name": usual or getattr(self.request.user, "display_name", "")}

    def perform(self, form: Any) -> str:
        member, org, _ = self.about
        services.record_contact(member=member, org=org, facts=form.facts(), today=self.today, actor=self.request.user)
        seen = PartyOrg.objects.filter(pk=org.pk).first()
        return f"{DUE['url']}?org={seen.code}" if seen else DUE["url"]


def only(rows: Any) -> Any:
    """The row, or the 404 of a row that is not there."""
    found = rows.first()
    if found is None:
        raise Http404
    return found


class ContactMember(RecordContact):
    """With a member of the scope."""

    def person(self) -> tuple[Member, PartyOrg, str]:
        member = only(Member.objects.filter(pk=self.kwargs["pk"]).select_related("org"))
        away = MobileRecord.objects.as_of(self.today).leaving().filter(member=member).first()
        return member, member.org, away.contact_name if away else ""


class ContactByAgreement(RecordContact):
    """With somebody under dual management, who may be on another roster."""

    def person(self) -> tuple[Member, PartyOrg, str]:
        rows = DualAgreement.objects.managed_here().select_related("member", "org")
        agreement = only(rows.filter(pk=self.kwargs["pk"]))
        return agreement.member, agreement.org, agreement.contact_name


class ContactByRecord(RecordContact):
    """With a mobile member, from the side on which the reader is."""

    def person(self) -> tuple[Member, PartyOrg, str]:
        rows = MobileRecord.objects.select_related("member", "org", "other_org")
        mobile = only(rows.filter(pk=self.kwargs["pk"]))
        side = mobile.org if keeps(mobile) else mobile.other_org
        return mobile.member, side, mobile.contact_name


class ContactPage(DetailPage):
    """One contact."""

    permission = permissions.VIEW
    object: ContactNote

    def get_queryset(self) -> Any:
        return ContactNote.objects.select_related("member", "org")

    def get_title(self) -> str:
        return f"联系：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [DUE, {"label": "联系台账", "url": "/contacts/"}]

    def get_badges(self) -> list[dict[str, str]]:
        badges = [{"text": ContactMethod(self.object.method).label, "tone": "info"}]
        late = (self.object.recorded_at.date() - self.object.on).days
        return [*badges, {"text": f"{late} 天后登记", "tone": "warning"}] if late > 1 else badges

    def get_actions(self) -> list[dict[str, Any]]:
        ways = (permissions.KEEP, "修改", f"{self.object.get_absolute_url()}edit/")
        return buttons(self.request.user, self.object, ways)

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        seen = required_scope().covers(row.member.org_path)
        return [
            {"label": "姓名", "value": row.member.name, "url": row.member.get_absolute_url() if seen else ""},
            {"label": "联系日期", "value": row.on, "hint": Period.quarter_of(row.on).label},
            {"label": "联系人", "value": row.contact_name},
            {"label": "联系的党组织", "value": row.org.name},
            {"label": "登记时间", "value": minute(row.recorded_at)},
            {"label": "思想动态", "value": row.thoughts, "wide": True},
            {"label": "学习情况", "value": row.study, "wide": True},
            {"label": "现实表现", "value": row.conduct, "wide": True},
        ]


class EditContact(EditPage):
    """修改联系记录."""

    permission = permissions.KEEP
    form_class = ContactForm
    title = "修改联系记录"
    object: ContactNote

    def get_queryset(self) -> Any:
        return ContactNote.objects.select_related("member", "org")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [DUE, {"label": self.object.member.name, "url": self.object.get_absolute_url()}]

    def perform(self, form: Any) -> ContactNote:
        return services.change_contact(
            note=self.object, facts=form.facts(), version=form.cleaned_data["version"], today=self.today,
            actor=self.request.user,
        )  # fmt: skip
