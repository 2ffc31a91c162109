"""What people type about contacts: visits in under a minute, needs, plans."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.core.forms import BaseForm

from ..fields import EnterpriseChoiceField, optional
from ..kinds import Attitude, ContactMethod
from ..models import Instructor
from .enterprise import name_instructors

TILES = {"class": "choice-tiles"}


class VisitForm(BaseForm):
    """登记走访: filled in advance as far as the portal knows; two things are left to type."""

    enterprise = EnterpriseChoiceField(label="企业")
    on = forms.DateField(label="走访日期")
    method = forms.ChoiceField(
        label="方式", choices=ContactMethod.choices(), initial=ContactMethod.VISIT.value,
        widget=forms.RadioSelect(attrs=TILES),
    )  # fmt: skip
    summary = forms.CharField(label="走访情况", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}))
    need = forms.CharField(label="企业诉求", max_length=300, required=False, help_text="没有就不填；填了会跟踪到办结")
    visitor = forms.CharField(label="走访人", max_length=50)
    instructor = forms.ModelChoiceField(
        label="指导员", queryset=Instructor.objects.all(), required=False, empty_label="不是指导员走访"
    )
    met = forms.CharField(label="接待人", max_length=50, required=False)
    attitude = forms.ChoiceField(label="企业主认同度", choices=optional(Attitude.choices(), "未了解"), required=False)

    fieldsets = (
        {"title": "", "fields": ("enterprise", "on", "method", "summary", "need")},
        {"title": "走访人与接待人", "fields": ("visitor", "instructor", "met", "attitude")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_instructors(self.fields["instructor"])

    def visit(self) -> dict[str, Any]:
        return {k: v for k, v in self.facts().items() if k not in ("enterprise", "need")}


class VisitEditForm(VisitForm):
    """修改走访: the enterprise stays, needs have a page of their own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["enterprise"], self.fields["need"]


class NeedForm(BaseForm):
    """登记诉求."""

    text = forms.CharField(label="诉求内容", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    raised_on = forms.DateField(label="提出日期")
    owner = forms.CharField(label="责任人", max_length=50, required=False)
    due_on = forms.DateField(label="办理期限", required=False)


class NeedWorkForm(BaseForm):
    """办理诉求."""

    owner = forms.CharField(label="责任人", max_length=50)
    due_on = forms.DateField(label="办理期限", required=False)
    result = forms.CharField(
        label="办理进展", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class CloseNeedForm(BaseForm):
    on = forms.DateField(label="办结日期")
    result = forms.CharField(label="办理结果", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class PlanForm(BaseForm):
    """一企一策: a measure."""

    measure = forms.CharField(label="推进措施", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))
    owner = forms.CharField(label="责任人", max_length=50)
    due_on = forms.DateField(label="完成时限")
    progress = forms.CharField(label="工作进度", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class ClosePlanForm(BaseForm):
    on = forms.DateField(label="完成日期")
    progress = forms.CharField(label="完成情况", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}))
