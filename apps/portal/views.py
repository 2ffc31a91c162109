"""Home is what I must do; and the ways to find anything else."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property

from apps.core.excel.problems import file_problems
from apps.core.panels import HOME_CARDS, HOME_TODO, SEARCH, HomeCard, PanelContext, TodoItem, rendered
from apps.core.periods import Period
from apps.core.rights import OWN_WORK
from apps.core.urgency import as_rows, in_order
from apps.core.views import PageView
from apps.members.number_search import word_for

from .shell import TODO_COUNT

SHOWN_AT_HOME = 7


def todo_items(request: HttpRequest, today: datetime.date) -> list[TodoItem]:
    """Everything that the user must do, the most urgent first; the top bar remembers how many."""
    items: list[TodoItem] = []
    for result in rendered(HOME_TODO, PanelContext(request.user, today)):
        items.extend(result if isinstance(result, list) else [result])
    request.session[TODO_COUNT] = len(items)
    return in_order(items)


class HomeView(PageView):
    """工作台: due items with date, reason and one button; then what the user's role looks at every day."""

    permission = OWN_WORK
    template_name = "portal/home.html"
    title = "工作台"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        items = todo_items(self.request, self.today)
        return super().get_context_data(
            todo=as_rows(items[:SHOWN_AT_HOME], self.today), todo_label=f"全部 {len(items)} 项",
            quarter=Period.quarter_of(self.today).label, top=self._cards("top"), side=self._cards("side"), below=self._cards("below"),
            **kwargs,
        )  # fmt: skip

    def _cards(self, place: str) -> list[HomeCard]:
        return [card for card in self.home_cards if card.place == place]

    @cached_property
    def home_cards(self) -> list[HomeCard]:
        return rendered(HOME_CARDS, PanelContext(self.request.user, self.today))


class TodoView(PageView):
    """待办: all of it."""

    permission = OWN_WORK
    template_name = "portal/todo.html"
    title = "待办"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        items = todo_items(self.request, self.today)
        return super().get_context_data(todo=as_rows(items, self.today), **kwargs)


class SearchView(PageView):
    """One box for everything: each app's panel answers for its own kind of thing, inside the scope.

    What is typed is sent by POST and asked for by an address in which no personal number stands.
    """

    permission = OWN_WORK
    template_name = "portal/search.html"
    title = "搜索"

    def post(self, request: HttpRequest) -> HttpResponse:
        word = word_for(request.POST.get("q", "").strip()[:60], today=self.today)
        return HttpResponseRedirect(f"/search/?{urlencode({'q': word})}" if word else "/search/")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        text = self.request.GET.get("q", "").strip()[:60]
        found = rendered(SEARCH, PanelContext(self.request.user, self.today, text)) if text else []
        return super().get_context_data(
            search_query=text, groups=[group for group in found if group.hits], **kwargs
        )


class HelpView(PageView):
    """帮助: what the portal promises, its limits and its answers, in the words of the screen."""

    permission = OWN_WORK
    template_name = "portal/help.html"
    title = "帮助"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(file_problems=file_problems(), **kwargs)


class MenuView(PageView):
    """The sidebar as a page, for phones without JavaScript."""

    permission = OWN_WORK
    template_name = "portal/menu.html"
    title = "菜单"
