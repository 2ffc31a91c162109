"""A batch can be taken back as long as nobody has touched what it wrote."""

from __future__ import annotations

import datetime
from types import SimpleNamespace
from unittest import mock

import pghistory
import pytest
from django.utils import timezone

from apps.core.errors import Conflict, DomainError
from apps.core.imports.undo import affected_days, touched_by
from apps.core.models import AuditEntry
from apps.enterprises.models import Building, Establishment, Park, Visit

# The row history notes under which act a row was written for as long as a transaction lasts: here acts must end.
pytestmark = pytest.mark.django_db(transaction=True)


def test_undo_deletes_what_was_created_and_restores_what_was_changed(desk: SimpleNamespace) -> None:
    with desk.cast.within(desk.cast.authority):
        Park.objects.filter(code="A").update(address="老路 1 号")
    batch = desk.commit(desk.upload([("A", "新名字", "省级", "新路"), ("P1", "城东", "市级", "路")], mode="update"))
    assert (batch.created, batch.updated) == (1, 1)
    batch = desk.undo(batch)
    assert batch.state == "undone"
    assert desk.codes() == {"A", "B"}
    with desk.cast.within(desk.cast.park_org):
        park = Park.objects.get(code="A")
        assert (park.name, park.address) == ("甲园区", "老路 1 号")
        assert park.version == 3, "a form opened in between notices"
    assert AuditEntry.objects.filter(action="import.undone").count() == 1


def test_an_undone_batch_can_be_committed_again(desk: SimpleNamespace) -> None:
    batch = desk.undo(desk.commit(desk.upload()))
    assert desk.check(batch).created == 2
    batch = desk.commit(batch)
    assert desk.codes() == {"A", "B", "P1", "P2"}
    desk.undo(batch)
    assert desk.codes() == {"A", "B"}


def test_an_undone_file_can_be_uploaded_again(desk: SimpleNamespace) -> None:
    desk.undo(desk.commit(desk.upload()))
    assert desk.check(desk.upload()).errors == []


def test_undo_is_refused_when_a_row_was_edited_since_and_names_it(desk: SimpleNamespace) -> None:
    batch = desk.commit(desk.upload())
    with desk.cast.within(desk.cast.park_org):
        Park.objects.filter(code="P2").update(address="后来补上")
    with pytest.raises(Conflict, match="城西园区"):
        desk.undo(batch)
    assert desk.codes() == {"A", "B", "P1", "P2"}


def test_undo_is_refused_when_something_depends_on_a_created_row(desk: SimpleNamespace) -> None:
    batch = desk.commit(desk.upload())
    with desk.cast.within(desk.cast.park_org):
        park = Park.objects.get(code="P1")
        Building(park=park, code="1", name="一号楼", org=desk.cast.park_org).save()
    with pytest.raises(Conflict, match="引用"):
        desk.undo(batch)
    assert desk.codes() == {"A", "B", "P1", "P2"}


def test_only_the_last_batch_can_be_undone(desk: SimpleNamespace) -> None:
    first = desk.commit(desk.upload())
    second = desk.commit(desk.upload([("P3", "城南园区", "市级", "")]))
    with pytest.raises(DomainError, match="最近一次"):
        desk.undo(first)
    desk.undo(second)
    desk.undo(first)
    assert desk.codes() == {"A", "B"}


def test_what_was_not_committed_cannot_be_undone(desk: SimpleNamespace) -> None:
    batch = desk.upload()
    desk.check(batch)
    with pytest.raises(DomainError, match="已导入的批次"):
        desk.undo(batch)


def test_a_batch_that_changed_nothing_is_undone_without_a_trace(desk: SimpleNamespace) -> None:
    batch = desk.commit(desk.upload([("A", "甲园区", "省级", "")], mode="update"))
    assert batch.unchanged == 1
    assert desk.undo(batch).state == "undone"


def test_a_period_closed_since_the_import_refuses_the_undo(desk: SimpleNamespace) -> None:
    batch = desk.commit(desk.upload())
    closed = Conflict("2026年第四季度已锁定。")
    with mock.patch("apps.core.period_guard._guards", [mock.Mock(side_effect=closed)]), pytest.raises(Conflict):
        desk.undo(batch)
    assert desk.codes() == {"A", "B", "P1", "P2"}


def test_the_days_that_will_read_differently_are_asked_about(desk: SimpleNamespace) -> None:
    batch = desk.commit(desk.upload())
    start, day = datetime.date(2026, 1, 1), datetime.date(2026, 5, 1)
    with desk.cast.within(desk.cast.authority):
        old = Establishment.objects.filter(enterprise=desk.cast.enterprise_a).get()
    with desk.cast.within(desk.cast.authority), pghistory.context() as history:
        Establishment.objects.filter(pk=old.pk).update(until=day)
        Establishment(enterprise=desk.cast.enterprise_b, org=desk.cast.branch_a, form="joint", since=start).save()
        Visit(enterprise=desk.cast.enterprise_b, on=datetime.date(2025, 7, 1), visitor="李明").save()
    batch.history_id = history.id
    days = set(affected_days(batch, touched_by(batch)))
    assert days == {timezone.localtime(batch.committed_at).date(), start, day, datetime.date(2025, 7, 1)}
