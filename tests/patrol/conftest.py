"""What the tests of the patrol share: the day, a rule that looks at names, and the findings as plain values."""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from apps.core.regulations import Citation
from apps.core.scoping import unscoped
from apps.enterprises.models import Enterprise
from apps.patrol import registry
from apps.patrol.models import PatrolHit
from apps.patrol.registry import PatrolRule
from apps.patrol.rules import PatrolLevel

TODAY = datetime.date(2026, 11, 22)
DAY = datetime.timedelta(days=1)
MORNING = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=zoneinfo.ZoneInfo("Asia/Shanghai"))

REMARKED = """
SELECT 'enterprises.enterprise' AS subject_type, e.id AS subject_id, e.org_path, e.remark AS value,
       '不得有备注' AS "limit", e.name AS title, '/enterprises/' || e.id || '/' AS url
FROM enterprises_enterprise e WHERE e.remark <> '' AND e.registered_on <= %(today)s
"""


@pytest.fixture(autouse=True)
def on_the_day() -> Iterator[None]:
    """Pages ask the clock: it shows the day of the tests."""
    with time_machine.travel(MORNING, tick=True):
        yield


def rule_called(code: str, sql: str = REMARKED, level: PatrolLevel = PatrolLevel.MUST) -> PatrolRule:
    return PatrolRule(code, f"规则{code}", sql, Citation("某条例", "第一条"), level, "去掉备注。")


@pytest.fixture
def remarks(monkeypatch: pytest.MonkeyPatch) -> PatrolRule:
    """The only rule there is: an enterprise must have no remark."""
    rule = rule_called("test.remark")
    monkeypatch.setattr(registry, "registry", {rule.code: rule})
    return rule


@pytest.fixture
def remark(cast: Any) -> Callable[..., None]:
    """Give enterprises of the cast a remark; an empty one takes it away."""

    def give(text: str, *enterprises: Enterprise) -> None:
        with unscoped("test"):
            Enterprise.objects.filter(pk__in=[each.pk for each in enterprises]).update(remark=text)

    return give


def hits(**where: Any) -> list[PatrolHit]:
    with unscoped("test"):
        return list(PatrolHit.objects.filter(**where).select_related("org").order_by("pk"))
