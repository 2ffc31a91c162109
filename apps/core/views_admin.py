"""Parameters and the audit trail: what officers and auditors look up and set."""

from __future__ import annotations

import datetime
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.http import Http404
from django.utils.functional import cached_property

from .codes import mask_numbers
from .forms_admin import ParameterForm
from .guard import resolve_scope, scope_or_denied
from .ledgers import AuditTrail, category_of, data_text, entries_in, target_text
from .models import AuditEntry, Parameter
from .nodes import is_whole, node_names, own_nodes
from .parameters import ParameterSpec, registry, rows_in_force, set_parameter
from .rights import AUDIT_VIEW, PARAMETERS_CHANGE, PARAMETERS_VIEW
from .scoping import required_scope
from .views import DetailPage, FormPage, LedgerView, PageView

WHOLE = "全平台"
SEEDED_BY = Parameter._meta.get_field("author_name").default
CONFIDENCE = {
    "V": ("原文", "已逐字核对公开发布的原文。"),
    "V-sec": ("转引", "见于公开材料的转引，尚未核对原文。"),
    "K": ("待核", "通行的做法，条款和数字尚未核对，请以本地掌握的文件为准。"),
    "P": ("建议", "没有统一规定，这是本系统的建议值，可按本地要求设置。"),
    "local": ("地方", "来自某地的做法，请按本地要求设置。"),
}
CONFIDENCE_TONES = {"V": "success", "V-sec": "info", "K": "warning", "P": "warning", "local": "info"}
PARAMETERS_CRUMB = {"label": "参数", "url": "/settings/parameters/"}


def value_text(spec: ParameterSpec, value: Any) -> str:
    """A value as people read it, with its unit."""
    if spec.kind == "bool":
        return "是" if value else "否"
    if spec.kind == "choice":
        return str(dict(spec.choices).get(value, value))
    return f"{value} {spec.unit}".strip()


def confidence_badge(spec: ParameterSpec) -> dict[str, str]:
    label, _ = CONFIDENCE.get(spec.confidence, (spec.confidence, ""))
    return {"text": label, "tone": CONFIDENCE_TONES.get(spec.confidence, "")}


def change_permission(spec: ParameterSpec) -> str:
    return spec.permission or PARAMETERS_CHANGE


class ParameterList(PageView):
    """Every declared parameter with the value that holds today at a node of one's own."""

    permission = PARAMETERS_VIEW
    template_name = "core_admin/parameters.html"
    title = "参数"
    lead = "各项规则留给本地决定的数字：现值、依据、生效日期。改动按生效日期起作用，以前的报表仍用当时的值。"

    @cached_property
    def nodes(self) -> list[tuple[str, str]]:
        scope = required_scope()
        whole = [("", WHOLE)] if is_whole(scope) else []
        return whole + own_nodes(scope)

    @cached_property
    def node(self) -> str:
        paths = [path for path, _ in self.nodes]
        wanted = self.request.GET.get("node", paths[0] if paths else "")
        if wanted not in paths:
            raise Http404
        return wanted

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = rows_in_force(registry, on=self.today, org_path=self.node)
        names = node_names(row.org_path for row in rows.values() if row.org_path)
        specs = sorted(registry.values(), key=lambda s: (s.group or "其他", s.code))
        groups = [
            {"title": title, "rows": [self._row(spec, rows.get(spec.code), names) for spec in members]}
            for title, members in groupby(specs, key=lambda s: s.group or "其他")
        ]
        used = {spec.confidence for spec in specs}
        legend = [
            {"text": label, "tone": CONFIDENCE_TONES[code], "meaning": meaning}
            for code, (label, meaning) in CONFIDENCE.items()
            if code in used
        ]
        return super().get_context_data(groups=groups, nodes=self.nodes, node=self.node, legend=legend, **kwargs)

    def _row(self, spec: ParameterSpec, row: Parameter | None, names: dict[str, str]) -> dict[str, Any]:
        is_local = row is not None and row.author_name != SEEDED_BY
        return {
            "spec": spec,
            "url": f"/settings/parameters/{spec.code}/",
            "value": value_text(spec, row.value if row else spec.default),
            "since": row.since if row else spec.since,
            "source": row.source if row else spec.source,
            "where": names.get(row.org_path, WHOLE) if row and row.org_path else WHOLE,
            "confidence": {"text": "本地设置", "tone": ""} if is_local else confidence_badge(spec),
        }


class ParameterMixin:
    """Finds the declared parameter of the address."""

    kwargs: dict[str, Any]
    request: Any

    @cached_property
    def spec(self) -> ParameterSpec:
        found = registry.get(self.kwargs["code"])
        if found is None:
            raise Http404
        return found


