"""Form fields that pick a member of the scope, and a branch of the whole portal by its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlencode

from apps.branches.models import PartyOrg
from apps.core.choosing import RowChoiceField

from .directory import branch
from .kinds import Relation
from .models import Member

MEMBER_OPTIONS: Final = "/members/options/"
BRANCH_OPTIONS: Final = "/transfers/branches/"


class MemberChoiceField(RowChoiceField):
    """A `Member` of the active scope whose relation is one of `relations` (on a roster, unless said otherwise)."""

    model = Member
    listed_up_to = 40
    options_url = MEMBER_OPTIONS
    searched_by = "姓名、拼音首字母或编号"
    named_by = "党员编号或姓名"
    default_error_messages = {
        "unknown": "没有找到这名党员，请从列表中选择。",
        "ambiguous": "有多名党员叫这个名字，请填写党员编号。",
    }

    def __init__(self, *, relations: Iterable[Relation] = (Relation.HERE,), **kwargs: Any) -> None:
        self.relations = tuple(relations)
        super().__init__(**{"label": "党员", **kwargs})

    def options(self) -> Any:
        rows = Member.objects.filter(relation__in=self.relations)
        return rows.select_related("org").order_by("org_path", "pk")

    def called(self, text: str) -> list[Member]:
        return list(self.options().filter(code=text.upper()) or self.options().filter(name=text)[:2])

    def labels(self, rows: list[Member]) -> list[tuple[int, str]]:
        """Name and branch; two of one name in a branch are told apart by their codes."""
        return [(row.pk, f"{row.name}（{row.org}，{row.code}）") for row in rows]

    def address(self) -> str:
        return f"{self.options_url}?{urlencode({'relation': ','.join(self.relations)})}"


class _Directory:
    """The directory as `RowChoiceField` asks a queryset: never listed, one branch by its id."""

    def __getitem__(self, part: slice) -> list[None]:
        return [None] * part.stop

    def filter(self, pk: int | None) -> list[PartyOrg]:
        return branch(pk) if pk is not None else []


class BranchDirectoryField(RowChoiceField):
    """A branch of the whole portal, by name only: typing asks the directory."""

    model = PartyOrg
    listed_up_to = 0
    options_url = BRANCH_OPTIONS
    searched_by = "党支部名称或拼音首字母"
    named_by = "党支部全称"
    default_error_messages = {
        "unknown": "没有找到这个党支部，请从列表中选择。",
        "ambiguous": "有多个党支部叫这个名称，请填写组织代码。",
    }

    def options(self) -> Any:
        return _Directory()

    def called(self, text: str) -> list[PartyOrg]:
        return branch(None, name=text)

    def labels(self, rows: list[Any]) -> list[tuple[int, str]]:
        return [(row.pk, row.name) for row in rows]
