"""Users, their dated roles, and one's own access keys."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property

from apps.core.errors import DomainError
from apps.core.forms import BaseForm
from apps.core.permissions import ROLE_LABELS
from apps.core.rights import OWN_WORK
from apps.core.scoping import required_scope
from apps.core.views import ActionView, DetailPage, EditPage, FormPage, LedgerView, ObjectMixin, PageView

from . import services
from .access import grants_from, held_roles
from .forms import EndGrantForm, GrantForm, PersonForm, TokenForm, UserForm
from .ledgers import STATES, TONES, Users, state_of
from .models import ApiToken, RoleAssignment, User
from .passwords import initial_password
from .permissions import GRANT
from .querysets import grants_in, users_visible_to
from .rules import GRANTABLE, grantable_roles, may_administer
from .tokens import create_token, new_key, revoke_token, usable

USERS_CRUMB = {"label": "用户与授权", "url": "/accounts/"}


class SecretPage(FormPage):
    """A form whose service makes a secret: it is on the answer itself, once, and nowhere else.

    A second send of the same form leads to the result without the secret.
    """

    secret_title = ""
    secret_note = ""
    lost_note = ""

    def make_secret(self) -> str:
        raise NotImplementedError

    @cached_property
    def secret(self) -> str:
        return self.make_secret()

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            url, repeated = self._once(form)
        except DomainError as error:
            return self._refused(form, error)
        if repeated:
            messages.info(self.request, self.lost_note)
            return HttpResponseRedirect(url)
        context = {
            "title": self.secret_title, "secret": self.secret, "note": self.secret_note, "url": url,
            "breadcrumbs": self.get_breadcrumbs(), **self.get_secret_context(),
        }  # fmt: skip
        response = render(self.request, "accounts/secret.html", context)
        response["Cache-Control"] = "no-store, private"
        return response

    def get_secret_context(self) -> dict[str, Any]:
        return {}


class UserList(LedgerView):
    """Who has an account below me."""

    ledger = Users

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "新建账号", "url": "/accounts/new/", "primary": True}]

    def get_empty(self) -> dict[str, str]:
        return {"text": Users.empty_text, "label": "新建账号", "url": "/accounts/new/"}


class UserMixin(ObjectMixin):
    """Finds a user whom the signed-in one may see."""

    permission = GRANT

    def get_queryset(self) -> Any:
        return users_visible_to(self.request.user)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [USERS_CRUMB, {"label": self.object.display_name, "url": self.object.get_absolute_url()}]

    def get_cancel_url(self) -> str:
        return str(self.object.get_absolute_url())


class GrantFormMixin:
    """Offers the roles that the signed-in user may give somewhere."""

    def get_form_kwargs(self) -> dict[str, Any]:
        held = held_roles(self.request.user, self.today)  # type: ignore[attr-defined]
        roles = frozenset().union(*(GRANTABLE.get(role, frozenset()) for role, _ in held))
        kwargs: dict[str, Any] = super().get_form_kwargs()  # type: ignore[misc]
        return {**kwargs, "roles": roles, "today": self.today}  # type: ignore[attr-defined]


class NewUser(GrantFormMixin, SecretPage):
    """A new account, with its first role and a password to hand over."""

    permission = GRANT
    title = "新建账号"
    lead = "账号建好后会显示一次初始密码，请转告本人；首次登录时必须改为自己的密码。"
    form_class = UserForm
    submit_label = "建立账号"
    secret_title = "账号已建立"
    secret_note = "初始密码只显示这一次，请当面或通过可靠渠道转告本人。首次登录时必须修改。"
    lost_note = "账号已建立。初始密码只显示一次；没有记下的，请重置密码。"

    def make_secret(self) -> str:
        return initial_password()

    def perform(self, form: UserForm) -> User:
        self.created: User = services.create_user(
            **form.facts(), password=self.secret, today=self.today, actor=self.request.user
        )
        return self.created

    def get_secret_context(self) -> dict[str, Any]:
        return {"subject": self.created, "secret_label": "初始密码", "link_label": "查看这个账号"}

    def get_cancel_url(self) -> str:
        return "/accounts/"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [USERS_CRUMB]


class UserPage(UserMixin, DetailPage):
    """One account: who, which roles from when until when, what can be done with it."""

    def get_title(self) -> str:
        return str(self.object.display_name)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [USERS_CRUMB]

    def get_badges(self) -> list[dict[str, str]]:
        state = state_of(self.object)
        return [{"text": STATES[state], "tone": TONES[state]}]

    @cached_property
    def held(self) -> list[tuple[str, str]]:
        return held_roles(self.request.user, self.today)

    @cached_property
    def administrable(self) -> bool:
        """Whether the buttons would do anything: not for oneself, not for somebody with more than one could give."""
        other = self.object.pk != self.request.user.pk
        return other and may_administer(self.held, grants_from(self.object, self.today))

    def get_facts(self) -> list[dict[str, Any]]:
        user: User = self.object
        return [
            {"label": "账号", "value": user.username},
            {"label": "姓名", "value": user.display_name},
            {"label": "手机号", "value": Users.columns[5].value(user)},
            {"label": "电子邮箱", "value": user.email},
            {"label": "最近登录", "value": Users.columns[4].value(user)},
            {"label": "密码", "value": "下次登录须修改" if user.must_change_password else "已由本人设置"},
        ]

    def get_actions(self) -> list[dict[str, Any]]:
        base = self.object.get_absolute_url()
        actions = []
        if self.object.pk != self.request.user.pk:
            actions.append({"label": "授予角色", "url": f"{base}grant/", "primary": True})
        if self.administrable:
            actions += [{"label": "修改资料", "url": f"{base}edit/"}, {"label": "重置密码", "url": f"{base}reset/"}]
        return actions

    def get_sections(self) -> list[dict[str, Any]]:
        grants = grants_in(required_scope()).filter(user=self.object).order_by("-since", "-pk")
        rows = [
            {
                "grant": grant,
                "state": self._grant_state(grant),
                "may_end": grant.holds_on(self.today) or grant.since > self.today,
                "mine": grant.role in grantable_roles(self.held, grant.org.path),
            }
            for grant in grants
        ]
        return [{
            "id": "grants", "title": "角色授权", "template": "accounts/_grants.html", "rows": rows,
            "note": "只列出您范围内的授权",
        }]  # fmt: skip

    def _grant_state(self, grant: RoleAssignment) -> dict[str, str]:
        if grant.holds_on(self.today):
            return {"text": "在任", "tone": "success"}
        return {"text": "未到起始日", "tone": "info"} if grant.since > self.today else {"text": "已终止", "tone": ""}

    template_name = "accounts/user.html"


class EditUser(UserMixin, EditPage):
    """Correct a name or an address."""

    title = "修改用户资料"
    form_class = PersonForm

    def perform(self, form: PersonForm) -> User:
        return services.update_user(
            user=self.object, **form.facts(), version=form.cleaned_data["version"], today=self.today,
            actor=self.request.user,
        )  # fmt: skip


class GrantRole(GrantFormMixin, UserMixin, FormPage):
    """Give one more role."""

    form_class = GrantForm
    submit_label = "授予角色"
    success_message = "已授权，对方下一次操作即生效。"

    def get_title(self) -> str:
        return f"授予{self.object.display_name}角色"

    def perform(self, form: GrantForm) -> User:
        services.grant_role(user=self.object, **form.facts(), today=self.today, actor=self.request.user)
        return self.object  # type: ignore[no-any-return]


class EndGrant(ObjectMixin, FormPage):
    """Let a role end."""

    permission = GRANT
    form_class = EndGrantForm
    submit_label = "收回角色"
    success_message = "已收回。"
    danger = True

    def get_queryset(self) -> Any:
        return grants_in(required_scope())

    def get_title(self) -> str:
        grant: RoleAssignment = self.object
        return f"收回{grant.user.display_name}在{grant.org}的{ROLE_LABELS[grant.role]}角色"

    def get_initial(self) -> dict[str, Any]:
        return {"until": self.today}

    def perform(self, form: EndGrantForm) -> User:
        return services.end_grant(grant=self.object, **form.facts(), today=self.today, actor=self.request.user)

    def get_cancel_url(self) -> str:
        return str(self.object.user.get_absolute_url())

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [USERS_CRUMB, {"label": self.object.user.display_name, "url": self.get_cancel_url()}]


class ResetPassword(UserMixin, SecretPage):
    """A new first password for somebody who has lost theirs."""

    template_name = "accounts/reset.html"
    form_class = BaseForm
    submit_label = "重置密码"
    secret_title = "密码已重置"
    secret_note = "新密码只显示这一次，请核实身份后转告本人。下次登录时必须修改；该账号的访问令牌已全部吊销。"
    lost_note = "密码已重置。新密码只显示一次；没有记下的，请再次重置。"

    def get_title(self) -> str:
        return f"重置{self.object.display_name}的密码"

    def make_secret(self) -> str:
        return initial_password()

    def perform(self, form: Any) -> User:
        return services.reset_password(
            user=self.object, password=self.secret, today=self.today, actor=self.request.user
        )

    def get_secret_context(self) -> dict[str, Any]:
        return {"subject": self.object, "secret_label": "新密码", "link_label": "回到这个账号"}


class SwitchUser(UserMixin, ActionView):
    """Disable or enable an account; the route says which."""

    on = True

    @property
    def success_message(self) -> str:  # type: ignore[override]
        return "账号已启用。" if self.on else "账号已停用，对方下一次操作即被退出。"

    def get_back_url(self) -> str:
        return str(self.object.get_absolute_url())

    def perform(self) -> User:
        service = services.enable_user if self.on else services.disable_user
        return service(user=self.object, today=self.today, actor=self.request.user)


class TokenList(PageView):
    """One's own access keys."""

    permission = OWN_WORK
    template_name = "accounts/tokens.html"
    title = "访问令牌"
    lead = "让别的程序以您的身份读取或写入数据。令牌的范围就是您本人的范围，收回角色时一同失效。"

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "新建令牌", "url": "/tokens/new/", "primary": True}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mine = ApiToken.objects.filter(user=self.request.user)
        good = set(mine.filter(usable(self.today)).values_list("pk", flat=True))
        rows = [{"token": token, "usable": token.pk in good} for token in mine]
        return super().get_context_data(rows=rows, **kwargs)


