"""What the environment decides, and that deciding it starts nothing."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from parkparty import environment

PRODUCTION = {
    "DATABASE_URL": "postgresql://parkparty:pass%20word@postgres:5432/parkparty?sslmode=require",
    "REDIS_URL": "redis://:word@redis:6379/0",
    "SECRET_KEY": "a-long-random-word-that-only-this-test-knows-1234567890",
    "AUDIT_KEY": "another-long-random-word-that-only-this-test-knows-12345",
    "FIELD_KEYS": "2:a-new-key-that-only-this-test-knows 1:an-old-one-that-still-opens",
    "INDEX_KEY": "the-key-of-the-index-that-only-this-test-knows-1234567",
    "PARKPARTY_HOSTS": "parkparty.example",
}


def python(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python as on a fresh machine: none of our variables but the given ones."""
    plain = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=plain | {"DJANGO_SETTINGS_MODULE": "parkparty.settings"} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def show(expression: str, **variables: str) -> str:
    done = python("-c", f"from django.conf import settings; print({expression})", **variables)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_importing_the_settings_starts_nothing():
    with tempfile.TemporaryDirectory() as var:
        show("settings.DATABASES", PARKPARTY_VAR=var)
        assert {path.name for path in Path(var).iterdir()} <= {"secret_key", "audit_key", "field_keys", "index_key"}


def test_a_generated_secret_is_made_once_and_only_its_owner_can_read_it():
    with tempfile.TemporaryDirectory() as var:
        keys = {show("settings.SECRET_KEY", PARKPARTY_VAR=var) for _ in range(2)}
        assert len(keys) == 1
        assert len(keys.pop()) > 50
        assert (Path(var) / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("SECRET_KEY", "settings.SECRET_KEY"),
        ("AUDIT_KEY", "settings.AUDIT_KEY"),
        ("FIELD_KEYS", "settings.FIELD_KEYS"),
        ("INDEX_KEY", "settings.INDEX_KEY"),
        ("DATABASE_URL", "settings.DATABASES['default']['HOST']"),
        ("REDIS_URL", "settings.CELERY_BROKER_URL"),
    ],
)
def test_a_secret_may_stand_in_a_file(name, expression, tmp_path):
    (tmp_path / "secret").write_text(PRODUCTION[name] + "\n")
    given = {key: value for key, value in PRODUCTION.items() if key != name}
    from_file = show(expression, **given, **{f"{name}_FILE": str(tmp_path / "secret")})
    assert from_file == show(expression, **PRODUCTION)


def test_a_secret_given_twice_is_refused_without_naming_it(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "in the environment")
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.secret("SECRET_KEY")
    assert "in the environment" not in str(refused.value)


def test_a_secret_file_that_is_missing_or_empty_is_refused(monkeypatch, tmp_path):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "secret"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        environment.secret("SECRET_KEY")
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(ImproperlyConfigured, match="empty"):
        environment.secret("SECRET_KEY")


@pytest.mark.parametrize("name", ["SECRET_KEY", "AUDIT_KEY", "FIELD_KEYS", "INDEX_KEY"])
def test_with_a_given_database_the_secrets_are_due(name):
    given = {key: value for key, value in PRODUCTION.items() if key != name}
    assert f"{name} or {name}_FILE must be set" in show("settings.SECRET_KEY", **given)


def test_an_address_of_a_database_keeps_its_password_and_options(monkeypatch):
    found = environment.database(PRODUCTION["DATABASE_URL"])
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("postgres", "5432", "parkparty")
    assert (found["USER"], found["PASSWORD"]) == ("parkparty", "pass word")
    assert found["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize("url", ["mysql://host/name", "postgresql://host", "parkparty"])
def test_an_address_that_names_no_postgresql_database_is_refused(url):
    with pytest.raises(ImproperlyConfigured):
        environment.database(url)


def test_a_flag_is_yes_or_no_and_nothing_else(monkeypatch):
    monkeypatch.setenv("PARKPARTY_HTTPS", "off")
    assert environment.flag("PARKPARTY_HTTPS", True) is False
    monkeypatch.setenv("PARKPARTY_HTTPS", "maybe")
    with pytest.raises(ImproperlyConfigured):
        environment.flag("PARKPARTY_HTTPS", True)


def test_production_passes_the_checks_of_a_deployment():
    done = python("manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_production_sends_cookies_over_https_only_and_allows_no_inline_script():
    assert show("settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE", **PRODUCTION) == "True True"
    assert "unsafe" not in show("settings.CONTENT_SECURITY_POLICY", **PRODUCTION)
