"""The embedded services, started for real in directories of their own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from redis import Redis

from parkparty.embedded import DATABASE, ServiceError, Services, socket_directory

pytestmark = pytest.mark.slow


@pytest.fixture
def directory() -> Iterator[Callable[[str], Path]]:
    """Makes directories for `var`; at the end what still runs in them is stopped and they are removed."""
    root = Path(tempfile.mkdtemp(prefix="pp-"))
    made: list[Path] = []

    def make(name: str) -> Path:
        made.append(root / name)
        return made[-1]

    yield make
    for var in made:
        Services(var).stop()
        if socket_directory(var) != var / "run":
            shutil.rmtree(socket_directory(var), ignore_errors=True)
    shutil.rmtree(root)


def start(var: Path) -> Services:
    services = Services(var)
    services.start(durable=False)
    return services


def ask(services: Services, sql: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(host=str(services.postgres.sockets), user=DATABASE, dbname=DATABASE)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(sql)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def queue(services: Services) -> Redis:
    return Redis(unix_socket_path=str(services.redis.socket), decode_responses=True)


def kill(services: Services) -> None:
    """What a power cut leaves: no server, and its pid files."""
    for service in services.wanted:
        process = service.process()
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert service.pid_file.exists()


def test_starting_twice_leaves_the_running_services_alone(directory):
    first = start(directory("var"))
    before = [state.detail for state in first.status()]
    assert Services(first.var).start() == []
    assert [state.detail for state in first.status()] == before
    assert all(state.running for state in first.status())


def test_two_directories_have_services_and_data_of_their_own(directory):
    one, two = start(directory("one")), start(directory("two"))
    for services, name in ((one, "one"), (two, "two")):
        ask(services, f"CREATE TABLE mark AS SELECT '{name}' AS name")
        queue(services).set("mark", name)
    assert [ask(services, "SELECT name FROM mark") for services in (one, two)] == [[("one",)], [("two",)]]
    assert [queue(services).get("mark") for services in (one, two)] == ["one", "two"]
    one.stop()
    assert [state.running for state in one.status()] == [False, False]
    assert [state.running for state in two.status()] == [True, True]


def test_data_survives_stopping_and_killing(directory):
    services = start(directory("var"))
    ask(services, "CREATE TABLE park AS SELECT '丹东' AS name")
    services.stop()
    start(services.var)
    kill(services)
    assert [state.running for state in services.status()] == [False, False]
    start(services.var)
    assert ask(services, "SELECT name FROM park") == [("丹东",)]


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(directory):
    services = start(directory("var"))
    kill(services)
    # The process id of the killed server now belongs to this test: a living process that is no server.
    for service in services.wanted:
        lines = service.pid_file.read_text().splitlines()
        service.pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert services.stop() == []
    assert set(services.start(durable=False)) == {"database", "queue"}
    assert all(state.running for state in services.status())


def test_a_half_made_cluster_is_made_again(directory):
    var = directory("var")
    (var / "postgres.new").mkdir(parents=True)
    (var / "postgres.new" / "PG_VERSION").write_text("18\n")
    assert ask(start(var), "SELECT 1") == [(1,)]


def test_a_path_too_long_for_a_socket_is_no_obstacle(directory):
    services = start(directory("/".join(["a-very-long-name-of-a-directory"] * 4)))
    assert len(str(services.postgres.sockets)) < 100
    assert ask(services, "SELECT 1") == [(1,)]
    assert queue(services).ping()


def test_a_socket_directory_of_somebody_else_is_refused(directory, monkeypatch):
    services = Services(directory("var"))
    (services.var / "run" / "postgres").mkdir(parents=True)
    monkeypatch.setattr(type(services.postgres), "uid", os.getuid() + 1)
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    with pytest.raises(ServiceError, match="belongs to another user"):
        services.start(durable=False)


def test_text_is_sorted_and_folded_the_same_on_every_machine(directory):
    rows = ask(
        start(directory("var")),
        "SELECT pg_encoding_to_char(encoding), datlocprovider, upper('é') FROM pg_database WHERE datname = 'parkparty'",
    )
    assert rows == [("UTF8", "b", "É")]


def test_the_command_prints_a_line_for_each_service_and_status_is_its_exit_code(directory):
    environment = {key: value for key, value in os.environ.items() if key not in ("DATABASE_URL", "REDIS_URL")}
    environment["PARKPARTY_VAR"] = str(directory("var"))

    def services(action: str) -> tuple[int, list[str]]:
        done = subprocess.run(
            [sys.executable, "manage.py", "services", action],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, [line.split(" (")[0] for line in done.stdout.splitlines()]

    assert services("status") == (1, ["database: stopped", "queue: stopped"])
    assert services("start") == (0, ["database: running", "queue: running"])
    assert services("status") == (0, ["database: running", "queue: running"])
    assert services("stop") == (0, ["database: stopped", "queue: stopped"])
    assert services("stop") == (0, ["database: stopped", "queue: stopped"])
