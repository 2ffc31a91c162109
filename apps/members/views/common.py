"""What the pages of the rosters share: finding one member of the scope, the way back, and what may be done."""

from __future__ import annotations

from typing import Any

from apps.core.views import EditPage
from apps.enterprises.views.common import buttons, can, crumb

from ..models import Member

__all__ = ["MEMBERS", "AboutMember", "buttons", "can", "crumb", "members"]

MEMBERS = {"label": "党员名册", "url": "/members/"}


def members() -> Any:
    """Members of the scope with what their page names."""
    return Member.objects.select_related("org", "group", "employer")


class AboutMember(EditPage):
    """A form about one member of the scope, named by `pk` in the address."""

    object: Member

    def get_queryset(self) -> Any:
        return members()

    def get_title(self) -> str:
        return f"{self.title}：{self.object.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [MEMBERS, crumb(self.object)]

    def get_initial(self) -> dict[str, Any]:
        """The version of the row and today; pages add what they edit."""
        return {"version": self.object.version, "on": self.today, "since": self.today}

    def common(self, form: Any, *, version: bool = True) -> dict[str, Any]:
        """What every service takes."""
        found = {"member": self.object, "today": self.today, "actor": self.request.user}
        return {**found, "version": form.cleaned_data["version"]} if version else found
