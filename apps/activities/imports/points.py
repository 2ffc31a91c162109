"""积分台账 comes in: deeds of past months, entered by the branch and still to be confirmed by the committee.

An entry is named by branch, member, day, deed, activity and note. What follows from a record stays with the record:
such rows of an export are recognised, and no new ones are taken.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    NOTHING,
    Amount,
    Change,
    Date,
    Existing,
    ImportColumn,
    Key,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.members.imports.holders import HolderImport, member_column, org_columns
from apps.members.models import Member, Membership

from ..kinds import PointState
from ..models import PointEntry, PointPublication, PointRule
from ..permissions import IMPORT
from ..rules.points import amount_finding, limit_finding
from ..services.point_rules import rules_of_line

DERIVED = "参加活动的积分由活动记录产生，请导入或登记活动记录。"


@register_importer
class PointImport(HolderImport):
    """积分台账."""

    code, title, permission = "activities.points", "积分台账", IMPORT
    lead = "以党组织、姓名、日期、积分事项和说明识别一条；导入的积分待党委确认。参加活动的积分由活动记录产生，不在这里导入。"
    columns = (
        ImportColumn("name", "姓名", Text(50), required=True, key=True),
        member_column(PointEntry),
        *org_columns(PointEntry),
        ImportColumn("on", "日期", Date(future=False), required=True, key=True),
        ImportColumn("rule", "积分事项", Text(60), required=True, key=True, aliases=("事项", "积分项目")),
        ImportColumn("points", "分值", Amount(places=1, unit="分", minimum=Decimal(-9999), maximum=Decimal(9999)),
                     required=True, aliases=("积分", "得分")),
        ImportColumn("activity", "活动", Text(100), key=True, blank=NOTHING),
        ImportColumn("note", "说明", Text(200), key=True, blank=NOTHING, aliases=("备注",)),
    )  # fmt: skip

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        """A blank note is a note: the key is there as soon as branch, name, day and deed are."""
        named = (self.org_of(values), values.get("name"), values.get("on"), values.get("rule"))
        if None in named:
            return None
        return (*named, values.get("member_code"), values.get("activity") or "", values.get("note") or "")

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        """By the 党员编号 that the row gives, or by name alone where it gives none."""
        wanted = set(keys)
        rows = PointEntry.objects.filter(org__in={key[0] for key in keys}, on__in={key[2] for key in keys})
        named = rows.filter(member__name__in={key[1] for key in keys}).order_by("pk").values(
            "pk", "version", "org_id", "member_id", "on", "points", "note", "state",
            person=F("member__name"), deed=F("rule__name"), title=F("activity__title"),
        )  # fmt: skip
        found: dict[Key, Existing] = {}
        for row in named:
            tail = (row["title"] or "", row["note"])
            for code in (row["member_id"], None):
                key: Key = (row["org_id"], row["person"], row["on"], row["deed"], code, *tail)
                if key in wanted and key not in found:
                    same = {"org": row["org_id"], "org_code": row["org_id"], "member_code": row["member_id"],
                            "name": row["person"], "rule": row["deed"], "activity": row["title"], "note": row["note"] or None}  # fmt: skip
                    found[key] = Existing(row["pk"], row["version"], {**row, **same})
        return found

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.look_up(rows)
        self._read_more(rows)
        for row in rows:
            known = existing.get(row.key) if row.key else None
            remarks = self._about_known(row, known) if known else self._about_new(row)
            for remark in remarks:
                yield row, remark

    def _read_more(self, rows: Sequence[Row]) -> None:
        """Rules, rosters, publications and what members have already: a fixed number of queries."""
        members, years = set(self.members), {row.values["on"].year for row in rows}
        self.rules = rules_of_line({org.path for org in self.orgs.values()})
        self.rosters: dict[tuple[int, int], list[Membership]] = defaultdict(list)
        for slice_ in Membership.objects.filter(member__in=members, org__in=self.orgs):
            self.rosters[slice_.member_id, slice_.org_id].append(slice_)
        lists = PointPublication.objects.filter(year__in=years, org__in=self.orgs)
        self.published = set(lists.values_list("year", "org_id"))
        in_years = Q()
        for year in years:
            in_years |= Q(on__year=year)
        had = PointEntry.objects.standing().filter(in_years, member__in=members, activity=None)
        self.had: dict[tuple[int, str, int], Decimal] = defaultdict(Decimal)
        for member, rule, day, points in had.values_list("member", "rule__name", "on", "points"):
            self.had[member, rule, day.year] += points

    def _about_known(self, row: Row, known: Existing) -> Iterator[Remark]:
        given = row.values.get("points")
        if given is not None and given != known.values["points"]:
            if known.values["state"] != PointState.ENTERED:
                yield Remark("points", "decided", "这条积分已经办理，不能再改。")
            elif known.values["activity"]:
                yield Remark("points", "derived", DERIVED)
            elif (rule := self.rule_of(row)) and (finding := amount_finding(given, rule.points)):
                yield Remark("points", finding.code, finding.message)

    def _about_new(self, row: Row) -> Iterator[Remark]:
        if row.values.get("activity"):
            yield Remark("activity", "derived", DERIVED)
            return
        yield from self._about_rule(row)
        yield from self.about_member(row, None)
        yield from self._about_person(row)

    def _about_rule(self, row: Row) -> Iterator[Remark]:
        on, org, rule = row.values["on"], self.org_of(row.values), self.rule_of(row)
        if (on.year, org) in self.published:
            yield Remark("on", "published", f"{on.year}年的积分已公布，不再变动。")
        if rule is None:
            yield Remark("rule", "unknown_rule", f"{on:%Y-%m-%d} 这里没有这条积分规则，请按积分规则中的事项名称填写。")
        elif rule.kind_id is not None:
            yield Remark("rule", "derived", DERIVED)
        elif finding := amount_finding(row.values["points"], rule.points):
            yield Remark("points", finding.code, finding.message)

    def _about_person(self, row: Row) -> Iterator[Remark]:
        org, name = self.org_of(row.values), row.values["name"]
        member, rule = self.member_of(row), self.rule_of(row)
        if member is None:
            people = [each for each in self.called[name] if each.org_id == org]
            if len(people) > 1:
                listed = "、".join(_described(each) for each in people)
                yield Remark(
                    "name", "ambiguous", f"本支部有 {len(people)} 名党员叫“{name}”：{listed}。请填写党员编号。"
                )
            elif not row.values.get("member_code"):
                yield Remark("name", "unknown_member", "名册上没有这名党员，请核对姓名。")
            return
        on = row.values["on"]
        if not any(each.holds_on(on) for each in self.rosters[member.pk, org or 0]):
            yield Remark("name", "not_on_roster", f"{on:%Y-%m-%d} 不在这个党支部名册上。")
        if rule is not None and rule.kind_id is None:
            key = (member.pk, rule.name, on.year)
            if finding := limit_finding(
                row.values["points"], had=self.had[key], yearly_limit=rule.yearly_limit, whose=name
            ):
                yield Remark("points", finding.code, finding.message)
            self.had[key] += row.values["points"]

    def rule_of(self, row: Row) -> PointRule | None:
        """The rule of that name which speaks at the branch on the day."""
        org = self.orgs.get(self.org_of(row.values) or 0)
        if org is None:
            return None
        spoken = self.rules(org.path, row.values["on"])
        return next((rule for rule in spoken if rule.name == row.values["rule"]), None)

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        insert_rows(
            PointEntry, [self._written(row) for row in rows],
            {"author_id": self.actor.pk, "entered_by_name": self.actor.display_name},
        )  # fmt: skip

    def _written(self, row: Row) -> dict[str, Any]:
        org, member, rule = self.orgs[self.org_of(row.values) or 0], self.member_of(row), self.rule_of(row)
        assert member is not None
        assert rule is not None
        return {
            "org_id": org.pk, "org_path": org.path, "member_id": member.pk, "rule_id": rule.pk, "on": row.values["on"],
            "points": row.values["points"], "note": row.values.get("note") or "",
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_rows(PointEntry, {change.pk: {"points": change.after["points"]} for change in changes})


def _described(member: Member) -> str:
    """Somebody among others of the name, without a number: group, or the year of joining."""
    said = [f"{member.joined_on.year}年入党"] if member.joined_on else []
    return f"{member.name}（{'，'.join([member.position, *said] if member.position else said) or '无其他信息'}）"
