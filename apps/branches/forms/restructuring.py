"""What people type about mergers, splits and plans of restructuring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms

from apps.core.forms import BaseForm

from ..fields import OrgChoiceField
from ..models import PartyOrg, RestructuringStep
from ..relocation import Holding, Picks
from ..rules import UPGRADES, OrgKind
from ..rules.restructuring import MERGES, StepKind
from .organisations import EventFields, NameFields, kind_choices

Options = Sequence[tuple[Holding, list[tuple[int, str]]]]

UPGRADED: Final = frozenset().union(*UPGRADES.values())
BELOW_THE_TOP: Final = frozenset(OrgKind) - {OrgKind.AUTHORITY}


class PickFields(forms.Form):
    """Boxes for everything that a split may pick, one group for each sort that the organisation holds."""

    def offer(self, options: Options, chosen: Mapping[str, Sequence[int]] | None = None) -> list[str]:
        """Add the groups; returns the names of their fields."""
        self.pick_codes = {f"pick_{number}": holding.code for number, (holding, _) in enumerate(options)}
        for name, (holding, rows) in zip(self.pick_codes, options, strict=True):
            self.fields[name] = forms.TypedMultipleChoiceField(
                label=holding.label, choices=[(pk, text) for pk, text in rows], coerce=int, required=False,
                widget=forms.CheckboxSelectMultiple, initial=list((chosen or {}).get(holding.code, ())),
            )  # fmt: skip
        return list(self.pick_codes)

    def picks(self) -> Picks:
        return {
            code: frozenset(self.cleaned_data[name])
            for name, code in self.pick_codes.items() if self.cleaned_data.get(name)
        }  # fmt: skip


class MergeForm(BaseForm, EventFields):
    """合并: the organisation of the page goes over into another one."""

    target = OrgChoiceField(label="并入")

    fieldsets = ({"title": "", "fields": ("target", "on", "document", "note")},)

    def __init__(self, *args: Any, org: PartyOrg, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"] = OrgChoiceField(
            label="并入",
            kinds=MERGES[OrgKind(org.kind)],
            help_text="并入方撤销，其下级、企业和党员都转到这里选择的组织",
        )


class HandOverForm(BaseForm, EventFields):
    """撤销 with everything handed over to another organisation first."""

    target = OrgChoiceField(label="全部转到")

    fieldsets = ({"title": "", "fields": ("target", "on", "document", "note")},)


class SplitForm(BaseForm, PickFields, NameFields, EventFields):
    """拆分: what is picked goes to one new organisation."""

    kind = forms.ChoiceField(label="类别", choices=kind_choices(BELOW_THE_TOP))
    parent = OrgChoiceField(label="上级组织", required=False, empty_label="与原组织相同")
    ends = forms.BooleanField(
        label="原组织随之撤销", required=False, help_text="仅在全部内容都已划出时可以选择"
    )  # fmt: skip

    def __init__(self, *args: Any, org: PartyOrg, options: Options, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        picked = self.offer(options)
        self.fieldsets = (
            {"title": "新设的党组织", "fields": ("name", "short_name", "kind", "parent")},
            {"title": f"从「{org}」划出", "fields": tuple(picked), "wide": True},
            {"title": "依据", "fields": ("on", "document", "note", "ends")},
        )

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in super().facts().items() if name not in self.pick_codes}


class PlanForm(BaseForm):
    """编制方案: where, called what, from when on."""

    name = forms.CharField(label="方案名称", max_length=60, help_text="如“和丰工业党总支组建方案”")
    org = OrgChoiceField(label="所在党组织", help_text="方案只能调整它和它下面的组织；跨园区的在上级编制")
    on = forms.DateField(label="生效日期", help_text="可以是以后的日期：确认后到那天自动实施")
    note = forms.CharField(label="说明", max_length=500, required=False, widget=forms.Textarea)

    fieldsets = ({"title": "", "fields": ("name", "org", "on", "note")},)


class PlanEditForm(PlanForm):
    """Name, day and note of a draft; where it is stays."""

    fieldsets = ({"title": "", "fields": ("name", "on", "note")},)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["org"]


class ApplyForm(BaseForm):
    """实施: the approval, and the reason where the rules ask for one."""

    document = forms.CharField(label="批复文号", max_length=60)
    reason = forms.CharField(
        label="对规则提示的说明", max_length=300, required=False, widget=forms.Textarea,
        help_text="试算提示“应当”“一般”的问题时必须说明理由",
    )  # fmt: skip

    fieldsets = ({"title": "", "fields": ("document", "reason")},)


FIELDS: Final[Mapping[StepKind, tuple[str, ...]]] = {
    StepKind.FOUND: ("target", "org_kind", "name", "short_name"),
    StepKind.MERGE: ("org", "target"),
    StepKind.SPLIT: ("name", "short_name", "org_kind", "target"),
    StepKind.UPGRADE: ("org", "org_kind", "name", "short_name"),
    StepKind.MOVE: ("org", "target"),
    StepKind.DISSOLVE: ("org", "target"),
    StepKind.RENAME: ("org", "name", "short_name"),
}
LABELS: Final[Mapping[StepKind, Mapping[str, str]]] = {
    StepKind.FOUND: {"target": "上级组织"},
    StepKind.MERGE: {"org": "并入方（撤销）", "target": "接收方"},
    StepKind.SPLIT: {"target": "新组织的上级"},
    StepKind.UPGRADE: {"org_kind": "升格为", "name": "新全称", "short_name": "新简称"},
    StepKind.MOVE: {"target": "新的上级组织"},
    StepKind.DISSOLVE: {"org": "撤销的党组织", "target": "其内容全部转到"},
    StepKind.RENAME: {"name": "新全称", "short_name": "新简称"},
}
MAY_BE_EMPTY: Final = {StepKind.SPLIT: "与原组织相同", StepKind.DISSOLVE: "没有内容需要转出"}
"""What it means that a step names no other end."""


class StepForm(BaseForm, PickFields):
    """One step. Beside an organisation that exists one may choose one that an earlier step founds."""

    def __init__(
        self, *args: Any, kind: StepKind, earlier: Sequence[RestructuringStep], options: Options = (),
        step: RestructuringStep | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.kind, self.earlier = kind, {str(each.pk): each for each in earlier}
        labels = LABELS[kind]
        for name in FIELDS[kind]:
            self._add(name, labels.get(name, ""), step)
        names = [name for name in self.fields if name not in ("submission", "version")]
        picked = self.offer(options, step.picks if step else None) if kind is StepKind.SPLIT else []
        if kind is StepKind.SPLIT:
            self.fields["ends"] = forms.BooleanField(
                label="原组织随之撤销", required=False, initial=bool(step and step.ends),
                help_text="仅在全部内容都已划出时可以选择",
            )  # fmt: skip
        else:
            self.pick_codes = {}
        self.fields["note"] = forms.CharField(
            label="说明", max_length=300, required=False, initial=step.note if step else ""
        )
        self.fieldsets = (
            {"title": "", "fields": tuple(names)},
            *([{"title": "划出内容", "fields": tuple(picked), "wide": True}] if picked else []),
            {"title": "", "fields": ("ends", "note")},
        )

    def _add(self, name: str, label: str, step: RestructuringStep | None) -> None:
        old = getattr(step, name) if step else None
        if name in ("org", "target"):
            self._add_organisation(name, label or "党组织", step)
        elif name == "org_kind":
            offered = UPGRADED if self.kind is StepKind.UPGRADE else BELOW_THE_TOP
            self.fields[name] = forms.ChoiceField(label=label or "类别", choices=kind_choices(offered), initial=old)
        elif name == "name":
            self.fields[name] = forms.CharField(
                label=label or "全称", max_length=100, initial=old, required=self.kind is not StepKind.UPGRADE,
                help_text="留空则沿用原名" if self.kind is StepKind.UPGRADE else "与印章一致",
            )  # fmt: skip
        else:
            self.fields[name] = forms.CharField(label=label or "简称", max_length=40, required=False, initial=old)

    def _add_organisation(self, name: str, label: str, step: RestructuringStep | None) -> None:
        empty = MAY_BE_EMPTY.get(self.kind, "请选择") if name == "target" else "请选择"
        self.fields[name] = OrgChoiceField(
            label=label, required=False, empty_label=empty, initial=getattr(step, name) if step else None
        )
        if self.earlier:
            rows = [("", "—"), *((key, f"{each.name}（第{each.position}步）") for key, each in self.earlier.items())]
            chosen = getattr(step, f"{name}_step_id") if step else None
            self.fields[f"{name}_step"] = forms.ChoiceField(
                label="或：前面步骤新设的组织", choices=rows, required=False, initial=chosen
            )

    def step_facts(self) -> dict[str, Any]:
        """The columns of the step: empty texts for what this kind of step does not have."""
        given = {name: value for name, value in self.facts().items() if name not in self.pick_codes}
        for name in ("org_step", "target_step"):
            if name in given:
                given[name] = self.earlier.get(given[name])
        if self.kind is StepKind.SPLIT:
            given["picks"] = {code: sorted(ids) for code, ids in self.picks().items()}
        return given


class SourceForm(forms.Form):
    """Which organisation a split is about: asked first, since what can be picked depends on it."""

    source = OrgChoiceField(label="要拆分的党组织", required=False)

    def __init__(self, *args: Any, earlier: Sequence[RestructuringStep], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if earlier:
            rows = [("", "—"), *((str(each.pk), f"{each.name}（第{each.position}步）") for each in earlier)]
            self.fields["source_step"] = forms.ChoiceField(label="或：前面步骤新设的组织", choices=rows, required=False)
