"""The audit trail: who reads how much of it, and that nobody changes it unnoticed."""

import datetime
import io
import json

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import InternalError
from django.test import override_settings

from apps.core import audit
from apps.core.models import AuditEntry

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def trail(cast):
    """Three entries: in park A, in park B, of no node."""
    officer = cast.users.park_officer
    audit.record(officer, "enterprise.changed", cast.enterprise_a, summary="修改企业甲，联系人 13812345678")
    audit.record(cast.users.authority_officer, "enterprise.changed", cast.enterprise_sibling, summary="修改企业丁")
    audit.record(None, "reminders.sent", summary="发送提醒", data={"id": "210602199001010017"})
    return list(AuditEntry.objects.order_by("id"))


def page(client, user, query=""):
    client.force_login(user)
    return client.get(f"/audit/{query}").content.decode()


def test_an_auditor_reads_everything(client, cast, trail):
    text = page(client, cast.users.auditor)
    for summary in ("修改企业甲", "修改企业丁", "发送提醒"):
        assert summary in text


def test_a_park_officer_reads_the_own_subtree(client, cast, trail):
    text = page(client, cast.users.park_officer)
    assert "修改企业甲" in text
    assert "修改企业丁" not in text
    assert "发送提醒" not in text
    assert client.get(f"/audit/{trail[1].pk}/").status_code == 404
    assert client.get(f"/audit/{trail[0].pk}/").status_code == 200


@pytest.mark.parametrize("who", ["secretary_a", "instructor", "system_admin", "visitor"])
def test_others_do_not_read_it_and_the_denial_is_in_it(client, cast, who):
    client.force_login(getattr(cast.users, who))
    assert client.get("/audit/").status_code == 403
    denied = AuditEntry.objects.get(action="access.denied")
    assert denied.actor_id == getattr(cast.users, who).pk
    assert "无权访问" in page(client, cast.users.auditor, "?category=access")


def test_an_auditor_reads_the_trail_and_no_business_rows(client, cast):
    client.force_login(cast.users.auditor)
    assert client.get("/orgs/").status_code == 403
    assert client.get("/settings/parameters/").status_code == 403


def test_numbers_of_people_are_masked_even_if_somebody_wrote_them_in(client, cast, trail):
    text = page(client, cast.users.auditor, "?columns=summary&columns=data")
    assert "138****5678" in text
    assert "13812345678" not in text
    assert "210***********0017" in text
    detail = client.get(f"/audit/{trail[2].pk}/").content.decode()
    assert "210602199001010017" not in detail


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?person=李明", {"修改企业甲"}),
        ("?person=系统", {"发送提醒"}),
        ("?category=enterprise", {"修改企业甲", "修改企业丁"}),
        ("?category=reminders", {"发送提醒"}),
        ("?type=enterprises.enterprise", {"修改企业甲", "修改企业丁"}),
        ("?q=企业丁", {"修改企业丁"}),
        ("?since=2026-11-22&until=2026-11-22", {"修改企业甲", "修改企业丁", "发送提醒"}),
        ("?since=2026-11-23", set()),
        ("?until=2026-11-21", set()),
        ("?since=rubbish", set()),
    ],
)
def test_the_trail_is_filtered_by_person_kind_object_and_date(client, cast, trail, query, found):
    text = page(client, cast.users.auditor, query)
    summaries = {"修改企业甲", "修改企业丁", "发送提醒"}
    assert {s for s in summaries if s in text.replace("搜索：企业丁", "")} == found


def test_one_object_is_found_by_its_number(client, cast, trail):
    text = page(client, cast.users.auditor, f"?type=enterprises.enterprise&number={cast.enterprise_a.pk}")
    assert "修改企业甲" in text
    assert "修改企业丁" not in text