class ParameterPage(ParameterMixin, PageView):
    """One parameter: what it means, and every value it has had."""

    permission = PARAMETERS_VIEW
    template_name = "core_admin/parameter.html"

    def get_title(self) -> str:
        return self.spec.label

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [PARAMETERS_CRUMB]

    def get_actions(self) -> list[dict[str, Any]]:
        scope = resolve_scope(self.request.user, change_permission(self.spec))
        if not (is_whole(scope) if self.spec.whole else scope):
            return []
        return [{"label": "设置新的取值", "url": f"/settings/parameters/{self.spec.code}/new/", "primary": True}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = self._visible_rows()
        names = node_names(row.org_path for row in rows if row.org_path)
        history = [
            {"row": row, "value": value_text(self.spec, row.value), "where": names.get(row.org_path, WHOLE),
             "is_coming": row.since > self.today}
            for row in rows
        ]  # fmt: skip
        _, meaning = CONFIDENCE.get(self.spec.confidence, ("", ""))
        return super().get_context_data(
            spec=self.spec, history=history, confidence=confidence_badge(self.spec), meaning=meaning,
            default=value_text(self.spec, self.spec.default), **kwargs,
        )  # fmt: skip

    def _visible_rows(self) -> list[Parameter]:
        """The values for the whole portal, for the nodes above one's own, and for those within one's scope."""
        scope = required_scope()
        above = {root[:n] for root in scope.roots() for n in range(0, len(root) + 1, 4)}
        rows = Parameter.objects.filter(Q(org_path__in=above) | scope.as_q("org_path"), code=self.spec.code)
        return list(rows.order_by("-since", "org_path", "-id"))


class SetParameter(ParameterMixin, FormPage):
    """A new dated value. For the whole portal only by somebody whose scope is the whole tree."""

    permission = PARAMETERS_VIEW
    form_class = ParameterForm
    submit_label = "设置"
    success_message = "已设置，自生效日期起起作用。"

    @cached_property
    def nodes(self) -> list[tuple[str, str]]:
        scope = scope_or_denied(self.request.user, change_permission(self.spec))
        if is_whole(scope):
            return [("", WHOLE)] if self.spec.whole else [("", WHOLE), *own_nodes(scope)]
        return [] if self.spec.whole else own_nodes(scope)

    def get_title(self) -> str:
        return f"设置「{self.spec.label}」"

    def get_locked(self) -> str:
        return "" if self.nodes else "这个参数全平台统一，只能由负责整个平台的人员设置。"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = rows_in_force([self.spec.code], on=self.today).get(self.spec.code)
        now = value_text(self.spec, row.value if row else self.spec.default)
        lead = f"全平台现值 {now}，自 {row.since if row else self.spec.since:%Y-%m-%d} 起。依据：{self.spec.source}"
        return super().get_context_data(lead=lead, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "spec": self.spec, "nodes": self.nodes, "today": self.today}

    def perform(self, form: ParameterForm) -> str:
        facts = form.facts()
        name = dict(self.nodes).get(facts["org_path"], "") if facts["org_path"] else ""
        set_parameter(code=self.spec.code, **facts, org_name=name, actor=self.request.user)
        return self.get_cancel_url()

    def get_cancel_url(self) -> str:
        return f"/settings/parameters/{self.spec.code}/"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [PARAMETERS_CRUMB, {"label": self.spec.label, "url": self.get_cancel_url()}]


class AuditPage(LedgerView):
    """The audit trail, newest first."""

    ledger = AuditTrail


class AuditEntryPage(DetailPage):
    """One entry with its data, and what else the same request did."""

    permission = AUDIT_VIEW

    def get_queryset(self) -> Any:
        return entries_in(required_scope())

    def get_title(self) -> str:
        return f"审计记录 {self.object.pk}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [{"label": "审计", "url": "/audit/"}]

    def get_facts(self) -> list[dict[str, Any]]:
        entry: AuditEntry = self.object
        return [
            {"label": "时间", "value": AuditTrail.columns[0].value(entry)},
            {"label": "操作人", "value": entry.actor_name},
            {"label": "类别", "value": category_of(entry)},
            {"label": "动作", "value": entry.action},
            {"label": "对象", "value": target_text(entry)},
            {"label": "来源地址", "value": entry.address},
            {"label": "请求编号", "value": entry.request_id},
            {"label": "内容", "value": mask_numbers(entry.summary), "wide": True},
            {"label": "明细", "value": data_text(entry), "wide": True},
        ]

    def get_sections(self) -> list[dict[str, Any]]:
        if not self.object.request_id:
            return []
        same = entries_in(required_scope()).filter(request_id=self.object.request_id).exclude(pk=self.object.pk)
        day = datetime.timedelta(days=1)
        near = same.filter(at__gte=self.object.at - day, at__lte=self.object.at + day).order_by("id")[:50]
        if not near:
            return []
        return [{
            "id": "same-request", "title": "同一次操作的其他记录", "template": "core_admin/_same_request.html",
            "table": {
                "headers": ["编号", "类别", "内容"],
                "rows": [
                    [{"text": str(e.pk), "url": f"/audit/{e.pk}/"}, category_of(e), mask_numbers(e.summary)] for e in near
                ],
            },
        }]  # fmt: skip
