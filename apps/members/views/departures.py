"""离职属地管理: who left the post, by reason; one departure until it is placed."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q

from apps.core.guard import resolve_scope
from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import DetailPage, EditPage, FormPage, LedgerView, may

from .. import permissions
from ..forms import transfers as forms
from ..kinds import DepartureReason, Relation, TransferState
from ..ledgers.transfers import STATE_TONES, DepartureLedger
from ..models import Departure, Member, Transfer
from ..parameters import transfer_terms
from ..rules import transfers as rules
from ..services import departures as services

DEPARTURES = {"label": "离职去向", "url": "/departures/"}


class DepartureList(LedgerView):
    """离职属地管理台账, with the counts by reason above it."""

    ledger = DepartureLedger
    template_name = "members/departures.html"

    def get_actions(self) -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = []
        if may(self.request.user, permissions.KEEP):
            actions.append({"label": "登记离职", "url": "/departures/new/", "primary": True})
        if may(self.request.user, permissions.IMPORT):
            actions.append({"label": "导入", "url": "/imports/members.departures/"})
        return [*actions, {"label": "转接台账", "url": "/transfers/"}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Every figure opens the list behind it."""
        counted = Departure.objects.values("reason").annotate(all=Count("pk"), open=Count("pk", Q(placed_on=None)))
        by_reason = {row["reason"]: row for row in counted.order_by()}
        figures = [
            {
                "label": reason.label, "value": by_reason[reason]["all"], "url": f"/departures/?reason={reason.value}",
                "hint": f"待落实 {by_reason[reason]['open']}" if by_reason[reason]["open"] else "全部落实",
            }
            for reason in DepartureReason if reason in by_reason
        ]  # fmt: skip
        waiting = sum(row["open"] for row in by_reason.values())
        total = sum(row["all"] for row in by_reason.values())
        first = {"label": "去向已落实", "value": total - waiting, "url": "/departures/?state=placed",
                 "numerator": {"text": f"待落实 {waiting}", "url": "/departures/?state=open"}}  # fmt: skip
        return super().get_context_data(figures=[first, *figures] if total else [], **kwargs)


class DeparturePage(DetailPage):
    """One departure: open until the relation is where the person now belongs."""

    permission = permissions.VIEW
    object: Departure

    def get_queryset(self) -> Any:
        months = transfer_terms(self.today).departure_months
        rows = Departure.objects.select_related("member", "org", "enterprise")
        return rows.with_lateness(self.today, months)

    def get_title(self) -> str:
        return f"离职去向：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [DEPARTURES]

    def get_badges(self) -> list[dict[str, str]]:
        if self.object.placed_on:
            return [{"text": "已落实", "tone": "success"}]
        late = self.object.is_late  # type: ignore[attr-defined]
        return [{"text": "超过期限未落实" if late else "待落实", "tone": "danger" if late else "warning"}]

    def get_actions(self) -> list[dict[str, Any]]:
        row, user = self.object, self.request.user
        if row.placed_on:
            return []
        actions: list[dict[str, Any]] = []
        under_way = Transfer.objects.open().filter(member=row.member_id).exists()
        transfers = resolve_scope(user, permissions.TRANSFER).covers(row.org_path)
        if transfers and not under_way and row.member.relation == Relation.HERE:
            actions.append({"label": "发起转出", "url": f"/transfers/new/?member={row.member_id}", "primary": True})
        if transfers and not under_way:
            actions.append({"label": "凭证落实", "url": f"{row.get_absolute_url()}place/"})
        if resolve_scope(user, permissions.KEEP).covers(row.org_path):
            actions += [
                {"label": "重新上岗", "url": f"{row.get_absolute_url()}withdraw/"},
                {"label": "修改", "url": f"{row.get_absolute_url()}edit/"},
            ]
        return actions

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        seen = required_scope().covers(row.member.org_path)
        return [
            {"label": "姓名", "value": row.member.name, "url": row.member.get_absolute_url() if seen else ""},
            {"label": "原党支部", "value": row.org.name},
            {"label": "原所在企业", "value": row.enterprise and row.enterprise.name},
            {"label": "离职日期", "value": row.left_post_on},
            {"label": "原因", "value": row.get_reason_display()},
            {"label": "去向（属地党组织）", "value": row.destination},
            {"label": "落实日期", "value": row.placed_on},
            {"label": "说明", "value": row.note, "wide": True},
        ]

    def get_sections(self) -> list[dict[str, Any]]:
        rows = Transfer.objects.filter(departure=self.object)
        lines = [
            [{"text": f"{row.requested_on:%Y-%m-%d}", "url": row.get_absolute_url()}, {"text": row.outside or str(row.other_org)},
             {"text": row.get_state_display(), "badge": STATE_TONES.get(TransferState(row.state), "info")}]
            for row in rows.select_related("other_org")
        ]  # fmt: skip
        table = {"headers": ["申请日期", "转往", "状态"], "rows": lines, "empty": "还没有发起转接。"}
        return [{"id": "transfers", "title": "组织关系转接", "template": "enterprises/_table.html", "table": table}]


