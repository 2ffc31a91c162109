"""Signing in: who gets in, how often one may try, how long it lasts."""

import datetime

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.test import Client

from apps.accounts import signin
from apps.accounts.models import SignInAttempt, User
from apps.core.models import AuditEntry, Parameter
from tests.cast import PASSWORD
from tests.racing import at_once

PAUSED = "已暂停登录"
WRONG = "账号或密码不正确"


def sign_in(client, username="park_officer", password=PASSWORD, *, address="10.0.0.1", **data):
    return client.post("/signin/", {"username": username, "password": password, **data}, REMOTE_ADDR=address)


def is_signed_in(client):
    return client.get("/password/").status_code == 200


def test_the_right_password_signs_in_and_leads_where_one_wanted_to_go(client, cast):
    response = sign_in(client, next="/accounts/?role=none")
    assert response.status_code == 302
    assert response.url == "/accounts/?role=none"
    assert is_signed_in(client)


@pytest.mark.parametrize("elsewhere", ["https://example.com/", "//example.com/", "javascript:alert(1)"])
def test_sign_in_never_leads_to_a_foreign_address(client, cast, elsewhere):
    assert sign_in(client, next=elsewhere).url == "/"


def test_sign_in_gives_a_new_session_id(client, cast):
    session = client.session
    session["before"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    sign_in(client)
    assert client.cookies["sessionid"].value != before


def test_an_unknown_account_a_wrong_password_and_a_disabled_account_get_the_same_answer(client, cast):
    cast.users.visitor.is_active = False
    cast.users.visitor.save()
    answers = {
        name: sign_in(Client(), name, password)
        for name, password in (("nobody", PASSWORD), ("park_officer", "wrong"), ("visitor", PASSWORD))
    }
    assert {answer.status_code for answer in answers.values()} == {422}
    for name, answer in answers.items():
        body = answer.content.decode()
        assert WRONG in body, name
    errors = {answer.context["form"].non_field_errors()[0] for answer in answers.values()}
    assert len(errors) == 1


def test_an_unknown_account_costs_a_hash_like_a_known_one(client, cast, monkeypatch):
    from django.contrib.auth.hashers import MD5PasswordHasher

    counted = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *args: counted.append(1) or encode(*args))
    sign_in(Client(), "nobody", "wrong")
    unknown = len(counted)
    sign_in(Client(), "park_officer", "wrong")
    assert unknown == len(counted) - unknown == 1


def test_the_fifth_wrong_try_begins_a_pause_that_even_the_right_password_does_not_break(client, cast):
    for _ in range(4):
        assert WRONG in sign_in(client, password="wrong").content.decode()
    fifth = sign_in(client, password="wrong")
    assert fifth.status_code == 429
    assert PAUSED in fifth.content.decode()
    assert sign_in(client).status_code == 429
    assert not is_signed_in(client)


def test_an_unknown_account_is_paused_like_a_known_one(client, cast):
    for _ in range(5):
        response = sign_in(client, "nobody", "wrong")
    assert response.status_code == 429
    assert "nobody" not in AuditEntry.objects.get(action="signin.paused").summary


def test_after_the_pause_the_count_begins_anew(cast):
    with time_machine.travel("2026-11-23 09:00+08:00", tick=False) as clock:
        client = Client()
        for _ in range(5):
            sign_in(client, password="wrong")
        clock.shift(datetime.timedelta(minutes=14, seconds=59))
        assert sign_in(client).status_code == 429
        clock.shift(datetime.timedelta(seconds=1))
        assert sign_in(client).status_code == 302


def test_a_refused_try_does_not_prolong_the_pause(cast):
    with time_machine.travel("2026-11-23 09:00+08:00", tick=False) as clock:
        client = Client()
        for _ in range(5):
            sign_in(client, password="wrong")
        for _ in range(15):
            clock.shift(datetime.timedelta(minutes=1))
            response = sign_in(client)
        assert response.status_code == 302


def test_a_colleague_behind_the_same_address_is_not_locked_out(cast):
    for _ in range(6):
        sign_in(Client(), password="wrong")
    assert sign_in(Client(), "secretary_a").status_code == 302


def test_the_same_account_from_another_address_is_not_locked_out(cast):
    for _ in range(6):
        sign_in(Client(), password="wrong")
    assert sign_in(Client(), address="10.0.0.2").status_code == 302


def test_a_success_forgets_the_wrong_tries_before_it(cast):
    for _ in range(4):
        sign_in(Client(), password="wrong")
    assert sign_in(Client()).status_code == 302
    for _ in range(4):
        assert sign_in(Client(), password="wrong").status_code == 422


@pytest.mark.parametrize("most", [1, 3])
def test_how_many_tries_there_are_is_a_parameter(cast, most):
    Parameter.objects.create(
        code="accounts.max_failures", value=most, since=datetime.date(2026, 1, 2), source="本单位规定"
    )
    answers = [sign_in(Client(), password="wrong").status_code for _ in range(most + 1)]
    assert answers == [422] * (most - 1) + [429, 429]


