"""扫码签到: a code that lasts until the end of an activity, by which people on the roster mark themselves present.

Optional, and off unless the place switches it on: nobody has to sign in, nothing is earned by it, and who has signed
in is only a proposal that the record takes over. Whoever opens the code is told nothing about anybody.
"""

from __future__ import annotations

import datetime
import secrets
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from apps.accounts.attempts import count_try, forget_tries
from apps.core import parameters
from apps.core.audit import record, write
from apps.core.context import circumstances
from apps.core.errors import DomainError
from apps.core.scoping import unscoped
from apps.core.text import clean_name
from apps.members.models import Member
from apps.members.services.common import locked, store

from ..kinds import Audience, Presence, State
from ..models import Activity, Attendance, SignInCode
from ..parameters import QR_SIGN_IN
from .records_facts import facts_of, roll_of
from .records_sheet import draw_sheet, write_sheet
from .roll import audience_at, expected_on

USUAL_LENGTH: Final = datetime.timedelta(hours=3)
"""How long a code lasts from the start of an activity that says no end."""
DIGITS: Final = 4
"""How many last digits of the phone tell two people of one name apart."""

GONE: Final = "签到码无效或已过期。请找记录人登记到会。"
UNKNOWN: Final = "没有签上到：请填写名册上的全名；不在应到名单上的，请找记录人登记。"
ASKED: Final = "ask_digits"
PAUSED: Final = "paused"


@dataclass(frozen=True)
class Invitation:
    """What the page behind a code says: which activity, until when. Nobody's name."""

    title: str
    org: str
    until: datetime.datetime


def may_open_sign_in(activity: Activity, today: datetime.date) -> bool:
    """Whether the place uses 扫码签到, it is the day of the activity, nothing was submitted and a roster is expected."""
    if activity.held_on != today or activity.state not in (State.PLANNED, State.DRAFT):
        return False
    if audience_at(activity.org, activity.kind, activity.second_kind) is Audience.CHOSEN:
        return False
    return bool(parameters.value(QR_SIGN_IN, on=today, org_path=activity.org_path))


@write
def open_sign_in(*, activity: Activity, today: datetime.date, actor: Any) -> SignInCode:
    """Make the code, or return the one that is open. A draft of today becomes the plan that it still is.

    Raises DomainError where the place does not use it, and outside the day of the activity.
    """
    row = locked(activity)
    if not may_open_sign_in(row, today):
        raise DomainError("扫码签到没有启用，或不是活动当天，或记录已经提交。", code="sign_in_off")
    known = SignInCode.objects.filter(activity=row).first()
    if known is not None:
        return known  # type: ignore[no-any-return]
    if row.state == State.DRAFT:
        row.state, row.present = State.PLANNED.value, 0
        store(row)
        write_sheet(row, draw_sheet(row.org, facts_of(row), roll_of(row), row))
    ends = row.ends_at or row.starts_at + USUAL_LENGTH
    code = SignInCode(activity=row, org=row.org, token=secrets.token_urlsafe(24), expires_at=ends)
    code.save()
    record(actor, "sign_in.opened", row, summary=f"打开「{row.org}」{row.held_on:%Y-%m-%d} 的{row.kind}扫码签到")
    return code


@write
def close_sign_in(*, activity: Activity, actor: Any) -> None:
    """Make the code worthless; who signed in stays."""
    code = SignInCode.objects.filter(activity=activity).first()
    if code is None:
        raise DomainError("没有打开扫码签到。", code="sign_in_off")
    code.expires_at = min(code.expires_at, timezone.now())
    code.save()
    record(actor, "sign_in.closed", activity, summary=f"关闭「{activity}」的扫码签到")


def signed_in(activity: Activity) -> frozenset[int]:
    """Who has signed in at an activity that is not recorded yet: ids of members; nobody where there was no code."""
    if activity.state != State.PLANNED or not SignInCode.objects.filter(activity=activity).exists():
        return frozenset()
    rows = Attendance.objects.filter(activity=activity, is_visitor=False, presence=Presence.PRESENT)
    return frozenset(rows.values_list("member_id", flat=True))


def invitation(token: str, now: datetime.datetime) -> Invitation | None:
    """What a code opens at this moment; None for one that is unknown, closed or over."""
    code = _open_code(token, now)
    return None if code is None else Invitation(code.activity.title, str(code.org), code.expires_at)


@write
def sign_in(*, token: str, name: str, digits: str = "", now: datetime.datetime, actor: Any = None) -> tuple[str, bool]:
    """Mark somebody present by name, and by the last digits of the phone where two have the name.

    Returns the name, and whether the mark is a new one.

    Raises DomainError: GONE, UNKNOWN, `ask_digits`, and `paused` after too many wrong tries from one address, counted
    as at the sign-in of accounts.
    """
    code = _open_code(token, now)
    if code is None:
        raise DomainError(GONE, code="gone")
    with unscoped("a code opens the roster of one activity on its day; nobody is told who stands on it"):
        activity = locked(code.activity)
        if activity.state != State.PLANNED:
            raise DomainError(GONE, code="gone")
        people = expected_on(activity.org, activity.kind, activity.held_on, activity.second_kind)
        member = _one([each.member for each in people if each.name == clean_name(name)], digits)
        is_new = _mark(activity, member)
        if is_new:
            record(actor, "sign_in.made", activity, summary=f"「{member}」扫码签到：{activity}")
    return str(member.name), is_new


def allowed_try(token: str, now: datetime.datetime) -> None:
    """Count one try from the address, before it is looked at. Raises DomainError (`paused`) after too many."""
    attempt = count_try(_counter(token), circumstances().address, now=now, today=timezone.localdate(now))
    if not attempt.allowed:
        message = f"尝试次数过多，请 {attempt.pause_minutes} 分钟后再试，或找记录人登记到会。"
        raise DomainError(message, code=PAUSED)


def forgive_tries(token: str) -> None:
    """After a sign-in that counted: many people share the address of a meeting room."""
    forget_tries(_counter(token), circumstances().address)


def _counter(token: str) -> str:
    return f"sign-in-code {token}"


def _open_code(token: str, now: datetime.datetime) -> SignInCode | None:
    with unscoped("whoever stands before the code is nobody yet; one row by its secret"):
        rows = SignInCode.objects.select_related("activity__org", "activity__kind", "activity__second_kind", "org")
        return rows.filter(token=token, expires_at__gt=now).first()  # type: ignore[no-any-return]


def _one(found: list[Member], digits: str) -> Member:
    """The one of this name; of several the one whose phone ends so. The same answer for whoever is not found."""
    if len(found) > 1:
        if not digits:
            raise DomainError("名册上有同名的人，请再填写本人手机号的后四位。", code=ASKED, field="digits")
        found = [member for member in found if len(digits) == DIGITS and str(member.phone or "").endswith(digits)]
    if len(found) != 1:
        raise DomainError(UNKNOWN, code="unknown", field="name")
    return found[0]


def _mark(activity: Activity, member: Member) -> bool:
    """Whether the mark is a new one."""
    known = Attendance.objects.filter(activity=activity, member=member).first()
    if known is not None and known.presence == Presence.PRESENT:
        return False
    row = known or Attendance(activity=activity, member=member, org=activity.org, held_on=activity.held_on)
    row.presence, row.reason, row.note = Presence.PRESENT.value, "", ""
    row.save()
    return True
