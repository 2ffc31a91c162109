"""How a row between two organisations names them: a side is named to whoever answers for it or was named by it.

Who looks after a guest has typed where the relation is, and reads what was typed; that the guest is on another roster
of the portal is known to the portal alone. The home branch reads who looks after its member.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from apps.core.ledger import Column
from apps.core.scoping import required_scope
from apps.enterprises.ledgers.common import link_to

from ..kinds import Direction
from ..models import DualAgreement, MobileRecord
from ..querysets.member import called
from .roster_filters import behind

UNNAMED = "平台内其他党支部"


def keeps(row: Any) -> bool:
    """Whether the reader answers for the organisation that keeps the row."""
    return required_scope().covers(row.org_path)


def home_name(row: DualAgreement | MobileRecord) -> str:
    """Where the relation is."""
    if isinstance(row, MobileRecord) and row.direction == Direction.OUT:
        return str(row.org)
    typed = row.home_text if isinstance(row, DualAgreement) else row.counterpart
    if row.other_org_id is None:
        return str(typed)
    seen = required_scope().covers(row.other_path)
    return str(row.other_org) if seen else str(typed or UNNAMED)


def away_name(row: MobileRecord) -> str:
    """流入地: where the member lives and works now."""
    if row.direction == Direction.IN:
        return str(row.org)
    return str(row.other_org or row.counterpart)


def direction_seen(row: MobileRecord) -> Direction:
    """流出 or 流入 as the reader sees it: the record of the other end reads the other way round."""
    own = Direction(row.direction)
    if keeps(row):
        return own
    return Direction.IN if own is Direction.OUT else Direction.OUT


def named_like(text: str) -> Q:
    """Rows about members of a name, of whatever roster they are."""
    return behind("member__", called(text))


def own_number(row: Any) -> str:
    """身份证号 of a member whom the reader answers for, blank of another branch's."""
    return str(row.member.id_number) if required_scope().covers(row.member.org_path) else ""


def person_columns(link: Any) -> tuple[Column, ...]:
    return (
        Column("name", "姓名", "member.name", link=link),
        Column("code", "党员编号", "member.code", default=False),
    )


KEEPER = (
    Column("org", "管理党组织", lambda row: str(row.org), link=link_to("org")),
    Column("org_code", "管理党组织代码", lambda row: row.org.code if keeps(row) else "", default=False),
)
