"""组织关系转接: the list, one transfer with its next step, the letter, and what forms offer while somebody types."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.utils.functional import cached_property
from django.views import View

from apps.core.guard import GuardedView, resolve_scope
from apps.core.scoping import Scope, required_scope
from apps.core.views import DetailPage, LedgerView, may

from .. import permissions
from ..directory import branches_named, committee_above, committees_above
from ..kinds import Relation, TransferKind, TransferState
from ..ledgers.transfers import STATE_TONES, TransferLedger, receiver, sender
from ..models import Member, Transfer
from ..rules import transfers as rules
from ..rules.transfers import Side, Step
from ..services import transfers as services

TRANSFERS = {"label": "组织关系转接", "url": "/transfers/"}
SEARCH_LENGTH = 60

PERMISSIONS = {Step.APPROVE: permissions.APPROVE_TRANSFER, Step.LETTER: permissions.APPROVE_TRANSFER}
"""Which right a step asks for; the others ask for that of the branch."""
BASIS = {
    Step.CHECK: rules.DUES, Step.APPROVE: rules.AUTHORITY, Step.LETTER: rules.LETTER, Step.ACCEPT: rules.RESPONSIBILITY,
    Step.RETURN: rules.NO_REFUSAL,
}  # fmt: skip


def scope_of(user: Any, step: Step) -> Scope:
    """Where the user may take the step."""
    return resolve_scope(user, PERMISSIONS.get(step, permissions.TRANSFER))


def side_name(row: Transfer, step: Step) -> str:
    """Who takes the step: names of organisations only."""
    side = rules.side_of(step, TransferKind(row.kind), TransferState(row.state))
    if side is Side.COMMITTEE:
        return str(committee_above(row.org_path) or "上级党委")
    return row.org.name if side is Side.KEEPER or row.other_org is None else row.other_org.name


def step_label(row: Transfer, step: Step) -> str:
    return "登记回执" if step is Step.ACCEPT and row.kind == TransferKind.OUT else step.label


def paid_until(row: Transfer) -> str:
    """党费交至年月, as the letter says it."""
    day = row.dues_paid_until
    return f"{day.year}年{day.month}月" if day else ""


class TransferList(LedgerView):
    """组织关系转接台账."""

    ledger = TransferLedger

    def get_actions(self) -> list[dict[str, Any]]:
        user = self.request.user
        actions: list[dict[str, Any]] = []
        if may(user, permissions.TRANSFER):
            actions += [
                {"label": "发起转出", "url": "/transfers/new/", "primary": True},
                {"label": "登记转入", "url": "/transfers/arrive/"},
            ]
        if may(user, permissions.IMPORT):
            actions.append({"label": "导入", "url": "/imports/members.transfers/"})
        return [*actions, {"label": "离职去向", "url": "/departures/"}]

    def get_bulk_actions(self) -> list[dict[str, str]]:
        if not may(self.request.user, permissions.APPROVE_TRANSFER):
            return []
        return [{"label": "批准", "url": "/transfers/approve/", "tone": ""}]


class TransferPage(DetailPage):
    """One transfer for both sides: where it stands, who acts next, and the button for whoever does."""

    permission = permissions.VIEW
    template_name = "members/transfer.html"
    object: Transfer

    def get_queryset(self) -> Any:
        return Transfer.objects.told().select_related("member", "org", "other_org", "enterprise", "departure")

    def get_title(self) -> str:
        return f"组织关系转接：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRANSFERS]

    @cached_property
    def kind(self) -> TransferKind:
        return TransferKind(self.object.kind)

    @cached_property
    def state(self) -> TransferState:
        return TransferState(self.object.state)

    def get_badges(self) -> list[dict[str, str]]:
        return [
            {"text": self.state.label, "tone": STATE_TONES.get(self.state, "info")},
            {"text": self.kind.label, "tone": "info"},
        ]

    def takes(self, step: Step) -> bool:
        """Whether the reader may take the step now."""
        allowed = rules.allows(step, self.kind, self.state)
        return allowed and services.may_take(self.object, step, scope_of(self.request.user, step))

    def get_actions(self) -> list[dict[str, Any]]:
        here = self.object.get_absolute_url()
        actions: list[dict[str, Any]] = []
        if self.object.letter_on and Step.LETTER in rules.STEPS[self.kind]:
            actions.append({"label": "打印介绍信", "url": f"{here}print/"})
        for step in (Step.RETURN, Step.CANCEL):
            if self.takes(step):
                actions.append({"label": step.label, "url": f"{here}{step.value}/", "danger": True})
        if self.state in rules.AGAIN and self._keeps():
            page = "arrive" if self.kind is TransferKind.IN else "new"
            actions.append({"label": "重新办理", "url": f"/transfers/{page}/?again={self.object.pk}", "primary": True})
        return actions

    def _keeps(self) -> bool:
        return resolve_scope(self.request.user, permissions.TRANSFER).covers(self.object.org_path)

    def get_facts(self) -> list[dict[str, Any]]:
        row, member = self.object, self.object.member
        seen = required_scope().covers(member.org_path)
        facts: list[dict[str, Any]] = [
            {"label": "姓名", "value": member.name, "url": member.get_absolute_url() if seen else ""},
            {"label": "性别", "value": member.get_sex_display()},
            {"label": "党员类别", "value": member.stage_on(self.today).label},
            {"label": "入党日期", "value": member.joined_on},
            {"label": "转正日期", "value": member.formal_on},
            {"label": "党费交至", "value": paid_until(row)},
            {"label": "转出党组织", "value": sender(row), "wide": True},
            {"label": "转入党组织", "value": receiver(row), "wide": True},
            {"label": "申请日期", "value": row.requested_on},
            {"label": "支部核实", "value": row.checked_on},
            {"label": "党委批准", "value": row.approved_on},
            {"label": "介绍信编号", "value": row.letter_number},
            {"label": "开具日期", "value": row.letter_on},
            {"label": "有效期至", "value": row.valid_until, "hint": self._left()},
            {"label": self._ending(), "value": row.ended_on},
            {"label": "转入后所在企业", "value": row.enterprise and row.enterprise.name},
        ]  # fmt: skip
        texts = (
            ("转接原因", row.reason), ("退回（撤销）原因", row.return_reason), ("更正说明", row.correction), ("备注", row.note),
        )  # fmt: skip
        return facts + [{"label": label, "value": text, "wide": True} for label, text in texts if text]

    def _left(self) -> str:
        until = self.object.valid_until
        if until is None or rules.next_step(self.kind, self.state) is None:
            return ""
        days = (until - self.today).days
        return f"还有 {days} 天" if days >= 0 else f"已过期 {-days} 天"

    def _ending(self) -> str:
        return {
            TransferState.RETURNED: "退回日期", TransferState.CANCELLED: "撤销日期", TransferState.EXPIRED: "过期日期",
        }.get(self.state, "接收日期")  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        step = rules.next_step(self.kind, self.state)
        following = step and {
            "label": step_label(row, step), "by": side_name(row, step), "basis": BASIS[step],
            "url": f"{row.get_absolute_url()}{step.value}/" if self.takes(step) else "",
        }  # fmt: skip
        return super().get_context_data(steps=self._steps(step), following=following, **kwargs)

    def _steps(self, following: Step | None) -> list[dict[str, str]]:
        steps = rules.STEPS[self.kind]
        reached = steps.index(following) if following else len(steps) if self.state is TransferState.ACCEPTED else -1
        if reached < 0:  # over before the end: what was done has a date
            dates = (self.object.checked_on, self.object.approved_on, self.object.letter_on)
            reached = sum(day is not None for day in dates[: len(steps) - 1])
        states = ["done"] * reached + (["now"] if following else []) + [""] * len(steps)
        named = [{"label": "申请", "state": "done"}]
        return named + [
            {"label": step_label(self.object, step), "state": state} for step, state in zip(steps, states, strict=False)
        ]


class LetterPage(DetailPage):
    """介绍信 for print: the stub, the letter and the receipt on one sheet."""

    permission = permissions.VIEW
    template_name = "members/letter.html"

    def get_queryset(self) -> Any:
        return Transfer.objects.told().select_related("member", "org", "other_org")

    def get_title(self) -> str:
        return f"组织关系介绍信：{self.object.member.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [TRANSFERS, {"label": self.object.member.name, "url": self.object.get_absolute_url()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        above = committees_above(path for path in (row.org_path, row.other_path) if path)
        to = above.get(row.other_path)
        issued = row.letter_on is not None and Step.LETTER in rules.STEPS[TransferKind(row.kind)]
        return super().get_context_data(
            issuer=above[row.org_path], addressee=to.name if to else receiver(row), sender=sender(row),
            receiver=receiver(row), issued=issued, days=(row.valid_until - row.letter_on).days if issued else 0,
            stage=row.member.stage_on(row.letter_on or self.today).label, number=row.letter_number.strip("第号 "), **kwargs,
        )  # fmt: skip


class BranchOptions(GuardedView, View):
    """The directory of branches, while somebody types: names only."""

    permission = permissions.TRANSFER
    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> JsonResponse:
        text = request.GET.get("q", "").replace("\x00", "").strip()[:SEARCH_LENGTH]
        return JsonResponse({"results": [{"value": pk, "text": name} for pk, name in branches_named(text)]})


class MemberOptions(GuardedView, View):
    """The members of the scope, while somebody types; `relation` names those that may be chosen."""

    permission = permissions.VIEW
    http_method_names = ["get"]
    shown = 30

    def get(self, request: HttpRequest) -> JsonResponse:
        text = request.GET.get("q", "").replace("\x00", "").strip()[:SEARCH_LENGTH]
        wanted = set(request.GET.get("relation", Relation.HERE.value).split(",")) & set(Relation)
        rows = Member.objects.filter(relation__in=wanted).select_related("org").order_by("org_path", "pk")
        found = (rows.matching(text) if text else rows)[: self.shown]
        return JsonResponse({"results": [self.option(member) for member in found]})

    @staticmethod
    def option(member: Member) -> dict[str, Any]:
        keywords = f"{member.name} {member.initials} {member.code}"
        return {"value": member.pk, "text": f"{member.name}（{member.org}，{member.code}）", "keywords": keywords}
