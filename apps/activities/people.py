"""The branches that an activity was held with: found over the whole portal by name, and nothing else of them told."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from apps.branches.models import PartyOrg
from apps.core.scoping import unscoped
from apps.core.text import clean_name
from apps.members.directory import HOLDING

SHOWN: Final = 20
"""How many branches are offered at once (appearance only)."""


def branches(pks: Collection[int]) -> list[PartyOrg]:
    """The living branches that a form names as those that held the activity too."""
    if not pks:
        return []
    with unscoped("the branches that the writer of the record has found by name"):
        return list(PartyOrg.objects.filter(pk__in=pks, kind__in=HOLDING, ended_on=None).order_by("path"))


def branches_named(text: str) -> list[PartyOrg]:
    """Living branches of the portal whose name holds the text."""
    wanted = clean_name(text)
    if not wanted:
        return []
    with unscoped("the directory of branches: names only, for a joint activity"):
        rows = PartyOrg.objects.filter(kind__in=HOLDING, ended_on=None).named_like(wanted)
        return list(rows.order_by("name", "pk")[:SHOWN])
