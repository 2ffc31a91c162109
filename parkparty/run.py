"""`make run`: everything on one machine with one command, and everything stopped again with Ctrl-C.

Order: services, migrations, static files, the demo park (once), then web, worker and beat side by side.
"""

import fcntl
import hashlib
import http.client
import os
import shlex
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import django
from django.conf import settings
from django.core.management import CommandError, call_command, get_commands

from . import embedded

PROCESSES = ("web", "worker", "beat")
STOP_WAIT = 25  # seconds a process has to finish what it is doing
BIND = os.environ.get("PARKPARTY_BIND") or "127.0.0.1"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def pid_file(name: str) -> Path:
    return Path(settings.VAR) / f"{name}.pid"


def commands() -> dict[str, str]:
    """The command line of each process."""
    python = shlex.quote(sys.executable)
    var = Path(settings.VAR)
    celery = f"exec {python} -m celery --quiet -A parkparty"
    schedule = shlex.quote(str(var / "beat-schedule"))
    files = {name: shlex.quote(str(pid_file(name))) for name in PROCESSES}
    return {
        "web": f"exec {python} -m gunicorn parkparty.wsgi:application --bind {BIND}:{settings.PORT} --workers 2 "
        f"--threads 4 --timeout 120 --graceful-timeout 10 --no-control-socket --pid {files['web']}",
        "worker": f"{celery} worker --queues celery,jobs --concurrency 2 --loglevel WARNING "
        f"--pidfile {files['worker']}",
        "beat": f"{celery} beat --loglevel WARNING --schedule {schedule} --pidfile {files['beat']}",
    }


@contextmanager
def only_one() -> Iterator[None]:
    """One `make run` for one VAR."""
    Path(settings.VAR).mkdir(parents=True, exist_ok=True)
    with open(pid_file("run"), "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(f"parkparty 已在运行（{settings.VAR}）。先执行 make stop，或用 PARKPARTY_VAR 指定另一个目录。")
        # Honcho's helpers are forks of this process; when it is killed they must not keep the lock.
        os.register_at_fork(after_in_child=lock.close)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def end_leftovers() -> None:
    """End the processes of a run that was killed before it could do so itself."""
    for name in PROCESSES:
        if process := embedded.process_in(pid_file(name), Path(settings.BASE_DIR)):
            embedded.end(process, STOP_WAIT)
        pid_file(name).unlink(missing_ok=True)


def check_port() -> None:
    """Say early and clearly that somebody else has the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((BIND, settings.PORT))
        except OSError as error:
            sys.exit(
                f"无法使用 {BIND}:{settings.PORT}（{error.strerror}）。"
                f"端口被占用时请换一个，例如：PARKPARTY_PORT={settings.PORT + 1} make run"
            )


def collect_static() -> None:
    """Give the static files their hashed names, when one of them has changed since the last time."""
    from django.contrib.staticfiles.finders import get_finders

    found = sorted(storage.path(path) for finder in get_finders() for path, storage in finder.list([]))
    seen = hashlib.sha256("\n".join(f"{p} {os.stat(p).st_size} {os.stat(p).st_mtime_ns}" for p in found).encode())
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if stamp.exists() and stamp.read_text() == seen.hexdigest():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(seen.hexdigest())


def load_demo() -> None:
    """Load the demo park once. A database given by address is somebody's real one: only on demand."""
    from .environment import flag

    marker = Path(settings.VAR) / "demo-loaded"
    if marker.exists() or "load_demo" not in get_commands():
        return
    if not flag("PARKPARTY_DEMO", default=settings.EMBEDDED_DATABASE):
        return
    say("正在载入演示园区……")
    call_command("load_demo")
    marker.touch()


def prepare() -> None:
    """Everything that must be true before the first request."""
    from django.db import connections

    call_command("migrate", interactive=False, verbosity=1 if settings.DEBUG else 0)
    collect_static()
    load_demo()
    connections.close_all()


def is_well() -> bool:
    host = "127.0.0.1" if BIND == "0.0.0.0" else BIND
    client = http.client.HTTPConnection(host, settings.PORT, timeout=10)
    try:
        client.request("GET", "/healthz", headers={"Host": "localhost"})
        return client.getresponse().status == 200
    except OSError:
        return False
    finally:
        client.close()


def announce(stopping: threading.Event) -> None:
    """Wait until the web process answers, then say where, and who may sign in."""
    deadline = time.monotonic() + 90
    while not is_well():
        if stopping.wait(0.3):
            return
        if time.monotonic() > deadline:
            say("parkparty 启动后 /healthz 仍不正常，请查看上面的日志。")
            return
    say(f"\nparkparty 已就绪： http://{BIND}:{settings.PORT}\n")
    if (Path(settings.VAR) / "demo-loaded").exists() and "demo_accounts" in get_commands():
        say("演示账号：")
        with suppress(CommandError):  # the mark is there, but the database is another one
            call_command("demo_accounts")
    say("按 Ctrl-C 停止，数据保留。")


def watch_parent(parent: int, stopping: threading.Event) -> None:
    """Stop with make. make passes SIGTERM on, but not a SIGINT sent to it alone: then it waits for us, with its own
    handler for SIGINT gone. Nor can it pass anything on when it is killed."""

    def catches_interrupt() -> bool:
        try:
            lines = Path(f"/proc/{parent}/status").read_text().splitlines()
            caught = next(line.split()[1] for line in lines if line.startswith("SigCgt:"))
        except (OSError, StopIteration):
            return False
        return bool(int(caught, 16) & 1 << (signal.SIGINT - 1))

    did_catch = catches_interrupt()
    while not stopping.wait(0.5):
        if os.getppid() != parent or (did_catch and not catches_interrupt()):
            os.kill(os.getpid(), signal.SIGTERM)
            return


def leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def serve() -> int:
    """Run the processes until one ends or somebody asks to stop."""
    from honcho import manager as honcho

    honcho.KILL_WAIT = STOP_WAIT
    manager = honcho.Manager()
    # Celery then gives a running task a moment and puts the rest back into the queue.
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "REMAP_SIGTERM": "SIGQUIT"}
    for name, command in commands().items():
        manager.add_process(name, command, env=environment, cwd=str(settings.BASE_DIR))
    stopping = threading.Event()
    for target, arguments in ((announce, (stopping,)), (watch_parent, (os.getppid(), stopping))):
        threading.Thread(target=target, args=arguments, daemon=True).start()
    manager.loop()
    stopping.set()
    return manager.returncode or 0


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkparty.settings")
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGINT, leave)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # the terminal was closed; nohup asks to go on
        signal.signal(signal.SIGHUP, lambda number, frame: os.kill(os.getpid(), signal.SIGTERM))
    with only_one():
        try:
            end_leftovers()
            check_port()
            embedded.ensure()
            django.setup()
            prepare()
            code = serve()
        except embedded.ServiceError as error:
            say(f"parkparty: {error}")
            code = 1
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            embedded.services().stop()
            pid_file("run").unlink(missing_ok=True)
    # Stopped as asked is a success.
    return 0 if code in (0, 128 + signal.SIGINT, 128 + signal.SIGTERM) else code


def stop() -> int:
    """`make stop`: end a run in another terminal, what a killed run has left, and the services."""
    process = embedded.process_in(pid_file("run"), Path(settings.BASE_DIR))
    if process is not None:
        embedded.end(process, STOP_WAIT + embedded.START_TIMEOUT)
    end_leftovers()
    embedded.services().stop()
    return 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkparty.settings")
    sys.exit(stop() if sys.argv[1:] == ["stop"] else main())
