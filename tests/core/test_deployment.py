"""The production shape: that its parts fit together, and that its backup can be restored."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import yaml
from django.conf import settings

from parkparty.embedded import Services

DEPLOY = Path(settings.BASE_DIR) / "deploy"
COMPOSE = yaml.safe_load((Path(settings.BASE_DIR) / "docker-compose.yml").read_text())


def test_every_secret_that_a_service_reads_is_declared():
    declared = COMPOSE["secrets"].keys()
    for name, service in COMPOSE["services"].items():
        text = yaml.safe_dump(service) + (DEPLOY / "nginx/parkparty.conf").read_text() * (name == "nginx")
        read = set(re.findall(r"/run/secrets/(\w+)", text))
        assert read <= set(service.get("secrets", [])) <= declared, name


def test_the_script_makes_every_secret_once_and_only_its_owner_can_reach_them(tmp_path):
    shutil.copy(DEPLOY / "make-secrets", tmp_path)
    made = []
    for _ in range(2):
        subprocess.run(["sh", tmp_path / "make-secrets"], check=True, capture_output=True)
        made.append({file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()})
    assert made[0] == made[1]
    wanted = {Path(secret["file"]) for secret in COMPOSE["secrets"].values()}
    assert made[0].keys() == {path.name for path in wanted if path.parent.name == "secrets"}
    assert made[0]["postgres_password"] in made[0]["database_url"]
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_every_service_is_watched():
    unwatched = {name for name, service in COMPOSE["services"].items() if "healthcheck" not in service}
    assert unwatched == {"migrate"}


def test_every_queue_that_tasks_go_to_has_a_worker():
    from parkparty.celery import app

    routed = {route["queue"] for route in app.conf.task_routes.values()} | {app.conf.task_default_queue}
    commands = [service.get("command", []) for service in COMPOSE["services"].values()]
    served = {command[command.index("-Q") + 1] for command in commands if "-Q" in command}
    assert routed == served


def test_docker_compose_accepts_the_file():
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and subprocess.run([*command, "version"], capture_output=True).returncode == 0:
            break
    else:
        pytest.skip("docker compose is not installed")
    config = [*command, "config", "--quiet"]
    done = subprocess.run(config, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def server() -> Iterator[Services]:
    """A PostgreSQL with a park in it, and its files beside it."""
    root = Path(tempfile.mkdtemp(prefix="pp-"))
    services = Services(root / "var", queue=False)
    services.start(durable=False)
    sql(services, "parkparty", "CREATE TABLE park AS SELECT n, '丹东' || n AS name FROM generate_series(1, 500) n")
    (root / "files").mkdir()
    (root / "files" / "附件.pdf").write_bytes(b"attachment")
    (root / "backups").mkdir()
    yield services
    services.stop()
    shutil.rmtree(root)


def sql(services: Services, database: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(host=str(services.postgres.sockets), user="parkparty", dbname=database)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def run(services: Services, *command: object, **variables: object) -> subprocess.CompletedProcess[str]:
    root = services.var.parent
    environment = {
        "PATH": f"{services.postgres.programs}:{os.environ['PATH']}",
        "PGHOST": services.postgres.sockets,
        "PGUSER": "parkparty",
        "BACKUPS": root / "backups",
        "FILES": root / "files",
    } | variables
    return subprocess.run(
        [str(part) for part in command],
        env={key: str(value) for key, value in environment.items()},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_a_backup_brings_back_every_row_and_file(server):
    done = run(server, DEPLOY / "backup", "once")
    assert done.returncode == 0, done.stderr
    (dump,) = (server.var.parent / "backups").glob("*.dump")
    (files,) = (server.var.parent / "backups").glob("*.files.tar.gz")
    sql(server, "postgres", "CREATE DATABASE restored")
    assert run(server, "pg_restore", "--dbname", "restored", dump).returncode == 0
    rows = "SELECT * FROM park ORDER BY n"
    assert sql(server, "restored", rows) == sql(server, "parkparty", rows)
    assert run(server, "tar", "-xzf", files, "-C", dump.parent).returncode == 0
    assert (dump.parent / "附件.pdf").read_bytes() == b"attachment"


@pytest.mark.slow
def test_a_backup_that_failed_has_no_final_name(server, tmp_path):
    broken = tmp_path / "pg_dump"
    broken.write_text('#!/bin/sh\nwhile [ "$1" != --file ]; do shift; done\nprintf PGDMP > "$2"\n')
    broken.chmod(0o755)
    done = run(server, DEPLOY / "backup", "once", PATH=f"{tmp_path}:{server.postgres.programs}:{os.environ['PATH']}")
    assert done.returncode != 0
    finished = [file.name for file in (server.var.parent / "backups").iterdir() if not file.name.endswith(".part")]
    assert finished == []
