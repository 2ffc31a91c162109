"""The commit writes everything or nothing, once, under the right that holds now."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from apps.accounts.models import RoleAssignment, User
from apps.core.errors import Conflict, DomainError
from apps.core.imports.batches import discard_batch, set_mapping
from apps.core.imports.commit import ChecksFailed
from apps.core.models import AuditEntry, ImportBatch, ImportContent
from apps.core.scoping import unscoped
from apps.enterprises.models import Park
from tests.racing import at_once

from .conftest import ROWS
from .park_import import ParkImport


def fresh(user: Any) -> Any:
    return User.objects.get(pk=user.pk)


def state(batch: ImportBatch) -> str:
    with unscoped("the test looks from outside"):
        return ImportBatch.objects.get(pk=batch.pk).state


def test_a_commit_writes_the_rows_and_one_audit_entry(desk: SimpleNamespace) -> None:
    batch = desk.commit(desk.upload())
    assert desk.codes() == {"A", "B", "P1", "P2"}
    assert (state(batch), batch.created, batch.committed_by_name) == ("committed", 2, "李明")
    entry = AuditEntry.objects.get(action="import.committed")
    assert (entry.target_id, entry.org_path) == (str(batch.pk), desk.cast.park_org.path)
    with desk.cast.within(desk.cast.park_org):
        park = Park.objects.get(code="P1")
        assert (park.org, park.address) == (desk.cast.park_org, "东路 1 号")
        assert Park.objects.get(code="P2").address == ""
        assert park.history.get().pgh_context.metadata["batch"] == batch.pk


def test_one_wrong_row_keeps_all_rows_out(desk: SimpleNamespace) -> None:
    batch = desk.upload([*ROWS, ("P3", "", "省级", "x")])
    with pytest.raises(ChecksFailed, match="第 4 行"):
        desk.commit(batch)
    assert desk.codes() == {"A", "B"}
    assert state(batch) == "checked"
    with desk.cast.within(desk.cast.park_org):
        assert ImportBatch.objects.get(pk=batch.pk).errors == 1


def test_what_changed_since_the_check_is_checked_again(desk: SimpleNamespace) -> None:
    batch = desk.upload()
    assert desk.check(batch).errors == []
    with desk.cast.within(desk.cast.park_org):
        Park(code="P1", name="别人刚登记", level="city", org=desk.cast.park_org).save()
    with pytest.raises(ChecksFailed, match="已存在"):
        desk.commit(batch)
    assert desk.codes() == {"A", "B", "P1"}


def test_a_right_lost_between_check_and_commit_is_denied(desk: SimpleNamespace) -> None:
    batch = desk.upload()
    desk.check(batch)
    with unscoped("the grant ends"):
        RoleAssignment.objects.filter(user=desk.cast.users.park_officer).delete()
    with pytest.raises(PermissionDenied):
        desk.commit(batch, actor=fresh(desk.cast.users.park_officer))
    assert desk.codes() == {"A", "B"}
    assert state(batch) == "checked"


def test_a_right_elsewhere_does_not_help(desk: SimpleNamespace) -> None:
    batch = desk.upload()
    with pytest.raises(PermissionDenied):
        desk.commit(batch, actor=desk.cast.users.secretary_a)


def test_a_period_closed_in_between_is_a_conflict_and_nothing_is_written(desk: SimpleNamespace) -> None:
    batch = desk.upload()
    closed = Conflict("2026年第三季度已锁定。")
    with mock.patch.object(ParkImport, "guard", side_effect=closed), pytest.raises(Conflict):
        desk.commit(batch)
    assert desk.codes() == {"A", "B"}


def test_a_death_in_the_middle_leaves_the_truth(desk: SimpleNamespace) -> None:
    batch = desk.upload()
    desk.check(batch)
    original = ParkImport.create_rows

    def dying(self: Any, rows: Any, batch: Any) -> None:
        original(self, rows, batch)
        raise RuntimeError("power cut")

    with mock.patch.object(ParkImport, "create_rows", dying), pytest.raises(RuntimeError):
        desk.commit(batch)
    assert desk.codes() == {"A", "B"}
    assert state(batch) == "checked"
    assert not AuditEntry.objects.filter(action="import.committed").exists()
    desk.commit(batch)
    assert desk.codes() == {"A", "B", "P1", "P2"}


def test_the_same_batch_twice_adds_nothing(desk: SimpleNamespace) -> None:
    batch = desk.commit(desk.upload())
    with pytest.raises(DomainError) as refused:
        desk.commit(batch)
    assert refused.value.code == "already_imported"
    assert desk.codes() == {"A", "B", "P1", "P2"}


def test_the_same_file_twice_adds_nothing_in_any_mode(desk: SimpleNamespace) -> None:
    data = bytes(desk_file(desk))
    desk.commit(desk.upload(data=data))
    again = desk.upload(data=data, mode="update")
    assert [(problem.row, problem.code) for problem in desk.check(again).errors] == [(0, "already_imported")]
    with pytest.raises(DomainError) as refused:
        desk.commit(again)
    assert refused.value.code == "already_imported"
    assert AuditEntry.objects.filter(action="import.committed").count() == 1


def test_the_same_file_for_another_organisation_is_another_import(desk: SimpleNamespace) -> None:
    data = bytes(desk_file(desk))
    desk.commit(desk.upload(data=data))
    report = desk.check(desk.upload(data=data, org=desk.cast.committee))
    assert {problem.code for problem in report.errors} == {"elsewhere"}


def desk_file(desk: SimpleNamespace) -> bytes:
    batch = desk.upload()
    with desk.cast.within(desk.cast.park_org):
        return ImportContent.objects.get(pk=batch.pk).file


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("same_batch", [True, False], ids=["one batch", "one file"])
def test_two_commits_at_once_add_the_rows_once(desk: SimpleNamespace, same_batch: bool) -> None:
    data = bytes(desk_file(desk))
    first = desk.upload(data=data)
    second = first if same_batch else desk.upload(data=data)

    def commit(batch: ImportBatch) -> ImportBatch:
        return desk.commit(batch, actor=fresh(desk.cast.users.park_officer))

    outcomes = at_once(partial(commit, first), partial(commit, second))
    assert [each.code for each in outcomes if isinstance(each, DomainError)] == ["already_imported"]
    with unscoped("the test looks from outside"):
        assert Park.objects.filter(code="P1").count() == 1


def test_the_database_itself_refuses_a_second_commit(desk: SimpleNamespace) -> None:
    data = bytes(desk_file(desk))
    desk.commit(desk.upload(data=data))
    again = desk.upload(data=data)
    with (
        desk.cast.within(desk.cast.park_org),
        pytest.raises(Exception, match="one_commit_per_file_and_org"),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE core_importbatch SET state = 'committed' WHERE id = %s", [again.pk])


def test_a_discarded_batch_loses_its_file_and_cannot_be_committed(desk: SimpleNamespace) -> None:
    batch = discard_batch(batch=desk.upload(), actor=desk.cast.users.park_officer)
    with unscoped("the test looks from outside"):
        assert not ImportContent.objects.filter(pk=batch.pk).exists()
    with pytest.raises(DomainError, match="已放弃"):
        desk.commit(batch)


def test_a_confirmed_mapping_is_remembered_for_the_next_file(desk: SimpleNamespace) -> None:
    headers = ("编号", "叫什么", "级别", "地址")
    batch = desk.upload(headers=headers)
    assert (batch.state, batch.mapping) == ("uploaded", {"level": "级别", "address": "地址"})
    mapping = {"code": "编号", "name": "叫什么", "level": "级别", "address": "", "odd": "地址"}
    batch = set_mapping(batch=batch, mapping=mapping, mode="create", actor=desk.cast.users.park_officer)
    assert batch.mapping == {"code": "编号", "name": "叫什么", "level": "级别"}
    following = desk.upload([("P8", "城南园区", "市级", "")], headers)
    assert (following.state, following.mapping) == ("mapped", batch.mapping)
    assert desk.upload([("P8", "城南园区", "市级", "")], headers, org=desk.cast.committee).state == "uploaded"


def test_a_mapping_without_a_required_column_is_refused(desk: SimpleNamespace) -> None:
    batch, actor = desk.upload(), desk.cast.users.park_officer
    with pytest.raises(DomainError, match="园区名称"):
        set_mapping(batch=batch, mapping={"code": "园区代码"}, mode="create", actor=actor)
