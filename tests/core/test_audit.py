"""The trail: in the transaction of the write, append-only, chained."""

import pytest
from django.db import InternalError, connection, transaction

from apps.core import audit
from apps.core.context import under
from apps.core.errors import DomainError
from apps.core.models import AuditEntry
from tests.racing import at_once


@audit.write
def note(*, text, actor, then=None):
    audit.record(actor, "test.noted", summary=text)
    if then:
        then()
    return text


def summaries():
    return list(AuditEntry.objects.order_by("id").values_list("summary", flat=True))


def test_an_entry_says_who_what_where_and_from_which_request(cast):
    with cast.within(cast.branch_a), under(request_id="r-1", address="10.0.0.9"):
        audit.record(cast.users.secretary_a, "enterprise.changed", cast.enterprise_a, summary="修改企业", data={"n": 1})
    entry = AuditEntry.objects.get()
    assert (entry.actor_id, entry.actor_name) == (cast.users.secretary_a.pk, "王书记")
    assert (entry.target_type, entry.target_id) == ("enterprises.enterprise", str(cast.enterprise_a.pk))
    assert entry.org_path == cast.enterprise_a.org_path
    assert (entry.request_id, entry.address, entry.data) == ("r-1", "10.0.0.9", {"n": 1})


def test_what_nobody_did_the_system_did(db):
    audit.record(None, "reminders.planned", summary="计划提醒")
    assert AuditEntry.objects.get().actor_name == "系统"


def test_a_service_that_fails_leaves_neither_write_nor_entry(cast):
    def refuse():
        raise DomainError("不行")

    with pytest.raises(DomainError):
        note(text="甲", actor=cast.users.park_officer, then=refuse)
    assert summaries() == []


def test_entries_of_services_inside_services_are_chained_once_and_in_order(cast):
    actor = cast.users.park_officer
    note(text="外", actor=actor, then=lambda: note(text="内", actor=actor))
    note(text="后", actor=actor)
    assert summaries() == ["外", "内", "后"]
    assert audit.verify() == (3, None)


def test_the_return_value_of_a_service_is_its_own(cast):
    assert note(text="甲", actor=cast.users.park_officer) == "甲"


@pytest.mark.parametrize("sql", [
    "UPDATE core_auditentry SET summary = '改'",
    "DELETE FROM core_auditentry",
])  # fmt: skip
def test_the_database_refuses_to_change_or_delete_an_entry(cast, sql):
    note(text="甲", actor=cast.users.park_officer)
    with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert summaries() == ["甲"]


def tamper(sql):
    """What somebody with the rights of a database owner could do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")


@pytest.mark.parametrize("sql", [
    "UPDATE core_auditentry SET summary = '改' WHERE summary = '乙'",
    "UPDATE core_auditentry SET at = at - interval '1 day' WHERE summary = '乙'",
    "UPDATE core_auditentry SET actor_name = '别人' WHERE summary = '乙'",
    "UPDATE core_auditentry SET data = '{\"a\": 1}' WHERE summary = '乙'",
    "DELETE FROM core_auditentry WHERE summary = '乙'",
    "DELETE FROM core_auditentry WHERE summary = '甲'",
])  # fmt: skip
def test_a_changed_or_missing_entry_breaks_the_chain(cast, sql):
    for text in "甲乙丙":
        note(text=text, actor=cast.users.park_officer)
    assert audit.verify() == (3, None)
    tamper(sql)
    checked, broken = audit.verify()
    assert broken is not None
    assert checked < 3


def test_without_the_key_nobody_forges_a_link(cast, settings):
    note(text="甲", actor=cast.users.park_officer)
    settings.AUDIT_KEY = "another key"
    assert audit.verify()[1] is not None


def test_a_summary_is_cut_to_its_column_and_still_fits_the_chain(cast):
    note(text="长" * 600, actor=cast.users.park_officer)
    assert audit.verify() == (1, None)


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_moment_make_one_chain(cast):
    def work():
        for step in range(5):
            note(text=str(step), actor=cast.users.park_officer)

    at_once(*[work] * 6)
    assert audit.verify() == (30, None)
