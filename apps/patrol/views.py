"""规则巡查: what was found, one finding, putting it off, and a patrol by day."""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.functional import cached_property

from apps.core.clock import minute
from apps.core.errors import DomainError
from apps.core.guard import may_open, resolve_scope
from apps.core.jobs import start_job
from apps.core.models import Job
from apps.core.periods import add_months
from apps.core.views import ActionView, DetailPage, EditPage, LedgerView, ObjectMixin, may

from . import registry, services, showing
from .forms import AsideForm
from .jobs import PATROL
from .ledgers import PatrolLedger, level_of, level_tone, state_of_row, state_tone, subject_kind
from .models import PatrolHit, PatrolRun
from .permissions import OVERSEE, RUN, VIEW
from .rules import HitState


class PatrolView(LedgerView):
    """The list with a summary of every rule above it."""

    ledger = PatrolLedger
    template_name = "patrol/hits.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = showing.lines_by_rule(self.today, self.request.user)
        runs = {run.rule: run for run in PatrolRun.objects.all()}
        done = [run.done_at for run in runs.values() if run.done_at]
        broken = [
            {"rule": rule, "since": runs[rule.code].done_at}
            for rule in registry.in_order() if rule.code in runs and runs[rule.code].is_broken
        ]  # fmt: skip
        return super().get_context_data(
            lines=[line for line in lines if line["open"] or line["aside"]],
            quiet=[line["rule"].label for line in lines if not line["open"] and not line["aside"]],
            total=sum(line["open"] for line in lines), ran_at=max(done, default=None), broken=broken,
            may_run=may(self.request.user, RUN), **kwargs,
        )  # fmt: skip


class HitObject(ObjectMixin):
    """One finding of the scope, with its rule (None when that no longer exists)."""

    today: datetime.date
    request: Any

    def get_queryset(self) -> Any:
        return PatrolHit.objects.told_to(self.request.user).select_related("org", "dismissed_by")

    @cached_property
    def hit(self) -> Any:
        self.object.asked_on = self.today
        return self.object

    @property
    def rule(self) -> registry.PatrolRule | None:
        return registry.registry.get(self.hit.rule)

    @property
    def label(self) -> str:
        return self.rule.label if self.rule else self.hit.rule

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "规则巡查", "url": showing.list_url()}]


class HitView(HitObject, DetailPage):
    """What was found, against which rule, since when, and what to do."""

    permission = VIEW
    template_name = "patrol/hit.html"

    def get_title(self) -> str:
        return f"{self.label}：{self.hit.title}"

    def get_badges(self) -> list[dict[str, str]]:
        badges = [{"text": level_of(self.hit), "tone": level_tone(self.hit)}] if self.rule else []
        return [*badges, {"text": state_of_row(self.hit).label, "tone": state_tone(self.hit)}]

    def get_actions(self) -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = []
        if self.may_put_off and state_of_row(self.hit) is HitState.OPEN:
            actions.append({"label": "暂缓处理", "url": f"{self.hit.get_absolute_url()}aside/"})
        if self.hit.resolved_on is None and self.may_mend:
            actions.append({"label": "去办理", "url": self.hit.url, "primary": True})
        return actions

    @property
    def may_mend(self) -> bool:
        return may_open(self.request.user, self.hit.url)

    @property
    def may_put_off(self) -> bool:
        return resolve_scope(self.request.user, OVERSEE).covers(self.hit.org_path)

    def get_facts(self) -> list[dict[str, Any]]:
        hit, rule = self.hit, self.rule
        facts = [
            {"label": subject_kind(hit), "value": hit.title, "url": hit.url if self.may_mend else ""},
            {"label": "党组织", "value": hit.org.name, "url": hit.org.get_absolute_url()},
            {"label": "实际情况", "value": hit.value},
            {"label": "规定", "value": hit.limit},
            {"label": "依据", "value": str(rule.basis) if rule else ""},
            {"label": "怎么办", "value": rule.advice if rule else ""},
            {"label": "首次发现", "value": hit.first_found_on},
            {"label": "已持续", "value": f"{((hit.resolved_on or self.today) - hit.first_found_on).days} 天"},
        ]
        if hit.resolved_on:
            facts.append({"label": "消除日期", "value": hit.resolved_on})
        if hit.dismissed_until:
            facts += [
                {"label": "暂缓原因", "value": hit.dismissed_reason},
                {"label": "暂缓决定人", "value": hit.dismissed_by.display_name},
                {"label": "重新列出日期", "value": hit.dismissed_until},
            ]
        return facts

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        aside = state_of_row(self.hit) is HitState.ASIDE
        return super().get_context_data(may_list_again=aside and self.may_put_off, **kwargs)


class AsideView(HitObject, EditPage):
    """暂缓处理."""

    permission = OVERSEE
    form_class = AsideForm
    submit_label = "暂缓处理"
    success_message = "已暂缓处理，到期仍未消除会重新列出。"

    def get_title(self) -> str:
        return f"暂缓处理：{self.label}（{self.hit.title}）"

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "until": add_months(self.today, 1), "version": self.object.version}

    def get_basis(self) -> list[Any]:
        return [self.rule.basis] if self.rule else []

    def get_locked(self) -> str:
        resolved = self.object.resolved_on
        return f"这项发现已于 {resolved:%Y-%m-%d} 消除，不用再办理。" if resolved else ""

    def perform(self, form: Any) -> PatrolHit:
        version = form.cleaned_data["version"]
        return services.set_aside(
            hit=self.object, today=self.today, actor=self.request.user, version=version, **form.facts()
        )


class ListAgainView(HitObject, ActionView):
    """恢复处理."""

    permission = OVERSEE
    success_message = "已恢复处理。"

    def get_back_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self) -> PatrolHit:
        return services.list_again(hit=self.object, today=self.today, actor=self.request.user)


class RunView(ActionView):
    """现在巡查: the nightly work at once, in the background."""

    permission = RUN
    success_message = ""

    def get_back_url(self) -> str:
        return showing.list_url()

    def perform(self) -> Job:
        running = Job.objects.filter(kind=PATROL, state__in=(Job.State.QUEUED, Job.State.RUNNING)).first()
        if running is not None:
            raise DomainError(f"巡查正在进行（{minute(running.created_at)} 发起），请稍后刷新本页。")
        return start_job(kind=PATROL, title="规则巡查", params={}, permission=RUN, actor=self.request.user)
