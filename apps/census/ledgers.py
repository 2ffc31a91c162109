"""摸底台账: one line for each return of each round; its export, filled in, comes back through the importer."""

from __future__ import annotations

from typing import Any

from apps.branches.models import PartyOrg
from apps.core.ledger import Column, Filter, Kind, Ledger, Ordering, register
from apps.enterprises.kinds import Attitude, ContactMethod, PoliticalStatus, Status, UnbuiltReason
from apps.enterprises.models import Enterprise

from . import rounds
from .models import CensusReturn, CensusRound
from .permissions import VIEW
from .progress import NOWHERE
from .querysets import OUTSTANDING
from .rules import REPORTED, State

TONES = {
    State.NOT_STARTED: "neutral", State.DRAFT: "info", State.SUBMITTED: "warning", State.RETURNED: "danger",
    State.APPROVED: "success",
}  # fmt: skip
STANDS = [
    ("reported", "已报（含已审）"), ("outstanding", "未报"),
    *((state.value, state.label) for state in State if state is not State.LOCKED),
]  # fmt: skip


def tone_of(row: Any) -> str:
    return TONES.get(row.stand, "neutral")


def _rounds(ledger: Ledger) -> list[CensusRound]:
    return rounds.seen(ledger.user)


def _places(ledger: Ledger) -> list[tuple[Any, ...]]:
    """(park, its name, building, its name) where enterprises of the scope are, read once for each ledger object.

    A branch does not answer for its park, but its enterprises are there.
    """
    if "_places" not in ledger.__dict__:
        names = ("park_id", "park__name", "building_id", "building__name", "park__code", "building__code")
        rows = Enterprise.objects.filter(park__isnull=False).order_by("park__code", "building__code")
        ledger.__dict__["_places"] = list(rows.values_list(*names).distinct())
    found: list[tuple[Any, ...]] = ledger.__dict__["_places"]
    return found


def _parks(ledger: Ledger) -> list[tuple[str, str]]:
    parks = {str(park): name for park, name, *_ in _places(ledger)}
    return [*parks.items(), (NOWHERE, "未入园区")]


def _building_choices(ledger: Ledger) -> list[tuple[str, str]]:
    found = [(str(pk), f"{park} {name}") for _, park, pk, name, *_ in _places(ledger) if pk]
    return [*found, (NOWHERE, "未入楼栋")]


def _round_choices(ledger: Ledger) -> list[tuple[str, str]]:
    return [(str(row.pk), f"{row.title}（{row.org}）") for row in _rounds(ledger)]


def _period_choices(ledger: Ledger) -> list[tuple[str, str]]:
    return list({row.period: row.span.label for row in _rounds(ledger)}.items())


def _in_place(name: str) -> Any:
    def apply(rows: Any, value: str, ledger: Ledger) -> Any:
        wanted: dict[str, Any] = {f"enterprise__{name}": None if value == NOWHERE else value}
        return rows.filter(**wanted)

    return apply


def _standing(rows: Any, value: str, ledger: Ledger) -> Any:
    if value == "reported":
        return rows.filter(stand__in=REPORTED)
    return rows.filter(stand__in=OUTSTANDING) if value == "outstanding" else rows.filter(stand=value)


def _below(rows: Any, value: str, ledger: Ledger) -> Any:
    """The subtree of the organisation with this code or name; nothing when the scope holds none or several."""
    found = PartyOrg.objects.all().called(value)
    if len(found) != 1:
        return rows.none()
    path = found[0].path
    own = ledger.params.get("own") == "1"
    return rows.filter(enterprise__org_path=path) if own else rows.filter(enterprise__org_path__startswith=path)


def _in_time(rows: Any, value: bool, ledger: Ledger) -> Any:
    rows = rows.filter(stand__in=REPORTED)
    return rows.filter(is_on_time=True) if value else rows.exclude(is_on_time=True)


def _changed(rows: Any, value: bool, ledger: Ledger) -> Any:
    return rows.filter(stand__in=REPORTED, no_change=not value)




def _choices(kind: Any) -> dict[str, str]:
    return dict(kind.choices())


