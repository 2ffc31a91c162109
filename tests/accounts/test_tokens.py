"""Access keys for programs."""

import datetime

import pytest
import time_machine
from django.test import Client

from apps.accounts.models import ApiToken, RoleAssignment, User
from apps.accounts.tokens import create_token, new_key
from apps.core.errors import DomainError
from apps.core.models import AuditEntry

TODAY = datetime.date(2026, 11, 22)
ORGS = "/api/v1/orgs/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-11-22 12:00+08:00", tick=False) as clock:
        yield clock


def made(user, *, can_write=False, expires_on=None):
    key = new_key()
    token = create_token(
        key=key, name="取数", can_write=can_write, expires_on=expires_on, today=TODAY, actor=user
    )
    return key, token


def ask(key, path=ORGS, method="get", word="Bearer", **data):
    return getattr(Client(), method)(path, data, headers={"Authorization": f"{word} {key}"})


@pytest.mark.parametrize("word", ["Bearer", "Token", "bearer"])
def test_a_key_opens_what_its_owner_sees(cast, word):
    key, _ = made(cast.users.secretary_a)
    response = ask(key, word=word)
    assert response.status_code == 200
    assert "子公司" in response.content.decode()
    assert "丁公司" not in response.content.decode()


def test_without_a_key_or_a_session_the_answer_is_401(cast):
    response = Client().get(ORGS)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("key", ["", "pp_wrong", "a b", "pp_" + "x" * 43, "ключ"])
def test_a_key_that_nobody_has_is_401(cast, key):
    assert ask(key.encode().decode("latin-1") if not key.isascii() else key).status_code == 401


def test_an_expired_a_revoked_and_an_inactive_owners_key_are_401(cast, clock):
    key, token = made(cast.users.secretary_a, expires_on=TODAY)
    assert ask(key).status_code == 200
    clock.shift(datetime.timedelta(days=1))
    assert ask(key).status_code == 401
    key, token = made(cast.users.secretary_a)
    ApiToken.objects.filter(pk=token.pk).update(revoked_at=datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC))
    assert ask(key).status_code == 401
    key, _ = made(cast.users.secretary_a)
    User.objects.filter(username="secretary_a").update(is_active=False)
    assert ask(key).status_code == 401


def test_a_read_only_key_does_not_write_and_a_read_write_one_may(cast):
    path = f"{ORGS}{cast.park_org.pk}/"
    reader, _ = made(cast.users.park_officer)
    refused = ask(reader, path, "patch")
    assert refused.status_code == 403
    assert "只能读取" in refused.json()["detail"]
    writer, _ = made(cast.users.park_officer, can_write=True)
    assert ask(writer, path, "patch").status_code != 403


def test_a_key_carries_its_owners_roles_and_never_more(cast):
    key, _ = made(cast.users.secretary_a, can_write=True)
    RoleAssignment.objects.filter(user=cast.users.secretary_a).delete()
    assert ask(key).status_code == 403


def test_only_the_hash_of_a_key_is_kept(cast):
    key, token = made(cast.users.secretary_a)
    assert key not in str(vars(token))
    assert token.prefix == key[:8]
    assert key not in "".join(f"{e.summary}{e.data}" for e in AuditEntry.objects.all())


def test_the_last_use_is_noted_at_most_once_a_minute(cast, clock):
    key, token = made(cast.users.secretary_a)

    def used():
        ask(key)
        return ApiToken.objects.get(pk=token.pk).last_used_at

    first = used()
    clock.shift(datetime.timedelta(seconds=59))
    assert used() == first
    clock.shift(datetime.timedelta(seconds=1))
    assert used() == first + datetime.timedelta(minutes=1)


def test_a_key_is_made_shown_once_listed_and_revoked_on_the_page(client, cast):
    client.force_login(cast.users.secretary_a)
    page = client.post("/tokens/new/", {"name": "大屏", "can_write": ""})
    key = page.context["secret"]
    assert ask(key).status_code == 200
    listed = client.get("/tokens/").content.decode()
    assert "大屏" in listed
    assert key not in listed
    token = ApiToken.objects.get()
    assert not token.can_write
    assert client.post(f"/tokens/{token.pk}/revoke/").url == "/tokens/"
    assert ask(key).status_code == 401


def test_a_foreign_key_cannot_be_revoked_nor_seen(client, cast):
    _, token = made(cast.users.secretary_b)
    client.force_login(cast.users.secretary_a)
    assert "取数" not in client.get("/tokens/").content.decode()
    assert client.post(f"/tokens/{token.pk}/revoke/").status_code == 404


def test_a_key_that_is_over_before_it_begins_and_the_twenty_first_are_refused(cast):
    with pytest.raises(DomainError, match="不能早于今天"):
        made(cast.users.secretary_a, expires_on=TODAY - datetime.timedelta(days=1))
    for _ in range(20):
        made(cast.users.secretary_a)
    with pytest.raises(DomainError, match="最多保留 20 个"):
        made(cast.users.secretary_a)
