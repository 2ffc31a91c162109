"""What people type about lecturers, classes, themes and materials."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.branches.rules import BRANCH_KINDS, OrgKind
from apps.core.choosing import RowChoiceField
from apps.core.forms import BaseForm
from apps.enterprises.fields import optional
from apps.members.forms.posts import HolderFields

from ..kinds import AbsenceReason
from ..models import Attendance, Lecturer, Theme
from ..services.training import Circle

OFFICE_KINDS = [kind for kind in OrgKind if kind not in BRANCH_KINDS and kind is not OrgKind.GROUP]
"""Kinds that hold classes and set themes for branches below them."""


class LecturerFacts(forms.Form):
    unit = forms.CharField(label="单位及职务", max_length=100, required=False)
    topics = forms.CharField(label="主讲专题", max_length=300, required=False, help_text="几个专题用顿号隔开")
    note = forms.CharField(label="备注", max_length=200, required=False)


class AddLecturerForm(BaseForm, HolderFields, LecturerFacts):
    """登记讲师: a member of a roster, or somebody who is only named."""

    org = OrgChoiceField(label="所属讲师团", help_text="这个党组织以下的支部都可以邀请")
    since = forms.DateField(label="入团日期")

    fieldsets = ({"title": "谁", "fields": ("org", "member", "name", "since")},
                 {"title": "讲什么", "fields": ("unit", "topics", "note")})  # fmt: skip


class LecturerForm(BaseForm, LecturerFacts):
    """修改讲师."""


class ReleaseLecturerForm(BaseForm):
    on = forms.DateField(label="退出日期")


class InviteForm(BaseForm):
    """邀请讲师."""

    org = OrgChoiceField(label="邀请的党组织")
    on = forms.DateField(label="日期")
    topic = forms.CharField(label="题目", max_length=100)
    place = forms.CharField(label="地点", max_length=100, required=False)
    contact_name = forms.CharField(label="联系人", max_length=50, required=False)


class _PoolField(RowChoiceField):
    """A lecturer of the active scope."""

    model = Lecturer
    listed_up_to = 300
    searched_by = named_by = "讲师姓名"
    empty_label = "没有请讲师"
    default_error_messages = {"unknown": "没有找到这位讲师。", "ambiguous": "有多位讲师叫这个名字。"}

    def options(self) -> Any:
        return Lecturer.objects.open().select_related("org").order_by("org_path", "name", "pk")

    def called(self, text: str) -> list[Lecturer]:
        return list(self.options().filter(name=text)[:2])

    def labels(self, rows: list[Any]) -> list[tuple[int, str]]:
        return [(row.pk, f"{row.name}（{row.unit or row.org}）") for row in rows]


class _ThemeField(RowChoiceField):
    """A theme of the active scope."""

    model = Theme
    listed_up_to = 60
    searched_by = named_by = "专题名称"
    empty_label = "不结合专题"
    default_error_messages = {"unknown": "没有找到这个专题。", "ambiguous": "有多个专题叫这个名称。"}

    def options(self) -> Any:
        return Theme.objects.order_by("-month", "pk")

    def called(self, text: str) -> list[Theme]:
        return list(self.options().filter(title=text)[:2])


class Names(forms.CharField):
    """Names or 党员编号, one on each line or with marks between them; cleans to a list without repetitions."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return list(dict.fromkeys(word for word in re.split(r"[\s,，、;；]+", text) if word))


class Among(forms.Form):
    """Whom a class is for: a circle on the rosters below an organisation, and people by name."""

    circle = forms.ChoiceField(label="参训对象", choices=optional(Circle.choices(), "只按姓名"), required=False)
    among = OrgChoiceField(label="范围", required=False, empty_label="举办单位以下全部", help_text="对象限于哪个党组织")
    names = Names(
        label="另按姓名增加", required=False, max_length=20_000, help_text="姓名或党员编号，一行一人；同名的填编号"
    )


