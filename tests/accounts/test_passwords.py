"""Passwords: the first one is changed, the old ones do not come back."""

import datetime

import pytest
import time_machine
from django.test import Client

from apps.accounts.models import ApiToken, UsedPassword, User
from apps.accounts.passwords import initial_password
from apps.accounts.rules import PasswordRule, password_problems
from apps.accounts.services import change_password, reset_password
from apps.core.errors import DomainError
from apps.core.models import AuditEntry
from tests.cast import PASSWORD

TODAY = datetime.date(2026, 11, 22)


def change(client, new, *, old=PASSWORD, repeated=None):
    return client.post("/password/", {"old_password": old, "new_password": new, "repeated": repeated or new})


@pytest.fixture
def newcomer(cast):
    User.objects.filter(pk=cast.users.park_officer.pk).update(must_change_password=True)
    client = Client()
    client.post("/signin/", {"username": "park_officer", "password": PASSWORD})
    return client


def test_whoever_must_change_the_password_reaches_no_other_page(newcomer):
    for page in ("/accounts/", "/orgs/", "/jobs/", "/tokens/new/"):
        response = newcomer.get(page)
        assert response.status_code == 302, page
        assert response.url.startswith("/password/?next="), page
    assert newcomer.post("/accounts/new/", {}).url.startswith("/password/")


def test_the_api_refuses_too_until_the_password_is_changed(newcomer):
    response = newcomer.get("/api/v1/orgs/")
    assert response.status_code == 403
    assert response.json()["code"] == "password_change_required"


def test_the_password_page_itself_and_sign_out_stay_open(newcomer):
    page = newcomer.get("/password/")
    assert page.status_code == 200
    assert "首次登录" in page.content.decode()
    assert newcomer.post("/signout/").url == "/signin/"


def test_after_the_change_the_portal_is_open(newcomer):
    response = newcomer.post(
        "/password/?next=/accounts/",
        {"old_password": PASSWORD, "new_password": "Brand-new-2026", "repeated": "Brand-new-2026"},
    )
    assert response.url == "/accounts/"
    assert newcomer.get("/accounts/").status_code == 200
    user = User.objects.get(username="park_officer")
    assert user.password_changed_at is not None
    assert AuditEntry.objects.filter(action="user.password_changed", target_id=user.pk).exists()


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("Ab1-", "至少 10 个字符"),
        ("abcdefghijkl", "至少 3 类"),
        ("park_Officer-2026", "不能包含账号名"),
        (PASSWORD, "最近 5 次"),
        ("password1234", ""),
    ],
)
def test_a_password_that_breaks_the_rule_is_refused_with_the_reason(client, cast, new, sentence):
    client.force_login(cast.users.park_officer)
    response = change(client, new)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert User.objects.get(username="park_officer").check_password(PASSWORD)


def test_the_two_new_passwords_must_agree_and_the_old_one_must_be_right(client, cast):
    client.force_login(cast.users.park_officer)
    assert "不一致" in change(client, "Brand-new-2026", repeated="Brand-new-2027").content.decode()
    assert "当前密码不正确" in change(client, "Brand-new-2026", old="wrong").content.decode()


def test_guessing_the_old_password_is_counted_like_signing_in(client, cast):
    client.force_login(cast.users.park_officer)
    for _ in range(4):
        change(client, "Brand-new-2026", old="wrong")
    assert "已暂停登录" in change(client, "Brand-new-2026", old="wrong").content.decode()
    assert change(client, "Brand-new-2026").status_code == 422


def test_the_last_five_passwords_are_not_taken_again_and_the_sixth_last_is(cast):
    user = cast.users.park_officer
    words = [f"Quiet-river-{n}" for n in range(5)]
    for word in words[:4]:
        change_password(user=user, password=word, today=TODAY, actor=user)
    for used in (PASSWORD, *words[:4]):
        with pytest.raises(DomainError, match="最近 5 次"):
            change_password(user=user, password=used, today=TODAY, actor=user)
    change_password(user=user, password=words[4], today=TODAY, actor=user)
    change_password(user=user, password=PASSWORD, today=TODAY, actor=user)
    assert UsedPassword.objects.filter(user=user).count() == 4


@pytest.mark.parametrize(("days", "due"), [(89, False), (90, True)])
def test_a_password_that_has_come_of_age_must_be_changed_at_the_next_sign_in(cast, days, due):
    with time_machine.travel("2026-11-23 09:00+08:00", tick=False) as clock:
        user = cast.users.park_officer
        change_password(user=user, password="Quiet-river-1", today=datetime.date(2026, 11, 23), actor=user)
        clock.shift(datetime.timedelta(days=days))
        client = Client()
        client.post("/signin/", {"username": "park_officer", "password": "Quiet-river-1"})
        assert (client.get("/accounts/").status_code == 302) is due


def test_a_reset_ends_the_sessions_the_keys_and_the_pause(cast):
    user = cast.users.secretary_a
    client = Client()
    client.post("/signin/", {"username": "secretary_a", "password": PASSWORD})
    ApiToken.objects.create(user=user, name="n", prefix="pp_", key_hash="x")
    for _ in range(5):
        Client().post("/signin/", {"username": "secretary_a", "password": "wrong"})
    fresh = initial_password()
    reset_password(user=user, password=fresh, today=TODAY, actor=cast.users.park_officer)
    assert client.get("/orgs/").status_code == 302
    assert ApiToken.objects.get().revoked_at is not None
    again = Client()
    assert again.post("/signin/", {"username": "secretary_a", "password": fresh}).status_code == 302
    assert again.get("/orgs/").url.startswith("/password/")


def test_an_initial_password_satisfies_the_rule_and_can_be_read_out():
    for _ in range(200):
        password = initial_password()
        assert password_problems(password, "", PasswordRule(14, 4, 0, 0)) == []
        assert not set(password) & set("0O1lI")
        assert password[0] != "-"
        assert password[-1] != "-"


def test_no_password_is_kept_in_the_row_history(cast):
    user = cast.users.park_officer
    change_password(user=user, password="Quiet-river-1", today=TODAY, actor=user)
    columns = {field.name for field in user.history.model._meta.get_fields()}
    assert "password" not in columns
