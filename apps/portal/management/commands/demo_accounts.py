"""`demo_accounts [--json]`: who can sign in to the demo. Exit code 2 where no demo is loaded."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.accounts.models import RoleAssignment, User
from apps.core.commands import OperatorCommand
from apps.core.dated import in_force
from apps.core.permissions import ROLE_LABELS
from apps.core.scoping import unscoped
from apps.portal.demo.load import is_loaded
from apps.portal.demo.people import ACCOUNTS, ADMIN, PASSWORD


class Command(OperatorCommand):
    help = "列出演示账号；只在载入了演示园区的数据库中可用"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="打印 JSON 列表")

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_loaded():
            raise CommandError("这个数据库没有载入演示园区，没有演示账号。", returncode=2)
        rows = self._rows()
        if options["json"]:
            public = [{name: row[name] for name in ("username", "password", "role", "org")} for row in rows]
            self.stdout.write(json.dumps(public, ensure_ascii=False))
            return
        self.stdout.write(f"密码都是 {PASSWORD}")
        for row in rows:
            self.stdout.write(f"  {row['username']:<12}{row['label']}，{row['org_name']}")

    def _rows(self) -> list[dict[str, str]]:
        """The accounts that can still sign in with the password of the demo."""
        wanted = [account.username for account in (*ACCOUNTS, ADMIN)]
        users = {user.username: user for user in User.objects.filter(username__in=wanted, is_active=True)}
        with unscoped("the accounts of the demo are public"):
            held = {
                row.user_id: row
                for row in RoleAssignment.objects.filter(in_force(timezone.localdate()), user__in=users.values())
                .select_related("org")
            }  # fmt: skip
        return [
            {
                "username": name, "password": PASSWORD, "role": held[user.pk].role, "org": held[user.pk].org.code,
                "label": ROLE_LABELS[held[user.pk].role], "org_name": str(held[user.pk].org),
            }
            for name in wanted if (user := users.get(name)) and user.pk in held and user.check_password(PASSWORD)
        ]  # fmt: skip
