"""What people type about venues and bookings."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone

from apps.branches.fields import OrgChoiceField
from apps.core.choosing import RowChoiceField
from apps.core.forms import BaseForm
from apps.enterprises.fields import EnterpriseChoiceField, optional
from apps.enterprises.models import Park

from ..kinds import VenueKind
from ..models import Venue
from ..rules.venues import CHECKLIST


class TimeInput(forms.TimeInput):
    """A native time picker; the value is 14:00 whatever the locale."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class ParkChoiceField(RowChoiceField):
    """A park of the active scope."""

    model = Park
    listed_up_to = 200
    searched_by = named_by = "园区名称"
    default_error_messages = {"unknown": "没有找到这个园区。", "ambiguous": "有多个园区叫这个名称。"}

    def options(self) -> Any:
        return Park.objects.order_by("org_path", "pk")

    def called(self, text: str) -> list[Park]:
        return list(self.options().filter(name=text)[:2])

    def labels(self, rows: list[Any]) -> list[tuple[int, str]]:
        return [(row.pk, row.name) for row in rows]


class WholeVenueField(RowChoiceField):
    """A venue of the active scope in which the room lies."""

    model = Venue
    listed_up_to = 400
    searched_by = named_by = "阵地名称"
    empty_label = "不在别的阵地里"
    default_error_messages = {"unknown": "没有找到这处阵地。", "ambiguous": "有多处阵地叫这个名称。"}

    def options(self) -> Any:
        return Venue.objects.open().filter(part_of__isnull=True).select_related("org").order_by("org_path", "pk")

    def called(self, text: str) -> list[Venue]:
        return list(self.options().filter(name=text)[:2])

    def labels(self, rows: list[Any]) -> list[tuple[int, str]]:
        return [(row.pk, f"{row.name}（{row.org}）") for row in rows]


class VenueFacts(forms.Form):
    name = forms.CharField(label="名称", max_length=60)
    kind = forms.ChoiceField(label="类别", choices=optional(VenueKind.choices(), "请选择"))
    since = forms.DateField(label="启用日期")
    park = ParkChoiceField(label="园区", required=False)
    enterprise = EnterpriseChoiceField(label="所在企业", required=False)
    part_of = WholeVenueField(label="所属阵地", required=False, help_text="中心里的一间房；有房间的阵地按房间预约")
    address = forms.CharField(label="地址", max_length=120, required=False)
    area = forms.DecimalField(label="面积（平方米）", max_digits=8, decimal_places=1, min_value=0, required=False)
    seats = forms.IntegerField(label="座位数", min_value=1, max_value=9999, required=False)
    layout = forms.CharField(label="布局", max_length=200, required=False, help_text="如：一廊两站七室一基地")
    open_to_others = forms.BooleanField(label="向其他党组织开放", required=False)
    opening_hours = forms.CharField(
        label="开放时间", max_length=100, required=False, help_text="如：工作日 9:00 至 20:00"
    )
    contact_name = forms.CharField(label="联系人", max_length=50, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False)


WHERE = {"title": "位置和大小", "fields": ("park", "enterprise", "part_of", "address", "area", "seats", "layout")}
OPENING = {"title": "开放", "fields": ("open_to_others", "opening_hours", "contact_name", "note")}


class RegisterVenueForm(BaseForm, VenueFacts):
    """登记阵地."""

    org = OrgChoiceField(label="责任党组织")

    fieldsets = ({"title": "阵地", "fields": ("org", "name", "kind", "since")}, WHERE, OPENING)


class VenueForm(BaseForm, VenueFacts):
    """修改阵地."""

    fieldsets = ({"title": "阵地", "fields": ("name", "kind", "since")}, WHERE, OPENING)


class CheckForm(BaseForm):
    """对照标准配置核查: tick what is there."""

    there = forms.MultipleChoiceField(
        label="已有的项目", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(item.code, f"{item.label}（{item.detail}）" if item.detail else item.label) for item in CHECKLIST],
    )  # fmt: skip
    on = forms.DateField(label="核查日期")


class CloseVenueForm(BaseForm):
    on = forms.DateField(label="停用日期", help_text="从这一天起不再使用")


class BookForm(BaseForm):
    """预约: one day, from when until when."""

    org = OrgChoiceField(label="预约的党组织")
    on = forms.DateField(label="日期")
    starts = forms.TimeField(label="开始", widget=TimeInput)
    ends = forms.TimeField(label="结束", widget=TimeInput)
    purpose = forms.CharField(label="用途", max_length=100, help_text="如：支部主题党日")
    people = forms.IntegerField(label="人数", min_value=1, max_value=9999, required=False)
    contact_name = forms.CharField(label="预约人", max_length=50, required=False)

    fieldsets = (
        {"title": "时间", "fields": ("on", "starts", "ends")},
        {"title": "用途", "fields": ("org", "purpose", "people", "contact_name")},
    )

    def facts(self) -> dict[str, Any]:
        """The arguments of the service: the two moments instead of a day and two times."""
        given = super().facts()
        day, begin, end = (given.pop(name) for name in ("on", "starts", "ends"))
        moments = {"starts_at": _moment(day, begin), "ends_at": _moment(day, end)}
        return {**given, **moments}


def _moment(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, time))


class AnswerForm(BaseForm):
    """答复预约: agree, or decline with the reason that the other side reads."""

    ACCEPT, DECLINE = "accept", "decline"
    decision = forms.ChoiceField(
        label="答复", choices=[(ACCEPT, "同意"), (DECLINE, "不同意")], initial=ACCEPT,
        widget=forms.RadioSelect(attrs={"class": "choice-tiles"}),
    )  # fmt: skip
    answer = forms.CharField(label="说明", max_length=200, required=False, help_text="不同意的请写明原因，对方会看到")

    def facts(self) -> dict[str, Any]:
        return {"accept": self.cleaned_data["decision"] == self.ACCEPT, "answer": self.cleaned_data["answer"]}


class CancelForm(BaseForm):
    reason = forms.CharField(label="原因", max_length=200, required=False)
