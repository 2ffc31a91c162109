"""The external channels: e-mail, and group robots of the DingTalk and WeCom kind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import smtplib
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence

from django.core.mail import EmailMessage

from .models import Channel, Digest, Reminder, Robot

LINES = 30
TIMEOUT = 10  # seconds


class ChannelRefused(Exception):
    """The channel did not take the digest. `maybe_sent` says that it could have, in spite of the error."""

    def __init__(self, message: str, *, maybe_sent: bool) -> None:
        super().__init__(message)
        self.maybe_sent = maybe_sent


def deliver(digest: Digest, rows: Sequence[Reminder]) -> None:
    """Send one digest. Raises ChannelRefused. Texts name enterprises and dates, never numbers of people."""
    if digest.channel == Channel.EMAIL:
        _mail(digest, text_of(rows))
    else:
        _post(digest, text_of(rows))


def text_of(rows: Sequence[Reminder]) -> str:
    lines = [f"{n}. {row.title}（{row.when_text}）" for n, row in enumerate(rows[:LINES], 1)]
    if len(rows) > LINES:
        lines.append(f"……另有 {len(rows) - LINES} 项，请登录平台查看。")
    return "\n".join([f"园区党建管理平台：您有 {len(rows)} 项工作待办", *lines])


def _mail(digest: Digest, text: str) -> None:
    assert digest.recipient is not None
    message = EmailMessage(
        subject=f"园区党建待办提醒 {digest.day:%Y-%m-%d}", body=text, to=[digest.recipient.email],
        headers={"Message-ID": f"<{digest.key}@parkparty>"},
    )  # fmt: skip
    try:
        message.send()
    except (smtplib.SMTPConnectError, smtplib.SMTPAuthenticationError, smtplib.SMTPRecipientsRefused,
            smtplib.SMTPSenderRefused, ConnectionRefusedError) as error:  # fmt: skip
        raise ChannelRefused(f"邮件服务器拒绝：{type(error).__name__}", maybe_sent=False) from error
    except (OSError, smtplib.SMTPException) as error:
        raise ChannelRefused(f"邮件发送中断：{type(error).__name__}", maybe_sent=True) from error


def _post(digest: Digest, text: str) -> None:
    robot = digest.robot
    assert robot is not None
    body = json.dumps(_body(robot, digest, text), ensure_ascii=False).encode()
    request = urllib.request.Request(
        _signed(robot), data=body, method="POST",
        headers={"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": str(digest.key)},
    )  # fmt: skip
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            reply = json.loads(answer.read(65536) or b"{}")
    except urllib.error.HTTPError as error:
        raise ChannelRefused(f"机器人返回 {error.code}", maybe_sent=error.code >= 500) from error
    except urllib.error.URLError as error:
        refused = isinstance(error.reason, ConnectionRefusedError)
        raise ChannelRefused("机器人地址无法连接", maybe_sent=not refused) from error
    except (OSError, ValueError) as error:
        raise ChannelRefused("机器人没有正常回答", maybe_sent=True) from error
    if isinstance(reply, dict) and reply.get("errcode", 0) != 0:
        raise ChannelRefused(f"机器人拒绝：{str(reply.get('errmsg', ''))[:100]}", maybe_sent=False)


def _body(robot: Robot, digest: Digest, text: str) -> dict[str, object]:
    if robot.kind == Robot.Kind.PLAIN:
        return {"key": str(digest.key), "day": digest.day.isoformat(), "text": text, "count": digest.items}
    return {"msgtype": "text", "text": {"content": text}}


def _signed(robot: Robot) -> str:
    """DingTalk's 加签: timestamp and HMAC-SHA256 in the query. Others take the address as it is."""
    if robot.kind != Robot.Kind.DINGTALK or not robot.secret:
        return robot.url
    stamp = str(round(time.time() * 1000))
    mac = hmac.new(robot.secret.encode(), f"{stamp}\n{robot.secret}".encode(), hashlib.sha256).digest()
    query = urllib.parse.urlencode({"timestamp": stamp, "sign": base64.b64encode(mac).decode()})
    return f"{robot.url}{'&' if '?' in robot.url else '?'}{query}"