class NewToken(SecretPage):
    """A new access key, shown once."""

    permission = OWN_WORK
    title = "新建访问令牌"
    form_class = TokenForm
    submit_label = "建立令牌"
    secret_title = "令牌已建立"
    secret_note = "令牌只显示这一次，系统只保存它的校验值。请存入对方程序的保密配置，不要写进代码或邮件。"
    lost_note = "令牌已建立。令牌只显示一次；没有记下的，请吊销后重新建立。"

    def make_secret(self) -> str:
        return new_key()

    def perform(self, form: TokenForm) -> ApiToken:
        return create_token(key=self.secret, **form.facts(), today=self.today, actor=self.request.user)

    def get_secret_context(self) -> dict[str, Any]:
        return {"secret_label": "访问令牌", "link_label": "回到访问令牌", "usage": "Authorization: Bearer 令牌"}

    def get_cancel_url(self) -> str:
        return "/tokens/"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "访问令牌", "url": "/tokens/"}]


class RevokeToken(ActionView):
    """Make one of one's own keys worthless."""

    permission = OWN_WORK
    success_message = "令牌已吊销。"

    def get_back_url(self) -> str:
        return "/tokens/"

    def perform(self) -> ApiToken:
        token = ApiToken.objects.filter(pk=self.kwargs["pk"], user=self.request.user).select_related("user").first()
        if token is None:
            raise Http404
        return revoke_token(token=token, actor=self.request.user)
