"""The sender dies at each named place, as by a power cut: nothing is lost and nothing is doubled."""

from __future__ import annotations

import datetime
import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from apps.census import services
from apps.core.failpoints import NAMES
from apps.core.periods import Period
from apps.core.scoping import unscoped
from apps.reminders import planning
from apps.reminders.models import Digest, Reminder, Robot
from tests.racing import at_once
from tests.reminders.conftest import at

ROOT = Path(__file__).resolve().parents[2]
KILLED = 137
MORNING = "2026-11-23T09:00"

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def robot_calls(cast: Any) -> Iterator[list[str]]:
    """A robot of the whole park; the keys of the digests that reached it."""
    calls: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            calls.append(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["key"])
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with unscoped("test"):
        opened = datetime.date(2026, 11, 2)
        services.open_round(org=cast.park_org, period=Period.parse("2026Q4"), today=opened, actor=None,
                            due_on=datetime.date(2026, 11, 30))  # fmt: skip
        url = f"http://127.0.0.1:{server.server_port}/"
        Robot(org=cast.park_org, name="园区群", kind=Robot.Kind.PLAIN, url=url).save()
    planning.plan(at("2026-11-23"))
    yield calls
    server.shutdown()
    server.server_close()


def run_sender(moment: str, failpoint: str = "") -> int:
    """`send_reminders` in a process of its own on the test database; returns its exit code."""
    place = connection.settings_dict
    socket_or_host = place["HOST"] or "/tmp"
    url = f"postgresql://{place['USER']}@/{place['NAME']}?host={socket_or_host}"
    if place.get("PORT"):
        url += f"&port={place['PORT']}"
    environment = {
        **os.environ, "DATABASE_URL": url, "PARKPARTY_VAR": str(settings.VAR), "PARKPARTY_FAILPOINT": failpoint,
        "EMAIL_HOST": "", "PGPASSWORD": str(place.get("PASSWORD") or ""),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "send_reminders", "--at", moment], cwd=ROOT, env=environment, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode in (0, KILLED), done.stderr
    return done.returncode


def inbox() -> list[tuple[str, int]]:
    rows = Reminder.objects.filter(channel="in_app").values_list("state", "recipient_id", "subject_id")
    states = {state for state, *_ in rows}
    return [(state, len(rows)) for state in states]


def test_killed_before_the_inbox_is_written_nothing_is_sent_and_the_next_run_sends_once(robot_calls):
    assert run_sender(MORNING, "reminders.claimed") == KILLED
    assert inbox() == [("planned", 4)]
    assert robot_calls == []
    assert run_sender(MORNING) == 0
    assert inbox() == [("sent", 4)]
    assert len(robot_calls) == 1
    assert run_sender(MORNING) == 0
    assert len(robot_calls) == 1


def test_killed_between_claim_and_call_the_digest_is_left_to_a_person_and_sent_once(robot_calls):
    assert run_sender(MORNING, "") == 0
    first = len(robot_calls)
    Reminder.objects.filter(channel="robot").update(state="planned", digest=None)
    Digest.objects.all().delete()
    # The inbox is done, so the first claim that this run reaches is the digest's.
    assert run_sender(MORNING, "reminders.claimed") == KILLED
    assert len(robot_calls) == first
    assert Digest.objects.get().state == "claimed"
    assert run_sender("2026-11-23T09:04") == 0
    assert Digest.objects.get().state == "claimed"
    assert run_sender("2026-11-23T09:06") == 0
    assert Digest.objects.get().state == "unknown"
    assert len(robot_calls) == first
    assert Reminder.objects.filter(channel="robot").exclude(digest=Digest.objects.get()).count() == 0


def test_killed_after_the_call_it_is_not_called_again(robot_calls):
    assert run_sender(MORNING, "reminders.channel_called") == KILLED
    assert len(robot_calls) == 1
    assert Digest.objects.get().state == "claimed"
    for moment in ("2026-11-23T09:02", "2026-11-23T09:30", "2026-11-24T09:00"):
        run_sender(moment)
    assert len(robot_calls) == 1
    assert Digest.objects.get().state == "unknown"
    assert inbox() == [("sent", 4)]


def test_two_senders_at_once_send_each_thing_once(robot_calls):
    assert at_once(*[lambda: run_sender(MORNING)] * 3) == [0, 0, 0]
    assert inbox() == [("sent", 4)]
    assert len(robot_calls) == 1


def test_the_sender_has_no_failpoint_that_is_not_tried_here():
    assert {name for name in NAMES if name.startswith("reminders.")} == {
        "reminders.claimed", "reminders.channel_called"
    }
