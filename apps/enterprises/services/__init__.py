"""Every write to the register of enterprises, by noun."""

from .conditions import change_status, record_condition
from .contacts import (
    change_action,
    change_visit,
    close_action,
    close_need,
    plan_action,
    raise_need,
    record_visit,
    work_on_need,
)
from .enterprises import change_enterprise, place_enterprises, register_enterprise, reveal_phone
from .establishments import change_establishment, end_establishment, establish, findings_about
from .instructors import (
    change_instructor,
    end_instructor,
    recall_instructor,
    register_instructor,
    send_instructor,
)
from .mass_organizations import end_mass_organization, record_mass_organization
from .places import change_building, change_park, register_building, register_park

__all__ = [
    "change_action",
    "change_building",
    "change_enterprise",
    "change_establishment",
    "change_instructor",
    "change_park",
    "change_status",
    "change_visit",
    "close_action",
    "close_need",
    "end_establishment",
    "end_instructor",
    "end_mass_organization",
    "establish",
    "findings_about",
    "place_enterprises",
    "plan_action",
    "raise_need",
    "recall_instructor",
    "record_condition",
    "record_mass_organization",
    "record_visit",
    "register_building",
    "register_enterprise",
    "register_instructor",
    "register_park",
    "reveal_phone",
    "send_instructor",
    "work_on_need",
]
