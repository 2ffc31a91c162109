"""`make run` from its first line to its last: what it starts answers, what it started is gone afterwards."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.conf import settings

pytestmark = pytest.mark.slow


def free_port() -> int:
    """One below those that the system gives to outgoing connections, which could take it before it is used."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    pytest.fail("no port is free")


def healthz(port: int) -> int | None:
    client = http.client.HTTPConnection("127.0.0.1", port)
    try:
        client.request("GET", "/healthz")
        return client.getresponse().status
    except OSError:
        return None
    finally:
        client.close()


@pytest.fixture
def var() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="pp-"))
    yield path
    start(path, 0, "stop").wait()
    shutil.rmtree(path)


def start(var: Path, port: int, *arguments: str) -> subprocess.Popen[bytes]:
    """`make run` (or, with the argument `stop`, `make stop`) without its demo park, in an environment of its own."""
    ours = ("DATABASE_URL", "REDIS_URL", "PYTEST_VERSION", "DJANGO_SETTINGS_MODULE")
    environment = {key: value for key, value in os.environ.items() if key not in ours}
    environment |= {"PARKPARTY_VAR": str(var), "PARKPARTY_PORT": str(port), "PARKPARTY_DEMO": "off"}
    command = [sys.executable, "-m", "parkparty.run", *arguments]
    with open(var / "output", "ab") as output:
        return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output)


def wait_until_well(process: subprocess.Popen[bytes], var: Path, port: int) -> None:
    while f"已就绪： http://127.0.0.1:{port}" not in (said := (var / "output").read_text(errors="replace")):
        assert process.poll() is None, said
        assert "/healthz 仍不正常" not in said, said
        time.sleep(0.2)


def processes_of(var: Path) -> list[str]:
    """Everything alive that was started for this directory."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            command = " ".join(process.cmdline())
            if str(var) in command or process.environ().get("PARKPARTY_VAR") == str(var):
                found.append(command)
    return found


@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_run_serves_until_it_is_asked_to_stop_and_leaves_nothing_running(var, wish):
    port = free_port()
    process = start(var, port)
    wait_until_well(process, var, port)
    assert healthz(port) == 200
    process.send_signal(wish)
    assert process.wait() == 0, (var / "output").read_text()
    assert healthz(port) is None
    assert processes_of(var) == []
    assert (var / "postgres" / "PG_VERSION").exists()


def test_run_cleans_up_after_one_that_was_killed(var):
    port = free_port()
    killed = start(var, port)
    wait_until_well(killed, var, port)
    killed.kill()
    killed.wait()
    assert processes_of(var) != []
    (var / "output").write_text("")
    process = start(var, port)
    wait_until_well(process, var, port)
    assert start(var, port, "stop").wait() == 0
    assert process.wait() == 0
    assert processes_of(var) == []


def test_a_taken_port_is_named_before_anything_starts(var):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert start(var, port).wait() != 0
    assert f"PARKPARTY_PORT={port + 1}" in (var / "output").read_text()
    assert not (var / "postgres").exists()
