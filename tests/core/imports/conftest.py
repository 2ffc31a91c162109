"""What the tests of the import share: the park importer, and one call from file to batch."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.core.imports.batches import check_batch, upload_file
from apps.core.imports.commit import commit_batch
from apps.core.imports.undo import undo_batch
from apps.core.models import ImportBatch
from apps.core.scoping import unscoped
from apps.enterprises.models import Park
from tests.core.excel.workbooks import book

from .park_import import ParkImport, registered

HEADERS = ("园区代码", "园区名称", "级别", "地址")
ROWS = (("P1", "城东园区", "省级", "东路 1 号"), ("P2", "城西园区", "市级", "N/A"))
TODAY = datetime.date(2026, 11, 22)
UPLOAD = "/imports/tests.parks/"


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    with registered():
        yield


@pytest.fixture
def officer(desk: SimpleNamespace, client: Client) -> Client:
    """The browser of the park officer."""
    client.force_login(desk.cast.users.park_officer)
    return client


def send(client: Client, desk: SimpleNamespace, data: bytes, *, mode: str = "create", name: str = "园区.xlsx") -> Any:
    form = {"file": SimpleUploadedFile(name, data), "org": desk.cast.park_org.path, "mode": mode}
    return client.post(UPLOAD, form)


def last_batch() -> ImportBatch:
    with unscoped("the test looks from outside"):
        return ImportBatch.objects.latest("pk")


@pytest.fixture
def desk(cast: Any) -> SimpleNamespace:
    """The park officer's desk: `upload`, `check`, `commit`, `undo` under her right, in the park's scope."""

    def upload(
        rows: Sequence[Sequence[Any]] = ROWS, headers: Sequence[str] = HEADERS, *, mode: str = "create",
        org: Any = None, actor: Any = None, data: bytes | None = None, name: str = "园区.xlsx",
    ) -> ImportBatch:  # fmt: skip
        return upload_file(
            importer=ParkImport, org=org or cast.park_org, file_name=name, mode=mode,
            data=book(rows, headers) if data is None else data, actor=actor or cast.users.park_officer,
        )  # fmt: skip

    def check(batch: ImportBatch, actor: Any = None) -> Any:
        return check_batch(batch=batch, actor=actor or cast.users.park_officer, today=TODAY)

    def commit(batch: ImportBatch, actor: Any = None) -> ImportBatch:
        return commit_batch(batch=batch, actor=actor or cast.users.park_officer, today=TODAY)

    def undo(batch: ImportBatch, actor: Any = None) -> ImportBatch:
        return undo_batch(batch=batch, actor=actor or cast.users.park_officer)

    def codes() -> set[str]:
        with cast.within(cast.authority):
            return set(Park.objects.values_list("code", flat=True))

    return SimpleNamespace(cast=cast, upload=upload, check=check, commit=commit, undo=undo, codes=codes)
