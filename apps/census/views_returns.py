"""摸底台账 and one return as the officer checks it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages

from apps.core.guard import may, resolve_scope
from apps.core.text import row_id
from apps.core.views import ActionView, DetailPage, EditPage, LedgerView, ObjectMixin

from . import comparison, services
from .forms import ReopenForm, SendBackForm
from .ledgers import ReturnLedger, tone_of
from .models import CensusReturn, ReturnEvent
from .permissions import ANSWER, CLOSE, REVIEW, VIEW
from .rules import CLEAR_FLAGS, SECTION_FACTS, Action, Section, State, allowed_actions
from .views import HOME

LIST = "/census/returns/"


class ReturnsView(LedgerView):
    """摸底台账, with approval of what is ticked."""

    ledger = ReturnLedger

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [HOME]

    def get_bulk_actions(self) -> list[dict[str, str]]:
        if not may(self.request.user, REVIEW):
            return []
        question = "所勾选的摸底表将通过审核，并写入企业台账。确定通过？"
        return [{"label": "批量审核通过", "url": f"{LIST}approve/", "tone": "primary", "confirm": question}]

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "我的摸底", "url": "/census/mine/"}] if may(self.request.user, ANSWER) else []


class ReturnMixin:
    """Finds the return of `pk` in the scope, with its round and its enterprise."""

    today: Any

    def get_queryset(self) -> Any:
        rows = CensusReturn.objects.with_stand().with_cover(self.today)
        return rows.select_related("round__org", "enterprise__org")


class ReturnPage(ReturnMixin, DetailPage):
    """One return beside the last one: what changed is marked, what the rules say is said."""

    permission = VIEW
    template_name = "census/return.html"

    def get_title(self) -> str:
        return f"{self.object.enterprise.name} 摸底表"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        row = self.object.round
        return [HOME, {"label": row.title, "url": f"{LIST}?round={row.pk}"}]

    def get_badges(self) -> list[dict[str, str]]:
        row = self.object
        badges = [{"text": State(row.stand).label, "tone": tone_of(row)}]
        if row.submitted_on:
            badges.append({"text": "按时", "tone": "success"} if row.is_on_time else {"text": "逾期报", "tone": "danger"})
        if row.state == State.LOCKED:
            badges.append({"text": "锁定", "tone": "neutral"})
        return badges

    def get_facts(self) -> list[dict[str, Any]]:
        row = self.object
        return [
            {"label": "企业", "value": row.enterprise.name, "url": row.enterprise.get_absolute_url()},
            {"label": "责任党组织", "value": str(row.enterprise.org)},
            {"label": "摸排方式", "value": row.get_method_display()},
            {"label": "摸排日期", "value": row.checked_on},
            {"label": "填报人", "value": row.answered_by_name},
            {"label": "上报日期", "value": row.submitted_on},
            {"label": "截止日期", "value": row.round.due_on},
            {"label": "审核人", "value": row.reviewed_by_name},
        ]

    def get_actions(self) -> list[dict[str, Any]]:
        row, base = self.object, self.object.get_absolute_url()
        wanted: list[tuple[bool, str, str, dict[str, Any]]] = [(True, "打印空白表", "sheet", {})]
        if self._may(ANSWER):
            fills = Action.SUBMIT in allowed_actions(State(row.state), "filler")
            wanted += [(fills, "本季无变化", "unchanged", {}), (fills, "填报", "fill", {"primary": True})]
        wanted.append((row.state == State.LOCKED and self._may(CLOSE), "重新开放", "reopen", {}))
        return [{"label": label, "url": f"{base}{name}/", **how} for fits, label, name, how in wanted if fits]

    def _is_filler(self) -> bool:
        """Whoever answered, or else a filler of the branch; an officer who checks sends back instead."""
        return self._may(ANSWER) and (self.object.answered_by_id == self.request.user.pk or not self._may(REVIEW))

    def _may(self, permission: str) -> bool:
        return resolve_scope(self.request.user, permission).covers(self.object.enterprise.org_path)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.object
        last = comparison.before(row)
        changed = {each.name for each in comparison.differences(row, last)}
        covered = row.covered
        answered = row.stand not in (State.NOT_STARTED, State.DRAFT)
        found = comparison.findings(row, covered=covered, last=last, today=self.today) if answered else []
        officer = allowed_actions(State(row.state), "officer") if self._may(REVIEW) else []
        return super().get_context_data(
            blocks=[_block(section, row, last, changed) for section in Section
                    if not (covered and section is Section.UNBUILT)],
            last=last, changed=len(changed), findings=[f for f in found if f.level != "block"],
            events=_story(row), locked=self._locked(), may_approve=Action.APPROVE in officer,
            may_send_back=Action.SEND_BACK in officer and row.state != State.LOCKED,
            may_withdraw=Action.WITHDRAW in allowed_actions(State(row.state), "filler") and self._is_filler(), **kwargs,
        )  # fmt: skip

    def _locked(self) -> str:
        row = self.object
        if row.round.is_open:
            return ""
        if row.reopened_until and row.reopened_until >= self.today:
            return f"{row.round.closing_sentence()}；这份摸底表已重新开放至 {row.reopened_until:%Y-%m-%d}：{row.comment}"
        return f"{row.round.closing_sentence()}，摸底表已锁定。需要补报的，由{row.round.org}工作人员限期重新开放。"


def _block(section: Section, row: CensusReturn, last: comparison.Before, changed: set[str]) -> dict[str, Any]:
    flag = CLEAR_FLAGS.get(section)
    clear = getattr(row, flag) if flag else bool(row.unbuilt_reason)
    lines = [
        {
            "label": str(row._meta.get_field(name).verbose_name),
            "old": comparison.shown(name, last.values[name]) if name in last.values else "",
            "new": comparison.shown(name, getattr(row, name)),
            "changed": name in changed,
        }
        for name in SECTION_FACTS[section]
    ]
    return {"title": section.label.removesuffix("清"), "lines": lines,
            "clear": None if clear is None else "清" if clear else "不清"}  # fmt: skip


def _story(row: CensusReturn) -> list[dict[str, Any]]:
    events = ReturnEvent.objects.filter(census_return=row)
    return [{"at": e.at, "title": f"{e.actor_name} {e.get_action_display()}", "text": e.comment} for e in events]


class ApproveView(ReturnMixin, ObjectMixin, ActionView):
    """通过, and on to the next return that waits."""

    permission = REVIEW
    success_message = "已审核通过，并写入企业台账。"

    def perform(self) -> str:
        row = self.object
        seen = self.request.POST.get("version", "")
        services.approve(census_return=row, today=self.today, actor=self.request.user,
                         comment=self.request.POST.get("comment", ""), version=row_id(seen))  # fmt: skip
        following = CensusReturn.objects.waiting_for_review().filter(round=row.round_id).order_by("pk").first()
        return str(following.get_absolute_url()) if following else f"{LIST}?round={row.round_id}&state=approved"

    def get_back_url(self) -> str:
        return f"{LIST}{self.kwargs['pk']}/"


class ApproveManyView(ActionView):
    """批量审核通过: all that is ticked or none."""

    permission = REVIEW
    success_message = ""

    def perform(self) -> str:
        rows = services.approve_all(
            returns=self.ticked(CensusReturn.objects.select_related("enterprise")), today=self.today,
            actor=self.request.user,
        )  # fmt: skip
        messages.success(self.request, f"已审核通过 {len(rows)} 份摸底表，并写入企业台账。")
        return self.get_back_url()

    def get_back_url(self) -> str:
        names = [each.name for each in ReturnLedger.filters]
        kept = {name: self.request.POST[name] for name in names if self.request.POST.get(name)}
        return f"{LIST}?{urlencode(kept)}" if kept else LIST


class SendBackView(ReturnMixin, EditPage):
    """退回 with a comment."""

    permission = REVIEW
    form_class = SendBackForm
    submit_label = "退回"
    success_message = "已退回，填报人会看到您的意见。"

    def get_title(self) -> str:
        return f"退回「{self.object.enterprise.name}」摸底表"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [HOME, {"label": self.object.enterprise.name, "url": self.object.get_absolute_url()}]

    def perform(self, form: Any) -> Any:
        services.send_back(census_return=self.object, comment=form.cleaned_data["comment"], today=self.today,
                           actor=self.request.user, version=form.cleaned_data["version"])  # fmt: skip
        return f"{LIST}?round={self.object.round_id}&state=submitted"


class ReopenView(ReturnMixin, EditPage):
    """重新开放 one locked return, or all of its organisation, until a day."""

    permission = CLOSE
    form_class = ReopenForm
    submit_label = "重新开放"
    success_message = "已重新开放，到期自动锁定。"

    def get_title(self) -> str:
        return f"重新开放「{self.object.enterprise.name}」摸底表"

    def get_initial(self) -> dict[str, Any]:
        return {"extent": "one"}

    def perform(self, form: Any) -> Any:
        facts = form.facts()
        rows = [self.object]
        if facts["extent"] == "org":
            rows = list(CensusReturn.objects.filter(
                round=self.object.round_id, enterprise__org=self.object.enterprise.org_id, state=State.LOCKED
            ))  # fmt: skip
        services.reopen_returns(returns=rows, until=facts["until"], reason=facts["reason"], today=self.today,
                                actor=self.request.user)  # fmt: skip
        return self.object
