"""一月一专题: the themes of a year, what the branches did with each."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.branches.rules import BRANCH_KINDS
from apps.core.guard import may
from apps.core.periods import Period
from apps.core.scoping import required_scope
from apps.core.views import EditPage, FormPage, PageView
from apps.enterprises.views.common import can

from .. import directory, permissions
from ..forms import education as forms
from ..models import Participation, Theme
from ..rules.education import THEMES as BASIS
from ..services import themes as services
from ..tables import table
from .venues import own_org

THEMES = {"label": "月度专题", "url": "/themes/"}
MONTHS = 12
SHOWN = 300


def branches_of(theme: Theme) -> Any:
    """The branches of the scope that the theme is for: those that exist at the end of its month."""
    last = Period.month_of(theme.month).last_day
    return PartyOrg.objects.living(last).filter(path__startswith=theme.org.path, kind__in=BRANCH_KINDS)


def asked_by(themes: list[Theme]) -> dict[int, int]:
    """{theme: how many branches of the scope it is for}. One query for each organisation that set themes."""
    found: dict[int, int] = {}
    for path in {theme.org.path for theme in themes}:
        own = [theme for theme in themes if theme.org.path == path]
        rows = PartyOrg.objects.filter(path__startswith=path, kind__in=BRANCH_KINDS).order_by()
        counts = rows.aggregate(**{f"of_{t.pk}": Count("pk", filter=_living(t)) for t in own})
        found |= {theme.pk: counts[f"of_{theme.pk}"] for theme in own}
    return found


def _living(theme: Theme) -> Q:
    """The condition of `branches_of` on the last day of the month of the theme."""
    last = Period.month_of(theme.month).last_day
    founded = Q(founded_on__isnull=True) | Q(founded_on__lte=last)
    return founded & (Q(ended_on__isnull=True) | Q(ended_on__gt=last))


def done_with(themes: list[Theme]) -> dict[int, int]:
    """{theme: how many branches of the scope have a counted record of its month that names it}. One query."""
    rows = Participation.objects.counted().filter(
        activity__theme__in=[t.pk for t in themes], org__kind__in=BRANCH_KINDS
    )
    months = Q(pk__in=[])
    for theme in themes:
        month = Period.month_of(theme.month)
        months |= Q(activity__theme=theme, held_on__gte=month.start, held_on__lt=month.end)
    counted = rows.filter(months).order_by().values("activity__theme").annotate(n=Count("org", distinct=True))
    return dict(counted.values_list("activity__theme", "n"))


class ThemesPage(PageView):
    """The themes of a year that concern the reader, planned against done."""

    permission = permissions.VIEW
    template_name = "activities/themes.html"
    title = "月度专题"

    @property
    def year(self) -> int:
        wanted = self.request.GET.get("year", "")
        return int(wanted) if wanted.isdecimal() and 2000 <= int(wanted) <= 2999 else self.today.year

    def get_actions(self) -> list[dict[str, Any]]:
        user = self.request.user
        new = [{"label": "安排专题", "url": "/themes/new/", "primary": True}] if may(user, permissions.ISSUE) else []
        return [*new, {"label": "学习材料", "url": "/materials/"}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        year = self.year
        themes = directory.themes_seen(datetime.date(year, 1, 1), datetime.date(year + 1, 1, 1))
        done, asked = done_with(themes), asked_by(themes)
        lines = [self._line(theme, done.get(theme.pk, 0), asked[theme.pk]) for theme in themes]
        headers = ("月份", "专题", "安排的党组织", "已开展支部", "应开展支部", "情况")
        empty = [f"{n}月" for n in range(1, MONTHS + 1) if n not in {theme.month.month for theme in themes}]
        return super().get_context_data(
            table=table(headers, lines, ""), year=year, earlier=year - 1, later=year + 1, basis=[BASIS],
            without=empty if themes and may(self.request.user, permissions.ISSUE) else [], **kwargs,
        )  # fmt: skip

    def _line(self, theme: Theme, done: int, asked: int) -> list[dict[str, Any]]:
        state = {"text": "完成", "badge": "success"} if asked and done >= asked else self._open(theme, done)
        return [
            {"text": f"{theme.month.month}月", "nowrap": True},
            {"text": theme.title, "url": theme.get_absolute_url()},
            {"text": str(theme.org)},
            {"text": str(done), "numeric": True, "url": self._names(theme) if done else ""},
            {"text": str(asked), "numeric": True},
            state,
        ]

    @staticmethod
    def _names(theme: Theme) -> str:
        return f"/activities/held/?theme={theme.pk}&period={Period.month_of(theme.month)}"

    def _open(self, theme: Theme, done: int) -> dict[str, Any]:
        if theme.month > self.today:
            return {"text": "未到月份", "badge": "neutral"}
        ended = Period.month_of(theme.month).end <= self.today
        return {"text": "未完成" if ended else "进行中", "badge": "warning" if ended else "info"}


class ThemePage(PageView):
    """One theme, for the office that set it and for the branches below it: outline, materials, who did it."""

    permission = permissions.VIEW
    template_name = "activities/theme.html"

    @cached_property
    def theme(self) -> Theme:
        found = directory.theme(self.kwargs["pk"])
        if found is None:
            raise Http404
        return found

    def get_title(self) -> str:
        return self.theme.title

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [THEMES]

    def get_actions(self) -> list[dict[str, Any]]:
        theme, user = self.theme, self.request.user
        month, found = Period.month_of(theme.month), []
        if may(user, permissions.KEEP) and month.contains(self.today):
            url = f"/activities/new/?kind=theme_day&theme={theme.pk}"
            found.append({"label": "记录活动", "url": url, "primary": True})
        if can(user, permissions.ISSUE, theme):
            found.append({"label": "修改", "url": f"/themes/{theme.pk}/edit/"})
            found.append({"label": "撤销", "url": f"/themes/{theme.pk}/withdraw/", "danger": True})
        return found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        theme = self.theme
        month = Period.month_of(theme.month)
        held = Participation.objects.counted().held_in(month).filter(activity__theme=theme).select_related("activity")
        by_org = {row.org_id: row for row in held.order_by("-held_on", "-pk")}
        lines = [self._line(org, by_org.get(org.pk)) for org in branches_of(theme).order_by("path")[:SHOWN]]
        return super().get_context_data(
            theme=theme, month=month, materials=directory.materials_about(theme), done=len(by_org),
            table=table(("党支部", "情况", "日期", "活动"), lines, ""), **kwargs,
        )  # fmt: skip

    @staticmethod
    def _line(org: PartyOrg, row: Participation | None) -> list[dict[str, Any]]:
        name = {"text": str(org), "url": org.get_absolute_url()}
        if row is None:
            return [name, {"text": "还没有记录", "badge": "warning"}, {"text": ""}, {"text": ""}]
        return [
            name, {"text": "已开展", "badge": "success"}, {"text": f"{row.held_on:%Y-%m-%d}", "nowrap": True},
            {"text": row.activity.title, "url": row.get_absolute_url()},
        ]  # fmt: skip


class SetTheme(FormPage):
    """安排专题."""

    permission = permissions.ISSUE
    form_class = forms.SetThemeForm
    title = "安排月度专题"
    success_message = "已安排，以下支部都能看到。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [THEMES]

    def get_cancel_url(self) -> str:
        return THEMES["url"]

    def get_initial(self) -> dict[str, Any]:
        return {"org": own_org(), "month": Period.month_of(self.today).next().start}

    def perform(self, form: Any) -> Theme:
        facts = form.facts()
        return services.set_theme(org=facts.pop("org"), facts=facts, actor=self.request.user)


class PartOfTheme(EditPage):
    """A form about a theme of the scope."""

    permission = permissions.ISSUE
    object: Theme

    def get_queryset(self) -> Any:
        return Theme.objects.filter(required_scope().as_q("org_path")).select_related("org")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [THEMES, {"label": self.object.title, "url": self.object.get_absolute_url()}]


class EditTheme(PartOfTheme):
    form_class = forms.ThemeForm
    title = "修改专题"

    def perform(self, form: Any) -> Theme:
        version = form.cleaned_data["version"]
        return services.change_theme(theme=self.object, facts=form.facts(), actor=self.request.user, version=version)


class WithdrawTheme(PartOfTheme):
    form_class = forms.WithdrawForm
    title = "撤销专题"
    lead = "没有活动记录和学习材料使用的专题可以撤销。"
    submit_label = "撤销"
    success_message = "已撤销。"
    danger = True

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.object.version}

    def perform(self, form: Any) -> str:
        services.withdraw_theme(theme=self.object, actor=self.request.user, version=form.cleaned_data["version"])
        return THEMES["url"]
