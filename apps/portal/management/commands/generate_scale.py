"""`generate_scale [--orgs N] [--enterprises N] [--members N] [--activities N] [--attendances N] …`: a large invented park."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandError, CommandParser

from apps.core.commands import OperatorCommand
from apps.core.errors import DomainError
from apps.portal.demo.scale import ROOT_CODE, ROOT_CODES, generate

OPTIONS = ("orgs", "enterprises", "members", "activities", "attendances", "root", "seed", "force")


class Command(OperatorCommand):
    """Exit code 2 where the database holds data that is neither the demo's nor generated."""

    help = "生成用于测速的规模数据（虚构）"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--orgs", type=int, default=2_177, help="党组织数，缺省 2177")
        parser.add_argument("--enterprises", type=int, default=100_000, help="企业数，缺省 100000")
        parser.add_argument("--members", type=int, default=0, help="党员数，缺省 0")
        parser.add_argument("--activities", type=int, default=0, help="活动数，缺省 0")
        parser.add_argument("--attendances", type=int, default=0, help="签到数，缺省 0")
        parser.add_argument("--root", choices=ROOT_CODES, default=ROOT_CODE, help="根组织代码，可各生成一次")
        parser.add_argument("--seed", type=int, default=1, help="同一个数生成同样的数据")
        parser.add_argument("--force", action="store_true", help="数据库中已有其他数据时也生成")

    def handle(self, *args: Any, **options: Any) -> None:
        start = time.monotonic()
        try:
            generate(**{name: options[name] for name in OPTIONS})
        except DomainError as error:
            raise CommandError(error.message, returncode=2) from error
        self.stdout.write(
            f"已生成 {options['orgs']} 个党组织、{options['enterprises']} 家企业、{options['members']} 名党员、"
            f"{options['activities']} 次活动，"
            f"用时 {time.monotonic() - start:.0f} 秒。"
        )
