"""流动党员: the book, one record, registering both directions, the arrival and the end."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import DetailPage, EditPage, FormPage
from apps.enterprises.views.lists import RegisterList

from .. import permissions
from ..fields import MemberChoiceField
from ..forms.mobile import ArriveForm, CloseForm, InflowForm, MobileForm, OutflowForm
from ..kinds import Direction, Relation
from ..ledgers.mobile import DIRECTION_TONES, MobileLedger
from ..ledgers.sides import away_name, direction_seen, home_name, keeps
from ..models import Member, MobileRecord
from ..querysets.mobile import last_contact
from ..rules.mobile import DAILY_CONTACT, DOUBLE_REGISTRATION, MOBILE
from ..services import mobile as services
from .agreements import own_branch
from .common import buttons, can

MOBILE_LIST = {"label": "流动党员", "url": "/mobile/"}


class MobileList(RegisterList):
    """流动党员台账."""

    ledger = MobileLedger
    offers = (
        (permissions.KEEP, "登记流出", "/mobile/out/new/"),
        (permissions.KEEP, "登记流入", "/mobile/in/new/"),
        (permissions.IMPORT, "导入", "/imports/members.mobile/"),
        (permissions.VIEW, "来访党员", "/visitors/"),
        (permissions.VIEW, "失联党员", "/lost/"),
    )


def records() -> Any:
    return MobileRecord.objects.select_related("member", "org", "other_org")


class MobilePage(DetailPage):
    """One record, as the reader's side sees it."""

    permission = permissions.VIEW
    object: MobileRecord

    def get_queryset(self) -> Any:
        return records().annotate(last_contact_on=last_contact(self.today))

    def get_title(self) -> str:
        return f"{direction_seen(self.object).label}：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MOBILE_LIST]

    def get_badges(self) -> list[dict[str, str]]:
        row, direction = self.object, direction_seen(self.object)
        badges = [{"text": direction.label, "tone": DIRECTION_TONES[direction]}]
        if not row.holds_on(self.today):
            badges.append({"text": "已结束" if row.until else "未开始", "tone": "neutral"})
        elif row.reported_on is None:
            badges.append({"text": "未报到", "tone": "danger"})
        if finding := services.absence_of(row, self.today):
            badges.append({"text": finding.message, "tone": "warning"})
        return badges

    @property
    def may_confirm(self) -> bool:
        """Whoever is at the other end in the portal; else who keeps the record."""
        row = self.object
        if row.reported_on is not None or row.until is not None:
            return False
        return confirms(row) and may_act(self.request.user, row)

    def get_actions(self) -> list[dict[str, Any]]:
        row, here = self.object, self.object.get_absolute_url()
        actions: list[dict[str, Any]] = []
        if self.may_confirm:
            actions.append({"label": "确认报到", "url": f"{here}arrive/", "primary": True})
        if row.until is None and may_act(self.request.user, row):
            actions.append({"label": "登记联系", "url": f"{here}contact/", "primary": not actions})
        ways = [(permissions.KEEP, "修改", f"{here}edit/")]
        if row.until is None:
            ways.append((permissions.KEEP, "结束流动", f"{here}close/"))
        return [*actions, *({**each, "primary": False} for each in buttons(self.request.user, row, *ways))]

    def get_facts(self) -> list[dict[str, Any]]:
        row, scope = self.object, required_scope()
        seen = scope.covers(row.member.org_path)
        return [
            {"label": "姓名", "value": row.member.name, "hint": row.member.code,
             "url": row.member.get_absolute_url() if seen else ""},
            {"label": "关系所在党支部", "value": home_name(row)},
            {"label": "流入地党组织", "value": away_name(row)},
            {"label": "流动原因", "value": row.get_reason_display()},
            {"label": "起始日期", "value": row.since},
            {"label": "流动地点", "value": row.place},
            {"label": "报到日期", "value": row.reported_on},
            {"label": "联系人", "value": row.contact_name},
            {"label": "最近联系", "value": row.last_contact_on},  # type: ignore[attr-defined]
            {"label": "流动党员活动证号", "value": row.card_number},
            {"label": "党费交至", "value": row.dues_paid_until},
            {"label": "预计返回", "value": row.expected_return_on},
            *([{"label": "结束日期", "value": row.until}] if row.until else []),
            {"label": "登记党组织", "value": row.org.name},
            *([{"label": "备注", "value": row.note, "wide": True}] if row.note else []),
        ]  # fmt: skip


def confirms(row: MobileRecord) -> bool:
    """Whether the reader is the one who says that the member has reported."""
    if row.direction == Direction.OUT and row.other_org_id:
        return required_scope().covers(row.other_path)
    return keeps(row)


def may_act(user: Any, row: MobileRecord) -> bool:
    """Whether the user may write for one of the two sides."""
    if can(user, permissions.KEEP, row):
        return True
    return bool(row.other_org_id) and can(user, permissions.KEEP, row.other_org)


