"""The book of the audit trail."""

from __future__ import annotations

import datetime
import json
import re
from functools import cache
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import cached_property

from .codes import mask_numbers
from .ledger import Column, Filter, Kind, Ledger, Ordering, register
from .models import AuditEntry
from .nodes import is_whole, name_of
from .rights import AUDIT_VIEW
from .scoping import Scope, required_scope

OWN_NOUNS = {
    "signin": "登录",
    "access": "拒绝访问",
    "user": "账号",
    "grant": "授权",
    "token": "访问令牌",
    "phone": "查看原文",
    "ledger": "导出台账",
    "export": "下载文件",
    "import": "导入",
    "attachment": "附件",
    "parameter": "参数",
    "calendar": "工作日历",
}


@cache
def categories() -> dict[str, str]:
    """The noun before the dot of an action, as an auditor calls it: one of the mechanism, an app, or a model.

    A noun that is none of these shows itself.
    """
    ours = [config for config in apps.get_app_configs() if config.name.startswith("apps.")]
    found = dict(OWN_NOUNS)
    found["org"] = str(apps.get_model(settings.ORG_MODEL)._meta.verbose_name)
    for config in ours:
        if config.label not in ("core", "accounts", "branches"):
            found.setdefault(config.label, str(config.verbose_name))
            for model in config.get_models():
                if not hasattr(model, "pgh_tracked_model"):
                    noun = re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()
                    found.setdefault(noun, str(model._meta.verbose_name))
    return found


def entries_in(scope: Scope) -> QuerySet[AuditEntry]:
    """The entries filed under the scope; who oversees the whole tree also sees those that belong to no node."""
    return AuditEntry.objects.all() if is_whole(scope) else AuditEntry.objects.filter(scope.as_q("org_path"))


def data_text(entry: AuditEntry) -> str:
    """What was noted beside the sentence; empty for nothing."""
    return mask_numbers(json.dumps(entry.data, ensure_ascii=False)) if entry.data else ""


def category_of(entry: AuditEntry) -> str:
    noun = entry.action.partition(".")[0]
    return categories().get(noun, noun)


def _type_names() -> dict[str, str]:
    ours = (model for model in apps.get_models() if model.__module__.startswith("apps."))
    return {m._meta.label_lower: str(m._meta.verbose_name) for m in ours if not hasattr(m, "pgh_tracked_model")}


def target_text(entry: AuditEntry) -> str:
    """What the act was about: the kind of row and its number."""
    if not entry.target_type:
        return ""
    return f"{_type_names().get(entry.target_type, entry.target_type)} {entry.target_id}".strip()


def _on(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


@register
class AuditTrail(Ledger):
    """Who did what, when, from where. Nothing in it can be changed; `verify_audit` proves it."""

    code = "core.audit"
    title = "审计"
    lead = "登录、拒绝、写入、查看原文和导出都在这里留痕，不能修改或删除。"
    permission = AUDIT_VIEW
    search_hint = "内容"
    empty_text = "还没有审计记录。"
    orderings = {"": Ordering("最新在前", ("-pk",)), "old": Ordering("最早在前", ("pk",))}
    columns = (
        Column("at", "时间", kind=Kind.DATETIME, link=lambda entry: f"/audit/{entry.pk}/"),
        Column("actor_name", "操作人"),
        Column("category", "类别", source=category_of,
               tone=lambda entry: "danger" if entry.action in ("access.denied", "signin.paused") else "neutral"),
        Column("summary", "内容", source=lambda entry: mask_numbers(entry.summary)),
        Column("org_name", "所属党组织"),
        Column("target", "对象", source=target_text, default=False),
        Column("address", "来源地址"),
        Column("action", "动作代码", default=False),
        Column("data", "明细", source=data_text, default=False),
        Column("request_id", "请求编号", default=False),
    )  # fmt: skip
    filters = (
        Filter("person", "操作人", kind="text", lookup="actor_name__icontains"),
        Filter("category", "类别", choices=lambda ledger: list(categories().items()),
               apply=lambda rows, noun, ledger: rows.filter(action__startswith=f"{noun}.")),
        Filter("type", "对象类型", choices=lambda ledger: sorted(_type_names().items(), key=lambda item: item[1]),
               lookup="target_type"),
        Filter("number", "对象编号", kind="text", lookup="target_id"),
        Filter("since", "从", kind="date", apply=lambda rows, day, ledger: rows.filter(at__gte=_on(day))),
        Filter("until", "到（含）", kind="date",
               apply=lambda rows, day, ledger: rows.filter(at__lt=_on(day + datetime.timedelta(days=1)))),
    )  # fmt: skip

    @cached_property
    def visible(self) -> QuerySet[AuditEntry]:
        return entries_in(required_scope())

    def rows(self) -> QuerySet[AuditEntry]:
        return self.visible.annotate(org_name=name_of("org_path"))

    def search(self, rows: Any, text: str) -> Any:
        return rows.filter(Q(summary__icontains=text) | Q(request_id=text))
