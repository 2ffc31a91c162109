"""班子成员名册 comes in: the book's own export, or the office's workbook.

A post is named by organisation, name, office and its first day.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apps.branches.models import Term
from apps.branches.rules import OrgKind
from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    NOTHING,
    Change,
    Code,
    Date,
    Existing,
    Flag,
    ImportColumn,
    Key,
    Mode,
    OneOf,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch

from ..kinds import PostBasis, PostRole, PostSource
from ..models import Post
from ..permissions import KEEP_POSTS
from ..rules.posts import deputies_finding, party_age_finding, place_finding, probationary_finding
from .holders import COLUMNS, HolderImport, member_column, org_columns, value_of

OPEN_END = datetime.date.max
_ROLES = {
    "支部书记": "secretary", "党支部书记": "secretary", "支委": "committee", "支部委员": "committee",
    "纪律检查委员": "discipline", "组长": "group_leader",
}  # fmt: skip
_SOURCES = {"企业内部选": "internal", "社会公开聘": "recruited", "机关派": "sent"}


@dataclass
class Held:
    """One post as it will be, from the file (`row`) or registered."""

    name: str
    member: int | None
    role: str
    since: datetime.date
    until: datetime.date | None
    row: Row | None = None


@register_importer
class PostImport(HolderImport):
    """班子成员名册, of today and of earlier terms."""

    code, title, permission = "members.posts", "班子成员名册", KEEP_POSTS
    lead = (
        "以党组织、姓名、党内职务和任职日期识别一条任职。往届的请填写离任日期；换人的，先填前任的离任日期。"
        "没有填写党员编号的，按姓名在该党组织的名册中对应。"
    )
    columns = (
        *org_columns(Post),
        ImportColumn("name", "姓名", Text(50), required=True, key=True),
        member_column(Post),
        ImportColumn("role", "党内职务", OneOf(PostRole.choices(), _ROLES), required=True, key=True, aliases=("职务", "任职")),
        ImportColumn("since", "任职日期", Date(future=False), required=True, key=True, aliases=("任职时间", "任职起始", "任现职时间")),
        ImportColumn("until", "离任日期", Date(future=False), aliases=("离任时间", "免职日期")),
        ImportColumn("basis", "产生方式", OneOf(PostBasis.choices(), {"任命": "appointed", "指派": "appointed"})),
        ImportColumn("source", "选配来源", OneOf(PostSource.choices(), _SOURCES), blank=NOTHING),
        ImportColumn("source_unit", "来源单位", Text(80), blank=NOTHING, aliases=("派出单位",)),
        ImportColumn("concurrent", "兼任职务", Text(100), blank=NOTHING, aliases=("兼职", "行政职务")),
        ImportColumn("full_time", "专职", Flag()),
        ImportColumn("document", "批准（备案）文号", Code(60), blank=NOTHING, aliases=("批准文号", "批复文号", "任职文号")),
        ImportColumn("document_on", "批准（备案）日期", Date(), blank=NOTHING),
        ImportColumn("note", "备注", Text(200), blank=NOTHING),
    )  # fmt: skip
    texts = ("source", "source_unit", "concurrent", "document", "note")
    facts = ("until", "basis", *texts, "full_time", "document_on")

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        key = (self.org_of(values), values.get("name"), values.get("role"), values.get("since"))
        return None if None in key else key

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = Post.objects.filter(org__in={key[0] for key in keys}, name__in={key[1] for key in keys}).order_by()
        found: dict[Key, Existing] = {}
        for row in rows.values("pk", "version", "org_id", "member_id", "name", "role", "since", *self.facts):
            key: Key = (row["org_id"], row["name"], row["role"], row["since"])
            if key in wanted:
                same = {"org": row["org_id"], "org_code": row["org_id"], "member_code": row["member_id"]}
                found[key] = Existing(row["pk"], row["version"], {**row, **same})
        return found

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.look_up(rows)
        self.known = {known.pk: (row, known) for row in rows if row.key and (known := existing.get(row.key))}
        for row in rows:
            known = existing.get(row.key) if row.key else None
            for remark in self._about_one(row, known):
                yield row, remark
        for posts in self._held(rows, existing).values():
            yield from _overlaps(posts)

    def _about_one(self, row: Row, known: Existing | None) -> Iterator[Remark]:
        yield from self.about_member(row, known)
        since, until = row.values["since"], value_of(row, known, "until")
        if until is not None and until <= since:
            yield Remark("until", "out_of_order", "离任日期须晚于任职日期。")
        if known is not None:
            return
        org, role = self.orgs[self.org_of(row.values)], PostRole(row.values["role"])  # type: ignore[index]
        if org.founded_on and since < org.founded_on:
            yield Remark("since", "org_young", f"「{org}」成立于 {org.founded_on:%Y-%m-%d}，不能早于这一天。")
        if org.ended_on and (until is None or until > org.ended_on):
            yield Remark(
                "until", "org_ended", f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销，请填写离任日期，不晚于这一天。"
            )
        member = self.member_of(row)
        asked = [place_finding(role, OrgKind(org.kind))]
        if member is not None:
            formal = member.formal_on is not None and member.formal_on <= since
            asked += [probationary_finding(role, formal=formal), party_age_finding(role, member.formal_on, since=since)]
        for finding in asked:
            if finding is not None and not (finding.code == "young_secretary" and asked[1]):
                yield Remark("role", finding.code, finding.message, is_warning=not finding.blocks)

    def _held(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> dict[int, list[Held]]:
        """Every post of the organisations in the file as it will be."""
        held: dict[int, list[Held]] = defaultdict(list)
        named = {found.pk for found in existing.values()}
        registered = Post.objects.filter(org__in=self.orgs).exclude(pk__in=named).order_by()
        for org, *facts in registered.values_list("org", "name", "member", "role", "since", "until"):
            held[org].append(Held(*facts))
        for row in rows:
            known = existing.get(row.key) if row.key else None
            member = known.values["member_code"] if known else None
            if member is None:
                member = getattr(self.member_of(row), "pk", None)
            values, until = row.values, value_of(row, known, "until")
            one = Held(values["name"], member, values["role"], values["since"], until, row)
            held[self.org_of(values) or 0].append(one)
        return held

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        terms: dict[int, list[Term]] = defaultdict(list)
        for term in Term.objects.filter(org__in=self.orgs).order_by("since"):
            terms[term.org_id].append(term)
        update_rows(Post, self._ends(batch), stamp=False)
        insert_rows(Post, [self._written(row, terms) for row in rows])

    def _ends(self, batch: ImportBatch) -> dict[int, dict[str, Any]]:
        """Registered posts that the file ends (earlier): before their successors come in, not after."""
        ends = {}
        for pk, (row, known) in self.known.items():
            until, before = row.values.get("until"), known.values["until"]
            earlier = before is None or (batch.mode == Mode.UPDATE and until is not None and until < before)
            if until is not None and earlier:
                ends[pk] = {"until": until}
        return ends

    def _path(self, row: Row) -> str:
        return str(self.orgs[self.org_of(row.values)].path)  # type: ignore[index]

    def _written(self, row: Row, terms: Mapping[int, list[Term]]) -> dict[str, Any]:
        values, org, member = row.values, self.org_of(row.values), self.member_of(row)
        term = next((each for each in terms[org] if each.holds_on(values["since"])), None)  # type: ignore[index]
        return {
            "org_id": org, "org_path": self._path(row), "member_id": member and member.pk, "name": values["name"],
            "role": values["role"], "since": values["since"], "until": values.get("until"),
            "term_id": term and term.pk, "basis": values.get("basis") or PostBasis.ELECTED.value,
            "full_time": bool(values.get("full_time")), "document_on": values.get("document_on"),
            **{name: values.get(name) or "" for name in self.texts},
        }  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        update_rows(Post, {change.pk: {COLUMNS.get(k, k): v for k, v in change.after.items()} for change in changes})


def _overlaps(posts: Sequence[Held]) -> Iterator[tuple[Row, Remark]]:
    """Two secretaries at once, somebody twice in one post; more deputies than one is only a warning."""
    lines: dict[tuple[str, Any], list[Held]] = defaultdict(list)
    for post in posts:
        who = None if post.role == PostRole.SECRETARY else post.member or post.name
        lines[post.role, who].append(post)
    for (role, _), line in lines.items():
        line.sort(key=lambda each: (each.since, each.until or OPEN_END))
        for n, after in enumerate(line[1:], 1):
            before = line[n - 1]
            row = after.row or before.row
            if row is not None and after.since < (before.until or OPEN_END):
                label = PostRole(role).label
                text = (
                    f"与{before.name}自 {before.since:%Y-%m-%d} 起任{label}的时间重叠，请核对，或先填写前任的离任日期。"
                )
                yield row, Remark("since", "overlap", text)
    deputies = [post for post in posts if post.role == PostRole.DEPUTY]
    for post in deputies:
        if post.row is not None:
            together = sum(each.since <= post.since < (each.until or OPEN_END) for each in deputies)
            if finding := deputies_finding(together):
                yield post.row, Remark("role", finding.code, finding.message, is_warning=True)