@pytest.mark.django_db(transaction=True)
def test_of_forty_tries_at_once_exactly_five_look_at_the_password(monkeypatch):
    User.objects.create(username="li", display_name="李", password=make_password("x"), must_change_password=False)
    checked = []
    monkeypatch.setattr(signin, "authenticate", lambda *args, **kwargs: checked.append(1))
    answers = at_once(*[lambda: sign_in(Client(), "li", "wrong")] * 40)
    assert len(checked) == 5
    assert sorted(answer.status_code for answer in answers) == [422] * 4 + [429] * 36
    assert SignInAttempt.objects.get().tries == 6


def test_sign_in_sign_out_and_the_pause_are_in_the_audit_trail(client, cast):
    sign_in(client)
    client.post("/signout/")
    for _ in range(5):
        sign_in(client, password="wrong")
    found = {e.action: e for e in AuditEntry.objects.all()}
    assert set(found) == {"signin.succeeded", "signin.ended", "signin.paused"}
    assert found["signin.succeeded"].address == "10.0.0.1"
    assert found["signin.succeeded"].org_path == cast.park_org.path
    assert found["signin.succeeded"].request_id
    assert "park_officer" in found["signin.paused"].summary


def test_sign_out_ends_the_session_on_the_server_and_is_not_a_link(client, cast):
    sign_in(client)
    key = client.cookies["sessionid"].value
    assert client.get("/signout/").status_code == 405
    client.post("/signout/")
    client.cookies["sessionid"] = key
    assert not is_signed_in(client)


def test_a_session_ends_after_thirty_idle_minutes(cast):
    with time_machine.travel("2026-11-23 09:00+08:00", tick=False) as clock:
        client = Client()
        sign_in(client)
        clock.shift(datetime.timedelta(minutes=29))
        assert is_signed_in(client)
        clock.shift(datetime.timedelta(minutes=29))
        assert is_signed_in(client)
        clock.shift(datetime.timedelta(minutes=31))
        assert not is_signed_in(client)


def test_a_session_ends_twelve_hours_after_sign_in_however_busy_it_is(cast):
    with time_machine.travel("2026-11-23 08:00+08:00", tick=False) as clock:
        client = Client()
        sign_in(client)
        for _ in range(35):
            clock.shift(datetime.timedelta(minutes=20))
            assert is_signed_in(client)
        clock.shift(datetime.timedelta(minutes=20))
        response = client.get("/accounts/")
        assert response.status_code == 302
        assert response.url.startswith("/signin/")


def test_a_disabled_user_is_out_on_the_next_request(client, cast):
    sign_in(client)
    User.objects.filter(username="park_officer").update(is_active=False)
    assert not is_signed_in(client)


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(cast):
    here, elsewhere = Client(), Client()
    sign_in(here)
    sign_in(elsewhere)
    new = {"old_password": PASSWORD, "new_password": "Brand-new-2026", "repeated": "Brand-new-2026"}
    assert here.post("/password/", new).status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_pages_for_the_signed_in_are_not_stored(client, cast):
    sign_in(client)
    for page in ("/accounts/", "/password/", "/tokens/"):
        assert "no-store" in client.get(page)["Cache-Control"], page
    assert "no-store" in Client().get("/signin/")["Cache-Control"]


def test_a_fragment_asked_for_after_the_session_ended_sends_the_whole_window_to_sign_in(client, cast):
    response = client.get("/accounts/", headers={"HX-Request": "true"})
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith("/signin/?next=")


def test_stale_counters_and_sessions_are_forgotten_and_fresh_ones_kept(cast):
    from django.contrib.sessions.models import Session

    from apps.accounts.tasks import forget_stale

    with time_machine.travel("2026-11-20 09:00+08:00", tick=False) as clock:
        sign_in(Client(), password="wrong")
        sign_in(Client(), "secretary_a")
        clock.shift(datetime.timedelta(days=2, minutes=1))
        sign_in(Client(), "secretary_b", "wrong")
        sign_in(Client(), "clerk_a1")
        forget_stale()
    assert [attempt.username for attempt in SignInAttempt.objects.all()] == ["secretary_b"]
    assert Session.objects.count() == 1


@pytest.mark.parametrize(
    ("proxies", "header", "expected"),
    [
        (0, "1.1.1.1", "10.0.0.9"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
        (2, "1.1.1.1", "10.0.0.9"),
        (1, "not an address", "10.0.0.9"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_the_address_is_what_our_own_proxies_saw(rf, settings, proxies, header, expected):
    from apps.core.middleware import client_address

    settings.TRUSTED_PROXIES = proxies
    request = rf.get("/", headers={"X-Forwarded-For": header}, REMOTE_ADDR="10.0.0.9")
    assert client_address(request) == expected
