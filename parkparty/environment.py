"""Reading the environment: plain values, secrets from files, addresses of services."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on"}
FALSE = {"0", "false", "no", "off", ""}


def flag(name: str, default: bool) -> bool:
    """A yes or no. A word that is neither is a mistake, not a no."""
    given = os.environ.get(name)
    if given is None:
        return default
    if given.lower() in TRUE | FALSE:
        return given.lower() in TRUE
    raise ImproperlyConfigured(f"{name} must be on or off")


def words(name: str, default: str = "") -> list[str]:
    """A list separated by commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def secret(name: str) -> str:
    """The value of NAME, or what stands in the file that NAME_FILE names (a Docker secret); empty when neither is set.

    The value never appears in an error.
    """
    value, path = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if value and path:
        raise ImproperlyConfigured(f"set {name} or {name}_FILE, not both")
    if not path:
        return value
    try:
        value = Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE names a file that cannot be read: {error.strerror}") from None
    if not value:
        raise ImproperlyConfigured(f"{name}_FILE names an empty file")
    return value


def kept_secret(path: Path) -> str:
    """A secret of this installation, made at first use and kept in a file that only its owner can read."""
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    except PermissionError:
        hint = "set PARKPARTY_VAR to a directory of your own"
        raise ImproperlyConfigured(f"{path} belongs to another user: {hint}") from None
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_urlsafe(64), encoding="ascii")
    try:
        os.link(fresh, path)  # fails where another process was first: then its secret is the one
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return path.read_text(encoding="ascii").strip()


def database(url: str) -> dict[str, Any]:
    """Django's connection settings for `postgresql://user:password@host:port/name?host=/socket&sslmode=require`."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured("DATABASE_URL must look like postgresql://user:password@host:5432/name")
    options: Mapping[str, str] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.get("host") or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": {key: value for key, value in options.items() if key != "host"},
    }


def broker(url: str) -> str:
    """The address of Redis as Celery writes it; they differ for unix sockets only."""
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ImproperlyConfigured("REDIS_URL must look like redis://:password@host:6379/0")
    if parts.scheme != "unix":
        return url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{parts.path}?virtual_host={number}"
