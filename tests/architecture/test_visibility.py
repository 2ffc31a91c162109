"""Law 3: who sees which rows, for every ledger and every page of one object, on the day they appear.

The expectation is computed from the cast's roles by string prefixes alone, so that a mistake in the scope,
in a resolver or in a view cannot hide itself. Own, child, sibling and parent rows are all in the cast.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from apps.activities.models import Activity
from apps.core.jobs import run
from apps.core.ledger import Ledger, registry
from apps.core.models import Job
from apps.core.permissions import registry as permissions
from apps.core.scoping import ScopedModel, unscoped
from apps.core.views import LedgerView, ObjectMixin
from tests.cast import PEOPLE, Cast

from .test_routes import routes

pytestmark = pytest.mark.slow

NOT_ROWS_OF_ONE_NODE = {
    "accounts.users": "accounts have no node; tests/accounts say whom an administrator sees",
    "core.audit": "the trail narrows by the path that an entry keeps; tests/core/test_audit_pages.py",
}


SOME_ROWS = {
    f"training/<int:pk>/{page}": {"kind__code": "training"} for page in ("", "roster/", "mark/")
}  # fmt: skip
"""Pages about some of the rows of a model: any other is 404 for everybody."""


def sheet_sides(activity: Activity) -> list[str]:
    """The branches that held a record, and those of everybody on its sheet."""
    held = activity.participations.values_list("org_path", flat=True)
    sheet = activity.attendances.values_list("org_path", "other_path")
    return [*held, *(side for row in sheet for side in row)]


MORE_SIDES: dict[str, Callable[[Any], list[str]]] = {"activities/<int:pk>/": sheet_sides}
"""Pages that are read from more sides than those of the row itself: the paths of these sides."""


def roots(cast: Cast, username: str, permission: str) -> list[str]:
    """The paths below which this person of the cast holds the permission."""
    _, role, org = PEOPLE[username]
    return [getattr(cast, org).path] if org and role in permissions[permission].roles else []


def is_visible(row: ScopedModel, paths: list[str], more: Sequence[str] = ()) -> bool:
    """From each of its sides; the other side of a row between two organisations may be outside the portal."""
    own = row.scope_paths() if callable(row.scope_path) else [row.scope_path]  # a report names its column so
    own = [*own, *more]
    return any(side.startswith(path) for side in own if side for path in paths)


def all_rows(cls: type[Ledger], cast: Cast, today: Any) -> list[Any]:
    with unscoped("the oracle of the matrix"):
        return list(cls(today=today, user=cast.users.authority_officer).queryset())


def ledger_pages() -> list[tuple[str, type[Ledger]]]:
    """(URL, ledger) of the common page of each ledger, and of each page that an app gave to one."""
    own = [
        (f"/{route}", callback.view_class.ledger)
        for route, callback in routes(get_resolver().url_patterns)
        if issubclass(getattr(callback, "view_class", object), LedgerView)
        and "<" not in route and getattr(callback.view_class, "ledger", None) in registry.values()
    ]  # fmt: skip
    return [(f"/ledgers/{code}/", cls) for code, cls in sorted(registry.items())] + own


def object_pages() -> list[tuple[str, type[ObjectMixin]]]:
    """(route, view) of every page of one object."""
    return [
        (route, callback.view_class)
        for route, callback in routes(get_resolver().url_patterns)
        if issubclass(getattr(callback, "view_class", object), ObjectMixin)
        and route.count("<") == 1 and "<int:pk>" in route and "get" in callback.view_class.http_method_names
    ]  # fmt: skip


def narrowed(found: list[tuple[str, type[Ledger]]]) -> list[tuple[str, type[Ledger]]]:
    return [(url, cls) for url, cls in found if cls.code not in NOT_ROWS_OF_ONE_NODE]


@pytest.fixture
def today() -> Any:
    from django.utils import timezone

    return timezone.localdate()


def by_url(pair: Any) -> str:
    return pair if isinstance(pair, str) else ""


@pytest.mark.parametrize(("url", "cls"), narrowed(ledger_pages()), ids=by_url)
def test_a_ledger_page_shows_the_rows_of_the_scope_and_no_others(url, cls, cast, today):
    rows = all_rows(cls, cast, today)
    assert all(isinstance(row, ScopedModel) for row in rows)
    for username in PEOPLE:
        client, paths = Client(), roots(cast, username, cls.permission)
        client.force_login(getattr(cast.users, username))
        answer = client.get(url)
        if not paths:
            assert answer.status_code == 403, username
            continue
        expected = {row.pk for row in rows if is_visible(row, paths)}
        assert {row["pk"] for row in answer.context["rows"]} == expected, username


@pytest.mark.parametrize("code", [cls.code for url, cls in narrowed(ledger_pages()) if url.startswith("/ledgers/")])
def test_the_api_of_a_ledger_answers_the_rows_of_the_scope_and_no_others(code, cast, today):
    rows = all_rows(registry[code], cast, today)
    for username in PEOPLE:
        client, paths = Client(), roots(cast, username, registry[code].permission)
        client.force_login(getattr(cast.users, username))
        answer = client.get(f"/api/v1/ledgers/{code}/")
        if not paths:
            assert answer.status_code == 403, username
            continue
        expected = {row.pk for row in rows if is_visible(row, paths)}
        assert {row["id"] for row in answer.json()["results"]} == expected, username


@pytest.mark.parametrize("code", [cls.code for url, cls in narrowed(ledger_pages()) if url.startswith("/ledgers/")])
def test_an_export_holds_the_rows_of_the_scope_and_no_others(code, cast, today, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr("apps.core.jobs._queue", lambda pk: None)
    rows = all_rows(registry[code], cast, today)
    for username in PEOPLE:
        client, paths = Client(), roots(cast, username, registry[code].permission)
        client.force_login(getattr(cast.users, username))
        answer = client.post(f"/ledgers/{code}/export/", {"format": "csv"})
        if not paths:
            assert answer.status_code == 403, username
            continue
        job = Job.objects.latest("pk")
        run(job.pk)
        file = b"".join(client.get(f"/jobs/{job.pk}/file/").streaming_content).decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(file)))
        assert len(lines) - 2 == len([row for row in rows if is_visible(row, paths)]), username


@pytest.mark.parametrize(("route", "view"), object_pages(), ids=by_url)
def test_the_page_of_an_object_is_there_inside_the_scope_404_outside_and_403_without_the_right(route, view, cast):
    page = view()
    page.kwargs, page.request = {"pk": 0}, SimpleNamespace(user=cast.users.authority_officer, GET={}, method="GET")
    with unscoped("the oracle of the matrix"):
        model = page.get_queryset().model
        rows = model._default_manager.filter(**SOME_ROWS.get(route, {})) if issubclass(model, ScopedModel) else []
        instances = list(rows[:12])
        more = {each.pk: MORE_SIDES[route](each) if route in MORE_SIDES else [] for each in instances}
    for username in PEOPLE:
        client, paths = Client(), roots(cast, username, page.needed("GET"))
        client.force_login(getattr(cast.users, username))
        missing = client.get("/" + route.replace("<int:pk>", "999999999"))
        assert missing.status_code == (404 if paths else 403), username
        for each in instances:
            answer = client.get("/" + route.replace("<int:pk>", str(each.pk)))
            if not paths:
                assert answer.status_code == 403, (username, each)
            elif is_visible(each, paths, more[each.pk]):
                assert answer.status_code == 200, (username, each)
            else:
                assert (answer.status_code, answer.content) == (404, missing.content), (username, each)


def test_signed_out_nobody_sees_anything(cast):
    client = Client()
    for route, callback in routes(get_resolver().url_patterns):
        view = getattr(callback, "view_class", None) or getattr(callback, "cls", None)
        if not hasattr(view, "permission"):
            continue
        url = "/" + route.replace("<int:pk>", "1").replace("<str:code>", "branches.organisations")
        if "<" in url:
            continue
        answer = client.get(url)
        if url.startswith("/api/"):
            assert answer.status_code in (401, 403, 405), url
        else:
            assert answer.status_code in (302, 405), url
            assert answer.status_code == 405 or "sign" in answer.url, url


@pytest.mark.parametrize("username", [name for name, (_, role, _) in PEOPLE.items() if role])
def test_every_line_of_the_sidebar_opens_for_whoever_sees_it(username, cast):
    client = Client()
    client.force_login(getattr(cast.users, username))
    home = client.get("/")
    assert home.status_code == 200
    links = [item["url"] for group in home.context["shell"]["nav"] for item in group["items"]]
    assert links
    assert {url for url in links if client.get(url).status_code != 200} == set()


def test_the_matrix_has_something_to_see_and_something_to_miss(cast, today):
    """Negative control: without rows of own, child, sibling and parent nodes it would prove nothing."""
    rows = all_rows(registry["branches.organisations"], cast, today)
    seen = [row for row in rows if is_visible(row, roots(cast, "secretary_a", "branches.view"))]
    assert {row.code for row in seen} == {"JYA", "JYA1"}
    assert {"JYZ", "JYB", "YYZ1"} <= {row.code for row in rows if row not in seen}
    assert [view for _, view in object_pages()]
