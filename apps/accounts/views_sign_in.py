"""Sign-in, sign-out and one's own password: the pages for people whom no permission describes yet."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from apps.core.errors import DomainError

from .forms import PasswordForm, SignInForm
from .models import User
from .services import change_password
from .signin import PAUSED, after_password, checked_user, end_session

UNPROCESSABLE, TOO_MANY = 422, 429


def safe_next(request: HttpRequest) -> str:
    """Where to go afterwards: the address that was asked for when it is one of ours, else the home page."""
    wanted: str = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else settings.LOGIN_REDIRECT_URL


@method_decorator([never_cache, sensitive_post_parameters("password")], name="dispatch")
class SignInView(FormView):
    """Name and password. Public: it is how one stops being unknown."""

    template_name = "registration/sign_in.html"
    form_class = SignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(safe_next(request))
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: SignInForm) -> HttpResponse:
        try:
            user = checked_user(self.request, form.cleaned_data["username"].strip(), form.cleaned_data["password"])
        except DomainError as error:
            form.add_error(None, error.message)
            return self._again(form, TOO_MANY if error.code == PAUSED else UNPROCESSABLE)
        after_password(user, self.request)
        return HttpResponseRedirect(safe_next(self.request))

    def form_invalid(self, form: SignInForm) -> HttpResponse:
        return self._again(form, UNPROCESSABLE)

    def _again(self, form: SignInForm, status: int) -> HttpResponse:
        response = self.render_to_response(self.get_context_data(form=form))
        response.status_code = status
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        had_session = settings.SESSION_COOKIE_NAME in self.request.COOKIES and self.request.method == "GET"
        wanted = self.request.POST.get("next") or self.request.GET.get("next") or ""
        message = "登录已超时或已在别处退出，请重新登录。" if had_session and wanted else ""
        return super().get_context_data(next=wanted, message=message, **kwargs)


class SignOutView(View):
    """Ends the session. POST only: a link must not sign anybody out."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        end_session(request)
        messages.success(request, "您已退出登录。")
        return HttpResponseRedirect(settings.LOGIN_URL)


@method_decorator(sensitive_post_parameters(), name="dispatch")
class PasswordView(LoginRequiredMixin, FormView):
    """A password of one's own choice; at first sign-in the only page there is. Open to every account."""

    template_name = "registration/password_change.html"
    form_class = PasswordForm

    def form_valid(self, form: PasswordForm) -> HttpResponse:
        user, data = self.request.user, form.cleaned_data
        try:
            self._check_present(user, data["old_password"])
            changed = change_password(
                user=user, password=data["new_password"], today=timezone.localdate(), actor=user
            )  # fmt: skip
        except DomainError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
            return self.form_invalid(form)
        update_session_auth_hash(self.request, changed)
        messages.success(self.request, "密码已修改，其他设备上的登录已失效。")
        return HttpResponseRedirect(safe_next(self.request))

    def _check_present(self, user: Any, password: str) -> None:
        """An open screen is not a way to guess the password: the tries are counted as at sign-in."""
        try:
            checked_user(self.request, user.get_username(), password)
        except DomainError as error:
            message = error.message if error.code == PAUSED else "当前密码不正确。"
            raise DomainError(message, field="old_password") from error

    def form_invalid(self, form: PasswordForm) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = UNPROCESSABLE
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        user = self.request.user
        context.update(title="修改密码", cancel_url="/", forced="")
        if isinstance(user, User) and user.must_change_password:
            # Alone on the screen: no menu leads anywhere before the password is changed.
            context.update(shell=None, forced="aged" if user.password_changed_at else "first")
        return context
