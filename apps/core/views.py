"""The four kinds of page. A screen is a declaration over one of them.

`LedgerView` lists, `DetailPage` shows one object, `FormPage` asks and calls one service, `ActionView`
confirms and calls one service. Each passes the guard first (`core.guard`).
"""

from __future__ import annotations

import datetime
import uuid
from typing import Any, ClassVar

from django.contrib import messages
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.generic import FormView, TemplateView

from .audit import writing
from .errors import Conflict, DomainError
from .forms import BaseForm
from .guard import GuardedView, may
from .ledger import Ledger
from .ledger_page import LedgerPage, ledger_for
from .models import Submission
from .text import row_id

__all__ = ["ActionView", "DetailPage", "EditPage", "FormPage", "GuardedView", "LedgerView", "PageView", "may"]


class Page(GuardedView):
    """What every page knows: its title, the way back, the day it is."""

    title: str = ""
    lead: str = ""

    @cached_property
    def today(self) -> datetime.date:
        return timezone.localdate()

    def get_title(self) -> str:
        return self.title

    def get_actions(self) -> list[dict[str, Any]]:
        """Buttons at the top right: {label, url, primary}. Only what the user may do."""
        return []

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        """Steps between 工作台 and this page: {label, url}."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        context.setdefault("title", self.get_title())
        context.setdefault("lead", self.lead)
        context.update(actions=self.get_actions(), breadcrumbs=self.get_breadcrumbs(), today=self.today)
        return context


class PageView(Page, TemplateView):
    """A page of its own template."""


class LedgerView(Page, TemplateView):
    """The list page of a ledger. `as_view(ledger=SomeLedger)` takes the permission from the ledger."""

    template_name = "core/ledger.html"
    ledger: ClassVar[type[Ledger]]

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        if "permission" not in initkwargs and not cls.permission:
            initkwargs["permission"] = initkwargs.get("ledger", getattr(cls, "ledger", None)).permission
        return super().as_view(**initkwargs)

    def get_bulk_actions(self) -> list[dict[str, str]]:
        """What can be done with ticked rows: {label, url, tone, confirm}; each URL takes a POST with `pk` values."""
        return []

    def get_empty(self) -> dict[str, str]:
        """What an empty list says to do: {text, label, url}."""
        return {"text": self.ledger.empty_text}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A search of a book with `searches_by_post`: on to the address that says what is asked, without the number."""
        if not self.ledger.searches_by_post:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        asked = request.POST.copy()
        asked.pop("csrfmiddlewaretoken", None)
        asked["q"] = self.ledger.search_word(asked.get("q", "").strip())
        for name in [name for name, value in asked.items() if not value]:
            del asked[name]
        return HttpResponseRedirect(f"{request.path}?{asked.urlencode()}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.update(LedgerPage(ledger_for(self.ledger, self.request, self.today), self.request).context())
        context.update(bulk_actions=self.get_bulk_actions(), empty=self.get_empty())
        return context


class ObjectMixin:
    """Finds the object of `pk` inside the scope; a row outside it is the same 404 as one that is not there."""

    kwargs: dict[str, Any]
    request: HttpRequest

    def get_queryset(self) -> Any:
        raise NotImplementedError

    @cached_property
    def object(self) -> Any:
        found = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found


class DetailPage(Page, ObjectMixin, TemplateView):
    """One object: facts, badges and sections."""

    template_name = "core/detail.html"

    def get_title(self) -> str:
        return str(self.object)

    def get_facts(self) -> list[dict[str, Any]]:
        return []

    def get_sections(self) -> list[dict[str, Any]]:
        return []

    def get_badges(self) -> list[dict[str, str]]:
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(object=self.object, **kwargs)
        context.update(facts=self.get_facts(), sections=self.get_sections(), badges=self.get_badges())
        return context


class FormPage(Page, FormView):
    """A form that calls one service.

    `perform(form)` returns the object or URL to go to. DomainError lands on the form (409 for a conflict,
    422 otherwise) and nothing that was typed is lost. A form sent twice does its work once.
    """

    template_name = "core/form.html"
    form_class: type[BaseForm]
    submit_label = "保存"
    success_message = "已保存。"
    danger = False
    conflict: Conflict | None = None

    def perform(self, form: Any) -> Any:
        raise NotImplementedError

    def get_cancel_url(self) -> str:
        return "/"

    def get_basis(self) -> list[Any]:
        return []

    def get_locked(self) -> str:
        """The sentence that says why nothing can be changed here now, when, and who can open it."""
        return ""

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            if self.get_locked():
                raise DomainError(self.get_locked())
            url, repeated = self._once(form)
        except DomainError as error:
            return self._refused(form, error)
        if self.success_message and not repeated:
            messages.success(self.request, self.success_message)
        return HttpResponseRedirect(url)

    def _once(self, form: Any) -> tuple[str, bool]:
        """Run the service once per rendered form; a second send finds the first one's result."""
        token = form.cleaned_data.get("submission") or uuid.uuid4()
        with writing():
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO core_submission (token, user_id, result_url) VALUES (%s, %s, '')"
                    " ON CONFLICT (token) DO NOTHING", [token, self.request.user.pk]
                )  # fmt: skip
                first = cursor.rowcount == 1
            if not first:
                earlier = Submission.objects.filter(token=token, user_id=self.request.user.pk).first()
                if earlier is None:
                    raise DomainError("这份表单无法识别，请刷新页面后重新填写。")
                return earlier.result_url, True
            result = self.perform(form)
            url = result if isinstance(result, str) else result.get_absolute_url()
            Submission.objects.filter(token=token).update(result_url=url)
        return url, False

    def _refused(self, form: Any, error: DomainError) -> HttpResponse:
        if isinstance(error, Conflict) and error.rows:
            self.conflict = error
            form.data = form.data.copy()
            form.data.pop("version", None)  # the next save is made knowingly
        else:
            form.add_error(error.field if error.field in form.fields else None, error.sentence)
        response = self.render_to_response(self.get_context_data(form=form))
        response.status_code = 409 if isinstance(error, Conflict) else 422
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        names = ("label", "current", "yours")
        rows = [dict(zip(names, row, strict=True)) for row in self.conflict.rows] if self.conflict else []
        context.update(
            submit_label=self.submit_label, cancel_url=self.get_cancel_url(), basis=self.get_basis(),
            locked=self.get_locked(), danger=self.danger,
            conflict={"rows": rows} if rows else None,
        )  # fmt: skip
        return context