@register
class ReturnLedger(Ledger):
    """Enterprises that left without an answer are not in it: they are not asked."""

    code = "census.returns"
    title = "摸底台账"
    lead = "每家企业每期一张摸底表；点企业名称看本期与上期的变化。导出的工作簿填好后可在“导入”中导回。"
    permission = VIEW
    search_hint = "企业名称、拼音首字母或信用代码"
    empty_text = "还没有摸底表。由园区党工委发起摸底后，范围内每家企业自动生成一张并带出现有情况。"
    orderings = {
        "": Ordering("按周期、组织", ("-round_id", "enterprise__org_path", "pk")),
        "new": Ordering("最近填报在前", ("-version", "-pk")),
    }
    columns = (
        Column("enterprise", "企业名称", source="enterprise.name", link=lambda row: row.get_absolute_url()),
        Column("credit_code", "统一社会信用代码", source="enterprise.credit_code", default=False),
        Column("period", "周期", source="round.period", default=False),
        Column("state", "状态", source="stand", choices=_choices(State), tone=tone_of),
        Column("park", "园区", source="enterprise.park.name", default=False),
        Column("building", "楼栋", source="enterprise.building.name"),
        Column("org", "责任党组织", source=lambda row: str(row.enterprise.org), default=False),
        Column("method", "摸排方式", choices=_choices(ContactMethod)),
        Column("checked_on", "摸排日期", kind=Kind.DATE),
        Column("submitted_on", "上报日期", kind=Kind.DATE),
        Column("is_on_time", "按时", source=lambda row: row.is_on_time if row.submitted_on else None, kind=Kind.BOOL),
        Column("no_change", "本季无变化", source=lambda row: row.no_change if row.submitted_on else None, kind=Kind.BOOL),
        Column("status", "经营状态", choices=_choices(Status), default=False),
        Column("has_premises", "有固定经营场所", kind=Kind.BOOL, default=False),
        Column("has_operations", "有生产经营活动", kind=Kind.BOOL, default=False),
        Column("operations_clear", "经营运行清", kind=Kind.BOOL, default=False),
        Column("staff", "职工数", kind=Kind.INTEGER),
        Column("staff_under_35", "35岁以下职工", kind=Kind.INTEGER, default=False),
        Column("staff_college", "大专以上职工", kind=Kind.INTEGER, default=False),
        Column("staff_clear", "职工队伍清", kind=Kind.BOOL, default=False),
        Column("formal_members", "正式党员", kind=Kind.INTEGER),
        Column("probationary_members", "预备党员", kind=Kind.INTEGER, default=False),
        Column("members_elsewhere", "关系未转入党员", kind=Kind.INTEGER, default=False),
        Column("applicants", "入党申请人和积极分子", kind=Kind.INTEGER, default=False),
        Column("members_clear", "党员队伍清", kind=Kind.BOOL, default=False),
        Column("leader_name", "出资人（负责人）", default=False),
        Column("leader_status", "负责人政治面貌", choices=_choices(PoliticalStatus), default=False),
        Column("attitude", "企业主认同度", choices=_choices(Attitude), default=False),
        Column("technologists", "非党员科技人才", kind=Kind.INTEGER, default=False),
        Column("minor_party_members", "民主党派人士", kind=Kind.INTEGER, default=False),
        Column("foreigners", "外籍人士", kind=Kind.INTEGER, default=False),
        Column("owner_clear", "出资人（负责人）清", kind=Kind.BOOL, default=False),
        Column("unbuilt_reason", "未建党组织原因", choices=_choices(UnbuiltReason)),
        Column("unbuilt_note", "未建原因说明", default=False),
        Column("planned_on", "计划组建日期", kind=Kind.DATE, default=False),
        Column("change_reason", "变化说明", default=False),
        Column("answered_by_name", "填报人"),
        Column("comment", "审核意见", default=False),
        Column("reviewed_by_name", "审核人", default=False),
    )  # fmt: skip
    filters = (
        Filter("round", "摸底", lookup="round_id", choices=_round_choices),
        Filter("period", "周期", lookup="round__period", choices=_period_choices),
        Filter("state", "状态", choices=STANDS, apply=_standing),
        Filter("park", "园区", choices=_parks, apply=_in_place("park")),
        Filter("building", "楼栋", choices=_building_choices, apply=_in_place("building")),
        Filter("org", "党组织代码或全称", kind="text", apply=_below),
        Filter("own", "仅本级直接负责", kind="bool", apply=lambda rows, value, ledger: rows),
        Filter("on_time", "按时", kind="bool", apply=_in_time),
        Filter("method", "摸排方式", choices=ContactMethod.choices()),
        Filter("changed", "有变化", kind="bool", apply=_changed),
        Filter("unbuilt_reason", "未建原因", choices=UnbuiltReason.choices()),
    )

    def rows(self) -> Any:
        return CensusReturn.objects.asked(self.today).select_related(
            "round", "enterprise__park", "enterprise__building", "enterprise__org"
        )

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(enterprise__in=Enterprise.objects.matching(text))