class RegisterOutflow(FormPage):
    """登记流出; `?member=` brings the member along, otherwise one of the roster is chosen."""

    permission = permissions.KEEP
    form_class = OutflowForm
    title = "登记流出"
    submit_label = "登记"
    success_message = "已登记流出。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MOBILE_LIST]

    def get_basis(self) -> list[Any]:
        return [MOBILE, DOUBLE_REGISTRATION]

    def get_cancel_url(self) -> str:
        return self.member.get_absolute_url() if self.member else MOBILE_LIST["url"]

    @cached_property
    def member(self) -> Member | None:
        """The member that the address names; 404 for one who is not on a roster of the scope."""
        wanted = self.request.GET.get("member")
        if not wanted:
            return None
        found = Member.objects.filter(pk=row_id(wanted), relation=Relation.HERE).select_related("org").first()
        if found is None:
            raise Http404
        return found

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if self.member is None:
            form.fields["member"] = MemberChoiceField()
            form.fieldsets = ({"title": "本人", "fields": ("member",)}, *form.fieldsets)
        return form

    def get_title(self) -> str:
        return f"{self.title}：{self.member.name}" if self.member else self.title

    def get_initial(self) -> dict[str, Any]:
        return {"since": self.today, "contact_name": getattr(self.request.user, "display_name", "")}

    def perform(self, form: Any) -> MobileRecord:
        given = form.facts()
        member = self.member or given.pop("member")
        ends = {name: given.pop(name) for name in ("since", "other_org")}
        return services.register_outflow(
            member=member, facts=given, reason=form.cleaned_data["explanation"], today=self.today,
            actor=self.request.user, **ends,
        )  # fmt: skip


class RegisterInflow(FormPage):
    """登记流入."""

    permission = permissions.KEEP
    form_class = InflowForm
    title = "登记流入"
    submit_label = "登记"
    success_message = "已登记流入。接着可以签订双重管理协议，或动员转入组织关系。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MOBILE_LIST]

    def get_basis(self) -> list[Any]:
        return [MOBILE, DAILY_CONTACT]

    def get_cancel_url(self) -> str:
        return MOBILE_LIST["url"]

    def get_initial(self) -> dict[str, Any]:
        name = getattr(self.request.user, "display_name", "")
        return {"org": own_branch(), "since": self.today, "contact_name": name}

    def perform(self, form: Any) -> MobileRecord:
        given = form.facts()
        facts = {name: given.pop(name) for name in services.FACTS}
        return services.register_inflow(
            facts=facts, reason=form.cleaned_data["explanation"], today=self.today, actor=self.request.user, **given
        )


class PartOfRecord(EditPage):
    """A form about one record; who keeps it changes it."""

    permission = permissions.KEEP
    object: MobileRecord

    def get_queryset(self) -> Any:
        return records()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MOBILE_LIST, {"label": self.object.member.name, "url": self.object.get_absolute_url()}]

    def get_locked(self) -> str:
        return "" if keeps(self.object) else f"由「{self.object.org}」登记，请由登记的党组织办理。"


class EditRecord(PartOfRecord):
    form_class = MobileForm
    title = "修改流动登记"

    def perform(self, form: Any) -> MobileRecord:
        return services.change_record(
            mobile=self.object, facts=form.facts(), reason=form.cleaned_data["explanation"], actor=self.request.user,
            version=form.cleaned_data["version"],
        )  # fmt: skip


class ConfirmArrival(PartOfRecord):
    """确认报到: where the other end is in the portal, by its branch."""

    form_class = ArriveForm
    title = "确认报到"
    submit_label = "确认"
    success_message = "已确认报到。"

    def get_locked(self) -> str:
        row = self.object
        if row.reported_on is not None:
            return f"已于 {row.reported_on:%Y-%m-%d} 报到。"
        return "" if confirms(row) else f"报到由流入地「{away_name(row)}」确认。"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "reported_on": self.today}

    def perform(self, form: Any) -> MobileRecord:
        return services.confirm_arrival(
            mobile=self.object, on=form.cleaned_data["reported_on"], today=self.today, actor=self.request.user,
            version=form.cleaned_data["version"],
        )  # fmt: skip


class CloseRecord(PartOfRecord):
    """结束流动."""

    form_class = CloseForm
    title = "结束流动"
    submit_label = "结束"
    success_message = "已结束流动登记。"

    def get_locked(self) -> str:
        row = self.object
        return f"已于 {row.until:%Y-%m-%d} 结束。" if row.until else super().get_locked()

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version, "on": self.today}

    def perform(self, form: Any) -> MobileRecord:
        return services.close_record(
            mobile=self.object, on=form.cleaned_data["on"], note=form.cleaned_data["note"], today=self.today,
            actor=self.request.user, version=form.cleaned_data["version"],
        )  # fmt: skip