class EditPage(ObjectMixin, FormPage):
    """A form about one existing object: the form is filled from it and carries its version."""

    def get_title(self) -> str:
        return self.title or f"修改{self.object._meta.verbose_name}"

    def get_initial(self) -> dict[str, Any]:
        names = self.form_class.base_fields
        initial = {n: getattr(self.object, n) for n in names if hasattr(self.object, n)}
        return {**initial, **super().get_initial()}

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())


def ticked_rows(request: HttpRequest, queryset: Any) -> list[Any]:
    """The rows named by `pk` in the form, all of them or 404: one foreign id refuses the whole."""
    wanted = {row_id(value) for value in request.POST.getlist("pk")}
    found = list(queryset.filter(pk__in=wanted)) if wanted and None not in wanted else []
    if len(found) != len(wanted):
        raise Http404
    return found


class ActionView(Page, View):
    """One button: POST calls `perform()`. A refusal is said on the page the user came from."""

    http_method_names: ClassVar[list[str]] = ["post"]
    success_message = "已办理。"

    def perform(self) -> Any:
        """Call the service; return the URL or object to go to."""
        raise NotImplementedError

    def get_back_url(self) -> str:
        return "/"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            result = self.perform()
        except DomainError as error:
            messages.error(request, error.sentence)
            return HttpResponseRedirect(self.get_back_url())
        if self.success_message:
            messages.success(request, self.success_message)
        return HttpResponseRedirect(result if isinstance(result, str) else result.get_absolute_url())

    def came_from(self) -> str:
        """The page that the button was pressed on; never one of another site."""
        url = self.request.headers.get("Referer", "")
        return url if url_has_allowed_host_and_scheme(url, allowed_hosts={self.request.get_host()}) else "/"

    def ticked(self, queryset: Any) -> list[Any]:
        found = ticked_rows(self.request, queryset)
        if not found:
            raise DomainError("请先勾选要办理的记录。")
        return found
