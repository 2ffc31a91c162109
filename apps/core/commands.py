"""Bases of the operators' commands: every refusal is a Chinese sentence on stderr, never a traceback.

`OperatorCommand` is any of them; `ActingCommand` acts as a named user, inside that user's scope, and can answer in
JSON. Exit codes: 0 done, 1 the data did not allow it, 2 the call was wrong (unknown user, code, option) or the
database is away.
"""

from __future__ import annotations

import json
import re
import sys
from typing import Any, NoReturn

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DataError, InterfaceError, OperationalError

from .errors import DomainError
from .guard import resolve_scope
from .scoping import Scope, use_scope

_USAGE = (
    (r"the following arguments are required: (.+)", "缺少参数：{0}。"),
    (r"unrecognized arguments: (.+)", "不认识的参数：{0}。"),
    (r"argument (.+): invalid choice: '(.*)' \(choose from (.+)\)", "参数 {0} 不能是“{1}”，可选：{2}。"),
    (r"argument (.+): invalid \S+ value: '(.*)'", "参数 {0} 的值“{1}”不正确。"),
    (r"argument (.+): expected one argument", "参数 {0} 后面缺少值。"),
    (r"argument (.+): not allowed with argument (.+)", "参数 {0} 与 {1} 不能同时使用。"),
    (r"one of the arguments (.+) is required", "须给出其中一个参数：{0}。"),
)
"""What argparse says about a wrong call, and how we say it."""


def wrong_call(message: str) -> str:
    """A sentence of argparse in Chinese; one that is not known is quoted."""
    for pattern, sentence in _USAGE:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return sentence.format(*found.groups())
    return f"命令的用法不对：{message}"


class OperatorCommand(BaseCommand):
    """A command whose refusals are sentences: a wrong call, a refusal of the domain, a database that is away."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)

        def error(message: str) -> NoReturn:
            if not parser.called_from_command_line:
                raise CommandError(wrong_call(message), returncode=2)
            parser.exit(2, f"{wrong_call(message)}\n{parser.format_usage()}")

        parser.error = error  # type: ignore[method-assign]
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except DomainError as error:
            raise CommandError(error.message, returncode=2) from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError("数据库暂时无法连接，请稍后重试。", returncode=2) from error
        except (DataError, UnicodeEncodeError) as error:
            raise CommandError("参数里有无法识别的字符或数值。", returncode=2) from error


class ActingCommand(OperatorCommand):
    """A command with --org, --as and --json. Subclasses name `permission` and implement `act`."""

    permission = ""

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_own_arguments(parser)
        parser.add_argument("--org", required=True, metavar="ORGCODE", help="组织代码")
        parser.add_argument("--as", required=True, dest="username", metavar="USER", help="以谁的身份")
        parser.add_argument("--json", action="store_true", help="打印一个 JSON 对象")

    def add_own_arguments(self, parser: CommandParser) -> None:
        """The arguments of the subclass."""

    def needed_permission(self, options: dict[str, Any]) -> str:
        return self.permission

    def act(self, *, org: Any, actor: Any, options: dict[str, Any]) -> int:
        """Do the work under the actor's scope; return the exit code."""
        raise NotImplementedError

    def handle(self, *args: Any, **options: Any) -> None:
        if code := self._run(options):
            sys.exit(code)

    def _run(self, options: dict[str, Any]) -> int:
        actor = get_user_model().objects.filter(username=options["username"]).first()
        if actor is None or not actor.is_active:
            raise DomainError(f"没有可用的账号「{options['username']}」。")
        scope: Scope = resolve_scope(actor, self.needed_permission(options))
        if not scope:
            raise DomainError(f"账号「{actor.username}」没有这项权限。")
        with use_scope(scope):
            org = apps.get_model(settings.ORG_MODEL).objects.filter(code=options["org"]).first()
            if org is None:
                raise DomainError(f"没有组织代码为「{options['org']}」的党组织，或不在该账号的范围内。")
            return self.act(org=org, actor=actor, options=options)

    def answer(self, options: dict[str, Any], body: dict[str, Any], text: str) -> None:
        """Print the one JSON object, or the text for people."""
        self.stdout.write(json.dumps(body, ensure_ascii=False, default=str) if options["json"] else text)