class PlanClassForm(BaseForm, Among):
    """新办培训班."""

    org = OrgChoiceField(label="举办单位", kinds=OFFICE_KINDS)
    title = forms.CharField(label="班次名称", max_length=100, help_text="如：2026年党支部书记轮训班")
    on = forms.DateField(label="开班日期")
    full_days = forms.IntegerField(label="整天数", min_value=0, max_value=60, initial=1)
    half_days = forms.IntegerField(label="半天数", min_value=0, max_value=60, initial=0)
    place = forms.CharField(label="地点", max_length=100, required=False)
    lecturer = _PoolField(label="讲师", required=False)
    speaker = forms.CharField(label="主讲人", max_length=50, required=False)
    agenda = forms.CharField(label="课程安排", max_length=2000, required=False, widget=forms.Textarea)

    fieldsets = (
        {"title": "班次", "fields": ("org", "title", "on", "full_days", "half_days", "place")},
        {"title": "授课", "fields": ("lecturer", "speaker", "agenda")},
        {"title": "名单", "fields": ("circle", "among", "names")},
    )


class RosterForm(BaseForm, Among):
    """调整名单: untick who does not come, add a circle or people by name."""

    kept = forms.MultipleChoiceField(label="现在的名单", required=False, widget=forms.CheckboxSelectMultiple)

    fieldsets = (
        {"title": "现在的名单", "fields": ("kept",)},
        {"title": "增加", "fields": ("circle", "among", "names")},
    )

    def __init__(self, *args: Any, rows: list[Attendance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept: Any = self.fields["kept"]
        kept.choices = [(str(row.member_id), f"{row.member.name}（{row.member.org}）") for row in rows]
        kept.initial = [value for value, _ in kept.choices]


class MarkForm(BaseForm):
    """登记到课: for each on the roster whether he or she came, and for how many hours."""

    reason = forms.CharField(label="说明原因", max_length=300, required=False, help_text="补登记已封存季度的班时填写")

    def __init__(self, *args: Any, rows: list[Attendance], hours: Decimal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        presence = [("", "到课"), *((reason.value, reason.label) for reason in AbsenceReason)]
        for row in rows:
            pk, name = row.member_id, row.member.name
            self.fields[f"absent_{pk}"] = forms.ChoiceField(
                label=f"{name}到课情况", choices=presence, required=False, initial=row.reason,
                widget=forms.Select(attrs={"class": "form-select", "aria-label": f"{name}到课情况"}),
            )  # fmt: skip
            self.fields[f"hours_{pk}"] = forms.DecimalField(
                label=f"{name}学时", max_digits=4, decimal_places=1, min_value=0, required=False,
                initial=f"{(row.hours if row.counted and row.hours else hours).normalize():f}",
                widget=forms.NumberInput(attrs={"class": "form-control", "aria-label": f"{name}学时", "step": "0.5"}),
            )  # fmt: skip

    def lines(self) -> list[dict[str, Any]]:
        return [
            {"member": row.member, "absent": self[f"absent_{row.member_id}"], "hours": self[f"hours_{row.member_id}"]}
            for row in self.rows
        ]

    def facts(self) -> dict[str, Any]:
        data = self.cleaned_data
        pks = [row.member_id for row in self.rows]
        return {
            "absent": {pk: data[f"absent_{pk}"] for pk in pks if data[f"absent_{pk}"]},
            "credited": {pk: data[f"hours_{pk}"] for pk in pks if data[f"hours_{pk}"] is not None},
            "reason": data["reason"],
        }


class ThemeForm(BaseForm):
    """月度专题; the month is named by any day in it."""

    month = forms.DateField(label="月份", help_text="选当月任一天")
    title = forms.CharField(label="专题", max_length=100)
    outline = forms.CharField(label="要点", max_length=2000, required=False, widget=forms.Textarea)


class SetThemeForm(ThemeForm):
    org = OrgChoiceField(label="安排的党组织", kinds=OFFICE_KINDS, help_text="对这个党组织以下的支部")


class MaterialForm(BaseForm):
    """学习材料."""

    title = forms.CharField(label="题目", max_length=100)
    published_on = forms.DateField(label="发布日期")
    theme = _ThemeField(label="专题", required=False)
    keywords = Names(
        label="关键词", required=False, max_length=200, widget=forms.TextInput, help_text="用空格或顿号隔开"
    )
    body = forms.CharField(label="内容", max_length=20_000, required=False, widget=forms.Textarea(attrs={"rows": 12}))


class PublishForm(MaterialForm):
    org = OrgChoiceField(label="发布的党组织", kinds=OFFICE_KINDS, help_text="这个党组织以下的支部都能看到")


class WithdrawForm(BaseForm):
    """撤回, confirmed by pressing the button."""
