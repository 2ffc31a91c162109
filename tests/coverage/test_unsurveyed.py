"""尚未摸底: whether what came with the registry has 三有 is not known; 全部在营 counts it by its status."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from apps.core.codes import make_credit_code
from apps.core.imports.batches import upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.spec import importer_class
from apps.core.periods import Period
from apps.coverage import basis, figures, services, summaries
from apps.coverage.models import NodeSummary, SnapshotRow
from apps.coverage.rules import Exclusion, built_in_definitions
from apps.enterprises.models import Condition, Enterprise
from apps.enterprises.services import record_condition
from apps.enterprises.services.checks import confirm_conditions
from tests.core.excel.workbooks import book

from . import park

pytestmark = pytest.mark.django_db
DEFINITIONS = list(built_in_definitions(min_staff=10, focus_staff=100, attention_staff=50).values())
NEXT_DAY = park.DAY + datetime.timedelta(days=1)


@pytest.fixture
def imported(cast) -> Iterator[Enterprise]:
    """One enterprise more in 甲园区, from an extract of the registry on the day of the tests."""
    code = make_credit_code(serial=500)
    with cast.within(cast.park_org):
        batch = upload_file(
            importer=importer_class("enterprises.registry"), org=cast.park_org, file_name="登记.xlsx", mode="create",
            data=book([("丹东市辰燃气总公司", code)], ("企业名称", "统一社会信用代码")), actor=cast.users.park_officer,
        )  # fmt: skip
        commit_batch(batch=batch, actor=cast.users.park_officer, today=park.DAY)
        yield Enterprise.objects.get(credit_code=code)


def excluded(org: Any, definition: Any, day: datetime.date = park.DAY) -> dict[Exclusion, int]:
    return dict(figures.total(basis.on_day(org, day), definition).excluded)


def look(cast: Any, enterprise: Enterprise, **changes: Any) -> None:
    record_condition(
        enterprise=enterprise,
        on=NEXT_DAY,
        changes=changes,
        source="走访",
        today=NEXT_DAY,
        actor=cast.users.park_officer,
    )


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda d: d.code)
def test_after_an_import_of_the_registry_an_enterprise_is_not_surveyed(cast, imported, definition) -> None:
    unknown = definition.denominator == "three_have"
    assert excluded(cast.park_org, definition) == ({Exclusion.NOT_SURVEYED: 1} if unknown else {})
    assert figures.total(basis.on_day(cast.park_org, park.DAY), definition).enterprises == (3 if unknown else 4)
    names = figures.names(basis.on_day(cast.park_org, park.DAY), definition)
    found = [row.name for row in names.filter(reason=Exclusion.NOT_SURVEYED.value)]
    assert found == ([imported.name] if unknown else [])


@pytest.mark.parametrize(("staff", "reasons"), [(9, {Exclusion.TOO_FEW_STAFF: 1}), (10, {})])
def test_once_its_staff_is_counted_the_numbers_decide(cast, imported, definition, staff, reasons) -> None:
    look(cast, imported, staff=staff)
    assert excluded(cast.park_org, definition, NEXT_DAY) == reasons
    assert excluded(cast.park_org, definition) == {Exclusion.NOT_SURVEYED: 1}


def test_who_looked_and_found_no_staff_has_surveyed_it(cast, imported, definition) -> None:
    look(cast, imported, staff=0)
    assert excluded(cast.park_org, definition, NEXT_DAY) == {Exclusion.TOO_FEW_STAFF: 1}


def test_a_census_that_confirms_many_has_surveyed_them(cast, imported, definition) -> None:
    confirm_conditions({Condition.objects.get(enterprise=imported).pk: NEXT_DAY})
    assert excluded(cast.park_org, definition, NEXT_DAY) == {Exclusion.TOO_FEW_STAFF: 1}


def test_staff_that_is_known_without_a_day_of_checking_counts(cast, imported, definition) -> None:
    Condition.objects.filter(enterprise=imported).update(staff=1, checked_on=None)
    assert excluded(cast.park_org, definition) == {Exclusion.TOO_FEW_STAFF: 1}


def test_a_closed_quarter_keeps_that_it_was_not_surveyed(cast, imported, definition) -> None:
    quarter = Period.quarter_of(park.DAY)
    closed = services.take_snapshot(org=cast.park_org, period=quarter, as_of=park.DAY, actor=cast.users.park_officer)
    look(cast, imported, staff=30)
    frozen = basis.of_period(cast.park_org, quarter, today=NEXT_DAY)
    rows = SnapshotRow.objects.filter(snapshot=closed)
    assert dict(rows.values_list("enterprise__name", "surveyed")) == {
        row.name: row.pk != imported.pk for row in Enterprise.objects.all()
    }
    assert dict(figures.total(frozen, definition).excluded) == {Exclusion.NOT_SURVEYED: 1}
    kept = NodeSummary.objects.filter(snapshot=closed, org=cast.park_org)
    three_have = sum(each.denominator == "three_have" for each in DEFINITIONS)
    counts = [row.totals().excluded for row in kept]
    assert counts.count({Exclusion.NOT_SURVEYED: 1}) == three_have
    assert counts.count({}) == len(DEFINITIONS) - three_have


def test_the_kept_figures_of_a_day_follow_a_look(cast, imported, definition) -> None:
    with cast.within(cast.authority):
        summaries.rebuild(NEXT_DAY)
        assert excluded(cast.park_org, definition, NEXT_DAY) == {Exclusion.NOT_SURVEYED: 1}
        look(cast, imported, staff=0)
        level = figures.level(basis.on_day(cast.park_org, NEXT_DAY), definition)
    assert dict(level.total.excluded) == {Exclusion.TOO_FEW_STAFF: 1}
