"""What people type about cover: establishments, instructors, mass organisations, and their ends."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.contrib.auth import get_user_model

from apps.branches.fields import OrgChoiceField
from apps.branches.rules import CAPABILITIES
from apps.core.forms import BaseForm

from ..fields import optional
from ..kinds import Form, InstructorSource, MassKind
from ..models import Instructor
from .enterprise import keep_masked, unmasked

COVERING = frozenset(kind for kind, able in CAPABILITIES.items() if able.covers)


class EstablishForm(BaseForm):
    """登记组建. `reason` is asked for where a rule says 一般."""

    form = forms.ChoiceField(
        label="组建方式", choices=Form.choices(), widget=forms.RadioSelect(attrs={"class": "choice-tiles"})
    )
    org = OrgChoiceField(label="党组织", kinds=COVERING, help_text="先在“党组织”里设立，再在这里选择")
    since = forms.DateField(label="组建日期")
    document = forms.CharField(label="批复文号", max_length=60, required=False)
    note = forms.CharField(label="备注", max_length=100, required=False)
    reason = forms.CharField(
        label="原因说明", max_length=90, required=False, help_text="超出一般规定时填写，会记入备注"
    )

    def clean_form(self) -> Form:
        return Form(self.cleaned_data["form"])


class EstablishmentForm(BaseForm):
    document = forms.CharField(label="批复文号", max_length=60, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class EndForm(BaseForm):
    """The first day on which something no longer holds."""

    until = forms.DateField(label="自何日起终止", help_text="从这一天起不再有效")
    reason = forms.CharField(label="原因", max_length=90, required=False)


class LastDayForm(BaseForm):
    until = forms.DateField(label="自何日起终止", help_text="从这一天起不再有效")


class SendForm(BaseForm):
    """选派指导员."""

    instructor = forms.ModelChoiceField(label="指导员", queryset=Instructor.objects.all(), empty_label="请选择")
    since = forms.DateField(label="选派日期")
    reason = forms.CharField(label="原因说明", max_length=200, required=False, help_text="联系企业数超过上限时填写")

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["instructor"]
        field.queryset = Instructor.objects.as_of(today).with_load(today).order_by("initials", "pk")
        field.label_from_instance = lambda one: f"{one.name}（{one.unit or '—'}，已联系 {one.load} 家）"


class InstructorForm(BaseForm):
    """登记 and 修改指导员."""

    name = forms.CharField(label="姓名", max_length=50)
    unit = forms.CharField(label="派出单位", max_length=80, required=False)
    post = forms.CharField(label="职务", max_length=40, required=False)
    source = forms.ChoiceField(label="选派来源", choices=optional(InstructorSource.choices()), required=False)
    phone = forms.CharField(label="联系电话", max_length=20, required=False)
    org = OrgChoiceField(label="管理党组织")
    since = forms.DateField(label="选派日期")
    username = forms.CharField(
        label="登录账号", max_length=50, required=False, help_text="填写后，本人登录时走访表自动带出指导员"
    )

    def __init__(self, *args: Any, instructor: Instructor | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept_numbers = {"phone": ""}
        if instructor is not None:
            keep_masked(self, instructor, "phone")

    def clean_phone(self) -> str:
        return unmasked(self, "phone")

    def clean_username(self) -> Any:
        """The account itself, or None."""
        name = self.cleaned_data["username"].strip()
        if not name:
            return None
        user = get_user_model().objects.filter(username=name, is_active=True).first()
        if user is None:
            raise forms.ValidationError("没有这个账号。")
        return user

    def facts(self) -> dict[str, Any]:
        found = super().facts()
        found["user"] = found.pop("username")
        return found


class MassOrganizationForm(BaseForm):
    """登记群团."""

    kind = forms.ChoiceField(
        label="类别", choices=MassKind.choices(), widget=forms.RadioSelect(attrs={"class": "choice-tiles"})
    )
    since = forms.DateField(label="成立日期")
    leader = forms.CharField(label="负责人", max_length=50, required=False)
    headcount = forms.IntegerField(label="人数", min_value=0, required=False)

    def clean_kind(self) -> MassKind:
        return MassKind(self.cleaned_data["kind"])
