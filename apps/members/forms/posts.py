"""What people type about posts and talents. A holder is chosen from the roster, or only named."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.core.forms import BaseForm, ReasonForm
from apps.enterprises.fields import optional

from ..fields import MemberChoiceField
from ..kinds import PostBasis, PostRole, PostSource, TalentKind
from ..models import Member

NAME_HELP = "名册上没有的填姓名，如街道、机关派来的书记"
REASON_HELP = "提示要求说明原因时填写，会记入备注"


def holder_field() -> MemberChoiceField:
    field = MemberChoiceField(label="党员（名册上的）", required=False)
    field.empty_label = "不在名册上，填写姓名"
    return field


class HolderFields(forms.Form):
    """A member of the roster, or a name: one of the two."""

    member = holder_field()
    name = forms.CharField(label="姓名", max_length=50, required=False, help_text=NAME_HELP)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        member, name = given.get("member"), (given.get("name") or "").strip()
        if "member" in self.errors:
            return given
        if member is None and not name:
            self.add_error("member", "请选择名册上的党员；不在名册上的，请填写姓名。")
        if member is not None and name and name != member.name:
            self.add_error("name", f"与所选党员“{member.name}”不一致，请留空。")
        return given


class PostFacts(forms.Form):
    basis = forms.ChoiceField(label="产生方式", choices=PostBasis.choices())
    source = forms.ChoiceField(label="选配来源", choices=optional(PostSource.choices()), required=False)
    source_unit = forms.CharField(label="来源单位", max_length=80, required=False, help_text="派出或原任职的单位")
    concurrent = forms.CharField(
        label="兼任职务", max_length=100, required=False, help_text="如公司部门负责人、街道副书记"
    )
    full_time = forms.BooleanField(label="专职党务工作者", required=False)
    document = forms.CharField(label="批准（备案）文号", max_length=60, required=False,
                               help_text="书记、副书记须上级批准，委员报上级备案")  # fmt: skip
    document_on = forms.DateField(label="批准（备案）日期", required=False)
    note = forms.CharField(label="备注", max_length=100, required=False)


ABOVE = {"title": "批准或备案", "fields": ("document", "document_on", "note")}
FROM_WHERE = ("basis", "source", "source_unit", "concurrent", "full_time")


class AppointForm(BaseForm, HolderFields, PostFacts):
    """登记任职."""

    org = OrgChoiceField(label="党组织")
    role = forms.ChoiceField(label="党内职务", choices=optional(PostRole.choices(), "请选择"))
    since = forms.DateField(label="任职日期")
    reason = forms.CharField(label="原因说明", max_length=90, required=False, help_text=REASON_HELP)

    fieldsets = (
        {"title": "谁，任什么职", "fields": ("org", "member", "name", "role", "since")},
        {"title": "产生方式和来源", "fields": FROM_WHERE},
        {**ABOVE, "fields": ("document", "document_on", "reason", "note")},
    )

    def clean_role(self) -> PostRole:
        return PostRole(self.cleaned_data["role"])


class PostForm(BaseForm, PostFacts):
    """修改任职: how somebody came into the post and the paper above; who, what and when stay."""

    fieldsets = ({"title": "产生方式和来源", "fields": FROM_WHERE}, ABOVE)


class EndPostForm(BaseForm):
    on = forms.DateField(label="离任日期", help_text="从这一天起不再任职")
    reason = forms.CharField(
        label="离任原因", max_length=90, required=False, help_text="如换届、调离、辞职，会记入备注"
    )


class WithdrawForm(ReasonForm):
    """撤销登记."""


class SeatForm(BaseForm):
    """换届后登记班子: one line for each who was elected, with the post that he or she takes."""

    reason = forms.CharField(label="原因说明", max_length=90, required=False, help_text=REASON_HELP)

    SEATS = [role for role in PostRole if role not in (PostRole.GROUP_LEADER, PostRole.WORKER)]

    def __init__(
        self, *args: Any, elected: list[tuple[str, PostRole]], known: dict[str, Member], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        reason = self.fields.pop("reason")
        for number, (name, role) in enumerate(elected):
            found = known.get(name)
            said = f"名册党员 {found.code}" if found else "名册上没有找到这个姓名（或有重名），只登记姓名"
            self.fields[f"role_{number}"] = forms.ChoiceField(
                label=name, initial=role.value, choices=optional([(r.value, r.label) for r in self.SEATS], "暂不登记"),
                required=False, help_text=said,
            )  # fmt: skip
        self.fields["reason"] = reason
        self.names = [name for name, _ in elected]

    def seats(self) -> list[tuple[str, PostRole]]:
        """Whom to register, with the post that was chosen."""
        roles = [self.cleaned_data.get(f"role_{number}") for number in range(len(self.names))]
        return [(name, PostRole(role)) for name, role in zip(self.names, roles, strict=True) if role]


class TalentFacts(forms.Form):
    unit = forms.CharField(label="所在单位", max_length=100, required=False)
    kind = forms.ChoiceField(label="人才类别", choices=optional(TalentKind.choices(), "请选择"))
    joined_on = forms.DateField(label="入库日期")
    certificate = forms.CharField(label="资质证书", max_length=60, required=False, help_text="如党务工作者资格证书")
    certificate_number = forms.CharField(label="证书编号", max_length=40, required=False)
    issued_on = forms.DateField(label="发证日期", required=False)
    expires_on = forms.DateField(label="证书有效期至", required=False, help_text="留空表示长期有效；到期前会提醒")
    placed_on = forms.DateField(label="输送日期", required=False)
    placed_as = forms.CharField(label="输送去向", max_length=100, required=False, help_text="到哪家企业任什么职")
    in_management = forms.BooleanField(label="已进入管理层", required=False)
    note = forms.CharField(label="备注", max_length=100, required=False)


CERTIFICATE = {
    "title": "资质证书",
    "fields": ("certificate", "certificate_number", "issued_on", "expires_on"),
}
PLACED = {"title": "输送和任用", "fields": ("placed_on", "placed_as", "in_management", "note")}


class AddTalentForm(BaseForm, HolderFields, TalentFacts):
    """入库."""

    org = OrgChoiceField(label="责任党组织")

    fieldsets = (
        {"title": "谁", "fields": ("org", "member", "name", "unit", "kind", "joined_on")},
        CERTIFICATE,
        PLACED,
    )


class TalentForm(BaseForm, TalentFacts):
    """修改."""

    fieldsets = ({"title": "基本情况", "fields": ("unit", "kind", "joined_on")}, CERTIFICATE, PLACED)


class ReleaseForm(BaseForm):
    on = forms.DateField(label="出库日期")
    note = forms.CharField(label="说明", max_length=90, required=False)
