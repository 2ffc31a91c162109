"""What the pages of the register share: who may do what here, forms about one enterprise, forms about ticked rows."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.functional import cached_property

from apps.core.guard import resolve_scope
from apps.core.views import EditPage, FormPage, ticked_rows

from ..models import Enterprise

ENTERPRISES = {"label": "企业", "url": "/enterprises/"}
BUILDINGS = {"label": "楼栋", "url": "/buildings/"}
PARKS = {"label": "园区", "url": "/parks/"}
INSTRUCTORS = {"label": "指导员", "url": "/instructors/"}
VISITS = {"label": "走访", "url": "/visits/"}


def can(user: Any, permission: str, row: Any) -> bool:
    """Whether the user holds the permission where the row is: decides which buttons a page shows."""
    return resolve_scope(user, permission).covers(row.scope_path())


def buttons(user: Any, row: Any, *wanted: tuple[str, str, str]) -> list[dict[str, Any]]:
    """Those of (permission, label, url) that the user may press about the row; the first is the main one."""
    allowed = [(label, url) for permission, label, url in wanted if can(user, permission, row)]
    return [{"label": label, "url": url, "primary": n == 0} for n, (label, url) in enumerate(allowed)]


def crumb(row: Any) -> dict[str, str]:
    return {"label": str(row), "url": row.get_absolute_url()}


class AboutEnterprise(FormPage):
    """A form about one enterprise of the scope, named by `pk` in the address."""

    @cached_property
    def enterprise(self) -> Enterprise:
        rows = Enterprise.objects.select_related("org", "park", "building")
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get_title(self) -> str:
        return f"{self.title}：{self.enterprise.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTERPRISES, crumb(self.enterprise)]

    def get_cancel_url(self) -> str:
        return self.enterprise.get_absolute_url()

    def common(self) -> dict[str, Any]:
        """What every service takes."""
        return {"today": self.today, "actor": self.request.user}


class PartOfEnterprise(EditPage):
    """A form about something that belongs to an enterprise: an establishment, a need, a visit."""

    def said(self) -> str:
        """What the form is about, in one sentence under the title."""
        return ""

    def get_title(self) -> str:
        return f"{self.title}：{self.object.enterprise.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTERPRISES, crumb(self.object.enterprise)]

    def get_cancel_url(self) -> str:
        return str(self.object.enterprise.get_absolute_url())

    def get_initial(self) -> dict[str, Any]:
        initial = super().get_initial()
        return {"on": self.today, **initial, "until": self.today}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(lead=self.said(), **kwargs)


class BulkFormPage(FormPage):
    """A form about ticked rows of a ledger: the first POST brings the rows, the second the answers.

    All or nothing: one id that is not in the scope is a 404 for the whole.
    """

    template_name = "enterprises/bulk.html"
    back_url = "/enterprises/"

    def get_queryset(self) -> Any:
        return Enterprise.objects.order_by("org_path", "pk")

    @cached_property
    def chosen(self) -> list[Any]:
        return ticked_rows(self.request, self.get_queryset())

    @property
    def is_answered(self) -> bool:
        return "submission" in self.request.POST

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(self.back_url)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.chosen:
            messages.error(request, "请先勾选要办理的企业。")
            return HttpResponseRedirect(self.back_url)
        if self.is_answered:
            return super().post(request, *args, **kwargs)
        return self.render_to_response(self.get_context_data())

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        if not self.is_answered:
            kwargs.pop("data", None)
            kwargs.pop("files", None)
        return kwargs

    def get_title(self) -> str:
        return f"{self.title}：{len(self.chosen)} 家企业"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [ENTERPRISES]

    def get_cancel_url(self) -> str:
        return self.back_url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(chosen=self.chosen, **kwargs)
