"""Parks, buildings (as boards by floor), and enterprises put into a building together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.functional import cached_property

from apps.core.templatetags.ui import percent
from apps.core.text import row_id
from apps.core.views import DetailPage, EditPage, FormPage

from .. import permissions, services
from ..forms.places import BuildingEditForm, BuildingForm, ParkForm, PlaceForm
from ..kinds import Form
from ..models import Building, Enterprise, Park
from . import tables
from .common import BUILDINGS, PARKS, BulkFormPage, buttons, crumb


class ParkPage(DetailPage):
    """One park: its figures and its buildings."""

    permission = permissions.VIEW
    template_name = "enterprises/park.html"

    def get_queryset(self) -> Any:
        return Park.objects.select_related("org").with_coverage(self.today)

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [PARKS]

    def get_badges(self) -> list[dict[str, str]]:
        return [{"text": self.object.get_level_display(), "tone": "info"}]

    def get_actions(self) -> list[dict[str, Any]]:
        here = self.object
        return buttons(
            self.request.user, here,
            (permissions.PLACES, "登记楼栋", f"/buildings/new/?park={here.pk}"),
            (permissions.PLACES, "修改", f"{here.get_absolute_url()}edit/"),
        )  # fmt: skip

    def get_facts(self) -> list[dict[str, Any]]:
        park = self.object
        return [
            {"label": "园区代码", "value": park.code},
            {"label": "责任党组织", "value": park.org.name, "url": tables.linked(park.org, "")["url"]},
            {"label": "地址", "value": park.address},
        ]

    def get_sections(self) -> list[dict[str, Any]]:
        rows = Building.objects.filter(park=self.object).select_related("org", "park").with_coverage(self.today)
        cells = [
            [
                {"text": building.name, "url": building.get_absolute_url()},
                {"text": building.branch_in_charge.name if building.branch_in_charge else "园区直管"},
                {"text": building.enterprises, "url": here_url(building=building.pk), "numeric": True},
                {"text": building.covered, "url": here_url(building=building.pk, covered=1), "numeric": True},
                {"text": building.enterprises - building.covered, "numeric": True,
                 "url": here_url(building=building.pk, covered=0)},
            ]
            for building in rows
        ]  # fmt: skip
        found = tables.table(("楼栋", "包楼党组织", "在园企业", "已覆盖", "未覆盖"), cells, "还没有登记楼栋。")
        for header in found["headers"][2:]:
            header["numeric"] = True
        return [tables.section("buildings", "楼栋", found, None)]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(figures=figures(self.object, park=self.object.pk), **kwargs)


class ParkFormPage(FormPage):
    """登记园区."""

    permission = permissions.PLACES
    form_class = ParkForm
    title = "登记园区"
    submit_label = "登记"
    success_message = "已登记园区。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [PARKS]

    def get_cancel_url(self) -> str:
        return "/parks/"

    def perform(self, form: Any) -> Park:
        return services.register_park(facts=form.facts(), actor=self.request.user)


class EditPark(EditPage):
    """修改园区."""

    permission = permissions.PLACES
    form_class = ParkForm

    def get_queryset(self) -> Any:
        return Park.objects.select_related("org")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [PARKS, crumb(self.object)]

    def perform(self, form: Any) -> Park:
        return services.change_park(
            park=self.object, facts=form.facts(), version=form.cleaned_data["version"], today=self.today,
            actor=self.request.user,
        )  # fmt: skip


class BuildingPage(DetailPage):
    """One building as a board: floor by floor, who is there and how each is covered."""

    permission = permissions.VIEW
    template_name = "enterprises/building.html"

    def get_queryset(self) -> Any:
        return Building.objects.select_related("park", "park__org", "org", "instructor").with_coverage(self.today)

    def get_title(self) -> str:
        return f"{self.object.park.name} {self.object.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BUILDINGS]

    def get_actions(self) -> list[dict[str, Any]]:
        here = self.object
        return buttons(
            self.request.user, here,
            (permissions.CHANGE, "登记入驻企业", f"/enterprises/new/?building={here.pk}"),
            (permissions.PLACES, "修改", f"{here.get_absolute_url()}edit/"),
        )  # fmt: skip

    def get_facts(self) -> list[dict[str, Any]]:
        building = self.object
        branch = building.branch_in_charge
        facts = [
            {"label": "园区", **tables.linked(building.park, building.park.name)},
            {"label": "包楼党组织", **(tables.linked(branch, branch.name) if branch else {"text": "园区直管"})},
            {"label": "楼栋指导员", **(tables.linked(building.instructor, building.instructor.name)
                                  if building.instructor else {"text": ""})},
            {"label": "层数", "text": building.floors},
            {"label": "地址", "text": building.address},
        ]  # fmt: skip
        return [{**fact, "value": fact["text"]} for fact in facts]

    @cached_property
    def floors(self) -> list[dict[str, Any]]:
        rows = Enterprise.objects.in_park_on(self.today).filter(building=self.object)
        return by_floor(rows.with_condition(self.today).with_main_form(self.today).order_by("room", "name"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = figures(self.object, building=self.object.pk)
        return super().get_context_data(floors=self.floors, figures=counts, **kwargs)


_ROOM = re.compile(r"(\d+)")


def floor_of(room: str) -> int | None:
    """The floor that a room number tells: 301 → 3, 1205 → 12, 3层 → 3; None where it tells nothing."""
    found = _ROOM.search(room)
    if found is None:
        return None
    digits = found[1]
    return int(digits[:-2]) if len(digits) >= 3 else int(digits) if "层" in room or "楼" in room else None


def by_floor(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Floors from the top down, each with its rooms; those whose room tells no floor come last."""
    floors: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        label = Form(row.form).label if row.form else "未组建"
        floors[floor_of(row.room)].append({
            "name": row.name, "url": row.get_absolute_url(), "room": row.room, "staff": row.staff,
            "members": row.formal_members, "form": label, "tone": "success" if row.form else "warning",
        })  # fmt: skip
    order = sorted(floors, key=lambda floor: (floor is None, -(floor or 0)))
    return [
        {"label": f"{floor} 层" if floor is not None else "未标明楼层", "rooms": floors[floor],
         "covered": sum(room["tone"] == "success" for room in floors[floor])}
        for floor in order
    ]  # fmt: skip


