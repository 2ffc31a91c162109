"""积分规则: which speak where, set by the office from a day on."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.functional import cached_property

from apps.branches.models import PartyOrg
from apps.core.nodes import is_whole, own_nodes
from apps.core.scoping import required_scope
from apps.core.views import FormPage, PageView, may

from .. import permissions
from ..forms.points import EndRuleForm, PointRuleForm
from ..models import PointRule
from ..rules.points import NO_FORMALISM, POINTS, plain
from ..services import point_rules as services
from .points import POINTS_HOME, OfYear

RULES = {"label": "积分规则", "url": "/points/rules/"}


class PointRules(OfYear, PageView):
    """The rules that speak at a node today: nearest first, each with where it was set and on what it rests."""

    permission = permissions.VIEW
    template_name = "activities/point_rules.html"
    title = "积分规则"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POINTS_HOME]

    def get_actions(self) -> list[dict[str, Any]]:
        if not may(self.request.user, permissions.CONFIGURE):
            return []
        return [{"label": "设置规则", "url": "/points/rules/new/", "primary": True}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rules = services.rules_at(self.org.path if self.org else "", self.today)
        may_configure = may(self.request.user, permissions.CONFIGURE)
        rows = [
            [
                {"text": rule.name},
                {"text": rule.kind.name if rule.kind else "支部登记"},
                {"text": plain(rule.points), "numeric": True},
                {"text": plain(rule.yearly_limit), "numeric": True},
                {"text": rule.org_name or "整个平台"},
                {"text": f"{rule.since:%Y-%m-%d}", "nowrap": True},
                {"text": rule.source},
                {"text": "停止", "url": f"/points/rules/{rule.pk}/end/"} if may_configure and services.may_set(rule)
                else {"text": " "},
            ]
            for rule in rules
        ]  # fmt: skip
        headers = [{"label": "事项"}, {"label": "来源"}, {"label": "分值", "numeric": True},
                   {"label": "每年上限", "numeric": True}, *({"label": label} for label in ("范围", "施行", "依据", "办理"))]  # fmt: skip
        return super().get_context_data(
            org=self.org, table={"headers": headers, "rows": rows, "empty": "还没有积分规则。"},
            basis=[POINTS, NO_FORMALISM], **kwargs,
        )  # fmt: skip


class SetRule(FormPage):
    permission = permissions.CONFIGURE
    form_class = PointRuleForm
    title = "设置积分规则"
    lead = "同一事项在同一范围只有一条规则；离党支部最近的一级说了算。"
    success_message = "已设置。"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POINTS_HOME, RULES]

    def get_cancel_url(self) -> str:
        return RULES["url"]

    def get_basis(self) -> list[Any]:
        return [POINTS, NO_FORMALISM]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "whole": is_whole(required_scope())}

    def get_initial(self) -> dict[str, Any]:
        scope = required_scope()
        roots = [] if is_whole(scope) else own_nodes(scope)
        return {"since": self.today, "org": PartyOrg.objects.filter(path=roots[0][0]).first() if roots else None}

    def perform(self, form: Any) -> str:
        facts = form.facts()
        services.set_rule(org=facts.pop("org"), facts=facts, today=self.today, actor=self.request.user)
        return RULES["url"]


class EndRule(FormPage):
    permission = permissions.CONFIGURE
    form_class = EndRuleForm
    submit_label = "停止"
    success_message = "已停止。"

    @cached_property
    def rule(self) -> PointRule:
        found = PointRule.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None or not services.may_set(found):
            raise Http404
        return found

    def get_title(self) -> str:
        return f"停止积分规则：{self.rule.name}"

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        return [POINTS_HOME, RULES]

    def get_cancel_url(self) -> str:
        return RULES["url"]

    def get_initial(self) -> dict[str, Any]:
        return {"on": self.today, "version": self.rule.version}

    def perform(self, form: Any) -> str:
        services.end_rule(
            rule=self.rule, on=form.cleaned_data["on"], today=self.today, actor=self.request.user,
            version=form.cleaned_data["version"],
        )  # fmt: skip
        return RULES["url"]
