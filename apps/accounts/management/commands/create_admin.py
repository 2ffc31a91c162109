"""The account with which a new portal begins: a system administrator at the root of the tree."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from apps.accounts.passwords import initial_password
from apps.accounts.services import appoint_first_administrator
from apps.branches.models import PartyOrg
from apps.branches.rules import ROOT_KINDS, OrgKind
from apps.branches.services import found_organization
from apps.core.audit import writing
from apps.core.commands import OperatorCommand
from apps.core.errors import DomainError
from apps.core.scoping import unscoped


class Command(OperatorCommand):
    """Prints the initial password once; it must be changed at first sign-in."""

    help = "建立首位系统管理员（仅在还没有系统管理员时）。树还是空的时，同时成立根组织。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", metavar="USER", help="账号")
        parser.add_argument("--name", required=True, help="姓名")
        parser.add_argument("--org-name", default="", help="根组织全称，树为空时必填")
        parser.add_argument("--org-code", default="", help="根组织代码")
        kinds = sorted(kind.value for kind in ROOT_KINDS)
        parser.add_argument("--org-kind", default=OrgKind.AUTHORITY.value, choices=kinds, help="根组织类别")

    def handle(self, *args: Any, **options: Any) -> None:
        password = initial_password()
        try:
            with unscoped("a new portal has nobody yet who could do it"), writing(intent="create_admin"):
                user = appoint_first_administrator(
                    username=options["username"], display_name=options["name"], password=password,
                    org=self._root(options), today=timezone.localdate(), actor=None,
                )  # fmt: skip
        except DomainError as error:
            raise CommandError(error.message, returncode=2) from error
        self.stdout.write(f"账号 {user.username}\n初始密码 {password}\n首次登录时必须修改。")

    def _root(self, options: dict[str, Any]) -> PartyOrg:
        root: PartyOrg | None = PartyOrg.objects.filter(parent=None, ended_on=None).order_by("path").first()
        if root is not None:
            return root
        if not options["org_name"]:
            raise DomainError("组织树还是空的，请用 --org-name 给出根组织的全称。")
        return found_organization(
            name=options["org_name"], kind=options["org_kind"], parent=None, founded_on=None, code=options["org_code"],
            today=timezone.localdate(), actor=None,
        )  # fmt: skip