class RegisterBuilding(FormPage):
    """登记楼栋."""

    permission = permissions.PLACES
    form_class = BuildingForm
    title = "登记楼栋"
    submit_label = "登记"
    success_message = "已登记楼栋。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BUILDINGS]

    def get_initial(self) -> dict[str, Any]:
        wanted = row_id(self.request.GET.get("park", ""))
        parks = Park.objects.all() if wanted is None else Park.objects.filter(pk=wanted)
        found = list(parks[:2])
        return {"park": found[0]} if len(found) == 1 else {}

    def get_cancel_url(self) -> str:
        return "/buildings/"

    def perform(self, form: Any) -> Building:
        data = form.facts()
        return services.register_building(
            park=data.pop("park"), branch=data.pop("branch"), facts=data, actor=self.request.user
        )


class EditBuilding(EditPage):
    """修改楼栋, also which branch is in charge."""

    permission = permissions.PLACES
    form_class = BuildingEditForm

    def get_queryset(self) -> Any:
        return Building.objects.select_related("park", "park__org", "org")

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [BUILDINGS, crumb(self.object)]

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "branch": self.object.branch_in_charge}

    def perform(self, form: Any) -> Building:
        data = form.facts()
        return services.change_building(
            building=self.object, branch=data.pop("branch"), facts=data, version=form.cleaned_data["version"],
            today=self.today, actor=self.request.user,
        )  # fmt: skip


class PlaceEnterprises(BulkFormPage):
    """放入楼栋."""

    permission = permissions.CHANGE
    form_class = PlaceForm
    title = "放入楼栋"
    submit_label = "放入"
    success_message = "已放入楼栋。"

    def perform(self, form: Any) -> Building:
        building: Building = form.cleaned_data["building"]
        services.place_enterprises(
            enterprises=self.chosen, building=building, today=self.today, actor=self.request.user
        )
        return building


def here_url(**wanted: int) -> str:
    return "/enterprises/?status=here&" + "&".join(f"{name}={value}" for name, value in wanted.items())


def figures(row: Any, **where: int) -> list[dict[str, Any]]:
    """The three numbers of a place, each with the names behind it. A share, not 组织覆盖率: nobody is excluded."""
    share = f"占在园企业 {percent(Decimal(row.covered) / row.enterprises)}" if row.enterprises else ""
    return [
        {"label": "在园企业", "value": row.enterprises, "url": here_url(**where)},
        {"label": "已有党组织覆盖", "value": row.covered, "url": here_url(**where, covered=1), "hint": share},
        {"label": "未覆盖", "value": row.enterprises - row.covered, "url": here_url(**where, covered=0)},
    ]
