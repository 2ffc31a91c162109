"""岗位交接: the form on the page of an organisation, and the page that stays with the successor."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.accounts.handovers import hand_over, holders
from apps.accounts.models import Handover, User
from apps.accounts.permissions import HAND_OVER, HANDOVERS
from apps.branches.models import PartyOrg
from apps.core.errors import DomainError
from apps.core.forms import BaseForm
from apps.core.jobs import start_job
from apps.core.permissions import ROLE_LABELS
from apps.core.views import ActionView, DetailPage, EditPage
from apps.enterprises.views.tables import section, table

from .handover_package import books, contacts, open_duties
from .jobs import PACKAGE


class HandoverForm(BaseForm):
    """Who hands over, and to whom."""

    grant = forms.ChoiceField(label="交出人")
    incoming = forms.CharField(
        label="接手人账号", required=False, max_length=50, help_text="已建立的登录账号；还没有人选可留空，以后再授权"
    )
    note = forms.CharField(label="交接说明", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    disable = forms.BooleanField(label="交出人没有其他岗位时，停用其账号", required=False)

    def __init__(self, *args: Any, grants: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.grants = {str(grant.pk): grant for grant in grants}
        names = {pk: f"{grant.user.display_name}（{ROLE_LABELS[grant.role]}）" for pk, grant in self.grants.items()}
        self.fields["grant"] = forms.ChoiceField(label="交出人", choices=list(names.items()))

    def clean_incoming(self) -> User | None:
        name = self.cleaned_data["incoming"].strip()
        if not name:
            return None
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise forms.ValidationError("没有这个账号，或账号已停用。请先在“用户与授权”中建立账号。")
        return user


class HandOver(EditPage):
    """办理交接 at one organisation."""

    permission = HAND_OVER
    form_class = HandoverForm
    submit_label = "办理交接"
    success_message = "已交接：原账号即刻失去这个岗位的权限。"
    lead = "办理后交出人即刻失去这个岗位的权限，接手人从今天起有权限；交接页和交接包随岗位保留。"

    def get_queryset(self) -> Any:
        return PartyOrg.objects.filter(ended_on=None)

    def get_title(self) -> str:
        return f"岗位交接：{self.object}"

    def get_initial(self) -> dict[str, Any]:
        return {}

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "grants": holders(self.object, self.today)}

    def get_locked(self) -> str:
        if holders(self.object, self.today):
            return ""
        return "这个党组织现在没有书记或委员的登录授权，不需要交接；请在“用户与授权”中直接授权。"

    def perform(self, form: Any) -> Any:
        grant = form.grants.get(form.cleaned_data["grant"])
        if grant is None:
            raise DomainError("请选择交出人。", field="grant")
        return hand_over(
            org=self.object, grant=grant, incoming=form.cleaned_data["incoming"], note=form.cleaned_data["note"],
            disable=form.cleaned_data["disable"], today=self.today, actor=self.request.user,
        )  # fmt: skip


def handovers() -> Any:
    return Handover.objects.select_related("org", "incoming")


class HandoverPage(DetailPage):
    """What the successor finds: open duties, ledgers with their rows, whom to call."""

    permission = HANDOVERS
    template_name = "portal/handover.html"

    def get_queryset(self) -> Any:
        return handovers()

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": str(self.object.org), "url": self.object.org.get_absolute_url()}]

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        return [
            {"label": "岗位", "value": f"{row.org} {row.get_role_display()}"}, {"label": "交接日期", "value": f"{row.on:%Y-%m-%d}"},
            {"label": "交出人", "value": row.outgoing_name}, {"label": "接手人", "value": row.incoming_name or "待定"},
            {"label": "经办人", "value": row.handled_by_name}, {"label": "交接说明", "value": row.note, "wide": True},
        ]  # fmt: skip

    def get_sections(self) -> list[dict[str, Any]]:
        org, user = self.object.org, self.request.user
        duties = [
            [{"text": item.title, "url": item.url}, {"text": item.due_on.isoformat() if item.due_on else "—", "nowrap": True},
             {"text": item.reason}]
            for item in open_duties(org, user, self.today)
        ]  # fmt: skip
        ledgers = [
            [{"text": ledger.title, "url": f"/ledgers/{ledger.code}/"}, {"text": rows, "numeric": True}]
            for ledger, rows in books(org, user, self.today)
        ]
        people = [
            [{"text": row[name] or "—"} for name in ("name", "role", "org", "phone")]
            for row in contacts(org, self.today)
        ]
        return [
            section("duties", "待办事项", table(("事项", "截止日期", "事由"), duties, "目前没有待办事项。"), None),
            section("ledgers", "台账", table(("台账", "行数"), ledgers, "还没有台账数据。"), None),
            section(
                "contacts",
                "联系人",
                table(("姓名", "岗位", "所在组织", "联系电话"), people, "没有可联系的人员。"),
                None,
            ),
        ]


class PackHandover(ActionView):
    """生成交接包 in the background."""

    permission = HANDOVERS
    success_message = "正在生成交接包，完成后在“我的任务”下载。"

    def perform(self) -> str:
        row = handovers().filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise DomainError("没有找到这次交接。")
        start_job(
            kind=PACKAGE,
            title=f"交接包：{row.org}",
            params={"handover": row.pk},
            permission=HANDOVERS,
            actor=self.request.user,
        )
        return "/jobs/"
