"""What people type about a member. What is masked is shown masked; sent back unchanged it stays as it is."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.branches.models import PartyOrg
from apps.branches.rules import OrgKind
from apps.core.codes import mask_id_number, mask_phone, normalise
from apps.core.forms import BaseForm, ReasonForm
from apps.enterprises.fields import EnterpriseChoiceField, optional

from ..kinds import NATIONS, Degree, Education, Entry, Focus, HonourKind, LeavingReason, Occupation, Relation, Sex
from ..masks import mask_address
from ..models import Member
from ..services.facts import HIDDEN
from ..services.leaving import LEAVING

OLD_LENGTH = 15
TILES = {"class": "choice-tiles"}
MASKS = {"id_number": mask_id_number, "phone": mask_phone, "address": mask_address, "household": mask_address}
KEEPERS = [kind for kind in OrgKind if kind not in (OrgKind.GROUP, OrgKind.AUTHORITY)]
"""Kinds that keep people: a roster where the kind holds members, else those who work here only."""
CONFIRM_HELP = "15位旧号码换算为18位：第六位后加“19”，末尾加校验码。请对照身份证核对后勾选"


def employer_field() -> EnterpriseChoiceField:
    field = EnterpriseChoiceField(label="所在企业", required=False)
    field.empty_label = "没有或不在园区"
    return field


class FindForm(forms.Form):
    """The first step of a registration: is this person here already?"""

    name = forms.CharField(label="姓名", max_length=50)
    id_number = forms.CharField(
        label="身份证号", max_length=30, required=False, help_text="用于查重，不会写入网址；关系在外且不知道号码的可不填",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}),
    )  # fmt: skip


class PersonFields(forms.Form):
    name = forms.CharField(label="姓名", max_length=50, help_text="与身份证一致，少数民族姓名中的点写作“·”")
    id_number = forms.CharField(label="身份证号", max_length=30, required=False,
                                widget=forms.TextInput(attrs={"autocomplete": "off"}))  # fmt: skip
    confirmed = forms.BooleanField(label="已对照证件核对换算后的号码", required=False, help_text=CONFIRM_HELP)
    phone = forms.CharField(label="联系电话", max_length=20, required=False,
                            widget=forms.TextInput(attrs={"inputmode": "tel"}))  # fmt: skip
    sex = forms.ChoiceField(label="性别", choices=optional(Sex.choices(), "随身份证号"), required=False)
    born_on = forms.DateField(label="出生日期", required=False, help_text="留空则取身份证号中的日期")
    nation = forms.ChoiceField(label="民族", choices=optional(NATIONS), required=False)
    native_place = forms.CharField(label="籍贯", max_length=50, required=False)
    education = forms.ChoiceField(label="学历", choices=optional(Education.choices()), required=False)
    degree = forms.ChoiceField(label="学位", choices=optional(Degree.choices()), required=False)
    school = forms.CharField(label="毕业院校及专业", max_length=80, required=False)
    work_since = forms.DateField(label="参加工作日期", required=False)
    occupation = forms.ChoiceField(label="职业", choices=optional(Occupation.choices()), required=False)
    position = forms.CharField(label="工作岗位（职务）", max_length=60, required=False)
    focus = forms.MultipleChoiceField(
        label="重点对象", choices=Focus.choices(), required=False, widget=forms.CheckboxSelectMultiple
    )
    card_number = forms.CharField(label="党员证编号", max_length=30, required=False)
    address = forms.CharField(label="住址", max_length=200, required=False)
    household = forms.CharField(label="户籍所在地", max_length=200, required=False)
    remark = forms.CharField(label="备注", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        typed = self.data.get("id_number") if self.is_bound else self.initial.get("id_number")
        if len(normalise(str(typed or ""))) != OLD_LENGTH:
            self.fields["confirmed"].widget = forms.HiddenInput()

    def clean_sex(self) -> str:
        """Not given: as the ID number says."""
        return self.cleaned_data["sex"] or Sex.UNKNOWN.value


WHO = ("name", "id_number", "confirmed", "phone", "sex", "born_on", "nation", "native_place")
STUDY = ("education", "degree", "school", "work_since")
WORK = ("occupation", "position", "focus", "card_number")
LIVING = ("address", "household", "remark")


class RegisterForm(BaseForm, PersonFields):
    """登记党员: on a roster, or somebody who works here while the relation is elsewhere."""

    relation = forms.ChoiceField(
        label="组织关系", initial=Relation.HERE.value, widget=forms.RadioSelect(attrs=TILES),
        choices=[(Relation.HERE.value, "在本支部名册"), (Relation.ELSEWHERE.value, "关系在外，在此工作")],
    )  # fmt: skip
    org = OrgChoiceField(label="党支部", kinds=KEEPERS, help_text="关系在外的，填负责联系的党组织")
    on = forms.DateField(label="在册起始日期", help_text="从这一天起计入名册和统计")
    entry = forms.ChoiceField(
        label="入册方式", initial=Entry.INITIAL.value, help_text="从别的党支部转来的，请办理组织关系转接",
        choices=[(each.value, each.label) for each in (Entry.INITIAL, Entry.ADMITTED)],
    )  # fmt: skip
    joined_on = forms.DateField(label="入党日期", required=False, help_text="支部大会接收为预备党员的日期")
    formal_on = forms.DateField(label="转正日期", required=False, help_text="预备党员留空")
    enterprise = employer_field()
    home_text = forms.CharField(
        label="组织关系所在党组织", max_length=100, required=False, help_text="只有关系在外的填写"
    )

    DATES = ("joined_on", "formal_on")
    fieldsets = (
        {"title": "身份", "fields": WHO},
        {"title": "组织关系", "fields": ("relation", "org", "on", "entry", *DATES, "enterprise", "home_text")},
        {"title": "学历与工作（可以以后补填）", "fields": (*STUDY, *WORK), "folds": True},
        {"title": "住址与备注（可以以后补填）", "fields": LIVING, "folds": True},
    )

    def clean_relation(self) -> Relation:
        return Relation(self.cleaned_data["relation"])

    def clean_entry(self) -> Entry:
        return Entry(self.cleaned_data["entry"])


class EditForm(BaseForm, PersonFields):
    """修改: who a member is. The branch, the dates of the Party and the employer have forms of their own."""

    initials = forms.CharField(
        label="拼音首字母", max_length=60, required=False, help_text="用于检索；改姓名时自动更新，多音字不对时可改"
    )
    home_text = forms.CharField(label="组织关系所在党组织", max_length=100, required=False)

    fieldsets = (
        {"title": "身份", "fields": ("name", "initials", *WHO[1:], "home_text")},
        {"title": "学历", "fields": STUDY},
        {"title": "工作", "fields": WORK},
        {"title": "住址与备注", "fields": LIVING},
    )

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.masked = keep_masked(self, member)
        if member.relation != Relation.ELSEWHERE:
            del self.fields["home_text"]

    def facts(self) -> dict[str, Any]:
        """What was typed, without `confirmed` and without what was left masked."""
        found = {name: value for name, value in super().facts().items() if name != "confirmed"}
        return without_masked(found, self.masked)


class ContactsForm(BaseForm):
    """更新联系方式."""

    phone = PersonFields.base_fields["phone"]
    address = PersonFields.base_fields["address"]

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.masked = keep_masked(self, member)

    def facts(self) -> dict[str, Any]:
        return without_masked(super().facts(), self.masked)


class RegroupForm(BaseForm):
    """支部内调整: group and employer from a day on."""

    on = forms.DateField(label="自何日起")
    group = forms.ModelChoiceField(
        label="党小组", queryset=PartyOrg.objects.all(), required=False, empty_label="不编入党小组"
    )
    enterprise = employer_field()
    note = forms.CharField(label="说明", max_length=200, required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        self.fields["group"].queryset = groups_of(member.org)
        employer = member.employer
        self.kept = (
            employer if employer and not self.fields["enterprise"].options().filter(pk=employer.pk).exists() else None
        )
        if self.kept:
            self.fields["enterprise"].help_text = f"现为「{self.kept}」，留空不变"
        if member.relation == Relation.ELSEWHERE:
            del self.fields["group"]

    def clean_enterprise(self) -> Any:
        """An employer that the actor may not choose stays unless another one is chosen."""
        return self.cleaned_data["enterprise"] or self.kept


class GroupForm(BaseForm):
    """编入小组: ticked members of one branch."""

    group = OrgChoiceField(label="党小组", kinds=[OrgKind.GROUP])
    on = forms.DateField(label="自何日起")


class FormalForm(BaseForm):
    on = forms.DateField(label="转正日期", help_text="预备期满，支部大会通过并经上级党组织批准的，从预备期满之日算起")
    document = forms.CharField(label="批准文号", max_length=60, required=False)


class ExtensionForm(BaseForm):
    until = forms.DateField(label="预备期延长至")
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class DatesForm(BaseForm):
    """更正日期, where a date was recorded wrongly."""

    joined_on = forms.DateField(label="入党日期")
    formal_on = forms.DateField(label="转正日期", required=False, help_text="仍是预备党员的留空")
    since = forms.DateField(label="在册起始日期", required=False, help_text="第一次登记在名册上的日期")
    reason = forms.CharField(label="更正原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class LeaveForm(BaseForm):
    """离开名册, other than by a transfer."""

    reason = forms.ChoiceField(label="原因", widget=forms.RadioSelect(attrs=TILES))
    on = forms.DateField(label="自何日起不在册", help_text="误登记的填在册起始日期，则整段撤回")
    document = forms.CharField(label="批准文号", max_length=60, required=False,
                               help_text="退党、除名、开除、取消预备党员资格须填写")  # fmt: skip
    destination = forms.CharField(label="去向", max_length=100, required=False)
    note = forms.CharField(label="说明", max_length=120, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, member: Member, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = [(each.value, label) for each, label in reasons_for(member, today)]

    def clean_reason(self) -> LeavingReason:
        return LeavingReason(self.cleaned_data["reason"])


class RestoreForm(BaseForm):
    on = forms.DateField(label="自何日起恢复")
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


class LostForm(BaseForm):
    since = forms.DateField(label="失去联系日期")
    note = forms.CharField(label="查找情况", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class FoundForm(BaseForm):
    on = forms.DateField(label="恢复联系日期")
    note = forms.CharField(label="说明", max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class HonourForm(BaseForm):
    """登记奖惩."""

    kind = forms.ChoiceField(label="类别", choices=HonourKind.choices(), widget=forms.RadioSelect(attrs=TILES))
    title = forms.CharField(label="名称", max_length=100, help_text="如：市优秀共产党员、区人大代表")
    on = forms.DateField(label="日期")
    level = forms.CharField(label="授予（任职）单位", max_length=60, required=False)
    document = forms.CharField(label="文号", max_length=60, required=False, help_text="党纪处分须填写")
    note = forms.CharField(label="说明", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def clean_kind(self) -> HonourKind:
        return HonourKind(self.cleaned_data["kind"])


class RevealForm(ReasonForm):
    """查看原文: one thing at a time."""

    field = forms.ChoiceField(label="查看哪一项", widget=forms.RadioSelect(attrs=TILES))

    field_order = ("field", "reason")

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = hidden_of(member)


def hidden_of(member: Member) -> list[tuple[str, str]]:
    """What is masked on the page of this member and has an original: (name, label)."""
    columns = {"id_number": "身份证号", "phone": "联系电话", "address": "住址", "household": "户籍所在地"}
    there = {name: getattr(member, f"{name}_sealed" if name in ("id_number", "phone") else name) for name in HIDDEN}
    return [(name, columns[name]) for name in HIDDEN if there[name]]


def groups_of(org: PartyOrg) -> Any:
    return PartyOrg.objects.filter(parent=org, kind=OrgKind.GROUP, ended_on=None)


def reasons_for(member: Member, today: datetime.date) -> list[tuple[LeavingReason, str]]:
    """Why this member may leave: only somebody on probation loses the 预备党员资格."""
    probationary = member.formal_on is None or member.formal_on > today
    found = [(each, each.label) for each in LEAVING if probationary or each is not LeavingReason.CANCELLED]
    if member.relation == Relation.ELSEWHERE:
        found.insert(0, (LeavingReason.TRANSFERRED, "不再在此工作"))
    return found


def keep_masked(form: forms.Form, member: Member) -> dict[str, str]:
    """Show masks instead of originals; returns what each field showed."""
    shown = {}
    for name, mask in MASKS.items():
        original = getattr(member, name) if name in form.fields else ""
        if original:
            shown[name] = form.initial[name] = mask(original)
            form.fields[name].help_text = "不改动则保持原内容"
    return shown


def without_masked(facts: dict[str, Any], shown: dict[str, str]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in shown or value != shown[name]}
