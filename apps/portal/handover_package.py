"""What a successor needs: open duties, every ledger of the branch, and whom to call. One page and one zip."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from django.db.models import Q

from apps.accounts.models import Handover, RoleAssignment
from apps.branches.models import PartyOrg
from apps.branches.querysets import ancestor_paths
from apps.core.excel.text import watermark
from apps.core.excel.writer import SheetSpec, write_xlsx
from apps.core.guard import resolve_scope
from apps.core.ledger import Column, Kind, Ledger, registry
from apps.core.panels import HOME_TODO, PanelContext, TodoItem, panels
from apps.core.permissions import AUTHORITY_OFFICER, BRANCH, PARK_OFFICER, ROLE_LABELS
from apps.core.permissions import registry as permissions
from apps.core.scoping import unscoped, use_scope
from apps.core.urgency import in_order
from apps.enterprises.models import InstructorAssignment
from apps.ledgers.exporting import write_ledger

DUTIES = (
    Column("title", "事项"), Column("due_on", "截止日期", kind=Kind.DATE), Column("reason", "事由"), Column("basis", "依据"),
    Column("count", "件数", kind=Kind.INTEGER),
)  # fmt: skip
CONTACTS = (Column("name", "姓名"), Column("role", "岗位"), Column("org", "所在组织"), Column("phone", "联系电话"))


@contextmanager
def only(org: PartyOrg, user: Any, permission: str) -> Iterator[bool]:
    """The part of what `user` may see under the permission that lies in the organisation; whether there is any."""
    scope = resolve_scope(user, permission).narrowed_to(org.path)
    with use_scope(scope):
        yield bool(scope)


def open_duties(org: PartyOrg, user: Any, today: datetime.date) -> list[TodoItem]:
    """What is due in the organisation today, as whoever looks may see it."""
    found: list[TodoItem] = []
    for panel in panels(HOME_TODO):
        if not set(permissions[panel.permission].roles) & set(BRANCH):
            continue  # a duty of officers is not handed over
        with only(org, user, panel.permission) as anything:
            item = panel.render(PanelContext(user, today)) if anything else None
        found += item if isinstance(item, list) else [item] if item else []
    return in_order(found)


def books(org: PartyOrg, user: Any, today: datetime.date) -> list[tuple[Ledger, int]]:
    """The ledgers of a branch that `user` may see there, each with its number of rows; empty ones are left out."""
    found = []
    for code in sorted(registry):
        ledger = registry[code](today=today, user=user)
        if set(permissions[ledger.permission].roles) & set(BRANCH) and not code.startswith("coverage."):
            with only(org, user, ledger.permission) as anything:
                rows = ledger.count() if anything else 0
            if rows:
                found.append((ledger, rows))
    return found


def contacts(org: PartyOrg, today: datetime.date) -> list[dict[str, str]]:
    """Whom to call: the officers above, the others of the branch, the instructors of its enterprises."""
    running = Q(until__isnull=True) | Q(until__gt=today)
    above = Q(org__path__in=ancestor_paths(org.path), role__in=(PARK_OFFICER, AUTHORITY_OFFICER))
    rows = RoleAssignment.objects.filter(running, above | Q(org=org), since__lte=today, user__is_active=True)
    people = [
        {"name": row.user.display_name, "role": ROLE_LABELS[row.role], "org": str(row.org), "phone": row.user.phone}
        for row in rows.select_related("user", "org").order_by("-org__path", "role", "pk")
    ]
    with unscoped("whom a successor calls: names and posts of the instructors of the branch's own enterprises"):
        sent = InstructorAssignment.objects.as_of(today).filter(enterprise__org_path__startswith=org.path)
        found = sent.select_related("instructor__org").order_by("instructor_id").distinct("instructor_id")
        people += [
            {"name": row.instructor.name, "role": "党建指导员", "org": str(row.instructor.org), "phone": row.instructor.phone}
            for row in found
        ]  # fmt: skip
    return people


def write_package(
    target: IO[bytes], handover: Handover, *, at: datetime.datetime, actor: Any, progress: Callable[[int, int], None]
) -> int:
    """Write the zip: 待办事项, 联系人, and one workbook for each ledger of the organisation. Returns the files."""
    org, today, mark = handover.org, at.date(), watermark(actor.display_name, at)
    found = books(org, actor, today)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        with package.open("00_待办事项和联系人.xlsx", "w") as part:
            duties = [[column.value(item) for column in DUTIES] for item in open_duties(org, actor, today)]
            people = [[row[column.name] for column in CONTACTS] for row in contacts(org, today)]
            write_xlsx(part, [SheetSpec("待办事项", DUTIES, duties, mark), SheetSpec("联系人", CONTACTS, people, mark)])
        for number, (ledger, _) in enumerate(found, start=1):
            progress(number, len(found))
            with only(org, actor, ledger.permission), package.open(f"{number:02d}_{ledger.title}.xlsx", "w") as part:
                write_ledger(ledger, part, format="xlsx", at=at, actor=actor)
    return len(found) + 1