def test_what_one_request_did_is_shown_together(client, cast):
    from apps.core.context import under

    with under(request_id="11111111-1111-1111-1111-111111111111"):
        audit.record(cast.users.park_officer, "enterprise.changed", cast.enterprise_a, summary="第一步")
        audit.record(cast.users.park_officer, "enterprise.changed", cast.enterprise_b, summary="第二步")
    first = AuditEntry.objects.order_by("id").first()
    client.force_login(cast.users.auditor)
    assert "第二步" in client.get(f"/audit/{first.pk}/").content.decode()


def test_the_trail_pages_at_constant_cost(client, cast, django_assert_max_num_queries):
    for number in range(120):
        audit.record(None, "reminders.sent", summary=f"第 {number} 条")
    client.force_login(cast.users.auditor)
    with django_assert_max_num_queries(14):
        first = client.get("/audit/")
    body = first.content.decode()
    assert "第 119 条" in body
    assert "第 60 条" not in body
    second = client.get(first.context["page"]["next_url"]).content.decode()
    assert "第 60 条" in second


def verified(*arguments):
    out = io.StringIO()
    code = 0
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except SystemExit as stopped:
        code = stopped.code
    return code, out.getvalue()


def tampered(sql, *parameters):
    """Change the trail as somebody with the database in hand could: with the trigger switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(sql, parameters)
        cursor.execute("SET session_replication_role = DEFAULT")


def test_a_whole_chain_is_confirmed(cast, trail):
    code, text = verified()
    assert code == 0
    assert "共 3 条" in text
    assert json.loads(verified("--json")[1]) == {"ok": True, "entries": 3, "first_bad": None}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE core_auditentry SET summary = 'x' WHERE id = %s",
        "UPDATE core_auditentry SET actor_name = '别人' WHERE id = %s",
        "UPDATE core_auditentry SET at = at + interval '1 second' WHERE id = %s",
        "UPDATE core_auditentry SET data = '{}' || '{\"a\": 1}'::jsonb WHERE id = %s",
        "UPDATE core_auditentry SET previous_mac = repeat('0', 63) || '1' WHERE id = %s",
    ],
)
def test_the_first_entry_that_was_changed_is_named(cast, trail, change):
    tampered(change, trail[1].pk)
    code, text = verified()
    assert code == 1
    assert f"编号 {trail[1].pk}" in text
    assert json.loads(verified("--json")[1]) == {"ok": False, "entries": 1, "first_bad": trail[1].pk}


def test_an_entry_that_was_taken_out_shows_at_its_successor(cast, trail):
    tampered("DELETE FROM core_auditentry WHERE id = %s", trail[1].pk)
    assert json.loads(verified("--json")[1])["first_bad"] == trail[2].pk


def test_an_entry_that_was_put_in_without_the_key_is_named(cast, trail):
    with override_settings(AUDIT_KEY="guessed"):
        audit.record(None, "reminders.sent", summary="伪造")
    forged = AuditEntry.objects.order_by("-id").first()
    assert json.loads(verified("--json")[1])["first_bad"] == forged.pk


def test_the_database_itself_refuses_to_change_the_trail(cast, trail):
    for change in (
        lambda: AuditEntry.objects.filter(pk=trail[0].pk).update(summary="x"),
        lambda: AuditEntry.objects.filter(pk=trail[0].pk).delete(),
    ):
        with pytest.raises(InternalError, match="Cannot update or delete"), transaction.atomic():
            change()


def test_the_nightly_check_raises_the_alarm(cast, trail, caplog):
    from apps.core.tasks import verify_audit_chain

    verify_audit_chain()
    assert not caplog.records
    tampered("UPDATE core_auditentry SET summary = 'x' WHERE id = %s", trail[0].pk)
    verify_audit_chain()
    assert "broken" in caplog.text


def test_one_second_after_midnight_belongs_to_the_new_day(client, cast):
    with time_machine.travel(datetime.datetime(2026, 11, 22, 16, 0, 1, tzinfo=datetime.UTC), tick=False):
        audit.record(None, "reminders.sent", summary="零点过后")
    assert "零点过后" in page(client, cast.users.auditor, "?since=2026-11-23")
    assert "零点过后" not in page(client, cast.users.auditor, "?until=2026-11-22")
