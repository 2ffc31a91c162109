"""What people fill in about a census: a round, a return, a check, a closing."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Final

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.core.forms import BaseForm
from apps.core.periods import Period
from apps.enterprises.kinds import Attitude, ContactMethod, PoliticalStatus, Status, UnbuiltReason

from .comparison import Before, shown
from .models import KIND_OF_PERIOD, CensusReturn
from .rules import CLEAR_FLAGS, SECTION_FACTS, Section

MOST: Final = 10_000_000
"""Persons in one enterprise: a slip of the finger is no figure."""


def periods_offered(today: datetime.date) -> list[tuple[str, str]]:
    """This quarter and the last, this year and the last, a campaign of this month or the last."""
    now: list[Period] = [Period.quarter_of(today), Period.year_of(today), Period.month_of(today)]
    offered = [now[0], now[0].previous(), now[1], now[1].previous(), now[2], now[2].previous()]
    return [(str(p), f"{p.label}（{KIND_OF_PERIOD[p.kind].label}）") for p in offered]


class OpenRoundForm(BaseForm):
    """发起摸底."""

    org = OrgChoiceField(label="党组织", help_text="这个组织及其下级负责的企业都会收到摸底表")
    period = forms.ChoiceField(label="周期")
    opens_on = forms.DateField(label="开始日期")
    due_on = forms.DateField(label="截止日期", required=False, help_text="留空按参数“摸底自开始至截止的天数”计算")
    on_time_days = forms.IntegerField(label="截止后仍算按时的天数", required=False, min_value=0, max_value=31,
                                      help_text="留空按参数设置")  # fmt: skip

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = periods_offered(today)  # type: ignore[attr-defined]


def _tiles(label: str, choices: Any, *, required: bool = False, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=required,
                             widget=forms.RadioSelect(attrs={"class": "choice-tiles"}), **more)  # fmt: skip


def _flag(label: str, yes: str, no: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=[("True", yes), ("False", no)], required=False, empty_value=None,
        coerce=lambda text: text in ("True", True), widget=forms.RadioSelect(attrs={"class": "choice-tiles"}),
    )  # fmt: skip


def _count(name: str) -> forms.IntegerField:
    field = CensusReturn._meta.get_field(name)
    return forms.IntegerField(label=str(field.verbose_name), required=not field.null, min_value=0, max_value=MOST,
                              widget=forms.NumberInput(attrs={"inputmode": "numeric"}))  # fmt: skip


def _select(label: str, kind: Any, **more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", "请选择"), *kind.choices()], required=False, **more)


class HowForm(BaseForm):
    """How and when it was found out: asked of every return."""

    method = _tiles("摸排方式", ContactMethod.choices(), required=True)
    checked_on = forms.DateField(label="摸排日期")


class UnbuiltFields(forms.Form):
    unbuilt_reason = _select("未建党组织原因", UnbuiltReason)
    unbuilt_note = forms.CharField(label="未建原因说明", max_length=200, required=False,
                                   help_text="原因为“其他”时请写明")  # fmt: skip


class UnchangedForm(HowForm, UnbuiltFields):
    """本季无变化. 未建原因 is asked where it is needed, a reason where something looks odd."""

    change_reason = forms.CharField(label="说明", max_length=300, required=False)

    def __init__(self, *args: Any, asks_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.fields["change_reason"].widget = forms.HiddenInput()
        if asks_reason:
            self.fields["unbuilt_reason"].required = True
        else:
            del self.fields["unbuilt_reason"], self.fields["unbuilt_note"]


class ReturnForm(HowForm, UnbuiltFields):
    """摸底表: 五清 section by section, filled from the register; a draft may lack anything."""

    status = forms.ChoiceField(label="经营状态", choices=Status.choices())
    has_premises = _flag("固定经营场所", "有", "无")
    has_operations = _flag("生产经营活动", "有", "无")
    operations_clear = _flag("是否摸清", "清", "不清")
    staff = _count("staff")
    staff_under_35 = _count("staff_under_35")
    staff_college = _count("staff_college")
    staff_clear = _flag("是否摸清", "清", "不清")
    formal_members = _count("formal_members")
    probationary_members = _count("probationary_members")
    members_elsewhere = _count("members_elsewhere")
    applicants = _count("applicants")
    members_clear = _flag("是否摸清", "清", "不清")
    leader_name = forms.CharField(label="出资人（负责人）", max_length=50, required=False)
    leader_status = _select("负责人政治面貌", PoliticalStatus)
    attitude = _select("企业主认同度", Attitude)
    technologists = _count("technologists")
    minor_party_members = _count("minor_party_members")
    foreigners = _count("foreigners")
    owner_clear = _flag("是否摸清", "清", "不清")
    planned_on = forms.DateField(label="计划组建日期", required=False)
    change_reason = forms.CharField(label="变化说明", max_length=300, required=False, widget=forms.Textarea,
                                    help_text="数字变化较大或有不清的，请说明原因")  # fmt: skip

    def __init__(self, *args: Any, covered: bool, last: Before, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if covered:
            for name in SECTION_FACTS[Section.UNBUILT]:
                del self.fields[name]
        else:
            self.fields["unbuilt_reason"].required = True
        if "draft" in self.data:
            for field in self.fields.values():
                field.required = False
        self.fieldsets = _sections(covered)
        _say_what_was(self.fields, last)

    def clean(self) -> dict[str, Any]:
        """A figure that a draft leaves empty stays what it was."""
        cleaned = super().clean() or self.cleaned_data
        for name in [*SECTION_FACTS[Section.STAFF], *SECTION_FACTS[Section.MEMBERS], "status"]:
            field = CensusReturn._meta.get_field(name)
            if cleaned.get(name) in (None, "") and not getattr(field, "null", False):
                cleaned.pop(name, None)
        for name in ("has_premises", "has_operations"):
            if cleaned.get(name) is None:
                cleaned.pop(name, None)
        return cleaned


def _sections(covered: bool) -> tuple[dict[str, Any], ...]:
    numbered = [s for s in Section if not (covered and s is Section.UNBUILT)]
    found = [{"title": "怎么摸的", "fields": ("method", "checked_on")}]
    for number, section in zip("一二三四五", numbered, strict=False):
        flag = CLEAR_FLAGS.get(section)
        names = (*SECTION_FACTS[section], *([flag] if flag else []))
        found.append({"title": f"{number}、{section.label.removesuffix('清')}", "fields": names})
    found.append({"title": "说明", "fields": ("change_reason",)})
    return tuple(found)


def _say_what_was(fields: Mapping[str, forms.Field], last: Before) -> None:
    """Put the last known figure under each number, so that a change is seen while typing."""
    for name in (*SECTION_FACTS[Section.STAFF], *SECTION_FACTS[Section.MEMBERS]):
        if name in last.values and last.values[name] is not None:
            fields[name].help_text = f"上期 {shown(name, last.values[name])}"


class SendBackForm(BaseForm):
    comment = forms.CharField(label="退回意见", max_length=300, widget=forms.Textarea,
                              help_text="写明改什么，填报人会在“我的摸底”里看到")  # fmt: skip


class ReopenForm(BaseForm):
    """重新开放 one enterprise, or everything its organisation answers for."""

    extent = _tiles("范围", [("one", "仅这家企业"), ("org", "该党组织负责的全部企业")], required=True, initial="one")
    until = forms.DateField(label="开放至（含）")
    reason = forms.CharField(label="理由", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class CloseForm(BaseForm):
    confirmed = forms.BooleanField(label="我已知道上述摸底表没有办完，仍要关闭", required=False)
