"""双重管理台账 comes in: agreements signed on paper, with people whom the portal may know or not."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from django.db.models import Q

from apps.core.bulk import insert_rows, update_rows
from apps.core.imports import (
    NOTHING,
    Change,
    Code,
    Date,
    Existing,
    IdNumberKind,
    ImportColumn,
    Importer,
    Key,
    Phone,
    Reference,
    Remark,
    Row,
    Text,
    register_importer,
)
from apps.core.models import ImportBatch
from apps.core.period_guard import Span, guard_spans

from ..ledgers.sides import home_name
from ..models import DualAgreement
from ..parameters import agreement_terms
from ..permissions import IMPORT
from ..rules.mobile import usual_until
from .guests import Guests, behind_keys, keeper_only, person_key
from .roster import MemberCode, branches, employers

TEXTS = ("number", "contact_name", "ended_reason", "note")


def orgs_kept(importer: Importer, texts: set[str]) -> Iterable[tuple[str, int]]:
    """Organisations beyond the scope that keep an agreement which is seen from it."""
    rows = DualAgreement.objects.filter(Q(org__name__in=texts) | Q(org__short_name__in=texts)).order_by()
    pairs = set(rows.values_list("org__name", "org__short_name", "org_id"))
    return [(text, pk) for *words, pk in pairs for text in words if text in texts]


def enterprises_kept(importer: Importer, texts: set[str]) -> Iterable[tuple[str, int]]:
    """Enterprises beyond the scope that an agreement names."""
    rows = DualAgreement.objects.filter(enterprise__name__in=texts).order_by()
    return set(rows.values_list("enterprise__name", "enterprise_id"))


@register_importer
class AgreementImport(Importer):
    """Named by the person and the first day; two agreements of one person follow each other."""

    code, title, permission = "members.dual", "双重管理台账", IMPORT
    lead = (
        "按党员编号（没有编号的按身份证号）和起始日期核对。新登记的人自动列为“关系在外”；已在平台内的自动关联。"
        "到期日期留空按规定期限；从到期日期这一天起不再有效。"
    )
    columns = (
        ImportColumn("code", "党员编号", MemberCode(20), key=True, aliases=("编号",), note="新登记的留空"),
        ImportColumn("name", "姓名", Text(50), required=True, aliases=("党员姓名",)),
        ImportColumn("id_number", "身份证号", IdNumberKind(), aliases=("身份证号码", "公民身份号码", "身份证"),
                     note="没有党员编号的必填"),
        ImportColumn("phone", "联系电话", Phone(), blank=NOTHING, aliases=("电话", "手机", "手机号")),
        ImportColumn("enterprise", "所在企业", Reference(find=employers, kept=enterprises_kept, label="企业"),
                     blank=NOTHING, aliases=("企业名称", "工作单位", "单位名称"), note="已登记的全称或信用代码"),
        ImportColumn("org", "管理党组织", Reference(find=branches, kept=orgs_kept, label="党组织"),
                     aliases=("现党支部", "流入地党组织", "管理党支部"), note="留空时为上传时所选的党组织"),
        ImportColumn("home", "关系所在党组织", Text(100), blank=NOTHING, aliases=("原党支部", "组织关系所在党组织", "关系所在党支部")),
        ImportColumn("number", "协议编号", Code(40), blank=NOTHING),
        ImportColumn("signed_on", "签订日期", Date(future=False), aliases=("签订时间",), note="留空同起始日期"),
        ImportColumn("since", "起始日期", Date(), required=True, key=True, aliases=("协议开始日期", "生效日期")),
        ImportColumn("until", "到期日期", Date(), aliases=("协议到期日期", "终止日期"), note="留空按规定期限"),
        ImportColumn("contact_name", "季度联系人", Text(50), blank=NOTHING, aliases=("联系人",)),
        ImportColumn("ended_reason", "提前终止原因", Text(100), blank=NOTHING),
        ImportColumn("note", "备注", Text(200), blank=NOTHING),
    )  # fmt: skip

    def key_of(self, values: Mapping[str, Any]) -> Key | None:
        person, since = person_key(values), values.get("since")
        return (*person, since) if person and since else None

    def key_columns(self, key: Key | None) -> Sequence[str]:
        return [str(key[0]), "since"] if key else ["id_number", "code"]

    def existing(self, keys: Sequence[Key]) -> Mapping[Key, Existing]:
        condition, prints = behind_keys(keys)
        wanted: set[Key] = set(keys)
        found: dict[Key, Existing] = {}
        self.paths: dict[int, str] = {}
        rows = DualAgreement.objects.filter(condition).select_related("member", "org", "other_org").order_by()
        for row in rows:
            values = {
                **{name: getattr(row, name) for name in (*TEXTS, "signed_on", "since", "until", "org_path", "member_id")},
                "code": row.member.code, "name": row.member.name, "org": row.org_id, "home": home_name(row),
                "enterprise": row.enterprise_id,
            }  # fmt: skip
            self.paths[row.pk] = row.org_path
            number = prints.get(row.member.id_number_index or "")
            for key in (("code", row.member.code, row.since), ("id_number", number, row.since)):
                if key in wanted:
                    found[key] = Existing(row.pk, row.version, values)
        return found

    def row_rules(self, row: Row) -> Iterator[Remark]:
        since, until = row.values.get("since"), row.values.get("until")
        if since and until and until <= since:
            yield Remark("until", "out_of_order", "到期日期须晚于起始日期。")

    def table_rules(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        self.guests = Guests(self, rows)
        self.terms = agreement_terms(self.today, self.org.path)
        for row in rows:
            found = existing.get(row.key) if row.key else None
            remarks = self._known(row, found.values) if found else self._new(row)
            yield from ((row, remark) for remark in remarks)
        yield from self._overlaps(rows, existing)

    def _known(self, row: Row, found: Mapping[str, Any]) -> Iterator[Remark]:
        row.values.pop("phone", None)
        row.values["id_number"] = None
        if row.values.get("name") and row.values["name"] != found["name"]:
            yield Remark("name", "name_disagrees", "与已登记的姓名不同，请核对；更正姓名请在党员页办理。")
        yield from keeper_only(row, found, ("org", "enterprise", "home", "signed_on", "until", *TEXTS))

    def _new(self, row: Row) -> Iterator[Remark]:
        if row.values["since"] > self.today:
            yield Remark("since", "future", "起始日期不能晚于今天。")
        row.values["until"] = row.values.get("until") or usual_until(row.values["since"], self.terms)
        row.values["signed_on"] = row.values.get("signed_on") or min(row.values["since"], self.today)
        yield from self.guests.may_be_guest(row)

    def _overlaps(self, rows: Sequence[Row], existing: Mapping[Key, Existing]) -> Iterator[tuple[Row, Remark]]:
        """Two agreements of one person with one organisation at one time, in the file or beside it."""
        spans: dict[tuple[Any, int], list[tuple[datetime.date, datetime.date, Row | None]]] = defaultdict(list)
        for row in rows:
            found = existing.get(row.key) if row.key else None
            somebody = self.guests.of(row)
            who = found.values["member_id"] if found else somebody.pk if somebody else person_key(row.values)
            org = found.values["org"] if found else self.guests.org_of(row).pk
            until = row.values.get("until") or (found.values["until"] if found else row.values["since"])
            spans[who, org].append((row.values["since"], until, row))
        people = [who for who, _ in spans if isinstance(who, int)]
        named = {found.pk for found in existing.values()}
        known = DualAgreement.objects.filter(member__in=people).exclude(pk__in=named).order_by()
        for member, org, since, until in known.values_list("member_id", "org_id", "since", "until"):
            spans[member, org].append((since, until, None))
        for several in spans.values():
            several.sort(key=lambda span: span[0])
            for before, after in pairwise(several):
                later = after[2] or before[2]
                if after[0] < before[1] and later is not None:
                    yield later, Remark("since", "overlap", "这名党员在这段时间已有双重管理协议，请核对日期。")

    def create_rows(self, rows: Sequence[Row], batch: ImportBatch) -> None:
        guests = self.guests
        guard_spans(Span(guests.org_of(row).path, row.values["since"], row.values["until"]) for row in rows)
        guests.register(rows)
        homes = {row.number: self._home(row) for row in rows}
        insert_rows(DualAgreement, [
            {
                "member_id": guests.member_of(row), "enterprise_id": row.values.get("enterprise"),
                "org_id": guests.org_of(row).pk, "org_path": guests.org_of(row).path,
                "other_org_id": homes[row.number][0], "other_path": homes[row.number][1],
                "home_text": row.values.get("home") or homes[row.number][2],
                **{name: row.values[name] for name in ("signed_on", "since", "until")},
                **{name: row.values.get(name) or "" for name in TEXTS},
            }
            for row in rows
        ])  # fmt: skip

    def _home(self, row: Row) -> tuple[int | None, str, str]:
        somebody = self.guests.of(row)
        if somebody is None:
            return None, "", ""
        return somebody.home_id, somebody.org_path if somebody.home_id else "", somebody.home_text

    def update_rows(self, changes: Sequence[Change], batch: ImportBatch) -> None:
        columns = {"enterprise": "enterprise_id", "home": "home_text"}
        spans, updates = [], {}
        for change in changes:
            facts = {columns.get(name, name): value for name, value in change.after.items() if name != "name"}
            if "until" in facts:
                days = sorted((change.before["until"], facts["until"]))
                spans.append(Span(self.paths[change.pk], *days))
            updates[change.pk] = facts
        guard_spans(spans)
        update_rows(DualAgreement, {pk: facts for pk, facts in updates.items() if facts})