class RecordDeparture(FormPage):
    """登记离职."""

    permission = permissions.KEEP
    form_class = forms.DepartureForm
    title = "登记离职"
    submit_label = "登记"
    success_message = "已登记。组织关系转到属地党组织后，去向才算落实。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [DEPARTURES]

    def get_cancel_url(self) -> str:
        return "/departures/"

    def get_basis(self) -> list[Any]:
        return [rules.DESTINATION]

    def get_initial(self) -> dict[str, Any]:
        member = Member.objects.filter(pk=row_id(self.request.GET.get("member", ""))).first()
        return {"member": member, "left_post_on": self.today}

    def perform(self, form: Any) -> Departure:
        return services.record_departure(today=self.today, actor=self.request.user, **form.facts())


class DepartureStep(EditPage):
    """A form about one departure that is still open."""

    permission = permissions.TRANSFER

    def get_queryset(self) -> Any:
        return Departure.objects.select_related("member", "org")

    def get_title(self) -> str:
        return f"{self.title}：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [DEPARTURES, {"label": str(self.object.member), "url": self.object.get_absolute_url()}]

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "on": self.today}

    def get_locked(self) -> str:
        placed_on = self.object.placed_on
        return f"去向已于 {placed_on:%Y-%m-%d} 落实，不再修改。" if placed_on else ""

    def common(self, form: Any) -> dict[str, Any]:
        return {
            "departure": self.object, "version": form.cleaned_data["version"], "actor": self.request.user,
            **form.facts(),
        }  # fmt: skip


class PlaceDeparture(DepartureStep):
    """凭证落实: the relation arrived by another way than a transfer of the portal."""

    form_class = forms.PlaceForm
    title = "落实离职去向"
    submit_label = "确认落实"
    success_message = "已落实，组织关系转出。"
    lead = "用于在全国系统中已经转接完成的情形；在本平台办理转接的，接收后自动落实。"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "note": ""}

    def get_basis(self) -> list[Any]:
        return [rules.DESTINATION, rules.LETTER_TEXT]

    def perform(self, form: Any) -> Departure:
        return services.place_departure(today=self.today, **self.common(form))


class WithdrawDeparture(DepartureStep):
    """重新上岗."""

    permission = permissions.KEEP
    form_class = forms.WithdrawForm
    title = "重新上岗"
    submit_label = "登记"
    success_message = "已登记，组织关系留在本支部。请在党员页面更新所在企业。"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "note": ""}

    def perform(self, form: Any) -> Departure:
        return services.withdraw_departure(today=self.today, **self.common(form))


class ChangeDeparture(DepartureStep):
    """修改离职记录."""

    permission = permissions.KEEP
    form_class = forms.ChangeDepartureForm
    title = "修改离职记录"

    def perform(self, form: Any) -> Departure:
        return services.change_departure(**self.common(form))
