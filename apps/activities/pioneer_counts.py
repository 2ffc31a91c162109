"""How many posts of each kind there are below a node on a day, by the organisations below it; each figure has names."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from os.path import commonprefix
from typing import Final
from urllib.parse import urlencode

from django.db.models import Count, Max, Min
from django.db.models.functions import Left

from apps.branches.models import PartyOrg
from apps.core.nodes import LEVEL

from .kinds import PostKind
from .models import PioneerPost

BOOK: Final = "/pioneer-posts/"


@dataclass(frozen=True)
class Line:
    """One organisation, or (`own`) the one above these for what it keeps itself; `numbers` by kind."""

    org: PartyOrg
    own: bool
    numbers: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.numbers.values())


@dataclass(frozen=True)
class Counts:
    """The posts of a node on a day."""

    org: PartyOrg
    on: datetime.date
    today: datetime.date
    whole: Mapping[str, int]
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        return sum(self.whole.values())

    def url(self, kind: PostKind | None = None, line: Line | None = None) -> str:
        """The book that shows the names behind a figure."""
        org = line.org if line else self.org
        params = {"org": org.code, "kind": kind.value if kind else ""}
        params["on"] = self.on.isoformat() if self.on != self.today else ""
        params["own"] = "1" if line and line.own else ""
        return f"{BOOK}?{urlencode({name: value for name, value in params.items() if value})}"


def count_posts(org: PartyOrg, *, on: datetime.date, today: datetime.date) -> Counts:
    """Count the posts of `org` (found under the scope) by kind, and by the first level at which they part. 3 queries.

    A park with one committee is told by the branches below it.
    """
    rows = PioneerPost.objects.as_of(on).filter(org_path__startswith=org.path).order_by()
    ends = rows.aggregate(first=Min("org_path"), last=Max("org_path"))
    shared = commonprefix([ends["first"] or org.path, ends["last"] or org.path])
    width = len(shared) // LEVEL * LEVEL + LEVEL
    numbers: dict[str, dict[str, int]] = defaultdict(dict)
    by_child = rows.annotate(child=Left("org_path", width)).values_list("child", "kind")
    for child, kind, count in by_child.annotate(count=Count("pk")):
        numbers[child][kind] = count
    orgs = PartyOrg.objects.filter(path__in=list(numbers)).order_by("path")
    lines = [Line(each, len(each.path) < width, numbers[each.path]) for each in orgs]
    whole = {kind.value: sum(each.get(kind.value, 0) for each in numbers.values()) for kind in PostKind}
    return Counts(org, on, today, whole, tuple(lines))
