"""先锋岗台账 comes in: a post is named by organisation, kind, name and the day on which it was set up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from apps.branches.models import PartyOrg
from apps.core.bulk import update_rows
from apps.core.imports import (
    NOTHING,
    Change,
    Date,
    Existing,
    ImportColumn,
    Importer,
    Key,
    OneOf,
    Reference,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.enterprises.imports.common import enterprises_by_code
from apps.enterprises.models import Enterprise
from apps.members.imports.holders import HolderImport, org_columns, value_of
from apps.members.imports.roster import employers

from ..kinds import PostKind
from ..models import PioneerPost, PostMember
from ..permissions import IMPORT
from ..services.pioneers import Crew, NewPost, write_crews, write_posts
from .crews import People, named_in

_KINDS = {
    "责任区": "area", "先锋岗": "post", "示范岗": "post", "党员示范岗": "post", "评比台": "board", "攻坚队": "task_force",
    "革新": "innovation", "技术革新小组": "innovation", "互助队": "mutual_aid", "党员突击队": "task_force",
}  # fmt: skip
TEXTS = ("place", "duty", "result", "ended_reason")
FIXED_DAYS = "撤销日期须晚于设立日期。"


def firms_kept(model: Any, field: str) -> Any:
    """Enterprises, also of other organisations by now, that rows of the scope name: by name or by code."""

    def kept(importer: Importer, texts: set[str]) -> Iterable[tuple[str, int]]:
        rows = model.objects.filter(**{f"enterprise__{field}__in": texts}).order_by()
        return set(rows.values_list(f"enterprise__{field}", "enterprise_id"))

    return kept


def firm_columns(model: Any, label: str) -> tuple[ImportColumn, ...]:
    """The enterprise of a row, by name or by code."""
    by_name = Reference(find=employers, kept=firms_kept(model, "name"), label="企业")
    by_code = Reference(find=enterprises_by_code, kept=firms_kept(model, "credit_code"), label="企业")
    return (
        ImportColumn("enterprise", label, by_name, blank=NOTHING, aliases=("企业名称", "所属企业"), note="已登记的企业全称或信用代码"),
        ImportColumn("credit_code", "统一社会信用代码", by_code, aliases=("信用代码",)),
    )  # fmt: skip


def firm_of(values: Mapping[str, Any]) -> int | None:
    found: int | None = values.get("credit_code") or values.get("enterprise")
    return found


def firm_rules(row: Row, firms: Mapping[int, Enterprise], org: PartyOrg) -> Iterator[Remark]:
    """One enterprise, and one that the organisation or somebody above it answers for."""
    name, code = row.values.get("enterprise"), row.values.get("credit_code")
    if name and code and name != code:
        yield Remark("credit_code", "two_enterprises", "企业名称与信用代码指向两家不同的企业，请核对。")
    firm = firms.get(firm_of(row.values) or 0)
    if firm is not None and not (firm.org_path.startswith(org.path) or org.path.startswith(firm.org_path)):
        yield Remark("enterprise", "foreign_enterprise", f"「{firm}」不在「{org}」的工作范围内。")


@register_importer
class PostImport(HolderImport):
    """先锋岗台账, of today and of the past."""

    code, title, permission = "activities.posts", "先锋岗台账", IMPORT
    lead = (
        "以党组织、类别、名称和设立日期识别一个岗。成员、负责人填姓名，用顿号分开；同名的在姓名后用方括号注明党小组、企业"
        "或入党年份。已撤销的填写撤销日期和原因。"
    )
    columns = (
        ImportColumn("name", "名称", Text(80), required=True, key=True, aliases=("岗位名称", "责任区名称")),
        ImportColumn("kind", "类别", OneOf(PostKind.choices(), _KINDS), required=True, key=True, aliases=("类型",)),
        *org_columns(PioneerPost),
        *firm_columns(PioneerPost, "所在企业"),
        ImportColumn("place", "岗位（区域）", Text(80), blank=NOTHING, aliases=("岗位", "区域", "车间")),
        ImportColumn("leader", "负责人", Text(60), blank=NOTHING, aliases=("队长", "组长")),
        ImportColumn("members", "成员", Text(2000), blank=NOTHING, aliases=("党员", "成员姓名", "责任党员")),
        ImportColumn("duty", "职责（内容）", Text(300), blank=NOTHING, aliases=("职责", "内容", "责任内容")),
        ImportColumn("result", "成效", Text(300), blank=NOTHING, aliases=("效果",)),
        ImportColumn("since", "设立日期", Date(future=False), required=True, key=True, aliases=("设立时间", "成立日期")),
        ImportColumn("until", "撤销日期", Date(future=False), blank=NOTHING, aliases=("撤销时间",)),
        ImportColumn("ended_reason", "撤销原因", Text(100), blank=NOTHING),
    )  # fmt: skip
    facts = ("enterprise_id", *TEXTS, "until")

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        key = (self.org_of(values), values.get("kind"), values.get("name"), values.get("since"))
        return None if None in key else key

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        wanted = set(keys)
        rows = PioneerPost.objects.filter(
            org__in={key[0] for key in keys}, name__in={key[2] for key in keys}
        ).order_by()
        facts = {row["pk"]: row for row in rows.values("pk", "version", "org_id", "kind", "name", "since", *self.facts)}
        crews: dict[int, list[tuple[int, str, bool]]] = defaultdict(list)
        seats = PostMember.objects.crews(self.today).filter(post__in=list(facts)).order_by("-leads", "pk")
        for post, *seat in seats.values_list("post", "member", "member__name", "leads"):
            crews[post].append(tuple(seat))
        self.seated = {
            pk: ([member for member, *_ in crews[pk]], next((m for m, _, leads in crews[pk] if leads), None))
            for pk in facts
        }
        found: dict[Key, Existing] = {}
        for pk, row in facts.items():
            key: Key = (row["org_id"], row["kind"], row["name"], row["since"])
            if key in wanted:
                same = {"org": row["org_id"], "org_code": row["org_id"], "enterprise": row["enterprise_id"],
                        "credit_code": row["enterprise_id"]}  # fmt: skip
                crew = {"members": "、".join(name for _, name, _ in crews[pk]) or None,
                        "leader": next((name for _, name, leads in crews[pk] if leads), None)}  # fmt: skip
                found[key] = Existing(pk, row["version"], {**row, **same, **crew})
        return found

    def look_up(self, rows: Sequence[Row]) -> None:
        self.orgs = PartyOrg.objects.in_bulk({org for row in rows if (org := self.org_of(row.values))})
        self.firms = Enterprise.objects.in_bulk({firm for row in rows if (firm := firm_of(row.values))})
        cells = [row.values.get(name) for row in rows for name in ("leader", "members")]
        self.people = People(named_in(cells))

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.look_up(rows)
        open_ones = PioneerPost.objects.open().filter(org__in=self.orgs).order_by()
        standing = {pk: key for pk, *key in open_ones.values_list("pk", "org", "kind", "name")}
        named = {found.pk for found in existing.values()}
        taken = {tuple(key) for pk, key in standing.items() if pk not in named}
        for row in rows:
            known = existing.get(row.key) if row.key else None
            for remark in self._about_one(row, known):
                yield row, remark
            if row.key is not None and value_of(row, known, "until") is None:
                place = row.key[:3]
                if place in taken:
                    yield (
                        row,
                        Remark(
                            "name", "namesake", "这个党组织已有同类同名、没有撤销的岗，请核对设立日期或换一个名称。"
                        ),
                    )
                taken.add(place)

    def _about_one(self, row: Row, known: Existing | None) -> Iterator[Remark]:
        org = self.orgs[self.org_of(row.values)]  # type: ignore[index]
        yield from firm_rules(row, self.firms, org)
        since, until = row.values["since"], value_of(row, known, "until")
        if until is not None and until <= since:
            yield Remark("until", "out_of_order", FIXED_DAYS)
        ended_before = known is not None and known.values["until"] is not None
        if until is not None and not ended_before and not value_of(row, known, "ended_reason"):
            yield Remark("ended_reason", "required", "已撤销的，请填写撤销原因。")
        if known is None and org.founded_on and since < org.founded_on:
            yield Remark("since", "org_young", f"「{org}」成立于 {org.founded_on:%Y-%m-%d}，不能早于这一天。")
        if org.ended_on and (until is None or until > org.ended_on):
            yield Remark(
                "until", "org_ended", f"「{org}」已于 {org.ended_on:%Y-%m-%d} 撤销，请填写撤销日期，不晚于这一天。"
            )
        for name in ("leader", "members"):
            if self._is_new(row, known, name):
                _, problems = self.people.find_all(row.values[name], org)
                for problem in problems:
                    yield Remark(name, "unclear_person", problem)
        if (
            known is not None
            and known.values["until"]
            and any(self._is_new(row, known, n) for n in ("leader", "members"))
        ):
            yield Remark("members", "ended", "这个岗已撤销，成员不能再改。")
        if self._is_new(row, known, "leader") and len(named_in([row.values["leader"]])) > 1:
            yield Remark("leader", "several", "负责人只填一名。")

    @staticmethod
    def _is_new(row: Row, known: Existing | None, name: str) -> bool:
        """Whether the cell says something else than what is registered."""
        given = row.values.get(name)
        return given is not None and (known is None or given != known.values[name])

    def _crew(self, row: Row) -> tuple[list[int], int | None]:
        """Ids of the members and of the leader of a new post."""
        org = self.orgs[self.org_of(row.values)]  # type: ignore[index]
        leader, _ = self.people.find_all(row.values.get("leader") or "", org)
        members, _ = self.people.find_all(row.values.get("members") or "", org)
        return [member.pk for member in members], leader[0].pk if leader else None

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        write_posts([self._new(row) for row in rows])

    def _new(self, row: Row) -> NewPost:
        values, org = row.values, self.orgs[self.org_of(row.values)]  # type: ignore[index]
        members, leader = self._crew(row)
        return NewPost(
            org_id=org.pk, org_path=org.path, kind=values["kind"], name=values["name"], since=values["since"],
            until=values.get("until"), enterprise_id=firm_of(values), leader_id=leader, members=members,
            **{name: values.get(name) or "" for name in TEXTS},
        )  # fmt: skip

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        plain: dict[int, dict[str, Any]] = {}
        crews: dict[int, Crew] = {}
        ended: dict[int, Any] = {}
        for change in changes:
            after = change.after
            facts = {name: after[name] for name in (*TEXTS, "until") if name in after}
            if firm := after.get("credit_code") or after.get("enterprise"):
                facts["enterprise_id"] = firm
            plain[change.pk] = facts
            if "until" in after:
                ended[change.pk] = after["until"]
            elif "leader" in after or "members" in after:
                crews[change.pk] = self._changed_crew(change)
        update_rows(PioneerPost, {pk: facts for pk, facts in plain.items() if facts})
        write_crews(crews, self.today)
        seats = PostMember.objects.filter(post__in=list(ended)).order_by()
        update_rows(PostMember, {
            pk: {"until": max(ended[post], since)} for pk, post, since, until in seats.values_list("pk", "post", "since", "until")
            if (until is None or until > ended[post]) and ended[post] > since
        })  # fmt: skip

    def _changed_crew(self, change: Change) -> Crew:
        """The crew as the file says it; a cell that says nothing new stays what it was, whoever bears its names."""
        org = self.orgs[self.org_of(change.row.values)]  # type: ignore[index]
        members, leader = self.seated[change.pk]
        if "members" in change.after:
            members = [member.pk for member in self.people.find_all(change.after["members"], org)[0]]
        if "leader" in change.after:
            leader = self.people.find_all(change.after["leader"], org)[0][0].pk
        elif leader not in members and change.row.values.get("leader") is None:
            leader = None
        return Crew(org.pk, org.path, members, leader)
