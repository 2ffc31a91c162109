"""What the web process says of itself, and what a visitor sees, while something it needs is away."""

import logging

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from parkparty import urls as real_urls
from parkparty.middleware import OneLineForRefusals


def counts_users(request: HttpRequest) -> HttpResponse:
    return HttpResponse(get_user_model()._base_manager.count())


def keeps_a_visit(request: HttpRequest) -> HttpResponse:
    """Touches the database only on the way out, where the session is saved."""
    request.session["visited"] = True
    return HttpResponse()


def loses_the_database(request: HttpRequest) -> HttpResponse:
    """The database goes away after the session has been read and before it is saved."""
    request.session["visits"] = request.session.get("visits", 0) + 1
    if request.session["visits"] > 1:
        connection.close()
        connection.settings_dict["HOST"] = "/nonexistent"
    return HttpResponse()


def breaks(request: HttpRequest) -> HttpResponse:
    raise ValueError


urlpatterns = [
    *real_urls.urlpatterns,
    path("counts-users", counts_users),
    path("keeps-a-visit", keeps_a_visit),
    path("api/counts-users", counts_users),
    path("loses-the-database", loses_the_database),
    path("breaks", breaks),
]
handler400 = real_urls.handler400
handler500 = real_urls.handler500


@pytest.fixture
def database_away(transactional_db):
    """PostgreSQL as a visitor meets it after its machine is gone."""
    connection.close()
    host = connection.settings_dict["HOST"]
    connection.settings_dict["HOST"] = "/nonexistent"
    yield
    connection.settings_dict["HOST"] = host
    connection.close()


@pytest.fixture
def visitor(settings):
    settings.ROOT_URLCONF = __name__
    logging.getLogger("django.request").setLevel(logging.CRITICAL)
    yield Client(raise_request_exception=False)
    logging.getLogger("django.request").setLevel(logging.NOTSET)


@pytest.mark.django_db
def test_healthz_answers_200_when_database_queue_and_migrations_are_well(client):
    response = client.get("/healthz")
    assert response.json() == {"database": "ok", "queue": "ok", "migrations": "ok"}
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_healthz_names_a_queue_that_is_away(client, settings):
    settings.REDIS_URL = "unix:///nonexistent/redis.sock?db=0"
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "queue": "unreachable", "migrations": "ok"}


@pytest.mark.django_db
def test_healthz_names_migrations_that_are_missing(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"database": "ok", "queue": "ok", "migrations": "1 unapplied"}


def test_healthz_names_a_database_that_is_away_and_tells_no_address(visitor, database_away):
    response = visitor.get("/healthz")
    assert response.status_code == 503
    assert response.json() == {"database": "unreachable", "queue": "ok", "migrations": "unknown"}


@pytest.mark.parametrize("page", ["/counts-users", "/keeps-a-visit"])
def test_a_page_answers_503_in_chinese_while_the_database_is_away(visitor, database_away, page):
    response = visitor.get(page)
    assert response.status_code == 503
    assert response["Retry-After"] == "10"
    assert "本次操作没有保存" in response.content.decode()
    assert "nonexistent" not in response.content.decode()


def test_a_database_that_goes_away_before_the_session_is_saved_answers_503(visitor, transactional_db):
    host = connection.settings_dict["HOST"]
    try:
        assert [visitor.get("/loses-the-database").status_code for _ in range(2)] == [200, 503]
    finally:
        connection.settings_dict["HOST"] = host
        connection.close()


def test_the_api_answers_503_as_json_while_the_database_is_away(visitor, database_away):
    response = visitor.get("/api/counts-users")
    assert response.status_code == 503
    assert response.json()["code"] == "unavailable"


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/counts-users", "/keeps-a-visit"])
def test_the_same_page_answers_200_when_the_database_is_there(visitor, page):
    assert visitor.get(page).status_code == 200


@pytest.mark.parametrize(
    ("error", "line"),
    [(OperationalError("refused"), "Answer: / (database away)"), (PermissionDenied(), "Answer: /")],
)
def test_a_refused_request_writes_one_line_and_no_traceback(error, line):
    told = (type(error), error, None)
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Answer: %s", ("/",), told)
    assert OneLineForRefusals().filter(record)
    assert logging.Formatter().format(record) == line


def test_a_fault_of_the_program_keeps_its_traceback():
    told = (ValueError, ValueError("ours"), None)
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Answer", (), told)
    assert OneLineForRefusals().filter(record)
    assert "ValueError: ours" in logging.Formatter().format(record)


@pytest.mark.django_db
def test_an_error_of_our_own_stays_a_500(visitor):
    assert visitor.get("/breaks").status_code == 500
