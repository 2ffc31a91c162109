"""Pages of the organisation tree: the tree itself, one organisation, and what the tree offers to forms."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.views import View

from apps.core import panels
from apps.core.clock import day_named
from apps.core.codes import mask_phone
from apps.core.guard import resolve_scope
from apps.core.panels import ORG_PANELS, PanelContext, StoryEvent
from apps.core.scoping import required_scope
from apps.core.text import row_id
from apps.core.views import DetailPage, GuardedView, LedgerView, PageView, may

from . import outline
from .history import event_text
from .ledgers import OrganisationLedger
from .models import OrgEvent, PartyOrg
from .permissions import CHANGE, MANAGE, VIEW
from .rules import ALLOWED_CHILDREN, CAPABILITIES, UPGRADES, OrgEventKind, OrgKind

SEARCH_LENGTH = 60
OPTIONS_SHOWN = 30
CHILDREN_SHOWN = 50


class OrgTreeView(PageView):
    """The tree. `q` searches, `open` opens one node (also without JavaScript), `under` is a part for htmx."""

    permission = VIEW
    template_name = "branches/tree.html"
    title = "党组织"
    lead = "各级党组织的隶属关系；点名称看详情，点箭头展开下级。"

    def get_template_names(self) -> list[str]:
        return ["branches/_children.html" if self.is_part else self.template_name]

    @property
    def is_part(self) -> bool:
        return bool(self.request.GET.get("under")) and bool(self.request.htmx)  # type: ignore[attr-defined]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        under = request.GET.get("under", "")
        if under and not self.is_part:
            return HttpResponseRedirect(f"{request.path}?{urlencode({'open': under})}#org-{under}")
        return super().get(request, *args, **kwargs)

    def get_actions(self) -> list[dict[str, Any]]:
        return [{"label": "台账", "url": "/orgs/list/"}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        ended = query.get("ended") == "1"
        after = _typed(query.get("after", ""))
        if self.is_part:
            node = outline.children_of(_found(query["under"]), after=after, ended=ended)
            return super().get_context_data(node=node, ended=ended, **kwargs)
        text = _typed(query.get("q", ""))
        if text:
            shown = outline.found(text, ended=ended)
        elif query.get("open"):
            shown = outline.opened(_found(query["open"]), after=after, ended=ended)
        else:
            levels = query.get("levels", "")
            shown = outline.first_levels(ended=ended, levels=int(levels) if levels in ("1", "2", "3", "4") else 0)
        return super().get_context_data(outline=shown, q=text, ended=ended, opened=query.get("open", ""), **kwargs)


class OrgListView(LedgerView):
    """党组织台账."""

    ledger = OrganisationLedger

    def get_actions(self) -> list[dict[str, Any]]:
        actions: list[dict[str, Any]] = [{"label": "组织树", "url": "/orgs/"}]
        if may(self.request.user, MANAGE):
            actions.append({"label": "导入", "url": "/imports/branches.organisations/"})
        return actions


class OrgView(DetailPage):
    """One organisation: facts, what is below it, its history, and what upper apps add."""

    permission = VIEW
    template_name = "branches/org.html"

    def get_queryset(self) -> Any:
        return PartyOrg.objects.select_related("parent").with_counts()

    def get_title(self) -> str:
        return str(self.object.name)

    def get_badges(self) -> list[dict[str, str]]:
        badges = [{"text": self.object.get_kind_display(), "tone": outline.tone_of(self.object)}]
        if self.object.ended_on:
            badges.append({"text": f"{self.object.ended_on:%Y-%m-%d} 撤销", "tone": "neutral"})
        return badges

    def get_breadcrumbs(self) -> list[dict[str, str]]:
        above = PartyOrg.objects.above(self.object)
        return [{"label": "党组织", "url": "/orgs/"}] + [
            {"label": str(org), "url": org.get_absolute_url()} for org in above
        ]

    def get_actions(self) -> list[dict[str, Any]]:
        org, user = self.object, self.request.user
        base = org.get_absolute_url()
        if not resolve_scope(user, MANAGE).covers(org.path):
            may_change = not org.ended_on and resolve_scope(user, CHANGE).covers(org.path)
            return [{"label": "修改联系方式", "url": f"{base}edit/"}] if may_change else []
        if org.ended_on:
            return [{"label": "恢复", "url": f"{base}restore/"}]
        kind = OrgKind(org.kind)
        wanted = [
            (bool(ALLOWED_CHILDREN[kind]), "新设下级", "found", {"primary": True}),
            (True, "修改", "edit", {}),
            (True, "更名", "rename", {}),
            (kind in UPGRADES, "升格", "upgrade", {}),
            (org.parent_id is not None, "划转", "move", {}),
            (org.parent_id is not None, "合并", "merge", {}),
            (org.parent_id is not None, "拆分", "split", {}),
            (True, "撤销", "dissolve", {"danger": True}),
        ]
        return [{"label": label, "url": f"{base}{name}/", **how} for fits, label, name, how in wanted if fits]

    def get_facts(self) -> list[dict[str, Any]]:
        org = self.object
        parent_seen = org.parent and required_scope().covers(org.parent.path)
        facts = [
            {"label": "组织代码", "value": org.code},
            {"label": "简称", "value": org.short_name},
            {"label": "上级组织", "value": org.parent and org.parent.name,
             "url": org.parent.get_absolute_url() if parent_seen else ""},
            {"label": "成立日期", "value": org.founded_on},
            {"label": "批复文号", "value": org.approval_document},
            {"label": "全国系统代码", "value": org.national_code},
            {"label": "联系人", "value": org.contact_name},
            {"label": "联系电话", "value": mask_phone(org.contact_phone) if org.contact_phone else ""},
            {"label": "地址", "value": org.address},
        ]  # fmt: skip
        if org.child_count:
            below = f"{org.below_count} 个，其中党支部 {org.branch_count} 个"
            facts.append({"label": "下级组织", "value": below, "url": f"/orgs/?open={org.pk}#org-{org.pk}"})
        if org.staffing:
            facts.append({"label": "工作力量", "value": org.get_staffing_display()})
        if CAPABILITIES[OrgKind(org.kind)].may_approve_probationary:
            facts.append({"label": "审批预备党员", "value": "有权限" if org.can_approve_probationary else "无权限"})
        return facts

    def get_sections(self) -> list[dict[str, Any]]:
        """Panels of upper apps (slot `org.panels`) between the children and the history."""
        context = PanelContext(user=self.request.user, today=self.today, subject=self.object)
        return [*self._children(), *panels.rendered(ORG_PANELS, context), self._history()]

    def _children(self) -> list[dict[str, Any]]:
        if not self.object.child_count:
            return []
        children = PartyOrg.objects.filter(parent=self.object, ended_on=None).with_counts()[:CHILDREN_SHOWN]
        rows = [
            [
                {"text": child.name, "url": child.get_absolute_url()},
                {"text": child.get_kind_display(), "badge": outline.tone_of(child)},
                {"text": child.below_count, "numeric": True},
                {"text": child.contact_name},
            ]
            for child in children
        ]
        headers = [{"label": "名称"}, {"label": "类别"}, {"label": "下级组织", "numeric": True}, {"label": "联系人"}]
        return [{
            "id": "children", "title": f"下级党组织（{self.object.child_count}）",
            "template": "branches/_table_section.html", "table": {"headers": headers, "rows": rows},
            "link": f"/orgs/?open={self.object.pk}#org-{self.object.pk}", "link_label": "在组织树中查看",
        }]  # fmt: skip

    def _history(self) -> dict[str, Any]:
        org, founded = self.object, OrgEventKind.FOUNDED
        found = list(OrgEvent.objects.filter(org=org))
        events = [StoryEvent(on=each.on, title=each.get_kind_display(), text=event_text(each)) for each in found]
        if org.founded_on and founded not in {each.kind for each in found}:
            events.append(StoryEvent(on=org.founded_on, title=founded.label, text=org.approval_document))
        return {"id": "history", "title": "组织沿革", "template": "branches/_story_section.html", "events": events,
                "empty": "还没有沿革记录。成立、更名、升格、划转、撤销都会记在这里。"}  # fmt: skip


class OrgOptionsView(GuardedView, View):
    """What a select offers while somebody types: the organisations of the scope that match `q`.

    Subclass it with another `permission` where `branches.view` is not held.
    """

    permission = VIEW
    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> JsonResponse:
        text = _typed(request.GET.get("q", ""))
        day = day_named(request.GET.get("on", ""))
        rows = PartyOrg.objects.living(day) if day else PartyOrg.objects.filter(ended_on=None)
        if kinds := request.GET.get("kinds"):
            rows = rows.filter(kind__in=set(kinds.split(",")) & set(OrgKind))
        if text:
            rows = rows.filter(Q(code__istartswith=text) | Q(pk__in=rows.named_like(text).values("pk")))
        found = rows.select_related("parent")[:OPTIONS_SHOWN]
        return JsonResponse({"results": [self.option(org) for org in found]})

    @staticmethod
    def option(org: PartyOrg) -> dict[str, Any]:
        where = f"（{org.parent}）" if org.parent else ""
        keywords = f"{org.name} {org.short_name} {org.initials} {org.code}"
        return {"value": org.pk, "text": f"{org.name}{where}", "keywords": keywords}


def _typed(text: str) -> str:
    """A search text as it can be asked: trimmed, cut, without the character that no column holds."""
    return text.replace("\x00", "").strip()[:SEARCH_LENGTH]


def _found(pk: str) -> PartyOrg:
    org = PartyOrg.objects.filter(pk=row_id(pk)).first()
    if org is None:
        raise Http404
    return org
