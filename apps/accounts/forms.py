"""One class for each request that people make about accounts."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from apps.branches.fields import OrgChoiceField
from apps.core.forms import BaseForm
from apps.core.permissions import ROLE_LABELS

from .passwords import HouseRule

ORG_OPTIONS_URL = "/accounts/orgs/"
PHONE = RegexValidator(r"^\+?[0-9][0-9 -]{4,18}$", "请填写电话号码，只用数字、空格和 -。")


class SignInForm(forms.Form):
    """Name and password. What is wrong is said in one sentence for the whole form."""

    username = forms.CharField(
        label="账号", max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True}),
    )  # fmt: skip
    password = forms.CharField(
        label="密码", max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip


class PasswordForm(forms.Form):
    """The present password and, twice, a new one."""

    old_password = forms.CharField(
        label="当前密码", max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )  # fmt: skip
    new_password = forms.CharField(
        label="新密码", max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip
    repeated = forms.CharField(
        label="再输一遍新密码", max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password"].help_text = HouseRule().get_help_text()

    def clean_repeated(self) -> str:
        repeated: str = self.cleaned_data["repeated"]
        if repeated != self.cleaned_data.get("new_password"):
            raise forms.ValidationError("两次输入的新密码不一致。")
        return repeated


class GrantForm(BaseForm):
    """A role at an organisation, from a day until a day. Offers only roles that the user may give somewhere."""

    role = forms.ChoiceField(label="角色")
    org = OrgChoiceField(label="在哪个党组织", options_url=ORG_OPTIONS_URL, help_text="角色在该组织及其全部下级生效。")
    since = forms.DateField(label="起始日期")
    until = forms.DateField(label="终止日期", required=False, help_text="从这一天起不再有效；留空表示一直有效。")

    def __init__(self, *args: Any, roles: Iterable[str], today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(code, label) for code, label in ROLE_LABELS.items() if code in set(roles)]
        self.fields["role"].choices = [("", "请选择"), *offered]  # type: ignore[attr-defined]
        self.initial.setdefault("since", today)
        self.fields["org"].living_on = today  # type: ignore[attr-defined]


class PersonForm(BaseForm):
    """Who a user is."""

    display_name = forms.CharField(label="姓名", max_length=50)
    email = forms.EmailField(label="电子邮箱", required=False, help_text="填写后可收到提醒邮件。")
    phone = forms.CharField(label="手机号", max_length=20, required=False, validators=[PHONE])


class UserForm(GrantForm):
    """A new account with its first role."""

    username = forms.CharField(
        label="账号", max_length=50, help_text="登录时使用，建立后不再更改。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )  # fmt: skip
    display_name = PersonForm.base_fields["display_name"]
    email = PersonForm.base_fields["email"]
    phone = PersonForm.base_fields["phone"]

    fieldsets = (
        {"title": "账号", "fields": ["username", "display_name", "email", "phone"]},
        {"title": "第一个角色", "fields": ["role", "org", "since", "until"]},
    )


class EndGrantForm(BaseForm):
    """The first day on which a role no longer holds."""

    until = forms.DateField(
        label="终止日期", help_text="从这一天起不再有效。选今天即刻失效，对方下一次操作就会被拒绝。"
    )


class TokenForm(BaseForm):
    """A key for a program."""

    name = forms.CharField(label="用途", max_length=50, help_text="例如：市大数据平台每日取数。")
    can_write = forms.TypedChoiceField(
        label="权限", choices=[("", "只读"), ("1", "读写")], coerce=bool, empty_value=False, required=False,
        widget=forms.RadioSelect, initial="",
        help_text="令牌的范围就是您本人的范围，不会更大。",
    )  # fmt: skip
    expires_on = forms.DateField(label="有效期至", required=False, help_text="含当日；留空表示长期有效，直到吊销。")
