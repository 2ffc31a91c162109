"""Base of the operators' commands: acts as a named user, inside that user's scope, and can answer in JSON.

Exit codes: 0 done, 1 the data did not allow it, 2 the call was wrong (unknown user, code, option).
Errors go to stderr in one sentence.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from .errors import DomainError
from .guard import resolve_scope
from .scoping import Scope, use_scope


class ActingCommand(BaseCommand):
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
        try:
            code = self._run(options)
        except DomainError as error:
            raise CommandError(error.message, returncode=2) from error
        if code:
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
