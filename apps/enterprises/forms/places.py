"""What people type about parks and buildings."""

from __future__ import annotations

from typing import Any

from django import forms

from apps.branches.fields import OrgChoiceField
from apps.branches.rules import BRANCH_KINDS, OrgKind
from apps.core.forms import BaseForm

from ..kinds import ParkLevel
from ..models import Building, Instructor, Park
from .enterprise import name_buildings, name_instructors

IN_CHARGE = BRANCH_KINDS | {OrgKind.GENERAL_BRANCH, OrgKind.COMMITTEE, OrgKind.GUIDANCE_STATION}


class ParkForm(BaseForm):
    code = forms.CharField(label="园区代码", max_length=20)
    name = forms.CharField(label="园区名称", max_length=60)
    level = forms.ChoiceField(label="级别", choices=ParkLevel.choices())
    org = OrgChoiceField(label="责任党组织", help_text="一般为园区党工委")
    address = forms.CharField(label="地址", max_length=200, required=False)


class BuildingForm(BaseForm):
    """一个支部分包一栋楼: without a branch the park's organisation answers for the building."""

    park = forms.ModelChoiceField(label="园区", queryset=Park.objects.all(), empty_label="请选择")
    code = forms.CharField(label="楼栋代码", max_length=20)
    name = forms.CharField(label="楼栋名称", max_length=60)
    floors = forms.IntegerField(label="层数", min_value=1, max_value=200, required=False)
    branch = OrgChoiceField(
        label="包楼党组织", kinds=IN_CHARGE, required=False, empty_label="园区直管",
        help_text="楼内没有党组织覆盖的企业归它负责",
    )  # fmt: skip
    instructor = forms.ModelChoiceField(
        label="楼栋指导员", queryset=Instructor.objects.all(), required=False, empty_label="未派"
    )
    address = forms.CharField(label="地址", max_length=200, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_instructors(self.fields["instructor"])


class BuildingEditForm(BuildingForm):
    """The park of a building stays."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["park"]


class PlaceForm(BaseForm):
    """放入楼栋."""

    building = forms.ModelChoiceField(label="楼栋", queryset=Building.objects.all(), empty_label="请选择")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_buildings(self.fields["building"])
