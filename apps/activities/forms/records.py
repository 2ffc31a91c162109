"""记一次活动: one page, filled in advance as far as the portal knows; only what nobody else can know is typed."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from django import forms
from django.utils import timezone

from apps.branches.models import PartyOrg
from apps.core.attachments import ALLOWED
from apps.core.text import has_control_characters, row_id

from ..models import ActivityForm, ActivityKind, Lecturer, Theme, TipSheetReceipt, Venue
from ..rules.minutes import cleaned
from ..services.roll import Expected
from .roll import RollForm

FILES_AT_ONCE: Final = 9
MINUTES_WIDTH: Final = 50_000
TYPED: Final = ("minutes",)
"""What only a person can know. Everything else on the first screen is filled in."""
REDRAWING: Final = ("org", "on", "second_kind")
"""What decides who is expected: where there is JavaScript the list follows at once."""
REDRAWS_ROLL: Final = {
    "hx-trigger": "change delay:200ms", "hx-include": "closest form", "hx-target": "#roll", "hx-select": "#roll",
    "hx-swap": "outerHTML", "hx-vals": '{"look": "roll"}',
}  # fmt: skip


@dataclass
class Setting:
    """What the portal knows about the activity before anybody types: the page reads it, the form offers it."""

    kind: ActivityKind
    org: PartyOrg
    day: datetime.date
    orgs: list[PartyOrg] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    by_choice: bool = False
    seconds: list[ActivityKind] = field(default_factory=list)
    forms: list[ActivityForm] = field(default_factory=list)
    themes: list[Theme] = field(default_factory=list)
    lecturers: list[Lecturer] = field(default_factory=list)
    venues: list[Venue] = field(default_factory=list)
    sheets: list[TipSheetReceipt] = field(default_factory=list)
    visitors: list[tuple[str, str, bool]] = field(default_factory=list)  # what a tick sends, its label, ticked
    co_hosts: list[tuple[str, str, bool]] = field(default_factory=list)
    has_offers: bool = False
    address: str = ""  # of the page: htmx asks it again


class ManyFiles(forms.ClearableFileInput):
    """Photos and papers, several at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """What is to be kept with the record; each file is looked into by itself when it is kept."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = [file for file in (data if isinstance(data, (list, tuple)) else [data]) if file]
        if len(files) > FILES_AT_ONCE:
            raise forms.ValidationError(f"一次最多上传 {FILES_AT_ONCE} 个附件。")
        return files


class PickedField(forms.Field):
    """Rows found by name and ticked, each sent as its id and its name; cleans to such pairs.

    The name comes back with the id, so that an id alone opens nobody's name.
    """

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> list[tuple[int, str]]:
        return pairs(value or ())


def pairs(texts: Iterable[str]) -> list[tuple[int, str]]:
    """(id, name) of texts like `12 陈一鸣`; what is none is left out."""
    found = ((row_id(pk), name) for pk, _, name in (str(text).partition(" ") for text in texts))
    return [(pk, name) for pk, name in found if pk is not None]


def line(label: str, width: int, *, required: bool = False, **kwargs: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=width, required=required, **kwargs)


def choice(label: str, rows: list[Any], empty: str) -> forms.TypedChoiceField:
    """A short list of rows that the page has read already."""
    options = [("", empty), *((row.pk, str(row)) for row in rows)]
    by_pk = {str(row.pk): row for row in rows}
    return forms.TypedChoiceField(label=label, choices=options, required=False, coerce=by_pk.get, empty_value=None)


def sheets_field(receipts: list[TipSheetReceipt]) -> forms.TypedMultipleChoiceField:
    """The 提示单 of the quarter that the record may answer: one tick and the sheet is done."""
    by_pk = {str(row.pk): row for row in receipts}
    return forms.TypedMultipleChoiceField(
        label="落实的提示单", choices=[(row.pk, row.sheet.title) for row in receipts], required=False,
        coerce=by_pk.get, widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip


class Clock(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class RecordForm(RollForm):
    """One activity: the first screen, 到会情况, 内容记录, and under 更多 what most records do not need."""

    on = forms.DateField(label="日期")
    at = forms.TimeField(label="开始时间", widget=Clock())
    title = line("主题", 100, required=True)
    place = line("地点", 100)
    chair = line("主持人", 50)
    minutes = forms.CharField(
        label="内容记录", required=False, max_length=MINUTES_WIDTH, strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "粘贴或填写：学习了什么，讨论了什么，形成了什么意见"}),
    )  # fmt: skip
    minutes_rich = forms.BooleanField(required=False, widget=forms.HiddenInput)
    recorder = line("记录人", 50)
    ends = forms.TimeField(label="结束时间", required=False, widget=Clock(), help_text="早于开始时间的，算作次日")
    speaker = line("主讲人", 50)
    agenda = forms.CharField(
        label="议题", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="一行一项"
    )
    resolution = forms.CharField(
        label="形成的决议", max_length=5000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    study_hours = forms.DecimalField(label="学时", max_digits=4, decimal_places=1, min_value=0, required=False)
    guests = line("列席人员", 300)
    units = line("参加单位", 300)
    others_present = forms.IntegerField(
        label="其他参加人数", min_value=0, max_value=100_000, required=False, help_text="入党积极分子、职工群众等"
    )
    link = forms.URLField(label="线上地址", max_length=300, required=False, assume_scheme="https")
    visitors = PickedField(label="来访党员", required=False)
    visitor_name = line("按姓名查找来访党员", 50)
    co_hosts = PickedField(label="共同举办的党支部", required=False)
    host_name = line("按名称查找党支部", 60)
    reason = line("说明原因", 300, help_text="补记已封存季度的活动，或系统请您说明时填写")
    attachments = FilesField(
        label="照片和附件", required=False, help_text=f"可不传。{ALLOWED}，不超过 10 MB；照片会去掉拍摄地点"
    )

    FIRST = ("org", "on", "title", "place", "chair", "second_kind", "sheets")
    MORE = (
        "ends", "form", "theme", "recorder", "lecturer", "speaker", "venue", "link", "agenda", "resolution",
        "study_hours", "others_present", "guests", "units",
    )  # fmt: skip

    def __init__(self, *args: Any, setting: Setting, **kwargs: Any) -> None:
        super().__init__(*args, setting=setting, **kwargs)
        if len(setting.orgs) > 1:
            self.fields["org"] = choice("党组织", setting.orgs, "请选择")
            self.fields["org"].required = True
        if setting.seconds:
            self.fields["second_kind"] = choice("同时作为", setting.seconds, "只作本类")
            self.fields["second_kind"].widget = forms.RadioSelect(
                attrs={"class": "choice-tiles"}, choices=self.fields["second_kind"].choices
            )  # type: ignore[attr-defined]
        if setting.sheets:
            self.fields["sheets"] = sheets_field(setting.sheets)
        offers = (
            ("form", "活动形式", setting.forms, "不区分"), ("theme", "专题", setting.themes, "不结合专题"),
            ("lecturer", "讲师", setting.lecturers, "没有请讲师"), ("venue", "阵地", setting.venues, "不在登记的阵地"),
        )  # fmt: skip
        for name, label, rows, empty in offers:
            if rows:
                self.fields[name] = choice(label, rows, empty)
        for name in REDRAWING:
            if name in self.fields:
                self.fields[name].widget.attrs.update({**REDRAWS_ROLL, "hx-post": setting.address})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        minutes = data.get("minutes", "")
        if has_control_characters(minutes):
            self.add_error("minutes", "内容中有无法保存的字符，请删除后再保存。")
        else:
            data["minutes"] = cleaned(minutes, rich=data.get("minutes_rich", False))
        return data

    # ---- what the page shows

    def first(self) -> list[Any]:
        return [self[name] for name in self.FIRST if name in self.fields]

    def more(self) -> list[Any]:
        return [self[name] for name in self.MORE if name in self.fields]

    def has_offers(self) -> bool:
        return self.setting.has_offers

    def opened(self) -> bool:
        """Whether 更多 is open: something in it is wrong, or was looked for."""
        folded = (*self.MORE, "visitors", "co_hosts", "reason", "attachments")
        looked = any(self[name].value() for name in ("visitor_name", "host_name", "visitors", "co_hosts"))
        return looked or any(self[name].errors for name in folded if name in self.fields)

    def filled_in(self) -> int:
        """How many items the portal has brought along, the names on the list among them."""
        names = [name for name in (*self.FIRST, "at", *self.MORE) if name in self.fields]
        known = [name for name in names if self.get_initial_for_field(self.fields[name], name) not in (None, "")]
        return 1 + len(known) + len(self.setting.expected)  # the kind was chosen with a press

    def to_fill_in(self) -> list[str]:
        """What is left to a person, by name."""
        names = [name for name in self.FIRST if name in self.fields and self.fields[name].required]
        empty = [name for name in names if self.get_initial_for_field(self.fields[name], name) in (None, "")]
        labels = [str(self.fields[name].label) for name in (*empty, *TYPED)]
        return [*labels, "到会人员"] if self.setting.by_choice else labels

    # ---- what the service takes

    def starts_at(self) -> datetime.datetime:
        return timezone.make_aware(datetime.datetime.combine(self.cleaned_data["on"], self.cleaned_data["at"]))

    def ends_at(self) -> datetime.datetime | None:
        """The end on the day of the start, or on the next one when it is said to be earlier."""
        starts, ends = self.starts_at(), self.cleaned_data.get("ends")
        if ends is None:
            return None
        found = timezone.make_aware(datetime.datetime.combine(self.cleaned_data["on"], ends))
        return found if found > starts else found + datetime.timedelta(days=1)
