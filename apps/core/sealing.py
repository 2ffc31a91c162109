"""Personal numbers at rest: sealed with SM4-GCM, found again by a keyed hash.

A sealed value is bound to its place (table, column, row): copied into another row it does not open. It names
the key that sealed it, so keys can be renewed while old rows still open. Keys are outside the database
(`FIELD_KEYS`, newest first; `INDEX_KEY`). Nothing is opened until somebody reads the attribute: a list that
does not show a number never pays for it.

    class Member(models.Model):
        id_number_sealed = SealedField()
        id_number_index = IndexField(unique=True)
        id_number = sealed("id_number")          # reads and writes the two columns
"""

from __future__ import annotations

import functools
import os
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.db import connection, models

_NONCE: Final = 12
_TAG: Final = 16


class SealBroken(RuntimeError):
    """A sealed value does not open: it was changed, moved to another row, or its key is not at hand."""


class SealedField(models.BinaryField):
    """The column of a sealed value."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)


class IndexField(models.CharField):
    """The column of the keyed hash by which an exact value is found; NULL for no value."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("null", True)
        kwargs.setdefault("editable", False)
        kwargs["max_length"] = 64
        super().__init__(*args, **kwargs)


def seal(text: str, place: str) -> bytes:
    """Encrypt `text` for `place` ("table.column.row") with the newest key."""
    key_id, key = next(iter(_keys().items()))
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(place.encode())
    body = encryptor.update(text.encode()) + encryptor.finalize() + encryptor.tag
    return bytes([len(key_id)]) + key_id.encode() + nonce + body


def unseal(value: bytes, place: str) -> str:
    """The text that was sealed for `place`. Raises SealBroken."""
    data = bytes(value)
    head = 1 + data[0]
    key_id = data[1:head].decode("ascii", "replace")
    nonce, body, tag = data[head : head + _NONCE], data[head + _NONCE : -_TAG], data[-_TAG:]
    try:
        decryptor = Cipher(algorithms.SM4(_keys()[key_id]), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(place.encode())
        return (decryptor.update(body) + decryptor.finalize()).decode()
    except (KeyError, InvalidTag, ValueError) as error:
        raise SealBroken(f"the sealed value at {place} does not open with key {key_id!r}") from error


def fingerprint(text: str, purpose: str) -> str:
    """The keyed hash (HMAC-SM3, 64 hex digits) that stands for `text` in the index of `purpose`."""
    digest = hmac.HMAC(_index_key(), hashes.SM3())
    digest.update(f"{purpose}:{text}".encode())
    return digest.finalize().hex()


def sealed(name: str, *, indexed: bool = True) -> property:
    """The attribute over the columns `name_sealed` and, where indexed, `name_index`; "" for no value.

    Setting it gives an unsaved row its id first, since the row is part of what the seal is bound to.
    """

    def place(row: Any) -> str:
        return f"{row._meta.db_table}.{name}_sealed.{row.pk}"

    def read(row: Any) -> str:
        value = getattr(row, f"{name}_sealed")
        return unseal(value, place(row)) if value else ""

    def write(row: Any, text: str) -> None:
        if text and row.pk is None:
            row.pk = new_ids(type(row), 1)[0]
        setattr(row, f"{name}_sealed", seal(text, place(row)) if text else None)
        if indexed:
            setattr(row, f"{name}_index", fingerprint(text, name) if text else None)

    return property(read, write)


def sealed_columns(model: type[models.Model], name: str, pk: int, text: str, *, indexed: bool = True) -> dict[str, Any]:
    """The columns of a sealed value for a row that is written in bulk under the id `pk`."""
    columns: dict[str, Any] = {f"{name}_sealed": seal(text, f"{model._meta.db_table}.{name}_sealed.{pk}") if text else None}
    if indexed:
        columns[f"{name}_index"] = fingerprint(text, name) if text else None
    return columns


def new_ids(model: type[models.Model], count: int) -> list[int]:
    """Ids for rows that are about to be written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


@functools.lru_cache(maxsize=4)
def _derived(secret: str, purpose: str) -> bytes:
    digest = hmac.HMAC(secret.encode(), hashes.SM3())
    digest.update(purpose.encode())
    return digest.finalize()


@functools.lru_cache(maxsize=4)
def _parsed(setting: str) -> dict[str, bytes]:
    """{key id: SM4 key}, newest first. A secret without an id is key 1."""
    keys: dict[str, bytes] = {}
    for entry in setting.split():
        key_id, _, secret = entry.rpartition(":")
        keys[key_id or "1"] = _derived(secret, "parkparty field")[:16]
    return keys


def _keys() -> dict[str, bytes]:
    return _parsed(settings.FIELD_KEYS)


def _index_key() -> bytes:
    return _derived(settings.INDEX_KEY, "parkparty index")
