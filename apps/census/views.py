"""Pages of a round: the list, the opening, the cockpit, the closing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.core.guard import may, resolve_scope
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.core.views import ActionView, FormPage, PageView

from . import progress, round_sql, rounds, services
from .forms import CloseForm, OpenRoundForm
from .models import CensusRound
from .permissions import ANSWER, CLOSE, OPEN, REVIEW, VIEW
from .rules import CENSUS
from .showing import COLUMNS, cockpit_figures, daily_chart, group_table, list_url, progress_bar

HOME = {"label": "摸底", "url": "/census/"}
GROUPINGS = {"park": "按园区", "building": "按楼栋", "org": "按党组织"}


class RoundsView(PageView):
    """Every round that concerns the reader, with how far it is."""

    permission = VIEW
    template_name = "census/rounds.html"
    title = "季度摸底"
    lead = "每期摸底给范围内每家企业一张摸底表，带出现有情况，由党支部和指导员填报，园区审核后写入台账。"

    def get_actions(self) -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = [{"label": "摸底台账", "url": "/census/returns/"}]
        if may(self.request.user, ANSWER):
            actions.append({"label": "我的摸底", "url": "/census/mine/"})
        if may(self.request.user, OPEN):
            actions.append({"label": "发起摸底", "url": "/census/open/", "primary": True})
        return actions

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = rounds.seen(self.request.user)
        counts = progress.of_rounds(found, today=self.today)
        lines = [
            {"round": row, "counts": counts[row.pk], "bar": progress_bar(counts[row.pk]),
             "urls": {name: list_url(row, **filters) for _, name, filters in COLUMNS}}
            for row in found
        ]  # fmt: skip
        return super().get_context_data(lines=lines, may_open=may(self.request.user, OPEN), **kwargs)


class OpenRoundView(FormPage):
    """发起摸底. Opening a round that is open already adds the enterprises that have arrived since."""

    permission = OPEN
    form_class = OpenRoundForm
    title = "发起摸底"
    submit_label = "发起"
    success_message = ""

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [HOME]

    def get_cancel_url(self) -> str:
        return "/census/"

    def get_basis(self) -> list[Any]:
        return [CENSUS]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "today": self.today}

    def get_initial(self) -> dict[str, Any]:
        living = PartyOrg.objects.filter(ended_on=None)
        named = living.filter(code=self.request.GET.get("org", "")).first()
        return {"org": named or living.first(), "period": str(Period.quarter_of(self.today)), "opens_on": self.today}

    def perform(self, form: Any) -> Any:
        facts = form.facts()
        period = Period.parse(facts.pop("period"))
        opening = services.open_round(period=period, today=self.today, actor=self.request.user, **facts)
        said = "已发起" if opening.is_new else "这期摸底已在进行"
        self.success_message = f"{said}：{opening.round.title}，生成 {opening.added} 张摸底表。"
        return opening.round


class RoundMixin:
    """Finds the round of `pk`: one from above is seen, but only the own ones can be closed."""

    kwargs: dict[str, Any]
    request: Any

    @cached_property
    def round(self) -> CensusRound:
        found = rounds.one(self.kwargs["pk"], self.request.user)
        if found is None:
            raise Http404
        return found


class OwnRoundMixin(RoundMixin):
    @cached_property
    def round(self) -> CensusRound:
        found = CensusRound.objects.select_related("org").filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class CockpitView(RoundMixin, PageView):
    """应报, 已报, 按时, 退回, 已审 by park, building or organisation; every figure opens to its returns."""

    permission = VIEW
    template_name = "census/cockpit.html"

    def get_title(self) -> str:
        return self.round.title

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [HOME]

    @property
    def owns(self) -> bool:
        return resolve_scope(self.request.user, CLOSE).covers(self.round.org_path)

    def get_actions(self) -> list[dict[str, Any]]:
        base = self.round.get_absolute_url()
        mine = urlencode({"round": self.round.pk, "state": "submitted"})
        wanted = [
            (may(self.request.user, REVIEW) and self.round.is_open, "审核", f"/census/returns/?{mine}", {"primary": True}),
            (True, "摸底台账", f"/census/returns/?round={self.round.pk}", {}),
            (self.owns and self.round.is_open, "关闭摸底", f"{base}close/", {"danger": True}),
        ]
        return [{"label": label, "url": url, **how} for fits, label, url, how in wanted if fits]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, by = self.round, self.request.GET.get("by", "park")
        by = by if by in GROUPINGS else "park"
        groups, node = self._groups(by)
        drilled = node is not None and self.request.GET.get("org")
        total = progress.totals(row, today=self.today) if drilled else progress.summed(groups)
        return super().get_context_data(
            round=row, total=total, figures=cockpit_figures(row, total), by=by, groupings=GROUPINGS.items(), node=node,
            table=group_table(row, GROUPINGS[by].removeprefix("按"), groups, total), bar=progress_bar(total),
            chart=daily_chart(row, progress.by_day(row, today=self.today), total, today=self.today),
            arrivals=round_sql.count_arrivals(row, row.as_of(self.today)) if self.owns and row.is_open else 0,
            days_left=(row.due_on - self.today).days, **kwargs,
        )  # fmt: skip

    def _groups(self, by: str) -> tuple[list[progress.Group], PartyOrg | None]:
        if by == "park":
            return progress.by_park(self.round, today=self.today), None
        if by == "building":
            return progress.by_building(self.round, today=self.today), None
        node = self._node()
        return (progress.by_organisation(self.round, node, today=self.today) if node else []), node

    def _node(self) -> PartyOrg | None:
        """The node whose children are shown: the chosen one, else the highest that the reader answers for."""
        if code := self.request.GET.get("org"):
            return PartyOrg.objects.filter(path__startswith=self.round.org_path, code=code).first()
        if required_scope().covers(self.round.org_path):
            return self.round.org
        return PartyOrg.objects.filter(path__startswith=self.round.org_path).first()


class AddArrivalsView(OwnRoundMixin, ActionView):
    """补入新入驻企业: what the hourly task does, at once."""

    permission = OPEN
    success_message = ""

    def get_back_url(self) -> str:
        return str(self.round.get_absolute_url())

    def perform(self) -> str:
        added = services.add_arrivals(census_round=self.round, today=self.today, actor=self.request.user)
        messages.success(self.request, f"已补入 {added} 家新入驻企业。" if added else "没有新入驻的企业。")
        return self.get_back_url()


class CloseView(OwnRoundMixin, FormPage):
    """关闭摸底: says what is cut off, and asks once more when something is."""

    permission = CLOSE
    template_name = "core/confirm.html"
    form_class = CloseForm
    submit_label = "关闭并封存"
    danger = True
    success_message = "已关闭，本期数据已封存。"

    def get_title(self) -> str:
        return f"关闭{self.round.title}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [HOME, {"label": self.round.title, "url": self.round.get_absolute_url()}]

    def get_cancel_url(self) -> str:
        return str(self.round.get_absolute_url())

    def get_basis(self) -> list[Any]:
        return [CENSUS]

    def get_locked(self) -> str:
        return "" if self.round.is_open else f"{self.round.closing_sentence()}。"

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        if not self.counts.open_ends:
            del form.fields["confirmed"]
        return form

    @cached_property
    def counts(self) -> progress.Counts:
        return progress.totals(self.round, today=self.today)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, counts = self.round, self.counts
        day = row.as_of(self.today)
        sentences = [
            f"关闭后，{row.org}范围内{row.span.label}的数据截至 {day:%Y-%m-%d} 封存，所有摸底表锁定，"
            "此日期及以前的变动不能再登记；更正须另写更正说明，个别企业可以限期重新开放。",
            f"应报 {counts.expected} 份，已报 {counts.reported} 份（按时 {counts.on_time} 份），已审 {counts.approved} 份。",
        ]
        items = [f"没有办完：{counts.open_ends}"] if counts.open_ends else []
        return super().get_context_data(sentences=sentences, items=items, **kwargs)

    def perform(self, form: Any) -> Any:
        return services.close_round(
            census_round=self.round, today=self.today, actor=self.request.user,
            confirmed=bool(form.cleaned_data.get("confirmed")),
        )  # fmt: skip
