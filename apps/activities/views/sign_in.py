"""扫码签到: the page with the code for whoever keeps the record, and the public page behind it."""

from __future__ import annotations

from typing import Any

import segno
from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from apps.core.errors import DomainError
from apps.core.views import ActionView, ObjectMixin, Page, PageView

from .. import permissions
from ..models import Activity, SignInCode
from ..services import sign_in as services
from .records_common import RECORDS

UNPROCESSABLE, GONE, TOO_MANY = 422, 410, 429


class AboutCode(ObjectMixin, Page):
    """Something about the code of one activity that the reader keeps."""

    permission = permissions.KEEP
    object: Activity

    def get_queryset(self) -> Any:
        return Activity.objects.select_related("org", "kind", "second_kind")

    def page_url(self) -> str:
        return f"{self.object.get_absolute_url()}sign-in/"


class SignInPage(AboutCode, PageView):
    """The code on a screen at the door, and who has used it."""

    template_name = "activities/record_code.html"
    title = "扫码签到"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [RECORDS, {"label": self.object.title, "url": self.object.get_absolute_url()}]

    @cached_property
    def code(self) -> SignInCode | None:
        return SignInCode.objects.filter(activity=self.object).first()  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        is_open = self.code is not None and self.code.expires_at > timezone.now()
        url = self.request.build_absolute_uri(f"/check-in/{self.code.token}/") if self.code and is_open else ""
        return super().get_context_data(
            activity=self.object, code=self.code, is_open=is_open, url=url, picture=qr_code(url) if url else "",
            may_open=self.code is None and services.may_open_sign_in(self.object, self.today),
            count=len(services.signed_in(self.object)), **kwargs,
        )  # fmt: skip


def qr_code(text: str) -> SafeString:
    """The code as SVG without a size and without styles: the page gives it its place."""
    code = segno.make(text, error="m", micro=False)
    return SafeString(code.svg_inline(omitsize=True, border=2, svgclass=None, lineclass=None))


class OpenSignIn(AboutCode, ActionView):
    success_message = "已打开扫码签到。"

    def get_back_url(self) -> str:
        return self.page_url()

    def perform(self) -> str:
        services.open_sign_in(activity=self.object, today=self.today, actor=self.request.user)
        return self.page_url()


class CloseSignIn(AboutCode, ActionView):
    success_message = "已关闭扫码签到。"

    def get_back_url(self) -> str:
        return self.page_url()

    def perform(self) -> str:
        services.close_sign_in(activity=self.object, actor=self.request.user)
        return self.page_url()


class CheckInForm(forms.Form):
    """The name; the digits only when two people have it."""

    name = forms.CharField(label="姓名", max_length=50)
    digits = forms.CharField(label="手机号后四位", max_length=4, required=False)


@method_decorator(never_cache, name="dispatch")
class CheckIn(FormView):
    """Public: whoever stands before the code has no account. It takes a name and tells nothing about anybody."""

    template_name = "activities/check_in.html"
    form_class = CheckInForm

    @cached_property
    def invitation(self) -> services.Invitation | None:
        return services.invitation(str(self.kwargs["token"]).replace("\x00", ""), timezone.now())

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().get(request, *args, **kwargs)
        response.status_code = 200 if self.invitation else GONE
        return response

    def form_valid(self, form: CheckInForm) -> HttpResponse:
        token, now = str(self.kwargs["token"]).replace("\x00", ""), timezone.now()
        try:
            services.allowed_try(token, now)
            name, is_new = services.sign_in(token=token, now=now, **form.cleaned_data)
        except DomainError as error:
            return self._refused(form, error)
        if is_new:
            services.forgive_tries(token)
        return self.render_to_response(self.get_context_data(form=form, done=name))

    def _refused(self, form: CheckInForm, error: DomainError) -> HttpResponse:
        gone = error.code == "gone"
        if not gone:
            form.add_error(error.field or None, error.message)
        context = self.get_context_data(form=form, asks=error.code == services.ASKED or bool(form.data.get("digits")))
        response = self.render_to_response(context)
        response.status_code = GONE if gone else TOO_MANY if error.code == services.PAUSED else UNPROCESSABLE
        return response

    def form_invalid(self, form: CheckInForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = UNPROCESSABLE
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(invitation=self.invitation, gone=services.GONE, shell=None, **kwargs)
