"""民主评议台账 comes in: results of past years, or of a round that is open; one line for each member.

A round that the portal does not have yet comes with its lines: closed for a past year, open for this one. A closed
round changes no more, by no file.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from apps.branches.models import PartyOrg
from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    NOTHING,
    Change,
    Date,
    Existing,
    Flag,
    ImportColumn,
    Integer,
    Key,
    OneOf,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.members.imports.holders import HolderImport, member_column, org_columns, value_of
from apps.members.models import Member, Membership

from ..kinds import Grade, OpinionSource, ReviewKind, ReviewState
from ..models import ReviewResult, ReviewRound
from ..permissions import KEEP_REVIEWS
from ..rules.reviews import ROLE_LABELS, SIDES, quota_finding
from .crews import People

EARLIEST: Final = 1990
LATEST: Final = 2999
_KINDS = {"民主评议": "democratic", "企业三评议": "three_sided"}
_WORDS = {label: grade.value for grade, label in ROLE_LABELS.items()}
_VOTES: Final = re.compile(
    "(" + "|".join(sorted((grade.label for grade in Grade), key=len, reverse=True)) + r")\D{0,3}?(\d{1,4})"
)
TEXTS: Final = ("comment", "assessor", "talked_by", "talk_note", "follow_up", "follow_up_result")
DAYS: Final = ("talked_on", "follow_up_due", "follow_up_done_on")
SIDE_NAMES: Final = tuple(source.value for source in OpinionSource if source is not OpinionSource.BALLOT)
RoundKey = tuple[int, int, str]


def votes_in(text: str) -> dict[str, int]:
    """民主测评 as the book writes it, 优秀 4、合格 2, as totals by grade."""
    codes = {grade.label: grade.value for grade in Grade}
    return {codes[label]: int(count) for label, count in _VOTES.findall(text)}


def votes_text(votes: Mapping[str, int]) -> str:
    return "、".join(f"{grade.label} {votes[grade.value]}" for grade in Grade if votes.get(grade.value))


def _side(source: OpinionSource) -> ImportColumn:
    return ImportColumn(source.value, source.label, OneOf(Grade.choices(), _WORDS), blank=NOTHING)


@register_importer
class ReviewImport(HolderImport):
    """民主评议台账."""

    code, title, permission = "activities.reviews", "民主评议台账", KEEP_REVIEWS
    lead = (
        "以党组织、年度、评议类别和姓名识别一条。平台内还没有的评议随文件建立：往年的直接办结，当年的保持进行中。"
        "已办结的评议不能由导入改变。同名的填写党员编号。"
    )
    columns = (
        ImportColumn("name", "姓名", Text(50), required=True, key=True, aliases=("党员姓名",)),
        member_column(ReviewResult),
        *org_columns(ReviewResult),
        ImportColumn("year", "年度", Integer(minimum=EARLIEST, maximum=LATEST, unit="年"), required=True, key=True, aliases=("评议年度",)),
        ImportColumn("kind", "评议类别", OneOf(ReviewKind.choices(), _KINDS), required=True, key=True, aliases=("类别",)),
        ImportColumn("held_on", "评议日期", Date(future=False), required=True, aliases=("评议时间",)),
        ImportColumn("grade", "等次", OneOf(Grade.choices()), blank=(*NOTHING, "不评定", "未评定"), aliases=("评议等次", "评定等次")),
        *(_side(source) for source in OpinionSource if source is not OpinionSource.BALLOT),
        ImportColumn("ballot", "民主测评", Text(100), blank=NOTHING, note="各等次得票合计，如“优秀 4、合格 2”"),
        ImportColumn("comment", "评语", Text(300), blank=NOTHING),
        ImportColumn("assessor", "代为评议的党组织", Text(100), blank=NOTHING),
        ImportColumn("talk_needed", "需警示谈话", Flag()),
        ImportColumn("talked_on", "谈话日期", Date(future=False), blank=NOTHING),
        ImportColumn("talked_by", "谈话人", Text(50), blank=NOTHING),
        ImportColumn("talk_note", "谈话内容", Text(500), blank=NOTHING),
        ImportColumn("follow_up", "帮教（处置）措施", Text(300), blank=NOTHING, aliases=("帮教措施",)),
        ImportColumn("follow_up_due", "帮教期限", Date(), blank=NOTHING),
        ImportColumn("follow_up_done_on", "帮教完成日期", Date(future=False), blank=NOTHING),
        ImportColumn("follow_up_result", "帮教结果", Text(300), blank=NOTHING),
    )  # fmt: skip

    def round_of(self, values: Mapping[str, Any]) -> RoundKey | None:
        org, year, kind = self.org_of(values), values.get("year"), values.get("kind")
        return (org, year, kind) if org and year and kind else None

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        found, name = self.round_of(values), values.get("name")
        return (*found, name, values.get("member_code")) if found and name else None

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = ReviewRound.objects.filter(org__in={key[0] for key in keys}, year__in={key[1] for key in keys})
        self.rounds: dict[RoundKey, ReviewRound] = {(r.org_id, r.year, r.kind): r for r in wanted.order_by()}
        results = ReviewResult.objects.filter(round__in=list(self.rounds.values())).select_related("member", "round")
        by_name: dict[Key, list[ReviewResult]] = defaultdict(list)
        for result in results.order_by("pk"):
            by_name[result.round.org_id, result.round.year, result.round.kind, result.member.name].append(result)
        self.twice: set[Key] = set()
        found: dict[Key, Existing] = {}
        for key in keys:
            hits = [r for r in by_name.get(key[:4], ()) if key[4] in (None, r.member_id)]
            if len(hits) > 1:
                self.twice.add(key)
            elif hits:
                found[key] = Existing(hits[0].pk, None, self._values(hits[0]))
        return found

    @staticmethod
    def _values(row: ReviewResult) -> dict[str, Any]:
        """A result by the columns of the book."""
        opinions = row.opinions
        plain = {name: getattr(row, name) or None for name in (*TEXTS, *DAYS, "grade")}
        sides = {name: opinions.get(name) for name in SIDE_NAMES}
        ballot = votes_text(opinions.get(OpinionSource.BALLOT.value, {})) or None
        if row.round.kind == ReviewKind.THREE_SIDED:
            plain["grade"] = None
        same = {"org": row.round.org_id, "org_code": row.round.org_id, "member_code": row.member_id}
        return {**plain, **sides, **same, "ballot": ballot, "held_on": row.round.held_on, "talk_needed": row.talk_needed,
                "opinions": opinions, "member": row.member_id}  # fmt: skip

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self._look_up(rows)
        by_round: dict[RoundKey, list[Row]] = defaultdict(list)
        seen: set[tuple[Any, ...]] = set()
        for row in rows:
            known = existing.get(row.key) if row.key else None
            for remark in self._about_one(row, known, seen):
                yield row, remark
            if found := self.round_of(row.values):
                by_round[found].append(row)
        for found, several in by_round.items():
            yield from self._about_round(found, several)

    def _look_up(self, rows: Sequence[Row]) -> None:
        """Organisations, people and their rosters: four queries."""
        self.orgs = PartyOrg.objects.in_bulk({org for row in rows if (org := self.org_of(row.values))})
        self.people = People(row.values["name"] for row in rows)
        pks = set(self.people.known) | {row.values["member_code"] for row in rows if row.values.get("member_code")}
        self.by_id: dict[int, Member] = Member.objects.in_bulk(pks)
        self.rosters: dict[int, list[Membership]] = defaultdict(list)
        for row in Membership.objects.filter(member__in=pks, org__in=list(self.orgs)).order_by():
            self.rosters[row.member_id].append(row)

    def _member(self, row: Row) -> tuple[Member | None, str]:
        """Whom the row means: by code, else the only one of the name who was on the roster on the day."""
        if code := row.values.get("member_code"):
            return self.by_id.get(code), ""
        org = self.orgs[self.org_of(row.values)]  # type: ignore[index]
        there = [
            known.member
            for known in self.people.called.get(row.values["name"], ())
            if self._was_there(known.member, row)
        ]
        if len(there) == 1:
            return there[0], ""
        found = self.people.find(row.values["name"], org)
        return found.member, found.problem

    def _was_there(self, member: Member, row: Row) -> bool:
        org, on = self.org_of(row.values), row.values.get("held_on")
        return any(each.org_id == org and (on is None or each.holds_on(on)) for each in self.rosters[member.pk])

    def _about_one(self, row: Row, known: Existing | None, seen: set[tuple[Any, ...]]) -> Iterator[Remark]:
        values, found = row.values, self.round_of(row.values)
        if row.key in self.twice:
            yield Remark("name", "ambiguous", "这次评议中有两名同名的党员，请填写党员编号。")
            return
        review = self.rounds.get(found) if found else None
        if known is None:
            member, problem = self._member(row)
            if member is None:
                yield Remark("name", "unclear_person", problem)
                return
            if member.name != values["name"]:
                yield Remark("name", "name_disagrees", "姓名与党员编号不符，请核对。")
            if (found, member.pk) in seen:
                yield Remark("name", "repeated", "同一名党员在这次评议中出现了两次。")
            seen.add((found, member.pk))
            if not self._was_there(member, row):
                yield Remark("held_on", "not_on_roster", f"「{member.name}」在评议日期不在这个党支部的名册上。")
            if values.get("grade") and (member.formal_on is None or member.formal_on > values["held_on"]):
                yield Remark("grade", "probationary", "预备党员参加评议，不评定等次。")
        if review is not None and review.state == ReviewState.CLOSED and (known is None or self._differs(row, known)):
            yield Remark("year", "closed", "这次评议已办结，不能由导入改变；确需更正的，请园区重新打开。")
        yield from self._about_kind(row, known)

    def _about_kind(self, row: Row, known: Existing | None) -> Iterator[Remark]:
        values, kind = row.values, ReviewKind(row.values["kind"])
        if values.get("grade") and kind is ReviewKind.THREE_SIDED:
            yield Remark("grade", "no_grade", "三评议登记三方意见，不评定等次。")
        own = {source.value for source in SIDES[kind]}
        for name in SIDE_NAMES:
            if values.get(name) and name not in own:
                yield Remark(name, "other_kind", f"{kind.label}没有这一项，请清空。")
        if values.get("ballot") and (kind is ReviewKind.THREE_SIDED or not votes_in(values["ballot"])):
            yield Remark("ballot", "unreadable", "请按“优秀 4、合格 2”的样子填写各等次得票合计；三评议不填。")
        if value_of(row, known, "talked_on") and not value_of(row, known, "talked_by"):
            yield Remark("talked_by", "required", "请填写谈话人。")

    def _differs(self, row: Row, known: Existing) -> bool:
        """Whether the row says something else than what is registered; a Flag is written always."""
        names = (*TEXTS, *DAYS, *SIDE_NAMES, "grade", "ballot", "talk_needed")
        return any(row.values.get(n) is not None and row.values[n] != known.values[n] for n in names)

    def _about_round(self, found: RoundKey, rows: list[Row]) -> Iterator[tuple[Row, Remark]]:
        review = self.rounds.get(found)
        days = {row.values["held_on"] for row in rows if row.values.get("held_on")} | (
            {review.held_on} if review else set()
        )
        if len(days) > 1:
            text = f"同一次评议的日期不一致：{'、'.join(f'{day:%Y-%m-%d}' for day in sorted(days))}，请核对。"
            yield rows[-1], Remark("held_on", "days_disagree", text)
        for day in days:
            if day.year not in (found[1], found[1] + 1):
                yield rows[0], Remark("held_on", "wrong_year", "评议应在当年或次年进行，请核对年度和日期。")
        finding = quota_finding(row.values.get("grade") or "" for row in rows)
        if review is None and finding is not None:
            yield rows[0], Remark("grade", finding.code, finding.message, is_warning=True)

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        self._begin_rounds(rows)
        insert_rows(ReviewResult, [self._written(row) for row in rows])

    def _begin_rounds(self, rows: Sequence[Row]) -> None:
        """The rounds that come with the file: those of past years are over."""
        new: dict[RoundKey, list[Row]] = defaultdict(list)
        for row in rows:
            found = self.round_of(row.values)
            if found is not None and found not in self.rounds:
                new[found].append(row)
        written = []
        for (org, year, kind), several in new.items():
            is_past = year < self.today.year
            excess = quota_finding(row.values.get("grade") or "" for row in several) is not None
            written.append({
                "org_id": org, "org_path": self.orgs[org].path, "year": year, "kind": kind,
                "held_on": several[0].values["held_on"], "state": (ReviewState.CLOSED if is_past else ReviewState.OPEN).value,
                "closed_on": self.today if is_past else None, "excess_reason": "导入的往年结果" if is_past and excess else "",
            })  # fmt: skip
        ids = insert_rows(ReviewRound, written)
        self.round_ids = {key: found.pk for key, found in self.rounds.items()} | dict(zip(new, ids, strict=True))

    def _written(self, row: Row) -> dict[str, Any]:
        values, found = row.values, self.round_of(row.values)
        member, _ = self._member(row)
        org = self.orgs[found[0]]  # type: ignore[index]
        on = values["held_on"]
        return {
            "org_id": org.pk, "org_path": org.path, "round_id": self.round_ids[found], "member_id": member.pk,  # type: ignore[index,union-attr]
            "is_probationary": member.formal_on is None or member.formal_on > on,  # type: ignore[union-attr]
            "grade": values.get("grade") or "", "opinions": json.dumps(_opinions(values, {}), ensure_ascii=False),
            "talk_needed": bool(values.get("talk_needed")), **{name: values.get(name) or "" for name in TEXTS},
            **{name: values.get(name) for name in DAYS},
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        results = ReviewResult.objects.in_bulk([change.pk for change in changes])
        plain = (*TEXTS, *DAYS, "grade", "talk_needed")
        facts: dict[int, dict[str, Any]] = {}
        for change in changes:
            given = {name: change.after[name] for name in plain if name in change.after}
            opinions = _opinions(change.after, results[change.pk].opinions)
            facts[change.pk] = {**given, "opinions": json.dumps(opinions, ensure_ascii=False)}
        update_rows(ReviewResult, facts)


def _opinions(values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What the sides said, with what the row adds to it."""
    sides = {name: values[name] for name in SIDE_NAMES if values.get(name)}
    ballot = {OpinionSource.BALLOT.value: votes_in(values["ballot"])} if values.get("ballot") else {}
    return {**before, **sides, **ballot}
